"""The links as people see them: listed with both titles, counted, and the candidates that nobody has looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, select

from . import tables as t
from .entry_ids import entry_ids
from .links import MACHINE, Link, shown_links
from .parts import in_parts
from .sources import source_of_hit
from .store import Ledger

KINDS = ("candidate", "conflict", "duplicate", "same_study", "notice_of", "describes")
"""The kinds of links, those that people have most to do with first."""


@dataclass(frozen=True)
class ListedLink:
    """A link as it is listed. `a` and `b` are the entries' own ids, `a` the later one, `record_a` and `record_b` their records.

    `repeat` is a duplicate of which both rows are identical: one source gave the entry twice. `number` is that of the
    link's newest row, `hit_a` and `hit_b` are those of the hits.
    """

    number: int
    hit_a: int
    hit_b: int
    kind: str
    active: bool
    rule: str
    score: float
    who: str
    a: str
    b: str
    source_a: str
    source_b: str
    title: str
    title_b: str
    record_a: str
    record_b: str
    repeat: bool


def listed_links(ledger: Ledger, kind: str | None = None) -> list[ListedLink]:
    """Return all links or those of a kind, each with its entries; by kind, in the order in which they were drawn."""
    with ledger.read() as connection:
        links = [link for link in shown_links(connection, kind) if link.kind in KINDS]
        hits = {hit for link in links for hit in (link.a, link.b)}
        names, rows = entry_ids(connection, hits), _rows(connection, hits)
    listed = []
    for link in sorted(links, key=lambda link: KINDS.index(link.kind)):
        a, b = rows[link.a], rows[link.b]
        listed.append(
            ListedLink(
                link.id, link.a, link.b, link.kind, link.active, link.rule, round(link.score, 3), link.who, names[link.a], names[link.b],
                a.source, b.source, a.title, b.title, a.record, b.record,
                repeat=link.kind == "duplicate" and (a.source, a.entry) == (b.source, b.entry),
            )
        )  # fmt: skip
    return listed


@dataclass(frozen=True)
class _Row:
    source: str
    entry: str
    record: str

    @property
    def title(self) -> str:
        return str(from_json(self.entry).get("title", ""))


def _rows(connection: Connection, hits: Iterable[int]) -> dict[int, _Row]:
    h, m, rows = t.hits.c, t.members.c, dict[int, _Row]()
    query = select(h.id, source_of_hit(connection), h.entry, m.record_id).join(
        t.members, m.hit_id == h.id, isouter=True
    )
    for some in in_parts(sorted(hits)):
        for hit, source, entry, record in connection.execute(query.where(h.id.in_(some))):
            rows[hit] = _Row(source, entry, record or "")
    return rows


def open_candidates(connection: Connection) -> list[Link]:
    """Return the likely duplicates that nobody has decided on, one link a pair of records, the most similar first."""
    links = [link for link in shown_links(connection, "candidate") if link.active and link.who == MACHINE]
    if not links:
        return []
    m, record_of = t.members.c, dict[int, str]()
    for some in in_parts(sorted({hit for link in links for hit in (link.a, link.b)})):
        query = select(m.hit_id, m.record_id).where(m.hit_id.in_(some))
        record_of |= dict(connection.execute(query).all())
    pairs: dict[frozenset[str], Link] = {}
    for link in sorted(links, key=lambda link: (-link.score, link.id)):
        pairs.setdefault(frozenset({record_of[link.a], record_of[link.b]}), link)
    return list(pairs.values())


def count_links_by_kind(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return by kind how many links hold, `links`, and how many of them nobody has looked at, `open`.

    Of candidates, pairs of records are counted.
    """
    counts: dict[str, dict[str, Any]] = {kind: {"links": 0, "open": 0} for kind in KINDS}
    for link in shown_links(connection):
        if link.kind in counts and link.active:
            counts[link.kind]["links"] += 1
            counts[link.kind]["open"] += link.who == MACHINE
    counts["candidate"]["open"] = len(open_candidates(connection))
    return {kind: count for kind, count in counts.items() if count["links"]}
