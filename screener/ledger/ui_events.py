"""What reviewers did in the app beside judging: tags, decisions on many records, whose answers they were shown.

Nothing is changed here: undoing an event is another one that names it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, cast, insert, select

from ..core.judgement import Stage
from . import tables as t
from .record_ids import with_current_ids
from .store import now

UNDONE = "undone"


@dataclass(frozen=True)
class UiEvent:
    """An event; what its body holds depends on its kind."""

    id: int
    record_id: str
    body: str
    active: bool
    at: str


def add_event(
    connection: Connection,
    kind: str,
    stage: Stage,
    reviewer: str,
    body: str,
    *,
    record_id: str = "",
    active: bool = True,
) -> None:
    """Write down that a reviewer did something."""
    connection.execute(
        insert(t.ui_events).values(
            stage=stage.value,
            record_id=record_id,
            reviewer=reviewer,
            kind=kind,
            body=body,
            active=int(active),
            at=now(),
        )
    )


def undo_event(connection: Connection, stage: Stage, reviewer: str, event: int, *, record_id: str = "") -> None:
    """Write down that an event, by its number, was undone."""
    add_event(connection, UNDONE, stage, reviewer, str(event), record_id=record_id)


def undone() -> Select[Any]:
    """Return the numbers of the events that were undone, as a query."""
    c = t.ui_events.c
    return select(cast(c.body, BigInteger)).where(c.kind == UNDONE)


def events(
    connection: Connection,
    kind: str,
    stage: Stage,
    reviewer: str,
    *,
    names: Collection[str] | None = None,
    since: str = "",
) -> list[UiEvent]:
    """Return a reviewer's events of a kind that were not undone, newest first.

    `names` are the ids of the records to search; `since` leaves out what is not later than that time.
    """
    c = t.ui_events.c
    query = select(c.id, c.record_id, c.body, c.active, c.at).where(
        c.kind == kind, c.stage == stage.value, c.reviewer == reviewer, c.at > since, c.id.not_in(undone())
    )
    if names is not None:
        query = query.where(c.record_id.in_(names))
    return [
        UiEvent(row.id, row.record_id, row.body, bool(row.active), row.at)
        for row in connection.execute(query.order_by(c.id.desc()))
    ]


def records_with_event(connection: Connection, kind: str, stage: Stage, reviewer: str) -> set[str]:
    """Return the records, by their present ids, on which a reviewer has an event of a kind."""
    rows, record_id = with_current_ids(t.ui_events)
    c = t.ui_events.c
    query = select(record_id).select_from(rows)
    return set(
        connection.execute(query.where(c.stage == stage.value, c.reviewer == reviewer, c.kind == kind)).scalars()
    )
