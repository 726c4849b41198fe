"""The search log after PRISMA-S: what was searched, when and how, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..ledger import DoneSearch, all_imports, count_links, done_searches, hits_by_source, imported_files, rows_received
from ..ledger.classified import contacts
from ..ledger.searches import stated_counts
from ..ledger.store import Connection
from ..ledger.synthetic import shown_searches
from ..protocol import Review, Source
from ..protocol.searches import Query
from .prisma_s import prisma_s


def search_log(connection: Connection, review: Review) -> dict[str, Any]:
    """Return the protocol's sources with every query, what each reported and what was received, and all files."""
    received = rows_received(connection)
    by_source = hits_by_source(connection)
    done = shown_searches(connection)
    sources = [
        _source(source, [search for search in done if search.source == source.name], received, by_source)
        for source in review.sources
    ]
    listed = {source.name for source in review.sources}
    sources += [
        {"name": name, "kind": "", "searched": "", "limits": "", "peer_review": "", "reported": None,
         "received": count, "queries": [], "listed": False, "test_server": ""}
        for name, count in by_source.items()
        if name not in listed
    ]  # fmt: skip
    shown = {number for search in done for number in search.imports}
    run = {number for search in done_searches(connection) for number in search.imports}
    of_searches = {file.sha256: file.id in shown for file in all_imports(connection) if file.id in run}
    files = [file for file in imported_files(connection) if of_searches.get(file["sha256"], True)]
    by_hand, links = [file for file in files if file["sha256"] not in of_searches], count_links(connection)
    items = prisma_s(sources, by_hand, links, len(contacts(connection)))
    return {"sources": sources, "files": files, "links": links, "items": items}


def _source(
    source: Source,
    done: Sequence[DoneSearch],
    received: Mapping[tuple[str, str], int],
    by_source: Mapping[str, int],
) -> dict[str, Any]:
    """Return a source of the protocol with its queries, and the searches that the program ran itself."""
    queries = []
    for query in source.queries:
        # A search from the included studies has other seeds in each round.
        runs = [search for search in done if query.query == search.query or query.name == search.name]
        said = runs[0].said if runs else {}
        queries.append(
            {"name": query.name, "query": query.query, "translation": query.translation or said.get("translation", ""),
             "warnings": list(query.warnings or said.get("warnings", ())), "reported": query.reported,
             "received": received.get((source.name, query.name), 0 if query.reported == 0 else None),
             "runs": _runs(query, runs, cited=source.kind == "citation_searching")}
        )  # fmt: skip
    stated = stated_counts(done).values()
    days = sorted({search.at[:10] for search in done})
    return {
        "name": source.name, "kind": source.kind, "searched": ", ".join(filter(None, [source.searched, *days])),
        "limits": source.limits, "peer_review": source.peer_review, "reported": source.total_reported,
        "received": by_source.get(source.name, 0), "queries": queries, "listed": True,
        "test_server": next((s.said["test_server"] for s in done if s.said.get("test_server")), ""),
        **({"stated": sum(one.count for one in stated), "stated_on": max(one.on for one in stated)} if stated else {}),
    }  # fmt: skip


def _runs(query: Query, runs: Sequence[DoneSearch], *, cited: bool) -> list[dict[str, Any]]:
    """Return what the program ran of a query; of a search by citation with its round, direction and seeds.

    `received` is before duplicates, `new` after them. What begins with other works is another round.
    """
    listed, rounds = list[dict[str, Any]](), dict[str, int]()
    for run in runs:
        row: dict[str, Any] = {"at": run.at, "since": run.since, "stated": run.stated, "received": run.received,
               "query": run.query if run.query != query.query else ""}  # fmt: skip
        row |= {"new": run.said["new"]} if "new" in run.said else {}
        row |= {"all_again": True} if run.said.get("all_again") else {}
        direction, _, seeds = run.query.partition(":")
        if cited and run.is_by_citation:
            number = rounds.setdefault(run.query, len(rounds) + 1)
            row |= {"round": number, "direction": direction.strip().lower(), "seeds": seeds.replace(";", " ").split(),
                    "index": run.said.get("database", "")}  # fmt: skip
        listed.append(row)
    return listed
