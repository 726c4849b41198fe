"""A file of worked examples as a draft: what gold knows is filled in, and what only a person can say is left blank."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import yaml

from ..core.judgement import Answer, Basis, Match, Proposed, Value
from .fewshot import BLANK, in_own_text
from .model import StageProtocol
from .not_asked import parent_of_not_asked


@dataclass(frozen=True)
class DraftAnswer:
    """The right answer to a criterion as far as it is known; `BLANK` where a person must write."""

    reason: str
    quote: str | None
    answer: str

    @property
    def blanks(self) -> int:
        """Return how many of its values are still blank."""
        return [self.reason, self.quote, self.answer].count(BLANK)


_UNKNOWN = DraftAnswer(BLANK, BLANK, BLANK)


@dataclass(frozen=True)
class DraftExample:
    """A record with its answers by criterion; `why` it was chosen stands above it in the file."""

    id: str
    doi: str | None
    title: str
    abstract: str
    why: str
    answers: Mapping[str, DraftAnswer]

    @property
    def blanks(self) -> int:
        """Return how many values a person must fill in."""
        return sum(answer.blanks for answer in self.answers.values())

    @property
    def shown(self) -> str:
        """Return about what a prompt will show of it."""
        answers = {name: asdict(answer) for name, answer in self.answers.items()}
        return "\n".join((self.title, self.abstract, json.dumps(answers, ensure_ascii=False, indent=1)))

    def as_yaml(self) -> str:
        """Return it as an item of the file's list."""
        answers = {name: asdict(answer) for name, answer in self.answers.items()}
        fields = {"id": self.id, "doi": self.doi, "title": self.title, "abstract": self.abstract, "answers": answers}
        known = {name: value for name, value in fields.items() if value is not None}
        return yaml.safe_dump([known], sort_keys=False, allow_unicode=True, width=110)


def draft_answers(
    stage: StageProtocol,
    text: tuple[str, str],
    right: Mapping[str, Value],
    given: Mapping[str, Answer],
    *,
    reasons: bool = True,
) -> dict[str, DraftAnswer]:
    """Return the answers to show of a record with a title and abstract (`text`), by criterion.

    `right` are those of gold, where it has any; `given` those of a reviewer, of which reason and quote are taken where it
    answered as gold does and its quote stands in the text. Without `reasons` its reasons are no sentences to learn from.
    """
    answers: dict[str, DraftAnswer] = {}
    for criterion in stage.questions:
        parent = parent_of_not_asked(criterion, right)
        if parent is not None:
            why = "is no" if right[parent] is Value.NO else "was not asked"
            answers[criterion.id] = DraftAnswer(f"`{parent}` {why}.", None, Proposed.NOT_ASKED.value)
        elif (value := right.get(criterion.id)) is None or value is Value.NOT_ASKED:
            answers[criterion.id] = _UNKNOWN
        else:
            answers[criterion.id] = _known(value, text, given.get(criterion.id), reasons)
    return answers


def _known(value: Value, text: tuple[str, str], given: Answer | None, reasons: bool) -> DraftAnswer:
    if given is None or given.value is not value:
        return DraftAnswer(BLANK, None if value is Value.UNCLEAR else BLANK, value.value)
    reason = (given.reason.strip() if reasons else "") or BLANK
    if value is Value.UNCLEAR:
        return DraftAnswer(reason, None, value.value)
    if value is Value.NO and given.basis is Basis.ABSENT and text[1].strip():
        return DraftAnswer(reason, None, Proposed.ABSENT.value)
    sound = (Match.EXACT, Match.NORMALIZED)
    quotes = [piece.quote for piece in given.evidence if piece.status in sound and in_own_text(piece.quote, *text)]
    return DraftAnswer(reason, quotes[0] if quotes else BLANK, value.value)


def draft_file(examples: Sequence[DraftExample], head: Sequence[str]) -> str:
    """Return the file: comments at its head, and above each example why it was chosen."""
    lines = [f"# {line}" for line in head] + ["examples:"]
    for number, example in enumerate(examples, 1):
        lines += [f"# {number}. {' '.join(example.why.split())}", example.as_yaml().rstrip("\n")]
    return "\n".join(lines) + "\n"
