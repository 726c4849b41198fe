"""Tell what adjudications decided: a conflict, or something on which people did not differ."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.judgement import Decision, Judgement, Stage
from ..ledger import StoredJudgement, reads
from ..ledger.store import Connection
from ..protocol import StageProtocol
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


@dataclass(frozen=True)
class AdjudicationCounts:
    """Count the records with an adjudication: in all, of conflicts, and against people who agree."""

    records: int
    conflicts: int
    against: int

    @classmethod
    def of(cls, adjudicated: Sequence[Adjudicated]) -> "AdjudicationCounts":
        """Count them."""
        kinds = [record.kind for record in adjudicated]
        return cls(len(kinds), kinds.count("conflict"), kinds.count("against"))


def kind_of(adjudication: Judgement, people: Sequence[StoredJudgement], stage: Stage, humans: int | None) -> Kind:
    """Return what an adjudication decides beside people's judgements of the record; `humans` is how many have to judge.

    Several who agree are enough to be gone against, and so is one person where the protocol asks for no more.
    """
    if not people:
        return "other"
    if agreement_of(people, stage).conflict:
        return "conflict"
    decisions = {row.judgement.decision for row in people}
    enough = len({row.reviewer for row in people}) >= min(2, humans or 2)
    opposite = all(decision.kept != adjudication.decision.kept for decision in decisions)
    return "against" if enough and opposite and Decision.UNCLEAR not in decisions else "other"


def adjudicated(connection: Connection, stage: Stage, protocol: StageProtocol) -> list[Adjudicated]:
    """Return every record of a screening stage with an adjudication, in the order of the adjudications."""
    rows, current_ids = list(reads.by_people(connection, stage)), reads.current_ids(connection)
    return adjudicated_among(rows, current_ids, stage, protocol)


def adjudicated_among(
    rows: Sequence[StoredJudgement], current_ids: Mapping[str, str], stage: Stage, protocol: StageProtocol
) -> list[Adjudicated]:
    """Return what `adjudicated` does, of these judgements of people."""
    people = by_record(rows, current_ids)
    newest: dict[str, StoredJudgement] = {}
    for row in rows:
        if row.role == "adjudicator":
            newest[current_ids.get(row.record_id, row.record_id)] = row
    humans = protocol.decided_by.humans
    return [
        Adjudicated(
            record,
            row.reviewer,
            row.judgement.decision,
            tuple(dict.fromkeys(other.reviewer for other in people.get(record, ()))),
            kind_of(row.judgement, people.get(record, ()), stage, humans),
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
