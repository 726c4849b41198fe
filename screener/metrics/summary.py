"""All figures of a reviewer at once, each with the interval that suits it."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .agreement import cohen_kappa, contingency, gwet_ac1, negative_agreement, pabak, positive_agreement, raw_agreement
from .bootstrap import IntArray, percentile_interval
from .confusion import (
    Confusion,
    ConfusionMetric,
    accuracy,
    as_booleans,
    balanced_accuracy,
    confusion_cells,
    f1,
    f2,
    mcc,
    npv,
    precision,
    recall,
    specificity,
    wmcc,
)
from .design import SIMPLE, Design
from .intervals import Estimate, FloatArray, check_weights, effective_n, wilson
from .ranking import Ranking, auroc, auroc_delong, average_precision, ranking_loss, tnr, total, wss

# Proportions: the metric, and which cells (tp, fp, fn, tn) make its numerator and its denominator.
_PROPORTIONS: dict[str, tuple[ConfusionMetric, tuple[int, ...], tuple[int, ...]]] = {
    "recall": (recall, (0,), (0, 2)),
    "specificity": (specificity, (3,), (1, 3)),
    "precision": (precision, (0,), (0, 1)),
    "npv": (npv, (3,), (2, 3)),
    "accuracy": (accuracy, (0, 3), (0, 1, 2, 3)),
}
_COMPOSITES: dict[str, ConfusionMetric] = {
    "balanced_accuracy": balanced_accuracy,
    "f1": f1,
    "f2": f2,
    "mcc": mcc,
    "wmcc": wmcc,
}
_AGREEMENT: dict[str, Callable[..., Estimate]] = {"kappa": cohen_kappa, "pabak": pabak, "ac1": gwet_ac1}
_RANKING: dict[str, Callable[[Ranking], float | None]] = {
    "auroc": auroc,
    "average_precision": average_precision,
    "wss95": wss,
    "tnr95": tnr,
    "ranking_loss": ranking_loss,
}
_DELONG = ("auroc", "ranking_loss")


def screening_estimates(
    truth: ArrayLike,
    predicted: ArrayLike,
    design: Design = SIMPLE,
    *,
    only: Collection[str] | None = None,
) -> dict[str, Estimate]:
    """Return the figures of n yes/no decisions against the reference.

    Keys, all or `only` some of them: recall, specificity, precision, npv, accuracy (Wilson); balanced_accuracy, f1, f2,
    mcc, wmcc (bootstrap); kappa, pabak, ac1 (closed form). With a `design` that is not simple every interval is a
    bootstrap that respects them, save that of a proportion observed as 0 or 1: there a bootstrap has no width, and
    Wilson's interval on the effective sample size (clusters as wholes) takes its place. What is left out changes no
    other figure.
    """
    cells = confusion_cells(truth, predicted)
    table = Confusion.of(truth, predicted, design.weights)
    w = check_weights(design.weights, len(cells))

    @cache
    def tables() -> tuple[list[Confusion], IntArray]:
        """Return the tables that the resamples have, each once, and which of them each has: many have the same."""
        rows = np.eye(4)[cells] * w[:, None]
        distinct, which = np.unique(design.sums(rows), axis=0, return_inverse=True)
        return [Confusion(*map(float, row)) for row in distinct], which.reshape(-1)

    def resampled(metric: ConfusionMetric) -> Estimate:
        distinct, which = tables()
        drawn = np.array([metric(one) for one in distinct], dtype=float)[which]
        return percentile_interval(metric(table), drawn, level=design.level, n=len(cells), seed=design.seed)

    def proportion(metric: ConfusionMetric, top: tuple[int, ...], bottom: tuple[int, ...]) -> Estimate:
        value, counted = metric(table), np.isin(cells, bottom)
        if design.simple:
            return wilson(int(np.isin(cells, top).sum()), int(counted.sum()), level=design.level)
        if value is not None and value in (0.0, 1.0):
            clusters = None if design.clusters is None else np.asarray(design.clusters)[counted]
            n = effective_n(_totals(w[counted], clusters))
            return wilson(n * value, n, level=design.level)
        return replace(resampled(metric), n=int(counted.sum()))

    def coefficient(figure: Callable[..., Estimate]) -> Estimate:
        return figure(table.table, level=design.level) if design.simple else resampled(partial(_value_of, figure))

    estimates: dict[str, Callable[[], Estimate]] = {
        name: partial(proportion, *parts) for name, parts in _PROPORTIONS.items()
    }
    estimates |= {name: partial(resampled, metric) for name, metric in _COMPOSITES.items()}
    estimates |= {name: partial(coefficient, figure) for name, figure in _AGREEMENT.items()}
    return {name: estimate() for name, estimate in estimates.items() if only is None or name in only}


def agreement_estimates(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    categories: Sequence[Hashable],
    design: Design = SIMPLE,
) -> dict[str, Estimate]:
    """Return the agreement of two raters on n records, in `categories`, the positive one first.

    Keys: raw, kappa, pabak, ac1; with two categories also positive and negative (agreement), with more of them, which
    must be in their order, kappa_linear and kappa_quadratic. Intervals are closed forms; with a
    `design` that is not simple bootstraps that respect it.
    """
    table = contingency(first, second, categories, design.weights)
    k = len(table)
    figures: dict[str, Callable[..., Estimate]] = {"raw": raw_agreement}
    if k == 2:
        figures |= {"positive": positive_agreement, "negative": negative_agreement}
    figures |= _AGREEMENT
    if k > 2:
        figures["kappa_linear"] = partial(cohen_kappa, weights="linear")
        figures["kappa_quadratic"] = partial(cohen_kappa, weights="quadratic")
    if design.simple:
        return {name: figure(table, level=design.level) for name, figure in figures.items()}
    place = {category: i for i, category in enumerate(categories)}
    cells = np.array([place[a] * k + place[b] for a, b in zip(first, second, strict=True)], dtype=np.intp)
    rows = np.eye(k * k)[cells] * check_weights(design.weights, len(cells))[:, None]
    drawn = design.sums(rows).reshape(-1, k, k)
    return {
        name: percentile_interval(
            figure(table).value,
            (figure(resample).value for resample in drawn),
            level=design.level,
            n=len(cells),
            seed=design.seed,
        )
        for name, figure in figures.items()
    }


def ranking_estimates(
    relevant: ArrayLike,
    scores: ArrayLike,
    design: Design = SIMPLE,
) -> dict[str, Estimate]:
    """Return the figures of n records ranked by score, highest first.

    Keys: auroc, ranking_loss (DeLong); average_precision, wss95, tnr95 (bootstrap). With a `design` that
    is not simple all are bootstraps that respect it.
    """
    ranking = Ranking.of(relevant, scores, design.weights)
    label = as_booleans(relevant, "relevant")
    w = check_weights(design.weights, len(label))
    # Sorted once: a resample is then how often each record was drawn, added up within the blocks of tied records.
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    ranked = -np.asarray(scores, dtype=float)[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(order) else order
    of_all, of_hits = w[order], (w * label)[order]
    tied = len(starts) < len(order)
    blocks = len(starts)
    kind = np.searchsorted(starts, place, side="right") - 1 + blocks * label

    def redrawn(index: IntArray) -> Ranking:
        if design.weights is None:
            # Whole numbers add up to the same in any order, so both counts of each block can be taken at once.
            counts = np.bincount(kind[index], minlength=2 * blocks)
            return Ranking(counts[:blocks] + counts[blocks:], counts[blocks:])
        times = np.bincount(place[index], minlength=len(order))
        size, hits = times * of_all, times * of_hits
        return Ranking(np.add.reduceat(size, starts), np.add.reduceat(hits, starts)) if tied else Ranking(size, hits)

    metrics = {name: metric for name, metric in _RANKING.items() if not (design.simple and name in _DELONG)}
    drawn: dict[str, list[float | None]] = {name: [] for name in metrics}
    for index in design.indices(len(label)):
        resampled = redrawn(index)
        for name, metric in metrics.items():
            drawn[name].append(metric(resampled))
    estimates = {
        name: percentile_interval(metric(ranking), drawn[name], level=design.level, n=len(label), seed=design.seed)
        for name, metric in metrics.items()
    }
    if design.simple:
        area = auroc_delong(ranking, level=design.level)
        estimates["auroc"], estimates["ranking_loss"] = area, _complement(area)
    return {name: estimates[name] for name in _RANKING}


def _value_of(coefficient: Callable[..., Estimate], table: Confusion) -> float | None:
    return coefficient(table.table).value


def _totals(weights: FloatArray, clusters: NDArray[np.generic] | None) -> FloatArray:
    """Return the weight of each cluster, or of each record where there are no clusters."""
    if clusters is None:
        return weights
    labels, which = np.unique(clusters, return_inverse=True)
    return total(which, weights, len(labels))


def _complement(estimate: Estimate) -> Estimate:
    """1 − estimate, its limits exchanged."""
    value, low, high = (None if x is None else 1 - x for x in (estimate.value, estimate.high, estimate.low))
    return replace(estimate, value=value, low=low, high=high)
