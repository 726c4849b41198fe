"""What the screens show, as plain values. What a reviewer must not see before judging is not in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.judgement import ASKED, Answer, Decision, Judgement, Value
from ..protocol import QuestionCriterion, RuleCriterion, StageProtocol, decide, with_not_asked
from ..records import Record
from ..text import hostile_flags
from .highlights import Highlighter, Segment
from .own_quotes import Words, words_of_answer, words_of_draft, words_of_form

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
    other_answers: Sequence[tuple[str, str]] = ()
    """What others say, as (name, answer): only for whoever resolves a conflict."""
    machine: Answer | None = None
    """What the machine says: only after the reviewer's own judgement, where the protocol shows it."""
    parent: str = ""
    """The criterion that this one presupposes, by id; empty where it presupposes none."""
    parent_number: int = 0
    """Which question of the page that is, from 1 on."""
    unasked: bool = False
    """Whether it is not asked, since the answer to that one is `no`; `value` is what was answered before."""
    quote: str = ""
    """What this reviewer quotes for the answer; `place` is where it was selected: start, end, document."""
    place: str = ""

    @property
    def differs(self) -> bool:
        """Return whether the machine, being shown, says otherwise.

        What was left open is no other opinion, nor is what one of the two was not asked.
        """
        if self.machine is None or not self.value or self.unasked or self.machine.value is Value.NOT_ASKED:
            return False
        return self.machine.value.value != self.value


@dataclass(frozen=True)
class ScreenView:
    """A record before one reviewer's eyes. `own_decision` is their decision, if they have made one.

    `suspicious` says that the text may be written for a machine; it is told from the text alone, by no reviewer.
    """

    record: Record
    title: list[Segment]
    abstract: list[Segment]
    suspicious: bool
    questions: list[AskedCriterion]
    note: str
    own_decision: str
    own_at: str


@dataclass(frozen=True)
class FormAnswers:
    """What a reviewer has put into the form so far, also to criteria that are not asked any more (`as_answers`)."""

    answers: Mapping[str, Value]
    note: str = ""
    quotes: Words = field(default_factory=dict)
    """What is quoted for an answer, by criterion."""

    @classmethod
    def of(cls, form: Mapping[str, object], stage: StageProtocol) -> "FormAnswers":
        """Return what a form's fields say; what is no answer to a criterion of the stage is ignored."""
        answers: dict[str, Value] = {}
        for criterion in stage.criteria:
            value = form.get(PREFIX + criterion.id)
            if value in ASKED:
                answers[criterion.id] = Value(str(value))
        note = form.get("note", "")
        return cls(answers, note if isinstance(note, str) else "", words_of_form(form, stage))

    @classmethod
    def of_draft(cls, body: Mapping[str, Any], stage: StageProtocol) -> "FormAnswers":
        """Return what a draft holds; an answer to a criterion that is gone is dropped."""
        answers = {PREFIX + name: value for name, value in dict(body.get("answers", {})).items()}
        form = cls.of({**answers, "note": body.get("note", "")}, stage)
        return replace(form, quotes=words_of_draft(body.get("quotes"), stage))

    @classmethod
    def from_judgement(cls, judgement: Judgement) -> "FormAnswers":
        """Return what a judgement says."""
        asked = {name: answer.value for name, answer in judgement.answers.items() if answer.value in ASKED}
        quotes = {name: words_of_answer(judgement.answers[name]) for name in asked}
        return cls(asked, judgement.reason, {name: words for name, words in quotes.items() if words is not None})

    def body(self) -> dict[str, Any]:
        """Return what is kept of the form as a draft."""
        return {
            "answers": self.answers,
            "note": self.note,
            "quotes": {name: [*words] for name, words in self.quotes.items()},
        }

    def as_answers(self, stage: StageProtocol) -> dict[str, Answer]:
        """Return the answers of a judgement: `not_asked` to what presupposes a criterion that is answered `no`."""
        return with_not_asked(stage, {name: Answer(value=value) for name, value in self.answers.items()})

    def follows(self, stage: StageProtocol) -> Decision | None:
        """Return the decision that the answers give, or None where nothing that a person answers is answered."""
        question_ids = {criterion.id for criterion in stage.questions}
        no = Value.NO in self.answers.values()
        return decide(stage, self.as_answers(stage)) if no or question_ids & self.answers.keys() else None

    def because(self, stage: StageProtocol) -> str:
        """Return the label of the first criterion that is not met: the main reason for an exclusion."""
        answers = self.as_answers(stage)
        return next((c.label for c in stage.criteria if c.id in answers and answers[c.id].value is Value.NO), "")


def screen_view(
    stage: StageProtocol, record: Record, form_answers: FormAnswers, rule_answers: Mapping[str, Answer], *, own_judgement: Judgement | None = None,
    own_at: str = "", machine: Judgement | None = None,
) -> ScreenView:  # fmt: skip
    """Return the record with the protocol's highlights and the reviewer's own answers. What code decides is answered already.

    `machine` is what the machine says, where the reviewer may see it.
    """
    machine_answers = machine.answers if machine else {}
    find = Highlighter(stage.questions)
    filled = with_rules(stage, form_answers, rule_answers)
    return ScreenView(
        record=record,
        title=find.segments(record.shown_title),
        abstract=find.segments(record.abstract),
        suspicious=bool(hostile_flags(record.title, record.abstract)),
        questions=[replace(one, machine=machine_answers.get(one.id)) for one in questions(stage, filled, rule_answers)],
        note=form_answers.note,
        own_decision=own_judgement.decision.value if own_judgement else "",
        own_at=own_at,
    )


def questions(
    stage: StageProtocol, form_answers: FormAnswers, rule_answers: Mapping[str, Answer]
) -> list[AskedCriterion]:
    """Return the criteria of a stage as they are asked; `rule_answers` is what code says of some."""
    number = {criterion.id: place for place, criterion in enumerate(stage.criteria, start=1)}
    answers, parents = form_answers.as_answers(stage), dict(stage.presupposed)
    return [
        replace(
            _question(criterion, form_answers, rule_answers.get(criterion.id)),
            parent=(parent := parents.get(criterion.id, "")),
            parent_number=number.get(parent, 0),
            unasked=criterion.id in answers and answers[criterion.id].value is Value.NOT_ASKED,
            quote=form_answers.quotes.get(criterion.id, ("", ""))[0],
            place=form_answers.quotes.get(criterion.id, ("", ""))[1],
        )
        for criterion in stage.criteria
    ]


def _question(
    criterion: QuestionCriterion | RuleCriterion, form_answers: FormAnswers, rule_answer: Answer | None
) -> AskedCriterion:
    answer = form_answers.answers.get(criterion.id)
    value = answer.value if answer else ""
    if isinstance(criterion, RuleCriterion):
        return AskedCriterion(
            criterion.id,
            criterion.question,
            "",
            "",
            f"{rule_answer.value}, {rule_answer.reason}" if rule_answer else "",
            value,
        )
    return AskedCriterion(criterion.id, criterion.question, criterion.met_when, criterion.not_met_when, "", value)


def with_rules(stage: StageProtocol, form_answers: FormAnswers, rule_answers: Mapping[str, Answer]) -> FormAnswers:
    """Return the same with the answers that code gives, where the reviewer has not said otherwise."""
    by_rule = {name: answer.value for name, answer in rule_answers.items() if answer.value is not Value.UNCLEAR}
    combined = {**by_rule, **form_answers.answers}
    answers = {c.id: combined[c.id] for c in stage.criteria if c.id in combined}
    return replace(form_answers, answers=answers)
