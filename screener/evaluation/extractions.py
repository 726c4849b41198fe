"""The extractions of a review and its gold: who extracted what from which study, and what the form still asks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from ..core.errors import BadInput
from ..core.judgement import ItemAnswer, Judgement, Stage
from ..documents import Report
from ..forms import FormSpec, ItemField, bare
from ..gold import GoldItem, GoldItems, Split, load_gold_items
from ..ledger import Ledger, Lookup, Snapshot, as_studies, of_member, reports
from ..metrics import ItemKind, ItemValue
from ..protocol import Review
from ..records import Entry, arxiv, doi
from ..stages import Present

Part = Split | Literal["all"]


def kinds_of(form: FormSpec) -> dict[str, ItemKind]:
    """Return the rule by which the values of each item are compared."""
    return {path: _kind(item) for path, item in form.by_path.items()}


def _kind(item: ItemField) -> ItemKind:
    if item.kind in ("codes", "texts"):
        return ItemKind("code" if item.kind == "codes" else "text", many=True)
    return ItemKind({"code": "code", "number": "number", "url": "url", "boolean": "boolean"}.get(item.kind, "text"))  # type: ignore[arg-type]


def values_of(items: Mapping[str, ItemAnswer]) -> dict[str, ItemValue]:
    """Return a judgement's items as the metrics take them."""
    return {path: ItemValue(item.status.value, item.value, item.other) for path, item in items.items()}


def gold_values(items: Mapping[str, GoldItem]) -> dict[str, ItemValue]:
    """Return gold's items of a study as the metrics take them."""
    return {path: ItemValue(item.status.value, item.value, item.other) for path, item in items.items()}


def no_longer_asked(form: FormSpec, *judged: Mapping[str, ItemAnswer]) -> tuple[str, ...]:
    """Return the items of earlier judgements that the form does not have any more, by name, in order.

    People's judgements outlive a change of the form. What it no longer asks can be compared by no rule.
    """
    paths = {
        ".".join(steps[:n]) for name in form.by_path for steps in [name.split(".")] for n in range(1, len(steps) + 1)
    }
    return tuple(dict.fromkeys(name for items in judged for name in map(bare, items) if name not in paths))


def without(items: Mapping[str, ItemAnswer], names: Collection[str]) -> dict[str, ItemAnswer]:
    """Return the items but for those with these names."""
    return {path: answer for path, answer in items.items() if bare(path) not in names}


@dataclass(frozen=True)
class GoldStudies:
    """Hold the studies of a gold split: `placed` is gold's name to the record's id or None, `reports` that of the study."""

    gold: GoldItems
    names: tuple[str, ...]
    placed: Mapping[str, str | None]
    reports: Mapping[str, Report]


def gold_studies(snapshot: Snapshot, review: Review, form: FormSpec, split: Part) -> GoldStudies:
    """Return the gold of a split and where its studies are, each study once. `BadInput` without gold."""
    gold = load_gold_items(review, form)
    if gold is None:
        raise BadInput(
            f"{review.gold / 'extraction.jsonl'}: there is no gold of the extraction yet; --reference REVIEWER compares with a person's extraction instead"
        )
    lookup = Lookup(snapshot.ledger)
    placed = {name: lookup.find(gold.entries.get(name) or _named(name)) for name in gold.studies}
    # Gold may name a study by any of its reports.
    studies = _studies(snapshot, {name for name in placed.values() if name is not None}).values()
    by_id = {name: report for report in studies for name in (*report.study, report.id)}
    # Where gold has several reports of one study, that which speaks for the study is compared, and the study once.
    spoken = {report.id for report in by_id.values()} & set(placed.values())
    reports_of = {name: (by_id[given].id, given) for name, given in placed.items() if given in by_id}
    named = {name for name, (speaking, given) in reports_of.items() if speaking != given and speaking in spoken}
    chosen = tuple(name for name in gold.studies if split in ("all", gold.split[name]) and name not in named)
    found = {name: by_id[given] for name in chosen if (given := placed[name]) is not None and given in by_id}
    return GoldStudies(gold, chosen, placed, found)


def _named(name: str) -> Entry:
    """Return an entry for a study that gold names by its record's id, its DOI or its arXiv id."""
    return Entry(title="", given_id=name, doi=doi(name), arxiv=arxiv(name))


def _studies(snapshot: Snapshot, ids: Collection[str]) -> dict[str, Report]:
    """Return the studies among these records, by the record that speaks for each, with all linked reports."""
    members = set(ids)
    while linked := {name for pair in snapshot.same_study if members.intersection(pair) for name in pair} - members:
        members |= linked
    return {
        study.id: study for study in as_studies(snapshot.ledger, reports(snapshot.ledger, snapshot.records(members)))
    }


def extractions(
    source: Ledger | Snapshot, review: Review, reviewer: str, repeat: int = 0, *, blind: bool = False
) -> dict[str, Judgement]:
    """Return a reviewer's present extractions by record id, `BadInput` if none; `blind` as in `Snapshot.latest`."""
    judgements = extracted(Snapshot.of(source), review, reviewer, repeat, blind=blind)
    if not judgements:
        raise BadInput(
            f"{reviewer} has extracted nothing under the present protocol; run `screener run --stage extraction` first"
        )
    return judgements


def extracted(
    snapshot: Snapshot, review: Review, reviewer: str, repeat: int = 0, *, blind: bool = False
) -> dict[str, Judgement]:
    """Return a reviewer's present extractions of one repeat by record id, none if there are none."""
    protocol = review.fingerprint(Stage.EXTRACTION, reviewer) if reviewer in review.protocol.reviewers else None
    studies = _studies(snapshot, snapshot.latest(Stage.EXTRACTION, reviewer, repeat, blind=blind))
    holds = Present.of(snapshot, protocol).holding({name: report.text_hash for name, report in studies.items()})
    rows = snapshot.latest(Stage.EXTRACTION, reviewer, repeat, blind=blind, counts=holds)
    judgements = {name: row.judgement for name, row in rows.items()}
    # What a person extracted from another report of a study is theirs of the study, unless they extracted that itself.
    for report in studies.values():
        for name in report.study[1:]:
            if (judgement := judgements.pop(name, None)) is not None:
                judgements.setdefault(report.id, of_member(judgement, name))
    return judgements
