"""Worked examples for a prompt: records with the answers that are right for them.

An example that quotes what its own text does not say would teach a model to invent quotes, so each is held to the
rules that the model's answers are held to, before any money is spent.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import together
from ..core.fault_words import meant
from ..core.judgement import Proposed
from ..core.yamlfile import Path_, YamlFile
from ..text import locate_in
from .model import QuestionCriterion, Review, StageProtocol
from .not_asked import parent_of_not_asked


class ExampleAnswer(BaseModel):
    """The right answer to one criterion, in the form that is asked of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str = Field(min_length=1)
    """Why, in a sentence."""
    quote: str | None
    """Words of this example's own title or abstract, copied exactly; `null` where silence is the reason."""
    answer: Proposed
    """`yes`, `no` (with a quote), `absent`, `unclear` or, of a criterion with `applies_if`, `not_asked`."""


class Example(BaseModel):
    """A record and the right answers for it. `id` or `doi` say which record it was made from, if from one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = None
    """The id of the record it was made from, if from one; a gold `test` record is refused."""
    doi: str | None = None
    """The DOI of that record."""
    title: str = Field(min_length=1)
    """The title, as the model is shown it."""
    abstract: str = ""
    """The abstract; may be left out."""
    answers: dict[str, ExampleAnswer]
    """The right answer to every criterion of the stage, by the criterion's id."""

    @property
    def mark(self) -> str:
        """Return the delimiter around its text in a prompt: 12 hex digits that the text cannot contain."""
        return hashlib.sha256(f"{self.title}\x00{self.abstract}".encode()).hexdigest()[:12]

    @property
    def answer(self) -> str:
        """Return the answer as the JSON object that a model is to give."""
        answers = {name: answer.model_dump(mode="json") for name, answer in self.answers.items()}
        return json.dumps(answers, ensure_ascii=False, indent=1)

    @property
    def graded_answer(self) -> str:
        """Return the same for a model that is asked for grades: what is right is definitely so."""
        answers = {name: answer.model_dump(mode="json") for name, answer in self.answers.items()}
        for answer in answers.values():
            if answer["answer"] in (Proposed.YES, Proposed.NO):
                answer["answer"] = f"definitely_{answer['answer']}"
        return json.dumps(answers, ensure_ascii=False, indent=1)


class ExamplesFile(BaseModel):
    """The content of a file of worked examples."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    examples: tuple[Example, ...] = Field(min_length=1)
    """The worked examples, in the order in which the prompt shows them."""


@dataclass(frozen=True)
class Examples:
    """The examples of a stage, with the file for messages that point into it."""

    document: YamlFile | None
    all: tuple[Example, ...]

    @cached_property
    def hash(self) -> str:
        """Return the hash of all that a prompt shows of them; empty without any."""
        if not self.all:
            return ""
        contents = [(example.title, example.abstract, example.answer) for example in self.all]
        return hashlib.sha256(json.dumps(contents).encode()).hexdigest()[:32]


NONE = Examples(None, ())
BLANK = "?"
"""What `screener gold examples` writes where a person must write; a file with one of them is refused."""


def read_examples(review: Review, stage: StageProtocol) -> Examples:
    """Return the examples of a stage, each checked against its own text.

    `BadInput` with file and line of all that is faulty.
    """
    if stage.examples is None:
        return NONE
    document = YamlFile(review.prompts / stage.examples)
    if blanks := list(_blanks(document.data)):
        raise together([document.fail(where, f'still "{BLANK}"; {_TO_FILL_IN[str(where[-1])]}') for where in blanks])
    examples = document.validate(ExamplesFile).examples
    mistakes = [found for position, example in enumerate(examples) for found in _mistakes(position, example, stage)]
    if mistakes:
        raise together(document.in_order([document.fail(where, message) for where, message in mistakes]))
    ordered = [
        example.model_copy(update={"answers": {c.id: example.answers[c.id] for c in stage.questions}})
        for example in examples
    ]
    return Examples(document, tuple(ordered))


_TO_FILL_IN = {
    "reason": "say why in a sentence",
    "quote": "copy the words that the answer stands on, or write null where it stands on silence",
    "answer": "a person answers it from the record's text: yes, no, absent or unclear",
}


def _blanks(data: Any) -> Iterator[Path_]:
    """Yield the places that nobody has filled in yet; what has not the form of a file of examples has none."""
    examples = data.get("examples") if isinstance(data, dict) else None
    for position, example in enumerate(examples if isinstance(examples, list) else ()):
        answers = example.get("answers") if isinstance(example, dict) else None
        for name, answer in answers.items() if isinstance(answers, dict) else ():
            for key in _TO_FILL_IN if isinstance(answer, dict) else ():
                if answer.get(key) == BLANK:
                    yield ("examples", position, "answers", name, key)


def _mistakes(position: int, example: Example, stage: StageProtocol) -> Iterator[tuple[Path_, str]]:
    """Yield what is not true of an example, with its place in the file."""
    place: Path_ = ("examples", position, "answers")
    criteria = {criterion.id: criterion for criterion in stage.questions}
    for name, answer in example.answers.items():
        criterion = criteria.get(name)
        if criterion is None:
            yield (*place, name), f"no such criterion{meant(name, list(criteria))}"
        elif answer.quote is not None and answer.answer in _WITHOUT_QUOTE:
            yield (*place, name, "quote"), f"`{answer.answer}` rests on no words: write `quote: null`"
        elif answer.quote is not None and not in_own_text(answer.quote, example.title, example.abstract):
            yield (*place, name, "quote"), "the quote is not in the example's own text; copy it exactly"
        elif problem := _fault(answer, criterion, example):
            yield (*place, name), problem
    for name in criteria:
        if name not in example.answers:
            yield place, f"the criterion `{name}` is not answered"


_WITHOUT_QUOTE = (Proposed.ABSENT, Proposed.NOT_ASKED)


def in_own_text(quote: str, title: str, abstract: str) -> bool:
    """Return whether a quote stands in an example's own text, up to how it is typeset."""
    _, place = locate_in(quote, {"abstract": abstract, "title": title})
    return place.status in ("exact", "normalized")


def _fault(answer: ExampleAnswer, criterion: QuestionCriterion, example: Example) -> str:
    """Return why an answer is not what code would let stand of such a record; the empty string for one that stands."""
    values = {name: given.answer.value_of for name, given in example.answers.items()}
    parent = parent_of_not_asked(criterion, values)
    if parent is not None and answer.answer is not Proposed.NOT_ASKED:
        return f"it is not asked, because `{parent}` is {values[parent]}; answer not_asked"
    if parent is None and answer.answer is Proposed.NOT_ASKED:
        return "it is asked of this record; answer it"
    if answer.answer is Proposed.NO and answer.quote is None:
        return "a `no` needs a quote; give one, or answer absent or unclear"
    if answer.answer is Proposed.ABSENT and not example.abstract.strip():
        return "there is no abstract, and a title alone is silent about nothing; answer unclear"
    if answer.answer is Proposed.YES and answer.quote is None and criterion.quote == "required":
        return "the criterion requires a quote; give one or answer unclear"
    return ""
