"""Compare an extraction with gold, or with another reviewer's: every item, every study, and its evidence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..core.errors import BadInput
from ..core.judgement import Evidence, ItemAnswer, Judgement, Stage
from ..documents import Report
from ..forms import FormSpec, ItemField, bare, load_forms
from ..gold import REVIEWER, GoldItem, GoldItems, Split, load_gold_items
from ..ledger import Ledger, Lookup, Snapshot, as_studies, of_member, reports
from ..metrics import (
    ComparedItem,
    Estimate,
    ExtractionScores,
    ItemKind,
    ItemValue,
    ScoredItem,
    compare_items,
    evidence_at_3,
    evidence_hits,
    item_agreement,
    quote_validity,
    score_extraction,
    score_items,
)
from ..protocol import Review
from ..records import Entry, arxiv, doi
from ..stages import Present
from ..text import locate
from .figures import limits

Part = Split | Literal["all"]
Place = tuple[str, int | None, int | None, int | None]


@dataclass(frozen=True)
class ComparedStudy:
    """Hold one study: its scored items, and both sides by path."""

    report: Report
    judged: Mapping[str, ItemAnswer]
    gold: Mapping[str, GoldItem]
    scored: tuple[ScoredItem, ...]


@dataclass(frozen=True)
class ItemStability:
    """Hold what was not the same each time where studies were extracted several times, over those that all repeats have."""

    repeats: int
    studies: int
    items: int
    """Items that were compared; their paths are in the numbering of the first time."""
    changed: tuple[tuple[str, str], ...]
    """Study and path of the items that had another status or value."""
    other_quotes: int
    """Of the others, those whose quotes were in other places."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --stage extraction --json` prints it."""
        changed = [{"id": study, "item": path} for study, path in self.changed]
        return {"repeats": self.repeats, "n": self.studies, "items": self.items, "changed": changed,
                "other_quotes": self.other_quotes}  # fmt: skip


@dataclass(frozen=True)
class ItemEvaluation:
    """An extraction against gold. `missing` are gold studies that the reviewer has not extracted."""

    reviewer: str
    status: Literal["human", "provisional"]
    split: Part
    studies: tuple[ComparedStudy, ...]
    scores: ExtractionScores
    quote_validity: Estimate
    evidence_at_3: Estimate
    missing: tuple[str, ...]
    quotes: int
    """Quotes that were given, the denominator of `quote_validity`."""
    placed: int
    """Values in gold whose place in the documents is known, the denominator of `evidence_at_3`."""
    stability: ItemStability | None
    """None where nothing was asked more than once."""
    left_out: tuple[str, ...]
    """Items that were extracted and that the form no longer has: they are not compared."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --stage extraction --json` prints it."""
        micro, macro = self.scores.micro, self.scores.macro
        return {
            "stage": Stage.EXTRACTION.value,
            "reviewer": self.reviewer,
            "reference": REVIEWER,
            "reference_status": self.status,
            "reference_level": "final",  # the items of a form are read from the full text
            "split": self.split,
            "n": len(self.studies),
            "items": {name: scores.tally.counts for name, scores in self.scores.items.items()},
            "totals": micro.tally.counts,
            "micro": {name: limits(estimate) for name, estimate in micro.figures.items()},
            "macro": {name: limits(estimate) for name, estimate in macro.items()},
            "by_item": {
                name: {key: limits(estimate) for key, estimate in {**scores.figures, **_sets(scores.sets)}.items()}
                for name, scores in self.scores.items.items()
            },
            "quote_validity": limits(self.quote_validity),
            "evidence_at_3": limits(self.evidence_at_3),
            "stability": self.stability.as_json() if self.stability else None,
            "missing": list(self.missing),
            "no_longer_asked": list(self.left_out),
            "wrong": [row for study in self.studies for row in wrong_items(study)],
        }


def _sets(figures: Mapping[str, Estimate] | None) -> dict[str, Estimate]:
    return {f"set_{name}": estimate for name, estimate in (figures or {}).items()}


