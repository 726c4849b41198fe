"""The confusion table of two yes/no judgements and the figures drawn from it.

Positive means: kept by the reviewer, relevant by the reference. Every figure is None where its formula divides by zero.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .intervals import FloatArray, check_weights

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of records by reference and reviewer; sums of weights where the records carry weights."""

    tp: float
    """Relevant and kept."""
    fp: float
    """Not relevant and kept."""
    fn: float
    """Relevant and excluded: a missed study."""
    tn: float
    """Not relevant and excluded."""

    def __post_init__(self) -> None:
        """Reject cells that are negative, infinite or NaN."""
        for name, cell in (("tp", self.tp), ("fp", self.fp), ("fn", self.fn), ("tn", self.tn)):
            if not (math.isfinite(cell) and cell >= 0):
                raise ValueError(f"{name} must be finite and not negative, got {cell}")

    @classmethod
    def of(cls, truth: ArrayLike, predicted: ArrayLike, weights: ArrayLike | None = None) -> Self:
        """Count n records: `truth` and `predicted` are booleans (or 0/1), `weights` sampling weights (1/probability).

        Cells are ints without weights and floats with them. Raises ValueError for shapes that differ, for values
        other than 0 and 1 (map `unclear` first), and for negative weights.
        """
        cell = confusion_cells(truth, predicted)
        if weights is None:
            return cls(*(int(count) for count in np.bincount(cell, minlength=4)))
        sums = np.bincount(cell, weights=check_weights(weights, len(cell)), minlength=4)
        return cls(*(float(total) for total in sums))

    @property
    def n(self) -> float:
        """Return the number of records."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def table(self) -> FloatArray:
        """Return the 2 × 2 table [[tp, fp], [fn, tn]], rows the reviewer, columns the reference, positive first."""
        return np.array([[self.tp, self.fp], [self.fn, self.tn]], dtype=float)


ConfusionMetric = Callable[[Confusion], float | None]


def confusion_cells(truth: ArrayLike, predicted: ArrayLike) -> NDArray[np.intp]:
    """Return the cell of each record: 0 tp, 1 fp, 2 fn, 3 tn (the order of `Confusion`'s fields)."""
    t, p = as_booleans(truth, "truth"), as_booleans(predicted, "predicted")
    if t.shape != p.shape:
        raise ValueError(f"truth and predicted differ in length: {len(t)} and {len(p)}")
    return np.where(p, np.where(t, 0, 1), np.where(t, 2, 3)).astype(np.intp)


def as_booleans(values: ArrayLike, name: str) -> BoolArray:
    """Return a one-dimensional boolean array; raise ValueError for anything but booleans, 0 and 1."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not {array.ndim}")
    if array.dtype != np.bool_ and not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name} must hold booleans or 0 and 1")
    return array.astype(bool)


def recall(c: Confusion) -> float | None:
    """Return the share of relevant records that were kept, TP/(TP+FN); sensitivity. None without relevant records."""
    return _ratio(c.tp, c.tp + c.fn)


def specificity(c: Confusion) -> float | None:
    """Return the share of other records that were excluded, TN/(TN+FP). None without such records."""
    return _ratio(c.tn, c.tn + c.fp)


def precision(c: Confusion) -> float | None:
    """Return the share of kept records that are relevant, TP/(TP+FP). None where nothing was kept."""
    return _ratio(c.tp, c.tp + c.fp)


def npv(c: Confusion) -> float | None:
    """Negative predictive value, TN/(TN+FN): share of excluded records rightly excluded. None if none was excluded."""
    return _ratio(c.tn, c.tn + c.fn)


def accuracy(c: Confusion) -> float | None:
    """Return the share of records judged as the reference does, (TP+TN)/n. None without records."""
    return _ratio(c.tp + c.tn, c.n)


def balanced_accuracy(c: Confusion) -> float | None:
    """Return the mean of recall and specificity. None where either is.

    Source: Brodersen et al. 2010, ICPR, p. 3121.
    """
    sensitivity, spec = recall(c), specificity(c)
    return None if sensitivity is None or spec is None else (sensitivity + spec) / 2


def fbeta(c: Confusion, beta: float) -> float | None:
    """F_β = (1+β²)PR/(β²P+R) = (1+β²)TP/((1+β²)TP + β²FN + FP); recall counts β times as much as precision.

    Source: van Rijsbergen 1979, Information Retrieval, ch. 7. 0 where nothing relevant was kept; None where there is
    neither a relevant nor a kept record. Raises ValueError unless β > 0.
    """
    if not beta > 0:
        raise ValueError(f"beta must be positive, got {beta}")
    b = beta * beta
    return _ratio((1 + b) * c.tp, (1 + b) * c.tp + b * c.fn + c.fp)


def f1(c: Confusion) -> float | None:
    """F₁ = 2PR/(P+R), the harmonic mean of precision and recall; see `fbeta`."""
    return fbeta(c, 1)


def f2(c: Confusion) -> float | None:
    """F₂ = 5PR/(4P+R): recall counts twice as much as precision; see `fbeta`."""
    return fbeta(c, 2)


def mcc(c: Confusion) -> float | None:
    """Matthews correlation, (TP·TN − FP·FN)/√((TP+FP)(TP+FN)(TN+FP)(TN+FN)), in [−1, 1].

    Not rescaled to [0, 1]. Source: Matthews 1975, Biochim Biophys Acta 405:442; Chicco & Jurman 2020, BMC Genomics
    21:6. None where a row or column of the table is empty: the correlation with a constant is not defined (scikit-learn
    prints 0 there).
    """
    margins = (c.tp + c.fp, c.tp + c.fn, c.tn + c.fp, c.tn + c.fn)
    if min(margins) <= 0:
        return None
    # A square's root is exact, so that perfect agreement gives 1 and not a hair less in some resamples.
    value = (c.tp * c.tn - c.fp * c.fn) / (math.sqrt(margins[0] * margins[1]) * math.sqrt(margins[2] * margins[3]))
    return max(-1.0, min(1.0, value))


def wmcc(c: Confusion, weight: float = 10) -> float | None:
    """Weighted MCC: `mcc` of the table in which each relevant record (TP and FN alike) counts `weight` times.

    So a missed study costs `weight` times as much as a record kept in vain, and chance still scores 0. weight = 1 is
    `mcc`; the default of 10 is the paper's. None where `mcc` is. Raises ValueError unless weight > 0.
    Source: Madeyski, Kitchenham & Shepperd 2026 (LLM4SCREENLIT), Inf Softw Technol 198:108204, equation 6
    (arXiv:2511.12635; R package reproducer, compute_wmcc).
    """
    if not weight > 0:
        raise ValueError(f"weight must be positive, got {weight}")
    return mcc(Confusion(tp=weight * c.tp, fp=c.fp, fn=weight * c.fn, tn=c.tn))


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator > 0 else None
