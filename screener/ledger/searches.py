"""Searches of databases over the network: what each stated and brought, once its records were entered."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from . import tables as t
from . import update_tables as ut


@dataclass(frozen=True)
class DoneSearch:
    """A search whose records were entered. Times are ISO 8601; `since` is empty where everything was asked for."""

    at: str
    source: str
    name: str
    query: str
    since: str
    stated: int | None
    received: int
    sha256: str
    imports: tuple[int, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    """What the database said of the query: `translation`, `warnings`; `test_server` is the host of what stood for it.

    `all_again` is why everything was asked for again, `database` its name, `new` how many records no search before it and no other source had.
    """

    @property
    def is_by_citation(self) -> bool:
        """Return whether it begins with works: `forwards: doi:10.1000/1`."""
        return self.query.partition(":")[0].strip().lower() in ("forwards", "backwards")


def add_search(connection: Connection, search: DoneSearch) -> None:
    """Note a search whose records were entered."""
    row = {name: value for name, value in vars(search).items() if name not in ("imports", "said")}
    body = json.dumps({"imports": search.imports, **search.said}, ensure_ascii=False)
    connection.execute(insert(ut.searches), {**row, "body": body})


def done_searches(connection: Connection, sources: Collection[str] | None = None) -> list[DoneSearch]:
    """Return the searches whose records were entered, of some sources or of all, in their order.

    One of which an import was taken back is none: its records are to be entered again.
    """
    undone = set(connection.execute(select(t.undone_imports.c.import_id)).scalars())
    query = select(ut.searches).order_by(ut.searches.c.id)
    if sources is not None:
        query = query.where(ut.searches.c.source.in_(sorted(sources)))
    searches = list[DoneSearch]()
    for row in connection.execute(query):
        said = json.loads(row.body)
        imports = tuple(said.pop("imports", ()))
        if not undone.isdisjoint(imports):
            continue
        searches.append(
            DoneSearch(
                row.at, row.source, row.name, row.query, row.since, row.stated, row.received, row.sha256, imports, said
            )
        )
    return searches


@dataclass(frozen=True)
class Stated:
    """How many records a database stated for all of a search, and the day (ISO 8601) on which it did."""

    count: int
    on: str


def stated_counts(searches: Iterable[DoneSearch]) -> dict[tuple[str, str], Stated]:
    """Return what databases stated last of whole searches, by source and name of the search.

    Rounds of one search by citation, which begin with other studies each, are added; of any other search whose query was
    changed, the last query counts. What was new since a day says nothing of the whole.
    """
    newest = {
        (search.source, search.name, search.query if search.is_by_citation else ""): Stated(
            search.stated, search.at[:10]
        )
        for search in searches
        if not search.since and search.stated is not None
    }
    counts: dict[tuple[str, str], Stated] = {}
    for (source, name, _), stated in newest.items():
        before = counts.get((source, name), Stated(0, ""))
        counts[source, name] = Stated(before.count + stated.count, max(before.on, stated.on))
    return counts
