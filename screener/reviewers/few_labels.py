"""A threshold from few labels: where the kept ones lie, and where those of other reviews lay.

Kept records of a review have standardised scores about N(m, within), and m differs between reviews about N(kept_mean,
between); `wording.Head` has these from nine reviews. Labels move m (normal-normal model, e.g. Gelman et al., Bayesian Data
Analysis, 2.5); the threshold lies `margin` predictive standard deviations below it, and never above a kept label.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from .wording import Head

CONFIDENCE = 0.95
TARGET = 0.95
_WIDE = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
_LEAST_SD = 0.2


@dataclass(frozen=True)
class FewLabels:
    """A threshold on the standardised score, and the estimated recall of what lies above it, with its 95 % interval."""

    threshold: float
    recall: float
    low: float
    high: float


def threshold_from(
    head: Head, kept: Sequence[float], weights: Sequence[float] | None = None, recall: float = TARGET
) -> FewLabels:
    """Return the threshold for kept labels with the standardised scores `kept`.

    `weights` say for how many records each stands. The margin was chosen for `TARGET`; for another recall it moves with the
    normal quantile. Raises ValueError without a kept label: then nothing can be said.
    The estimate is the model's, not a promise.
    """
    if not kept:
        raise ValueError("no threshold without a kept label")
    weights = weights or [1.0] * len(kept)
    mean = sum(w * score for w, score in zip(weights, kept, strict=True)) / sum(weights)
    precision = len(kept) / head.kept_within + 1 / head.kept_between
    centre = (len(kept) * mean / head.kept_within + head.kept_mean / head.kept_between) / precision
    uncertain, sd = math.sqrt(1 / precision), math.sqrt(head.kept_within)
    predictive = math.hypot(uncertain, sd)
    margin = head.margin + NormalDist().inv_cdf(recall) - NormalDist().inv_cdf(TARGET)
    threshold = min(centre - margin * predictive, *kept)
    share = NormalDist().cdf
    return FewLabels(
        threshold,
        share((centre - threshold) / predictive),
        share((centre - _WIDE * uncertain - threshold) / (sd + _WIDE * head.kept_within_sd)),
        share((centre + _WIDE * uncertain - threshold) / max(_LEAST_SD, sd - _WIDE * head.kept_within_sd)),
    )


def positives_for_promise(recall: float = TARGET, confidence: float = CONFIDENCE) -> int:
    """Return how many kept labels, used for nothing else and none of them lost, allow one to promise `recall`.

    The exact binomial test: the smallest n with recall^n ≤ 1 − confidence; 59 at 0.95 and 95 %.
    """
    return math.ceil(math.log(1 - confidence) / math.log(recall) - 1e-9)
