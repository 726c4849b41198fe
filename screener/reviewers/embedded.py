"""The embedded reviewer: sentence similarity and cues; no key, no network, the default.

A baseline to start with and to rank by, not a substitute for a chat model or a human. It knows which words stand in
a text and what the text resembles; it does not understand it.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

from ..core.judgement import Decision, Judgement, Stage, Value
from ..core.messages import EmbedRequest, EmbedResponse, Judging, Readable, Request, Response, Vectors
from ..documents import PASSAGES_VERSION, Quote, Report, passages_of
from ..protocol import QuestionCriterion, StageProtocol, decide
from ..protocol.model import EmbeddedReviewerSpec as Spec
from ..protocol.model import Thresholds
from .fit import WORDING, Features, Fit, FitThreshold
from .fulltext import about, finder_for, place
from .schema import digest
from .scoring import (
    ENGINE_VERSION,
    KINDS,
    SIMILARITY_AT_REST,
    CriterionScore,
    Kind,
    ScoredPassage,
    read,
    read_passage,
    statements,
)
from .screening import RULE_VERSION, Proposal, finish
from .wording import Wording, WordingScore, has_wording_only, head, read_wording, whole_text

TITLE_CUES = 2
"""How many different cues must contradict a criterion in a title for a `no` without an abstract."""

PASSAGES_READ = 6
"""Passages of a report's documents that are read for each criterion."""

CAUTIOUS = Thresholds(no_below=0.1, yes_from=0.8)
"""Where the protocol names no thresholds for a criterion."""


@dataclass(frozen=True)
class Measured:
    """What the engine sees in a record: for each question the sentences read, and what they say."""

    passages: Mapping[str, ScoredPassage]
    readings: Mapping[str, CriterionScore]
    unread: tuple[str, ...] = ()
    wording: WordingScore | None = None
    """In place of readings, where no criterion has cues."""

    @property
    def passage(self) -> ScoredPassage:
        """Return what was read for the first question; of a record the same is read for all."""
        return next(iter(self.passages.values()))

    @property
    def features(self) -> Features:
        """Return the numbers that a fit is made of."""
        return Features(
            {name: (reading.log_odds, *reading.strengths) for name, reading in self.readings.items()},
            self.passage.title_only,
            None if self.wording is None else self.wording.score,
        )


Measuring = Generator[Request, Response, Measured]


