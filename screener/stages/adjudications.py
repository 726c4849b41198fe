"""Tell what adjudications decided: a conflict, or something on which people did not differ."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from ..core.judgement import Decision, Judgement, Stage
from ..ledger import StoredJudgement, contexts, reads
from ..ledger.store import Connection
from ..protocol import DecidedBy, StageProtocol
from .agreement import agreement_of, by_record

Kind = Literal["conflict", "against", "other"]


@dataclass(frozen=True)
class Adjudicated:
    """Hold the newest adjudication of a record, and whose judgements it stands beside.

    `kind` is `conflict` where these differ, `against` where people agree on the opposite, and `other` where they agree
    with it, are unsure, or are too few to have decided.
    """

    record: str
    adjudicator: str
    decision: Decision
    people: tuple[str, ...]
    kind: Kind
    consensus: bool = False
    """Whether those who had judged it agreed on it, rather than somebody else deciding."""


@dataclass(frozen=True)
class AdjudicationCounts:
    """Count the records with an adjudication: in all, of conflicts, against people who agree, and by consensus of those."""

    records: int
    conflicts: int
    against: int
    consensus: int

    @classmethod
    def of(cls, adjudicated: Sequence[Adjudicated]) -> "AdjudicationCounts":
        """Count them."""
        kinds = [record.kind for record in adjudicated]
        return cls(
            len(kinds), kinds.count("conflict"), kinds.count("against"), sum(record.consensus for record in adjudicated)
        )


def kind_of(
    adjudication: Judgement,
    people: Sequence[StoredJudgement],
    stage: Stage,
    rule: DecidedBy,
    second: StoredJudgement | None = None,
) -> Kind:
    """Return what an adjudication decides beside people's judgements of the record.

    Several who agree are enough to be gone against, and so is one person where the protocol asks for no more. One person
    whose `second` reviewer, a machine, has said something else is in conflict with it, and never enough alone.
    """
    if not people:
        return "other"
    alone = rule.second_reviewer is not None and len({row.reviewer for row in people}) == 1
    if agreement_of([*people, second] if alone and second else people, stage).conflict:
        return "conflict"
    decisions = {row.judgement.decision for row in people}
    enough = len({row.reviewer for row in people}) >= (2 if rule.second_reviewer else min(2, rule.humans or 2))
    opposite = all(decision.kept != adjudication.decision.kept for decision in decisions)
    return "against" if enough and opposite and Decision.UNCLEAR not in decisions else "other"


def adjudicated(connection: Connection, stage: Stage, protocol: StageProtocol) -> list[Adjudicated]:
    """Return every record of a screening stage with an adjudication, in the order of the adjudications."""
    rows, current_ids = list(reads.by_people(connection, stage)), reads.current_ids(connection)
    machine = protocol.decided_by.second_reviewer
    second = reads.latest(connection, stage, machine) if machine else {}
    ruled = contexts(connection, [row.id for row in rows if row.role == "adjudicator"])
    agreed = {number for number, context in ruled.items() if context.consensus}
    records = adjudicated_among(rows, current_ids, stage, protocol, second)
    newest = {current_ids.get(row.record_id, row.record_id): row.id for row in rows if row.role == "adjudicator"}
    return [replace(record, consensus=newest[record.record] in agreed) for record in records]


def adjudicated_among(
    rows: Sequence[StoredJudgement],
    current_ids: Mapping[str, str],
    stage: Stage,
    protocol: StageProtocol,
    second: Mapping[str, StoredJudgement] = MappingProxyType({}),
) -> list[Adjudicated]:
    """Return what `adjudicated` does, of these judgements of people, and of the machine that is their second reviewer."""
    people = by_record(rows, current_ids)
    newest: dict[str, StoredJudgement] = {}
    for row in rows:
        if row.role == "adjudicator":
            newest[current_ids.get(row.record_id, row.record_id)] = row
    return [
        Adjudicated(
            record,
            row.reviewer,
            row.judgement.decision,
            tuple(dict.fromkeys(other.reviewer for other in people.get(record, ()))),
            kind_of(row.judgement, people.get(record, ()), stage, protocol.decided_by, second.get(record)),
        )
        for record, row in newest.items()
    ]


def against_agreement(adjudicated_records: Sequence[Adjudicated]) -> dict[str, list[str]]:
    """Return the adjudications against people who agree: the records by adjudicator."""
    records: dict[str, list[str]] = defaultdict(list)
    for record in adjudicated_records:
        if record.kind == "against":
            records[record.adjudicator].append(record.record)
    return dict(records)
