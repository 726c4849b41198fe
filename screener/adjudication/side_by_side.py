"""Judgements of one record side by side, with names or without, for whoever resolves a conflict."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.judgement import Answer, Stage, Value
from ..ledger import StoredJudgement, all_ids, newest_judgement
from ..ledger.store import Connection
from ..protocol import Review, StageProtocol
from ..records import Record
from .slots import in_a_sample


@dataclass(frozen=True)
class JudgementColumn:
    """One judgement as a column. `name` is a letter where names are hidden."""

    name: str
    kind: str
    """`human` or `machine`; empty where that is hidden."""
    decision: str
    reason: str


@dataclass(frozen=True)
class CriterionRow:
    """One criterion with the answer of each side; None where a side gave none."""

    id: str
    question: str
    answers: Sequence[Answer | None]
    differs: bool
    agreed: str
    """What all people say who said anything, or empty; also where one of them was not asked."""


@dataclass(frozen=True)
class SideBySide:
    """All sides of a conflict, and its criteria in the protocol's order."""

    sides: Sequence[JudgementColumn]
    lines: Sequence[CriterionRow]


def beside_people(connection: Connection, review: Review, stage: Stage, record_id: str) -> StoredJudgement | None:
    """Return the machine's judgement beside a conflict of people; None for a record in a sample that measures the machine.

    An adjudication that was made with its answer in view would find it better than it is.
    """
    return None if in_a_sample(connection, stage, record_id) else machine_row(connection, review, stage, record_id)


def machine_row(
    connection: Connection, review: Review, stage: Stage, record_id: str, *, second: bool = False
) -> StoredJudgement | None:
    """Return the newest judgement of the protocol's machine on a record, or of its second machine, if any."""
    rule = review.stage(stage).decided_by
    machine = rule.second if second else rule.machine
    if machine is None:
        return None
    return newest_judgement(connection, stage, machine, "machine", names=all_ids(connection, record_id))


def compare(
    protocol: StageProtocol,
    record_id: str,
    people: Sequence[StoredJudgement],
    machine: StoredJudgement | None,
    *,
    named: bool,
) -> SideBySide:
    """Return the judgements beside each other, in an order that tells nothing, and the same each time."""
    rows = in_an_order_that_tells_nothing(record_id, [*people, *([machine] if machine else [])])
    sides = [
        JudgementColumn(row.reviewer if named else chr(ord("A") + place), row.role if named else "", row.judgement.decision.value,
             row.judgement.reason if row.role != "machine" else "")
        for place, row in enumerate(rows)
    ]  # fmt: skip
    lines = []
    for criterion in protocol.criteria:
        answers = [row.judgement.answers.get(criterion.id) for row in rows]
        answers_given = {
            row.judgement.answers[criterion.id].value for row in people if criterion.id in row.judgement.answers
        }
        # A criterion that one person left open is not agreed on, nor is it where they differ.
        agreed = answers_given.pop() if len(answers_given) == 1 else None
        lines.append(
            CriterionRow(criterion.id, criterion.question, answers, _differs(people, criterion.id), agreed or "")
        )
    return SideBySide(sides, lines)


def in_an_order_that_tells_nothing(record_id: str, rows: Sequence[StoredJudgement]) -> list[StoredJudgement]:
    """Return the judgements in an order that is the same each time, and another one for each record."""
    return sorted(rows, key=lambda row: hashlib.sha256(f"{record_id}:{row.reviewer}".encode()).digest())


def quoted_in(record: Record, rows: Sequence[StoredJudgement]) -> dict[str, list[tuple[int, int]]]:
    """Return where the quotes of some judgements stand in a record's `title` and `abstract`; only of the text as it is now."""
    spans: dict[str, list[tuple[int, int]]] = {"title": [], "abstract": []}
    for row in rows:
        for answer in row.judgement.answers.values() if row.text_hash == record.text_hash else ():
            for evidence in answer.evidence:
                if evidence.document in spans and evidence.start is not None and evidence.end is not None:
                    spans[evidence.document].append((evidence.start, evidence.end))
    return spans


def _differs(people: Sequence[StoredJudgement], criterion: str) -> bool:
    """Return whether people who were asked say different things: what one was not asked differs in what it presupposes."""
    values: set[Value | None] = set()
    for row in people:
        answer = row.judgement.answers.get(criterion)
        if answer is None or answer.value is not Value.NOT_ASKED:
            values.add(answer.value if answer else None)
    return len(values) > 1
