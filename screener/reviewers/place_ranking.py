"""Which places of a report bear on an item of a form: the lines that tell most, with what stands beside them.

A line's score for an item is a sum of shares from 0 to 1: of the question's words (BM25), of the words that the form marks
(BM25, and the rarest of them that stand there), of meaning (cosine of the passage), and of what an answer is made of: a
number in the unit, a word of a code, an address. Lines on the work of others count less. The weights are no result of a
fit: they were set by hand on the synthetic review, where the order of the figures below matters and their size hardly does.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..core.messages import Vectors
from ..documents import Kind
from ..forms import FormSpec, ItemField
from ..text import BM25, cue_spans
from ..text.bm25 import words
from .places import Line

RANKING_VERSION = "1"
"""Changes whenever the same lines and searches would give other places."""
PLACE = 600
"""Characters of a place at most, but for tables: the line that tells most and, where there is room, those beside it."""
WORDS, CUES, MEANING, NEAR, PART, OWN = 1.0, 0.5, 0.7, 0.6, 1.2, 0.25
BACKGROUND, COMPARATORS, CITED, FIGURE, LATE = 0.6, 0.8, 0.4, 0.3, 0.2
BESIDE = 0.35
"""What the words of the lines beside a line count for it."""
FIGURES, TABLE = 6, 1.5
"""Numbers of a table at least, and what it counts more, where the numbers of a list are looked for."""
SAME = 0.8
"""The share of words from which on two lines say the same: an appendix often repeats a section."""

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Search:
    """What is looked for: words of the question, words or phrases that lead to it, and what an answer is made of.

    `part` says how much of an answer a line has, from 0 to 1. `figures` is true for a number without a unit, such as
    stand in tables.
    """

    text: str
    near: tuple[str, ...]
    cues: tuple[str, ...]
    part: Callable[[Line], float] = field(compare=False)
    figures: bool = False


def search_for(item: ItemField, above: str, part: Callable[[Line], float]) -> Search:
    """Return the search for an item; `above` names the list that it is in. Of its description the question counts."""
    question = re.split(r"[?;:]|\.\s", item.description)[0]
    name = re.sub(r"[._]", " ", item.path)
    quantity, link = item.quantity, item.link
    near = (*item.near, *(quantity.near if quantity else ()), *(link.near if link else ()))
    figures = quantity is not None and "" in quantity.units
    return Search(f"{above} {name} {item.label} {question}", tuple(dict.fromkeys(near)), item.cues, part, figures)


def word_weights(form: FormSpec) -> dict[str, float]:
    """Return how much each word of a form's questions counts, from 0 to 1: what is in all of them tells none apart."""
    items = list(form.by_path.values())
    counts = Counter(word for item in items for word in set(words(item.words)))
    most = math.log(1 + len(items))
    return {word: math.log(1 + len(items) / count) / most for word, count in counts.items()}


