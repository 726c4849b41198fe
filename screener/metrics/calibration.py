"""Calibration of probabilities: does one in ten of the records given 0.1 turn out relevant?"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .bootstrap import RESAMPLES, IntArray, basic_interval, sampling_units
from .clustered import weighted_mean
from .confusion import BoolArray, as_booleans
from .design import SIMPLE, Design
from .intervals import Estimate, FloatArray, check_weights, effective_n, wilson

Binning = Literal["width", "count"]


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of the reliability curve: records whose probability lies in (low, high]; the first bin has its low."""

    low: float
    high: float
    n: float
    """Records, or the sum of their weights."""
    predicted: float
    """Mean probability."""
    observed: Estimate
    """Share of relevant records with Wilson's interval (on the effective sample size where records carry weights)."""


def brier(truth: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None) -> float | None:
    """Brier score, the mean of (p − y)² over n records: 0 is best, 0.25 what p = 0.5 earns, 1 worst.

    Source: Brier 1950, Mon Weather Rev 78:1 (half of his two-class sum). None without records. Raises ValueError for
    shapes that differ and probabilities outside [0, 1].
    """
    y, p, w = _checked(truth, probability, weights)
    total = float(w.sum())
    return float(w @ (p - y) ** 2) / total if total > 0 else None


def brier_estimate(
    truth: ArrayLike,
    probability: ArrayLike,
    design: Design = SIMPLE,
) -> Estimate:
    """Return `brier` with the large-sample interval of a mean (`weighted_mean`), cut at 0 and 1."""
    y, p, w = _checked(truth, probability, design.weights)
    return weighted_mean((p - y) ** 2, replace(design, weights=w), bounds=(0.0, 1.0))


def reliability_curve(
    truth: ArrayLike,
    probability: ArrayLike,
    *,
    bins: int = 10,
    binning: Binning = "width",
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> list[Bin]:
    """Return the mean probability against the share of relevant records, in bins of equal `width` or of equal record
    `count`.

    Empty bins are left out; edges of equal-count bins are quantiles of the probabilities (NumPy's
    linear ones, of the records whatever their weights), so ties make fewer bins.
    Source: Murphy & Winkler 1977, J R Stat Soc C 26:41; bins are open below as in Guo et al. 2017, ICML.
    """
    y, p, w = _checked(truth, probability, weights)
    edges, which = _binned(p, bins, binning)
    curve = []
    for b in np.unique(which[w > 0]):
        in_bin = which == b
        total = float(w[in_bin].sum())
        share = min(1.0, float(w[in_bin] @ y[in_bin]) / total)
        n = total if weights is None else effective_n(w[in_bin])
        observed = wilson(share * n, n, level=level)
        curve.append(Bin(float(edges[b]), float(edges[b + 1]), total, float(w[in_bin] @ p[in_bin]) / total, observed))
    return curve


def ece(
    truth: ArrayLike,
    probability: ArrayLike,
    *,
    bins: int = 10,
    binning: Binning = "width",
    weights: ArrayLike | None = None,
) -> float | None:
    """Expected calibration error, Σ (n_b/n)|mean probability − share of relevant records| over the bins.

    Of the probability of relevance, not of the confidence in the chosen class. It grows with the number of bins and
    shrinks with n: compare only equal settings. Source: Naeini, Cooper & Hauskrecht 2015, AAAI. None without records.
    """
    return _error(_gaps(*_checked(truth, probability, weights), bins, binning).sum(axis=0))


def ece_estimate(
    truth: ArrayLike,
    probability: ArrayLike,
    design: Design = SIMPLE,
    *,
    bins: int = 10,
    binning: Binning = "width",
) -> Estimate:
    """`ece` with a basic (pivotal) bootstrap interval, cut at 0 and 1; the bins stay those of the sample.

    Gaps are taken without their sign, so chance alone makes some: the error is biased upward, that of a resample against
    the sample as that of the sample against the truth. A percentile interval would have this twice, lying above even
    the error of a perfectly calibrated forecast; the basic one mirrors the resamples at the value and so takes it off.
    It may therefore lie below the value. Source: Davison & Hinkley 1997, Bootstrap Methods and their Application, ch. 5.
    The value is None without weight; the interval where a stratum has a single unit, where all resamples say the same,
    and where nothing of it lies above 0. By default `RESAMPLES` are drawn, of more than 10,000 records as many fewer as
    they are more, 200 at least: their probabilities all differ, so that each
    resample costs a pass over all. Raises ValueError as `ece` and `resampled_sums` do.
    """
    rows = _gaps(*_checked(truth, probability, design.weights), bins, binning)
    value = _error(rows.sum(axis=0))
    _, stratum = sampling_units(len(rows), design.clusters, design.strata)
    drawn: list[float | None] = []
    if value is not None and np.bincount(stratum).min() > 1:
        resamples = design.resamples or max(200, min(RESAMPLES, RESAMPLES * 10_000 // len(rows)))
        drawn = [_error(row) for row in replace(design, resamples=resamples).sums(rows)]
    return basic_interval(value, drawn, bounds=(0.0, 1.0), level=design.level, n=len(rows), seed=design.seed)


def _binned(p: FloatArray, bins: int, binning: Binning) -> tuple[FloatArray, IntArray]:
    """Return the edges of the bins and the bin of each probability."""
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    if binning not in ("width", "count"):
        raise ValueError(f"binning must be width or count, not {binning!r}")
    steps = np.linspace(0, 1, bins + 1)
    edges = steps if binning == "width" or not len(p) else np.quantile(p, steps)
    return edges, np.searchsorted(edges[1:-1], p, side="left")


def _gaps(y: BoolArray, p: FloatArray, w: FloatArray, bins: int, binning: Binning) -> FloatArray:
    """Return what each record adds: w(p − y) in the column of its bin, and w in the last one."""
    rows = np.zeros((len(p), bins + 1))
    rows[np.arange(len(p)), _binned(p, bins, binning)[1]] = w * (p - y)
    rows[:, -1] = w
    return rows


def _error(sums: FloatArray) -> float | None:
    """Return the expected calibration error from the sums of such rows."""
    return float(np.abs(sums[:-1]).sum() / sums[-1]) if sums[-1] > 0 else None


def _checked(
    truth: ArrayLike, probability: ArrayLike, weights: ArrayLike | None
) -> tuple[BoolArray, FloatArray, FloatArray]:
    y = as_booleans(truth, "truth")
    p = np.asarray(probability, dtype=float)
    if p.shape != y.shape:
        raise ValueError(f"probability must have shape {y.shape}, not {p.shape}")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("probabilities must lie in [0, 1]")
    return y, p, check_weights(weights, len(y))