def wrong_items(study: ComparedStudy) -> list[dict[str, Any]]:
    """Return the items of a study that are wrong, missed or fabricated, with both values and the quotes."""
    rows = []
    for item in study.scored:
        if item.outcome in ("wrong", "missed", "fabricated"):
            answer, gold = study.judged.get(item.extracted or ""), study.gold.get(item.gold or "")
            rows.append(
                {
                    "id": study.report.id,
                    "item": item.extracted or item.gold or item.name,
                    "outcome": item.outcome.value,
                    "value": answer.value if answer else None,
                    "gold": gold.value if gold else None,
                    "evidence": [evidence.quote for evidence in answer.evidence[:1]] if answer else [],
                    "gold_quote": gold.quote if gold else None,
                }
            )
    return rows


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
            f"{review.gold / 'extraction.jsonl'}: there is no gold of the extraction; use --reference REVIEWER"
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


def evaluate_items(source: Ledger | Snapshot, review: Review, reviewer: str, split: Part = "test") -> ItemEvaluation:
    """Compare a reviewer's extractions with gold. `BadInput` without gold or without extractions."""
    snapshot = Snapshot.of(source)
    form = form_of(review)
    chosen = gold_studies(snapshot, review, form, split)
    judged = extractions(snapshot, review, reviewer)
    kinds = kinds_of(form)
    compared: list[ComparedStudy] = []
    hits: list[list[bool]] = []
    removed = no_longer_asked(form, *(judgement.items for judgement in judged.values()))
    for name, report in chosen.reports.items():
        if report.id not in judged:
            continue
        items, reference = without(judged[report.id].items, removed), chosen.gold.studies[name]
        scored = score_items(values_of(items), gold_values(reference), kinds)
        compared.append(ComparedStudy(report, items, reference, scored))
        places = {path: [_place(evidence) for evidence in item.evidence] for path, item in items.items()}
        hits.append(evidence_hits(scored, places, _gold_places(report, reference)))
    statuses = [
        evidence.status.value
        for study in compared
        for item in study.judged.values()
        for evidence in item.evidence
        if evidence.quote
    ]
    evaluated = {name for study in compared for name in (*study.report.study, study.report.id)}
    return ItemEvaluation(
        reviewer,
        chosen.gold.spec.status,
        split,
        tuple(compared),
        score_extraction([study.scored for study in compared]),
        quote_validity(statuses),
        evidence_at_3(hits),
        tuple(name for name in chosen.names if chosen.placed[name] not in evaluated),
        len(statuses),
        sum(map(len, hits)),
        _stability(snapshot, review, reviewer, kinds),
        removed,
    )


def _stability(
    snapshot: Snapshot, review: Review, reviewer: str, kinds: Mapping[str, ItemKind]
) -> ItemStability | None:
    """Return how often repeats differ, over all studies that were asked more than once, labelled or not."""
    times = snapshot.repeats(Stage.EXTRACTION, reviewer)
    repeats = [repeat for number in range(times) if (repeat := _extracted(snapshot, review, reviewer, number))]
    common = [name for name in (repeats[0] if repeats else ()) if all(name in repeat for repeat in repeats)]
    if len(repeats) < 2 or not common:
        return None
    unchanged: dict[tuple[str, str], bool] = {}
    moved: set[tuple[str, str]] = set()
    for name in common:
        first = repeats[0][name].items
        for other_items in (repeat[name].items for repeat in repeats[1:]):
            for item in compare_items(values_of(first), values_of(other_items), kinds):
                key = (name, item.path)
                unchanged[key] = unchanged.get(key, True) and item.same
                if _places(first, item.first) != _places(other_items, item.second):
                    moved.add(key)
    changed = tuple(key for key, alike in unchanged.items() if not alike)
    return ItemStability(len(repeats), len(common), len(unchanged), changed, len(moved - set(changed)))


def _places(items: Mapping[str, ItemAnswer], path: str | None) -> set[Place]:
    return {_place(evidence) for evidence in items[path].evidence} if path is not None and path in items else set()


