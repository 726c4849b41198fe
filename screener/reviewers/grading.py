"""What is made of graded answers: probabilities, answers by threshold, and a decision by the probability of inclusion."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from ..core.judgement import Decision, Judgement, Value
from ..core.messages import ChatResponse
from ..documents import Quote
from ..protocol import QuestionCriterion, StageProtocol
from ..protocol.model import Thresholds, Until
from .calibration import Calibration, probability_of
from .grades import GRADES_VERSION, Grade, GradedAnswer, answer_places, graded
from .json_answer import json_object
from .screening import Proposal


@dataclass(frozen=True)
class Grading:
    """How grades become answers: `thresholds` by criterion, `until` for the decision, and a calibration, each if there is one.

    `logprobs` asks the server for the probabilities of the answer's tokens.
    """

    thresholds: Mapping[str, Thresholds] = field(default_factory=dict)
    until: Until | None = None
    calibration: Calibration | None = None
    logprobs: bool = False

    @property
    def asked(self) -> list[str]:
        """Return what is asked for beside the form of the answers."""
        return ["logprobs"] if self.logprobs else []

    @property
    def rule(self) -> list[object]:
        """Return all that is derived by, for a hash."""
        thresholds = {name: limits.model_dump() for name, limits in self.thresholds.items()}
        until = None if self.until is None else self.until.model_dump()
        return ["graded", GRADES_VERSION, thresholds, until, self.calibration and self.calibration.id]

    def proposals(
        self, stage: StageProtocol, answers: BaseModel, grades: Mapping[str, GradedAnswer]
    ) -> dict[str, Proposal]:
        """Return what is proposed for each question of a stage."""
        return {
            criterion.id: self._proposal(criterion, getattr(answers, criterion.id), grades[criterion.id])
            for criterion in stage.questions
        }

    def _proposal(self, criterion: QuestionCriterion, answer: BaseModel, given: GradedAnswer) -> Proposal:
        """Return one proposal. A quote is evidence only for what its grade speaks for."""
        calibration = self.calibration.criteria if self.calibration else {}
        p, limits = probability_of(criterion, given, calibration), self.thresholds.get(criterion.id)
        value = given.grade.value_of
        if limits is not None and given.grade is not Grade.NOT_ASKED:
            value = Value.YES if p >= limits.yes_from else Value.NO if p < limits.no_below else Value.UNCLEAR
        reason, quote = " ".join(str(getattr(answer, "reason", "")).split())[:1_000], getattr(answer, "quote", None)
        speaks = value is Value.UNCLEAR or given.grade.speaks_for is value
        quotes = (Quote(quote.strip()),) if speaks and quote and quote.strip() else ()
        silent = not quotes or given.grade is Grade.ABSENT
        if given.grade.value != value.value:  # the answer alone does not tell the grade
            reason = f"{given.grade.words}: {reason}" if reason else given.grade.words
        return Proposal(value, reason, p, quotes, silent)

    def decided(self, stage: StageProtocol, judgement: Judgement) -> Judgement:
        """Return the judgement with its probability of inclusion calibrated, and decided by that if `until` says so."""
        line = self.calibration.inclusion if self.calibration else None
        if line is not None and judgement.probability is not None:
            p = round(line.probability(judgement.probability), 9)
            judgement = judgement.model_copy(update={"probability": p})
        return judgement if self.until is None else by_probability(stage, judgement, self.until)


def grades_of(
    stage: StageProtocol, answers: BaseModel, response: ChatResponse, *, silence_counts: bool
) -> dict[str, GradedAnswer]:
    """Return the grade of each question, with how likely each was where the response says so.

    `silence_counts` is false for a text that is never silent about anything: a title, or a part of a report.
    """
    places: dict[str, int] = {}
    if response.choices is not None:
        found = json_object(response)
        start = response.text.rfind(found)
        places = {name: start + place for name, place in answer_places(found).items()} if start >= 0 else {}
    grades = {}
    for criterion in stage.questions:
        grade = Grade(getattr(answers, criterion.id).answer)
        given = graded(grade, places.get(criterion.id), response.choices)
        grades[criterion.id] = given if silence_counts else given.without_silence()
    return grades


def by_probability(stage: StageProtocol, judgement: Judgement, until: Until) -> Judgement:
    """Return a judgement as its probability of inclusion decides: below `exclude_below` excluded, from `include_above` included.

    What lies between is unclear, and what a rule of the protocol excludes stays excluded. A `no` to a record that is kept
    becomes `unclear`, and with it what was not asked because of it. A title alone is excluded only where an answer is `no`:
    it is improbable for what it does not mention.
    """
    p = judgement.probability
    if p is None or any(judgement.answers[rule.id].value is Value.NO for rule in stage.rules):
        return judgement
    denied = any(answer.value is Value.NO for answer in judgement.answers.values())
    if p < until.exclude_below and "title_only" in judgement.flags and not denied:
        decision, words = Decision.UNCLEAR, f"below {until.exclude_below:g}, but there is no abstract"
    elif p < until.exclude_below:
        decision, words = Decision.EXCLUDE, f"below {until.exclude_below:g}"
    elif p >= until.include_above:
        decision, words = Decision.INCLUDE, f"not below {until.include_above:g}"
    else:
        decision, words = Decision.UNCLEAR, f"between {until.exclude_below:g} and {until.include_above:g}"
    if decision is judgement.decision:
        return judgement
    reason, answers = f"probability of inclusion {p:.2g}, {words}", dict(judgement.answers)
    if decision is Decision.EXCLUDE:
        likely = {name: answer.probability for name, answer in answers.items() if answer.probability is not None}
        reason += f"; least likely met: {min(likely, key=lambda name: likely[name])}" if likely else ""
    else:
        answers = {
            name: answer.model_copy(
                update={"value": Value.UNCLEAR, "basis": None, "reason": f"{answer.reason}; kept: {reason}"}
            )
            if answer.value in (Value.NO, Value.NOT_ASKED)
            else answer
            for name, answer in answers.items()
        }
    return judgement.model_copy(update={"decision": decision, "answers": answers, "reason": reason})