class EmbeddedReviewer:
    """Judges one stage by sentence similarity and cues; with a fit, by what humans decided on records like it."""

    def __init__(
        self, stage: StageProtocol, spec: Spec, embedder: str, fit: Fit | None = None, *, name: Stage = Stage.ABSTRACT
    ) -> None:
        """`embedder` is the fingerprint of the embedder that answers the requests; `name` says which stage it is."""
        self._stage, self._name = stage, name
        self._embedder = embedder
        self._thresholds = spec.thresholds.get(name, {})
        self._scale = next((key for key in SIMILARITY_AT_REST if embedder.startswith(key)), "minilm")
        self._statements = {criterion.id: statements(criterion) for criterion in stage.questions}
        # The weights are for the sentence model's cosines; who names thresholds has set the engine's own scores.
        plain = has_wording_only(stage.questions) and not self._thresholds and self._scale == "minilm"
        self._wording = Wording.of(stage) if plain and name is Stage.ABSTRACT else None
        # A fit from before the cues were written, or taken away, is a fit of other numbers.
        self._fit = fit if fit is not None and (fit.inclusion.names == (WORDING,)) == self.by_wording else None

    @property
    def fit(self) -> Fit | None:
        """Return the fit that it decides by; one of other numbers is left out."""
        return self._fit

    @property
    def by_wording(self) -> bool:
        """Return whether it reads by the wording alone: then it ranks, and only a fit lets it suggest exclusions."""
        return self._wording is not None

    @property
    def asked(self) -> str:
        """Return the hash of criteria, cues, embedder, engine and fit."""
        wording = [criterion.model_dump(mode="json") for criterion in self._stage.questions]
        for criterion in wording:
            del criterion["quote"]  # a rule, as what it presupposes: see below
            criterion.pop("applies_if", None)
        extra = [] if self._name is Stage.ABSTRACT else [PASSAGES_VERSION, PASSAGES_READ]
        extra += [head().id, self._stage.question] if self.by_wording else []
        return digest("embedded", ENGINE_VERSION, self._embedder, wording, self._fit.id if self._fit else None, *extra)

    @property
    def rule(self) -> str:
        """Return the hash of thresholds, quote policy, criteria by rule and the version of the rules."""
        thresholds = {c.id: self._limits(c).model_dump() for c in self._stage.questions}
        quotes = {c.id: c.quote for c in self._stage.questions}
        order = [c.id for c in self._stage.criteria]
        rules = [c.model_dump(mode="json") for c in self._stage.rules]
        return digest(RULE_VERSION, thresholds, quotes, order, rules, *self._stage.presupposed)

    def _limits(self, criterion: QuestionCriterion) -> Thresholds:
        return self._thresholds.get(criterion.id, CAUTIOUS)

    def measure(self, record: Readable) -> Measuring:
        """Read a record without judging it: the way to the features of a fit.

        Of a report, each criterion is read in the passages of its documents that bear on it most.
        """
        first = read_passage(record.title, record.abstract)
        passages = dict.fromkeys(self._statements, first)
        unread: tuple[str, ...] = ()
        if self._wording is not None:
            record_texts = (whole_text(record.title, record.abstract), record.title.strip())
            rows = yield from _vectors((*record_texts, *self._wording.texts))
            score = read_wording(self._wording, record.title, record.abstract, rows[:2], rows[2:])
            return Measured(passages, {}, unread, score)
        if isinstance(record, Report):
            passages, unread = yield from self._in_documents(record, first)
        parts = []
        for name, (for_it, against) in self._statements.items():
            parts += [tuple(sentence.text for sentence in passages[name].sentences), for_it, against]
        texts = tuple(dict.fromkeys(text for part in parts for text in part))
        vectors = yield from _vectors(texts)
        at = {text: row for row, text in enumerate(texts)}
        blocks = iter([vectors[[at[text] for text in part]] for part in parts])
        readings = {
            criterion.id: read(criterion, passages[criterion.id], next(blocks), next(blocks), next(blocks), self._scale)
            for criterion in self._stage.questions
        }
        return Measured(passages, readings, unread)

    def _in_documents(
        self, report: Report, head: ScoredPassage
    ) -> Generator[Request, Response, tuple[dict[str, ScoredPassage], tuple[str, ...]]]:
        passages = passages_of(report.documents)
        questions = [about(criterion) for criterion in self._stage.questions]
        finder, vectors = yield from finder_for(passages, questions)
        passage_of: dict[str, ScoredPassage] = {}
        chosen: set[int] = set()
        for criterion, question, vector in zip(self._stage.questions, questions, vectors, strict=True):
            ranked = sorted(finder.ranked(question, vector)[:PASSAGES_READ])
            chosen.update(ranked)
            passage_of[criterion.id] = head.with_parts([passages[index] for index in ranked])
        return passage_of, tuple(place(part) for index, part in enumerate(passages) if index not in chosen)

    def judge(self, record: Readable) -> Judging:
        """Judge a record: one request for vectors, then the judgement."""
        documents = isinstance(record, Report) and passages_of(record.documents)
        if not record.title.strip() and not record.abstract.strip() and not documents:
            nothing = Proposal(Value.UNCLEAR, "there is neither a title nor an abstract")
            return finish(self._stage, record, {c.id: nothing for c in self._stage.questions}, flags=("no_text",))
        measured = yield from self.measure(record)
        return self.conclude(record, measured)

    def conclude(self, record: Readable, measured: Measured) -> Judgement:
        """Return the judgement that follows from what was measured; pure."""
        passage = measured.passage
        passages = measured.passages
        fitted = self._fit.predict(measured.features) if self._fit else None
        proposals: dict[str, Proposal] = {}
        if measured.wording is not None:
            proposals = propose_by_wording(self._stage, measured.wording)
        for criterion in self._stage.questions if measured.wording is None else ():
            reading = measured.readings[criterion.id]
            proposal = propose(passages[criterion.id], reading, round(reading.probability, 4), self._limits(criterion))
            if fitted and criterion.id in fitted.criteria:
                # The protocol's thresholds are for the engine's own scores: a fit moves no answer to a criterion, it
                # decides by its own threshold (below).
                proposal = replace(proposal, probability=round(fitted.criteria[criterion.id], 4))
            proposals[criterion.id] = proposal
        flags = [flag for flag, is_so in (("title_only", passage.title_only), ("text_cut", passage.cut)) if is_so]
        inclusion = round(fitted.inclusion, 4) if fitted and fitted.inclusion is not None else None
        if measured.wording is not None:
            likely = fitted.inclusion if fitted and fitted.inclusion is not None else measured.wording.probability
            inclusion = round(likely, 6)
        judgement = finish(self._stage, record, proposals, probability=inclusion, flags=flags, unread=measured.unread)
        threshold = self._fit.threshold if self._fit else None
        return judgement if threshold is None else by_fit(self._stage, judgement, threshold)


def _vectors(texts: tuple[str, ...]) -> Generator[Request, Response, Vectors]:
    """Ask for the vectors of texts, shape (len(texts), dimensions)."""
    response = yield EmbedRequest(texts)
    if not isinstance(response, EmbedResponse):
        raise TypeError(f"an embed request was answered by {type(response).__name__}")
    if len(response.vectors) != len(texts):
        raise ValueError(f"{len(texts)} vectors were asked for, {len(response.vectors)} came")
    return response.vectors


def propose_by_wording(stage: StageProtocol, score: WordingScore) -> dict[str, Proposal]:
    """Return an `unclear` for each criterion: without cues, likeness orders the records and shows nothing."""
    return {
        criterion.id: Proposal(
            Value.UNCLEAR,
            f"no cues: likeness {near:.2f} and {found:.0%} of the criterion's words rank the record; they decide nothing",
            round(probability, 4),
        )
        for criterion, near, found, probability in zip(
            stage.questions, score.near, score.found, score.by_criterion, strict=True
        )
    }


