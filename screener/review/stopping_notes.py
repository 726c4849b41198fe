"""What `screener check` tells of the rule for stopping a ranked queue: that none is named, and what its sample can show."""

from ..core.judgement import Stage
from ..ledger import Ledger, reads
from ..metrics import clopper_pearson, fewest_for_recall
from ..protocol import Review, Stopping
from .own_ledger import ledger_to_read

_EXAMPLE = 10
"""Kept records of a sample that is told of as an example."""


def stopping_notes(review: Review, stage: Stage) -> list[str]:
    """Return the notes on a stage, a line each; none of them is a mistake."""
    spec = review.stage(stage)
    if spec.stopping is None:
        if spec.queue != "learned":
            return []
        return [
            "no rule for stopping is named; before anybody screens write `stopping: {rule: buscar, target: 0.95}` under this "
            "stage, or everything is screened"
        ]
    stopping, records = spec.stopping, _records(review)
    size = stopping.sample_size(records) if records else stopping.sample
    notes = [f"stops by {stopping.rule}, recall {stopping.target:g}: it describes, and promises nothing"]
    return [*notes, *_of_sample(stopping, size)] if size else notes


def _of_sample(stopping: Stopping, size: int) -> list[str]:
    """Return what a recall sample of so many records can show at best."""
    needed = fewest_for_recall(stopping.target)
    some = min(_EXAMPLE, size)
    low = clopper_pearson(some, some).low
    shows = f"with {some} kept ones, all found, its interval begins at {low:.2f}"
    if needed is None:
        return [f"the recall sample of {size:,} can estimate recall, not show a recall of 1; {shows}"]
    if size < needed:
        return [
            f"the recall sample of {size:,} is too small to show a recall of {stopping.target:g}: that takes {needed} kept "
            f"records in it, all found; {shows}"
        ]
    return [
        f"the recall sample of {size:,} can show a recall of {stopping.target:g} only if {needed} of its records are kept "
        f"({100 * needed / size:.0f} % of them) and all found; {shows}"
    ]


def _records(review: Review) -> int:
    """Return how many records there are; a check makes no ledger."""
    if not Ledger.exists(review.hidden):
        return 0
    with ledger_to_read(review).read() as connection:
        return reads.count_records(connection)
