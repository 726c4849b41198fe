"""What was imported: the files, how many rows each source gave, what could not be read, and what was merged."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from . import tables as t
from . import update_tables as ut
from .filling import ENRICHES, ENRICHMENT, enrichment_imports
from .links import shown_links
from .sources import source_of_hit, source_of_import
from .superseded import undone_updates
from .undone import standing_imports


@dataclass(frozen=True)
class ImportedFile:
    """An import. `source` is the name that it has now, `given_source` the one it came with, `undone` when it was taken back."""

    id: int
    at: str
    file: str
    sha256: str
    format: str
    source: str
    given_source: str
    report: Mapping[str, Any]
    undone: str

    def as_json(self) -> dict[str, Any]:
        """Return it as `sources --json` lists it."""
        return {
            "import": self.id,
            "at": self.at,
            "file": self.file,
            "source": self.source,
            "format": self.format,
            "rows": self.report.get("read"),
            "new": self.report.get("new"),
            "undone": self.undone or None,
        }


def all_imports(connection: Connection) -> list[ImportedFile]:
    """Return every import in its order, also those that were taken back."""
    i, u = t.imports.c, t.undone_imports.c
    query = select(
        i.id, i.at, i.file, i.sha256, i.format, source_of_import(connection), i.source, i.report, u.at.label("undone")
    ).select_from(t.imports.outerjoin(t.undone_imports, u.import_id == i.id))
    return [
        ImportedFile(number, at, Path(file).name, sha256, kind, source, given, json.loads(report), undone or "")
        for number, at, file, sha256, kind, source, given, report, undone in connection.execute(query.order_by(i.id))
    ]


def sources_by_import(connection: Connection) -> dict[int, list[str]]:
    """Return the sources of the rows that each import brought, as they are called now: rows may name others than their file."""
    source, h = source_of_hit(connection).label("source"), t.hits.c
    found = dict[int, list[str]]()
    for number, name in connection.execute(select(h.import_id, source).distinct().order_by(h.import_id, source)):
        found.setdefault(number, []).append(name)
    return found


def imported_files(connection: Connection) -> list[dict[str, Any]]:
    """Return the files in the order in which they were read, each with how many of its rows were new or rejected.

    Those that were taken back are left out, and what other services know of records that are there.
    """
    return [
        {"file": file.file, "at": file.at, "format": file.format, "source": file.source,
         "sha256": file.sha256, "rows": file.report.get("read"), "new": file.report.get("new"),
         "duplicates": file.report.get("duplicate"), "rejected": len(file.report.get("rejected", ()))}
        for file in all_imports(connection)
        if not file.undone and file.format != ENRICHMENT
    ]  # fmt: skip


def hits_by_source(connection: Connection, hits: Collection[int] | None = None) -> dict[str, int]:
    """Return how many rows each source gave, before merging; of some hits alone where they are given."""
    source = source_of_hit(connection).label("source")
    if hits is not None:
        names = connection.execute(select(t.hits.c.id, source).order_by(t.hits.c.id))
        return dict(Counter(row.source for row in names if row.id in hits))
    query = select(source, func.count().label("n")).join(t.members, t.members.c.hit_id == t.hits.c.id)
    query = query.group_by(source).order_by(func.min(t.hits.c.id))
    return {row.source: row.n for row in connection.execute(query)}


def rows_by_source(connection: Connection, sources: Collection[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield each row that counts: the number of its hit, the id of its record, and whether one of some sources gave it."""
    m = t.members.c
    query = select(m.hit_id, m.record_id, source_of_hit(connection).in_(sources)).join(t.hits, t.hits.c.id == m.hit_id)
    for hit, record, among in connection.execute(query):
        yield hit, record, bool(among)


def rows_received(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many rows came by (source, stem of the file's name), each row once however often it was read."""
    source, h = source_of_hit(connection).label("source"), t.hits.c
    if connection.execute(select(t.undone_imports.c.id).limit(1)).first() is None:
        # Each row counts for the import that brought it first: the database counts them by an index alone.
        query = select(source, h.import_id, func.count()).group_by(source, h.import_id)
    else:
        brought = standing_imports().subquery()
        query = select(source, brought.c.import_id, func.count()).join(brought, brought.c.hit_id == h.id)
        query = query.group_by(source, brought.c.import_id)
    query = query.where(h.import_id.not_in(enrichment_imports()))
    superseded = ut.superseded_hits.c
    if connection.execute(select(superseded.old).limit(1)).first() is not None:
        # A newer version of a row counts in its place.
        query = query.where(h.id.not_in(select(superseded.old).where(superseded.update_id.not_in(undone_updates()))))
    files = dict(connection.execute(select(t.imports.c.id, t.imports.c.file)).all())
    received: dict[tuple[str, str], int] = {}
    for name, number, count in sorted(connection.execute(query), key=lambda row: row[1]):
        key = (name, Path(files[number]).stem)
        received[key] = received.get(key, 0) + count
    return received


def count_rejected_rows(connection: Connection) -> int:
    """Return how many rows could not be read, those of a file that was read twice once."""
    rejected = {file["sha256"]: file["rejected"] for file in imported_files(connection)}
    return sum(rejected.values())


def count_merged_rows(connection: Connection) -> int:
    """Return how many rows there are beyond the first of each record."""
    members, records = connection.execute(
        select(func.count(), func.count(t.members.c.record_id.distinct())).select_from(t.members)
    ).one()
    return int(members) - int(records)


def count_links(connection: Connection) -> list[dict[str, Any]]:
    """Return by which rule duplicates and reports of one study were recognised, and how many by each.

    `kind`, `rule`, `who` and `count` of the links that hold now, the most frequent rule of each kind first.
    """
    counts = Counter(
        (link.kind, link.rule, link.who) for link in shown_links(connection) if link.active and link.kind != ENRICHES
    )
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], -item[1]))
    return [dict(zip(("kind", "rule", "who", "count"), (*key, count), strict=True)) for key, count in ordered]


def records_of_source(connection: Connection, source: str) -> set[str]:
    """Return the records, by their present ids, of which a source gave a row."""
    m = t.members.c
    query = select(m.record_id.distinct()).join(t.hits, t.hits.c.id == m.hit_id)
    return set(connection.execute(query.where(source_of_hit(connection) == source)).scalars())
