"""What the worked examples of a prompt change: a reviewer with them beside itself without, on the part `check` of gold `dev`."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..core.judgement import Judgement, Stage
from ..evaluation import Evaluation, Measure, ReviewerComparison, against, measure
from ..ledger import Ledger, Snapshot
from ..protocol import ChatSpec, Review
from ..running import from_stored, task_for

WITH, WITHOUT = "with examples", "without examples"


def without_examples(review: Review, stage: Stage) -> Review:
    """Return the review as it would be without worked examples at a stage; nothing is written."""
    spec = review.written.stages[stage].model_copy(update={"examples": None})
    stages = {**review.written.stages, stage: spec}
    return Review.of(review.root, review.written.model_copy(update={"stages": stages}))


def examples_effect(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> ReviewerComparison | None:
    """Return a chat reviewer with the stage's examples beside itself without, over the part `check` of gold `dev`.

    Only what is stored is compared: judgements with them, and answers that were given without. None where the stage has no
    examples, the reviewer no prompt, or nothing was judged both ways.
    """
    if review.stage(stage).examples is None or not isinstance(review.reviewer(reviewer), ChatSpec):
        return None
    snapshot = Snapshot(ledger)
    measured = measure(snapshot, review, stage, "dev").of_part("check")
    present = against(snapshot, review, measured, reviewer, shown=0)
    records = [pair.record for pair in present.pairs]
    plain = without_examples(review, stage)
    task = task_for(ledger, plain, stage, reviewer, records, offline=True)
    earlier = from_stored(ledger, task, {record.id: partial(task.reviewer.judge, record) for record in records}).results
    return _paired(present, measured, earlier) if earlier else None


def _paired(present: Evaluation, measured: Measure, earlier: Mapping[str, Judgement]) -> ReviewerComparison:
    pairs = tuple(pair for pair in present.pairs if pair.record.id in earlier)
    judged = {pair.record.id for pair in present.pairs}
    labels = measured.labels.keys()
    missing = {WITH: tuple(sorted(labels - judged)), WITHOUT: tuple(sorted(labels - earlier.keys()))}
    others = tuple(earlier[pair.record.id] for pair in pairs)
    return ReviewerComparison(
        present.stage, WITH, WITHOUT, present.status, present.level, "dev", pairs, others, missing, (), present.drawn
    )


def as_part(comparison: ReviewerComparison) -> dict[str, Any]:
    """Return what `evaluate --json` prints of the effect: figures and tests, and no record of `check` by name."""
    document = comparison.as_json()
    missing = {name: len(ids) for name, ids in document["missing"].items()}
    return {
        **{name: document[name] for name in ("n", "figures", "differences", "mcnemar")},
        "part": "check",
        "missing": missing,
    }
