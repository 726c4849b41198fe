"""Agreement of two raters, from their square contingency table.

Tables hold counts or sums of sampling weights, rows the first rater, columns the second; the categories of both are in
the same order. Closed-form intervals are large-sample ones, cut at the bounds of the coefficient, and take the table's
sum as the number of records: with sampling weights use `bootstrap.resampled_sums`. Where a table shows no variation
(perfect agreement) the formulas give a standard error of 0: `Estimate.flat` tells.
"""

import math
from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .intervals import Estimate, FloatArray, check_weights, normal_quantile, wilson

KappaWeights = Literal["unweighted", "linear", "quadratic"]


def contingency(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    categories: Sequence[Hashable],
    weights: ArrayLike | None = None,
) -> FloatArray:
    """Cross-tabulate two raters' judgements of the same n records: k × k in the order of `categories`.

    Records that either rater did not judge must be left out first. Raises ValueError for lengths that differ, repeated
    categories, and a judgement that is not among them.
    """
    if len(first) != len(second):
        raise ValueError(f"the raters differ in length: {len(first)} and {len(second)}")
    index = {category: i for i, category in enumerate(categories)}
    if len(index) != len(categories):
        raise ValueError("categories repeat")
    try:
        cells = [index[a] * len(index) + index[b] for a, b in zip(first, second, strict=True)]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not among the categories") from None
    flat = np.bincount(
        np.array(cells, dtype=np.intp), weights=check_weights(weights, len(first)), minlength=len(index) ** 2
    )
    return flat.astype(float).reshape(len(index), len(index))


