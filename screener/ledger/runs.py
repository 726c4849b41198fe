"""Runs of machine reviewers: how each was set up, when it began and ended, and what it came to."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from ..core.judgement import Stage
from . import tables as t
from .parts import in_parts
from .store import now


def add_run(
    connection: Connection, run_id: str, stage: Stage, reviewer: str, specification: dict[str, Any], at: str = ""
) -> None:
    """Add a run that begins now, or began `at`; `specification` says how its reviewer is set up."""
    row = {"id": run_id, "at": at or now(), "stage": stage.value, "reviewer": reviewer}
    connection.execute(insert(t.runs).values(**row, specification=json.dumps(specification, sort_keys=True)))


def end_run(connection: Connection, run_id: str, summary: dict[str, Any]) -> None:
    """Note that a run has ended, and what it came to."""
    ended = {"ended": now(), "summary": json.dumps(summary, sort_keys=True)}
    connection.execute(update(t.runs).where(t.runs.c.id == run_id).values(ended))


def newest_runs(connection: Connection, most: int) -> list[RowMapping]:
    """Return the newest runs, newest first."""
    return list(connection.execute(select(t.runs).order_by(t.runs.c.at.desc()).limit(most)).mappings())


def runs(connection: Connection) -> list[RowMapping]:
    """Return all runs, oldest first."""
    return list(connection.execute(select(t.runs).order_by(t.runs.c.at)).mappings())


def specifications(
    connection: Connection, stage: Stage | None = None, reviewer: str | None = None
) -> dict[str, dict[str, Any]]:
    """Return how the reviewer of each run was set up, by run id, oldest first; of all runs, or of these."""
    query = select(t.runs.c.id, t.runs.c.specification).order_by(t.runs.c.at)
    if stage is not None:
        query = query.where(t.runs.c.stage == stage.value)
    if reviewer is not None:
        query = query.where(t.runs.c.reviewer == reviewer)
    return {row.id: json.loads(row.specification) for row in connection.execute(query)}


def last_runs(connection: Connection, stage: Stage, reviewer: str) -> dict[str, str]:
    """Return the run in which a machine judged each record last, by the id under which it did; repeats left out."""
    j = t.judgements.c
    query = select(j.record_id, j.run_id).where(
        j.stage == stage.value, j.reviewer == reviewer, j.role == "machine", j.repeat == 0
    )
    return {row.record_id: row.run_id for row in connection.execute(query.order_by(j.id))}


def protocols(connection: Connection, run_ids: Collection[str] | None = None) -> dict[str, str]:
    """Return the hash of the protocol under which each run was made, by run id; of all runs, or of those named."""
    r, query = t.runs.c, select(t.runs.c.id, t.runs.c.specification)
    queries = [query] if run_ids is None else [query.where(r.id.in_(some)) for some in in_parts(run_ids)]
    rows = [row for query in queries for row in connection.execute(query)]
    return {row.id: str(json.loads(row.specification).get("protocol", "")) for row in rows}
