"""The ranking of a learned queue: features of a review's records, kept between fits, and the fits.

It reads the ledger and writes nothing. It lives in a process of its own (`queue_process`), where it makes sentence vectors
while nobody asks for a fit.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.messages import Embedder, Vectors
from ..ledger import Ledger, reads
from ..ledger.rankings import text_hashes
from ..models import KeptVectors, vectors_file
from ..protocol import Review
from ..ranking import UNLABELLED, Features, Ranker, Text
from ..ranking.features import centred, standardised, style_features, tie_numbers, word_features
from ..reviewers.wording import Wording, whole_text, wording_scores
from ..text import MiniLM, load_embedder
from .queue_labels import (
    QueueLabels,
    RecallReached,
    labels_until_next,
    made_from,
    queue_labels,
    queue_records,
    queue_votes,
    recall_reached,
)
from .recall_reach import Ranked, by_rank, reached

PLACES = 500
"""So many records are ordered; all others keep their random places behind them."""
NEXT = 50
"""The yield of so many is expected."""
_QUICK, _SLOW = 0.25, 1.0
"""Seconds between which a batch of sentence vectors should take: a fit waits for no longer."""
_LARGEST = 256


@dataclass(frozen=True)
class FittedQueue:
    """The order that a fitted model gives, the best record first, each with its score; and what the ledger keeps of the model."""

    order: tuple[tuple[str, float], ...]
    body: dict[str, Any]


class _VectorsInParts:
    """Sentence vectors of whole texts and of titles, of some records at a time. What is made is kept in a file."""

    def __init__(self, embedder: Embedder, texts: list[Text]) -> None:
        self._embedder = embedder
        self._texts = [part for text in texts for part in (whole_text(text.title, text.abstract), text.title.strip())]
        self._rows: Vectors | None = None
        self.done, self.total, self._step = 0, len(texts), 4

    @property
    def complete(self) -> bool:
        return self.done == self.total

    @property
    def whole(self) -> Vectors:
        return self._made[0::2]

    @property
    def titles(self) -> Vectors:
        return self._made[1::2]

    @property
    def _made(self) -> Vectors:
        assert self._rows is not None
        return self._rows

    def embed(self, texts: tuple[str, ...]) -> Vectors:
        return self._embedder.embed(texts)

    def advance(self) -> None:
        """Make those of some more records."""
        begun = time.monotonic()
        upto = min(self.total, self.done + self._step)
        part = self._embedder.embed(self._texts[2 * self.done : 2 * upto])
        if self._rows is None:
            self._rows = np.empty((2 * self.total, part.shape[1]), dtype=np.float32)
        self._rows[2 * self.done : 2 * upto] = part
        self.done = upto
        spent = time.monotonic() - begun
        if spent < _QUICK:  # those that were kept are read a hundred times as fast as new ones are made
            self._step = min(_LARGEST, 2 * self._step)
        elif spent > _SLOW:
            self._step = max(1, self._step // 2)


@dataclass
class _Corpus:
    """All records with what is known of their texts, worked out when it is first asked for."""

    ids: list[str]
    hashes: list[str]
    texts: list[Text]
    vectors: _VectorsInParts | None
    learned: tuple[Any, NDArray[np.float32]] | None = None
    """Words and style."""
    centred: NDArray[np.float32] | None = None
    prior: dict[tuple[Wording, bool], NDArray[np.float64]] = field(default_factory=dict)

    def learn(self) -> tuple[Any, NDArray[np.float32]]:
        """Return words and style."""
        if self.learned is None:
            self.learned = word_features(self.texts), style_features(self.texts)
        return self.learned

    @property
    def with_vectors(self) -> bool:
        return bool(self.ids) and self.vectors is not None and self.vectors.complete

    def meaning(self) -> NDArray[np.float32] | None:
        """Return centred sentence vectors; None until all are there."""
        if self.vectors is not None and self.with_vectors and self.centred is None:
            self.centred = centred(self.vectors.whole)
        return self.centred

    def by_criteria(self, wording: Wording) -> NDArray[np.float64]:
        """Return what the criteria say, by words alone until there are sentence vectors."""
        key = wording, self.with_vectors
        if key not in self.prior:
            vectors = None
            if self.vectors is not None and self.with_vectors:
                vectors = self.vectors.whole, self.vectors.titles, self.vectors.embed(wording.texts)
            self.prior[key] = wording_scores(wording, [(text.title, text.abstract) for text in self.texts], vectors)
        return self.prior[key]

    def unchanged(self, hashes: Mapping[str, str]) -> bool:
        """Return whether the records are those of this corpus, or some of them, and none has another text."""
        mine = dict(zip(self.ids, self.hashes, strict=True))
        return all(mine.get(name) == text_hash for name, text_hash in hashes.items())


class QueueModel:
    """Fits rankings of one review's queues. Features are worked out once, until a record comes or a text changes."""

    def __init__(self, ledger: Ledger, hidden: Path) -> None:
        """`hidden` is the review's folder in which sentence vectors are kept."""
        self._ledger, self._hidden = ledger, hidden
        self._corpus: _Corpus | None = None
        self._embedder: Embedder | None = None
        self._no_vectors = False

    def prepare(self) -> None:
        """Read the records, so that `work_ahead` has something to do."""
        with self._ledger.read() as connection:
            hashes = text_hashes(connection)
        self._present(hashes)

    def fit(self, review: Review, stage: Stage) -> FittedQueue:
        """Fit a model to what is in the ledger now."""
        begun, spent = time.monotonic(), time.process_time()
        with self._ledger.read() as connection:
            made = made_from(connection, review, stage)
            hashes = text_hashes(connection)
            votes = queue_votes(connection, stage)
            recall = recall_reached(connection, stage)
        corpus = self._present(hashes)
        labels = queue_labels(self._ledger, review, stage)
        screened = queue_records(self._ledger, review, stage, hashes) & hashes.keys()
        rows = np.array([row for row, name in enumerate(corpus.ids) if name in screened], dtype=np.intp)
        ids = [corpus.ids[row] for row in rows]
        given = np.array([int(labels.kept[name]) if name in labels.kept else UNLABELLED for name in ids], dtype=np.int8)
        both = {0, 1} <= set(given.tolist())
        features = _features(corpus, rows, ids, Wording.of(review.stage(stage)), votes, learn=both)
        parts = _parts(features, learned=both)
        body: dict[str, Any] = {
            "labels": int((given != UNLABELLED).sum()), "kept": int((given == 1).sum()), "records": len(ids),
            "parts": parts, "made_from": made,
        }  # fmt: skip
        if corpus.vectors is not None:
            body["vectors"] = [corpus.vectors.done, corpus.vectors.total]
        if recall is not None:
            body["reached"] = sorted(recall.reached)
        order: tuple[tuple[str, float], ...] = ()
        if parts:
            ranker = Ranker().fit(features, given)
            unjudged = [row for row in ranker.next(len(ids)).tolist() if ids[row] not in labels.judged]
            first = unjudged[:PLACES]
            order = tuple((ids[row], round(float(ranker.scores_[row]), 6)) for row in first)
            enough = min(int((given == 1).sum()), int((given == 0).sum())) >= 2
            # Of labelled records only what a fit without their label says may be told.
            kept = ranker.predict_proba(features)[:, 1] if enough or not both else None
            if recall is not None:
                soon = max(1, labels_until_next(body["labels"]) // max(1, review.stage(stage).decided_by.humans))
                body["reached"] = sorted(
                    recall.reached | _reached(recall, labels, ids, Ranked(features, given, unjudged), soon)
                )
            if enough and kept is not None:
                body["expected_yield"] = {
                    "next": min(NEXT, len(first)),
                    "kept": round(float(kept[first[:NEXT]].sum()), 2),
                }
        body["seconds"], body["processor_seconds"] = (
            round(now - then, 2) for now, then in ((time.monotonic(), begun), (time.process_time(), spent))
        )
        return FittedQueue(order, body)

    def work_ahead(self) -> bool:
        """Do some of what the next fits will need; return whether there is more to do."""
        corpus = self._corpus
        if corpus is None or not corpus.ids:
            return False
        if corpus.learned is None:
            corpus.learn()
            return True
        if corpus.vectors is None or corpus.vectors.complete:
            return False
        try:
            corpus.vectors.advance()
        except Exception:  # whatever the runtime raises: the order goes without them
            corpus.vectors, self._no_vectors = None, True
        return True

    def _present(self, hashes: Mapping[str, str]) -> _Corpus:
        if self._corpus is None or not self._corpus.unchanged(hashes):
            self._corpus = None  # the old one's memory is needed for the new one
            with self._ledger.read() as connection:
                records = reads.records(connection)
            texts = [Text(record.title, record.abstract, record.year) for record in records]
            self._corpus = _Corpus(
                [record.id for record in records], [record.text_hash for record in records], texts, self._vectors(texts)
            )
        return self._corpus

    def _vectors(self, texts: list[Text]) -> _VectorsInParts | None:
        if self._embedder is None and not self._no_vectors:
            try:
                embedder = load_embedder()
            except BadInput:  # the model's file is not the one that was expected
                embedder = None
            if isinstance(embedder, MiniLM):
                self._embedder = KeptVectors(embedder, vectors_file(self._hidden))
        self._no_vectors = self._embedder is None or self._no_vectors
        return None if self._no_vectors or self._embedder is None else _VectorsInParts(self._embedder, texts)


def _features(
    corpus: _Corpus,
    rows: NDArray[np.intp],
    ids: list[str],
    wording: Wording,
    votes: Mapping[str, Mapping[str, float]],
    *,
    learn: bool,
) -> Features:
    """Return the features of some of the records; words and style only where there is something to learn from."""
    vectors = corpus.meaning()
    words, style = (
        corpus.learn() if learn else (np.zeros((len(corpus.ids), 1)), np.zeros((len(corpus.ids), 1), np.float32))
    )
    prior = corpus.by_criteria(wording) if wording.each else None
    if len(rows) < len(corpus.ids):
        words, style = words[rows], style[rows]
        vectors = None if vectors is None else vectors[rows]
        prior = None if prior is None else prior[rows]
    by_reviewer = {
        name: np.array([of_reviewer.get(record, np.nan) for record in ids], dtype=np.float64)
        for name, of_reviewer in votes.items()
    }
    return Features(
        words=words, style=style, ties=tie_numbers(ids), vectors=vectors,
        prior=None if prior is None else standardised(prior),
        votes={name: vote for name, vote in by_reviewer.items() if not np.isnan(vote).all()},
    )  # fmt: skip


def _reached(recall: RecallReached, labels: QueueLabels, ids: list[str], ranked: Ranked, soon: int) -> set[str]:
    """Return the records of the recall sample that this fit comes to before the next one, of `soon` labels."""
    waiting = not recall.members & set(ids) <= labels.judged
    # Of what is excluded it need not be known.
    rows = [
        row
        for row, name in enumerate(ids)
        if name in recall.members and name not in recall.reached and labels.kept.get(name, True)
    ]
    return {ids[row] for row in reached(ranked, rows, by_rank(len(labels.judged), soon, waiting))}


def _parts(features: Features, *, learned: bool) -> list[str]:
    """Return by what the records are ordered; nothing where nothing tells one from another."""
    if not features.n:
        return []
    there = {
        "labels": learned, "criteria": features.prior is not None, "votes": bool(features.votes),
        "sentence vectors": features.vectors is not None and (learned or features.prior is not None),
    }  # fmt: skip
    return [name for name, present in there.items() if present]