def _named(name: str) -> Entry:
    """Return an entry for a study that gold names by its record's id, its DOI or its arXiv id."""
    return Entry(title="", given_id=name, doi=doi(name), arxiv=arxiv(name))


def form_of(review: Review) -> FormSpec:
    """Return the form of the review's extraction stage; loading it runs the review folder's code."""
    return load_forms([review.prompts / name for name in review.stage(Stage.EXTRACTION).form])


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
    judgements = _extracted(Snapshot.of(source), review, reviewer, repeat, blind=blind)
    if not judgements:
        raise BadInput(
            f"{reviewer} has extracted nothing under the present protocol; run `screener run --stage extraction` first"
        )
    return judgements


def _extracted(
    snapshot: Snapshot, review: Review, reviewer: str, repeat: int = 0, *, blind: bool = False
) -> dict[str, Judgement]:
    """Return the present extractions of one repeat."""
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


def _place(evidence: Evidence) -> Place:
    return evidence.document, evidence.page, evidence.start, evidence.end


def _gold_places(report: Report, gold: Mapping[str, GoldItem]) -> dict[str, list[Place]]:
    """Return where gold's quotes stand in the documents as they were read."""
    documents = report.documents
    places: dict[str, list[Place]] = {}
    for path, item in gold.items():
        document = documents.get(item.document or "")
        if document is None or not item.quote or item.page is None or item.page > len(document.pages):
            continue
        place, first = locate(item.quote, document.page_text(item.page)), document.page_span(item.page)[0]
        if place.start is not None and place.end is not None:
            places[path] = [(item.document or "", item.page, first + place.start, first + place.end)]
    return places


@dataclass(frozen=True)
class ItemAgreement:
    """Compare two reviewers' extractions over the studies that both have: overall, by item, and what differs."""

    first: str
    second: str
    overall: Estimate
    by_item: dict[str, Estimate]
    conflicts: tuple[tuple[str, ComparedItem], ...]
    studies: int
    left_out: tuple[str, ...]
    """Items of either that the form no longer has: they are not compared."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --stage extraction --reviewer A --reference B --json` prints it."""
        return {
            "stage": Stage.EXTRACTION.value,
            "reviewer": self.first,
            "reference": self.second,
            "reference_status": "reviewer",
            "reference_level": "final",
            "split": None,
            "n": self.studies,
            "agreement": limits(self.overall),
            "by_item": {name: limits(estimate) for name, estimate in self.by_item.items()},
            "conflicts": [{"id": name, "item": item.path} for name, item in self.conflicts],
            "no_longer_asked": list(self.left_out),
        }


def compare_extractors(source: Ledger | Snapshot, review: Review, first: str, second: str) -> ItemAgreement:
    """Return how far two reviewers extract the same; an item with another status or value is a conflict."""
    if first == second:
        raise BadInput(f"--reference: {first} against itself says nothing; name two reviewers")
    form, snapshot = form_of(review), Snapshot.of(source)
    kinds = kinds_of(form)
    first_extractions, second_extractions = (
        extractions(snapshot, review, name, blind=True) for name in (first, second)
    )
    common = [name for name in first_extractions if name in second_extractions]
    if not common:
        raise BadInput(f"{first} and {second} have extracted no study in common")
    removed = no_longer_asked(
        form, *(side[name].items for side in (first_extractions, second_extractions) for name in common)
    )

    def values(judgement: Judgement) -> dict[str, ItemValue]:
        return values_of(without(judgement.items, removed))

    compared: Sequence[tuple[str, tuple[ComparedItem, ...]]] = [
        (name, compare_items(values(first_extractions[name]), values(second_extractions[name]), kinds))
        for name in common
    ]
    overall, by_item = item_agreement([items for _, items in compared])
    conflicts = tuple((name, item) for name, items in compared for item in items if not item.same)
    return ItemAgreement(first, second, overall, by_item, conflicts, len(common), removed)
