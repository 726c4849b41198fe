"""Queues: the order in which a reviewer is given a stage's records, and from what it was made."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import BIT

from ..core.judgement import Stage
from . import tables as t
from .judged import finished
from .parts import in_parts
from .statistics import look_at
from .store import now

_DIGITS = 13
"""So many hexadecimal digits of a hash are the place in a random order: 52 bits, which every database can hold."""


@dataclass(frozen=True)
class Built:
    """When a queue was made, and what it was made from."""

    signature: str
    at: str


def built(connection: Connection, stage: Stage, reviewer: str) -> Built | None:
    """Return how the reviewer's queue was made; None where it must be made first."""
    b = t.queue_built.c
    query = select(b.signature, b.at).where(b.stage == stage.value, b.reviewer == reviewer)
    row = connection.execute(query).first()
    return None if row is None else Built(*row)


def void_queues(connection: Connection, stage: Stage, reviewer: str | None = None) -> None:
    """Have everybody's queue of a stage, or one reviewer's, made anew when they next ask for it."""
    b = t.queue_built.c
    matching = b.stage == stage.value
    if reviewer is not None:
        matching &= b.reviewer == reviewer
    connection.execute(delete(t.queue_built).where(matching))


def queued(
    connection: Connection,
    stage: Stage,
    reviewer: str,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[tuple[str, int]]:
    """Return the records of a reviewer's queue with their places, in order: between `after` and `before`, at most `limit`."""
    c = t.queue.c
    query = select(c.record_id, c.position).where(_of(stage, reviewer)).order_by(c.position).limit(limit)
    if after is not None:
        query = query.where(c.position > after)
    if before is not None:
        query = query.where(c.position < before)
    return [(row.record_id, row.position) for row in connection.execute(query)]


def count_queued(connection: Connection, stage: Stage, reviewer: str) -> int:
    """Return how many records are in a reviewer's queue."""
    query = select(func.count()).select_from(t.queue).where(_of(stage, reviewer))
    return int(connection.execute(query).scalar_one())


def queued_among(connection: Connection, stage: Stage, reviewer: str, names: Collection[str]) -> list[str]:
    """Return those of some records that are in a reviewer's queue, in order."""
    places = places_in_queue(connection, stage, reviewer, names)
    return sorted(places, key=lambda name: places[name])


def places_in_queue(connection: Connection, stage: Stage, reviewer: str, names: Collection[str]) -> dict[str, int]:
    """Return the places of those of some records that are in a reviewer's queue."""
    places: dict[str, int] = {}
    for some in in_parts(names):
        query = select(t.queue.c.record_id, t.queue.c.position).where(
            _of(stage, reviewer), t.queue.c.record_id.in_(some)
        )
        places |= {row.record_id: row.position for row in connection.execute(query)}
    return places


def move_in_queue(connection: Connection, stage: Stage, reviewer: str, places: Mapping[str, int]) -> None:
    """Put records that are in a reviewer's queue at other places."""
    q = t.queue.c
    statement = update(t.queue).where(_of(stage, reviewer), q.record_id == bindparam("name"))
    if places:
        rows = [{"name": name, "position": position} for name, position in places.items()]
        connection.execute(statement.values(position=bindparam("position")), rows)


def restate_signature(connection: Connection, stage: Stage, reviewer: str, signature: str) -> None:
    """Note anew from what a reviewer's queue is made; its age stays."""
    b = t.queue_built.c
    matching = (b.stage == stage.value) & (b.reviewer == reviewer)
    connection.execute(update(t.queue_built).where(matching).values(signature=signature))


def leave_queue(connection: Connection, stage: Stage, reviewer: str, names: Collection[str]) -> None:
    """Take records out of a reviewer's queue."""
    for some in in_parts(names):
        connection.execute(delete(t.queue).where(_of(stage, reviewer), t.queue.c.record_id.in_(some)))


def move_to_end(connection: Connection, stage: Stage, reviewer: str, record_id: str) -> None:
    """Put a record of a reviewer's queue behind all others."""
    _move(connection, stage, reviewer, record_id, _end(connection, stage, reviewer, first=False) + 1)


def move_to_front(connection: Connection, stage: Stage, reviewer: str, record_id: str) -> None:
    """Put a record of a reviewer's queue before all others."""
    _move(connection, stage, reviewer, record_id, _end(connection, stage, reviewer, first=True) - 1)


def return_to_queues(
    connection: Connection, stage: Stage, reviewer: str, record_id: str, waits_for: Callable[[str], bool]
) -> None:
    """Put a record that `reviewer` took back at the front of the queues of those for whom it waits and who lack it."""
    b, q = t.queue_built.c, t.queue.c
    for queue_owner in connection.execute(select(b.reviewer).where(b.stage == stage.value)).scalars().all():
        place_in_queue = connection.execute(
            select(q.position).where(_of(stage, queue_owner), q.record_id == record_id)
        ).first()
        if place_in_queue is not None or not waits_for(queue_owner):
            continue
        if stage is not Stage.ABSTRACT and queue_owner != reviewer:
            # Whether it comes to them depends on the stage before: their queue is made anew when they ask for it.
            void_queues(connection, stage, queue_owner)
            continue
        position = _end(connection, stage, queue_owner, first=True) - 1
        place = {"stage": stage.value, "reviewer": queue_owner, "record_id": record_id, "position": position}
        connection.execute(insert(t.queue).values(place))


def replace_queue(
    connection: Connection, stage: Stage, reviewer: str, places: Mapping[str, int], signature: str
) -> None:
    """Make a reviewer's queue of these records, by their places, and keep what it was made from."""
    _clear(connection, stage, reviewer)
    put_in_queue(connection, stage, reviewer, places)
    _keep_built(connection, stage, reviewer, signature)


def replace_queue_with_all(
    connection: Connection, stage: Stage, reviewer: str, slots: int, salt: str | None, signature: str
) -> None:
    """Make a reviewer's queue of all records that they, or `slots` people, have not judged yet.

    In the order of import, or where there is a `salt` in the random one of `random_place`. Takes a second for 100,000
    records, as no row leaves the database.
    """
    _clear(connection, stage, reviewer)
    r = t.records.c
    place: ColumnElement[int] = r.position if salt is None else _random_place(connection, salt)
    rows = select(literal(stage.value), literal(reviewer), r.id, place)
    rows = rows.where(r.id.not_in(finished(stage, reviewer, slots)))
    filled = insert(t.queue).from_select(["stage", "reviewer", "record_id", "position"], rows)
    made = connection.execute(filled.execution_options(preserve_rowcount=True))
    look_at(connection, made.rowcount, t.queue)
    _keep_built(connection, stage, reviewer, signature)


def put_in_queue(connection: Connection, stage: Stage, reviewer: str, places: Mapping[str, int]) -> None:
    """Add records that are not in a reviewer's queue."""
    rows = [
        {"stage": stage.value, "reviewer": reviewer, "record_id": name, "position": position}
        for name, position in places.items()
    ]
    if rows:
        connection.execute(insert(t.queue), rows)
        look_at(connection, len(rows), t.queue)


def random_place(salt: str, record_id: str) -> int:
    """Return the place of a record in the random order of a salt, the same each time."""
    return int(hashlib.sha256(f"{salt}{record_id}".encode()).hexdigest()[:_DIGITS], 16)


def _random_place(connection: Connection, salt: str) -> ColumnElement[int]:
    """Return `random_place` of `records.id` as an expression of the database."""
    r = t.records.c
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.create_function("screener_place", 1, lambda name: random_place(salt, name), deterministic=True)
        place: ColumnElement[int] = func.screener_place(r.id)
        return place
    digest = func.encode(func.sha256(func.convert_to(literal(salt) + r.id, "UTF8")), "hex")
    return cast(cast(literal("x") + func.substr(digest, 1, _DIGITS), BIT(4 * _DIGITS)), BigInteger)


def _of(stage: Stage, reviewer: str) -> ColumnElement[bool]:
    return (t.queue.c.stage == stage.value) & (t.queue.c.reviewer == reviewer)


def _end(connection: Connection, stage: Stage, reviewer: str, *, first: bool) -> int:
    end = func.min if first else func.max
    return int(connection.execute(select(end(t.queue.c.position)).where(_of(stage, reviewer))).scalar() or 0)


def _move(connection: Connection, stage: Stage, reviewer: str, record_id: str, position: int) -> None:
    matching = _of(stage, reviewer) & (t.queue.c.record_id == record_id)
    connection.execute(update(t.queue).where(matching).values(position=position))


def _clear(connection: Connection, stage: Stage, reviewer: str) -> None:
    connection.execute(delete(t.queue).where(_of(stage, reviewer)))
    void_queues(connection, stage, reviewer)


def _keep_built(connection: Connection, stage: Stage, reviewer: str, signature: str) -> None:
    row = {"stage": stage.value, "reviewer": reviewer, "signature": signature, "at": now()}
    connection.execute(insert(t.queue_built).values(row))
