"""Figures of a ranked list: how soon screening in its order finds what is relevant.

All of them depend on the order alone, never on an operating point. Records with equal scores are tied: as a screener
would meet them in any order, every figure is the expected one over all orders of the tied records, in closed form. So
no seed is needed, and the order of the file can neither help nor harm. Average precision, where that has no simple
form, treats tied records as found together, as scikit-learn does.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .confusion import as_booleans
from .intervals import Estimate, FloatArray, check_weights, normal_quantile

IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Ranking:
    """A list in the order it is offered, as blocks of tied records, best first."""

    size: FloatArray | IntArray
    """Records in each block."""
    relevant: FloatArray | IntArray
    """Relevant records in each block."""

    @classmethod
    def of(cls, relevant: ArrayLike, scores: ArrayLike | None = None, weights: ArrayLike | None = None) -> Self:
        """Rank n records by `scores`, highest first; without scores they are in order already, and nothing is tied.

        `relevant` holds booleans or 0/1. A record of weight w (1/sampling probability) stands for w records of its
        score. Raises ValueError for shapes that differ, NaN scores and negative weights.
        """
        labels = as_booleans(relevant, "relevant")
        w = check_weights(weights, len(labels))
        if scores is None:
            return cls(w, w * labels)
        s = np.asarray(scores, dtype=float)
        if s.shape != labels.shape:
            raise ValueError(f"scores must have shape {labels.shape}, not {s.shape}")
        if np.isnan(s).any():
            raise ValueError("scores must not be NaN")
        values, block = np.unique(-s, return_inverse=True)
        return cls(total(block, w, len(values)), total(block, w * labels, len(values)))

    @cached_property
    def cumulative_size(self) -> FloatArray:
        """Return the number of records screened at the end of each block."""
        return np.asarray(self.size.cumsum(), dtype=float)

    @cached_property
    def cumulative_relevant(self) -> FloatArray:
        """Return the number of relevant records found at the end of each block."""
        return np.asarray(self.relevant.cumsum(), dtype=float)

    @property
    def n(self) -> float:
        """Return the number of records."""
        return float(self.cumulative_size[-1]) if len(self.cumulative_size) else 0.0

    @property
    def positives(self) -> float:
        """Return the number of relevant records."""
        return float(self.cumulative_relevant[-1]) if len(self.cumulative_relevant) else 0.0


def total(block: NDArray[np.intp], weights: FloatArray, blocks: int) -> FloatArray:
    """Sum `weights` by block, 0 … blocks − 1."""
    return np.asarray(np.bincount(block, weights, blocks), dtype=float)


def auroc(ranking: Ranking) -> float | None:
    """Area under the ROC curve: the probability that a relevant record is ranked before another, ties counting half.

    Source: Hanley & McNeil 1982, Radiology 143:29 (equal to the Mann–Whitney statistic). None unless there are relevant
    and other records.
    """
    other = ranking.size - ranking.relevant
    pairs = ranking.positives * float(other.sum())
    if pairs <= 0:
        return None
    later = other[::-1].cumsum()[::-1] - other
    return _share(float((ranking.relevant * (later + other / 2)).sum()) / pairs)


def auroc_delong(ranking: Ranking, *, level: float = 0.95) -> Estimate:
    """`auroc` with DeLong's interval: AUC ± z·√(S₁₀/P + S₀₁/N), cut at 0 and 1; for unweighted rankings.

    S₁₀ and S₀₁ are the sample variances of the placement values of the P relevant and N other records.
    Source: DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837. The interval is None with fewer than two records
    of a kind, and `flat` where the kinds are perfectly separated.
    """
    value = auroc(ranking)
    hit, other = ranking.relevant, ranking.size - ranking.relevant
    p, n = float(hit.sum()), float(other.sum())
    if value is None or p < 2 or n < 2:
        return Estimate(value, n=ranking.n, method="delong", level=level)
    of_hit = (other[::-1].cumsum()[::-1] - other / 2) / n
    of_other = (hit.cumsum() - hit / 2) / p
    variance = float(hit @ (of_hit - value) ** 2) / (p * (p - 1)) + float(other @ (of_other - value) ** 2) / (
        n * (n - 1)
    )
    half = normal_quantile(level) * math.sqrt(variance)
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), n=ranking.n, method="delong", level=level)


def average_precision(ranking: Ranking) -> float | None:
    """Σ (Rᵢ − Rᵢ₋₁)Pᵢ over blocks of tied records: the mean of the precision at which each relevant record is found.

    Source: Zhu 2004, Recall, Precision and Average Precision; scikit-learn's average_precision_score. None without
    relevant records.
    """
    if ranking.positives <= 0:
        return None
    hit = np.flatnonzero(ranking.relevant > 0)
    return _share(
        float((ranking.relevant[hit] * ranking.cumulative_relevant[hit] / ranking.cumulative_size[hit]).sum())
        / ranking.positives
    )


def records_to_recall(ranking: Ranking, recall: float = 0.95) -> float | None:
    """Return how many records k to screen until `recall` of the relevant ones are found: the place of relevant record
    ⌈recall·P⌉.

    In a block of m tied records with p relevant ones the j-th relevant is expected at place j(m+1)/(p+1) (negative
    hypergeometric). None without relevant records. Raises ValueError unless 0 < recall ≤ 1.
    """
    if not 0 < recall <= 1:
        raise ValueError(f"recall must lie in (0, 1], got {recall}")
    if ranking.positives <= 0:
        return None
    needed = _needed(ranking, recall)
    cumulative = ranking.cumulative_relevant
    block = min(int(np.searchsorted(cumulative, needed - 1e-9 * max(1.0, needed))), len(cumulative) - 1)
    p, m = float(ranking.relevant[block]), float(ranking.size[block])
    before = float(ranking.cumulative_size[block]) - m
    return before + (needed - float(cumulative[block]) + p) * (m + 1) / (p + 1)


def wss(ranking: Ranking, recall: float = 0.95) -> float | None:
    """Work saved over sampling at a recall level, 1 − k/n − (1 − recall), k from `records_to_recall`.

    About 0 is expected of a random order; a perfect one reaches recall − ⌈recall·P⌉/n; below 0 it is worse than chance.
    Source: Cohen et al. 2006, JAMIA 13:206. `recall` is the level asked for, also where ⌈recall·P⌉ finds a little more.
    None without relevant records.
    """
    k = records_to_recall(ranking, recall)
    return None if k is None else 1 - k / ranking.n - (1 - recall)


def tnr(ranking: Ranking, recall: float = 0.95) -> float | None:
    """True negative rate at a recall level: the share of other records not yet screened when it is reached.

    1 − (k − ⌈recall·P⌉)/(n − P), k from `records_to_recall`; equal to WSS normalised to [0, 1], so comparable between
    reviews with different shares of relevant records. Source: Kusa et al. 2023, Intell Syst Appl 18:200193. None unless
    there are relevant and other records.
    """
    k = records_to_recall(ranking, recall)
    other = ranking.n - ranking.positives
    return None if k is None or other <= 0 else _share(1 - (k - _needed(ranking, recall)) / other)


def ranking_loss(ranking: Ranking) -> float | None:
    """ASReview's loss: area between the optimal and the actual recall curve over that between optimal and worst.

    (P(n − (P−1)/2) − Σₖ relevant among the first k) / (P(n − P)); 0 is a perfect order, 1 the worst, 0.5 expected of a
    random one. It equals 1 − AUROC. Source: ASReview (`asreview.metrics.loss`) and ASReview Insights, README, "Loss".
    None unless there are relevant and other records (ASReview prints 0 or a text there).
    """
    area = auroc(ranking)
    return None if area is None else 1 - area


def average_time_to_discovery(ranking: Ranking) -> float | None:
    """Return the mean place, in records screened, at which the relevant records are found (ATD); divide by n for the
    share.

    Source: Ferdinands et al. 2023, Syst Rev 12:100, who print the share; ASReview Insights prints records. None without
    relevant records.
    """
    if ranking.positives <= 0:
        return None
    place = ranking.cumulative_size - ranking.size + (ranking.size + 1) / 2
    return float((ranking.relevant * place).sum()) / ranking.positives


def recall_curve(ranking: Ranking) -> tuple[FloatArray, FloatArray]:
    """Return the records screened and recall reached, from (0, 0) on, a point at the end of each block of tied records.

    Straight lines between the points are the expected curve. Empty arrays without relevant records.
    """
    if ranking.positives <= 0:
        return np.zeros(0), np.zeros(0)
    screened = np.concatenate([[0.0], ranking.cumulative_size])
    return screened, np.concatenate([[0.0], ranking.cumulative_relevant]) / ranking.positives


def _share(value: float) -> float:
    """Return a figure that lies in [0, 1], which sums of weights may have pushed a hair past it."""
    return max(0.0, min(1.0, value))


def _needed(ranking: Ranking, recall: float) -> float:
    # 0.07 · 100 is 7.000000000000001: a rounding error must not ask for one record more.
    return min(ranking.positives, math.ceil(recall * ranking.positives - 1e-9))
