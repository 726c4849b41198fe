"""The links as people see them: listed with both titles, counted, and the candidates that nobody has looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, select

from . import tables as t
from .entry_ids import entry_ids
from .links import MACHINE, Link, links_of_record, records_of, shown_links
from .merges import merged_hits
from .parts import in_parts
from .sources import source_of_hit
from .store import Ledger

KINDS = ("candidate", "conflict", "duplicate", "same_study", "notice_of", "describes")
"""The kinds of links, those that people have most to do with first."""


@dataclass(frozen=True)
class LinkRow:
    """A link between two entries, with the rule that drew it, its score and who: `screener` until a person has looked at it.

    `a` and `b` are the entries' own ids, `a` the later one; `title` is that of `a`, `title_b` that of `b`, and `record_a`
    and `record_b` the records that they are in. `kind` is duplicate (merged), candidate (a likely duplicate), same_study,
    notice_of, conflict (one identifier, two titles) or describes; one that is not `active` was undone or dismissed.
    `repeat` is a duplicate whose two rows are identical.
    """

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

    def as_json(self) -> dict[str, Any]:
        """Return what `dedup list` lists with `--json`."""
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class ListedLink(LinkRow):
    """A link as it is listed, with the numbers of its newest row and of its hits."""

    number: int
    hit_a: int
    hit_b: int


def listed_links(ledger: Ledger, kind: str | None = None) -> list[ListedLink]:
    """Return all links or those of a kind, each with its entries; by kind, in the order in which they were drawn."""
    with ledger.read() as connection:
        links = [link for link in shown_links(connection, kind) if link.kind in KINDS]
        return with_entries(connection, sorted(links, key=lambda link: KINDS.index(link.kind)))


def with_entries(connection: Connection, links: Sequence[Link]) -> list[ListedLink]:
    """Return links as they are listed, in their order, each with what its entries say."""
    hits = {hit for link in links for hit in (link.a, link.b)}
    names, rows = entry_ids(connection, hits), _rows(connection, hits)
    listed = []
    for link in links:
        a, b = rows[link.a], rows[link.b]
        listed.append(
            ListedLink(
                link.kind, link.active, link.rule, round(link.score, 3), link.who, names[link.a], names[link.b],
                a.source, b.source, a.title, b.title, a.record, b.record,
                repeat=link.kind == "duplicate" and (a.source, a.entry) == (b.source, b.entry),
                number=link.id, hit_a=link.a, hit_b=link.b,
            )
        )  # fmt: skip
    return listed


@dataclass(frozen=True)
class LinkOverview:
    """All links as they hold now, without what their entries say, for lists of which people see a page at a time.

    `record_of` are the records of their hits, `repeats` the numbers of merges of identical rows.
    """

    links: Sequence[Link]
    record_of: Mapping[int, str]
    repeats: frozenset[int]


def link_overview(connection: Connection) -> LinkOverview:
    """Return all links, reading no entry but those of links that were drawn anew by an undone import."""
    links = shown_links(connection)
    shown = {link.id: link for link in links if link.kind == "duplicate"}
    a, b, c = t.hits.alias(), t.hits.alias(), t.links.c
    same = (
        select(c.id, c.a, c.b)
        .select_from(t.links.join(a, a.c.id == c.a).join(b, b.c.id == c.b))
        .where(c.kind == "duplicate", a.c.entry == b.c.entry)
    )
    equal = [row for row in connection.execute(same) if row.id in shown]
    source_of = _sources(connection, {hit for row in equal for hit in (row.a, row.b)})
    repeats = {row.id for row in equal if source_of[row.a] == source_of[row.b]}
    ends = {row.id: (row.a, row.b) for row in connection.execute(select(c.id, c.a, c.b).where(c.kind == "duplicate"))}
    moved = [link for link in shown.values() if (link.a, link.b) != ends[link.id]]
    repeats |= {link.number for link in with_entries(connection, moved) if link.repeat}
    record_of = records_of(connection, {hit for link in links for hit in (link.a, link.b)})
    return LinkOverview(links, record_of, frozenset(repeats))


def _sources(connection: Connection, hits: Iterable[int]) -> dict[int, str]:
    h, sources = t.hits.c, dict[int, str]()
    for some in in_parts(sorted(hits)):
        sources |= dict(connection.execute(select(h.id, source_of_hit(connection)).where(h.id.in_(some))).all())
    return sources


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
        for hit, source, entry, record in connection.execute(query.where(h.id.in_(some))).all():
            rows[hit] = _Row(source, entry, record or "")
    return rows


@dataclass(frozen=True)
class OpenPair:
    """Two records that the program has linked, and nobody has looked at it: `candidate` or `same_study`."""

    link: Link
    records: frozenset[str]

    def other(self, record: str) -> str:
        """Return the other record than this one."""
        (other,) = self.records - {record}
        return other


def open_pairs(connection: Connection, *, record: str | None = None) -> list[OpenPair]:
    """Return the candidates and supposed studies that nobody has decided on, all or those of a record.

    There is one a pair of records and kind, the most similar first. Two that are a candidate are not listed as a study.
    """
    links = shown_links(connection) if record is None else links_of_record(connection, merged_hits(connection, record))
    links = [link for link in links if link.kind in _OPEN and link.active and link.who == MACHINE]
    record_of = records_of(connection, {hit for link in links for hit in (link.a, link.b)})
    pairs: dict[frozenset[str], OpenPair] = {}
    for link in sorted(links, key=lambda link: (_OPEN.index(link.kind), -link.score, link.id)):
        ends = frozenset(name for hit in (link.a, link.b) if (name := record_of.get(hit)))
        if len(ends) == 2:
            pairs.setdefault(ends, OpenPair(link, ends))
    return list(pairs.values())


_OPEN = ("candidate", "same_study")


def open_candidates(connection: Connection) -> list[Link]:
    """Return the likely duplicates that nobody has decided on, one link a pair of records, the most similar first."""
    return [pair.link for pair in open_pairs(connection) if pair.link.kind == "candidate"]
