"""What came from test servers: servers on this machine or in a private network that stood for a database.

Such rows are kept, so that a review can be tried out, and are marked as synthetic: they are no result of a search.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from . import tables as t
from .clusters import links_at
from .filling import ENRICHES, ENRICHMENT, enrichment_imports
from .imports import hits_by_source
from .searches import DoneSearch, done_searches
from .superseded import superseded_by


@dataclass(frozen=True)
class Synthetic:
    """What is synthetic. `rows` counts by source those that test servers alone sent; `servers` are their hosts by source.

    A record is synthetic if no other row is in it, nor was before a test server sent a newer version, and where a test server
    filled it in. `imports` are the numbers of all that test servers sent.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    records: frozenset[str] = frozenset()
    imports: tuple[int, ...] = ()
    servers: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many rows are synthetic."""
        return sum(self.rows.values())

    @property
    def sentence(self) -> str:
        """Return what there is, in words; empty where nothing is synthetic."""
        if not self.count:
            return ""
        by_source = ", ".join(f"{name} {n:,}" for name, n in self.rows.items())
        noun = "row is" if self.count == 1 else "rows are"
        return (
            f"{self.count:,} {noun} synthetic, from test servers ({by_source}): no result of a search. Take them back: "
            "`screener import --undo test-servers`"
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as `status --json` and the figures have it."""
        return {"rows": dict(self.rows), "records": len(self.records), "servers": dict(self.servers)}


def read_synthetic(connection: Connection) -> Synthetic:
    """Return what of the rows that count came from test servers alone."""
    searches = [search for search in done_searches(connection) if search.said.get("test_server")]
    undone = set(connection.execute(select(t.undone_imports.c.import_id)).scalars())
    looked_up = {number: told for number, told in _looked_up(connection).items() if number not in undone}
    imports = looked_up.keys() | {number for search in searches for number in search.imports}
    if not imports:
        return Synthetic()
    brought: dict[int, set[int]] = {}
    for table, hit in ((t.hits, t.hits.c.id), (t.repeated_hits, t.repeated_hits.c.hit_id)):
        for number, import_id in connection.execute(select(hit, table.c.import_id)):
            if import_id not in undone:
                brought.setdefault(number, set()).add(import_id)
    invented = {hit for hit, by in brought.items() if by <= imports}
    before: dict[int, list[int]] = {}
    for old, new in superseded_by(connection).items():
        before.setdefault(new, []).append(old)
    rows, records, real = set[int](), set[str](), set[str]()
    for hit, record in connection.execute(select(t.members.c.hit_id, t.members.c.record_id)):
        (records if hit in invented else real).add(record)
        if hit in invented:
            rows.add(hit)
            if (_versions(hit, before) & brought.keys()) - invented:
                real.add(record)
    filling, filled = _filled(connection, looked_up, invented)
    counts = {**hits_by_source(connection, rows), **Counter(filling.values())}
    servers = {search.source: str(search.said["test_server"]) for search in searches} | dict(looked_up.values())
    return Synthetic(counts, frozenset((records - real) | filled), tuple(sorted(imports)), servers)


def _looked_up(connection: Connection) -> dict[int, tuple[str, str]]:
    """Return the source and the host of the imports in which test servers told what records lack."""
    query = select(t.imports.c.id, t.imports.c.source, t.imports.c.report).where(t.imports.c.format == ENRICHMENT)
    told = [(row.id, row.source, json.loads(row.report).get("test_server", "")) for row in connection.execute(query)]
    return {number: (source, host) for number, source, host in told if host}


def _filled(
    connection: Connection, imports: Collection[int], invented: Collection[int]
) -> tuple[dict[int, str], set[str]]:
    """Return the rows of such imports that count, each with its source, and the records that they fill in."""
    if not imports:
        return {}, set()
    query = select(t.hits.c.id, t.hits.c.source).where(t.hits.c.import_id.in_(enrichment_imports()))
    filling = {row.id: str(row.source) for row in connection.execute(query) if row.id in invented}
    targets = {link.b for link in links_at(connection, sorted(filling), ENRICHES) if link.active and link.a in filling}
    members = connection.execute(select(t.members.c.hit_id, t.members.c.record_id))
    return filling, {record for hit, record in members if hit in targets}


def shown_searches(connection: Connection) -> list[DoneSearch]:
    """Return the searches that reports, lists and counts show: those of databases themselves.

    While rows of test servers are there, all of them: a report is then one for trial, and says so on every page.
    """
    done, trial = done_searches(connection), bool(read_synthetic(connection).count)
    return [search for search in done if trial or not search.said.get("test_server")]


def _versions(hit: int, before: Mapping[int, list[int]]) -> set[int]:
    """Return a hit with all earlier versions in whose place it stands."""
    seen, waiting = set[int](), [hit]
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += before.get(number, ())
    return seen
