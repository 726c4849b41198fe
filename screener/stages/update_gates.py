"""Gates for records that came after gold was drawn: open for a batch of them once a random sample of the batch has passed.

Gold says how well a machine does on the records that gold was drawn from, and nothing of later ones. A *batch* is what came
between the draw before and its own: from it people label a random sample, and the machine must reach the protocol's
recall on that sample, with the same confidence, as it had to on gold. Nothing is written here.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.judgement import Decision, Stage
from ..ledger import (
    CheckRow,
    Ledger,
    Sample,
    decisions_of,
    in_parts,
    protocols,
    reads,
    text_hashes,
    update_check_rows,
)
from ..ledger.samples import samples
from ..ledger.store import Connection
from ..protocol import DecidedBy, Gate, Review
from .blind import blind_judgements
from .gate_labels import GateData
from .present import Present
from .standing import Status, stand

LABELLERS = 2
"""How many independent judgements a label needs at least, as in gold."""
_RULE = "1"


@dataclass(frozen=True)
class Batch:
    """The records of a stage that came after one time and by another, with the samples drawn from them, oldest first.

    Without samples it is what came since the last draw; `until` is empty then.
    """

    after: str
    until: str
    samples: tuple[Sample, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """Return the records to be labelled, by their present ids."""
        return tuple(dict.fromkeys(member.record_id for sample in self.samples for member in sample.counted))


@dataclass(frozen=True)
class BatchData(GateData):
    """Hold what a check of a batch is read from. `labelled` of the sample's records have a label."""

    labelled: int = 0


def batches_of(connection: Connection, stage: Stage, drawn_at: str) -> list[Batch]:
    """Return the batches of which samples were drawn after gold was, oldest first."""
    by_batch: dict[str, Batch] = {}
    for sample in samples(connection, stage, "update"):
        after, until = str(sample.about["after"]), str(sample.about["until"])
        batch = by_batch.get(after, Batch(after, until))
        by_batch[after] = replace(batch, samples=(*batch.samples, sample))
    return [batch for batch in by_batch.values() if batch.until > drawn_at]


def records_of_batch(connection: Connection, stage: Stage, batch: Batch) -> frozenset[str]:
    """Return the records that came after one time and by the other, whether or not the stage has to judge them."""
    later = reads.imported_after(connection, stage, batch.after)
    return later - reads.imported_after(connection, stage, batch.until) if batch.until else later


def batch_data(ledger: Ledger, review: Review, stage: Stage, reviewer: str, batch: Batch) -> BatchData:
    """Return what a check of a batch would be read from now.

    Labels are what people decided blind and each by themselves, or by adjudication; of the machine only judgements of the
    present texts under the present protocol count.
    """
    names = batch.members
    with ledger.read() as connection:
        rows, _ = blind_judgements(connection, stage, names)
        runs = protocols(connection)
    rule = DecidedBy(humans=max(LABELLERS, review.stage(stage).decided_by.humans))
    standings = {name: stand(rule, of, stage=stage, decision_alone=True) for name, of in rows.items()}
    labels = {
        name: standing.decision
        for name, standing in standings.items()
        if standing.status is Status.FINAL and standing.decision is not None
    }
    fingerprint = review.fingerprint(stage, reviewer) if reviewer in review.protocol.reviewers else None
    counts = Present(fingerprint, runs).holding(text_hashes(ledger, stage, names))
    judged: dict[str, Decision] = {}
    with ledger.read() as connection:
        for some in in_parts(names):
            of = decisions_of(connection, stage, reviewer, some, counts=counts)
            judged |= {name: row.decision for name, row in of.items()}
    pairs = tuple(sorted((name, label, judged[name]) for name, label in labels.items() if name in judged))
    lacks = ""
    if len(labels) < len(names):
        lacks = f"sample {len(labels):,} of {len(names):,} labelled"
    elif len(pairs) < len(labels):
        lacks = f"{reviewer} has not judged {len(labels) - len(pairs):,} records of the sample"
    elif not any(label.kept for _, label, _ in pairs):
        lacks = f"people keep none of the {len(names):,} records of the sample, so that recall cannot be told"
    return BatchData(pairs, _hash(review.stage(stage).gate, stage, reviewer, batch, pairs), lacks, len(labels))


def _hash(
    gate: Gate | None, stage: Stage, reviewer: str, batch: Batch, pairs: Sequence[tuple[str, Decision, Decision]]
) -> str:
    parts = [
        _RULE,
        stage.value,
        reviewer,
        gate.model_dump(mode="json") if gate else None,
        batch.after,
        batch.until,
        pairs,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def batch_check(connection: Connection, stage: Stage, batch: Batch, data: BatchData) -> CheckRow | None:
    """Return the check that was recorded of these data; None without one."""
    if data.lacks:
        return None
    return next((row for row in update_check_rows(connection, stage, batch.after) if row.data == data.hash), None)


def passed_batches(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str, drawn_at: str
) -> tuple[tuple[str, str], ...]:
    """Return the batches whose sample has passed, each as the times between which its records came."""
    with ledger.read() as connection:
        drawn = batches_of(connection, stage, drawn_at)
    passed = []
    for batch in drawn:
        data = batch_data(ledger, review, stage, reviewer, batch)
        with ledger.read() as connection:
            check = batch_check(connection, stage, batch, data)
        if check is not None and check.passed:
            passed.append((batch.after, batch.until))
    return tuple(passed)
