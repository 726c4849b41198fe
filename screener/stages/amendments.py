"""Amendments: a change of what reviewers are told, after they began, is dated, signed, and lists what it makes stale."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import tables as t
from ..ledger.runs import protocols
from ..ledger.store import Ledger, now
from ..protocol.gold import gold_spec
from ..protocol.instructions_hash import guide_hash
from ..protocol.model import Review
from .state import protocol_fingerprint


@dataclass(frozen=True)
class Stale:
    """What was made under an earlier wording. `people` are judgements by person, `machine` those of the stage's machine,
    `records` the ids that people judged; `unknown` are human judgements of which nobody knows under which wording.
    """

    people: dict[str, int]
    records: tuple[str, ...]
    machine: int
    gold: str
    unknown: int

    @property
    def anything(self) -> bool:
        """Whether a change has to be told of at all."""
        return bool(self.people or self.machine or self.gold)


@dataclass(frozen=True)
class Amendment:
    """A recorded change: when, by whom, why, and what it made stale at that time."""

    at: str
    stage: Stage
    who: str
    note: str
    protocol: str
    stale: dict[str, Any]


def stale(ledger: Ledger, review: Review, stage: Stage) -> Stale:
    """What was judged at a stage under another wording than the present one; nothing is withdrawn by it."""
    told = guide_hash(review, stage)
    j, c, a = t.judgements.c, t.judgement_context.c, t.aliases.c
    by_people = (
        select(func.coalesce(a.record_id, j.record_id), j.reviewer, c.protocol)
        .select_from(
            t.judgements.outerjoin(t.judgement_context, c.judgement_id == j.id).outerjoin(t.aliases, a.alias == j.record_id)
        )
        .where(j.stage == stage.value, j.role.in_(["human", "adjudicator"]),
               j.id.not_in(select(t.withdrawals.c.judgement_id)), func.coalesce(c.protocol, "") != told)
        .order_by(j.id)
    )  # fmt: skip
    with ledger.read() as connection:
        people, records, unknown = Counter[str](), dict[str, None](), 0
        for record, who, under in connection.execute(by_people):
            if under is None:
                unknown += 1
            else:
                people[who] += 1
                records[record] = None
        machine = _machine(connection, review, stage)
    spec = gold_spec(review) if (review.gold / f"{stage}.csv").is_file() else None
    old = spec.locked.get(stage) if spec is not None else None
    changed = old is not None and (old.guide != told or old.earlier_wording > 0)
    version = f"version {old.version} of {old.at[:10]}" if old is not None and changed else ""
    return Stale(dict(people), tuple(records), machine, version, unknown)


def _machine(connection: Connection, review: Review, stage: Stage) -> int:
    """How many records the stage's machine has judged last under another wording."""
    machine, said = review.stage(stage).decided_by.machine, protocol_fingerprint(review, stage)
    if machine is None:
        return 0
    j, under = t.judgements.c, protocols(connection)
    query = select(j.record_id, j.run_id).where(
        j.stage == stage.value, j.reviewer == machine, j.role == "machine", j.repeat == 0
    )
    last = {row.record_id: row.run_id for row in connection.execute(query.order_by(j.id))}
    return sum(under.get(run) != said for run in last.values())


def unrecorded(ledger: Ledger, review: Review, stage: Stage) -> Stale | None:
    """What a change that nobody has recorded yet makes stale; None where there is no such change."""
    if any(one.protocol == guide_hash(review, stage) for one in amendments(ledger, stage)[-1:]):
        return None
    found = stale(ledger, review, stage)
    return found if found.people or found.gold else None


def amend(ledger: Ledger, review: Review, stage: Stage, who: str, note: str) -> Amendment:
    """Record that the present wording replaces an earlier one, by whom and why; `BadInput` without a reason or change."""
    if not who.strip() or not note.strip():
        raise BadInput("an amendment needs a name and a reason")
    found = stale(ledger, review, stage)
    if not found.anything:
        raise BadInput(f"nothing was judged at stage {stage} under another wording, so there is nothing to amend")
    row = {"at": now(), "stage": stage.value, "who": who.strip(), "note": note.strip(),
           "protocol": guide_hash(review, stage), "body": json.dumps(asdict(found))}  # fmt: skip
    with ledger.write() as connection:
        connection.execute(insert(t.amendments).values(row))
    return amendments(ledger, stage)[-1]


def amendments(ledger: Ledger, stage: Stage | None = None) -> list[Amendment]:
    """The amendments that were recorded, oldest first."""
    query = select(t.amendments).order_by(t.amendments.c.id)
    if stage is not None:
        query = query.where(t.amendments.c.stage == stage.value)
    with ledger.read() as connection:
        return [
            Amendment(row.at, Stage(row.stage), row.who, row.note, row.protocol, json.loads(row.body))
            for row in connection.execute(query)
        ]
