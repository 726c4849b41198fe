"""Recorded checks of gates, and what such a check is read from: rows of the tables `looks`, `judgements` and `fits`."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ..core.judgement import Decision, Stage
from ..records import Record
from . import tables as t
from .documents import reports
from .judgements import not_withdrawn
from .snapshot import in_role_order
from .store import Ledger, now

_AT_ONCE = 400
"""How many ids one query names."""


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


@dataclass(frozen=True)
class DecisionRow:
    """What one reviewer decided last on a record, with the text and the run it belongs to."""

    id: int
    role: str
    text_hash: str
    run_id: str
    decision: Decision


def check_rows(connection: Connection, stage: Stage) -> list[CheckRow]:
    """Return all recorded checks of a stage's gold, of whatever reviewer, oldest first."""
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


def current_ids_of(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Return the present record of each of these ids that stands for one."""
    a = t.aliases.c
    found: dict[str, str] = {}
    for part in _parts(names):
        found |= {row.id: row.id for row in connection.execute(select(t.records.c.id).where(t.records.c.id.in_(part)))}
        query = select(a.alias, a.record_id).where(a.alias.in_(part))
        found |= {row.alias: row.record_id for row in connection.execute(query)}
    return found


def decisions_of(
    connection: Connection, stage: Stage, reviewer: str, records: Collection[str]
) -> dict[str, DecisionRow]:
    """Return the last decision of a reviewer on each of these records, by record id; withdrawn ones and repeats left out.

    Who both judged and ruled is known by what they judged themselves.
    """
    a, j = t.aliases.c, t.judgements.c
    record_of = {name: name for name in records}
    for part in _parts(records):
        query = select(a.alias, a.record_id).where(a.record_id.in_(part))
        record_of |= {row.alias: row.record_id for row in connection.execute(query)}
    rows: list[Any] = []
    for part in _parts(record_of):
        found = select(j.id, j.record_id, j.role, j.text_hash, j.run_id, j.decision).where(
            j.record_id.in_(part), j.stage == stage.value, j.reviewer == reviewer, j.repeat == 0, not_withdrawn()
        )  # fmt: skip
        rows += connection.execute(found).all()
    own = min((row.role for row in rows), key=in_role_order, default="")
    return {
        record_of[row.record_id]: DecisionRow(row.id, row.role, row.text_hash, row.run_id, Decision(row.decision))
        for row in sorted(rows, key=lambda row: row.id)
        if row.role == own
    }


def protocols_of(connection: Connection, runs: Collection[str]) -> dict[str, str]:
    """Return the hash of the protocol under which each of these runs was made."""
    r, found = t.runs.c, dict[str, str]()
    for part in _parts(runs):
        for row in connection.execute(select(r.id, r.specification).where(r.id.in_(part))):
            found[row.id] = str(json.loads(row.specification).get("protocol", ""))
    return found


def text_hashes(ledger: Ledger, stage: Stage, records: Collection[str]) -> dict[str, str]:
    """Return the hash of the present text of each of these records, at full text that of its documents."""
    r, found, bodies = t.records.c, dict[str, str](), list[Record]()
    with ledger.read() as connection:
        for part in _parts(records):
            if stage is Stage.ABSTRACT:
                query = select(r.id, r.text_hash).where(r.id.in_(part))
                found |= {row.id: row.text_hash for row in connection.execute(query)}
            else:
                query = select(r.body).where(r.id.in_(part))
                bodies += [Record.model_validate_json(body) for body in connection.execute(query).scalars()]
    return found | {report.id: report.text_hash for report in reports(ledger, bodies)} if bodies else found


def last_fits(connection: Connection, stage: Stage, reviewers: Collection[str]) -> dict[str, str]:
    """Return when each of these reviewers was fitted last at a stage, of those that were."""
    f = t.fits.c
    query = select(f.reviewer, func.max(f.at)).where(f.stage == stage.value, f.reviewer.in_(reviewers))
    return {row[0]: row[1] for row in connection.execute(query.group_by(f.reviewer))}


def is_machine(connection: Connection, stage: Stage, reviewer: str) -> bool:
    """Return whether a reviewer has judged at a stage as a machine."""
    j = t.judgements.c
    query = select(j.id).where(j.stage == stage.value, j.reviewer == reviewer, j.role == "machine").limit(1)
    return connection.execute(query).first() is not None


def _parts(names: Collection[str]) -> Iterator[list[str]]:
    ordered = list(names)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
