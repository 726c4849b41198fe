"""Compare an extraction with gold: every item strictly and with what people confirmed, every study, and its evidence."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..core.judgement import ItemAnswer, Stage
from ..documents import Report
from ..forms import FormSpec
from ..gold import REVIEWER, GoldItem
from ..ledger import Ledger, Snapshot
from ..ledger.same_meanings import MeaningVerdict, ValuePair, meaning_verdicts
from ..metrics import (
    EntryMatch,
    Estimate,
    ExtractionScores,
    ItemValue,
    Outcome,
    ScoredItem,
    evidence_at_3,
    evidence_hits,
    quote_validity,
    score_extraction,
    score_items,
)
from ..protocol import Review
from ..stages import form_of
from ..text import load_embedder, locate
from .extractions import (
    GoldStudies,
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
from .gold_in_text import TextAsRead
from .item_parts import FormPartCounts, part_counts
from .item_stability import ItemStability, Place, place_of, stability_of
from .other_words import Embedder, Offer, OfferedValues, offers_of

_ERRORS = (Outcome.WRONG, Outcome.MISSED, Outcome.FABRICATED)


@dataclass(frozen=True)
class ComparedStudy:
    """Hold one study: its scored items, and both sides by path.

    `offers` and `not_in_text` are by the number of the scored item: wrong values that may mean the same as gold's, and
    items that are not right whose value in gold is nowhere in the text as it was read.
    """

    report: Report
    judged: Mapping[str, ItemAnswer]
    gold: Mapping[str, GoldItem]
    scored: tuple[ScoredItem, ...]
    offers: Mapping[int, Offer]
    not_in_text: frozenset[int]

    @property
    def wrong(self) -> list[int]:
        """Return the numbers of the scored items that are wrong, missed or fabricated."""
        return [number for number, item in enumerate(self.scored) if item.outcome in _ERRORS]

    @property
    def giving_away(self) -> frozenset[int]:
        """Return the wrong items, by number, that would tell whose a value is on which nobody has decided.

        They are those of the same item in entries that only one side has: the one value there is gold's, or is not.
        """
        waiting = {self.scored[number].name for number, offer in self.offers.items() if offer.verdict is None}
        return frozenset(
            number
            for number in self.wrong
            if self.scored[number].name in waiting
            and self.scored[number].entry in (EntryMatch.MISSING, EntryMatch.EXTRA)
            and number not in self.offers
        )

    @property
    def confirmed(self) -> tuple[ScoredItem, ...]:
        """Return the scored items with those right whose meaning a person confirmed."""
        return tuple(
            replace(item, outcome=Outcome.CORRECT)
            if number in self.offers and self.offers[number].state == "confirmed"
            else item
            for number, item in enumerate(self.scored)
        )


@dataclass(frozen=True)
class ItemEvaluation:
    """An extraction against gold. `missing` are gold studies that the reviewer has not extracted."""

    reviewer: str
    status: Literal["human", "provisional"]
    split: Part
    studies: tuple[ComparedStudy, ...]
    scores: ExtractionScores
    """By the strict rule: texts in the same words."""
    confirmed: ExtractionScores
    """With those right whose meaning people confirmed."""
    offered: OfferedValues
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
    parts: Mapping[str, FormPartCounts]
    """What became of the items of each part of the form, by its path."""

    @property
    def offers(self) -> list[Offer]:
        """Return the values that may mean the same as gold's in other words."""
        return [offer for study in self.studies for offer in study.offers.values()]

    @property
    def all_parts(self) -> FormPartCounts:
        """Return the counts of all parts together."""
        return FormPartCounts.of(self.parts.values())

    @property
    def not_in_text(self) -> int:
        """Return how many values of gold that were not found are nowhere in the text as it was read."""
        return sum(len(study.not_in_text) for study in self.studies)

    @property
    def entries(self) -> dict[str, dict[str, int]]:
        """Return of each list how many entries were matched, are missing, are one too many, or of a list left open."""
        places = {
            (study.report.id, _entry_of(item), item.entry)
            for study in self.studies
            for item in study.scored
            if item.entry is not EntryMatch.NONE and item.outcome is not Outcome.UNSCORED
        }
        counts: dict[str, Counter[str]] = {}
        for _, (name, _), entry in sorted(places):
            counts.setdefault(name, Counter())[entry.value] += 1
        kinds = (EntryMatch.MATCHED, EntryMatch.MISSING, EntryMatch.EXTRA, EntryMatch.OPEN)
        return {name: {kind.value: count[kind.value] for kind in kinds} for name, count in counts.items()}

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
            "micro_confirmed": {name: limits(estimate) for name, estimate in self.confirmed.micro.figures.items()},
            "macro": {name: limits(estimate) for name, estimate in macro.items()},
            "by_item": {
                name: {key: limits(estimate) for key, estimate in {**scores.figures, **_sets(scores.sets)}.items()}
                for name, scores in self.scores.items.items()
            },
            "parts": {path: counts.as_json() for path, counts in self.parts.items()},
            "entries": self.entries,
            "same_meaning": self.offered.as_json(),
            "not_in_text": self.not_in_text,
            "quote_validity": limits(self.quote_validity),
            "evidence_at_3": limits(self.evidence_at_3),
            "stability": self.stability.as_json() if self.stability else None,
            "missing": list(self.missing),
            "no_longer_asked": list(self.left_out),
            "wrong": [row for study in self.studies for row in wrong_items(study)],
        }


