"""Notices of papers that are in the review: which record is one, of which record, and whether it is screened alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ..documents import ReportNotice
from ..records import MARKS, Entry, NoticeKind, Record
from . import tables as t
from .hub import read_hub
from .judgements import PEOPLE, not_withdrawn
from .links import MACHINE, Link, shown_links
from .parts import in_parts
from .record_ids import all_ids_of


@dataclass(frozen=True)
class LinkedNotice:
    """A record that is a notice of another one. `kind` is None where only a person says that it is one.

    `set_aside`: it is not screened alone. `who` says so, by which `rule`.
    """

    notice: str
    paper: str
    kind: NoticeKind | None
    rule: str
    who: str
    set_aside: bool


def linked_notices(connection: Connection) -> list[LinkedNotice]:
    """Return the notices of papers in the review, in the order in which they came; one of two papers twice.

    A link that the program drew sets no record aside that a person or the gold has judged, or that was drawn into a
    sample: what people have begun stays theirs. One that a person confirmed does.
    """
    some = select(t.links.c.id).where(t.links.c.kind == "notice_of").limit(1)
    if connection.execute(some).first() is None:
        return []
    links = [link for link in shown_links(connection, "notice_of") if link.active]
    ends = _ends(connection, {hit for link in links for hit in (link.a, link.b)})
    drawn = []
    for link in links:
        if link.a in ends and link.b in ends:
            about, paper = _turned(link, ends)
            if ends[about][0] != ends[paper][0]:  # a person has merged them since
                drawn.append((link, about, paper))
    from ..records import notice  # what tells notices takes long to import, and most reviews have none

    kept = _begun(connection, {ends[about][0] for link, about, _ in drawn if link.who == MACHINE})
    linked: dict[tuple[str, str], LinkedNotice] = {}
    for link, about, paper in sorted(drawn, key=lambda item: (item[1], item[2])):
        record, entry = ends[about]
        found = notice(entry)
        aside = link.who != MACHINE or record not in kept
        key = (record, ends[paper][0])
        if key not in linked or (aside and not linked[key].set_aside):
            linked[key] = LinkedNotice(*key, found.kind if found else None, link.rule, link.who, aside)
    return list(linked.values())


def records_set_aside(connection: Connection) -> frozenset[str]:
    """Return the records that are not screened: notices of others, models and data sets, and what came by these alone and
    is named by none on topic.
    """
    return notices_set_aside(connection) | read_hub(connection).not_screened


def notices_set_aside(connection: Connection) -> frozenset[str]:
    """Return the records that are notices of others and are not screened alone."""
    return frozenset(item.notice for item in linked_notices(connection) if item.set_aside)


def notices_to_show(connection: Connection) -> dict[str, tuple[ReportNotice, ...]]:
    """Return what extractors are shown of each paper's notices, by the paper's record: errata, concerns, retractions."""
    linked = [item for item in linked_notices(connection) if item.kind in MARKS]
    if not linked:
        return {}
    bodies: dict[str, Record] = {}
    query = select(t.records.c.id, t.records.c.body)
    for some in in_parts(sorted({item.notice for item in linked})):
        for name, body in connection.execute(query.where(t.records.c.id.in_(some))):
            bodies[name] = Record.model_validate_json(body)
    shown: dict[str, tuple[ReportNotice, ...]] = {}
    for item in linked:
        record = bodies[item.notice]
        told = ReportNotice(
            id=record.id, kind=str(item.kind), title=record.title, year=record.year, text=record.abstract
        )
        shown[item.paper] = (*shown.get(item.paper, ()), told)
    return shown


def _ends(connection: Connection, hits: Iterable[int]) -> dict[int, tuple[str, Entry]]:
    """Return the record and the entry of each hit that counts."""
    query = select(t.hits.c.id, t.members.c.record_id, t.hits.c.entry).join(
        t.members, t.members.c.hit_id == t.hits.c.id
    )
    ends = {}
    for some in in_parts(sorted(hits)):
        for hit, record, entry in connection.execute(query.where(t.hits.c.id.in_(some))):
            ends[hit] = (record, Entry.model_validate_json(entry))
    return ends


def _turned(link: Link, ends: dict[int, tuple[str, Entry]]) -> tuple[int, int]:
    """Return the notice's hit and the paper's: the first end is the notice, unless the entries say otherwise."""
    from ..records import notice_match

    first, second = ends[link.a][1], ends[link.b][1]
    return (link.b, link.a) if notice_match(second, first) and not notice_match(first, second) else (link.a, link.b)


def _begun(connection: Connection, records: Collection[str]) -> set[str]:
    """Return those of some records that people or the gold have judged, or that are in a sample."""
    begun = set[str]()
    j, members = t.judgements.c, t.sample_members.c
    for some in in_parts(sorted(records)):
        current = {name: record for record in some for name in all_ids_of(connection, [record])}
        judged = select(j.record_id).where(
            j.record_id.in_(list(current)), j.role.in_((*PEOPLE, "gold")), not_withdrawn()
        )
        sampled = select(members.record_id).where(members.record_id.in_(list(current)))
        for query in (judged, sampled):
            begun.update(current[name] for name in connection.execute(query.distinct()).scalars())
    return begun
