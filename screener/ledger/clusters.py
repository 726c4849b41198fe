"""Which hits are merged with which, as far as some hits reach: nothing else is read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from . import tables as t
from .parts import in_parts


def links_at(connection: Connection, hits: Iterable[int], kind: str | None = None) -> list[Any]:
    """Return the newest row of every link that has one of these hits as an end, active or not."""
    c, rows = t.links.c, dict[int, Any]()
    for some in in_parts(hits):
        for end in (c.a, c.b):
            query = select(t.links).where(end.in_(some))
            if kind is not None:
                query = query.where(c.kind == kind)
            rows |= {row.id: row for row in connection.execute(query)}
    newest: dict[tuple[str, int, int], Any] = {}
    for number in sorted(rows):
        row = rows[number]
        newest[row.kind, max(row.a, row.b), min(row.a, row.b)] = row
    return list(newest.values())


def joined_hits(connection: Connection, hits: Iterable[int]) -> dict[int, set[int]]:
    """Return, for these hits and all that are merged with one of them near or far, the hits that each is joined with."""
    joined: dict[int, set[int]] = defaultdict(set)
    todo, reached = set(hits), set[int]()
    while todo:
        reached |= todo
        for link in links_at(connection, sorted(todo), "duplicate"):
            if link.active:
                joined[link.a].add(link.b)
                joined[link.b].add(link.a)
        todo = joined.keys() - reached
    return joined


def clusters_of(hits: Sequence[int], joined: Mapping[int, set[int]]) -> list[list[int]]:
    """Return the hits in clusters of those that are joined, each sorted, in the order in which `hits` names them first."""
    clusters, placed = [], set[int]()
    for hit in hits:
        if hit in placed:
            continue
        cluster, todo = set[int](), [hit]
        while todo:
            member = todo.pop()
            if member not in cluster:
                cluster.add(member)
                todo += joined.get(member, ())
        placed |= cluster
        clusters.append(sorted(cluster))
    return clusters
