"""What a stage's wording says of a record where no criterion has cues: nine numbers, and one score to rank by.

The weights were learned once from nine human-labelled reviews (`wording_head.json` names them) and are the same for every
review; nothing is fitted here. Read `docs/explanation/embedded-reviewer.md` for what each number gave.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.messages import Vectors
from ..protocol import QuestionCriterion, StageProtocol
from ..text import stems

FEATURES = (
    "whole_near_all", "whole_near_mean", "whole_near_least", "title_near_all", "words_alike", "words_found", "digits",
    "statistics", "no_abstract",
)  # fmt: skip
"""Cosine of the whole record to question and criteria together, to each criterion (mean, least), of the title to all of it;
likeness of the words to each criterion's (mean log), share of a criterion's words that the record has (mean); share of
digits in the abstract, signs of statistics; no abstract."""
_NEAR = 4
"""So many of them need sentence vectors: the first."""
CLIP = 4.0
"""Standard deviations beyond which a feature says no more."""

UNLABELLED = math.log(0.1 / 0.9)
"""Log-odds of being kept at the average score, before any label."""

_STATISTICS = re.compile(
    r"\bp ?[<=>]|95 ?%|\bci\b|\bn ?=|odds ratio|confidence interval|hazard ratio|significan", re.IGNORECASE
)


@dataclass(frozen=True)
class Head:
    """The weights, and how kept records of the nine reviews lay among all. Frames are standardised: mean 0, sd 1."""

    version: int
    sets: tuple[str, ...]
    """The reviews that it was learned from."""
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    frame_mean: float
    frame_sd: float
    """Of the score in an average review."""
    kept_mean: float
    """Mean of the kept records' standardised scores, averaged over reviews."""
    kept_between: float
    """Variance of that mean between reviews."""
    kept_within: float
    """Variance of kept records' scores within a review."""
    kept_within_sd: float
    """Standard deviation, between reviews, of the kept records' standard deviation."""
    slope: float
    """Log-odds of being kept for one standard deviation of score."""
    margin: float
    """Standard deviations below the kept records' expected mean at which a threshold lies."""

    @cached_property
    def id(self) -> str:
        """Return what tells this head from others, for the hash of what was asked."""
        return f"wording {self.version}:{','.join(map(str, self.weights))}"

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one score a row of `features`, shape (n, len(FEATURES))."""
        standardised = np.clip((features - np.asarray(self.mean)) / np.asarray(self.scale), -CLIP, CLIP)
        return np.asarray(standardised @ np.asarray(self.weights), dtype=np.float64)


@cache
def head() -> Head:
    """Return the weights that ship with the program."""
    return head_from(json.loads(files(__package__).joinpath("wording_head.json").read_text(encoding="utf-8")))


def head_from(content: Mapping[str, Any]) -> Head:
    """Return a head from the JSON object that `dataclasses.asdict` makes of one; lists become tuples."""
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in content.items()}
    return Head(**values)


@dataclass(frozen=True)
class _Words:
    """The stems of a text, each count as 1 + log n, and the length of that vector."""

    weights: Mapping[str, float]
    length: float

    @classmethod
    def of(cls, text: str) -> "_Words":
        weights = {word: 1 + math.log(n) for word, n in Counter(stems(text)).items()}
        return cls(weights, math.sqrt(sum(value * value for value in weights.values())) or 1.0)


@dataclass(frozen=True)
class Wording:
    """A stage's question and criteria as texts: `together`, and one for each criterion."""

    together: str
    each: tuple[str, ...]

    @classmethod
    def of(cls, stage: StageProtocol) -> "Wording":
        """Return the wording of a stage's questions."""
        each = tuple(f"{criterion.question} {criterion.met_when}".strip() for criterion in stage.questions)
        return cls(" ".join((stage.question, *each)), each)

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the texts that are embedded: `together`, then each criterion's."""
        return (self.together, *self.each)

    @cached_property
    def words(self) -> tuple["_Words", ...]:
        """Return which stems each criterion has, and how often."""
        return tuple(_Words.of(text) for text in self.each)


def whole_text(title: str, abstract: str) -> str:
    """Return the text of a record that is compared with the wording."""
    return f"{title.strip()} {abstract.strip()}".strip()


