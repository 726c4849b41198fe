"""Kinds of machine reviewers that installed packages bring, for `kind:` in review.yaml."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ..core.judgement import Stage
from ..core.messages import Reviewer
from ..core.registry import Registry

if TYPE_CHECKING:
    from .model import StageProtocol

BUILT_IN = ("embedded", "chat", "probability", "ensemble", "combine")
"""The kinds that screener has itself; `combine` is the old name of `ensemble`."""


@dataclass(frozen=True)
class ReviewerContext:
    """What a reviewer is built from besides its options.

    `model` is the fingerprint of the chat model that answers its `ChatRequest`s, None where review.yaml names none;
    `embedder` that of the sentence model, which answers every `EmbedRequest`. `asked` must depend on those it uses.
    """

    stage: Stage
    protocol: "StageProtocol"
    title: str
    model: Mapping[str, Any] | None
    embedder: str


@dataclass(frozen=True)
class ReviewerKind:
    """A kind of reviewer: the Pydantic model that checks its `options` in review.yaml, and how it is built from them."""

    options: type[BaseModel]
    build: Callable[[Any, ReviewerContext], Reviewer]


REVIEWERS = Registry("screener.reviewers", ReviewerKind, reserved=BUILT_IN)
"""The kinds by the name that `kind:` takes."""
