"""A fit of the wording's score to few labels: a probability, and a threshold below which exclusion is suggested.

It learns two numbers of a review: how many of its records are eligible, and where the eligible ones lie.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..core.errors import BadInput
from ..core.judgement import Judgement
from .few_labels import threshold_from
from .fit import WORDING, Features, Fit, FitThreshold, Logistic
from .wording import head

_ROUNDS = 60


def fit_wording(
    frame: Sequence[float],
    features: Mapping[str, Features],
    labels: Mapping[str, Judgement],
    *,
    recall: float,
    weights: Mapping[str, float] | None = None,
) -> Fit:
    """Fit to the records (by id) that have both features and a label.

    Args:
        frame: scores of the stage's records, or of a sample that does not depend on them: what is above the average.
        features: of the labelled records.
        labels: human judgements of records that were drawn at random, never gold `test`.
        recall: that the threshold should keep.
        weights: for how many records each label stands; 1 where it is None.

    Raises `BadInput` without a kept label: no exclusion can be suggested then.
    """
    weights = weights or dict.fromkeys(labels, 1.0)
    ids = sorted(features.keys() & labels.keys() & weights.keys())
    kept = [name for name in ids if labels[name].decision.kept]
    if not kept:
        raise BadInput(
            f"none of the {len(ids):,} records that people judged, in random order, was kept: the reviewer can rank, but"
            " suggest no exclusion; label more records, about 50, drawn at random"
        )
    mean, sd = round(float(np.mean(frame)), 6), max(1e-6, round(float(np.std(frame)), 6))
    standard = {name: ((features[name].wording or 0.0) - mean) / sd for name in ids}
    chosen = threshold_from(head(), [standard[name] for name in kept], [weights[name] for name in kept], recall)
    intercept = _intercept(
        [standard[name] for name in ids], [weights[name] for name in ids], sum(weights[n] for n in kept)
    )
    inclusion = Logistic(
        names=(WORDING,), mean=(mean,), scale=(sd,), weights=(head().slope,), intercept=round(intercept, 6),
        positives=len(kept), negatives=len(ids) - len(kept),
    )  # fmt: skip
    # Rounded down, so that a kept label at the threshold is not below it.
    below = math.floor(1e6 * inclusion.predict([chosen.threshold * sd + mean])) / 1e6
    excluded = [name for name in ids if name not in kept]
    return Fit(
        labels=hashlib.sha256(repr([(n, labels[n].decision.value, weights[n]) for n in ids]).encode()).hexdigest()[:16],
        inclusion=inclusion,
        criteria={},
        threshold=FitThreshold(
            exclude_below=below,
            recall=recall,
            kept=len(kept),
            lost=0,
            excluded=len(excluded),
            spared=sum(standard[name] < chosen.threshold for name in excluded),
            estimate=(round(chosen.recall, 4), round(chosen.low, 4), round(chosen.high, 4)),
        ),
    )


def _intercept(scores: Sequence[float], weights: Sequence[float], kept: float) -> float:
    """Return the log-odds at the average score by which as many of the labels are expected to be kept as were."""
    slope, total = head().slope, sum(weights)
    wanted = min(kept, total - 0.5 * total / len(weights))
    low, high = -30.0, 30.0
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        expected = sum(w / (1 + math.exp(-(middle + slope * z))) for z, w in zip(scores, weights, strict=True))
        low, high = (middle, high) if expected < wanted else (low, middle)
    return (low + high) / 2
