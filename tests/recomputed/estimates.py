"""Point estimates and intervals, from statsmodels, scikit-learn, SciPy and the published formulas."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from sklearn.metrics import average_precision_score, balanced_accuracy_score, matthews_corrcoef, roc_auc_score
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

Found = dict[str, Any]
LEVEL, SEED, RESAMPLES, LEAST_DEFINED = 0.95, 20250101, 2000, 0.9
Z = float(norm.ppf(0.975))


def told(value: float | None, low: float | None = None, high: float | None = None, n: float | None = None,
         seed: int | None = None, resamples: int | None = None) -> Found:  # fmt: skip
    return {"value": value, "low": low, "high": high, "n": n, "level": LEVEL, "seed": seed, "resamples": resamples}


def limits(one: Found) -> Found:
    return {key: one[key] for key in ("value", "low", "high")}


def wilson(successes: float, n: float) -> Found:
    if n == 0:
        return told(None, n=0)
    low, high = proportion_confint(successes, n, alpha=1 - LEVEL, method="wilson")
    return told(successes / n, float(low), float(high), n)


def percentile(value: float | None, drawn: ArrayLike, n: float) -> Found:
    """The percentile interval of values of which NaN says `not defined`."""
    values = np.asarray(drawn, dtype=float)
    defined = values[~np.isnan(values)]
    low = high = None
    if value is not None and len(defined) and len(defined) >= LEAST_DEFINED * len(values):
        low, high = (float(x) for x in np.quantile(defined, [0.025, 0.975]))
    return told(value, low, high, n, SEED, len(defined))


def basic(value: float, drawn: ArrayLike, n: float) -> Found:
    """The basic interval of a share: quantiles mirrored at the value; none where nothing differs or nothing is left."""
    found = percentile(value, drawn, n)
    low, high = max(0.0, 2 * value - found["high"]), min(1.0, 2 * value - found["low"])
    differs = found["high"] - found["low"] > 1e-12
    return found | ({"low": low, "high": high} if differs and low < high else {"low": None, "high": None})


def redrawn_sums(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Sums of `rows` over resamples: how often each different row is drawn is multinomial."""
    kinds, counts = np.unique(rows, axis=0, return_counts=True)
    drawn = np.random.default_rng(SEED).multinomial(len(rows), counts / len(rows), size=RESAMPLES)
    return np.asarray(drawn @ kinds, dtype=float)


def redrawn_records(n: int) -> Iterator[NDArray[np.intp]]:
    generator = np.random.default_rng(SEED)
    for _ in range(RESAMPLES):
        yield generator.integers(n, size=n)


# -- decisions --------------------------------------------------------------------------------------------------------


def cells(truth: Sequence[bool], kept: Sequence[bool]) -> tuple[int, int, int, int]:
    pairs = list(zip(truth, kept, strict=True))
    return tuple(pairs.count(one) for one in ((True, True), (False, True), (True, False), (False, False)))  # type: ignore[return-value]


def _f(beta: float) -> Callable[..., float]:
    def score(tp: float, fp: float, fn: float, tn: float) -> float:
        if tp + fp + fn == 0:
            return math.nan
        if tp == 0:
            return 0.0
        precision, recall = tp / (tp + fp), tp / (tp + fn)
        return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)

    return score


def _balanced(tp: float, fp: float, fn: float, tn: float) -> float:
    return (tp / (tp + fn) + tn / (tn + fp)) / 2 if tp + fn and tn + fp else math.nan


def _mcc(tp: float, fp: float, fn: float, tn: float) -> float:
    """The correlation of the two indicators: covariance over both standard deviations."""
    n, kept, relevant = tp + fp + fn + tn, tp + fp, tp + fn
    if not (0 < kept < n and 0 < relevant < n):
        return math.nan
    covariance = tp / n - kept / n * relevant / n
    spread = math.sqrt(kept / n * (1 - kept / n)) * math.sqrt(relevant / n * (1 - relevant / n))
    return covariance / spread


