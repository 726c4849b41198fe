"""The search log after PRISMA-S: what was searched, when and how, and what came of it."""

from typing import Any

from ..ledger import count_links, hits_by_source, imported_files, rows_received
from ..ledger.classified import contacts
from ..ledger.store import Connection
from ..protocol import Review
from .prisma_s import prisma_s


def search_log(connection: Connection, review: Review) -> dict[str, Any]:
    """Return the protocol's sources with every query, what each reported and what was received, and all files."""
    received = rows_received(connection)
    by_source = hits_by_source(connection)
    sources: list[dict[str, Any]] = []
    for source in review.sources:
        queries = [
            {"name": query.name, "query": query.query, "translation": query.translation,
             "warnings": list(query.warnings), "reported": query.reported,
             "received": received.get((source.name, query.name), 0 if query.reported == 0 else None)}
            for query in source.queries
        ]  # fmt: skip
        sources.append(
            {"name": source.name, "kind": source.kind, "searched": source.searched, "limits": source.limits,
             "peer_review": source.peer_review, "reported": source.total_reported, "received": by_source.get(source.name, 0), "queries": queries,
             "listed": True}
        )  # fmt: skip
    listed = {source.name for source in review.sources}
    sources += [
        {"name": name, "kind": "", "searched": "", "limits": "", "peer_review": "", "reported": None,
         "received": count, "queries": [], "listed": False}
        for name, count in by_source.items()
        if name not in listed
    ]  # fmt: skip
    files, links = imported_files(connection), count_links(connection)
    items = prisma_s(sources, files, links, len(contacts(connection)))
    return {"sources": sources, "files": files, "links": links, "items": items}
