"""Make records anew from the hits that count and the links that merge them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ..records import Entry, merge
from . import tables as t
from .links import current_links
from .parts import in_parts
from .sources import source_of_hit
from .undone import absent_hits, note_gone


def records_of_hits(connection: Connection) -> dict[int, str]:
    return {row.hit_id: row.record_id for row in connection.execute(select(t.members))}


def rebuild(connection: Connection, hits: Iterable[int]) -> None:
    """Make the records of some hits anew, and of all hits that are or were merged with them.

    A hit that counts no more gives its record nothing but its id as an alias, and none where no other hit is left.
    """
    joined: dict[int, set[int]] = defaultdict(set)
    for link in current_links(connection, "duplicate"):
        if link.active:
            joined[link.a].add(link.b)
            joined[link.b].add(link.a)
    record_of = records_of_hits(connection)
    hits_of_record: dict[str, set[int]] = defaultdict(set)
    for hit, record in record_of.items():
        hits_of_record[record].add(hit)
    todo, reached = list(hits), set[int]()
    while todo:
        hit = todo.pop()
        if hit in reached:
            continue
        reached.add(hit)
        todo += joined[hit] | hits_of_record.get(record_of.get(hit, ""), set())
    if not reached:
        return
    rows = {row.id: row for row in hit_rows(connection, reached)}
    for record in {record_of[hit] for hit in reached if hit in record_of}:
        connection.execute(delete(t.records).where(t.records.c.id == record))
        connection.execute(delete(t.aliases).where(t.aliases.c.record_id == record))
        connection.execute(delete(t.members).where(t.members.c.record_id == record))
    records, aliases, members = [], [], []
    absent = absent_hits(connection)
    clusters = [
        ([hit for hit in cluster if hit not in absent], [hit for hit in cluster if hit in absent])
        for cluster in clusters_of(sorted(reached), joined)
    ]
    taken_names = {rows[counting[0]].name for counting, _ in clusters if counting} | set(
        connection.execute(select(t.aliases.c.alias)).scalars()
    )
    for counting, others in clusters:
        if not counting:
            continue
        names = [rows[hit].name for hit in (*counting, *others)]
        record_id = names[0]
        merged = merge(
            [(rows[hit].source, Entry.model_validate_json(rows[hit].entry)) for hit in counting], record_id, names
        )
        records.append(
            {"id": record_id, "position": counting[0], "text_hash": merged.text_hash, "body": merged.model_dump_json()}
        )
        fresh = [record_id, *(name for name in dict.fromkeys(names) if name not in taken_names)]
        taken_names.update(fresh)
        aliases += [{"alias": name, "record_id": record_id} for name in fresh]
        members += [{"hit_id": hit, "record_id": record_id} for hit in counting]
    for table, built in ((t.records, records), (t.aliases, aliases), (t.members, members)):
        if built:
            connection.execute(insert(table), built)
    note_gone(connection, {rows[hit].name: rows[hit].name not in taken_names for hit in reached})


def hit_rows(connection: Connection, ids: set[int]) -> Iterable[Any]:
    """Yield the hits with these numbers, each with the name that its source has now."""
    h = t.hits.c
    query = select(h.id, h.name, h.import_id, h.entry, source_of_hit(connection).label("source"))
    for some in in_parts(sorted(ids)):
        yield from connection.execute(query.where(h.id.in_(some)))


def clusters_of(hits: Sequence[int], joined: dict[int, set[int]]) -> list[list[int]]:
    clusters, placed = [], set[int]()
    for hit in hits:
        if hit in placed:
            continue
        cluster, todo = set[int](), [hit]
        while todo:
            member = todo.pop()
            if member not in cluster:
                cluster.add(member)
                todo += joined[member]
        placed |= cluster
        clusters.append(sorted(cluster))
    return clusters