def _wmcc(tp: float, fp: float, fn: float, tn: float) -> float:
    return _mcc(10 * tp, fp, 10 * fn, tn)


COMPOSITES: dict[str, Callable[..., float]] = {
    "balanced_accuracy": _balanced, "f1": _f(1), "f2": _f(2), "mcc": _mcc, "wmcc": _wmcc,
}  # fmt: skip


def decisions(truth: Sequence[bool], kept: Sequence[bool]) -> dict[str, Found]:
    """All figures of decisions against a reference, none of which carries a weight."""
    tp, fp, fn, tn = cells(truth, kept)
    n = tp + fp + fn + tn
    found = {
        "recall": wilson(tp, tp + fn),
        "specificity": wilson(tn, tn + fp),
        "precision": wilson(tp, tp + fp),
        "npv": wilson(tn, tn + fn),
        "accuracy": wilson(tp + tn, n),
    }
    order = {(True, True): 0, (False, True): 1, (True, False): 2, (False, False): 3}
    indicator = np.eye(4)[[order[pair] for pair in zip(truth, kept, strict=True)]]
    sums = redrawn_sums(indicator)
    for name, figure in COMPOSITES.items():
        value = figure(tp, fp, fn, tn)
        drawn = [figure(*row) for row in sums.tolist()]
        found[name] = percentile(None if math.isnan(value) else value, drawn, n)
    if found["mcc"]["value"] is not None:  # a second opinion on the point estimates
        assert math.isclose(found["mcc"]["value"], matthews_corrcoef(truth, kept), abs_tol=1e-12)
        assert math.isclose(found["balanced_accuracy"]["value"], balanced_accuracy_score(truth, kept), abs_tol=1e-12)
    table = np.array([[tp, fp], [fn, tn]])
    return found | {"kappa": kappa(table), "pabak": pabak(table), "ac1": ac1(table)}


# -- agreement --------------------------------------------------------------------------------------------------------


def crossed(first: Sequence[Any], second: Sequence[Any], categories: Sequence[Any]) -> NDArray[np.int64]:
    pairs = list(zip(first, second, strict=True))
    return np.array([[pairs.count((a, b)) for b in categories] for a in categories])


def kappa(table: NDArray[Any], weights: str | None = None) -> Found:
    n = int(table.sum())
    margins = table.sum(axis=0) + table.sum(axis=1)
    if n == 0 or (margins > 0).sum() < 2:
        return told(None, n=n)
    if np.trace(table) == n:
        return told(1.0, 1.0, 1.0, n)
    found = cohens_kappa(table, wt=weights)
    value, variance = float(found.kappa), float(found.var_kappa)
    # Where one rater says the same of all, the variance is 0 but for rounding, also below it.
    error = math.sqrt(variance) if variance > 1e-13 else 0.0
    return told(value, max(-1.0, value - Z * error), min(1.0, value + Z * error), n)


def pabak(table: NDArray[Any]) -> Found:
    k, raw = len(table), wilson(int(np.trace(table)), int(table.sum()))
    if raw["value"] is None:
        return raw
    return raw | {key: raw[key] * k / (k - 1) - 1 / (k - 1) for key in ("value", "low", "high")}


def ac1(table: NDArray[Any]) -> Found:
    """Gwet 2008: the variance is that of what each record adds to the coefficient."""
    n, q = int(table.sum()), len(table)
    if n == 0:
        return told(None, n=0)
    share = [(table[k].sum() + table[:, k].sum()) / (2 * n) for k in range(q)]
    expected = sum(p * (1 - p) for p in share) / (q - 1)
    observed = float(np.trace(table)) / n
    value = (observed - expected) / (1 - expected)
    adds = []
    for i in range(q):
        for j in range(q):
            chance = (1 - (share[i] + share[j]) / 2) / (q - 1)
            adds += [((i == j) - 2 * (1 - value) * chance)] * int(table[i, j])
    variance = float(np.var(adds)) / (n * (1 - expected) ** 2)
    half = Z * math.sqrt(variance if variance > 1e-15 else 0.0)
    return told(value, max(-1.0, value - half), min(1.0, value + half), n)


