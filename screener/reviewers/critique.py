"""A chat model's critique of the criteria of a stage: one request, and what of its answer holds."""

from collections.abc import Generator
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from ..core.messages import ChatRequest, Message, Request, Response
from ..protocol import Finding, QuestionCriterion, StageProtocol
from .schema import filled, strict_schema

MOST = 20
"""How many suggestions on a stage are taken."""
_LONGEST = 300
"""Characters of a suggestion that are shown."""

_SYSTEM = """\
You read the eligibility criteria of a systematic review before people and machines apply them to records. Find wording that \
makes two careful readers give different answers, or a right record fail. Look for: a question that takes for granted what \
another asks; two criteria that ask the same; two requirements in one question; a question of which `yes` is not eligible; double \
negatives; words that mean something else to each reader; words such as "studied" that leave out what is only one part of a \
study; met_when and not_met_when that contradict each other or leave cases between them; a criterion that fails records \
because a text does not say what such texts seldom say (`silence: "no"`).

Answer with a list of suggestions, the most important first, none where the wording is sound. Of each give the criterion's id, \
the field (question, met_when or not_met_when), a quote of that field's words copied exactly, the problem in one sentence, and \
the new wording for the words that you quote. Do not change what is eligible: where that is undecided, say so in the problem."""


class SuggestedWording(BaseModel):
    """One suggestion, as it is asked of a model."""

    model_config = ConfigDict(extra="forbid")

    criterion: str
    field: Literal["question", "met_when", "not_met_when"]
    quote: str
    problem: str
    rewording: str


class Critique(BaseModel):
    """A whole answer."""

    model_config = ConfigDict(extra="forbid")

    suggestions: list[SuggestedWording]


def critique_request(spec: StageProtocol, review: str) -> ChatRequest:
    """Return the request about the questions of a stage. `review` is the review's title."""
    criteria = [
        {name: value for name, value in criterion.model_dump(mode="json", exclude={"cues", "kind"}).items() if value}
        for criterion in spec.questions
    ]
    protocol: dict[str, Any] = {"review": review, "question": spec.question, "criteria": criteria}
    text = yaml.safe_dump(protocol, sort_keys=False, allow_unicode=True, width=110)
    return ChatRequest((Message("system", _SYSTEM), Message("user", text)), "critique", strict_schema(Critique))


def ask_for_critique(spec: StageProtocol, review: str) -> Generator[Request, Response, Critique]:
    """Ask for a critique of a stage, and once more where the answer cannot be used; raises as `filled` does."""
    return (yield from filled(critique_request(spec, review), Critique))


def suggestions_of(spec: StageProtocol, critique: Critique) -> tuple[list[Finding], list[str]]:
    """Return the suggestions whose quote stands in the wording, and of each other one why it was left out."""
    places = {
        criterion.id: at for at, criterion in enumerate(spec.criteria) if isinstance(criterion, QuestionCriterion)
    }
    found, left_out = list[Finding](), list[str]()
    for each in critique.suggestions[:MOST]:
        quote, at = _one_line(each.quote), places.get(each.criterion)
        if at is None:
            left_out.append(f"no criterion is named `{_one_line(each.criterion)[:60]}`")
        elif not quote or quote not in _one_line(getattr(spec.criteria[at], each.field)):
            left_out.append(f'`{each.criterion}.{each.field}` does not say "{quote[:60]}"')
        else:
            reworded = _one_line(each.rewording)
            advice = _one_line(each.problem) + (f"; suggested: {reworded}" if reworded else "")
            where = ("criteria", at, each.field)
            found.append(Finding("suggested", each.criterion, where, quote, advice[:_LONGEST]))
    if len(critique.suggestions) > MOST:
        left_out.append(f"only the first {MOST} of {len(critique.suggestions)} are taken")
    return found, left_out


def _one_line(text: str) -> str:
    return " ".join(text.split())
