"""Replay a labelled review: the records in the order in which a ranking would have offered them to people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import Features
from .ranker import UNLABELLED, Ranker


@dataclass(frozen=True)
class Replay:
    """What was offered. `priors` are the rows whose labels were known before, `order` all others as they were offered."""

    seed: int
    priors: tuple[int, ...]
    order: tuple[int, ...]
    random: int
    """So many of the first were drawn at random, until a kept and an excluded record were known."""
    fits: int


def draw_priors(kept: NDArray[np.bool_], seed: int) -> tuple[int, ...]:
    """Return a kept and an excluded row, drawn at random; ValueError where there are not both."""
    if kept.all() or not kept.any():
        raise ValueError("no pair of a kept and an excluded record can be drawn: all labels are the same")
    rng = np.random.default_rng(seed)
    return int(rng.choice(np.flatnonzero(kept))), int(rng.choice(np.flatnonzero(~kept)))


def replay(
    features: Features,
    kept: NDArray[np.bool_],
    *,
    priors: Sequence[int] = (),
    batch: int = 10,
    seed: int = 1,
    ranker: Ranker | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Replay:
    """Offer all records in batches, learn from their labels after each, and return the order.

    Args:
        features: of the n records.
        kept: their labels, shape (n,).
        priors: rows whose labels are known beforehand.
        batch: records labelled between two fits.
        seed: of the random order in which records come while nothing else can rank them.
        ranker: what ranks, if not a plain one.
        progress: is told after each batch how many records were offered, and how many of them are kept.

    After the last kept record nothing is fitted any more: the order of the rest is that of the last fit. ValueError for a
    batch of none and for priors that are no rows.
    """
    if batch < 1:
        raise ValueError(f"a batch has at least one record, not {batch}")
    if not all(0 <= row < features.n for row in priors):
        raise ValueError(f"priors must be rows, from 0 to {features.n - 1}")
    ranker = ranker or Ranker()
    labels = np.full(features.n, UNLABELLED, dtype=np.int8)
    known = list(dict.fromkeys(priors))
    labels[known] = kept[known]
    shuffled = np.random.default_rng(seed).permutation(features.n)
    order: list[int] = []
    random = fits = 0
    blind = features.prior is None and not features.votes
    while int((labels == 1).sum()) < int(kept.sum()):
        if blind and not {0, 1} <= set(labels.tolist()):
            rows = shuffled[labels[shuffled] == UNLABELLED][:batch]
            random += len(rows)
        else:
            rows = ranker.fit(features, labels).next(batch)
            fits += 1
        labels[rows] = kept[rows]
        order += map(int, rows)
        progress(len(order), int(kept[order].sum()))
    rest = ranker.fit(features, labels).next(features.n)
    return Replay(seed, tuple(known), (*order, *map(int, rest)), random, fits)
