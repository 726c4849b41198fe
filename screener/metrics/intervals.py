"""Estimates with intervals: the result type of the room, and closed-form intervals for proportions."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Side = Literal["two", "lower", "upper"]
SAME = 1e-12
"""What sums of the same numbers may differ by, added in another order."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval. What is not defined is None, never NaN."""

    value: float | None
    """The point estimate; None where the metric is not defined (say, recall without relevant records)."""
    low: float | None = None
    """Lower limit; None where there is no interval."""
    high: float | None = None
    """Upper limit; None where there is no interval."""
    n: float | None = None
    """The denominator of `value`: records, units or, with weights, their effective number."""
    method: str = ""
    """How the interval was made, for instance `wilson` or `bootstrap`."""
    level: float = 0.95
    """Confidence level of the interval, in (0, 1)."""
    seed: int | None = None
    """Seed of the bootstrap; None for closed forms."""
    resamples: int | None = None
    """Bootstrap resamples in which the metric was defined; None for closed forms."""

    @property
    def flat(self) -> bool:
        """Return whether the interval has no width: the sample showed no variation, so it says nothing of precision."""
        return self.low is not None and self.high is not None and self.high - self.low < SAME


def normal_quantile(level: float) -> float:
    """Return z so that a standard normal lies within ±z with probability `level`.

    Raises ValueError unless 0 < level < 1.
    """
    _check_level(level)
    from scipy.special import ndtri  # slow to import: not before it is needed

    return float(ndtri(0.5 + level / 2))


def wilson(successes: float, n: float, *, level: float = 0.95) -> Estimate:
    """Return the proportion with Wilson's score interval (no continuity correction).

    (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n), p = successes/n.
    Source: Wilson 1927, JASA 22:209; Newcombe 1998, Stat Med 17:857, method 3.
    Counts may be fractional: an effective sample size (`effective_n`) stands for n where records carry weights.
    n = 0: not defined. Raises ValueError unless 0 ≤ successes ≤ n.
    """
    _check_counts(successes, n)
    z = normal_quantile(level)
    if n == 0:
        return Estimate(None, n=0, method="wilson", level=level)
    p = successes / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # At the ends the limits are 0 and 1 exactly; rounding must not say otherwise.
    low = 0.0 if successes == 0 else (centre - half) / scale
    high = 1.0 if successes == n else (centre + half) / scale
    return Estimate(p, low, high, n=n, method="wilson", level=level)


def clopper_pearson(successes: float, n: float, *, level: float = 0.95, side: Side = "two") -> Estimate:
    """Return the proportion with the exact (Clopper–Pearson) interval or one-sided bound.

    Limits are Beta quantiles: low = B(a; x, n−x+1), high = B(1−a; x+1, n−x), a = (1−level)/2 for `side="two"` and
    1−level for one side. `side="lower"` bounds from below (high is 1), `side="upper"` from above (low is 0).
    Source: Clopper & Pearson 1934, Biometrika 26:404; Brown, Cai & DasGupta 2001, Stat Sci 16:101.
    n = 0: not defined. Raises ValueError unless 0 ≤ successes ≤ n.
    """
    _check_counts(successes, n)
    _check_level(level)
    method = "clopper-pearson" if side == "two" else f"clopper-pearson ({side} bound)"
    if n == 0:
        return Estimate(None, n=0, method=method, level=level)
    tail = (1 - level) / 2 if side == "two" else 1 - level
    from scipy.special import betaincinv  # slow to import: not before it is needed

    low = 0.0 if successes == 0 or side == "upper" else float(betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n or side == "lower" else float(betaincinv(successes + 1, n - successes, 1 - tail))
    return Estimate(successes / n, low, high, n=n, method=method, level=level)


def effective_n(weights: ArrayLike) -> float:
    """Kish's effective sample size, (Σw)²/Σw²: the number of equally weighted records as informative as these.

    `weights` has one non-negative number a record; the result lies between 1 and their number, 0 if all are 0.
    Source: Kish 1965, Survey Sampling, §11.7; Korn & Graubard 1998, Surv Methodol 24:193, for its use in intervals.
    """
    w = check_weights(weights, np.size(weights))
    squares = float(w @ w)
    return float(w.sum()) ** 2 / squares if squares > 0 else 0.0


def check_weights(weights: ArrayLike | None, n: int) -> FloatArray:
    """Return weights as n floats (ones for None); raise ValueError unless all are finite and not negative."""
    if weights is None:
        return np.ones(n)
    w = np.asarray(weights, dtype=float)
    if w.shape != (n,):
        raise ValueError(f"weights must have shape ({n},), not {w.shape}")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and not negative")
    return w


def _check_counts(successes: float, n: float) -> None:
    if not (math.isfinite(n) and 0 <= successes <= n):
        raise ValueError(f"need 0 <= successes <= n, got successes={successes}, n={n}")


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
