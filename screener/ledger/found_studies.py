"""Which rows of the ledger a study of another list is, and by which searches they came."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from ..records import Entry, Index, prepare
from . import tables as t
from .hit_keys import hits_with
from .parts import in_parts
from .sources import source_of_hit
from .undone import undone_hits


@dataclass(frozen=True)
class FoundRow:
    """A row that a study is (`sure`) or may be: its record, its source, and the name of the search, as files are named."""

    record: str
    source: str
    search: str
    sure: bool


def rows_of_study(connection: Connection, study: Entry) -> list[FoundRow]:
    """Return the rows that are the same work as a study, or likely so, by the rules of duplicates, in their order."""
    near = hits_with(connection, prepare(study).keys)
    rows = list(_rows(connection, near - undone_hits(connection)))
    index = Index()
    index.add(0, study)
    found = []
    for number, (entry, row) in enumerate(rows, start=1):
        kinds = {match.kind for match in index.add(number, entry) if match.other == 0}
        index = Index()
        index.add(0, study)
        if kinds & {"duplicate", "candidate"}:
            found.append(FoundRow(row.record, row.source, row.search, "duplicate" in kinds))
    return found


def _rows(connection: Connection, hits: Iterable[int]) -> Iterable[tuple[Entry, FoundRow]]:
    h, m, i = t.hits.c, t.members.c, t.imports.c
    query = (
        select(h.id, h.entry, m.record_id, i.file, source_of_hit(connection).label("source"))
        .join(t.members, m.hit_id == h.id)
        .join(t.imports, i.id == h.import_id)
        .order_by(h.id)
    )
    for some in in_parts(sorted(hits)):
        for row in connection.execute(query.where(h.id.in_(some))):
            yield Entry.model_validate_json(row.entry), FoundRow(row.record_id, row.source, Path(row.file).stem, True)
