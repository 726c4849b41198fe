"""Ratios of sums over studies and means of records, with intervals that take whole studies as the units.

Items of one study are not independent: its report is well written or not. Hence the study is what is drawn.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from .bootstrap import RESAMPLES, SEED, percentile_interval, resampled_sums, sampling_units
from .design import SIMPLE, Design
from .intervals import Estimate, FloatArray, check_weights, effective_n, normal_quantile, wilson


def ratio_by_study(
    top: ArrayLike,
    bottom: ArrayLike,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Estimate:
    """Return the share Σtop/Σbottom of n studies, 0 ≤ top ≤ bottom in each, with the percentile interval of studies
    redrawn.

    Source: Davison & Hinkley 1997, Bootstrap Methods and their Application, §3.8. Not defined where Σbottom = 0. A share
    of 0 or 1 has Wilson's interval on the effective number of studies, since a bootstrap would have no width there; one
    study alone has none.
    """
    rows = np.stack([np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)], axis=1)
    sums = resampled_sums(rows, resamples=resamples, seed=seed)
    return share(rows[:, 0], rows[:, 1], ratio(sums[:, 0], sums[:, 1]), level=level, seed=seed)


def share(
    top: FloatArray, bottom: FloatArray, resampled: FloatArray, *, level: float, seed: int, proportion: bool = True
) -> Estimate:
    """Return the estimate of Σtop/Σbottom, one number a study, from its resampled values (NaN where not defined).

    `proportion` is false for a figure that is no share of units, for which Wilson's interval has no meaning.
    """
    total = float(bottom.sum())
    value = float(top.sum()) / total if total else None
    if proportion and value in (0.0, 1.0):
        n = effective_n(bottom)
        return wilson(n * value, n, level=level)
    return percentile(value, resampled, studies=len(bottom), n=total, level=level, seed=seed)


def percentile(
    value: float | None, resampled: FloatArray, *, studies: int, n: float, level: float, seed: int
) -> Estimate:
    """`percentile_interval` for figures by study: NaN is "not defined", and one study alone gives no interval."""
    return percentile_interval(value, resampled if studies > 1 else resampled[:0], level=level, n=n, seed=seed)


def ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """top/bottom, element by element, NaN where bottom is 0."""
    quotient: FloatArray = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
    return quotient


def weighted_mean(
    values: ArrayLike,
    design: Design = SIMPLE,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """Return the mean Σwx/Σw of n records with a large-sample interval that respects weights, clusters and strata.

    SE² = Σₕ uₕ/(uₕ−1) Σ (zᵤ − z̄ₕ)² over the units u (records or clusters) of the strata h, zᵤ = Σ w(x − x̄)/Σw over
    the unit's records; x̄ ± z·SE, cut at `bounds`. Without weights, clusters and strata it is s/√n.
    Source: Taylor linearisation, Woodruff 1971, JASA 66:411; Lohr 2022, Sampling, ch. 9. The value is None without
    weight, the interval where a stratum has a single unit. Raises ValueError as `resampled_sums` does.
    """
    x = np.asarray(values, dtype=float)
    w, level = check_weights(design.weights, len(x)), design.level
    total = float(w.sum())
    if total <= 0:
        return Estimate(None, n=len(x), method="linearised", level=level)
    mean = float(w @ x) / total
    unit, stratum = sampling_units(len(x), design.clusters, design.strata)
    z = np.bincount(unit, w * (x - mean) / total, len(stratum))
    units = np.bincount(stratum)
    if units.min() < 2:
        return Estimate(mean, n=len(x), method="linearised", level=level)
    centred = z - (np.bincount(stratum, z) / units)[stratum]
    variance = float((np.bincount(stratum, centred**2) * units / (units - 1)).sum())
    half = normal_quantile(level) * math.sqrt(variance)
    low, high = max(bounds[0], mean - half), min(bounds[1], mean + half)
    return Estimate(mean, low, high, n=len(x), method="linearised", level=level)
