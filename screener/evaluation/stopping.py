"""Apply the stopping rules of the literature to a ranked queue, as far as people have screened it.

They use the queue itself, whose labels are no random sample, so their result is descriptive. A promise comes from
an elusion sample (`gold.elusion`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..core.judgement import Stage
from ..ledger import Kind, Sample, Snapshot, judged_ranked
from ..ledger.samples import samples
from ..metrics import FoundCount, Heuristic, safe_heuristic
from ..stages import KeptByPeople
from .stopping_rules import ask

TEN = 10
"""Until all of the recall sample is judged a rule is looked at after so many more records that were given in a ranked order."""


@dataclass(frozen=True)
class RankedQueue:
    """Hold the records of a stage that people were given with the likeliest first.

    `labels` says of each, in the order in which they were first judged, whether anybody keeps it. `total` counts all
    records of the stage; `random_n` those of random samples that people have judged, `random_relevant` of them are kept.
    """

    total: int
    labels: tuple[bool, ...]
    random_n: int
    random_relevant: int
    kept: Mapping[str, bool] = field(default_factory=dict, repr=False)
    """Of each record that people have judged, in whatever order, whether anybody keeps it."""
    order: tuple[str, ...] = field(default=(), repr=False)
    """The records that `labels` are of."""
    given: tuple[str, ...] = field(default=(), repr=False)
    """These and those of the recall sample between them. This is what is counted on screens: whoever saw the number of `labels` stand
    still after a record would know that it is one of the sample."""
    labels_by_tens: tuple[bool, ...] = ()
    """`labels` as they were when the last multiple of `TEN` records had been given."""

    @cached_property
    def rules(self) -> tuple[Heuristic, ...]:
        """Return what each rule says."""
        return (
            ask("buscar", self.labels, self.total, random_start=self.random_start),
            safe_heuristic(self.labels, self.total, random_start=self.random_start),
        )

    @property
    def sentences(self) -> list[str]:
        """Return what each rule says in a sentence."""
        return [rule.sentence for rule in self.rules]

    @property
    def random_start(self) -> FoundCount:
        """Return how many records of random samples people have judged, and how many of these they keep."""
        return FoundCount(self.random_n, self.random_relevant)

    @property
    def given_kept(self) -> int:
        """Return how many of the records that were given in this order are kept."""
        return sum(self.kept[name] for name in self.given)

    @property
    def counts(self) -> dict[str, int]:
        """Return what is counted on screens, as `status --json` prints it."""
        return {
            "records": self.total, "screened": len(self.given), "kept": self.given_kept,
            "random": self.random_n, "random_kept": self.random_relevant,
        }  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return it as `status --json` prints it."""
        return {
            **self.counts,
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
    with snapshot.ledger.read() as connection:
        if not judged_ranked(connection):
            return None
    queue = labelled_queue(snapshot, stage, records)
    return queue if queue.labels else None


def labelled_queue(snapshot: Snapshot, stage: Stage, records: Collection[str]) -> RankedQueue:
    """Return the same, without labels where nobody was given records in such an order."""
    people = [reviewer for reviewer in snapshot.reviewers(stage) if reviewer[1] in ("human", "adjudicator")]
    with snapshot.ledger.read() as connection:
        ranked = judged_ranked(connection)
        drawn = samples(connection, stage, *_NOT_RANKED)
    current_ids = snapshot.current_ids
    said, by_tens = KeptByPeople(), dict[str, bool]()
    changed: set[str] = set()
    recall = {member.record_id for sample in drawn if sample.kind == "recall" for member in sample.members}
    elsewhere = {member.record_id for sample in drawn if sample.kind != "recall" for member in sample.members}
    given: dict[str, None] = {}
    for row in (row for row in snapshot.rows_of(stage, people) if row.repeat == 0):
        name = current_ids.get(row.record_id, row.record_id)
        if name not in records:
            continue
        said.take(name, row.role, row.reviewer, row.judgement.decision.kept)
        changed.add(name)
        # Samples come in an order of their own, those of the recall sample between the others.
        if row.role == "human" and row.id in ranked and name not in elsewhere and name not in given:
            given[name] = None
            if len(given) % TEN == 0:
                by_tens |= {name: said.kept[name] for name in changed}
                changed.clear()
    kept = said.kept
    queued, tens = [name for name in given if name not in recall], set(list(given)[: len(given) // TEN * TEN])
    start = _at_random(drawn, records, kept)
    return RankedQueue(
        len(records),
        tuple(kept[name] for name in queued),
        len(start),
        sum(kept[name] for name in start),
        kept,
        tuple(queued),
        tuple(given),
        tuple(by_tens[name] for name in queued if name in tens),
    )


_NOT_RANKED: tuple[Kind, ...] = ("gold", "elusion", "pilot", "update", "recall")


def _at_random(drawn: Sequence[Sample], records: Collection[str], kept: Mapping[str, bool]) -> set[str]:
    """Return the records of random samples of all records that people have judged.

    Of the recall sample either all or none: which part of it is judged so far the ranking has chosen.
    """
    start: set[str] = set()
    for sample in drawn:
        members = {member.record_id for member in sample.counted if member.record_id in records}
        if sample.kind == "gold" and sample.drawn == "random":
            start |= members & kept.keys()
        elif sample.kind == "recall" and members <= kept.keys():
            start |= members
    return start