@dataclass(frozen=True)
class WordingScore:
    """What the wording says of a record. `near` and `found` are by criterion: cosine, and share of its words."""

    features: tuple[float, ...]
    score: float
    near: tuple[float, ...]
    found: tuple[float, ...]

    @property
    def probability(self) -> float:
        """Return the probability of being kept in an average review, of which one record in ten is: it ranks, no more."""
        return _sigmoid(UNLABELLED + head().slope * (self.score - head().frame_mean) / head().frame_sd)

    @property
    def by_criterion(self) -> tuple[float, ...]:
        """Return for each criterion a number from 0 to 1 to rank by."""
        (near_mean, near_sd), (found_mean, found_sd) = ((head().mean[i], head().scale[i]) for i in (1, 5))
        both = zip(self.near, self.found, strict=True)
        return tuple(_sigmoid((near - near_mean) / near_sd + (found - found_mean) / found_sd) for near, found in both)


def read_wording(wording: Wording, title: str, abstract: str, record: Vectors, criteria: Vectors) -> WordingScore:
    """Compare a record with the wording.

    Args:
        wording: question and criteria of the stage.
        title: of the record.
        abstract: of the record; may be empty.
        record: vectors of the whole text and of the title, shape (2, d), rows of length 1.
        criteria: vectors of `wording.texts`, shape (1 + number of criteria, d), rows of length 1.
    """
    near = criteria @ record.T
    said = _in_words(wording, title, abstract)
    values = (float(near[0, 0]), float(near[1:, 0].mean()), float(near[1:, 0].min()), float(near[0, 1]), *said.features)
    # Rounded, so that the last bits of a sum, which may differ between machines, decide nothing.
    features = tuple(round(value, 6) for value in values)
    score = round(float(head().score(np.asarray([features]))[0]), 6)
    return WordingScore(features, score, tuple(map(float, near[1:, 0])), said.found)


@dataclass(frozen=True)
class _InWords:
    """What words and digits say of a record: the features after the first four; `found` by criterion."""

    features: tuple[float, ...]
    found: tuple[float, ...]


def _in_words(wording: Wording, title: str, abstract: str) -> _InWords:
    said = _Words.of(whole_text(title, abstract))
    alike = [_likeness(said, words) for words in wording.words]
    found = tuple(
        sum(word in said.weights for word in words.weights) / max(1, len(words.weights)) for words in wording.words
    )
    body = abstract.strip()
    features = (
        sum(math.log(value + 0.01) for value in alike) / len(alike),
        sum(found) / len(found),
        sum(map(str.isdigit, body)) / (len(body) + 50),
        math.log1p(len(_STATISTICS.findall(whole_text(title, abstract)))),
        float(not body),
    )
    return _InWords(features, found)


def wording_scores(
    wording: Wording, texts: Sequence[tuple[str, str]], vectors: tuple[Vectors, Vectors, Vectors] | None = None
) -> NDArray[np.float64]:
    """Return the score of many records at once, shape (n,), to rank by.

    Args:
        wording: question and criteria of the stage.
        texts: title and abstract of each record.
        vectors: those of the records' whole texts, of their titles and of `wording.texts`; each row of length 1. Without
            them words and digits alone decide.
    """
    said = np.array([_in_words(wording, title, abstract).features for title, abstract in texts])
    if not len(texts):
        return np.zeros(0)
    near = np.tile(np.asarray(head().mean[:_NEAR]), (len(texts), 1))  # at its mean a feature says nothing
    if vectors is not None:
        whole, titles, criteria = vectors
        each = whole @ criteria[1:].T
        near = np.stack([whole @ criteria[0], each.mean(axis=1), each.min(axis=1), titles @ criteria[0]], axis=1)
    return np.round(head().score(np.round(np.hstack([near, said]), 6)), 6)


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _likeness(record: "_Words", criterion: "_Words") -> float:
    """Return the cosine of two counts of words, each count as 1 + log n."""
    weights = record.weights
    common = sum(weights[word] * value for word, value in criterion.weights.items() if word in weights)
    return common / record.length / criterion.length


def has_wording_only(criteria: tuple[QuestionCriterion, ...]) -> bool:
    """Return whether criteria are plain sentences, without a cue."""
    return bool(criteria) and not any(c.cues.supports or c.cues.suggests or c.cues.contradicts for c in criteria)
