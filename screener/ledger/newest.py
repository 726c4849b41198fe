"""Tell how far the ledger has grown, so that a reader knows whether something came since it last read."""

from collections.abc import Collection
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, select

from ..core.judgement import Stage
from . import tables as t

Growing = Literal[
    "hits",
    "links",
    "samples",
    "judgements",
    "withdrawals",
    "documents",
    "retrievals",
    "looks",
    "amendments",
    "marks",
    "imports",
    "undone_imports",
]


def newest_id(connection: Connection, table: Growing, stages: Collection[Stage] | None = None) -> int:
    """Return the number of a table's newest row, of those of some stages where they are given.

    0 where there is none.
    """
    c = t.metadata.tables[table].c
    query = select(func.max(c.id))
    if stages is not None:
        query = query.where(c.stage.in_([stage.value for stage in stages]))
    return int(connection.execute(query).scalar() or 0)


def newest_ids(connection: Connection, *tables: Growing) -> tuple[int, ...]:
    """Return the numbers of the newest rows of some tables; 0 where there is none."""
    return tuple(connection.execute(_newest(tables)).one())


@cache
def _newest(tables: tuple[Growing, ...]) -> Select[Any]:
    """Return the question of `newest_ids`, made once for the same tables."""
    columns = [t.metadata.tables[table].c.id for table in tables]
    return select(*[select(func.coalesce(func.max(column), 0)).scalar_subquery() for column in columns])


def position(connection: Connection) -> tuple[int, ...]:
    """Return how far the ledger has grown in all that says of which record a judgement is, and what people say of it."""
    return newest_ids(connection, "judgements", "withdrawals", "hits", "links", "imports", "undone_imports")


def newest_judgement_id(connection: Connection, stage: Stage, reviewer: str, role: str) -> int:
    """Return the number of the newest judgement of a reviewer in a role, withdrawn or not; 0 where there is none."""
    c = t.judgements.c
    query = select(func.max(c.id)).where(c.stage == stage.value, c.reviewer == reviewer, c.role == role)
    return int(connection.execute(query).scalar() or 0)


def count_ended_runs(connection: Connection, stage: Stage) -> int:
    """Return how many runs of a stage have come to their end."""
    r = t.runs.c
    query = select(func.count()).select_from(t.runs).where(r.stage == stage.value, r.ended.is_not(None))
    return int(connection.execute(query).scalar_one())
