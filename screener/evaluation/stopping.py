"""Apply the stopping rules of the literature to a ranked queue, as far as people have screened it.

They use the queue itself, whose labels are no random sample, so their result is descriptive. A promise comes from
an elusion sample (`gold.elusion`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core.judgement import Stage
from ..ledger import Snapshot, judged_ranked
from ..ledger.samples import samples
from ..metrics import FoundCount, Heuristic, buscar_ranked_heuristic, safe_heuristic


@dataclass(frozen=True)
class RankedQueue:
    """Hold the records of a stage that people were given in the order of a machine's probabilities.

    `labels` says of each, in the order in which they were first judged, whether anybody keeps it. `total` counts all
    records of the stage; `random_n` those of random samples that people have judged, `random_relevant` of them are kept.
    """

    total: int
    labels: tuple[bool, ...]
    random_n: int
    random_relevant: int

    @cached_property
    def rules(self) -> tuple[Heuristic, ...]:
        """Return what each rule says."""
        urn = self.total - self.random_n
        return (
            buscar_ranked_heuristic(self.labels, urn),
            safe_heuristic(self.labels, self.total, random_start=FoundCount(self.random_n, self.random_relevant)),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as `status --json` prints it."""
        return {
            "records": self.total, "screened": len(self.labels), "kept": sum(self.labels),
            "random": self.random_n, "random_kept": self.random_relevant,
            "rules": [
                {"name": rule.name, "says_stop": rule.stop, "figure": rule.figure, "conditions": dict(rule.conditions),
                 "sentence": rule.sentence}
                for rule in self.rules
            ],
        }  # fmt: skip


def ranked_queue(snapshot: Snapshot, stage: Stage, records: Collection[str]) -> RankedQueue | None:
    """Return the ranked queue of a stage, or None where nobody was given records in such an order.

    `records` are all that the stage has to judge now, by id; those judged in that order that it no longer has count no more.
    """
    people = [reviewer for reviewer in snapshot.reviewers(stage) if reviewer[1] == "human"]
    if not people:
        return None
    with snapshot.ledger.read() as connection:
        ranked = judged_ranked(connection)
        drawn = samples(connection, stage, "gold", "elusion", "pilot", "update")
    if not ranked:
        return None
    current_ids = snapshot.current_ids
    apart = {member.record_id for sample in drawn for member in sample.members}
    at_random = {
        member.record_id
        for sample in drawn
        if sample.kind == "gold" and sample.drawn == "random"
        for member in sample.counted
    }
    not_excluded: dict[str, bool] = {}
    queued: dict[str, None] = {}
    for row in (row for row in snapshot.rows_of(stage, people) if row.repeat == 0):
        name = current_ids.get(row.record_id, row.record_id)
        if name not in records:
            continue
        not_excluded[name] = not_excluded.get(name, False) or row.judgement.decision.kept
        # Samples come before the queue, in an order of their own.
        if row.id in ranked and name not in apart:
            queued[name] = None
    if not queued:
        return None
    start = at_random & not_excluded.keys()
    return RankedQueue(
        len(records),
        tuple(not_excluded[name] for name in queued),
        len(start),
        sum(not_excluded[name] for name in start),
    )
