"""Leases: who has which record open at a stage, in which browser window, and until when."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from ..core.judgement import Stage
from . import tables as t
from .parts import NAMES, among_names, in_parts
from .record_ids import with_current_ids
from .store import now


@dataclass(frozen=True)
class Lease:
    """A slot of a record that a reviewer holds in a window (`holder`) until a time (ISO 8601, UTC).

    A holder is the name of a window. What follows a dot names the page in it: loaded again it is another page.
    """

    slot: int
    reviewer: str
    holder: str
    until: str

    def in_window(self, holder: str) -> bool:
        """Return whether that holder is the same window, on whatever page."""
        return self.holder.partition(".")[0] == holder.partition(".")[0]


def leases_of(connection: Connection, stage: Stage, names: Collection[str]) -> list[Lease]:
    """Return the leases of a record, given by all its ids, that have not run out, in the order of their slots."""
    c = t.leases.c
    query = select(c.slot, c.reviewer, c.holder, c.until).where(
        c.stage == stage.value, c.record_id.in_(names), c.until > now()
    )
    return [Lease(*row) for row in connection.execute(query.order_by(c.slot))]


def leases_of_each(connection: Connection, stage: Stage, all_names: Collection[str]) -> defaultdict[str, list[Lease]]:
    """Return the leases that have not run out of each of some records, given by all their ids, by their present ones."""
    query, each = _leases_of_each(stage), defaultdict[str, list[Lease]](list)
    for some in in_parts(all_names):
        for name, *row in connection.execute(query, {NAMES: some, "present": now()}):
            each[name].append(Lease(*row))
    return each


@cache
def _leases_of_each(stage: Stage) -> Select[Any]:
    rows, record_id = with_current_ids(t.leases)
    c = t.leases.c
    query = select(record_id, c.slot, c.reviewer, c.holder, c.until).select_from(rows).order_by(c.slot)
    return query.where(c.stage == stage.value, c.until > bindparam("present"), among_names(c.record_id))


def put_lease(connection: Connection, stage: Stage, record_id: str, lease: Lease) -> None:
    """Keep a lease instead of the one that its reviewer had; what has run out on the record goes."""
    c = t.leases.c
    replaced = (c.until <= now()) | (c.reviewer == lease.reviewer)
    connection.execute(delete(t.leases).where(c.stage == stage.value, c.record_id == record_id, replaced))
    connection.execute(insert(t.leases).values(stage=stage.value, record_id=record_id, **vars(lease)))


def drop_leases(
    connection: Connection, reviewer: str, stage: Stage, names: Collection[str], *, holder: str | None = None
) -> None:
    """Give back what a reviewer holds of some records at a stage; only that window's, if `holder` is given."""
    c = t.leases.c
    matching = (c.reviewer == reviewer) & (c.stage == stage.value) & c.record_id.in_(names)
    if holder is not None:
        matching &= c.holder == holder
    connection.execute(delete(t.leases).where(matching))


def drop_window_leases(connection: Connection, reviewer: str, holder: str) -> None:
    """Give back what one page of a reviewer's window holds, at all stages."""
    c = t.leases.c
    connection.execute(delete(t.leases).where(c.reviewer == reviewer, c.holder == holder))


def drop_all_leases(connection: Connection, reviewer: str) -> None:
    """Give back all that a reviewer holds."""
    connection.execute(delete(t.leases).where(t.leases.c.reviewer == reviewer))


def open_records(connection: Connection, stage: Stage) -> defaultdict[str, list[Lease]]:
    """Return the leases of each record that is open now, in the order of their slots."""
    c, by_record = t.leases.c, defaultdict[str, list[Lease]](list)
    query = select(c.record_id, c.slot, c.reviewer, c.holder, c.until).where(c.stage == stage.value, c.until > now())
    for record_id, *row in connection.execute(query.order_by(c.slot)):
        by_record[record_id].append(Lease(*row))
    return by_record
