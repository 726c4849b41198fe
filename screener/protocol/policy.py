"""What a protocol may say where it is opened for other people, on their server: a policy that holds for the whole process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..core.errors import BadInput
from ..core.yamlfile import YamlFile

if TYPE_CHECKING:
    from . import model


class ReviewPolicy(Protocol):
    """What is asked of every protocol before anything that it names is opened."""

    def check_folder(self, root: Path) -> list[BadInput]:
        """Return what is not allowed of a review's folder, before a file in it is read."""

    def check(self, root: Path, document: YamlFile) -> list[BadInput]:
        """Return what is not allowed in review.yaml, in the order of its lines, before a file that it names is read."""

    def applied(self, protocol: "model.Protocol") -> "model.Protocol":
        """Return a protocol with what the server says of its reviewers."""

    def chat_models(self) -> list[str]:
        """Return the chat models that a protocol may name."""


_policy: ReviewPolicy | None = None


@contextmanager
def under_policy(policy: ReviewPolicy) -> Iterator[None]:
    """Have every protocol that is opened until it ends, in any thread, obey a policy."""
    global _policy
    before, _policy = _policy, policy
    try:
        yield
    finally:
        _policy = before


def policy() -> ReviewPolicy | None:
    """Return the policy that holds; None on one's own machine."""
    return _policy


def models_of_server() -> list[str] | None:
    """Return the chat models that a protocol may name; None on one's own machine, where it may name any."""
    return None if _policy is None else _policy.chat_models()
