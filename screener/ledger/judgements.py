"""Judgements as rows of the ledger: the one place that writes them, takes them back, and says which of them stand."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select

from ..core.judgement import Judgement, Stage
from . import tables as t
from .parts import in_parts
from .record_ids import with_current_ids
from .store import now

PEOPLE = ("human", "adjudicator")
"""The roles of people: who judges, and who adjudicates where judgements differ."""
Blinded = Literal["blind", "partly", "open"]
_RANKED = ("ranked", "learned")
"""The orders of a queue that go by what a machine makes of the records."""


@dataclass(frozen=True, slots=True)
class NewJudgement:
    """A judgement to be entered. The defaults are those of a person's; `at` is the present time."""

    record_id: str
    text_hash: str
    stage: Stage
    reviewer: str
    role: str
    judgement: Judgement
    run_id: str = ""
    asked: str = "human"
    rule: str = ""
    repeat: int = 0
    at: str = field(default_factory=now)


@dataclass(frozen=True)
class JudgementContext:
    """How a human judgement came about.

    `blinded`: `blind`; `partly` (the order of the queue went by a machine's opinion); `open` (the judgement of a machine
    or another person had been shown before). `seen` names whose. `before` is the id of the reviewer's own blind
    judgement that this one may correct, `seconds` the time the record was on the screen. `bulk` names the decision on
    many records at once that this is a part of. `beyond` says that the record had as many judgements as it needs, or that
    others held the rest, and that the person was told so before. `consensus` are those who had judged the record and agreed on
    this adjudication, whoever entered it. `protocol` is the hash of the instructions, `ordered` the queue's order.
    `since` is the number of the newest judgement that there was when the person began to enter this one; it is not kept.
    """

    blinded: Blinded = "blind"
    seen: tuple[str, ...] = ()
    before: int | None = None
    seconds: float | None = None
    bulk: str = ""
    protocol: str = ""
    ordered: str = ""
    beyond: bool = False
    consensus: tuple[str, ...] = ()
    since: int | None = None


def not_withdrawn() -> ColumnElement[bool]:
    """Return the condition on `judgements` that nobody has taken the judgement back, nor the import of its record."""
    c = t.judgements.c
    gone = c.record_id.in_(select(t.gone_ids.c.record_id))
    return c.id.not_in(select(t.withdrawals.c.judgement_id)) & ~gone


def add_judgements(connection: Connection, judgements: Sequence[NewJudgement]) -> None:
    """Enter judgements that have no context: a machine's, gold labels, decisions from a file."""
    if judgements:
        connection.execute(insert(t.judgements), [_row(new) for new in judgements])


def add_numbered(connection: Connection, judgements: Sequence[NewJudgement]) -> list[int]:
    """Enter judgements that have no context; return their numbers, in the same order."""
    return [number for some in in_parts(judgements) for number in _insert(connection, [_row(new) for new in some])]


def add_contexts(connection: Connection, contexts_by_number: Mapping[int, JudgementContext]) -> None:
    """Enter how judgements came about, by number, that were carried over from another ledger."""
    rows = [_context_row(number, context) for number, context in contexts_by_number.items()]
    if rows:
        connection.execute(insert(t.judgement_context), rows)


def add_judgements_with_context(
    connection: Connection, judgements: Sequence[NewJudgement], context: JudgementContext
) -> list[int]:
    """Enter a person's judgements with how they came about; return their numbers, in the same order."""
    numbers: list[int] = []
    for some in in_parts(judgements):
        fresh = _insert(connection, [_row(new) for new in some])
        connection.execute(insert(t.judgement_context), [_context_row(number, context) for number in fresh])
        numbers += fresh
    return numbers


def add_again(connection: Connection, numbers: Collection[int]) -> None:
    """Enter judgements that were withdrawn anew, as of now, each with how it came about."""
    c = t.judgements.c
    for some in in_parts(sorted(numbers)):
        rows = [dict(row) for row in connection.execute(select(t.judgements).where(c.id.in_(some)).order_by(c.id)).mappings()]  # fmt: skip
        query = select(t.judgement_context).where(t.judgement_context.c.judgement_id.in_(some))
        contexts = {row["judgement_id"]: dict(row) for row in connection.execute(query).mappings()}
        olds = [row.pop("id") for row in rows]
        at = now()
        fresh = _insert(connection, [{**row, "at": at} for row in rows])
        copies = [
            {**contexts[old], "judgement_id": number}
            for old, number in zip(olds, fresh, strict=True)
            if old in contexts
        ]
        if copies:
            connection.execute(insert(t.judgement_context), copies)


def withdraw(connection: Connection, numbers: Collection[int], who: str, reason: str) -> None:
    """Take judgements back: they stay in the ledger, and what stood before them counts again."""
    at = now()
    rows = [{"judgement_id": number, "who": who, "reason": reason, "at": at} for number in numbers]
    if rows:
        connection.execute(insert(t.withdrawals), rows)


def restate_reasons(connection: Connection, reasons: Mapping[int, str]) -> None:
    """Give judgements, by number, a reason in words, in a copy of a ledger that is only read."""
    c = t.judgements.c
    for some in in_parts(sorted(reasons)):
        bodies = connection.execute(select(c.id, c.body).where(c.id.in_(some))).all()
        for number, body in bodies:
            changed = json.dumps({**json.loads(body), "reason": reasons[number]})
            connection.execute(t.judgements.update().where(c.id == number).values(body=changed))


