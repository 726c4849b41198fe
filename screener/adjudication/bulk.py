"""One decision on many records: planned first, so that a person sees what it would do; entered and undone as a whole.

Each record gets an ordinary human judgement; its context says that it was one of many. Who may judge a record is
asked as for a single one, and records that were drawn for a sample are left out: these are to be judged by themselves.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import BadInput
from ..core.judgement import Answer, Judgement, Stage, Value
from ..ledger import (
    Ledger,
    judgement_records,
    open_records,
    put_drafts,
    queued,
    reads,
    records_with_event,
    reports,
    who_judged,
)
from ..ledger.assignments import assigned
from ..ledger.samples import samples
from ..ledger.store import Connection
from ..protocol import Review, RuleCriterion, StageProtocol, apply_rule, decide, with_not_asked
from ..records import Record
from .bulk_undo import note, note_back, take_back
from .drafts import SHOWN
from .queue import Entered, JudgementContext, write_judgements
from .queue_order import ensure
from .slots import barred

DONE, RULED, FILLED, HELD, ALONE, SEEN, ABSENT, RULE, UNJUDGED, ASSIGNED = (
    "judged by you already",
    "adjudicated already",
    "judged by others, or open with them now",
    "open in another window of yours",
    "must be judged one by one",
    "you have seen others' answers, so each must be judged by itself",
    "not at this stage, or without a full text",
    "excluded by a rule of the protocol",
    "not judged by you",
    "assigned to somebody else",
)
"""Why a record is left out."""


@dataclass(frozen=True)
class BulkDecision:
    """What is to be said of all: a decision, its reason, and for an exclusion the criterion that is not met.

    `back` takes decisions back; `again` also replaces the reviewer's own earlier ones.
    """

    action: str
    criterion: str = ""
    reason: str = ""
    again: bool = False

    @classmethod
    def of(cls, text: str, protocol: StageProtocol, *, reason: str = "", again: bool = False) -> "BulkDecision":
        """Return the choice of a form, such as `exclude:signal` or `include`; `BadInput` for anything else."""
        action, _, criterion = text.partition(":")
        ids = {question.id for question in protocol.criteria}
        if action not in ("include", "exclude", "unclear", "back") or (criterion in ids) != (action == "exclude"):
            raise BadInput("Choose a decision.")
        return cls(action, criterion, reason, again)

    def judgement(self, protocol: StageProtocol) -> Judgement:
        """Return what each record is given."""
        if self.action == "exclude":
            answers = {self.criterion: Answer(value=Value.NO)}
        else:
            value = Value.YES if self.action == "include" else Value.UNCLEAR
            answers = {criterion.id: Answer(value=value) for criterion in protocol.criteria}
        answers = with_not_asked(protocol, answers)
        return Judgement(decision=decide(protocol, answers), answers=answers, reason=self.reason)


@dataclass(frozen=True)
class BulkPlan:
    """What a decision on many records would do: the records it fits, and the others by why they are left out."""

    stage: Stage
    choice: BulkDecision
    fit: Sequence[str]
    left_out: Mapping[str, Sequence[str]]


def plan(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    reviewer: str,
    names: Sequence[str],
    choice: BulkDecision,
    *,
    holder: str = "",
) -> BulkPlan:
    """Return what the decision would do on the records `names`; `holder` is the window that asks."""
    ensure(ledger, review, stage, reviewer)
    with ledger.read() as connection:
        judged_by, adjudicated = who_judged(connection, stage)
        reading_now = open_records(connection, stage)
        waiting = {name for name, _ in queued(connection, stage, reviewer)}
        people = assigned(connection, stage)
        sampled, unblinded = _sampled(connection, stage), records_with_event(connection, SHOWN, stage, reviewer)
        denied = _denied(connection, review, stage, names) if choice.action == "include" else set()
    needed = max(1, review.stage(stage).decided_by.humans)
    fit: list[str] = []
    left_out: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        judged_by_me, other_judges = reviewer in judged_by[name], len(judged_by[name] - {reviewer})
        reading = {lease.reviewer for lease in reading_now[name]} - {reviewer} - judged_by[name]
        if choice.action == "back":
            why = "" if judged_by_me else UNJUDGED
        elif name in adjudicated:
            why = RULED
        elif judged_by_me and not choice.again:
            why = DONE
        elif name in sampled:
            why = ALONE
        elif name in unblinded:
            why = SEEN
        elif not judged_by_me and other_judges + len(reading) >= needed:
            why = FILLED
        elif not judged_by_me and barred(people.get(name, {}), reviewer, needed, judged_by[name]):
            why = ASSIGNED
        elif not judged_by_me and name not in waiting:
            why = ABSENT
        elif any(
            lease.reviewer == reviewer and lease.holder and not lease.in_window(holder) for lease in reading_now[name]
        ):
            why = HELD
        else:
            why = RULE if name in denied else ""
        if why:
            left_out[why].append(name)
        else:
            fit.append(name)
    return BulkPlan(stage, choice, fit, dict(left_out))


def carry_out(ledger: Ledger, review: Review, planned: BulkPlan, reviewer: str, *, holder: str) -> BulkPlan:
    """Do what was planned, on the records that it still fits; what was done, with what had to be left out meanwhile."""
    stage, choice = planned.stage, planned.choice
    current_plan = plan(ledger, review, stage, reviewer, planned.fit, choice, holder=holder)
    if not current_plan.fit:
        return current_plan
    if choice.action == "back":
        with ledger.write() as connection:
            fit = set(current_plan.fit)
            own_judgements = judgement_records(connection, stage, reviewer)
            withdrawn = {number: name for number, name in own_judgements.items() if name in fit}
            judgements = reads.judgements_with(connection, list(withdrawn))
            note_back(connection, stage, reviewer, withdrawn)
            take_back(connection, stage, reviewer, list(withdrawn), "taken back in bulk")
            # The answers stay in the form, so that nothing has to be thought of twice.
            _keep_as_drafts(
                connection, stage, reviewer, {withdrawn[number]: judgements[number] for number in sorted(withdrawn)}
            )
        return current_plan
    hashes = _hashes(ledger, stage, current_plan.fit)
    judgement = choice.judgement(review.stage(stage))
    number = secrets.token_hex(6)
    with ledger.write() as connection:
        entered = [Entered(name, hashes[name], judgement) for name in current_plan.fit]
        numbers = write_judgements(connection, review, stage, reviewer, entered, JudgementContext(bulk=number))
        body = {"id": number, "choice": choice.action, "criterion": choice.criterion, "reason": choice.reason,
                "count": len(numbers), "first": min(numbers), "last": max(numbers)}  # fmt: skip
        note(connection, stage, reviewer, body)
    return current_plan


def _keep_as_drafts(connection: Connection, stage: Stage, reviewer: str, judgements: Mapping[str, Judgement]) -> None:
    bodies = {
        name: {
            "answers": {criterion: answer.value for criterion, answer in judgement.answers.items()},
            "note": judgement.reason,
        }
        for name, judgement in judgements.items()
    }
    put_drafts(connection, stage, reviewer, bodies)


def _sampled(connection: Connection, stage: Stage) -> set[str]:
    drawn = samples(connection, stage, "gold", "pilot", "elusion", "update")
    return {member.record_id for sample in drawn for member in sample.members}


def _denied(connection: Connection, review: Review, stage: Stage, names: Sequence[str]) -> set[str]:
    """Return the records that a rule excludes. Rules that read full texts are left to the card."""
    rules = [rule for rule in review.stage(stage).criteria if isinstance(rule, RuleCriterion)]
    if not rules:
        return set()
    records: list[Record] = reads.records(connection, set(names))
    return {record.id for record in records if any(apply_rule(rule, record).value is Value.NO for rule in rules)}


def _hashes(ledger: Ledger, stage: Stage, names: Sequence[str]) -> dict[str, str]:
    with ledger.read() as connection:
        records = reads.records(connection, set(names))
    texts: Sequence[Record] = records if stage is Stage.ABSTRACT else reports(ledger, records)
    return {text.id: text.text_hash for text in texts}


def verb_of(choice: BulkDecision) -> str:
    """Return the choice as a verb."""
    return {"include": "Include", "exclude": "Exclude", "unclear": "Mark unclear", "back": "Withdraw"}[choice.action]
