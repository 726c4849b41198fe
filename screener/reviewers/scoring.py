"""How the embedded reviewer reads a text for one criterion: sentence similarity and cues, and what they amount to.

The constants below are fixed for all reviews; what is particular to a review (wording, cues, thresholds) stands in
its protocol.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..core.messages import Passage as Part
from ..core.messages import Vectors
from ..protocol import QuestionCriterion
from ..text import MAX_LENGTH, Sentence, cue_spans, denied
from ..text.sentences import sentences

ENGINE_VERSION = "1"
"""Changes whenever the same text, protocol and vectors would give other probabilities."""

MAX_SENTENCES = 80
MAX_CHARACTERS = 20_000
"""What is read of an abstract at most; published ones have about ten sentences and 2,000 characters."""

SIMILARITY_AT_REST = {"minilm": (0.45, 0.12), "tfidf": (0.16, 0.08)}
"""By the first word of the embedder's fingerprint: the cosine (of the best sentence to the best statement of a
criterion) that says nothing either way, and the distance from it that counts as one unit."""
LIMIT = 2.0
"""Units of similarity beyond which more says no more."""
PRIOR_IF_SILENT_NO = -1.5
"""Log-odds to start from where the protocol takes silence for a `no`; elsewhere 0."""
SIMILARITY, CONTRAST = 0.5, 1.0
"""Log-odds for a unit of similarity; for 1.0 of cosine by which statements of `met_when` are nearer than those of
`not_met_when` (at the sentence that is nearest to the former)."""
SUPPORTS, SUGGESTS, CONTRADICTS = 4.0, 2.0, 3.0
"""Log-odds for a full strength of cues of each kind."""
TITLE_WEIGHT = 2
"""A cue in the title counts as so many in the abstract."""
TITLE_ONLY = 0.5
"""Factor on the log-odds where there is no abstract: the same signs, half the certainty."""


Kind = Literal["supports", "suggests", "contradicts"]
KINDS: tuple[Kind, ...] = ("supports", "suggests", "contradicts")


@dataclass(frozen=True)
class Cue:
    """A cue that was found, not denied, as `words` in sentence number `sentence`."""

    kind: Kind
    cue: str
    words: str
    sentence: int


@dataclass(frozen=True)
class ScoredPassage:
    """The sentences that are read: the title first, then those of the abstract, then those of `documents`.

    `documents` names the document of each sentence after the abstract. `cut` says that some sentences were left out.
    """

    sentences: tuple[Sentence, ...]
    titles: int
    cut: bool
    documents: tuple[str, ...] = ()

    def document(self, index: int) -> str:
        """Return the document that sentence `index` stands in."""
        if index < self.titles:
            return "title"
        position = index - (len(self.sentences) - len(self.documents))
        return "abstract" if position < 0 else self.documents[position]

    def with_parts(self, parts: Sequence[Part]) -> "ScoredPassage":
        """This passage and the sentences of parts of the full text behind it."""
        added = [(part.document, sentence, part.start) for part in parts for sentence in sentences(part.text)]
        placed = tuple(Sentence(s.text, s.start + at, s.end + at) for _, s, at in added)
        return ScoredPassage(self.sentences + placed, self.titles, self.cut, tuple(name for name, _, _ in added))

    @property
    def title_only(self) -> bool:
        """Return whether there is nothing but the title."""
        return self.titles == len(self.sentences)


def read_passage(title: str, abstract: str) -> ScoredPassage:
    """Return what is read of a record, bounded in characters and sentences."""
    # A title is one statement, whatever its punctuation; only an endless one is read like an abstract.
    whole = title.strip()
    at = title.find(whole)
    head = [Sentence(whole, at, at + len(whole))] if whole else []
    if len(whole) > MAX_LENGTH:
        head = sentences(title[:MAX_CHARACTERS])[:MAX_SENTENCES]
    body = sentences(abstract[:MAX_CHARACTERS])
    room = MAX_SENTENCES - len(head)
    cut = max(len(title), len(abstract)) > MAX_CHARACTERS or len(body) > room
    return ScoredPassage(tuple(head + body[:room]), len(head), cut)


@dataclass(frozen=True)
class CriterionScore:
    """What a passage says of one criterion. `log_odds` are those of `yes`; `nearest` is the nearest sentence."""

    log_odds: float
    nearest: int
    similarities: tuple[float, ...]
    """Of each sentence to the nearest statement for the criterion."""
    contrast: float
    cues: tuple[Cue, ...]
    strengths: tuple[float, float, float]
    """Of the cues, in the order of `KINDS`."""

    @property
    def similarity(self) -> float:
        """That of the nearest sentence."""
        return self.similarities[self.nearest]

    @property
    def probability(self) -> float:
        """Return the probability of `yes`."""
        return 1 / (1 + math.exp(-self.log_odds))

    def of(self, kind: Kind) -> tuple[Cue, ...]:
        """Return the cues of a kind."""
        return tuple(cue for cue in self.cues if cue.kind == kind)


def statements(criterion: QuestionCriterion) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements a sentence is compared with: for the criterion (question, `met_when`), and against it."""
    met, not_met = ([s.text for s in sentences(text)] for text in (criterion.met_when, criterion.not_met_when))
    return (criterion.question, *met), tuple(not_met)


