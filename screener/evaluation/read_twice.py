"""Compare two extractions with gold: two reviewers', or the first two times that one was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..core.errors import BadInput
from ..core.judgement import ItemAnswer, Stage
from ..documents import Report
from ..gold import REVIEWER, GoldItem
from ..ledger import Ledger, Snapshot
from ..ledger.same_meanings import MeaningVerdict, ValuePair, meaning_verdicts
from ..metrics import ItemKind, ItemValue, TwiceReadFigures, TwiceReadItem, score_twice, twice_figures
from ..protocol import Review
from ..stages import form_of
from .extractions import (
    Part,
    extractions,
    gold_studies,
    gold_values,
    kinds_of,
    no_longer_asked,
    values_of,
    without,
)
from .figures import limits
from .other_words import confirmed


@dataclass(frozen=True)
class TwiceReadStudy:
    """Hold one study: its items as both readings have them, and both readings and gold by path."""

    report: Report
    items: tuple[TwiceReadItem, ...]
    first: dict[str, ItemAnswer]
    second: dict[str, ItemAnswer]
    gold: dict[str, GoldItem]


@dataclass(frozen=True)
class AgreementWithGold:
    """Two extractions against gold, over the studies of gold that both have.

    `first` and `second` are the same name where one reviewer was asked twice. `missing` are gold studies that one of the
    two has not.
    """

    first: str
    second: str
    status: Literal["human", "provisional"]
    split: Part
    studies: tuple[TwiceReadStudy, ...]
    scores: TwiceReadFigures
    """By the strict rule: texts in the same words."""
    confirmed: TwiceReadFigures
    """With those right that people confirmed to mean the same as gold's."""
    missing: tuple[str, ...]
    left_out: tuple[str, ...]
    """Items of either that the form no longer has: they are not compared."""

    @property
    def names(self) -> tuple[str, str]:
        """Return what to call the two readings."""
        if self.first != self.second:
            return self.first, self.second
        return f"{self.first} (first time)", f"{self.first} (second time)"

    @property
    def unseen(self) -> list[dict[str, Any]]:
        """Return the items that both say wrongly, which no disagreement shows to anybody, with values and quotes."""
        rows = []
        for study in self.studies:
            for item in study.items:
                if item.same and not item.open and not (item.first_right and item.second_right):
                    answer, gold = study.first.get(item.first or ""), study.gold.get(item.gold or "")
                    rows.append({
                        "id": study.report.id,
                        "item": item.path,
                        "value": answer.value if answer else None,
                        "gold": gold.value if gold else None,
                        "evidence": [evidence.quote for evidence in answer.evidence[:1]] if answer else [],
                        "gold_quote": gold.quote if gold else None,
                    })  # fmt: skip
        return rows

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --stage extraction --compare A B --json` prints it."""
        return {
            "stage": Stage.EXTRACTION.value,
            "compare": [self.first, self.second],
            "repeats": [0, int(self.first == self.second)],
            "reference": REVIEWER,
            "reference_status": self.status,
            "reference_level": "final",
            "split": self.split,
            "n": len(self.studies),
            "items": self.scores.counts,
            "figures": {name: limits(estimate) for name, estimate in self.scores.figures.items()},
            "figures_confirmed": {name: limits(estimate) for name, estimate in self.confirmed.figures.items()},
            "by_item": self.scores.by_item,
            "agree_wrong": self.unseen,
            "missing": list(self.missing),
            "no_longer_asked": list(self.left_out),
        }


def agreement_with_gold(
    source: Ledger | Snapshot, review: Review, first: str, second: str, split: Part = "test"
) -> AgreementWithGold:
    """Compare two reviewers' extractions with gold, or where both are one, those of its first two repeats.

    Judgements that were given after the other's had been seen are left out. Raises `BadInput` without gold, where one has
    extracted nothing, where one reviewer was asked once only, or where both have no study of gold in common.
    """
    if REVIEWER in (first, second):
        raise BadInput("--compare: gold is what the two are measured by; name two other reviewers")
    snapshot, form = Snapshot.of(source), form_of(review)
    if first == second and snapshot.repeats(Stage.EXTRACTION, first) < 2:
        raise BadInput(
            f"--compare: {first} was asked once only; name two reviewers, or run `screener run --stage extraction "
            f"--reviewer {first} --repeats 2` first"
        )
    chosen = gold_studies(snapshot, review, form, split)
    readings = [
        extractions(snapshot, review, first, blind=True),
        extractions(snapshot, review, second, int(first == second), blind=True),
    ]
    removed = no_longer_asked(form, *(judgement.items for reading in readings for judgement in reading.values()))
    kinds = kinds_of(form)
    studies = []
    for name, report in chosen.reports.items():
        if not all(report.id in reading for reading in readings):
            continue
        one, two = (without(reading[report.id].items, removed) for reading in readings)
        gold = dict(chosen.gold.studies[name])
        items = score_twice(values_of(one), values_of(two), gold_values(gold), kinds, form.keys)
        studies.append(TwiceReadStudy(report, items, one, two, gold))
    if not studies:
        raise BadInput(
            f"--compare: of gold's split {split} no study was extracted by both; use --split all, or run them"
        )
    with snapshot.ledger.read() as connection:
        said = meaning_verdicts(connection)
    scores = twice_figures([study.items for study in studies])
    sure = [_with_confirmed(study, kinds, said) for study in studies] if any(v.same for v in said.values()) else None
    compared = {name for study in studies for name in (*study.report.study, study.report.id)}
    return AgreementWithGold(
        first,
        second,
        chosen.gold.spec.status,
        split,
        tuple(studies),
        scores,
        twice_figures(sure) if sure else scores,
        tuple(name for name in chosen.names if chosen.placed[name] not in compared),
        removed,
    )


def _with_confirmed(
    study: TwiceReadStudy, kinds: Mapping[str, ItemKind], said: Mapping[ValuePair, MeaningVerdict]
) -> list[TwiceReadItem]:
    """Return the items of a study with those right that people confirmed to mean the same as gold's."""
    first, second, gold = values_of(study.first), values_of(study.second), gold_values(study.gold)

    def right(item: TwiceReadItem, path: str | None, side: Mapping[str, ItemValue]) -> bool:
        return confirmed(item.name, side.get(path or ""), gold.get(item.gold or ""), kinds, said)

    return [
        replace(
            item,
            first_right=item.first_right or right(item, item.first, first),
            second_right=item.second_right or right(item, item.second, second),
        )
        for item in study.items
    ]
