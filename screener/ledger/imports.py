"""What was imported: the files, how many rows each source gave, what could not be read, and what was merged."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from . import tables as t


def imported_files(connection: Connection) -> list[dict[str, Any]]:
    """Return the files in the order in which they were read, each with how many of its rows were new or rejected."""
    files = []
    for row in connection.execute(select(t.imports).order_by(t.imports.c.id)).mappings():
        report = json.loads(row["report"])
        files.append(
            {"file": Path(row["file"]).name, "at": row["at"], "format": row["format"], "source": row["source"],
             "sha256": row["sha256"], "rows": report.get("read"), "new": report.get("new"),
             "duplicates": report.get("duplicate"), "rejected": len(report.get("rejected", ()))}
        )  # fmt: skip
    return files


def hits_by_source(connection: Connection) -> dict[str, int]:
    """Return how many rows each source gave, before merging."""
    query = select(t.hits.c.source, func.count().label("n")).group_by(t.hits.c.source).order_by(func.min(t.hits.c.id))
    return {row.source: row.n for row in connection.execute(query)}


def rows_received(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many rows came by (source, stem of the file's name), each row once however often it was read."""
    query = select(t.hits.c.source, t.imports.c.file, func.count()).join(
        t.imports, t.imports.c.id == t.hits.c.import_id
    )
    received: dict[tuple[str, str], int] = {}
    for source, file, count in connection.execute(query.group_by(t.hits.c.source, t.imports.c.file)):
        key = (source, Path(file).stem)
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
    c = t.links.c
    newest = select(func.max(c.id)).group_by(c.kind, c.a, c.b).scalar_subquery()
    query = (
        select(c.kind, c.rule, c.who, func.count())
        .where(c.id.in_(newest), c.active == 1)
        .group_by(c.kind, c.rule, c.who)
        .order_by(c.kind, func.count().desc())
    )
    return [dict(zip(("kind", "rule", "who", "count"), row, strict=True)) for row in connection.execute(query)]