def specific(table: NDArray[Any], category: int) -> Found:
    """Agreement on one of two categories, with the delta method: d/d(both) and d/d(one) of 2·both/(2·both + one)."""
    both = int(table[category, category])
    one = int(table.sum() - np.trace(table))
    if 2 * both + one == 0:
        return told(None, n=0)
    n, whole = both + one, 2 * both + one
    value = 2 * both / whole
    slopes = 2 * one / whole**2, -2 * both / whole**2
    # Both and one are a binomial's two counts among n.
    spread = both * one / n
    error = math.sqrt(spread) * abs(slopes[0] - slopes[1])
    return told(value, max(0.0, value - Z * error), min(1.0, value + Z * error), n)


def agreement(first: Sequence[Any], second: Sequence[Any], categories: Sequence[Any]) -> dict[str, Found]:
    table = crossed(first, second, categories)
    found = {"raw": wilson(int(np.trace(table)), int(table.sum()))}
    if len(categories) == 2:
        found |= {"positive": specific(table, 0), "negative": specific(table, 1)}
    found |= {"kappa": kappa(table), "pabak": pabak(table), "ac1": ac1(table)}
    if len(categories) > 2:
        found |= {f"kappa_{name}": kappa(table, name) for name in ("linear", "quadratic")}
    return found


def krippendorff(counts: NDArray[Any]) -> Found:
    """Nominal α of units × categories, by the coincidences within units."""
    counts = counts[counts.sum(axis=1) > 1].astype(float)
    k = counts.shape[1]
    rows = []
    for unit in counts:
        pairs = np.outer(unit, unit) - np.diag(unit)
        rows.append((pairs / (unit.sum() - 1)).ravel())

    def alpha(flat: NDArray[Any]) -> float:
        coincidence = flat.reshape(k, k)
        margins, n = coincidence.sum(axis=0), coincidence.sum()
        expected = n**2 - (margins**2).sum()
        return 1 - (n - 1) * (n - np.trace(coincidence)) / expected if expected > 1e-12 else math.nan

    matrix = np.array(rows)
    value = alpha(matrix.sum(axis=0))
    return percentile(None if math.isnan(value) else value, [alpha(row) for row in redrawn_sums(matrix)], len(counts))


def fleiss(counts: NDArray[Any]) -> Found:
    counts, m = counts.astype(float), counts[0].sum()
    agreeing = ((counts**2).sum(axis=1) - m) / (m * (m - 1))
    matrix = np.column_stack([counts, np.ones(len(counts)), agreeing])

    def figure(row: NDArray[Any]) -> float:
        units, observed = row[-2], row[-1] / row[-2]
        expected = float(((row[:-2] / (units * m)) ** 2).sum())
        return (observed - expected) / (1 - expected) if 1 - expected > 1e-12 else math.nan

    value = figure(matrix.sum(axis=0))
    return percentile(None if math.isnan(value) else value, [figure(row) for row in redrawn_sums(matrix)], len(counts))


# -- rankings ---------------------------------------------------------------------------------------------------------


