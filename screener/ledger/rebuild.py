"""Make records anew from the hits that count and the links that merge them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from ..records import Entry, merge
from . import tables as t
from .clusters import clusters_of, joined_hits
from .filling import enriched_instead, fillings_of
from .parts import in_parts
from .sources import source_of_hit
from .superseded import first_versions
from .undone import absent_among, note_gone

_AT_ONCE = 2_000
"""So many hits are held at a time, all of a cluster at once."""


def rebuild(
    connection: Connection, hits: Iterable[int], entries: Mapping[int, tuple[str, Entry]] | None = None
) -> None:
    """Make the records of some hits anew, and of all hits that are or were merged with them.

    A hit that counts no more gives its record nothing but its id as an alias, and none where no other hit is left. A newer
    version of a hit stands in its place. Nothing else is read, and of that a part at a time. `entries` are sources and
    entries that need not be read.
    """
    joined, record_of = _reached(connection, enriched_instead(connection, hits))
    if not joined:
        return
    for some in in_parts(dict.fromkeys(record_of.values())):
        connection.execute(delete(t.records).where(t.records.c.id.in_(some)))
        connection.execute(delete(t.aliases).where(t.aliases.c.record_id.in_(some)))
        connection.execute(delete(t.members).where(t.members.c.record_id.in_(some)))
    absent = absent_among(connection, joined)
    names, first = names_of(connection, joined), first_versions(connection)
    clusters = [
        (
            sorted((hit for hit in cluster if hit not in absent), key=lambda hit: first.get(hit, hit)),
            [hit for hit in cluster if hit in absent],
        )
        for cluster in clusters_of(sorted(joined), joined)
    ]
    heads = {names[counting[0]] for counting, _ in clusters if counting}
    for part in _parts(clusters):
        of_part = {hit: entries[hit] for counting, _ in part for hit in counting if entries and hit in entries}
        lacking = [hit for counting, _ in part for hit in counting if hit not in of_part]
        rows = ((row.id, row.source, row.entry) for row in hit_rows(connection, lacking))
        of_part |= {hit: (source, Entry.model_validate_json(body)) for hit, source, body in rows}
        fillings = fillings_of(connection, {hit for cluster in part for hits in cluster for hit in hits})
        _make_records(connection, part, of_part, names, heads, first, fillings)
    taken_names = _aliases_among(connection, names.values())
    note_gone(connection, {name: name not in taken_names for name in names.values()})


def _reached(connection: Connection, hits: Iterable[int]) -> tuple[dict[int, set[int]], dict[int, str]]:
    """Return the hits that are or were merged with some hits, each with those it is joined with; and their records."""
    joined: dict[int, set[int]] = {}
    record_of: dict[int, str] = {}
    todo = set(hits)
    m = t.members.c
    while todo:
        links = joined_hits(connection, todo)
        reached = {*todo, *links}
        joined |= {hit: links.get(hit, set()) for hit in reached}
        records = {
            row.hit_id: row.record_id
            for some in in_parts(sorted(reached))
            for row in connection.execute(select(t.members).where(m.hit_id.in_(some)))
        }
        record_of |= records
        todo = {
            hit
            for some in in_parts(dict.fromkeys(records.values()))
            for hit in connection.execute(select(m.hit_id).where(m.record_id.in_(some))).scalars()
        } - joined.keys()
    return joined, record_of


def _parts(clusters: Sequence[tuple[list[int], list[int]]]) -> Iterable[list[tuple[list[int], list[int]]]]:
    """Yield clusters that have a hit that counts, as many at a time as have about `_AT_ONCE` hits together."""
    part, size = [], 0
    for counting, others in clusters:
        if counting:
            part.append((counting, others))
            size += len(counting)
        if size >= _AT_ONCE:
            yield part
            part, size = [], 0
    yield part


def _make_records(
    connection: Connection,
    clusters: Sequence[tuple[list[int], list[int]]],
    entries: Mapping[int, tuple[str, Entry]],
    names: Mapping[int, str],
    heads: set[str],
    first: Mapping[int, int],
    fillings: Mapping[int, Sequence[tuple[str, Entry]]],
) -> None:
    """Enter the record of each cluster, given as the hits that count and the others, with its aliases and members.

    `first` is the hit in whose place a newer version stands; `fillings` are what fills in what all hits leave out.
    """
    taken_names = _aliases_among(connection, [names[hit] for cluster in clusters for part in cluster for hit in part])
    built: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    for counting, others in clusters:
        of_cluster = dict.fromkeys(names[hit] for hit in (*counting, *others))
        record_id = names[counting[0]]
        filling = [row for hit in sorted((*counting, *others)) for row in fillings.get(hit, ())]
        merged = merge([entries[hit] for hit in counting], record_id, list(of_cluster), filling)
        body = merged.model_dump_json()
        built[t.records].append(
            {
                "id": record_id,
                "position": first.get(counting[0], counting[0]),
                "text_hash": merged.text_hash,
                "body": body,
            }
        )
        fresh = [record_id, *(name for name in of_cluster if name not in heads and name not in taken_names)]
        taken_names.update(fresh)
        built[t.aliases] += [{"alias": name, "record_id": record_id} for name in fresh]
        built[t.members] += [{"hit_id": hit, "record_id": record_id} for hit in counting]
    for table, values in built.items():
        connection.execute(insert(table), values)


def _aliases_among(connection: Connection, names: Iterable[str]) -> set[str]:
    """Return those of some names that are the id or an alias of a record."""
    a = t.aliases.c
    parts = in_parts(dict.fromkeys(names))
    return {name for some in parts for name in connection.execute(select(a.alias).where(a.alias.in_(some))).scalars()}


def names_of(connection: Connection, hits: Iterable[int]) -> dict[int, str]:
    """Return the names of some hits, by their numbers."""
    h, names = t.hits.c, dict[int, str]()
    for some in in_parts(sorted(hits)):
        names |= dict(connection.execute(select(h.id, h.name).where(h.id.in_(some))).all())
    return names


def hit_rows(connection: Connection, ids: Iterable[int]) -> Iterable[Any]:
    """Yield the hits with these numbers, each with the name that its source has now."""
    h = t.hits.c
    query = select(h.id, h.name, h.import_id, h.entry, source_of_hit(connection).label("source"))
    for some in in_parts(sorted(ids)):
        yield from connection.execute(query.where(h.id.in_(some)))
