"""Imports that were taken back: which hits count no more, and which records are gone with them.

A hit counts while any import that brought it stands, and no newer version of it came with an update. Nothing is deleted: an
import of the same file brings its hits back, with all that was linked to them and judged of their records.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, union_all

from . import tables as t
from .parts import in_parts
from .superseded import superseded_by


def standing_imports() -> Select[Any]:
    """Return a query of each hit that counts, `hit_id`, with the first import that stands and brought it, `import_id`."""
    undone = select(t.undone_imports.c.import_id)
    h, r = t.hits.c, t.repeated_hits.c
    brought = union_all(
        select(h.id.label("hit_id"), h.import_id).where(h.import_id.not_in(undone)),
        select(r.hit_id, r.import_id).where(r.import_id.not_in(undone)),
    ).subquery()
    return select(brought.c.hit_id, func.min(brought.c.import_id).label("import_id")).group_by(brought.c.hit_id)


def absent_hits(connection: Connection) -> set[int]:
    """Return the numbers of the hits that count no more: every import was taken back, or a newer version is there."""
    return undone_hits(connection) | set(superseded_by(connection))


def undone_hits(connection: Connection) -> set[int]:
    """Return the numbers of the hits of which every import was taken back."""
    undone = list(connection.execute(select(t.undone_imports.c.import_id)).scalars())
    if not undone:
        return set()
    h, r = t.hits.c, t.repeated_hits.c
    first = set(connection.execute(select(h.id).where(h.import_id.in_(undone))).scalars())
    again = connection.execute(select(r.hit_id).where(r.import_id.not_in(undone))).scalars()
    return first - set(again)


def absent_among(connection: Connection, hits: Iterable[int]) -> set[int]:
    """Return those of some hits that count no more: most ledgers have few such hits, or none."""
    absent = absent_hits(connection)
    return absent.intersection(hits) if absent else absent


def cluster_roots(joined: Iterable[tuple[int, int]], hits: Iterable[int] = ()) -> dict[int, int]:
    """Return the first hit of the cluster that each hit is in: of those that are joined, and of `hits`."""
    parent: dict[int, int] = {hit: hit for hit in hits}

    def root(hit: int) -> int:
        parent.setdefault(hit, hit)
        while parent[hit] != hit:
            parent[hit] = parent[parent[hit]]
            hit = parent[hit]
        return hit

    for a, b in joined:
        first, second = sorted((root(a), root(b)))
        parent[second] = first
    return {hit: root(hit) for hit in parent}


def forget_kept(connection: Connection) -> None:
    """Have all that is kept of people's agreement, of standings and of queues made anew."""
    for table in (t.agreements_made, t.standings_made, t.queue_built):
        connection.execute(delete(table))


def note_gone(connection: Connection, names: Mapping[str, bool]) -> None:
    """Note of ids whether they are those of records of which no hit counts any more."""
    for some in in_parts(names):
        connection.execute(delete(t.gone_ids).where(t.gone_ids.c.record_id.in_(some)))
    gone = [{"record_id": name} for name, is_gone in names.items() if is_gone]
    if gone:
        connection.execute(insert(t.gone_ids), gone)


def gone_ids(connection: Connection) -> set[str]:
    """Return the ids of the records of which no hit counts any more."""
    return set(connection.execute(select(t.gone_ids.c.record_id)).scalars())


@dataclass(frozen=True)
class HiddenJudgement:
    """A judgement of a record that went, or comes back, with an import."""

    record: str
    stage: str
    reviewer: str
    role: str
    decision: str

    def as_json(self) -> dict[str, Any]:
        """Return it as `import --undo --json` lists it."""
        return dict(vars(self))


def judgements_under(connection: Connection, names: Iterable[str]) -> list[HiddenJudgement]:
    """Return the newest judgement of each reviewer and role at each stage under some ids, withdrawn ones left out."""
    j, newest = t.judgements.c, defaultdict[tuple[str, str, str, str], str](str)
    withdrawn = select(t.withdrawals.c.judgement_id)
    for some in in_parts(sorted(names)):
        query = select(j.record_id, j.stage, j.reviewer, j.role, j.decision).where(
            j.record_id.in_(some), j.repeat == 0, j.id.not_in(withdrawn)
        )
        for record, stage, reviewer, role, decision in connection.execute(query.order_by(j.id)):
            newest[record, stage, reviewer, role] = decision
    return [HiddenJudgement(*key, decision) for key, decision in newest.items()]
