"""The search for records as an address holds it, and a page of its hits as the person who looks may see them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from numpy import isnan

from ..core.judgement import Stage
from ..ledger import Tag, reads, seen_tags
from ..ledger.record_columns import own_decisions
from ..protocol import StageProtocol
from ..records import Record
from ..review.record_index import MISSING
from ..review.record_lists import OTHER_REASON, lists_of
from ..review.record_search import (
    FACETS,
    MINE,
    ORDERS,
    FoundRecords,
    PersonalView,
    RecordQuery,
    shown_values,
)
from .desk import Desk

PAGE = 40
_OPEN_FACETS = ("show", "decision", "year", "source")
"""Facets whose values are shown before anybody opens them."""
_AT_FIRST, _MOST = 8, 300
"""So many values of a facet are shown at first, and at most."""
_MOST_CHOSEN, _LONGEST = 60, 300
_WORD = re.compile(r'"([^"]+)"|([^\s"]+)')
_NAMES = {
    "show": "My work", "decision": "Decision that stands", "standing": "Standing", "excluded_for": "Reason for exclusion", "person": "Judged by",
    "tag": "Tag", "notes": "Notes", "mark": "Flagged", "abstract": "Abstract", "year": "Year", "source": "Source",
    "venue": "Venue", "type": "Type", "language": "Language",
}  # fmt: skip
_WORDS = {
    "show": {
        "mine": "judged", "open": "not judged", "draft": "started, not saved",
        "without_abstract": "judged without the abstract",
    },
    "decision": {"none": "no decision"},
    "standing": {"awaiting_classification": "awaiting classification", "error": "error of the machine"},
    "abstract": {"yes": "has an abstract", "no": "no abstract"},
    "notes": {"yes": "has notes"},
}  # fmt: skip
ORDER_NAMES = {
    "relevance": "best match", "import": "order of import", "newest": "newest first", "oldest": "oldest first",
    "title": "title", "probability": "machine's probability",
}  # fmt: skip


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for: all of the words (together where they stand in quotes), values of facets, and the order."""

    stage: Stage
    words: str = ""
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order: str = ""

    @classmethod
    def of(cls, stage: Stage, fields: Mapping[str, Sequence[str]]) -> "SearchQuery":
        """Return the query of an address or of a form: all values of each field. What is unknown in it is left out."""
        facets = {name: _chosen(name, fields.get(name, ())) for name in FACETS}
        order = (fields.get("sort") or ("",))[-1]
        return cls(
            stage, (fields.get("q") or ("",))[-1][:500], {name: chosen for name, chosen in facets.items() if chosen},
            order if order in ORDERS else "",
        )  # fmt: skip

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return the fields of a form or an address that hold this query."""
        pairs = [("stage", self.stage.value), ("q", self.words), ("sort", self.order)]
        pairs += [(name, value) for name, chosen in self.facets.items() for value in chosen]
        return [(name, value) for name, value in pairs if value]

    def address(self, **more: object) -> str:
        """Return the query of an address for this search, with more fields."""
        return urlencode([*self.fields, *((name, str(value)) for name, value in more.items() if value)])

    def without(self, facet: str, value: str) -> "SearchQuery":
        """Return the same without one chosen value."""
        left = [chosen for chosen in self.facets.get(facet, ()) if chosen != value]
        return replace(self, facets={**self.facets, facet: left})

    @property
    def query(self) -> RecordQuery:
        """Return it as records are searched."""
        words = [phrase or single for phrase, single in _WORD.findall(self.words)[:8]]
        return RecordQuery(self.stage, words, self.facets, self.order)


def _chosen(name: str, values: Sequence[str]) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(value[:_LONGEST] for value in values if value))[:_MOST_CHOSEN]
    return tuple(value for value in known if value in MINE) if name == "show" else known


@dataclass(frozen=True)
class FacetValue:
    """A value to choose, in words, with how many records it would give."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class ShownFacet:
    """A facet with its values: those shown at first, and the rest; `left_out` values more are not listed."""

    id: str
    name: str
    values: Sequence[FacetValue]
    rest: Sequence[FacetValue]
    left_out: int
    open: bool

    @property
    def chosen(self) -> list[FacetValue]:
        """Return the values that narrow the search."""
        return [value for value in (*self.values, *self.rest) if value.chosen]