def supersede_parts(connection: Connection, stage: Stage, reviewer: str, role: str, names: Sequence[str]) -> list[int]:
    """Withdraw a reviewer's judgements of what was merged into these records; return their numbers.

    To be called when the records themselves are judged: what is said of the whole replaces what was said of its parts.
    A judgement under a record's own id is superseded anyway.
    """
    a, j, withdrawn = t.aliases.c, t.judgements.c, list[int]()
    for some in in_parts(names):
        query = select(j.id).join(t.aliases, a.alias == j.record_id).where(
            a.record_id.in_(some), j.record_id != a.record_id,
            j.stage == stage.value, j.reviewer == reviewer, j.role == role, not_withdrawn(),
        )  # fmt: skip
        numbers = list(connection.execute(query).scalars())
        withdraw(connection, numbers, reviewer, "judged again as one record, after a merge")
        withdrawn += numbers
    return withdrawn


def judged_open(connection: Connection) -> frozenset[int]:
    """Return the numbers of the judgements that people gave after another's answer had been shown to them."""
    c = t.judgement_context.c
    return frozenset(connection.execute(select(c.judgement_id).where(c.blinded == "open")).scalars())


def judged_here(connection: Connection) -> frozenset[int]:
    """Return the numbers of the judgements that people made in this program, which come in the order of their numbers."""
    return frozenset(connection.execute(select(t.judgement_context.c.judgement_id)).scalars())


def judged_in_bulk(connection: Connection) -> frozenset[int]:
    """Return the numbers of the judgements that were part of one decision on many records at once."""
    c = t.judgement_context.c
    return frozenset(connection.execute(select(c.judgement_id).where(c.bulk != "")).scalars())


def judged_ranked(connection: Connection) -> frozenset[int]:
    """Return the numbers of the judgements that people gave in the order of a machine's probabilities or of a learned ranking."""
    c = t.judgement_context.c
    return frozenset(connection.execute(select(c.judgement_id).where(c.ordered.in_(_RANKED))).scalars())


def ranked_records(connection: Connection, stage: Stage) -> set[str]:
    """Return the present ids of the records that people judged in the order of a machine's probabilities or of a learned ranking."""
    rows, record_id = with_current_ids(t.judgements)
    c = t.judgement_context.c
    query = select(record_id).select_from(rows.join(t.judgement_context, c.judgement_id == t.judgements.c.id))
    query = query.where(t.judgements.c.stage == stage.value, c.ordered.in_(_RANKED)).distinct()
    return set(connection.execute(query).scalars())


@dataclass(frozen=True)
class SecondAnswer:
    """What a person answered after others' answers were shown: `before` is the number of what they had said, `seen` whose."""

    number: int
    record_id: str
    reviewer: str
    before: int
    seen: tuple[str, ...]


def second_answers(connection: Connection, stage: Stage) -> list[SecondAnswer]:
    """Return what people answered after they had seen others' answers to a record that they had judged, oldest first.

    Records by their present ids.
    """
    rows, record_id = with_current_ids(t.judgements)
    j, c = t.judgements.c, t.judgement_context.c
    query = (
        select(j.id, record_id, j.reviewer, c.body)
        .select_from(rows.join(t.judgement_context, c.judgement_id == j.id))
        .where(j.stage == stage.value, j.role == "human", c.blinded == "open", not_withdrawn())
    )
    answers = []
    for number, name, reviewer, body in connection.execute(query.order_by(j.id)):
        context = json.loads(body)
        if "before" in context:
            answers.append(SecondAnswer(number, name, reviewer, int(context["before"]), tuple(context.get("seen", ()))))
    return answers


def labelled_ids(connection: Connection, stage: Stage, version: str) -> set[str]:
    """Return the ids under which gold labels of a version were entered."""
    j = t.judgements.c
    query = select(j.record_id).where(j.role == "gold", j.stage == stage.value, j.asked == version)
    return set(connection.execute(query).scalars())


def contexts(connection: Connection, numbers: Sequence[int]) -> dict[int, JudgementContext]:
    """Return how judgements came about, by number; those from files and of machines have no context."""
    contexts_by_number: dict[int, JudgementContext] = {}
    for some in in_parts(numbers):
        query = select(t.judgement_context).where(t.judgement_context.c.judgement_id.in_(some))
        contexts_by_number |= {row["judgement_id"]: _context(row) for row in connection.execute(query).mappings()}
    return contexts_by_number


def _context(row: RowMapping) -> JudgementContext:
    body = json.loads(row["body"])
    return JudgementContext(
        blinded=row["blinded"],
        seen=tuple(body.get("seen", ())),
        before=body.get("before"),
        seconds=body.get("seconds"),
        bulk=row["bulk"],
        protocol=row["protocol"],
        ordered=row["ordered"],
        beyond=bool(body.get("beyond")),
        consensus=tuple(body.get("consensus", ())),
    )


def _context_row(number: int, context: JudgementContext) -> dict[str, Any]:
    body = {"seen": list(context.seen), "before": context.before, "seconds": context.seconds, "beyond": context.beyond,
            "consensus": list(context.consensus)}  # fmt: skip
    return {"judgement_id": number, "protocol": context.protocol, "ordered": context.ordered,
            "blinded": context.blinded, "bulk": context.bulk,
            "body": json.dumps({name: value for name, value in body.items() if value})}  # fmt: skip


def _row(new: NewJudgement) -> dict[str, Any]:
    judgement = new.judgement
    return {"run_id": new.run_id, "record_id": new.record_id, "text_hash": new.text_hash, "stage": new.stage.value,
            "reviewer": new.reviewer, "role": new.role, "asked": new.asked, "rule": new.rule, "repeat": new.repeat,
            "at": new.at, "decision": judgement.decision.value, "probability": judgement.probability,
            "body": judgement.model_dump_json(exclude_defaults=True)}  # fmt: skip


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    if not rows:
        return []
    statement = insert(t.judgements).returning(t.judgements.c.id, sort_by_parameter_order=True)
    return [int(number) for number in connection.execute(statement, rows).scalars()]
