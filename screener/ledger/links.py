"""Links between entries, each a row: what was said of a link last is its newest row."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from ..records import Entry
from . import tables as t
from .parts import in_parts
from .sources import source_of_hit
from .store import now
from .undone import absent_hits, cluster_roots

MACHINE = "screener"
"""Who says a link until a person has looked at it."""


@dataclass(frozen=True)
class LinkedEntry:
    """An entry as its source gave it, with the number of its hit and the record that it is part of now."""

    hit: int
    name: str
    source: str
    entry: Entry
    record: str


def current_links(connection: Connection, kind: str | None = None) -> list[Any]:
    """Return the newest row of every link, active or not, in the order in which they were first drawn."""
    newest: dict[tuple[str, int, int], Any] = {}
    for row in connection.execute(select(t.links).order_by(t.links.c.id)):
        if kind is None or row.kind == kind:
            newest[row.kind, max(row.a, row.b), min(row.a, row.b)] = row
    return list(newest.values())


@dataclass(frozen=True)
class Link:
    """What was said last of a link between two hits, `a` the later one."""

    id: int
    kind: str
    a: int
    b: int
    active: bool
    rule: str
    score: float
    who: str


def shown_links(connection: Connection, kind: str | None = None) -> list[Link]:
    """Return the newest row of every link as it holds between the hits that count.

    In the place of a hit whose import was taken back stands the first of those merged with it. A link that has lost an
    end so, or whose ends are one hit then, is left out.
    """
    rows, absent = current_links(connection, kind), absent_hits(connection)
    links = [Link(row.id, row.kind, row.a, row.b, bool(row.active), row.rule, row.score, row.who) for row in rows]
    if not absent:
        return links
    merged = rows if kind == "duplicate" else current_links(connection, "duplicate")
    roots = cluster_roots(
        ((row.a, row.b) for row in merged if row.active and row.kind == "duplicate"), {*absent, *_ends(links)}
    )
    first: dict[int, int] = {}
    for hit in sorted(roots):
        if hit not in absent:
            first.setdefault(roots[hit], hit)
    stands_in = {hit: first.get(roots[hit]) for hit in absent}
    held = []
    for link in links:
        a, b = stands_in.get(link.a, link.a), stands_in.get(link.b, link.b)
        if (a, b) == (link.a, link.b):
            held.append(link)
        elif a is not None and b is not None and a != b:
            held.append(replace(link, a=max(a, b), b=min(a, b)))
    return held


def _ends(links: Iterable[Link]) -> set[int]:
    return {hit for link in links for hit in (link.a, link.b)}


def link_row(kind: str, a: int, b: int, rule: str, score: float, who: str, *, active: bool = True) -> dict[str, Any]:
    """Return a link between two hits, as of now, as a row to be inserted."""
    return {"kind": kind, "a": a, "b": b, "active": int(active), "rule": rule, "score": score, "who": who, "at": now()}


def add_link(connection: Connection, row: dict[str, Any]) -> None:
    """Draw a link between two hits, a `link_row`, or supersede what was said of it before."""
    connection.execute(insert(t.links), row)


def supersede_link(connection: Connection, number: int, who: str, *, active: bool) -> None:
    """Enter the link of a row, by its number, as what a person says of it now."""
    row = connection.execute(select(t.links).where(t.links.c.id == number)).one()
    add_link(connection, link_row(row.kind, row.a, row.b, row.rule, row.score, who, active=active))


def links_by(connection: Connection, who: str, *, after: int = 0) -> list[int]:
    """Return the numbers of the rows that somebody has drawn, those behind a number, oldest first."""
    query = select(t.links.c.id).where(t.links.c.who == who, t.links.c.id > after).order_by(t.links.c.id)
    return list(connection.execute(query).scalars())


def take_back_links(connection: Connection, numbers: Collection[int], who: str) -> list[Any] | None:
    """Draw links as they were before some rows, by rows that supersede these; return the rows that are superseded.

    A link that these rows drew first is no more. None, and nothing is drawn, where somebody has said something else of one
    of the links since.
    """
    rows = list(connection.execute(select(t.links).order_by(t.links.c.id)))
    ends = {row.id: (row.kind, max(row.a, row.b), min(row.a, row.b)) for row in rows}
    taken = [row for row in rows if row.id in numbers]
    newest, before = dict[Any, Any](), dict[Any, Any]()
    for row in rows:
        newest[ends[row.id]] = row
        if row.id < min(numbers):
            before[ends[row.id]] = row
    drawn = {ends[row.id]: row for row in taken}
    # Compared by what they say: what came after them and was taken back says the same again.
    if any((newest[link].who, newest[link].active) != (row.who, row.active) for link, row in drawn.items()):
        return None
    for link, row in drawn.items():
        old = before.get(link)
        same = old if old is not None else row
        add_link(
            connection,
            link_row(
                row.kind, row.a, row.b, same.rule, same.score, who if old is None else old.who,
                active=old is not None and bool(old.active),
            ),
        )  # fmt: skip
    return taken


def hits_of(connection: Connection, record_id: str) -> list[int]:
    """Return the numbers of the hits that a record is made of, in order."""
    query = select(t.members.c.hit_id).where(t.members.c.record_id == record_id).order_by(t.members.c.hit_id)
    return list(connection.execute(query).scalars())


def linked_entries(connection: Connection, hits: Iterable[int]) -> dict[int, LinkedEntry]:
    """Return the entries of some hits, by the hits' numbers."""
    h, m, entries = t.hits.c, t.members.c, dict[int, LinkedEntry]()
    source = source_of_hit(connection)
    query = select(h.id, h.name, source, h.entry, m.record_id).join(t.members, m.hit_id == h.id)
    for some in in_parts(sorted(hits)):
        for hit, name, source, entry, record in connection.execute(query.where(h.id.in_(some))):
            entries[hit] = LinkedEntry(hit, name, source, Entry.model_validate_json(entry), record)
    return entries
