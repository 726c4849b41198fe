"""Recorded changes of what reviewers are told, and the judgements that were made under another wording."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ..core.judgement import Stage
from . import tables as t
from .judgements import PEOPLE, not_withdrawn
from .record_ids import with_current_ids
from .store import now


@dataclass(frozen=True)
class Amendment:
    """A recorded change: when, by whom, why, and what it made stale at that time."""

    at: str
    stage: Stage
    who: str
    note: str
    protocol: str
    """The hash of the instructions that hold from then on."""
    stale: dict[str, Any]


def add_amendment(
    connection: Connection, stage: Stage, who: str, note: str, protocol: str, stale: Mapping[str, Any]
) -> Amendment:
    """Record that instructions hold from now on, by whom and why; return the amendment."""
    at, body = now(), json.dumps(stale)
    row = {"at": at, "stage": stage.value, "who": who, "note": note, "protocol": protocol, "body": body}
    connection.execute(insert(t.amendments).values(row))
    return Amendment(at, stage, who, note, protocol, json.loads(body))


def amendments(connection: Connection, stage: Stage | None = None) -> list[Amendment]:
    """Return the amendments of a stage, or of all, oldest first."""
    query = select(t.amendments).order_by(t.amendments.c.id)
    if stage is not None:
        query = query.where(t.amendments.c.stage == stage.value)
    return [
        Amendment(row.at, Stage(row.stage), row.who, row.note, row.protocol, json.loads(row.body))
        for row in connection.execute(query)
    ]


def judged_under_other_instructions(
    connection: Connection, stage: Stage, protocol: str
) -> list[tuple[str, str, str | None, str]]:
    """Return what people judged at a stage under other instructions than those with the hash `protocol`, oldest first.

    The record by its present id, the person, the hash of the instructions (None where nobody knows under which: the
    judgement came from a file), and when it was entered.
    """
    rows, record_id = with_current_ids(t.judgements)
    j, c = t.judgements.c, t.judgement_context.c
    query = (
        select(record_id, j.reviewer, c.protocol, j.at)
        .select_from(rows.outerjoin(t.judgement_context, c.judgement_id == j.id))
        .where(j.stage == stage.value, j.role.in_(PEOPLE), not_withdrawn())
        .where(func.coalesce(c.protocol, "") != protocol)
    )
    return [
        (record, reviewer, instructions, at)
        for record, reviewer, instructions, at in connection.execute(query.order_by(j.id))
    ]
