"""The search log after PRISMA-S: what was searched, when and how, and what came of it."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from ..ledger import reads
from ..ledger import tables as t
from ..protocol.model import Review
from .prisma_s import prisma_s


def search_log(connection: Connection, review: Review) -> dict[str, Any]:
    """The protocol's sources with every query as it was run, what each reported and what was received, and all files."""
    received = reads.rows_received(connection)
    by_source = reads.hits_by_source(connection)
    sources: list[dict[str, Any]] = []
    for source in review.sources:
        queries = [
            {"name": one.name, "query": one.query, "reported": one.reported,
             "received": received.get((source.name, one.name), 0 if one.reported == 0 else None)}
            for one in source.queries
        ]  # fmt: skip
        sources.append(
            {"name": source.name, "kind": source.kind, "searched": source.searched, "limits": source.limits,
             "reported": source.total_reported, "received": by_source.get(source.name, 0), "queries": queries,
             "listed": True}
        )  # fmt: skip
    known = {source.name for source in review.sources}
    sources += [
        {"name": name, "kind": "", "searched": "", "limits": "", "reported": None, "received": count, "queries": [],
         "listed": False}
        for name, count in by_source.items()
        if name not in known
    ]  # fmt: skip
    files, links = _files(connection), _links(connection)
    return {"sources": sources, "files": files, "links": links, "items": prisma_s(sources, files, links)}


def _files(connection: Connection) -> list[dict[str, Any]]:
    found = []
    for row in connection.execute(select(t.imports).order_by(t.imports.c.id)).mappings():
        report = json.loads(row["report"])
        found.append(
            {"file": Path(row["file"]).name, "at": row["at"], "format": row["format"], "source": row["source"],
             "sha256": row["sha256"], "rows": report.get("read"), "new": report.get("new"),
             "duplicates": report.get("duplicate"), "rejected": len(report.get("rejected", ()))}
        )  # fmt: skip
    return found


def _links(connection: Connection) -> list[dict[str, Any]]:
    """By which rule duplicates and reports of one study were recognised."""
    c = t.links.c
    newest = select(func.max(c.id)).group_by(c.kind, c.a, c.b).scalar_subquery()
    query = (
        select(c.kind, c.rule, c.who, func.count())
        .where(c.id.in_(newest), c.active == 1)
        .group_by(c.kind, c.rule, c.who)
        .order_by(c.kind, func.count().desc())
    )
    return [dict(zip(("kind", "rule", "who", "count"), row, strict=True)) for row in connection.execute(query)]
