"""Rank the records of a review by what was learned from its labels, its criteria and other reviewers' votes.

Each learner is fitted alone and standardised over the records that have no label yet; their scores are averaged. To that come
what the criteria say and what other reviewers voted, both of less weight with every record that people keep. Before a kept
and an excluded record are known, these two alone decide; without them every score is 0, and records come in random order.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .features import Features
from .learners import linear_scores
from .votes import vote_evidence

Floats = NDArray[np.float64]

UNLABELLED = -1
"""The label of a record that has none, as scikit-learn writes it."""
PRIOR_DECAY = 10.0
"""So many kept records halve the weight of the criteria, which is 1 before."""
VOTE_DECAY = 30.0
"""The same for votes."""
FEW = 5.0
"""Without criteria and votes, so many kept records give sentence vectors and style half their weight: of one or two kept
records, which may be of an odd kind, such as those without an abstract, they learn the oddity."""
FOLDS = 5
UNREAD_WEIGHT = 0.5
"""All records without a label together count as excluded with this share of the weight of all labels, where probabilities
are learned: the labelled ones are those that were ranked first, and of them alone far too much would be expected of the rest."""
_RATE = np.log(0.1 / 0.9)
"""Log-odds of being kept at the average score, before enough labels."""


class Ranker:
    """A ranking learned from labels. `fit` takes all records of a review; those without a label are what is ranked.

    ::

        ranker = Ranker().fit(features, labels)  # 1 kept, 0 excluded, -1 none
        rows = ranker.next(10)
    """

    features_: Features
    labels_: NDArray[np.int8]
    scores_: Floats
    """Of all n records, the higher the sooner. Those of labelled records are of a fit that has seen their label."""

    def __init__(self, *, prior_decay: float = PRIOR_DECAY, vote_decay: float = VOTE_DECAY) -> None:
        """Take how many kept records halve the weight of the criteria, and of votes; ValueError unless more than 0."""
        if not (prior_decay > 0 and vote_decay > 0):
            raise ValueError("what halves a weight must be more than 0 kept records")
        self.prior_decay, self.vote_decay = prior_decay, vote_decay

    def fit(self, features: Features, labels: ArrayLike) -> Self:
        """Learn from `labels`, shape (n,): 1 kept, 0 excluded, −1 none. Returns itself; ValueError for other shapes or labels."""
        given = np.asarray(labels)
        if given.shape != (features.n,):
            raise ValueError(f"labels must have shape ({features.n},), not {given.shape}")
        if not np.isin(given, (UNLABELLED, 0, 1)).all():
            raise ValueError("labels must be 1, 0 or -1 (none)")
        self.features_, self.labels_ = features, given.astype(np.int8)
        self.__dict__.pop("_out_of_fold", None)
        self.scores_ = self._scores(np.flatnonzero(self.labels_ != UNLABELLED))
        return self

    def next(self, count: int = 10) -> NDArray[np.intp]:
        """Return the rows of the `count` records without a label that come first, best first."""
        rows = np.flatnonzero(self.labels_ == UNLABELLED)
        return self._ordered(rows)[: max(0, count)]

    def predict_proba(self, features: Features) -> Floats:
        """Return the probability of exclusion and of being kept, shape (n, 2), of the records that it was fitted to.

        Those of labelled records are by fits that have not seen their label. With fewer than two labels of a kind they
        rank and say no more. Records without a label count as excluded, see `UNREAD_WEIGHT`. Raises ValueError for other records: the ranking is of these.
        """
        if features is not self.features_:
            raise ValueError("a ranking says nothing of other records: fit it to them")
        known = self.labels_ != UNLABELLED
        slope, intercept, scores = 1.5, float(_RATE), self.scores_
        if self._enough:
            scores = np.where(known, self._out_of_fold, self.scores_)
            weights = np.where(known, 1.0, UNREAD_WEIGHT * known.sum() / max(1, int((~known).sum())))
            slope, intercept = _logistic(scores, self.labels_ == 1, weights)
        kept = 1 / (1 + np.exp(-np.clip(slope * scores + intercept, -30, 30)))
        return np.stack([1 - kept, kept], axis=1)

    def expected_yield(self, count: int = 50) -> float:
        """Return how many of the next `count` records are expected to be kept."""
        return float(self.predict_proba(self.features_)[self.next(count), 1].sum())

    @property
    def _enough(self) -> bool:
        return min(int((self.labels_ == 1).sum()), int((self.labels_ == 0).sum())) >= 2

    @cached_property
    def _out_of_fold(self) -> Floats:
        """Return scores in which each labelled record has that of a fit without its label; NaN for the others."""
        scores = np.full(self.features_.n, np.nan)
        for fold in self._folds():
            learned_from = np.setdiff1d(np.flatnonzero(self.labels_ != UNLABELLED), fold)
            scores[fold] = self._scores(learned_from)[fold]
        return scores

    def _folds(self) -> Iterator[NDArray[np.intp]]:
        """Yield the labelled rows in parts with their share of kept ones each, at least two parts."""
        ranked = [self._by_ties(np.flatnonzero(self.labels_ == label)) for label in (1, 0)]
        parts = min(FOLDS, *map(len, ranked))
        for part in range(parts):
            yield np.concatenate([rows[part::parts] for rows in ranked])

    def _by_ties(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return rows[np.argsort(self.features_.ties[rows])]

    def _ordered(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        # The last bits of a sum may differ between machines: they decide nothing.
        return rows[np.lexsort((self.features_.ties[rows], -np.round(self.scores_[rows], 9)))]

    def _scores(self, labelled: NDArray[np.intp]) -> Floats:
        """Return the scores of all records by the labels of some."""
        features, kept = self.features_, self.labels_[labelled] == 1
        positives = int(kept.sum())
        open_rows = self.labels_ == UNLABELLED
        scores = np.zeros(features.n)
        if 0 < positives < len(kept):
            blind = features.prior is None and not features.votes
            trusted = positives / (positives + FEW) if blind else 1.0
            # Until there are sentence vectors, words take their share: style alone beside them would weigh too much.
            words = 1.0 if features.vectors is not None else 1.0 + trusted
            matrices = [(features.words, words), (features.vectors, trusted), (features.style, trusted)]
            present = [(rows, weight) for rows, weight in matrices if rows is not None]
            total = sum(weight for _, weight in present)
            for rows, weight in present:
                scores += weight / total * _standardised(linear_scores(rows, labelled, kept), open_rows)
        if features.prior is not None:
            scores += self.prior_decay / (self.prior_decay + positives) * features.prior
        if features.votes:
            evidence = vote_evidence(features.votes, labelled, kept, features.n)
            scores += self.vote_decay / (self.vote_decay + positives) * evidence
        return scores


def _standardised(scores: Floats, over: NDArray[np.bool_]) -> Floats:
    """Return scores with mean 0 and standard deviation 1 over some records, or over all where these are fewer than two."""
    some = scores[over] if int(over.sum()) > 1 else scores
    spread = float(some.std())
    return np.asarray((scores - some.mean()) / spread) if spread > 1e-9 else np.zeros(len(scores))


def _logistic(scores: Floats, kept: NDArray[np.bool_], weights: Floats) -> tuple[float, float]:
    """Return slope and intercept of a logistic regression of labels on scores; a slope below 0 is none."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000).fit(scores[:, None], kept, sample_weight=weights)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    if slope >= 0:
        return slope, intercept
    share = float(np.average(kept, weights=weights))
    return 0.0, float(np.log(share / (1 - share)))