class Places:
    """Ranks the lines of one report. `vectors` has a unit-length row for each passage, `weights` the words' of the form."""

    def __init__(self, lines: Sequence[Line], vectors: Vectors, weights: Mapping[str, float]) -> None:
        """Index the lines."""
        self.lines = list(lines)
        self._vectors, self._weights = vectors, weights
        self._words = BM25([f"{line.section} {line.plain}" for line in self.lines])
        self._passage = np.array([line.passage for line in self.lines], dtype=int)
        self._always = np.array([_always(line) for line in self.lines])
        self._sets = [frozenset(line.plain.casefold().split()) for line in self.lines]

    def scores(self, search: Search, vector: Vectors) -> Scores:
        """Return how much each line bears on what is looked for; `vector` is that of the question."""
        if not self.lines:
            return np.zeros(0)
        text = self._shares(search.text, self._weights)
        cues = self._shares(" ".join(cue.rstrip("*") for cue in search.cues), None)
        meaning = _to_one((self._vectors @ vector)[self._passage])
        part = np.array([search.part(line) for line in self.lines])
        near = self._near(search.near)
        own: Scores = WORDS * text + CUES * cues + MEANING * meaning + NEAR * near + PART * part + self._always
        return own

    def _shares(self, query: str, weights: Mapping[str, float] | None) -> Scores:
        """Return the scores of words, each with a part of those of the lines beside in its passage."""
        scores = _to_one(np.array(self._words.scores(query, weights)))
        result = scores.copy()
        for shift in (1, -1):
            same = np.roll(self._passage, shift) == self._passage
            result += BESIDE * np.roll(scores, shift) * same
        return result / (1 + 2 * BESIDE)

    def _near(self, cues: Sequence[str]) -> Scores:
        """Return the two rarest of the words that lead to an item, of each line: the rarer in the report the more."""
        matches = [{cue for *_, cue in cue_spans(line.plain, cues)} for line in self.lines]
        counts = Counter(cue for each in matches for cue in each)
        weight = {cue: math.log(1 + len(self.lines) / count) for cue, count in counts.items()}
        return _to_one(np.array([sum(sorted((weight[cue] for cue in each), reverse=True)[:2]) for each in matches]))

    def best(self, scores: Scores, count: int) -> list[tuple[str, int, int]]:
        """Return the `count` best places (document, start, end), none of which overlaps another or says the same."""
        return self.best_together([scores], None, count)

    def best_of_entries(self, searches: Sequence[Search], vector: Vectors, count: int) -> list[tuple[str, int, int]]:
        """Return the best places for the entries of a list, by the searches for their fields.

        First where the numbers are, in a table if there is one; then, in turn, what tells most of the other fields that
        the places before do not tell.
        """
        fields = [self.scores(search, vector) for search in searches]
        numbers = next((number for number, search in enumerate(searches) if search.figures), None)
        if numbers is None or not self.lines:
            return self.best_together(fields, None, count)
        part = searches[numbers].part
        tables = np.array([line.figures >= FIGURES and part(line) > 0 for line in self.lines])
        others = [scores for search, scores in zip(searches, fields, strict=True) if not search.figures]
        return self.best_together(others or fields, fields[numbers] + TABLE * tables, count)

    def best_together(self, fields: Sequence[Scores], first: Scores | None, count: int) -> list[tuple[str, int, int]]:
        """Return places for several fields; the first one by `first`, if it is given."""
        chosen: list[tuple[str, int, int]] = []
        if not self.lines:
            return chosen
        shares = np.stack([np.clip(scores, 0, None) for scores in fields])
        told = np.zeros((len(fields), 1))
        free = np.ones(len(self.lines), dtype=bool)
        while len(chosen) < count and free.any():
            gain = np.clip(shares - told, 0, None).sum(axis=0) if len(fields) > 1 else shares[0]
            gain = np.where(free, first if first is not None and not chosen else gain, -1.0)
            if gain.max() <= 0:  # all is told: what tells most of everything
                gain = np.where(free, sum(fields), -np.inf)
            index = int(gain.argmax())
            members = self._window(index, shares.sum(axis=0), free)
            told = np.maximum(told, shares[:, members].max(axis=1, keepdims=True))
            free[members] = False
            free &= np.array([not self._alike(other, index) for other in range(len(self.lines))])
            chosen.append((self.lines[index].document, self.lines[members[0]].start, self.lines[members[-1]].end))
        return chosen

    def _alike(self, one: int, other: int) -> bool:
        return len(self._sets[one] & self._sets[other]) >= SAME * max(len(self._sets[one]), len(self._sets[other]), 1)

    def _window(self, index: int, scores: Scores, free: NDArray[np.bool_]) -> list[int]:
        """Return a line with those beside it that tell most, of its passage, as long as there is room."""
        members = [index]
        while True:
            beside = []
            for other in (members[0] - 1, members[-1] + 1):
                if 0 <= other < len(self.lines) and free[other] and self._passage[other] == self._passage[index]:
                    first, last = min(other, members[0]), max(other, members[-1])
                    if self.lines[last].end - self.lines[first].start <= PLACE:
                        beside.append(other)
            if not beside:
                return members
            members = sorted([*members, max(beside, key=lambda other: (scores[other], -other))])


def _always(line: Line) -> float:
    """Return what counts for or against a line whatever is looked for."""
    return (
        OWN * line.own
        - BACKGROUND * line.background
        - COMPARATORS * (line.comparators and not line.table)
        - CITED * line.cited
        - FIGURE * (line.kind is Kind.CAPTION)
        - LATE * line.late
    )


def _to_one(scores: NDArray[np.floating]) -> Scores:
    """Return scores from 0 for the least to 1 for the greatest."""
    low, high = float(scores.min()), float(scores.max())
    return np.asarray((scores - low) / (high - low) if high > low else np.zeros(scores.shape), dtype=np.float64)
