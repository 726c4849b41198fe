"""Drafts: what a reviewer has put into the form of a record and not yet saved."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ..core.judgement import Stage
from . import tables as t
from .parts import in_parts
from .record_ids import all_ids, with_current_ids
from .store import now

_ASIDE = "skipped"
"""What the draft of a record that was skipped says of itself."""


def put_draft(connection: Connection, stage: Stage, record_id: str, reviewer: str, body: Mapping[str, Any]) -> None:
    """Keep what the form holds now, instead of what it held before."""
    drop_drafts(connection, stage, reviewer, all_ids(connection, record_id))
    _insert(connection, stage, reviewer, {record_id: body})


def put_drafts(connection: Connection, stage: Stage, reviewer: str, bodies: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what the forms of some records hold, by the records' ids."""
    drop_drafts(connection, stage, reviewer, bodies)
    _insert(connection, stage, reviewer, bodies)


def drop_drafts(connection: Connection, stage: Stage, reviewer: str, names: Collection[str]) -> None:
    """Delete what a reviewer has begun on some records."""
    d = t.drafts.c
    for some in in_parts(names):
        matching = (d.stage == stage.value) & (d.reviewer == reviewer) & d.record_id.in_(some)
        connection.execute(delete(t.drafts).where(matching))


def newest_draft(connection: Connection, stage: Stage, record_id: str, reviewer: str) -> dict[str, Any] | None:
    """Return what the form of a record held when it was left, also if the record was merged into another since.

    None where there is none.
    """
    d = t.drafts.c
    query = select(d.body).where(
        d.stage == stage.value, d.record_id.in_(all_ids(connection, record_id)), d.reviewer == reviewer
    )
    body = connection.execute(query.order_by(d.at.desc()).limit(1)).scalar()
    return None if body is None else dict(json.loads(body))


def set_draft_aside(connection: Connection, stage: Stage, record_id: str, reviewer: str, *, aside: bool) -> None:
    """Mark the draft of a record that its reviewer skips, or has come back to; nothing where there is none."""
    body = newest_draft(connection, stage, record_id, reviewer)
    if body is not None:
        body.pop(_ASIDE, None)
        put_draft(connection, stage, record_id, reviewer, {**body, _ASIDE: True} if aside else body)


def begun_records(connection: Connection, stage: Stage, reviewer: str, limit: int) -> list[str]:
    """Return the records of a reviewer's queue that they have begun to judge and not skipped since, the last begun first."""
    rows, record_id = with_current_ids(t.drafts)
    d, q = t.drafts.c, t.queue.c
    in_queue = (q.stage == d.stage) & (q.reviewer == d.reviewer) & (q.record_id == record_id)
    query = (
        select(record_id)
        .select_from(rows.join(t.queue, in_queue))
        .where(d.stage == stage.value, d.reviewer == reviewer, d.body.not_like(f'%"{_ASIDE}": true%'))
        .where(d.body.not_like('%"ruling": true%'))
        .order_by(d.at.desc())
    )
    return list(dict.fromkeys(connection.execute(query.limit(limit)).scalars()))


def _insert(connection: Connection, stage: Stage, reviewer: str, bodies: Mapping[str, Mapping[str, Any]]) -> None:
    at = now()
    rows = [
        {"stage": stage.value, "record_id": name, "reviewer": reviewer, "body": json.dumps(body), "at": at}
        for name, body in bodies.items()
    ]
    if rows:
        connection.execute(insert(t.drafts), rows)
