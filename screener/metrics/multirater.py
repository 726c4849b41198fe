"""Agreement of any number of raters: Fleiss' κ and Krippendorff's α, with missing ratings.

Both work on counts, units × categories: how many raters put the unit in the category (`count_ratings` makes them).
Intervals are percentile bootstraps over units.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .bootstrap import RESAMPLES, SEED, percentile_interval, resampled_sums
from .intervals import Estimate, FloatArray

Scale = Literal["nominal", "ordinal", "interval"]


def count_ratings(ratings: Sequence[Sequence[Hashable]], categories: Sequence[Hashable]) -> FloatArray:
    """Count ratings (one sequence a unit, one place a rater) into units × categories, in the order of `categories`.

    None and NaN are missing ratings. Raises ValueError for repeated categories and a rating that is not among them.
    """
    index = {category: i for i, category in enumerate(categories)}
    if len(index) != len(categories):
        raise ValueError("categories repeat")
    counts = np.zeros((len(ratings), len(index)))
    for unit, row in enumerate(ratings):
        for rating in row:
            if rating is None or rating != rating:  # NaN is the one value that differs from itself
                continue
            if rating not in index:
                raise ValueError(f"{rating!r} is not among the categories")
            counts[unit, index[rating]] += 1
    return counts


def fleiss_kappa(counts: ArrayLike, *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """Fleiss' κ = (P̄ − P̄e)/(1 − P̄e) for m ratings of each of N units in k categories (`counts`: N × k).

    P̄ is the mean over units of Σⱼ nᵢⱼ(nᵢⱼ−1)/(m(m−1)), P̄e = Σⱼ p̄ⱼ², p̄ⱼ the share of all ratings in category j.
    Source: Fleiss 1971, Psychol Bull 76:378. None without units and where all ratings are in one category. Raises
    ValueError where units differ in their number of ratings or have fewer than two: use `krippendorff_alpha`.
    """
    c = _counts(counts)
    m = float(c[0].sum()) if len(c) else 2.0
    if m < 2 or (c.sum(axis=1) != m).any():
        raise ValueError(
            "Fleiss' kappa needs the same number of ratings, two or more, on every unit; see krippendorff_alpha"
        )

    def kappas(sums: FloatArray) -> FloatArray:
        units = np.where(sums[:, -2] > 0, sums[:, -2], np.nan)
        expected = ((sums[:, :-2] / (units * m)[:, None]) ** 2).sum(axis=1)
        varied = np.where(1 - expected > 1e-12, 1 - expected, np.nan)
        return np.asarray((sums[:, -1] / units - expected) / varied)

    agreeing = (c * (c - 1)).sum(axis=1) / (m * (m - 1))
    rows = np.column_stack([c, np.ones(len(c)), agreeing])
    resampled = kappas(resampled_sums(rows, resamples=resamples, seed=seed))
    return percentile_interval(_value(kappas, rows), resampled, level=level, n=len(c), seed=seed)


def krippendorff_alpha(
    counts: ArrayLike,
    *,
    scale: Scale = "nominal",
    values: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Estimate:
    """Krippendorff's α = 1 − Do/De for any number of raters, missing ratings included (`counts`: units × categories).

    Unit u with mᵤ ≥ 2 ratings adds nᵤ꜀(nᵤₖ − 1(c=k))/(mᵤ−1) to the coincidence o꜀ₖ; units with fewer are left out. With
    n꜀ = Σₖ o꜀ₖ and n = Σ n꜀: Do = Σ o꜀ₖδ²꜀ₖ/n, De = Σ n꜀nₖδ²꜀ₖ/(n(n−1)). δ² is 1(c≠k) on the `nominal` scale,
    (Σ_{g=c..k} n_g − (n꜀+nₖ)/2)² on the `ordinal` one (categories in order), and (v꜀ − vₖ)² on the `interval` one, with
    `values` v the categories' numbers (default 0, 1, 2, …).
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability; Hayes & Krippendorff 2007, Commun Methods
    Meas 1:77 (their bootstrap draws pairs; this one draws units). None without pairable ratings and where all of them
    are in one category: without variation α is not defined.
    """
    c = _counts(counts)
    c = c[c.sum(axis=1) >= 2]
    k = c.shape[1]
    v = np.arange(k, dtype=float) if values is None else np.asarray(values, dtype=float)
    if v.shape != (k,) or not np.isfinite(v).all():
        raise ValueError(f"values must hold {k} finite numbers, one a category")

    def alphas(flat: FloatArray) -> FloatArray:
        o = flat.reshape(-1, k, k)
        margins = o.sum(axis=2)
        difference = _squared_difference(margins, v, scale)
        expected = (margins[:, None, :] @ difference @ margins[:, :, None])[:, 0, 0]
        observed = (o * difference).sum(axis=(1, 2))
        return np.asarray(1 - (margins.sum(axis=1) - 1) * observed / np.where(expected > 1e-12, expected, np.nan))

    pairs = c[:, :, None] * c[:, None, :] - c[:, :, None] * np.eye(k)
    rows = (pairs / np.maximum(c.sum(axis=1) - 1, 1)[:, None, None]).reshape(len(c), k * k)
    resampled = alphas(resampled_sums(rows, resamples=resamples, seed=seed))
    return percentile_interval(_value(alphas, rows), resampled, level=level, n=len(c), seed=seed)


def _value(figures: Callable[[FloatArray], FloatArray], rows: FloatArray) -> float | None:
    """Return the figure of the rows themselves, from what makes one figure a row of sums; None where it is NaN."""
    [value] = figures(rows.sum(axis=0)[None, :])
    return None if np.isnan(value) else float(value)


def _squared_difference(margins: FloatArray, values: FloatArray, scale: Scale) -> FloatArray:
    """Krippendorff's δ² between any two of k categories: resamples × k × k, or 1 × k × k where margins (resamples × k)
    change nothing.
    """
    if scale == "nominal":
        return np.asarray(1 - np.eye(margins.shape[1])[None])
    if scale == "ordinal":
        # The sum from c to k less half of both ends is the distance of the categories' mid-ranks.
        values = np.cumsum(margins, axis=1) - margins / 2
    elif scale == "interval":
        values = values[None]
    else:
        raise ValueError(f"scale must be nominal, ordinal or interval, not {scale!r}")
    return np.asarray((values[:, :, None] - values[:, None, :]) ** 2)


def _counts(counts: ArrayLike) -> FloatArray:
    c = np.asarray(counts, dtype=float)
    if c.ndim != 2 or c.shape[1] == 0:
        raise ValueError(f"counts must be units × categories, not of shape {c.shape}")
    if not np.isfinite(c).all() or (c < 0).any() or (c != np.floor(c)).any():
        raise ValueError("counts must be whole numbers that are not negative")
    return c
