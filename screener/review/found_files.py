"""Files of the records that somebody has found: all hits of their search, with what they may see of each and no more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Decision, Judgement
from ..exchange import EXPORTERS
from ..exchange.other_tools import ToolRecord
from ..exchange.writers import as_ris
from ..exchange.writers.columns import COLUMNS, bibliographic
from ..exchange.xlsx import cell, workbook
from ..ledger import all_ids_of, reads
from ..ledger.parts import in_parts
from ..ledger.record_ids import current_ids_of
from ..records import Record
from ..stages import Status
from .record_lists import DECISIONS
from .record_search import FoundRecords, PersonalView

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_IN_WORKBOOK = 20_000
"""So many records go into a workbook, which is made in memory as a whole."""
_FIRST = ("id", "title", "doi", "year")
_WORK = ("my_decision", "decision", "standing", "reason", "judged_by", "probability", "tags", "notes", "marks")
_REST = ("has_abstract", "abstract_source", "sources")


def found_file(view: PersonalView, found: FoundRecords, format: str) -> Iterator[bytes]:
    """Yield a file of the hits in their order, in one of `FORMATS`, piece by piece.

    Raises `BadInput` for another format, and for more records than a workbook takes.
    """
    if format not in FORMATS:
        raise BadInput(f"`{format}` is none of {', '.join(FORMATS)}")
    columns = [*_FIRST, *_WORK, *_REST, *(name for name in COLUMNS if name not in _FIRST)]
    if format == "ris":
        return (as_ris(part).encode() for part in _tool_records(view, found))
    if format == "csv":
        pieces = EXPORTERS["csv"].pieces
        assert pieces is not None
        return pieces(_rows(view, found), columns)
    if found.total > MOST_IN_WORKBOOK:
        raise BadInput(f"A workbook takes {MOST_IN_WORKBOOK:,} records; {found.total:,} were found. Narrow the search, or take CSV.")  # fmt: skip
    cells = [{name: cell(value) for name, value in row.items()} for row in _rows(view, found)]
    return iter([workbook(cells, columns, "records", [f"{found.total:,} records found"])])


def _records(view: PersonalView, found: FoundRecords) -> Iterator[list[Record]]:
    """Yield the hits with all that is known of them, some hundreds at a time, in their order."""
    for names in in_parts(found.ids()):
        with view.lists.ledger.read() as connection:
            records = {record.id: record for record in reads.records(connection, set(names))}
        yield [records[name] for name in names if name in records]


def _rows(view: PersonalView, found: FoundRecords) -> Iterator[dict[str, Any]]:
    work = _Work(view)
    for part in _records(view, found):
        for record in part:
            yield {
                **bibliographic(record),
                "id": record.id, "title": record.shown_title, "doi": record.doi or "", "year": record.year,
                "has_abstract": "yes" if record.abstract else "no", "abstract_source": record.abstract_source,
                "sources": list(record.sources), **work.of(record.id), "probability": found.probability_of(record.id),
            }  # fmt: skip


class _Work:
    """What a person may see of the work on each record, as columns."""

    def __init__(self, view: PersonalView) -> None:
        self._view = view
        self._values = {
            name: _values(view, name) for name in ("decision", "standing", "excluded_for", "person", "tag", "mark")
        }
        own = view.own
        self._own = {place: [code] for place, code in zip(own.places.tolist(), own.decision.tolist(), strict=True)}
        self._notes = defaultdict[str, list[str]](list)
        for note in view.notes:
            if not note.withdrawn:
                self._notes[note.record_id].append(f"{note.reviewer}, {note.at[:10]}: {note.text}")

    def of(self, name: str) -> dict[str, Any]:
        """Return the columns of a record."""
        place = self._view.index.place_of.get(name, -1)
        values = {facet: found.get(place, []) for facet, found in self._values.items()}
        return {
            "my_decision": [DECISIONS[code] for code in self._own.get(place, ())],
            "decision": "" if values["decision"] == ["none"] else values["decision"],
            "standing": values["standing"], "reason": values["excluded_for"], "judged_by": values["person"],
            "tags": values["tag"], "notes": self._notes.get(name, []), "marks": values["mark"],
        }  # fmt: skip


def _values(view: PersonalView, facet: str) -> Mapping[int, list[str]]:
    """Return the values that records have of a facet, by place."""
    found, values = view.facets[facet], defaultdict[int, list[str]](list)
    for place, code in zip(found.places.tolist(), found.values.tolist(), strict=True):
        values[place].append(found.labels[code])
    return values


def _tool_records(view: PersonalView, found: FoundRecords) -> Iterator[Sequence[ToolRecord]]:
    """Yield the hits as reference managers and screening tools are given them, with the judgements that may be seen."""
    work = _Work(view)
    for part in _records(view, found):
        people = _people(view, [record.id for record in part])
        yield [_tool_record(record, work.of(record.id), people.get(record.id, {})) for record in part]


def _tool_record(record: Record, work: Mapping[str, Any], people: Mapping[str, Judgement]) -> ToolRecord:
    final = work["standing"] == [Status.FINAL.value] and work["decision"]
    decision = Decision(work["decision"][0]) if final else None
    return ToolRecord(record, decision, "; ".join(work["reason"]) if final else "", people, sorted(work["tags"]))


def _people(view: PersonalView, names: Iterable[str]) -> Mapping[str, Mapping[str, Judgement]]:
    """Return what people decided on some records, by record and person, as far as it may be seen."""
    people: dict[str, dict[str, Judgement]] = defaultdict(dict)
    with view.lists.ledger.read() as connection:
        ids = all_ids_of(connection, list(names))
        current = current_ids_of(connection, ids)
        for row in reads.judgements(connection, view.stage, roles=("human",), repeat=0, named=ids):
            name = current.get(row.record_id, row.record_id)
            if row.reviewer == view.name or view.seen[view.index.place_of.get(name, -1)]:
                people[name][row.reviewer] = row.judgement
    return people