def by_fit(stage: StageProtocol, judgement: Judgement, threshold: FitThreshold) -> Judgement:
    """Return a judgement as a fitted reviewer decides: below the threshold it excludes, from it on it keeps.

    What a rule of the protocol excludes stays excluded, and of a text that was cut the criteria decide; so they do of a
    title alone where the threshold is an estimate from few labels. A `no` of the engine to a record that is kept becomes
    `unclear`, and with it what was not asked because of it.
    """
    p, cut = judgement.probability, "text_cut" in judgement.flags
    cut = cut or (threshold.estimate is not None and "title_only" in judgement.flags)
    if p is None or cut or any(judgement.answers[rule.id].value is Value.NO for rule in stage.rules):
        return judgement
    below, excluded = p < threshold.exclude_below, judgement.decision is Decision.EXCLUDE
    if below and not excluded:
        reason = f"probability {p:g} by what people decided on others, below {threshold.exclude_below:g}"
        asked = {c.id: judgement.answers[c.id].probability for c in stage.questions}
        likely = {name: given for name, given in asked.items() if given is not None}
        if likely:
            reason += f"; least likely met: {min(likely, key=lambda name: likely[name])}"
        return judgement.model_copy(update={"decision": Decision.EXCLUDE, "reason": reason})
    if excluded and not below:
        doubt = f"; kept: probability {p:g} by what people decided on others"
        answers = {
            name: answer.model_copy(update={"value": Value.UNCLEAR, "basis": None, "reason": answer.reason + doubt})
            if answer.value in (Value.NO, Value.NOT_ASKED)
            else answer
            for name, answer in judgement.answers.items()
        }
        return judgement.model_copy(update={"answers": answers, "decision": decide(stage, answers)})
    return judgement


def propose(passage: ScoredPassage, reading: CriterionScore, probability: float, limits: Thresholds) -> Proposal:
    """Return the answer to one criterion that a reading amounts to.

    A `no` needs that nothing supports the criterion. Without an abstract it also needs several contradicting cues and
    nothing that makes `yes` possible: a title says what a paper is about, seldom what it is not about.
    """
    contradicting = reading.of("contradicts")
    value = Value.UNCLEAR
    if probability >= limits.yes_from:
        value = Value.YES
    elif probability < limits.no_below:
        # A word against the criterion is no proof beside a word for it, and in a title alone one word is none at all.
        outspoken = len({cue.cue for cue in contradicting}) >= TITLE_CUES and not reading.of("suggests")
        if not reading.of("supports") and (outspoken or not passage.title_only):
            value = Value.NO
    if value is Value.NO and contradicting:
        quotes = _best(passage, reading, "contradicts")
    elif value is Value.NO:
        quotes = ()
    else:
        quotes = _best(passage, reading, "supports") or _best(passage, reading, "suggests")
        if value is Value.UNCLEAR:
            quotes += tuple(q for q in _best(passage, reading, "contradicts") if q not in quotes)
    silent = value is Value.NO and not contradicting
    return Proposal(value, _reason(passage, reading, value), probability, quotes, silent)


def _best(passage: ScoredPassage, reading: CriterionScore, kind: Kind) -> tuple[Quote, ...]:
    """Return the sentence with cues of `kind` that is nearest to the criterion, as a quote; none if there is none."""
    indices = {cue.sentence for cue in reading.of(kind)}
    if not indices:
        return ()
    index = max(sorted(indices), key=lambda i: reading.similarities[i])
    sentence = passage.sentences[index]
    return (Quote(sentence.text, passage.document(index), sentence.start),)


def _reason(passage: ScoredPassage, reading: CriterionScore, value: Value) -> str:
    """Return one line that says what the answer rests on."""
    named = {kind: _named(passage, reading, kind) for kind in KINDS}
    nearest = f"nearest sentence {reading.similarity:.2f}"
    if value is Value.NO and named["contradicts"]:
        return f"{named['contradicts']} speaks against it ({nearest})"
    if value is Value.YES and named["supports"]:
        return f"{named['supports']} ({nearest})"
    clauses = [named["supports"]] if named["supports"] else []
    clauses += [f"{named['suggests']} hints at it"] if named["suggests"] else []
    if value is not Value.YES and named["contradicts"]:
        clauses.append(f"{named['contradicts']} speaks against it")
    if clauses:
        return f"{'too little: ' if value is Value.NO else ''}{'; '.join(clauses)} ({nearest})"
    if value is Value.YES:
        return f"no cue, but a sentence close to the criterion ({nearest})"
    searched = "title" if passage.title_only else "passages that were read" if passage.documents else "abstract"
    return f"nothing in the {searched} speaks of it ({nearest})"


def _named(passage: ScoredPassage, reading: CriterionScore, kind: Kind) -> str:
    """Return up to two found cues of a kind with where they stand, those of the title first."""
    named: dict[str, str] = {}
    for cue in reading.of(kind):
        named.setdefault(cue.cue, f"“{cue.words}” in the {passage.document(cue.sentence)}")
    return ", ".join(list(named.values())[:2])
