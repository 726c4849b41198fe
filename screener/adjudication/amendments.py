"""Amendments: a change of what reviewers are told, after they began, is dated, signed, and lists what it makes stale."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from ..errors import BadInput
from ..gold import load_gold
from ..guide import guide_hash
from ..judgement import Stage
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.store import Ledger, now
from ..protocol import Review
from ..runner import present


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
    with ledger.read() as connection:
        c = t.circumstances.c
        under = {row.judgement_id: row.protocol for row in connection.execute(select(c.judgement_id, c.protocol))}
        moved = reads.aliases(connection)
        people, records, unknown = Counter[str](), dict[str, None](), 0
        for row in reads.judgements(connection, stage, wanted=lambda row: row["role"] in ("human", "adjudicator")):
            if row.id not in under:
                unknown += 1
            elif under[row.id] != told:
                people[row.reviewer] += 1
                records[moved.get(row.record_id, row.record_id)] = None
        machine = _machine(connection, review, stage)
    gold = load_gold(review, stage)
    old = gold.lock if gold is not None else None
    version = f"version {old.version} of {old.at}" if old is not None and old.guide != told else ""
    return Stale(dict(people), tuple(records), machine, version, unknown)


def _machine(connection: Connection, review: Review, stage: Stage) -> int:
    machine, said = review.stage(stage).decided_by.machine, present(review, stage)
    if machine is None:
        return 0
    under = reads.protocols(connection)
    return sum(under.get(row.run_id) != said for row in reads.latest(connection, stage, machine).values())


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