def _entry_of(item: ScoredItem) -> tuple[str, str]:
    """Return the innermost list that an item is in, and the entry, by the path in gold if gold has it."""
    path = item.extracted if item.entry is EntryMatch.EXTRA else item.gold
    entry = (path or "").rpartition("]")[0]
    return re.sub(r"\[\d+\]?", "", entry), entry


def _sets(figures: Mapping[str, Estimate] | None) -> dict[str, Estimate]:
    return {f"set_{name}": estimate for name, estimate in (figures or {}).items()}


def wrong_items(study: ComparedStudy) -> list[dict[str, Any]]:
    """Return the items of a study that are wrong, missed or fabricated, with both values and the quotes.

    `entry` says what became of the entry of a list that the item is in, `same_meaning` whether the value was offered as the
    same in other words and what people said (else None), `not_in_text` whether gold's value is nowhere in the text as read.
    An item is `withheld`, and has neither values nor quotes, where they would tell a person who is to say whether two
    values mean the same which of them is the machine's. `values` are these two, in an order that does not tell it.
    """
    rows, giving_away = [], study.giving_away
    for number in study.wrong:
        item, offer = study.scored[number], study.offers.get(number)
        open_offer = offer if offer is not None and offer.verdict is None else None
        withheld = open_offer is not None or number in giving_away
        answer = None if withheld else study.judged.get(item.extracted or "")
        gold = None if withheld else study.gold.get(item.gold or "")
        rows.append(
            {
                "id": study.report.id,
                "item": item.extracted or item.gold or item.name,
                "outcome": item.outcome.value,
                "entry": item.entry.value,
                "same_meaning": offer.state if offer else None,
                "not_in_text": number in study.not_in_text,
                "withheld": withheld,
                "values": list(open_offer.shown) if open_offer else None,
                "value": answer.value if answer else None,
                "gold": gold.value if gold else None,
                "evidence": [evidence.quote for evidence in answer.evidence[:1]] if answer else [],
                "gold_quote": gold.quote if gold else None,
            }
        )
    return rows