@dataclass(frozen=True)
class FoundRecord:
    """A record in the list, with the reviewer's own decision if there is one, and the tags and notes that they may see."""

    record: Record
    own_decision: str
    at: str
    tags: Sequence[Tag]
    notes: int
    probability: float | None


@dataclass(frozen=True)
class FoundPage:
    """A page of the hits, all facets, and where in the hits it stands."""

    total: int
    page: int
    records: Sequence[FoundRecord]
    facets: Sequence[ShownFacet]
    orders: Sequence[str]

    @property
    def last(self) -> int:
        """Return the number of the last page, from 0 on."""
        return max(0, (self.total - 1) // PAGE)

    @property
    def first_shown(self) -> int:
        """Return the number of the first hit on the page, from 1 on."""
        return self.page * PAGE + 1 if self.total else 0


def view_of(desk: Desk, stage: Stage) -> PersonalView:
    """Return what the desk's reviewer may see of the records at a stage."""
    return PersonalView(lists_of(desk.ledger, desk.review), stage, desk.reviewer, desk.blinding, desk.marks.by_name())


def ids(desk: Desk, query: SearchQuery) -> list[str]:
    """Return all records that are meant, in the order of the search."""
    return view_of(desk, query.stage).find(query.query).ids()


def page_of(desk: Desk, query: SearchQuery, page: int) -> FoundPage:
    """Return a page of the records that are meant; the last one where there are not so many."""
    view = view_of(desk, query.stage)
    found = view.find(query.query)
    page = max(0, min(page, (found.total - 1) // PAGE))
    names = found.ids(page * PAGE, PAGE)
    notes: dict[str, int] = {}
    for note in view.notes:
        notes[note.record_id] = notes.get(note.record_id, 0) + (not note.withdrawn)
    with desk.ledger.read() as connection:
        records = {record.id: record for record in reads.records(connection, set(names))}
        tags = seen_tags(connection, desk.reviewer, names, desk.may_see)
        own = own_decisions(connection, query.stage, desk.reviewer, names)
    listed = [
        FoundRecord(
            records[name], own[name].decision if name in own else "", own[name].at[:10] if name in own else "",
            tags.get(name, ()), notes.get(name, 0), found.probability_of(name),
        )
        for name in names
        if name in records
    ]  # fmt: skip
    orders = [order for order in ORDERS if order != "probability" or _any_number(view)]
    facets = _facets(found, query, desk.review.stage(query.stage))
    return FoundPage(found.total, page, listed, facets, orders if query.words.strip() else orders[1:])


def _any_number(view: PersonalView) -> bool:
    """Return whether the person may see the machine's probability of any record."""
    return not bool(isnan(view.probability).all())


def _facets(found: FoundRecords, query: SearchQuery, protocol: StageProtocol) -> list[ShownFacet]:
    shown = []
    for name in FACETS:
        chosen = query.facets.get(name, ())
        values = shown_values(found.counts[name], chosen, by_value=name == "year")
        if name in ("show", "decision", "standing"):
            order = list(found.counts[name])
            values.sort(key=lambda item: order.index(item[0]) if item[0] in order else len(order))
        informative = len(values) > 1 or chosen or name in ("tag", "notes", "mark", "person")
        if not values or not informative:
            continue
        made = [FacetValue(value, label_of(name, value, protocol), count, value in chosen) for value, count in values]
        first = [*made[:_AT_FIRST], *(value for value in made[_AT_FIRST:] if value.chosen)]
        rest = [value for value in made if value not in first]
        shown.append(
            ShownFacet(name, _NAMES[name], first, rest[:_MOST], len(rest[_MOST:]), bool(chosen) or name in _OPEN_FACETS)
        )
    return shown


def label_of(facet: str, value: str, protocol: StageProtocol) -> str:
    """Return a value of a facet in words."""
    if value == MISSING:
        return "not given"
    if facet == "excluded_for":
        labels = {criterion.id: f"not {criterion.label}" for criterion in protocol.criteria}
        return "another reason" if value == OTHER_REASON else labels.get(value, value)
    return _WORDS.get(facet, {}).get(value, value)