def raw_agreement(table: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return the share of records on which the raters agree, Σpᵢᵢ, with Wilson's interval. None for an empty table."""
    t = _square(table)
    return wilson(min(float(np.trace(t)), float(t.sum())), float(t.sum()), level=level)


def specific_agreement(table: ArrayLike, category: int, *, level: float = 0.95) -> Estimate:
    """Return the agreement specific to one category, 2a/(2a+b+c): a records both put there, b + c only one of them did.

    Read: where one rater says so, the probability that the other does too. Standard error (delta method):
    √(4a(b+c)(a+b+c))/(2a+b+c)². None where neither rater used the category.
    Source: Cicchetti & Feinstein 1990, J Clin Epidemiol 43:551; Graham & Bull 1998, J Clin Epidemiol 51:763.
    """
    t = _square(table)
    a = float(t[category, category])
    either = float(t[category].sum() + t[:, category].sum())
    if either <= 0:
        return Estimate(None, n=0, method="delta", level=level)
    unshared = max(0.0, either - 2 * a)
    error = math.sqrt(4 * a * unshared * (a + unshared)) / either**2
    return _normal(2 * a / either, error, a + unshared, "delta", level, least=0)


def positive_agreement(table: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return `specific_agreement` on the first category of a 2 × 2 table whose first category is the positive one."""
    return specific_agreement(_two(table), 0, level=level)


def negative_agreement(table: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Return `specific_agreement` on the second category of a 2 × 2 table whose first category is the positive one."""
    return specific_agreement(_two(table), 1, level=level)


def cohen_kappa(table: ArrayLike, *, weights: KappaWeights = "unweighted", level: float = 0.95) -> Estimate:
    """Cohen's κ = (po − pe)/(1 − pe), or weighted κ, with the large-sample interval κ ± z·SE.

    po = Σ wᵢⱼpᵢⱼ, pe = Σ wᵢⱼpᵢ.p.ⱼ; agreement weights wᵢⱼ are 1 on the diagonal and off it 0 (`unweighted`),
    1 − |i−j|/(k−1) (`linear`) or 1 − (i−j)²/(k−1)² (`quadratic`; categories must then be in their order).
    SE² = {Σ pᵢⱼ[wᵢⱼ − (w̄ᵢ. + w̄.ⱼ)(1−κ)]² − [κ − pe(1−κ)]²} / (n(1−pe)²), w̄ᵢ. = Σⱼ p.ⱼwᵢⱼ, w̄.ⱼ = Σᵢ pᵢ.wᵢⱼ:
    the one for intervals, not the one under κ = 0.
    Source: Cohen 1960, Educ Psychol Meas 20:37; Cohen 1968, Psychol Bull 70:213; Fleiss, Cohen & Everitt 1969,
    Psychol Bull 72:323. None where pe = 1 (both raters used one and the same category only) or the table is empty.
    """
    t = _square(table)
    n, k = float(t.sum()), len(t)
    method = "fleiss-cohen-everitt"
    if n == 0 or k < 2:
        return Estimate(None, n=n, method=method, level=level)
    p = t / n
    row, column = p.sum(axis=1), p.sum(axis=0)
    w = _agreement_weights(k, weights)
    po, pe = float((w * p).sum()), float(row @ w @ column)
    if math.isclose(pe, 1, abs_tol=1e-12):
        return Estimate(None, n=n, method=method, level=level)
    kappa = (po - pe) / (1 - pe)
    means = (w @ column)[:, None] + (row @ w)[None, :]
    spread = float((p * (w - means * (1 - kappa)) ** 2).sum()) - (kappa - pe * (1 - kappa)) ** 2
    return _normal(kappa, _root(spread) / (math.sqrt(n) * (1 - pe)), n, method, level)


def pabak(table: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Prevalence- and bias-adjusted κ, (k·po − 1)/(k − 1); 2po − 1 for two categories.

    The interval is Wilson's for po, put through the same line. None for an empty table or a single category.
    Source: Byrt, Bishop & Carlin 1993, J Clin Epidemiol 46:423; Brennan & Prediger 1981, Educ Psychol Meas 41:687.
    """
    t = _square(table)
    k = len(t)
    po = raw_agreement(t, level=level)
    if po.value is None or po.low is None or po.high is None or k < 2:
        return Estimate(None, n=po.n, method=po.method, level=level)
    value, low, high = ((k * share - 1) / (k - 1) for share in (po.value, po.low, po.high))
    return Estimate(value, low, high, n=po.n, method=po.method, level=level)


def gwet_ac1(table: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Gwet's AC1 = (po − pe)/(1 − pe), pe = Σ πₖ(1−πₖ)/(q−1), πₖ the mean of both raters' shares of category k.

    SE² = {Σ pₖₗ[1(k=l) − 2(1−AC1)(1 − (πₖ+πₗ)/2)/(q−1)]² − [po − 2(1−AC1)pe]²} / (n(1−pe)²).
    q counts all categories of the table, used or not: an unused one changes the figure. Both raters using one and the
    same category only gives 1 (κ is not defined there). None for an empty table or a single category.
    Source: Gwet 2008, Br J Math Stat Psychol 61:29; R package irrCAC, gwet.ac1.table (which takes t instead of z).
    """
    t = _square(table)
    n, q = float(t.sum()), len(t)
    if n == 0 or q < 2:
        return Estimate(None, n=n, method="gwet", level=level)
    p = t / n
    pi = (p.sum(axis=1) + p.sum(axis=0)) / 2
    po, pe = float(np.trace(p)), float((pi * (1 - pi)).sum()) / (q - 1)
    ac1 = (po - pe) / (1 - pe)
    chance = (1 - (pi[:, None] + pi[None, :]) / 2) / (q - 1)
    spread = float((p * (np.eye(q) - 2 * (1 - ac1) * chance) ** 2).sum()) - (po - 2 * (1 - ac1) * pe) ** 2
    return _normal(ac1, _root(spread) / (math.sqrt(n) * (1 - pe)), n, "gwet", level)


def _square(table: ArrayLike) -> FloatArray:
    t = np.asarray(table, dtype=float)
    if t.ndim != 2 or t.shape[0] != t.shape[1]:
        raise ValueError(f"a contingency table is square, not of shape {t.shape}")
    if not np.isfinite(t).all() or (t < 0).any():
        raise ValueError("a contingency table holds finite numbers that are not negative")
    return t


def _two(table: ArrayLike) -> FloatArray:
    t = _square(table)
    if len(t) != 2:
        raise ValueError(f"positive and negative agreement need a 2 × 2 table, not {len(t)} × {len(t)}")
    return t


def _agreement_weights(k: int, kind: KappaWeights) -> FloatArray:
    distance = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    if kind == "unweighted":
        return np.eye(k)
    if kind == "linear":
        return np.asarray(1 - distance)
    if kind == "quadratic":
        return np.asarray(1 - distance**2)
    raise ValueError(f"weights must be unweighted, linear or quadratic, not {kind!r}")


def _root(spread: float) -> float:
    """Return the square root of a variance that rounding may have left a hair off zero."""
    return math.sqrt(spread) if spread > 1e-15 else 0.0


def _normal(value: float, error: float, n: float, method: str, level: float, least: float = -1) -> Estimate:
    value = max(least, min(1.0, value))  # rounding must not push it past its bounds
    half = normal_quantile(level) * error
    return Estimate(value, max(least, value - half), min(1.0, value + half), n=n, method=method, level=level)