def evaluate_items(
    source: Ledger | Snapshot, review: Review, reviewer: str, split: Part = "test", embedder: Embedder = load_embedder
) -> ItemEvaluation:
    """Compare a reviewer's extractions with gold. `BadInput` without gold or without extractions."""
    snapshot, form = Snapshot.of(source), form_of(review)
    chosen = gold_studies(snapshot, review, form, split)
    compared, offered, removed = _against_gold(snapshot, review, reviewer, chosen, form, embedder)
    compared = [replace(study, not_in_text=_absent(study, form)) for study in compared]
    hits = [_hits(study) for study in compared]
    statuses = [
        evidence.status.value
        for study in compared
        for item in study.judged.values()
        for evidence in item.evidence
        if evidence.quote
    ]
    evaluated = {name for study in compared for name in (*study.report.study, study.report.id)}
    scores = score_extraction([study.scored for study in compared])
    return ItemEvaluation(
        reviewer,
        chosen.gold.spec.status,
        split,
        tuple(compared),
        scores,
        score_extraction([study.confirmed for study in compared]) if offered.confirmed else scores,
        offered,
        quote_validity(statuses),
        evidence_at_3(hits),
        tuple(name for name in chosen.names if chosen.placed[name] not in evaluated),
        len(statuses),
        sum(map(len, hits)),
        stability_of(snapshot, review, reviewer, form),
        removed,
        part_counts(form, [(study.scored, study.offers, study.not_in_text) for study in compared]),
    )


def values_offered(
    source: Ledger | Snapshot, review: Review, reviewer: str, split: Part = "test", embedder: Embedder = load_embedder
) -> tuple[list[Offer], OfferedValues]:
    """Return the values of a reviewer that may mean the same as gold's, without any figure; raises as `evaluate_items`."""
    snapshot, form = Snapshot.of(source), form_of(review)
    chosen = gold_studies(snapshot, review, form, split)
    compared, offered, _ = _against_gold(snapshot, review, reviewer, chosen, form, embedder)
    return [offer for study in compared for offer in study.offers.values()], offered


def _against_gold(
    snapshot: Snapshot, review: Review, reviewer: str, chosen: GoldStudies, form: FormSpec, embedder: Embedder
) -> tuple[list[ComparedStudy], OfferedValues, tuple[str, ...]]:
    """Return the scored studies with what is offered, how much that is, and the items that the form no longer has."""
    judged = extractions(snapshot, review, reviewer)
    removed = no_longer_asked(form, *(judgement.items for judgement in judged.values()))
    kinds, compared = kinds_of(form), []
    for name, report in chosen.reports.items():
        if report.id in judged:
            items, gold = without(judged[report.id].items, removed), chosen.gold.studies[name]
            scored = score_items(values_of(items), gold_values(gold), kinds, form.keys)
            compared.append(ComparedStudy(report, items, gold, scored, {}, frozenset()))
    with snapshot.ledger.read() as connection:
        said = meaning_verdicts(connection)
    return *_with_offers(compared, form, said, embedder), removed


def _absent(study: ComparedStudy, form: FormSpec) -> frozenset[int]:
    """Return which items that are not right have a value in gold that is nowhere in the text, by number."""
    text, absent = TextAsRead(study.report.documents), set()
    for number, item in enumerate(study.scored):
        reference, field = study.gold.get(item.gold or ""), form.item(item.name)
        right = item.outcome in (Outcome.CORRECT, Outcome.UNSCORED) or not item.expected
        if not right and reference is not None and field is not None and text.lacks(reference, field):
            absent.add(number)
    return frozenset(absent)


def _with_offers(
    studies: Sequence[ComparedStudy], form: FormSpec, said: Mapping[ValuePair, MeaningVerdict], embedder: Embedder
) -> tuple[list[ComparedStudy], OfferedValues]:
    """Return the studies with what is offered of each, and the counts."""
    values: dict[str, tuple[Sequence[ScoredItem], Mapping[str, ItemValue], Mapping[str, ItemValue]]] = {
        study.report.id: (study.scored, values_of(study.judged), gold_values(study.gold)) for study in studies
    }
    offers, name = offers_of(values, kinds_of(form), said, embedder)
    states = Counter(offer.state for offer in offers.values())
    told = [
        replace(study, offers={number: offer for (of, number), offer in offers.items() if of == study.report.id})
        for study in studies
    ]
    return told, OfferedValues(states["confirmed"], states["refused"], states["open"], name)


def _hits(study: ComparedStudy) -> list[bool]:
    places = {path: [place_of(evidence) for evidence in item.evidence] for path, item in study.judged.items()}
    return evidence_hits(study.scored, places, _gold_places(study.report, study.gold))


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
