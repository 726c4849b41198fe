"""Sentence vectors that workers make."""

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import cache

import numpy as np

from ..core.errors import BadInput
from ..core.in_order import in_order
from ..core.messages import Embedder, Vectors
from ..text import HashedTerms, MiniLM, load_embedder

_PART = 16
"""Texts of one task: some tenths of a second."""


class SpreadEmbedder:
    """Has the texts of a call embedded by workers, some at a time; of few texts it makes the vectors itself."""

    def __init__(self, embedder: Embedder, executor: Executor) -> None:
        """`embedder` says what the workers' must be."""
        self._embedder, self._executor = embedder, executor

    @property
    def fingerprint(self) -> str:
        """Return the embedder's own, which is that of each worker."""
        return self._embedder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text, shape (len(texts), dimensions)."""
        if len(texts) <= _PART:
            return self._embedder.embed(texts)
        parts = (list(texts[start : start + _PART]) for start in range(0, len(texts), _PART))
        return np.concatenate(list(in_order(self._executor, vectors_of, ((part,) for part in parts))))


def check_embedder(fingerprint: str) -> None:
    """Raise `BadInput` where this worker has another sentence model than the program that asks."""
    if (found := _own().fingerprint) != fingerprint:
        raise BadInput(f"it has another sentence model ({found}, not {fingerprint}); install the same packages there")


def vectors_of(texts: list[str]) -> Vectors:
    """Return the vectors of some texts, on a worker."""
    return _own().embed(texts)


@cache
def _own() -> MiniLM | HashedTerms:
    return load_embedder(threads=1)  # a worker has several tasks at once
