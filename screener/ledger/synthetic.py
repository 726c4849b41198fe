"""What came from test servers: servers on this machine or in a private network that stood for a database.

Such rows are kept, so that a review can be tried out, and are marked as synthetic: they are no result of a search.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from . import tables as t
from .imports import hits_by_source
from .searches import done_searches
from .superseded import superseded_by


@dataclass(frozen=True)
class Synthetic:
    """What is synthetic. `rows` counts by source those that test servers alone sent; `servers` are their hosts by source.

    A record is synthetic if no other row is in it, nor was before a test server sent a newer version. `imports` are the
    numbers of all that test servers sent.
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
    imports = {number for search in searches for number in search.imports}
    if not imports:
        return Synthetic()
    undone = set(connection.execute(select(t.undone_imports.c.import_id)).scalars())
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
    servers = {search.source: str(search.said["test_server"]) for search in searches}
    return Synthetic(hits_by_source(connection, rows), frozenset(records - real), tuple(sorted(imports)), servers)


def _versions(hit: int, before: Mapping[int, list[int]]) -> set[int]:
    """Return a hit with all earlier versions in whose place it stands."""
    seen, waiting = set[int](), [hit]
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += before.get(number, ())
    return seen
