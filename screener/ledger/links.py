"""Links between entries, each a row: what was said of a link last is its newest row."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from ..records import Entry
from . import tables as t
from .clusters import links_at
from .parts import in_parts
from .sources import source_of_hit
from .store import now
from .undone import absent_hits, cluster_roots

MACHINE = "screener"
"""Who says a link until a person has looked at it."""
TAKEN_BACK = "taken back"
"""The rule of a link that a person drew and took back: it says nothing of its records."""


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
    end so, or whose ends are one hit then, is left out. What a person said of two records holds for what the program
    links between them later, such as when the same rows come again: a candidate that was dismissed stays dismissed.
    """
    rows, absent = current_links(connection), absent_hits(connection)
    links = [Link(row.id, row.kind, row.a, row.b, bool(row.active), row.rule, row.score, row.who) for row in rows]
    if absent:
        links = _between_those_that_count(links, absent)
    links = _as_people_settled(connection, links)
    return [link for link in links if kind is None or link.kind == kind]


def _between_those_that_count(links: Sequence[Link], absent: set[int]) -> list[Link]:
    roots = cluster_roots(
        ((link.a, link.b) for link in links if link.active and link.kind == "duplicate"), {*absent, *_ends(links)}
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


_SETTLED_BY = {
    "candidate": frozenset({"candidate", "duplicate", "same_study", "notice_of", "conflict", "describes"}),
    "same_study": frozenset({"same_study", "candidate"}),
    "notice_of": frozenset({"notice_of", "candidate"}),
    "conflict": frozenset({"conflict", "candidate", "duplicate"}),
}
"""By kind of a link that the program drew, what kinds of a person's link between the same records settle it."""


def _as_people_settled(connection: Connection, links: list[Link]) -> list[Link]:
    """Return links with those that the program drew between records as people have settled what these are."""
    if not any(link.who == MACHINE and link.kind in _SETTLED_BY for link in links):
        return links
    record_of = records_of(connection, _ends(links))

    def records(link: Link) -> tuple[str, str]:
        first, second = sorted((record_of.get(link.a, ""), record_of.get(link.b, "")))
        return first, second

    words: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        if link.who != MACHINE and link.rule != TAKEN_BACK:
            words[records(link)].append(link)
    return [_settled(link, records(link), words) for link in links]


def _settled(link: Link, ends: tuple[str, str], words: Mapping[tuple[str, str], Sequence[Link]]) -> Link:
    if link.who != MACHINE or link.kind not in _SETTLED_BY:
        return link
    if ends[0] == ends[1]:  # merged since
        return replace(link, active=False)
    said = [word for word in words.get(ends, ()) if word.kind in _SETTLED_BY[link.kind]]
    if not said:
        return link
    last = max(said, key=lambda word: word.id)
    active = link.active if link.kind == "conflict" else link.kind == last.kind and last.active
    return replace(link, active=active, who=last.who)


def links_of_record(connection: Connection, hits: Collection[int]) -> list[Link]:
    """Return the links of some hits, all those of a record, as `shown_links` does; no others are read."""
    rows = links_at(connection, sorted(hits))
    links = [Link(row.id, row.kind, row.a, row.b, bool(row.active), row.rule, row.score, row.who) for row in rows]
    return _as_people_settled(connection, links)


def records_of(connection: Connection, hits: Collection[int]) -> dict[int, str]:
    """Return the records that some hits are part of, by the hits' numbers; those that count no more are left out."""
    m, record_of = t.members.c, dict[int, str]()
    for some in in_parts(sorted(hits)):
        record_of |= dict(connection.execute(select(m.hit_id, m.record_id).where(m.hit_id.in_(some))).all())
    return record_of


def _ends(links: Iterable[Link]) -> set[int]:
    return {hit for link in links for hit in (link.a, link.b)}


def parted_hits(connection: Connection, hits: Collection[int]) -> list[tuple[int, int]]:
    """Return the pairs among some hits of which a person has said something else than that they are one record."""
    some = set(hits)
    links = [link for link in links_at(connection, sorted(some)) if link.a in some and link.b in some]
    merged = {(link.a, link.b) for link in links if link.kind == "duplicate" and link.active}
    said = [link for link in links if link.who != MACHINE and link.rule != TAKEN_BACK]
    return [(link.a, link.b) for link in said if (link.a, link.b) not in merged]


def link_row(kind: str, a: int, b: int, rule: str, score: float, who: str, *, active: bool = True) -> dict[str, Any]:
    """Return a link between two hits, as of now, as a row to be inserted."""
    return {"kind": kind, "a": a, "b": b, "active": int(active), "rule": rule, "score": score, "who": who, "at": now()}


def add_link(connection: Connection, row: dict[str, Any]) -> None:
    """Draw a link between two hits, a `link_row`, or supersede what was said of it before."""
    connection.execute(insert(t.links), row)


def links_after(connection: Connection, number: int) -> list[int]:
    """Return the numbers of the rows behind a number, oldest first."""
    return list(connection.execute(select(t.links.c.id).where(t.links.c.id > number).order_by(t.links.c.id)).scalars())


def link_ends(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return the hits of some links' rows, by the rows' numbers."""
    c, ends = t.links.c, dict[int, tuple[int, int]]()
    for some in in_parts(sorted(numbers)):
        for row in connection.execute(select(c.id, c.a, c.b).where(c.id.in_(some))):
            ends[row.id] = (row.a, row.b)
    return ends


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
                row.kind, row.a, row.b, same.rule if old is not None else TAKEN_BACK, same.score,
                who if old is None else old.who,
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


def own_links(connection: Connection, hits: Collection[int], *, active: bool) -> list[Any]:
    """Return the newest rows of the links that the program drew from some hits to earlier ones."""
    return [
        row
        for row in current_links(connection)
        if row.who == MACHINE and bool(row.active) is active and row.a in hits and row.b not in hits
    ]


def revive_links(connection: Connection, hits: Collection[int]) -> None:
    """Draw again the links of rows that are back, since the update that brought them was taken back with its links."""
    for row in own_links(connection, hits, active=False):
        add_link(connection, link_row(row.kind, row.a, row.b, row.rule, row.score, MACHINE))
