"""A small calibrated classifier on top of the embedded reviewer, fitted to what humans decided.

L2-regularised logistic regressions on a handful of standardised features: one for inclusion, and one for every
criterion of which there are enough labels. A fit is a few dozen numbers, kept as JSON and named by the hash of its
content, so that a judgement says which fit it came from and anybody can compute it again.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from ..core.errors import BadInput
from ..core.judgement import Judgement, Value
from .few_labels import positives_for_promise

FIT_VERSION = 1
MIN_OF_EACH = 10
"""Labels of each kind below which nothing is fitted."""
STRENGTH = 0.3
"""scikit-learn's C: strong regularisation, because labels are few when a fit matters most."""
CERTAINTY = 0.995
"""No fitted probability lies outside 1 − CERTAINTY to CERTAINTY: so few labels cannot show more."""
FOLDS = 5
"""Parts into which labels are divided to choose a threshold: each part is told by a fit to the others."""
WORDING = "wording"
"""The name, in a fit, of the score of the wording (see `wording.py`)."""
_LEAST = 1e-5
"""The same for a fit of the wording: its probabilities decide by their order, and few records may be eligible."""
_CRITERION_NAMES = ("log_odds", "supports", "suggests", "contradicts", "title_only")


@dataclass(frozen=True)
class Features:
    """What a fit sees of a record: for each criterion the engine's log-odds of `yes` and the strengths of the cues
    that support, suggest and contradict it (none of these three needs an embedding); and whether there is an abstract.
    """

    criteria: Mapping[str, tuple[float, float, float, float]]
    title_only: bool
    wording: float | None = None
    """The score of the wording, where no criterion has cues; a fit then sees this alone."""


@dataclass(frozen=True)
class Fitted:
    """Calibrated probabilities: of inclusion, and of `yes` for each criterion that was fitted."""

    inclusion: float | None
    criteria: Mapping[str, float]


class Logistic(BaseModel):
    """One regression: p = σ(intercept + Σ weight · (x − mean) / scale), x in the order of `names`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    positives: int
    negatives: int

    def predict(self, x: Sequence[float]) -> float:
        """Return the probability for the features `x`."""
        z = self.intercept
        for value, mean, scale, weight in zip(x, self.mean, self.scale, self.weights, strict=True):
            z += weight * (value - mean) / scale
        p = 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
        least = _LEAST if self.names == (WORDING,) else 1 - CERTAINTY
        return min(1 - least, max(least, p))


class FitThreshold(BaseModel):
    """Below which probability of inclusion a fitted reviewer excludes, and on what labels that was chosen.

    It is the largest at which the share `recall` of the kept labels stays at or above it, each with the probability that a
    fit to other labels gives it. Of the `kept` labels `lost`, of the `excluded` ones `spared` lie below it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exclude_below: float
    recall: float
    kept: int
    lost: int
    excluded: int
    spared: int
    estimate: tuple[float, float, float] | None = None
    """Estimated recall and its 95 % interval, where the threshold was chosen from few labels by what is known of others."""

    @property
    def sentence(self) -> str:
        """Return what the threshold does, in plain words."""
        if self.estimate is not None:
            recall, low, high = self.estimate
            return (
                f"It suggests to exclude below a probability of {self.exclude_below:g}: {self.spared:,} of {self.excluded:,} "
                f"excluded labels lie below it. Estimated recall {recall:.2f} ({low:.2f} to {high:.2f}), from {self.kept:,} kept "
                f"{'label' if self.kept == 1 else 'labels'}, if drawn at random, and how kept records lay in other reviews; "
                f"{self._no_promise}"
            )
        return (
            f"It excludes below a probability of {self.exclude_below:g}, chosen for recall {self.recall:g} on labels that the "
            f"fit had not seen ({FOLDS} parts, each told by a fit to the others): {self.lost:,} of {self.kept:,} kept ones and "
            f"{self.spared:,} of {self.excluded:,} excluded ones lie below it. These labels chose it, so {self._no_promise}"
        )

    @property
    def _no_promise(self) -> str:
        return (
            f"nothing is promised. A promise of recall {self.recall:g} needs {positives_for_promise(self.recall):,} further kept "
            "labels that are used for nothing else, none of them lost."
        )


class Fit(BaseModel):
    """A fitted calibration. `labels` is the hash of the records and labels it was fitted to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = FIT_VERSION
    labels: str
    inclusion: Logistic
    criteria: dict[str, Logistic]
    threshold: FitThreshold | None = None
    """By what it decides; None for a fit that moves no decision, such as those of earlier programs."""

    @cached_property
    def id(self) -> str:
        """Return 16 hex digits of the SHA-256 of the content."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the fit as JSON; the same fit gives the same text."""
        if self.threshold is None:
            return self.model_dump_json(exclude={"threshold"})
        return self.model_dump_json(exclude={"threshold": {"estimate"}} if self.threshold.estimate is None else None)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the fit from `to_json`; `BadInput` if another version of the program wrote it."""
        try:
            fit = cls.model_validate_json(text)
        except ValueError:
            raise BadInput(
                "the stored fit cannot be read; make a new one with `screener run --stage STAGE --fit`"
            ) from None
        if fit.version != FIT_VERSION:
            raise BadInput(f"the stored fit has version {fit.version}, not {FIT_VERSION}; make a new one with `--fit`")
        return fit

    def predict(self, features: Features) -> Fitted:
        """Return calibrated probabilities of a record. A criterion that the record was not read for is left out."""
        names = self.inclusion.names
        return Fitted(
            self.inclusion.predict(_of_inclusion(features, names)) if _has_all(features, names) else None,
            {
                name: model.predict(_of_criterion(features, name))
                for name, model in self.criteria.items()
                if name in features.criteria
            },
        )


def _has_all(features: Features, names: Sequence[str]) -> bool:
    if names == (WORDING,):
        return features.wording is not None
    return all(name == "title_only" or name in features.criteria for name in names)


def _of_inclusion(features: Features, names: Sequence[str]) -> list[float]:
    """Return the engine's log-odds for each criterion, and whether there is only a title; or the wording's score."""
    if names == (WORDING,):
        return [features.wording or 0.0]
    return [float(features.title_only) if name == "title_only" else features.criteria[name][0] for name in names]


def _of_criterion(features: Features, name: str) -> list[float]:
    """Return the engine's log-odds for the criterion, the strengths of its cues, and whether there is only a title."""
    return [*features.criteria[name], float(features.title_only)]


