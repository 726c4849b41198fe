"""Reasons of an adjudication that are ready to be taken: what it says of each criterion on which the judgements differ."""

from collections.abc import Mapping

from ..adjudication import SideBySide
from ..core.judgement import Value
from ..protocol import StageProtocol
from .views import FormAnswers

_SAYS: Mapping[Value, str] = {
    Value.YES: "met",
    Value.NO: "not met",
    Value.UNCLEAR: "the text does not say",
}


def ready_reasons(stage: StageProtocol, compared: SideBySide, form_answers: FormAnswers) -> list[str]:
    """Return sentences for what is answered so far: all of it in one, then each by itself, then whose judgement it follows."""
    answers = form_answers.as_answers(stage)
    labels = {criterion.id: criterion.label for criterion in stage.criteria}
    differing = [line for line in compared.lines if line.differs and line.id in answers]
    sentences = [
        f"{_capital(labels[line.id])}: {_SAYS[answers[line.id].value]}."
        for line in differing
        if answers[line.id].value in _SAYS
    ]
    followed = [
        f"As {side.name} judged."
        for number, side in enumerate(compared.sides)
        if differing
        and all(
            (answer := line.answers[number]) is not None and answer.value is answers[line.id].value
            for line in differing
        )
    ]
    together = [" ".join(sentences)] if len(sentences) > 1 else []
    return [*together, *sentences, *followed]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
