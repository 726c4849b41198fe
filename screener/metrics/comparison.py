"""Two reviewers or prompts compared on the same records."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .bootstrap import percentile_interval
from .confusion import Confusion, ConfusionMetric, as_booleans, confusion_cells
from .design import SIMPLE, Design
from .intervals import Estimate, FloatArray, check_weights, normal_quantile


@dataclass(frozen=True, slots=True)
class McNemar:
    """Exact McNemar test."""

    first_only: int
    """Records only the first got right."""
    second_only: int
    """Records only the second got right."""
    p: float
    """Two-sided p-value."""


def mcnemar(first_only: int, second_only: int) -> McNemar:
    """Exact McNemar test of b against c discordant records: p = min(1, 2·P(X ≤ min(b, c))), X ~ Binomial(b+c, ½).

    Source: McNemar 1947, Psychometrika 12:153; exact form in Fay 2010, Biostatistics 11:373. No discordant record:
    p = 1. Raises ValueError for negative counts.
    """
    if first_only < 0 or second_only < 0:
        raise ValueError(f"counts must not be negative, got {first_only} and {second_only}")
    n = first_only + second_only
    from scipy.special import bdtr  # slow to import: not before it is needed

    p = min(1.0, 2 * float(bdtr(min(first_only, second_only), n, 0.5))) if n else 1.0
    return McNemar(first_only, second_only, p)


def mcnemar_of(truth: ArrayLike, first: ArrayLike, second: ArrayLike) -> McNemar:
    """Return `mcnemar` of two reviewers' decisions on the same n records: who was right where the other was wrong.

    On all records it compares accuracy; give only the relevant records to compare recall, the others for specificity.
    """
    t, a, b = (as_booleans(x, name) for x, name in ((truth, "truth"), (first, "first"), (second, "second")))
    if not t.shape == a.shape == b.shape:
        raise ValueError(f"lengths differ: {len(t)}, {len(a)} and {len(b)}")
    return mcnemar(int(((a == t) & (b != t)).sum()), int(((a != t) & (b == t)).sum()))


def paired_difference(
    metric: ConfusionMetric,
    truth: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    design: Design = SIMPLE,
) -> Estimate:
    """metric(first) − metric(second) on the same records, with a bootstrap interval that keeps the pairs together.

    None where either is not defined. For a metric that is no function of the confusion table, give
    `bootstrap.bootstrap` the difference as its statistic.
    """
    cells = confusion_cells(truth, first), confusion_cells(truth, second)
    w = check_weights(design.weights, len(cells[0]))
    rows = np.hstack([np.eye(4)[index] for index in cells]) * w[:, None]

    def difference(sums: FloatArray) -> float | None:
        a, b = (metric(Confusion(*(float(cell) for cell in half))) for half in (sums[:4], sums[4:]))
        return None if a is None or b is None else a - b

    resampled = (difference(sums) for sums in design.sums(rows))
    value = difference(rows.sum(axis=0))
    return percentile_interval(value, resampled, level=design.level, n=len(rows), seed=design.seed)


def no_discordant_pair(n: float, level: float = 0.95) -> Estimate:
    """Return the difference of two paired proportions of which no pair of `n` differs: 0, between −z²/(n+z²) and z²/(n+z²).

    These are the limits of the score interval where both discordant counts are 0 (Tango 1998, Stat Med 17:891); resampled pairs
    would all be alike, and claim that the two never differ. Without pairs the difference is not defined.
    """
    if n <= 0:
        return Estimate(None, n=n, method="score", level=level)
    z2 = normal_quantile(level) ** 2
    return Estimate(0.0, -z2 / (n + z2), z2 / (n + z2), n, "score", level)
