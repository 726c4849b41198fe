"""Which criteria are asked: one that presupposes another (`applies_if`) is not, where the answer to that is `no`.

Code says so of every reviewer's answers, people's and machines', whatever was answered.
"""

from collections.abc import Mapping, Sequence

from ..core.judgement import Answer, Judgement, Value
from .model import QuestionCriterion, StageProtocol


def parent_of_not_asked(criterion: object, values: Mapping[str, Value]) -> str | None:
    """Return the criterion whose `no` (or that was not asked itself) leaves this one unasked; None where it is asked."""
    parent = criterion.applies_if if isinstance(criterion, QuestionCriterion) else None
    return parent if parent is not None and values.get(parent) in (Value.NO, Value.NOT_ASKED) else None


def with_not_asked(stage: StageProtocol, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return answers, by criterion, with `not_asked` exactly where a criterion is not asked.

    There it replaces any answer, or none; elsewhere a `not_asked` becomes `unclear`. Each says why. Where what a criterion
    presupposes has no answer (people who differ on it agree that what follows is not asked), a `not_asked` stays. The
    answers come in the protocol's order, those to criteria that it does not have at the end.
    """
    settled: dict[str, Answer] = {}
    values: dict[str, Value] = {}
    for criterion in stage.criteria:
        answer = answers.get(criterion.id)
        if (parent := parent_of_not_asked(criterion, values)) is not None:
            why = "is no" if values[parent] is Value.NO else "was not asked"
            answer = Answer(value=Value.NOT_ASKED, reason=f"`{parent}` {why}")
        elif answer is not None and answer.value is Value.NOT_ASKED and not _presupposes_unknown(criterion, values):
            answer = answer.model_copy(
                update={"value": Value.UNCLEAR, "reason": _asked(criterion, values, answer.reason), "basis": None}
            )
        if answer is not None:
            settled[criterion.id], values[criterion.id] = answer, answer.value
    return settled | {name: answer for name, answer in answers.items() if name not in settled}


def values_as_asked(presupposed: Sequence[tuple[str, str]], values: Mapping[str, Value]) -> dict[str, Value]:
    """Return answers that are values alone with `not_asked` as `with_not_asked` has it.

    `presupposed` has each criterion that presupposes another with that one, in the protocol's order.
    """
    settled = dict(values)
    for child, parent in presupposed:
        if settled.get(parent) in (Value.NO, Value.NOT_ASKED):
            settled[child] = Value.NOT_ASKED
        elif settled.get(child) is Value.NOT_ASKED and parent in settled:
            settled[child] = Value.UNCLEAR
    return settled


def as_asked(stage: StageProtocol, judgement: Judgement) -> Judgement:
    """Return a judgement with `not_asked` where a criterion is not asked under the present protocol (`with_not_asked`).

    Its decision stays. Of a stage on which no criterion presupposes another it is the same object.
    """
    if not stage.presupposed or not judgement.answers:
        return judgement
    answers = with_not_asked(stage, judgement.answers)
    return judgement if answers == judgement.answers else judgement.model_copy(update={"answers": answers})


def _presupposes_unknown(criterion: object, values: Mapping[str, Value]) -> bool:
    """Return whether a criterion presupposes another that has no answer, so that nobody can tell whether it is asked."""
    parent = criterion.applies_if if isinstance(criterion, QuestionCriterion) else None
    return parent is not None and parent not in values


def _asked(criterion: object, values: Mapping[str, Value], reason: str) -> str:
    """Return why a `not_asked` is none, after the reason that was given for it."""
    parent = criterion.applies_if if isinstance(criterion, QuestionCriterion) else None
    always = "answered not_asked, but it is asked of every record"
    objection = f"answered not_asked, but `{parent}` is {values[parent]}" if parent else always
    return f"{reason}; {objection}" if reason else objection
