"""Which records of the recall sample a learned ranking comes to by itself, whether they are judged already or not.

A judged record may not be placed by its own label. It is placed by a model that is fitted without it, among the records that
nobody has judged, as it would be if nobody had judged it either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..gold.recall import ONE_IN
from ..ranking import UNLABELLED, Features, Ranker

PARTS = 5
"""So many models at most are fitted without some of the judged records: of more records each leaves a fifth out."""


def by_rank(judged: int, soon: int, waiting: bool) -> int:
    """Return how many of the `soon` records after `judged` ones are given by rank: the others are the sample's while it waits."""
    if not waiting:
        return soon
    return soon - ((judged + soon) // ONE_IN - judged // ONE_IN)


@dataclass(frozen=True)
class Ranked:
    """Hold what a ranking was fitted to, and the rows that nobody has judged, best first.

    `labels`, shape (n,), are 1 kept, 0 excluded, −1 none or none to learn from.
    """

    features: Features
    labels: NDArray[np.int8]
    unjudged: Sequence[int]


def reached(ranked: Ranked, members: Collection[int], soon: int) -> set[int]:
    """Return those of some rows that are among the `soon` next by rank, or would be if nobody had judged them."""
    if soon < 1:
        return set()
    features, open_rows = ranked.features, set(ranked.unjudged)
    found = set(ranked.unjudged[:soon]).intersection(members)
    judged = np.array([row for row in members if row not in open_rows], dtype=np.intp)
    judged = judged[np.argsort(features.ties[judged])]
    for part in range(min(PARTS, len(judged))):
        left_out = judged[part::PARTS]
        labels = ranked.labels.copy()
        labels[left_out] = UNLABELLED
        if features.prior is None and not features.votes and not {0, 1} <= set(labels.tolist()):
            continue  # nothing tells one record from another
        found |= _among_next(Ranker().fit(features, labels), open_rows, set(left_out.tolist()), soon)
    return found


def _among_next(ranker: Ranker, open_rows: set[int], members: set[int], soon: int) -> set[int]:
    """Return the members before which fewer than `soon` of the open rows stand."""
    found, ahead = set(), 0
    for row in ranker.next(ranker.features_.n).tolist():
        ahead += row in open_rows
        if ahead == soon:
            break
        if row in members:
            found.add(row)
    return found
