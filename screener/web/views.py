"""What the screens show, as plain values. What a reviewer must not see before judging is not in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.judgement import Answer, Decision, Judgement, Value
from ..protocol.model import QuestionCriterion, RuleCriterion, StageProtocol
from ..records import Record
from ..reviewers.screening import decide
from ..text.hostile import hostile_flags
from .highlights import Highlighter, Segment

PREFIX = "answer."
"""How the names of the answers' form fields begin."""


@dataclass(frozen=True)
class AskedCriterion:
    """A criterion as it is asked; `value` is what this reviewer has answered, `rule` what code says of it."""

    id: str
    question: str
    met_when: str
    not_met_when: str
    rule: str
    value: str
    said: Sequence[tuple[str, str]] = ()
    """What others say, as (name, answer): only for whoever resolves a conflict."""
    machine: Answer | None = None
    """What the machine says: only after the reviewer's own judgement, where the protocol shows it."""

    @property
    def differs(self) -> bool:
        """Whether the machine, being shown, says otherwise; what was left open is no other opinion."""
        return self.machine is not None and bool(self.value) and self.machine.value.value != self.value


@dataclass(frozen=True)
class ScreenView:
    """A record before one reviewer's eyes. `own` is their decision, if they have made one.

    `suspicious` says that the text may be written for a machine; it is told from the text alone, by no reviewer.
    """

    record: Record
    title: list[Segment]
    abstract: list[Segment]
    suspicious: bool
    questions: list[AskedCriterion]
    note: str
    own: str
    own_at: str


@dataclass(frozen=True)
class Given:
    """What a reviewer has put into the form so far."""

    answers: Mapping[str, Value]
    note: str = ""

    @classmethod
    def of(cls, form: Mapping[str, object], stage: StageProtocol) -> "Given":
        """What a form's fields say; what is no answer to a criterion of the stage is ignored."""
        answers: dict[str, Value] = {}
        for criterion in stage.criteria:
            said = form.get(PREFIX + criterion.id)
            if said in tuple(Value):
                answers[criterion.id] = Value(str(said))
        note = form.get("note", "")
        return cls(answers, note if isinstance(note, str) else "")

    @classmethod
    def of_draft(cls, body: Mapping[str, Any], stage: StageProtocol) -> "Given":
        """What a draft holds; an answer to a criterion that is gone is dropped."""
        answers = {PREFIX + name: value for name, value in dict(body.get("answers", {})).items()}
        return cls.of({**answers, "note": body.get("note", "")}, stage)

    @classmethod
    def from_judgement(cls, judgement: Judgement) -> "Given":
        """What a judgement says."""
        return cls({name: answer.value for name, answer in judgement.answers.items()}, judgement.reason)

    @property
    def as_answers(self) -> dict[str, Answer]:
        """The answers of a judgement."""
        return {name: Answer(value=value) for name, value in self.answers.items()}

    def follows(self, stage: StageProtocol) -> Decision | None:
        """The decision that the answers give, or None where nothing that a person answers is answered."""
        asked = {criterion.id for criterion in stage.questions}
        no = Value.NO in self.answers.values()
        return decide(stage, self.as_answers) if no or asked & self.answers.keys() else None

    def because(self, stage: StageProtocol) -> str:
        """The label of the first criterion that is not met: the main reason for an exclusion."""
        return next((c.label for c in stage.criteria if self.answers.get(c.id) is Value.NO), "")


def screen_view(
    stage: StageProtocol, record: Record, given: Given, ruled: Mapping[str, Answer], *, own: Judgement | None = None,
    own_at: str = "", machine: Judgement | None = None,
) -> ScreenView:  # fmt: skip
    """The record with the protocol's highlights and the reviewer's own answers. What code decides is answered already.

    `machine` is what the machine says, where the reviewer may see it.
    """
    said = machine.answers if machine else {}
    find = Highlighter(stage.questions)
    filled = with_rules(stage, given, ruled)
    return ScreenView(
        record=record,
        title=find.segments(record.title),
        abstract=find.segments(record.abstract),
        suspicious=bool(hostile_flags(record.title, record.abstract)),
        questions=[
            replace(question(one, filled, ruled.get(one.id)), machine=said.get(one.id)) for one in stage.criteria
        ],
        note=given.note,
        own=own.decision.value if own else "",
        own_at=own_at,
    )


def question(criterion: QuestionCriterion | RuleCriterion, given: Given, ruled: Answer | None) -> AskedCriterion:
    """A criterion as it is asked; `ruled` is what code says of it."""
    said = given.answers.get(criterion.id)
    value = said.value if said else ""
    if isinstance(criterion, RuleCriterion):
        return AskedCriterion(
            criterion.id, criterion.question, "", "", f"{ruled.value}, {ruled.reason}" if ruled else "", value
        )
    return AskedCriterion(criterion.id, criterion.question, criterion.met_when, criterion.not_met_when, "", value)


def with_rules(stage: StageProtocol, given: Given, ruled: Mapping[str, Answer]) -> Given:
    """The same with the answers that code gives, where the reviewer has not said otherwise."""
    known = {name: answer.value for name, answer in ruled.items() if answer.value is not Value.UNCLEAR}
    both = {**known, **given.answers}
    return Given({c.id: both[c.id] for c in stage.criteria if c.id in both}, given.note)