def delong(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> Found:
    positive, negative = score[truth], score[~truth]
    if not len(positive) or not len(negative):
        return told(None, n=len(score))
    wins = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
    value = float(roc_auc_score(truth, score))
    if len(positive) < 2 or len(negative) < 2:
        return told(value, n=len(score))
    variance = wins.mean(axis=1).var(ddof=1) / len(positive) + wins.mean(axis=0).var(ddof=1) / len(negative)
    half = Z * math.sqrt(variance)
    return told(value, max(0.0, value - half), min(1.0, value + half), len(score))


def _place_of_recall(truth: NDArray[np.bool_], score: NDArray[np.float64], share: float = 0.95) -> tuple[float, int]:
    """The place at which a share of the relevant is found, expected over the orders of what is tied; and how many those are."""
    needed = math.ceil(share * int(truth.sum()) - 1e-9)
    seen = found = 0
    for value in sorted(set(score.tolist()), reverse=True):
        tied = score == value
        size, hits = int(tied.sum()), int(truth[tied].sum())
        if found + hits >= needed:
            return seen + (needed - found) * (size + 1) / (hits + 1), needed
        seen, found = seen + size, found + hits
    raise AssertionError("all are found at the end")


def _wss(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    return 0.95 - _place_of_recall(truth, score)[0] / len(truth) if truth.any() else math.nan


def _tnr(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    if not truth.any() or truth.all():
        return math.nan
    place, needed = _place_of_recall(truth, score)
    return 1 - (place - needed) / int((~truth).sum())


def _average_precision(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    return float(average_precision_score(truth, score)) if truth.any() else math.nan


def ranking(truth: Sequence[bool], scores: Sequence[float]) -> dict[str, Found]:
    y, s = np.array(truth, dtype=bool), np.array(scores, dtype=float)
    area = delong(y, s)
    loss = area | {
        key: None if area[other] is None else 1 - area[other]
        for key, other in (("value", "value"), ("low", "high"), ("high", "low"))
    }
    found = {"auroc": area, "ranking_loss": loss}
    draws = [(y[index], s[index]) for index in redrawn_records(len(y))]
    for name, figure in (("average_precision", _average_precision), ("wss95", _wss), ("tnr95", _tnr)):
        value = figure(y, s)
        found[name] = percentile(None if math.isnan(value) else value, [figure(*draw) for draw in draws], len(y))
    return found


def curve(truth: Sequence[bool], scores: Sequence[float]) -> Found | None:
    y, s = np.array(truth, dtype=bool), np.array(scores, dtype=float)
    if not y.any():
        return None
    levels = sorted(set(s.tolist()), reverse=True)
    screened = [0, *(int((s >= level).sum()) for level in levels)]
    recall = [0.0, *(float(y[s >= level].sum() / y.sum()) for level in levels)]
    reached = [{"recall": share, "screened": _place_of_recall(y, s, share)[0]} for share in (0.5, 0.75, 0.9, 0.95, 1.0)]
    return {"n": len(y), "relevant": int(y.sum()), "screened": screened, "recall": recall, "reached": reached}


# -- calibration ------------------------------------------------------------------------------------------------------


def calibration(truth: Sequence[bool], scores: Sequence[float]) -> Found:
    y, p = np.array(truth, dtype=float), np.array(scores, dtype=float)
    squares = (p - y) ** 2
    mean = float(squares.mean())
    half = Z * float(squares.std(ddof=1)) / math.sqrt(len(y)) if len(y) > 1 else None
    bins, gaps = [], []
    for tenth in range(10):
        low, high = tenth / 10, (tenth + 1) / 10
        edge = np.linspace(0, 1, 11)
        here = (p > edge[tenth]) & (p <= edge[tenth + 1]) | ((tenth == 0) & (p == 0))
        if here.any():
            observed = wilson(float(y[here].sum()), int(here.sum()))
            bins.append(
                {
                    "low": low,
                    "high": high,
                    "n": int(here.sum()),
                    "predicted": float(p[here].mean()),
                    "observed": observed,
                }
            )
            gaps.append(here.sum() / len(y) * abs(p[here].mean() - y[here].mean()))
    brier = told(mean, n=len(y)) if half is None else told(mean, max(0.0, mean - half), min(1.0, mean + half), len(y))
    return {"n": len(y), "brier": brier, "ece": _ece(y, p, float(sum(gaps))), "bins": bins}


def _ece(y: NDArray[Any], p: NDArray[Any], value: float) -> Found:
    """The error of resamples whose records keep their bins, with the value that was found bin by bin."""
    if len(y) < 2:
        return told(value, n=len(y), seed=SEED, resamples=0)
    rows = np.zeros((len(y), 11))
    rows[:, 10] = 1
    for row, truth, chance in zip(rows, y, p, strict=True):
        edge = np.linspace(0, 1, 11)
        row[max(int((edge < chance).sum()) - 1, 0)] = chance - truth
    return basic(value, [np.abs(sums[:10]).sum() / sums[10] for sums in redrawn_sums(rows)], len(y))
