"""Records merged, split and linked as reports of one study by people; each act a link that supersedes what was said."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select

from ..core.errors import BadInput
from ..records import Entry, name_of
from . import reads
from . import tables as t
from .clusters import clusters_of
from .links import add_link, current_links, hits_of, link_row, linked_entries, shown_links, take_back_links
from .rebuild import hit_rows, rebuild
from .sources import source_of_hit
from .store import Ledger
from .undone import cluster_roots


def merge_records(ledger: Ledger, first: str, second: str, who: str) -> str:
    """Merge two records by a person's decision; return the id of the record that they make."""
    with ledger.write() as connection:
        a, b = _hits_of(connection, first), _hits_of(connection, second)
        if a == b:
            raise BadInput(f"{first} and {second} are one record already")
        add_link(connection, link_row("duplicate", b[0], a[0], "by hand", 1.0, who))
        rebuild(connection, [a[0], b[0]])
        record = connection.execute(select(t.members.c.record_id).where(t.members.c.hit_id == min(a[0], b[0])))
        return str(record.scalar_one())


def split_record(ledger: Ledger, name: str, who: str) -> list[str]:
    """Undo all merges of a record by rows that supersede them; return the ids of the records that come apart.

    Rows of one database with the same accession number stay together: they are one entry seen twice.
    """
    with ledger.write() as connection:
        counting, hits = set(_hits_of(connection, name)), _merged_hits(connection, name)
        links = [
            link
            for link in current_links(connection, "duplicate")
            if link.active and {link.a, link.b} <= hits and not _same_entry(connection, link.a, link.b)
        ]
        if not links or len(counting) == 1:
            raise BadInput(f"{name}: nothing is merged into this record")
        for link in links:
            add_link(connection, link_row("duplicate", link.a, link.b, link.rule, link.score, who, active=False))
        _rename(connection, hits, links)
        rebuild(connection, hits)
        rows = connection.execute(select(t.members).where(t.members.c.hit_id.in_(sorted(hits))))
        return list(dict.fromkeys(row.record_id for row in sorted(rows, key=lambda row: row.hit_id)))


def undo_links(ledger: Ledger, numbers: Collection[int], who: str) -> bool:
    """Make links and records as they were before some rows of links; whether that could be done.

    It cannot where somebody has said something else of one of the links since.
    """
    with ledger.write() as connection:
        taken = take_back_links(connection, numbers, who)
        if taken is None:
            return False
        merges = [row for row in taken if row.kind == "duplicate"]
        hits = {hit for row in merges for end in (row.a, row.b) for hit in _hits_with(connection, end)}
        if hits:
            _rename(connection, hits, [])
            rebuild(connection, hits)
        return True


def link_study(ledger: Ledger, first: str, second: str, who: str) -> None:
    """Link two records as reports of one study, by a person's decision: they stay two records."""
    with ledger.write() as connection:
        a, b = _hits_of(connection, first), _hits_of(connection, second)
        if a == b:
            raise BadInput(f"{first} and {second} are one record, so they are one study already")
        add_link(connection, link_row("same_study", max(a[0], b[0]), min(a[0], b[0]), "by hand", 1.0, who))


def unlink_study(ledger: Ledger, name: str, who: str) -> int:
    """Undo all links of a record to other reports of its study, by rows that supersede them; how many there were."""
    with ledger.write() as connection:
        hits = _merged_hits(connection, name)
        links = [link for link in current_links(connection, "same_study") if link.active and hits & {link.a, link.b}]
        if not links:
            raise BadInput(f"{name}: it is linked to no other record as one study")
        for link in links:
            add_link(connection, link_row("same_study", link.a, link.b, link.rule, link.score, who, active=False))
    return len(links)


def listed_links(ledger: Ledger, kind: str | None = None) -> list[dict[str, Any]]:
    """Return the links that a person may want to check, as plain rows; repeats inside one database are left out."""
    with ledger.read() as connection:
        links = shown_links(connection, kind)
        hits = linked_entries(connection, {hit for link in links for hit in (link.a, link.b)})
    return [
        {"kind": link.kind, "active": link.active, "rule": link.rule, "score": round(link.score, 3),
         "who": link.who, "a": hits[link.a].name, "b": hits[link.b].name, "source_a": hits[link.a].source,
         "source_b": hits[link.b].source, "title": hits[link.a].entry.shown_title}
        for link in links
        if not (link.kind == "duplicate" and hits[link.a].name == hits[link.b].name
                and hits[link.a].source == hits[link.b].source)
    ]  # fmt: skip


def _same_entry(connection: Connection, a: int, b: int) -> bool:
    rows = connection.execute(select(source_of_hit(connection), t.hits.c.name).where(t.hits.c.id.in_([a, b]))).all()
    return rows[0] == rows[1]


def _rename(connection: Connection, hits: set[int], links: Sequence[Any]) -> None:
    """Rename hits that come apart, where they shared an id (a merged hit keeps its own name otherwise)."""
    elsewhere = select(t.hits.c.name).where(t.hits.c.id.not_in(sorted(hits)))
    taken_names = set(connection.execute(elsewhere).scalars())
    joined: dict[int, set[int]] = defaultdict(set)
    cut = {(link.a, link.b) for link in links}
    for link in current_links(connection, "duplicate"):
        if link.active and (link.a, link.b) not in cut:
            joined[link.a].add(link.b)
            joined[link.b].add(link.a)
    rows = {row.id: row for row in hit_rows(connection, hits)}
    for cluster in clusters_of(sorted(hits), joined):
        head = rows[cluster[0]]
        names = [name for name in name_of(Entry.model_validate_json(head.entry)) if name not in taken_names]
        name = head.name if head.name not in taken_names else (names or [f"{head.name}~{head.id}"])[0]
        taken_names.add(name)
        if name != head.name:
            connection.execute(t.hits.update().where(t.hits.c.id == head.id).values(name=name))


def _hits_with(connection: Connection, hit: int) -> list[int]:
    """Return the hits of the record that a hit is part of; the hit alone where its import was taken back."""
    record = connection.execute(select(t.members.c.record_id).where(t.members.c.hit_id == hit)).scalar()
    return [hit] if record is None else hits_of(connection, record)


def _hits_of(connection: Connection, name: str) -> list[int]:
    record = reads.find_record(connection, name)
    if record is None:
        raise BadInput(f"{name}: no record has this id; `screener export` lists them")
    return hits_of(connection, record.id)


def _merged_hits(connection: Connection, name: str) -> set[int]:
    """Return the numbers of a record's hits and of those that count no more but were merged with them."""
    hits = set(_hits_of(connection, name))
    roots = cluster_roots(((link.a, link.b) for link in current_links(connection, "duplicate") if link.active), hits)
    kept = {roots[hit] for hit in hits}
    return {hit for hit, root in roots.items() if root in kept}