def fit(
    features: Mapping[str, Features],
    labels: Mapping[str, Judgement],
    *,
    recall: float | None = None,
    weights: Mapping[str, float] | None = None,
) -> Fit:
    """Fit to the records (by id) that have both features and a label.

    With a `recall` the fit also decides: by the threshold that keeps this share of the kept labels, of those in
    `weights`, each with its weight, or of all of them.

    A label is a human judgement: its decision (kept or not) teaches inclusion, its answers, where there are any,
    their criteria (`unclear` and `not_asked` teach nothing about a criterion). `BadInput` with fewer than `MIN_OF_EACH` records
    kept and as many excluded; a criterion with too few answers is left to the engine. The caller answers for the
    labels: never gold `test`, never provisional ones.
    """
    ids = sorted(features.keys() & labels.keys())
    not_excluded = [labels[name].decision.kept for name in ids]
    if min(sum(not_excluded), len(not_excluded) - sum(not_excluded)) < MIN_OF_EACH:
        raise BadInput(
            f"a fit needs at least {MIN_OF_EACH} records kept and {MIN_OF_EACH} excluded by humans;"
            f" there are {sum(not_excluded)} and {len(not_excluded) - sum(not_excluded)}: label more records first"
        )
    criteria = sorted(set.intersection(*(set(features[name].criteria) for name in ids)))
    names = (*criteria, "title_only")
    by_criterion: dict[str, Logistic] = {}
    for criterion in criteria:
        answers = {name: labels[name].answers[criterion].value for name in ids if criterion in labels[name].answers}
        answered = [name for name, value in answers.items() if value in (Value.YES, Value.NO)]
        met = [answers[name] is Value.YES for name in answered]
        if min(sum(met), len(met) - sum(met)) >= MIN_OF_EACH:
            rows = [_of_criterion(features[name], criterion) for name in answered]
            by_criterion[criterion] = _logistic(_CRITERION_NAMES, rows, met)
    label_data = [
        (n, labels[n].decision.value, [(c, a.value.value) for c, a in labels[n].answers.items()]) for n in ids
    ]
    return Fit(
        labels=hashlib.sha256(repr(label_data).encode()).hexdigest()[:16],
        inclusion=_logistic(names, [_of_inclusion(features[name], names) for name in ids], not_excluded),
        criteria=by_criterion,
        threshold=None if recall is None else _threshold(features, labels, names, recall, weights),
    )


def _threshold(
    features: Mapping[str, Features],
    labels: Mapping[str, Judgement],
    names: tuple[str, ...],
    recall: float,
    weights: Mapping[str, float] | None,
) -> FitThreshold:
    """Return the threshold that keeps `recall`, by probabilities that each label has from a fit to the other parts."""
    ids = sorted(features.keys() & labels.keys(), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    by_kind = [[name for name in ids if labels[name].decision.kept is kind] for kind in (True, False)]
    part_of = {name: place % FOLDS for kind in by_kind for place, name in enumerate(kind)}
    held_out: dict[str, float] = {}
    for part in range(FOLDS):
        learned = [name for name in ids if part_of[name] != part]
        rows = [_of_inclusion(features[name], names) for name in learned]
        model = _logistic(names, rows, [labels[name].decision.kept for name in learned])
        held_out |= {
            name: round(model.predict(_of_inclusion(features[name], names)), 4) for name in ids if part_of[name] == part
        }
    counted = {name: 1.0 if weights is None else weights[name] for name in ids if weights is None or name in weights}
    kept = sorted((held_out[name], weight) for name, weight in counted.items() if labels[name].decision.kept)
    excluded = [held_out[name] for name in counted if not labels[name].decision.kept]
    allowed, below, lost = (1 - recall) * sum(weight for _, weight in kept) + 1e-9, kept[0][0], 0.0
    for probability, weight in kept:
        below = probability if lost <= allowed else below
        lost += weight
    return FitThreshold(
        exclude_below=below,
        recall=recall,
        kept=len(kept),
        lost=sum(probability < below for probability, _ in kept),
        excluded=len(excluded),
        spared=sum(probability < below for probability in excluded),
    )


def _logistic(names: tuple[str, ...], rows: list[list[float]], labels: list[bool]) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    x, y = np.asarray(rows, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale < 1e-9] = 1.0  # a feature that never varies says nothing and must not divide by zero
    model = LogisticRegression(C=STRENGTH, max_iter=1000, tol=1e-8).fit((x - mean) / scale, y)
    return Logistic(
        names=names,
        # Rounded, so that the same labels give the same fit on every machine.
        mean=tuple(round(float(value), 6) for value in mean),
        scale=tuple(round(float(value), 6) for value in scale),
        weights=tuple(round(float(value), 6) for value in model.coef_[0]),
        intercept=round(float(model.intercept_[0]), 6),
        positives=int(y.sum()),
        negatives=int(len(y) - y.sum()),
    )
