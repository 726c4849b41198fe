"""Bootstrap by record or by cluster, within strata, from a recorded seed; intervals are percentile ones or basic.

Two engines: `resampled_sums` for metrics that depend on sums over records only (any table of counts), which draws
numbers of equal records instead of records and so costs next to nothing; `bootstrap` for everything else.
Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13 (percentile interval); Davison & Hinkley 1997,
Bootstrap Methods and their Application, §3.2 (strata) and §3.8 (clusters).
The same seed gives the same interval as long as NumPy keeps its random streams (NEP 19 lets a new version change them).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .intervals import Estimate, FloatArray, normal_quantile

IntArray = NDArray[np.intp]

RESAMPLES = 2000
SEED = 20250101
MIN_DEFINED = 0.9
"""No interval is given where the metric was defined in a smaller share of the resamples."""
_CHUNK = 4_000_000  # numbers drawn at once


def resampled_sums(
    rows: ArrayLike,
    *,
    clusters: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> FloatArray:
    """Bootstrap the sum of `rows` (n × d, one row of additive parts a record); return resamples × d.

    Records (or whole clusters: `clusters` has a label a record) are drawn with replacement, within `strata` if given.
    Units with equal rows are interchangeable, hence one multinomial draw of their numbers a resample: cells of a
    confusion table for 100,000 records cost as much as for 100. Raises ValueError for shapes that differ, and for a
    cluster that lies in two strata.
    """
    matrix = np.asarray(rows, dtype=float)
    if matrix.ndim != 2:
        raise ValueError(f"rows must be n × d, not of shape {matrix.shape}")
    n, d = matrix.shape
    unit, stratum = sampling_units(n, clusters, strata)
    if clusters is not None:
        sums = np.zeros((len(stratum), d))
        np.add.at(sums, unit, matrix)
        matrix = sums
    rng = np.random.default_rng(seed)
    total = np.zeros((resamples, d))
    for label in np.unique(stratum):
        kinds, numbers = np.unique(matrix[stratum == label], axis=0, return_counts=True)
        size = int(numbers.sum())
        step = max(1, _CHUNK // len(kinds))
        for start in range(0, resamples, step):
            stop = min(start + step, resamples)
            total[start:stop] += rng.multinomial(size, numbers / size, size=stop - start) @ kinds
    return total


def resampled_indices(
    n: int,
    *,
    clusters: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Iterator[IntArray]:
    """Draw `resamples` times n records with replacement; yield their indices, with repeats.

    `clusters` and `strata` as in `resampled_sums`; with clusters a resample may hold more or fewer than n records.
    """
    rng = np.random.default_rng(seed)
    if clusters is None and strata is None:
        for _ in range(resamples if n else 0):
            yield rng.integers(n, size=n)
        return
    unit, stratum = sampling_units(n, clusters, strata)
    members = [np.flatnonzero(stratum == label) for label in np.unique(stratum)]
    order = np.argsort(unit, kind="stable")
    size = np.bincount(unit, minlength=len(stratum))
    start = np.cumsum(size) - size
    for _ in range(resamples if n else 0):
        drawn = np.concatenate([units[rng.integers(len(units), size=len(units))] for units in members])
        if clusters is None:
            yield drawn
        else:
            sizes = size[drawn]
            within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            yield order[np.repeat(start[drawn], sizes) + within]


def bootstrap(
    statistic: Callable[[IntArray], float | None],
    n: int,
    *,
    clusters: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Estimate:
    """Percentile bootstrap of any statistic of n records.

    `statistic` is given the indices of the records in a resample (`resampled_indices`) and returns a number or None;
    its value on `arange(n)` is the point estimate.
    """
    draws = resampled_indices(n, clusters=clusters, strata=strata, resamples=resamples, seed=seed)
    value = statistic(np.arange(n, dtype=np.intp))
    return percentile_interval(value, map(statistic, draws), level=level, n=n, seed=seed)


def percentile_interval(
    value: float | None,
    resampled: Iterable[float | None] | FloatArray,
    *,
    level: float = 0.95,
    n: float | None = None,
    seed: int | None = None,
) -> Estimate:
    """Return the estimate with the `level` percentile interval of the resampled values (NumPy's linear quantiles).

    Resamples in which the metric is not defined (None, or NaN) are left out; where they are more than a tenth, or the value
    itself is not defined, there is no interval.
    """
    normal_quantile(level)  # checks the level
    drawn = resampled if isinstance(resampled, np.ndarray) else np.array(list(resampled), dtype=float)  # None: NaN
    defined = drawn[~np.isnan(drawn)]
    low = high = None
    if value is not None and len(defined) and len(defined) >= MIN_DEFINED * len(drawn):
        tail = (1 - level) / 2
        low, high = (float(q) for q in np.quantile(defined, [tail, 1 - tail]))
    return Estimate(value, low, high, n=n, method="bootstrap", level=level, seed=seed, resamples=len(defined))


def basic_interval(
    value: float | None,
    resampled: Iterable[float | None],
    *,
    bounds: tuple[float, float],
    level: float = 0.95,
    n: float | None = None,
    seed: int | None = None,
) -> Estimate:
    """As `percentile_interval`, but the basic (pivotal) interval (2v − q_high, 2v − q_low), cut at `bounds`.

    For a figure whose resamples lie to one side of its value v: the percentile interval has that bias twice, the basic
    one takes it off, so it may lie beside v. There is none where the resamples do not differ or nothing is left of it
    within the bounds. Source: Davison & Hinkley 1997, Bootstrap Methods and their Application, §5.2.1.
    """
    percentile = replace(percentile_interval(value, resampled, level=level, n=n, seed=seed), method="basic bootstrap")
    without_interval = replace(percentile, low=None, high=None)
    if value is None or percentile.low is None or percentile.high is None or percentile.flat:
        return without_interval
    low, high = max(bounds[0], 2 * value - percentile.high), min(bounds[1], 2 * value - percentile.low)
    return replace(percentile, low=low, high=high) if low < high else without_interval


def sampling_units(n: int, clusters: ArrayLike | None, strata: ArrayLike | None) -> tuple[IntArray, IntArray]:
    """Unit (record or cluster) of each record and stratum of each unit, as numbers from 0.

    Raises ValueError for lengths that differ and for a cluster that lies in two strata.
    """
    unit = np.arange(n, dtype=np.intp) if clusters is None else _labels(clusters, n, "clusters")
    units = int(unit.max()) + 1 if n else 0
    of_record = np.zeros(n, dtype=np.intp) if strata is None else _labels(strata, n, "strata")
    stratum = np.zeros(units, dtype=np.intp)
    stratum[unit] = of_record
    if (stratum[unit] != of_record).any():
        raise ValueError("a cluster lies in more than one stratum")
    return unit, stratum


def _labels(labels: ArrayLike, n: int, name: str) -> IntArray:
    values = np.asarray(labels)
    if values.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), not {values.shape}")
    return np.unique(values, return_inverse=True)[1].astype(np.intp)
