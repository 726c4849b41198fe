"""Recorded checks of gates: rows of the table `looks`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from ..core.judgement import Stage
from . import tables as t
from .store import now


@dataclass(frozen=True)
class CheckRow:
    """One recorded check. `data` is the hash of what it was read from, `body` the figures, as JSON holds them."""

    at: str
    stage: Stage
    reviewer: str
    gold: str
    data: str
    passed: bool
    body: Mapping[str, Any]


def check_rows(connection: Connection, stage: Stage) -> list[CheckRow]:
    """Return all recorded checks of a stage's gold, of whatever reviewer, oldest first; those of updates left out."""
    return [row for row in _rows(connection, stage) if not row.gold.startswith(_UPDATE)]


def update_check_rows(connection: Connection, stage: Stage, batch: str) -> list[CheckRow]:
    """Return all recorded checks of the samples of an update's batch, of whatever reviewer, oldest first."""
    return [row for row in _rows(connection, stage) if row.gold == update_gold(batch)]


def update_gold(batch: str) -> str:
    """Return what stands in the column `gold` for the checks of a batch, which is named by the time after which it came."""
    return f"{_UPDATE}{batch}"


_UPDATE = "update after "


def _rows(connection: Connection, stage: Stage) -> list[CheckRow]:
    query = select(t.looks).where(t.looks.c.stage == stage.value).order_by(t.looks.c.id)
    return [
        CheckRow(row.at, stage, row.reviewer, row.gold, row.signature, bool(row.passed), json.loads(row.body))
        for row in connection.execute(query)
    ]


def add_check(
    connection: Connection, stage: Stage, reviewer: str, gold: str, data: str, passed: bool, body: Mapping[str, Any]
) -> CheckRow:
    """Record a check inside the caller's transaction."""
    at = now()
    values = {"at": at, "stage": stage.value, "reviewer": reviewer, "gold": gold, "signature": data,
              "passed": int(passed), "body": json.dumps(body)}  # fmt: skip
    connection.execute(insert(t.looks).values(values))
    return CheckRow(at, stage, reviewer, gold, data, passed, body)


def restate_check(connection: Connection, row: CheckRow, data: str, body: Mapping[str, Any]) -> None:
    """Give a recorded check other data and figures, in a copy of a ledger that is only read."""
    c = t.looks.c
    matching = (
        (c.at == row.at) & (c.stage == row.stage.value) & (c.reviewer == row.reviewer) & (c.signature == row.data)
    )
    connection.execute(t.looks.update().where(matching).values(signature=data, body=json.dumps(body)))