def find_cues(criterion: QuestionCriterion, passage: ScoredPassage) -> tuple[Cue, ...]:
    """Return the criterion's cues in the passage, each once for a sentence.

    Of cues that overlap the longest counts: `contrastive learning` is not also `contrastive`.
    """
    cues: list[Cue] = []
    for index, sentence in enumerate(passage.sentences):
        spans = [
            (start, end, kind, cue)
            for kind in KINDS
            for start, end, cue in cue_spans(sentence.text, getattr(criterion.cues, kind))
            if not denied(sentence.text, start)
        ]
        spans_used: list[tuple[int, int]] = []
        cue_of: dict[tuple[Kind, str], Cue] = {}
        for start, end, kind, cue in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            if all(end <= other_start or start >= other_end for other_start, other_end in spans_used):
                spans_used.append((start, end))
                cue_of.setdefault((kind, cue), Cue(kind, cue, sentence.text[start:end], index))
        cues += cue_of.values()
    return tuple(cues)


def strength(cues: Sequence[Cue], titles: int) -> float:
    """Return how strongly cues of one kind speak, from 0 to 1.

    1 − 2^−n for n distinct cues, those of the title doubled.
    """
    in_title = {cue.cue for cue in cues if cue.sentence < titles}
    elsewhere = {cue.cue for cue in cues} - in_title
    return 1.0 - math.exp2(-(TITLE_WEIGHT * len(in_title) + len(elsewhere)))


def read(
    criterion: QuestionCriterion,
    passage: ScoredPassage,
    vectors: Vectors,
    for_it: Vectors,
    against: Vectors,
    scale: str,
) -> CriterionScore:
    """Read a passage for one criterion.

    `vectors` has a row for each sentence, `for_it` and `against` one for each statement of the criterion, all of
    length 1; `scale` is a key of `SIMILARITY_AT_REST`. log-odds = prior + SIMILARITY · units + CONTRAST · contrast
    + SUPPORTS · s₊ + SUGGESTS · s₀ − CONTRADICTS · s₋ with the strengths s of the cues, halved for a title alone.
    """
    near = (vectors @ for_it.T).max(axis=1)
    nearest = int(near.argmax())
    similarity = float(near[nearest])
    contrast = similarity - float((against @ vectors[nearest]).max()) if len(against) else 0.0
    cues = find_cues(criterion, passage)
    supports, suggests, contradicts = (
        strength([cue for cue in cues if cue.kind == kind], passage.titles) for kind in KINDS
    )
    rest, unit = SIMILARITY_AT_REST[scale]
    log_odds = (
        (PRIOR_IF_SILENT_NO if criterion.silence == "no" else 0.0)
        + SIMILARITY * float(np.clip((similarity - rest) / unit, -LIMIT, LIMIT))
        + CONTRAST * contrast
        + SUPPORTS * supports
        + SUGGESTS * suggests
        - CONTRADICTS * contradicts
    )
    if passage.title_only:
        log_odds *= TITLE_ONLY
    return CriterionScore(
        # Rounded, so that the last bits of a sum, which may differ between machines, decide nothing.
        log_odds=round(log_odds, 6),
        nearest=nearest,
        similarities=tuple(float(value) for value in near),
        contrast=contrast,
        cues=cues,
        strengths=(supports, suggests, contradicts),
    )
