"""How far a stage's gold is, and whether a machine can be checked against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold import load_gold, missing, placed_labels
from ..ledger import Ledger, reads
from ..ledger.samples import samples
from ..protocol import Review
from ..stages import blind_judgements


@dataclass(frozen=True)
class SampleProgress:
    """How far people are with the gold samples of a stage: `n` records, each to be judged by `needed` people.

    `lacking` have too few judgements, `conflicts` wait for an adjudication; `people` is how many each person has judged.
    """

    n: int
    needed: int
    lacking: int
    conflicts: int
    people: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return what `status --json` lists."""
        return {**vars(self), "people": dict(self.people)}


@dataclass(frozen=True)
class GoldProgress:
    """The gold of a stage. `labels` is 0 where there is none; `sample` is None where none was drawn.

    `checkable`: the machine has judged a labelled record, so that `evaluate` has something to compare.
    """

    labels: int
    checkable: bool
    sample: SampleProgress | None

    def as_json(self) -> dict[str, Any]:
        """Return what `status --json` lists."""
        sample = self.sample.as_json() if self.sample else None
        return {"labels": self.labels, "checkable": self.checkable, "sample": sample}


def gold_progress(ledger: Ledger, review: Review, stage: Stage) -> GoldProgress:
    """Return how far a stage's gold is; gold that cannot be read is told of by the commands that read it."""
    if stage is Stage.EXTRACTION:
        return GoldProgress(0, False, None)
    try:
        gold = load_gold(review, stage)
    except BadInput:
        return GoldProgress(0, False, _sample_progress(ledger, review, stage))
    labels = len(gold.labels) if gold is not None else 0
    machine = review.stage(stage).decided_by.machine
    checkable = machine is not None and can_evaluate(ledger, review, stage, machine)
    return GoldProgress(labels, checkable, _sample_progress(ledger, review, stage))


def can_evaluate(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> bool:
    """Return whether a reviewer has judged a record that gold labels."""
    if stage is Stage.EXTRACTION:
        return (review.gold / "extraction.jsonl").is_file()
    gold = load_gold(review, stage)
    if gold is None:
        return False
    with ledger.read() as connection:
        judged = reads.judged_ids(connection, stage, reviewer)
    return any(label.record in judged for label in placed_labels(ledger, gold))


def _sample_progress(ledger: Ledger, review: Review, stage: Stage) -> SampleProgress | None:
    with ledger.read() as connection:
        members = {member.record_id for drawn in samples(connection, stage, "gold") for member in drawn.counted}
        if not members:
            return None
        present = set(reads.places(connection, list(members)))
        rows, _ = blind_judgements(connection, stage, present)
    people: dict[str, int] = {}
    for record_rows in rows.values():
        for name in {row.reviewer for row in record_rows if row.role == "human"}:
            people[name] = people.get(name, 0) + 1
    obstacles = missing(ledger, review, stage)
    return SampleProgress(
        len(present), obstacles.needed, len(obstacles.lacking), len(obstacles.conflicts), dict(sorted(people.items()))
    )
