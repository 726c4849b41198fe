"""Checks of a machine on the records that came after gold was drawn: the sample of each batch, and whether it has passed."""

from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage
from ..ledger import Ledger, add_check, is_machine, update_check_rows, update_gold
from ..protocol import Gate, Review
from ..stages import ids_for
from ..stages.gates import gate_lock, unfit
from ..stages.update_gates import Batch, BatchData, batch_check, batch_data, batches_of, records_of_batch
from .gate_bounds import error_of_check, lower_bound, positives_needed


@dataclass(frozen=True)
class UpdateGate:
    """What is known of a batch of later records. `records` came between the days `after` and `until` (empty: by now).

    `n` records are in its sample, `labelled` of them have a label; `positives` are kept by people, `kept` of these by the
    machine too; `low` is the lower bound of that share at the last check. `why` says in one clause why it is open or not.
    """

    open: bool
    why: str
    after: str
    until: str
    records: int
    n: int = 0
    labelled: int = 0
    positives: int = 0
    kept: int = 0
    low: float | None = None
    needed: int | None = None
    at: str = ""
    look: int = 0

    @property
    def sentence(self) -> str:
        """Return it as people read it."""
        state = "open" if self.open else "suggests only"
        by = f" and by {self.until[:10]}" if self.until else ""
        records = "1 record" if self.records == 1 else f"{self.records:,} records"
        return f"For the update after {self.after[:10]}{by} ({records}): {state}; {self.why}."

    def as_json(self) -> dict[str, Any]:
        """Return it as `status`, `check` and `gold gate` list it."""
        return dict(vars(self))


def update_gates(ledger: Ledger, review: Review, stage: Stage, reviewer: str | None) -> tuple[UpdateGate, ...]:
    """Return what a reviewer's gate is worth for the records that came after gold was drawn, batch by batch, oldest first.

    Empty where the stage has no gate that could open, or nothing came. Nothing is written.
    """
    gate, lock = review.stage(stage).gate, gate_lock(review, stage)
    if gate is None or lock is None or reviewer is None or unfit(review, stage):
        return ()
    present = set(ids_for(ledger, review, stage))
    with ledger.read() as connection:
        drawn = batches_of(connection, stage, lock.drawn_at)
        tail = Batch(drawn[-1].until if drawn else lock.drawn_at, "")
        size = {batch.after: len(records_of_batch(connection, stage, batch) & present) for batch in (*drawn, tail)}
    gates = [_read(ledger, review, stage, reviewer, batch, size[batch.after]) for batch in drawn]
    if size[tail.after]:
        why = f"no sample is drawn yet (`screener gold sample --update --stage {stage} --n N`)"
        gates.append(UpdateGate(False, why, tail.after, "", size[tail.after]))
    return tuple(gates)


def _read(ledger: Ledger, review: Review, stage: Stage, reviewer: str, batch: Batch, records: int) -> UpdateGate:
    data = batch_data(ledger, review, stage, reviewer, batch)
    with ledger.read() as connection:
        check = batch_check(connection, stage, batch, data)
    state: dict[str, Any] = {
        "after": batch.after,
        "until": batch.until,
        "records": records,
        "n": len(batch.members),
        "labelled": data.labelled,
        "positives": data.positives,
        "kept": data.kept,
    }
    if check is None:
        why = data.lacks or (
            f"all {len(batch.members):,} records of the sample are labelled; `screener gold gate --stage {stage} --reviewer "
            f"{reviewer}` checks them"
        )
        return UpdateGate(False, why, **state)
    body = check.body
    return UpdateGate(
        check.passed, body["why"], **state, low=body["low"], needed=body["needed"], at=check.at, look=body["look"]
    )


def check_update_gates(ledger: Ledger, review: Review, stage: Stage, reviewer: str | None) -> None:
    """Check a machine on each sample of later records that is labelled, and record it, unless it was recorded before.

    The k-th check of one batch must pass at the k-th part of the gate's error, as those of gold must.
    """
    gate, lock = review.stage(stage).gate, gate_lock(review, stage)
    if gate is None or lock is None or reviewer is None or unfit(review, stage):
        return
    with ledger.read() as connection:
        drawn = batches_of(connection, stage, lock.drawn_at)
        machine = is_machine(connection, stage, reviewer)
    for batch in drawn if machine else ():
        data = batch_data(ledger, review, stage, reviewer, batch)
        if data.lacks:
            continue
        with ledger.write() as connection:
            if batch_check(connection, stage, batch, data) is not None:
                continue
            number = len(update_check_rows(connection, stage, batch.after)) + 1
            body = _computed(gate, reviewer, batch, data, number)
            add_check(connection, stage, reviewer, update_gold(batch.after), data.hash, body["open"], body)


def _computed(gate: Gate, reviewer: str, batch: Batch, data: BatchData, number: int) -> dict[str, Any]:
    """Return what the k-th check of a batch found."""
    low, one_sided = lower_bound(gate, data.kept, data.positives, number), 1 - error_of_check(gate, number)
    needed = positives_needed(gate, data.positives - data.kept, number)
    missing = f", {needed:,} positives would do" if low < gate.recall_low and needed > data.positives else ""
    return {
        "open": low >= gate.recall_low,
        "why": f"{reviewer} keeps {data.kept} of {data.positives} positives among {len(batch.members):,} records drawn at random: "
        f"lower bound {low:.3f} (Wilson, {100 * one_sided:.4g} % one-sided confidence, check {number:,}), {gate.recall_low:g} "
        f"asked for{missing}",
        "positives": data.positives,
        "kept": data.kept,
        "low": low,
        "one_sided": one_sided,
        "needed": needed,
        "look": number,
        "samples": [sample.id for sample in batch.samples],
        "labels": [[name, label.value, judged.value] for name, label, judged in data.pairs],
    }
