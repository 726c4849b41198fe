"""Scored items of many studies in figures: by item, over all items (micro), and as mean over items (macro).

Every interval is a bootstrap that draws whole studies. What is not defined is None, never NaN.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .bootstrap import RESAMPLES, SEED, resampled_sums
from .clustered import percentile, ratio, ratio_by_study, share
from .intervals import Estimate, FloatArray
from .items import ComparedItem, Outcome, ScoredItem

OUTCOMES = ("correct", "wrong", "missed", "fabricated", "not_reported", "unclear")


@dataclass(frozen=True, slots=True)
class ItemTally:
    """Counts of items by outcome."""

    correct: int = 0
    wrong: int = 0
    missed: int = 0
    fabricated: int = 0
    not_reported: int = 0
    unclear: int = 0
    unclear_expected: int = 0
    """Of `unclear`, those of which gold reports a value."""
    unscored: int = 0

    @property
    def scored(self) -> int:
        """Return all but the unscored."""
        return sum(self.counts.values())

    @property
    def expected(self) -> int:
        """Return the items of which gold reports a value."""
        return self.correct + self.wrong + self.missed + self.unclear_expected

    @property
    def counts(self) -> dict[str, int]:
        """Return the six outcomes of scored items, by name."""
        return {name: getattr(self, name) for name in OUTCOMES}


@dataclass(frozen=True)
class ItemScores:
    """The figures of one item, or of all together."""

    tally: ItemTally
    figures: dict[str, Estimate]
    """Keys and formulas: see `FIGURES`."""
    sets: dict[str, Estimate] | None
    """For items that are sets, see `SET_FIGURES`; None where no set was scored."""


@dataclass(frozen=True)
class ExtractionScores:
    """The figures of an extraction. `items` are by name, worst first: smallest F1, then most items not right."""

    studies: int
    items: dict[str, ItemScores]
    micro: ItemScores
    macro: dict[str, Estimate]
    """Mean of each figure over the items for which it is defined; `n` is their number."""


# The columns of a study's row for one item: the fields of ItemTally, then the sums over sets.
_TALLY = ("correct", "wrong", "missed", "fabricated", "not_reported", "unclear", "unclear_expected", "unscored")
_SET_SUMS = ("shared", "extracted", "gold", "union", "size", "p", "ps", "r", "rs", "f", "fs", "j", "js")
_COLUMNS = _TALLY + _SET_SUMS
_AT = {name: index for index, name in enumerate(_COLUMNS)}

FIGURES: dict[str, tuple[str, str]] = {
    "accuracy": ("correct not_reported", "correct wrong missed fabricated not_reported unclear"),
    "value_accuracy": ("correct", "correct wrong"),
    "precision": ("correct", "correct wrong fabricated"),
    "recall": ("correct", "correct wrong missed unclear_expected"),
    "f1": ("correct correct", "correct wrong fabricated correct wrong missed unclear_expected"),
}
"""Each figure as numerator and denominator, sums of counts. F1 = 2PR/(P+R) = 2·correct / (both denominators together),
0 where nothing is correct. Source of F1: van Rijsbergen 1979, Information Retrieval, ch. 7."""

SET_FIGURES: dict[str, tuple[str, str]] = {
    "precision": ("p", "ps"),
    "recall": ("r", "rs"),
    "f1": ("f", "fs"),
    "jaccard": ("j", "js"),
    "micro_precision": ("shared", "extracted"),
    "micro_recall": ("shared", "gold"),
    "micro_f1": ("shared shared", "extracted gold"),
    "micro_jaccard": ("shared", "union"),
}
"""Members in common over those extracted (precision), in gold (recall), in either (Jaccard): as the mean over the sets
for which each is defined, and over all sets together (micro). A missed or unclear set is extracted as empty, a
fabricated one is empty in gold. Source of Jaccard: Jaccard 1912, New Phytol 11:37."""

_COMPOSITES = ("f1", "micro_f1", "micro_jaccard")  # ratios whose denominator does not count units


def score_extraction(
    studies: Iterable[Sequence[ScoredItem]],
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> ExtractionScores:
    """Return all figures of an extraction; `studies` has the `score_items` of one study each.

    Shares of 0 or 1 have Wilson's interval on the effective number of studies (`ratio_by_study`); macro figures, F1 and
    figures of sets are bootstrapped throughout, so that they may be `flat`. No interval where there is one study only,
    or where more than a tenth of the resamples leave the figure undefined (items scored in few studies).
    """
    scored = [list(study) for study in studies]
    names = sorted({item.name for study in scored for item in study})
    rows = _rows(scored, names)
    n, d = len(scored), len(_COLUMNS)
    flat = rows.reshape(n, len(names) * d)
    draws = resampled_sums(flat, resamples=resamples, seed=seed) if flat.size else np.zeros((resamples, flat.shape[1]))
    sums = draws.reshape(resamples, len(names), d)
    items = {
        name: _scores(rows[:, i], sums[:, i], level=level, seed=seed)
        for i, name in enumerate(names)
    }  # fmt: skip
    return ExtractionScores(
        studies=n,
        items=dict(sorted(items.items(), key=_badness)),
        micro=_scores(rows.sum(axis=1), sums.sum(axis=1), level=level, seed=seed),
        macro={figure: _macro(rows, sums, figure, level=level, seed=seed) for figure in FIGURES},
    )


def item_agreement(
    studies: Iterable[Sequence[ComparedItem]],
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[Estimate, dict[str, Estimate]]:
    """Return the share of items on which two reviewers say the same: over all, and by item, least agreement first.

    `studies` has the `compare_items` of one study each; intervals as in `ratio_by_study`.
    """
    compared = [list(study) for study in studies]

    def agreement(name: str | None) -> Estimate:
        same = [[item.same for item in study if name in (None, item.name)] for study in compared]
        counts = [len(study) for study in same]
        return ratio_by_study([sum(s) for s in same], counts, level=level, resamples=resamples, seed=seed)

    by_item = {name: agreement(name) for name in sorted({item.name for study in compared for item in study})}
    return agreement(None), dict(sorted(by_item.items(), key=lambda item: (item[1].value or 0.0, item[0])))


def _rows(studies: Sequence[Sequence[ScoredItem]], names: Sequence[str]) -> FloatArray:
    """Return the sums by study, item and column."""
    at = {name: index for index, name in enumerate(names)}
    rows = np.zeros((len(studies), len(names), len(_COLUMNS)))
    for study, items in enumerate(studies):
        for item in items:
            row = rows[study, at[item.name]]
            row[_AT[item.outcome]] += 1
            if item.outcome is Outcome.UNCLEAR and item.expected:
                row[_AT["unclear_expected"]] += 1
            for column, number in _set_sums(item).items():
                row[_AT[column]] += number
    return rows


def _set_sums(item: ScoredItem) -> dict[str, float]:
    if item.members is None:
        return {}
    shared, extracted, gold = item.members.shared, item.members.extracted, item.members.gold
    union = extracted + gold - shared
    sums: dict[str, float] = {"shared": shared, "extracted": extracted, "gold": gold, "union": union, "size": 1}
    figures = {"p": (shared, extracted), "r": (shared, gold), "f": (2 * shared, extracted + gold), "j": (shared, union)}
    for name, (top, bottom) in figures.items():
        if bottom:
            sums |= {name: top / bottom, f"{name}s": 1}
    return sums


def _scores(rows: FloatArray, sums: FloatArray, *, level: float, seed: int) -> ItemScores:
    """Return the figures from rows (studies × columns) and their resampled sums (resamples × columns)."""

    def estimate(top: str, bottom: str, proportion: bool) -> Estimate:
        drawn = ratio(_add(sums, top), _add(sums, bottom))
        return share(_add(rows, top), _add(rows, bottom), drawn, level=level, seed=seed, proportion=proportion)

    total = rows.sum(axis=0)
    tally = ItemTally(**{name: int(total[_AT[name]]) for name in _TALLY})
    figures = {name: estimate(*formula, name not in _COMPOSITES) for name, formula in FIGURES.items()}
    sets = {name: estimate(*formula, False) for name, formula in SET_FIGURES.items()} if total[_AT["size"]] else None
    return ItemScores(tally, figures, sets)


def _macro(rows: FloatArray, sums: FloatArray, figure: str, *, level: float, seed: int) -> Estimate:
    top, bottom = FIGURES[figure]
    total = rows.sum(axis=0)
    values, n = _mean(ratio(_add(total, top), _add(total, bottom))[None, :])
    drawn, _ = _mean(ratio(_add(sums, top), _add(sums, bottom)))
    value = None if np.isnan(values[0]) else float(values[0])
    return percentile(value, drawn, studies=len(rows), n=float(n[0]), level=level, seed=seed)


def _mean(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean of each row over what is defined, and how many those are."""
    number = (~np.isnan(values)).sum(axis=1).astype(float)
    return ratio(np.nansum(values, axis=1), number), number


def _add(array: FloatArray, columns: str) -> FloatArray:
    """Return the sum of the named columns, which may repeat, along the last axis."""
    picked: FloatArray = array[..., [_AT[column] for column in columns.split()]].sum(axis=-1)
    return picked


def _badness(item: tuple[str, ItemScores]) -> tuple[bool, float, int, str]:
    name, scores = item
    tally, f1 = scores.tally, scores.figures["f1"].value
    errors = tally.wrong + tally.missed + tally.fabricated + tally.unclear
    return f1 is None, f1 or 0.0, -errors, name
