"""Standings as the ledger keeps them, a row for each record of which anything was said, and by which rule they are made.

Whoever reads compares the rule and up to which rows of the ledger they are made; where either is not the present one,
standings are computed and nothing is written. What makes the rows is in `standing_keeper`.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

from ..core.judgement import Decision, Stage
from ..ledger.parts import FEW
from ..ledger.standings import StandingRow, made_from, present, standing_rows
from ..ledger.store import Connection
from ..protocol.model import DecidedBy
from ..records import Record
from .standing import OpenGate, Standing, Status, members

VERSION = 2
"""To be raised where `stand` gives another standing for the same judgements."""


def rule_hash(
    rule: DecidedBy, protocol: str | None, gate: OpenGate | None, stage: Stage, records: Sequence[Record]
) -> str:
    """Return the hash of what standings are made by; at extraction also of which reports are one study.

    `protocol` is the hash of what the protocol says of the stage's machine, as in `standings`.
    """
    studies = sorted(members(record) for record in records) if stage is Stage.EXTRACTION else []
    # As long as no batch came later the hash is that of earlier programs.
    open_for = gate and ([gate.since, gate.passed] if gate.passed else gate.since)
    parts = [VERSION, rule.model_dump_json(), protocol, open_for, studies]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def kept_standings(
    connection: Connection, stage: Stage, rule: str, records: Sequence[Record]
) -> dict[str, Standing] | None:
    """Return the standings of some records, by id, without their judgements; None where the rows are not up to date."""
    if made_from(connection).get(stage) != (rule, present(connection)):
        return None
    rows = standing_rows(connection, stage, [record.id for record in records] if len(records) <= FEW else None)
    untouched = Standing(Status.PENDING)
    return {record.id: of_row(rows[record.id]) if record.id in rows else untouched for record in records}


def all_kept_standings(connection: Connection, stage: Stage, rule: str) -> dict[str, Standing] | None:
    """Return the standings of all records that have a row, by id; None where the rows are not up to date."""
    if made_from(connection).get(stage) != (rule, present(connection)):
        return None
    return {name: of_row(row) for name, row in standing_rows(connection, stage).items()}


def as_row(standing: Standing) -> StandingRow | None:
    """Return a standing as it is kept; None where nobody has said anything of the record."""
    if standing == Standing(Status.PENDING):
        return None
    s = standing
    body = json.dumps([s.by, s.message, s.other_text, s.people, s.failed, s.incomplete])
    return StandingRow(s.status.value, s.decision.value if s.decision else "", body)


@lru_cache(maxsize=10_000)
def of_row(row: StandingRow) -> Standing:
    """Return a standing as it was kept."""
    by, message, other_text, people, failed, incomplete = json.loads(row.body)
    return Standing(
        Status(row.status),
        Decision(row.decision) if row.decision else None,
        by,
        message=message,
        other_text=tuple(other_text),
        people=tuple(people),
        failed=failed,
        incomplete=tuple(incomplete),
    )
