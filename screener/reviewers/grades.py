"""How sure a chat model is of an answer: the grades it may give, and what probability they stand for.

A grade is what `answers: graded` asks for. By itself it stands for a fixed probability; where labels have shown how often
records with a grade meet the criterion, for that share (see `calibration`). Where a server gives the probabilities of an
answer's tokens, they weigh the grades.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..core.judgement import Value
from ..core.messages import TokenChoice
from ..protocol import QuestionCriterion

GRADES_VERSION = "3"
"""Version of what grades stand for; part of the hash of everything that is derived by them."""


class Grade(StrEnum):
    """What a chat model may answer to a criterion in place of a plain yes or no."""

    DEFINITELY_YES = "definitely_yes"
    PROBABLY_YES = "probably_yes"
    UNCLEAR = "unclear"
    PROBABLY_NO = "probably_no"
    DEFINITELY_NO = "definitely_no"
    ABSENT = "absent"
    """The text says nothing of it, and that of an eligible study would."""
    NOT_ASKED = "not_asked"

    @property
    def words(self) -> str:
        """Return the grade as people read it."""
        return self.value.replace("_", " ")

    @property
    def value_of(self) -> Value:
        """Return the answer that it gives where no threshold decides; `absent` speaks for `no`."""
        return _VALUES.get(self, Value.UNCLEAR)

    @property
    def speaks_for(self) -> Value:
        """Return the answer for which its quote is evidence."""
        return Value.NO if self is Grade.PROBABLY_NO else self.value_of


_VALUES = {
    Grade.DEFINITELY_YES: Value.YES,
    Grade.PROBABLY_YES: Value.YES,
    Grade.DEFINITELY_NO: Value.NO,
    Grade.ABSENT: Value.NO,
    Grade.NOT_ASKED: Value.NOT_ASKED,
}
ORDERED = (Grade.DEFINITELY_NO, Grade.PROBABLY_NO, Grade.UNCLEAR, Grade.PROBABLY_YES, Grade.DEFINITELY_YES)
"""From the surest no to the surest yes; `absent` has a place of its own."""
_RAW = dict(zip(ORDERED, (0.05, 0.25, 0.5, 0.75, 0.95), strict=True))
_ABSENT = {"no": 0.15, "unclear": 0.4}
"""What `absent` stands for, by what the protocol says of silence."""

Mass = Mapping[Grade, float]
"""How likely each grade was, in [0, 1], in all 1."""


def raw_probabilities(criterion: QuestionCriterion) -> dict[Grade, float]:
    """Return the probability of `yes` that each grade stands for before any label is known."""
    return {**_RAW, Grade.ABSENT: _ABSENT[criterion.silence]}


@dataclass(frozen=True)
class GradedAnswer:
    """The grade given to a criterion, and how likely each was: the given one alone, unless a server said more."""

    grade: Grade
    mass: Mass

    def without_silence(self) -> "GradedAnswer":
        """Return it for a text that is never silent about anything (a title, a part of a report): `absent` is unclear."""
        mass: dict[Grade, float] = {g: share for g, share in self.mass.items() if g is not Grade.ABSENT}
        if silent := self.mass.get(Grade.ABSENT, 0.0):
            mass[Grade.UNCLEAR] = mass.get(Grade.UNCLEAR, 0.0) + silent
        return GradedAnswer(self.grade, mass)

    def probability(self, of_grade: Mapping[Grade, float]) -> float:
        """Return the mean of the grades' probabilities, each weighed by how likely it was.

        `not_asked` stands for what `unclear` does. It counts only where the criterion is asked after all, since what it
        presupposes is not settled as a no: without a probability of every criterion that is asked a record has none.
        """
        if self.grade is Grade.NOT_ASKED:
            return of_grade[Grade.UNCLEAR]
        asked = {grade: share for grade, share in self.mass.items() if grade in of_grade}
        total = sum(asked.values())
        if total <= 0:
            return of_grade[self.grade]
        return sum(share * of_grade[grade] for grade, share in asked.items()) / total


def graded(grade: Grade, place: int | None, choices: Sequence[TokenChoice] | None) -> GradedAnswer:
    """Return a grade with how likely each was; `place` is where its first letter stands in the text of the choices."""
    mass = None if place is None or choices is None else _mass(grade, place, choices)
    return GradedAnswer(grade, mass or {grade: 1.0})


def _mass(given: Grade, place: int, choices: Sequence[TokenChoice]) -> Mass | None:
    """Return how likely each grade was, by the tokens of the one that was given; None where they say nothing of use.

    At each token another one leads to other grades: those that begin with what stands before it and with the token
    itself. Where these are several (`probably` leaves yes and no open) they share its probability as those that are known
    already lean, or alike. What leads to no grade is no answer and is left out; the rest is made 1.
    """
    end, reach = place + len(given), 1.0
    mass: dict[Grade, float] = {}
    several: list[tuple[list[Grade], float]] = []
    for choice in choices:
        if choice.start + len(choice.text) <= place or choice.start > end:
            continue
        before, lead = given[: max(0, choice.start - place)], choice.text[: max(0, place - choice.start)]
        for word, probability in choice.others:
            matching = _grades(before + word.removeprefix(lead)) if word.startswith(lead) else []
            if len(matching) == 1:
                mass[matching[0]] = mass.get(matching[0], 0.0) + reach * probability
            elif 1 < len(matching) < len(Grade):
                several.append((matching, reach * probability))
        reach *= choice.probability
    mass[given] = mass.get(given, 0.0) + reach
    known = dict(mass)
    for matching, probability in several:
        lean = [sum(share for grade, share in known.items() if grade.speaks_for is m.speaks_for) for m in matching]
        for grade, share in zip(matching, lean, strict=True):
            part = share / sum(lean) if sum(lean) > 0 else 1 / len(matching)
            mass[grade] = mass.get(grade, 0.0) + part * probability
    total = sum(mass.values())
    return {grade: share / total for grade, share in mass.items()} if total > 0 else None


def _grades(beginning: str) -> list[Grade]:
    """Return the grades that an answer may be which begins so; one that is closed by a quotation mark is that grade."""
    word, closed, _ = beginning.partition('"')
    if closed:
        return [grade for grade in Grade if grade.value == word]
    return [grade for grade in Grade if grade.value.startswith(word)]


def answer_places(text: str) -> dict[str, int]:
    """Return where the `answer` of each criterion begins in the JSON object `text`; of what is not found there is none."""
    places: dict[str, int] = {}
    for name, start in _members(text, 0):
        for inner, place in _members(text, start):
            if inner == "answer" and text[place : place + 1] == '"':
                places[name] = place + 1
    return places


def _members(text: str, start: int) -> list[tuple[str, int]]:
    """Return the keys of the object that begins at `start`, with where each value begins."""
    members: list[tuple[str, int]] = []
    decoder, blank = json.JSONDecoder(), " \t\r\n"
    try:
        place = start + 1
        while text[start] == "{":
            while text[place] in blank or text[place] == ",":
                place += 1
            if text[place] != '"':
                break
            name, place = decoder.raw_decode(text, place)
            while text[place] in blank or text[place] == ":":
                place += 1
            members.append((name, place))
            _, place = decoder.raw_decode(text, place)
    except (ValueError, IndexError, RecursionError):
        return members
    return members
