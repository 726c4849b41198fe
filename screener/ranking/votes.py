"""Votes: what other reviewers said of the records, as one more learner.

A vote is worth the logarithm of how much likelier it is of a kept record than of another. Both likelihoods come from the
review itself: how the reviewer voted on the records that people kept, and on all others. Nobody needs to know beforehand how
good the reviewer is; one that votes at random comes to be worth nothing.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXPECTED_RECALL, EXPECTED_WEIGHT = 0.9, 10.0
"""Before any label a reviewer is taken to keep nine of ten eligible records; that counts as much as ten kept ones."""
_MOST = 4.0
"""No vote is worth more than e⁴ to one."""


def vote_evidence(votes: Mapping[str, Floats], labelled: NDArray[np.intp], kept: NDArray[np.bool_], n: int) -> Floats:
    """Return the log-likelihood ratio of each of n records, the mean of the reviewers that have judged it; 0 where none has.

    The mean, and not the sum: reviewers that read the same abstract make the same mistakes.

    Args:
        votes: by reviewer, the probability of being kept, shape (n,); NaN where it has not judged.
        labelled: numbers of the labelled records.
        kept: their labels.
        n: how many records there are.
    """
    total, count = np.zeros(n), np.zeros(n)
    for vote in votes.values():
        known = ~np.isnan(vote)
        if known.any():
            total[known] += _evidence(vote, known, labelled[kept])[known]
            count += known
    return np.asarray(total / np.maximum(1.0, count))


def _evidence(vote: Floats, known: NDArray[np.bool_], kept: NDArray[np.intp]) -> Floats:
    """Return the log-likelihood ratio of each vote; a probability above the reviewer's mean counts as a yes.

    How far it lies from the mean, in log-odds, is what it is worth, but never more than a plain yes or no.
    """
    mean = float(np.clip(vote[known].mean(), 0.01, 0.99))
    yes = np.where(known, vote, 0.0) >= mean
    of_kept = yes[kept][known[kept]]
    others = int(known.sum()) - len(of_kept)
    recall = (EXPECTED_WEIGHT * EXPECTED_RECALL + of_kept.sum()) / (EXPECTED_WEIGHT + len(of_kept))
    recall = min(float(recall), 0.99)
    # All that are not known to be kept: the eligible ones among them make it too large rather than too small. The labelled
    # exclusions alone would not do: they are those that the ranking, and so the vote, put on top.
    false_yes = min((int(yes[known].sum()) - int(of_kept.sum()) + 1) / (others + 2), recall)
    least, most = np.log((1 - recall) / (1 - false_yes)), np.log(recall / false_yes)
    certain = np.clip(np.where(known, vote, 0.5), 1e-6, 1 - 1e-6)
    evidence = np.log(certain / (1 - certain)) - np.log(mean / (1 - mean))
    return np.asarray(np.clip(evidence, max(least, -_MOST), min(most, _MOST)))
