"""A reviewer on one part of gold `dev`, and what another wording changes there: paired with the present one, record by record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.judgement import Decision, Judgement, Stage
from ..gold import Part
from ..ledger import Ledger, Snapshot
from ..protocol import Review
from ..stages import Ratings
from .agreement import ratings_of
from .compare import ReviewerComparison
from .evaluate import Measure, against, measure
from .figures import JudgedPair
from .result import Evaluation

PRESENT = "present wording"
"""What the wording in the protocol is called beside a variant."""


@dataclass(frozen=True)
class TriedWording:
    """A variant beside the present wording on both parts of `dev`, over the records that both have judged.

    `tune` is what it was made from, so its figures there are flattering; the gain is read on `check`.
    """

    variant: str
    tune: ReviewerComparison
    check: ReviewerComparison

    def as_json(self) -> dict[str, Any]:
        """Return what `tune try --json` has of it. Which records differ is told of `tune` alone: `check` is not tuned on."""
        changed = self.tune.as_json()["disagreements"]
        return {
            "variant": self.variant,
            "tune": {**_part(self.tune), "disagreements": changed},
            "check": _part(self.check),
        }


def final_misses(comparison: ReviewerComparison) -> tuple[int, dict[str, int]]:
    """Return how many studies are known to be included in the end, and how many of these each wording loses, by its name."""
    final = [(pair.judged, other) for pair, other in zip(comparison.pairs, comparison.others, strict=True)
             if pair.final is Decision.INCLUDE]  # fmt: skip
    lost = [sum(not judged.decision.kept for judged in side) for side in zip(*final, strict=True)] or [0, 0]
    return len(final), dict(zip((comparison.first, comparison.second), lost, strict=True))


def _part(comparison: ReviewerComparison) -> dict[str, Any]:
    document = comparison.as_json()
    n, lost = final_misses(comparison)
    missing = {name: len(ids) for name, ids in document["missing"].items()}
    return {**{name: document[name] for name in ("n", "figures", "differences", "mcnemar")},
            "finally_included": {"n": n, "missed": lost}, "missing": missing}  # fmt: skip


def against_part(source: Ledger | Snapshot, review: Review, stage: Stage, reviewer: str, part: Part) -> Evaluation:
    """Compare a reviewer with one part of gold `dev`. Where gold does not say which criteria are met, people's own answers do.

    Labels of `tune` that taught its calibration are among them: errors are read from them, and no accuracy.
    Raises `BadInput` where there is no gold, or the reviewer has judged nothing.
    """
    snapshot = Snapshot.of(source)
    labels = measure(snapshot, review, stage, "dev").of_part(part)
    result = against(snapshot, review, labels, reviewer, with_taught=True)
    ratings = ratings_of(snapshot, stage)
    return replace(result, pairs=tuple(_with_answers(pair, ratings) for pair in result.pairs))


def _with_answers(pair: JudgedPair, ratings: Ratings) -> JudgedPair:
    """Return the pair with the answers on which all people agree who rated the record, where its label has none."""
    rated = [row.judgement.answers for row in ratings.by_record.get(pair.record.id, ())]
    if pair.reference.answers or not rated:
        return pair
    agreed = {
        name: answer
        for name, answer in rated[0].items()
        if all(name in other and other[name].value is answer.value for other in rated)
    }
    return replace(pair, reference=pair.reference.model_copy(update={"answers": agreed}))


def compare_wordings(
    measured: Measure,
    status: Evaluation,
    name: str,
    judged: Mapping[str, Judgement],
    present: Mapping[str, Judgement],
) -> ReviewerComparison:
    """Compare a variant's judgements with those of the present wording over the labels of one part, by record id.

    `status` is the present wording on this part: it says what the labels are.
    """
    pairs = [replace(pair, judged=judged[pair.record.id]) for pair in status.pairs if pair.record.id in judged]
    pairs = [pair for pair in pairs if pair.record.id in present]
    return ReviewerComparison(
        status.stage,
        name,
        PRESENT,
        status.status,
        status.level,
        "dev",
        tuple(pairs),
        tuple(present[pair.record.id] for pair in pairs),
        {
            label: tuple(record for record in measured.labels if record not in judgements)
            for label, judgements in ((name, judged), (PRESENT, present))
        },
        status.remarks,
        status.drawn,
    )
