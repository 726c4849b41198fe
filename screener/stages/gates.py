"""Recorded checks of gates, and whether a gate is open: nothing here is written.

A *check* compares what a machine reviewer decided on the test half of locked, human, random gold with the labels. What it
is read from, its *data*, are the test pairs (a label and the reviewer's decision on its record), the gate's numbers and
the gold's version. A gate is open where a check of the present data is recorded and passed. While the data differ, since
something was judged anew or a test record was merged, the machine's exclusions are suggestions.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.judgement import Decision, Stage
from ..ledger import (
    CheckRow,
    Ledger,
    Snapshot,
    check_rows,
    current_ids_of,
    decisions_of,
    last_fits,
    protocols,
    text_hashes,
)
from ..ledger.store import Connection
from ..protocol import Gate, GoldSpec, Lock, Review, gold_spec
from ..protocol.instructions_hash import instructions_hash
from ..protocol.model import EnsembleSpec
from .gate_labels import GateData
from .labels_on_other_text import labels_on_other_text
from .placed_labels import Half, PlacedLabel, half_of
from .present import Present
from .standing import OpenGate
from .update_gates import passed_batches

_RULE = "3"
"""The version of what a check is read from: where it changes, no earlier check holds any more."""


@dataclass(frozen=True)
class GateCheck:
    """Hold what a gate stands on now. `why` says it in one clause, or what is lacking.

    `positives` are the test labels that gold keeps, `kept` those of them that the reviewer keeps too, `low` the lower
    bound of that share at the confidence `one_sided`, that of this check; `needed` is how many positives would do at the
    present number of misses. `at` is when the check was recorded, empty where none of the present data is; `look` says
    which check of this test sample it was (1 the first), over all reviewers, and `looks` how many there are. `last_at` is
    when the reviewer was checked last, on whatever data. `outside` are the records judged by the reviewer that came
    after gold was drawn. `exhausted`: the next check could not pass even without a miss, so that a fresh sample is needed; never so before the first.
    """

    open: bool
    why: str
    reviewer: str = ""
    positives: int = 0
    kept: int = 0
    low: float | None = None
    one_sided: float | None = None
    needed: int | None = None
    gold: str = ""
    at: str = ""
    last_at: str = ""
    look: int = 0
    looks: int = 0
    outside: int = 0
    exhausted: bool = False
    updates: tuple[str, ...] = ()
    """What holds for the records that came after gold was drawn, a sentence a batch."""

    @property
    def missing(self) -> int | None:
        """Return how many positives are missing for the gate to open without another miss."""
        return None if self.needed is None else max(0, self.needed - self.positives)


def stage_gold(review: Review, stage: Stage) -> GoldSpec | None:
    """Return what the gold of a stage is; None where the stage has no labels."""
    spec = gold_spec(review) if (review.gold / f"{stage}.csv").is_file() else None
    return spec.of(stage) if spec is not None else None


def unfit(review: Review, stage: Stage) -> str:
    """Return why the gold of a stage can open no gate; empty if it can."""
    return _unfit(review, stage, stage_gold(review, stage))


def _unfit(review: Review, stage: Stage, spec: GoldSpec | None) -> str:
    if spec is None:
        return "there is no gold set"
    if spec.status != "human":
        return f"gold {spec.name} is {spec.status}: only labels of humans open a gate"
    lock = spec.locked.get(stage)
    if lock is None:
        return f"gold {spec.name} is not locked (`screener gold lock`)"
    if lock.drawn != "random":
        return f"gold {spec.name} was not drawn at random ({lock.drawn})"
    if lock.guide != instructions_hash(review, stage):
        return (
            f"criteria or guide have changed since gold {spec.name} was locked; see whether its labels still hold, "
            f"then `screener gold lock --stage {stage}` again"
        )
    return ""


def gate_lock(review: Review, stage: Stage) -> Lock | None:
    """Return the lock of the gold that a gate can stand on, whether or not the wording has changed since; else None."""
    spec = stage_gold(review, stage)
    lock = spec.locked.get(stage) if spec is not None else None
    return lock if lock is not None and lock.drawn == "random" else None


def stands_on_test(review: Review, stage: Stage) -> bool:
    """Return whether a gate of the protocol stands on the stage's gold, so that seeing its test results is a check."""
    return review.stage(stage).gate is not None and gate_lock(review, stage) is not None


def open_gate(source: Ledger | Snapshot, review: Review, stage: Stage, reviewer: str | None) -> OpenGate | None:
    """Return for which records a reviewer's gate at a stage is open; None while it is closed.

    What the machine excludes among these is final. Nothing is written.
    """
    if review.stage(stage).gate is None or reviewer is None:
        return None
    spec = stage_gold(review, stage)
    lock = spec.locked.get(stage) if spec is not None else None
    if lock is None or _unfit(review, stage, spec) or not _unchanged(review, stage, lock):
        return None
    ledger = Snapshot.of(source).ledger
    with ledger.read() as connection:
        rows = check_rows(connection, stage)
    last = last_of(rows, reviewer, lock)
    if last is None:
        return None
    check = check_of(rows, gate_data(ledger, review, stage, reviewer, lock, kept_labels(last)))
    if check is None or not check.passed:
        return None
    return OpenGate(lock.drawn_at, passed_batches(ledger, review, stage, reviewer, lock.drawn_at))


def gate_checks(source: Ledger | Snapshot, stage: Stage, reviewer: str) -> list[dict[str, Any]]:
    """Return the recorded checks of a reviewer, oldest first: `at`, `open`, and what was found."""
    with Snapshot.of(source).ledger.read() as connection:
        rows = [row for row in check_rows(connection, stage) if row.reviewer == reviewer]
    return [{**{name: part for name, part in row.body.items() if name not in _BASIS}, "at": row.at} for row in rows]


_BASIS = ("labels", "samples")
"""What a recorded check keeps of its data beside its figures, so that a reader can tell whether they are the same."""


def basis(lock: Lock, labels: Iterable[PlacedLabel]) -> dict[str, Any]:
    """Return what a check records of its data beside its figures."""
    return {
        "labels": [[label.id, label.record, label.split, label.decision.value] for label in labels],
        "samples": list(lock.samples),
    }


def kept_labels(row: CheckRow) -> list[PlacedLabel]:
    """Return the labels that a recorded check stands on, by the records of that time."""
    return [PlacedLabel(id_, record, split, Decision(decision)) for id_, record, split, decision in row.body["labels"]]


def last_of(rows: Sequence[CheckRow], reviewer: str, lock: Lock) -> CheckRow | None:
    """Return the reviewer's newest check on this version of gold; None without one."""
    version = lock.sha256[:16]
    fitting = [row for row in rows if row.reviewer == reviewer and row.gold == version and "labels" in row.body]
    return fitting[-1] if fitting else None


def check_of(rows: Iterable[CheckRow], data: GateData) -> CheckRow | None:
    """Return the check that was recorded of these data; None without one, or where no bound can be read from them."""
    return None if data.lacks else next((row for row in rows if row.data == data.hash), None)


def count_checks(rows: Iterable[CheckRow], lock: Lock) -> int:
    """Return how many checks were made of the test sample, over all reviewers, prompts and versions of the labels.

    Versions that share a sample share its checks. A check without a bound counts for nothing; one that does not say on which
    samples it stood, as older programs recorded them, counts.
    """
    samples = set(lock.samples)
    return sum(
        row.body.get("low") is not None and not samples.isdisjoint(row.body.get("samples", samples)) for row in rows
    )


def gate_data(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str, lock: Lock, labels: Iterable[PlacedLabel]
) -> GateData:
    """Return what a check would be read from now, given the labels of gold; records are looked up through merges.

    Only judgements of the present texts under the present protocol count. The reviewer is part of the data: that another
    one decides the same is another check.
    """
    with ledger.read() as connection:
        half = half_of(_where_now(connection, list(labels)), "test")
        other_text, otherwise = labels_on_other_text(connection, stage, half, lock.at)
        fitted = last_fits(connection, stage, _with_members(review, reviewer))
    judged = _valid(ledger, review, stage, reviewer, half)
    pairs = sorted((label.id, label.decision, judged[name]) for name, label in half.labels.items() if name in judged)
    lacking = len(half.labels) - len(pairs) + len(half.unplaced)
    old = next((name for name, fitted_at in sorted(fitted.items()) if fitted_at < lock.drawn_at), None)
    lacks = ""
    if old is not None:
        lacks = f"{old} was fitted before the gold sample was drawn and may have learned from it; `screener run --fit`"
    elif other_text:
        lacks = (
            f"{len(other_text)} of the test labels were given on a title or abstract that an update has changed since "
            f"({', '.join(other_text[:5])}{', …' if len(other_text) > 5 else ''}); confirm or change them in `screener "
            "adjudicate`, everybody who labelled them"
        )
    elif otherwise:
        lacks = (
            f"people decide otherwise on {len(otherwise)} of the test records since their text has changed "
            f"({', '.join(otherwise[:5])}); `screener gold lock --stage {stage}` again"
        )
    elif lacking:
        lacks = f"{reviewer} has not judged {lacking} of the test records"
    elif half.contradictory:
        lacks = (
            f"{len(half.contradictory)} of the test labels are left out because their records were merged with others "
            f"that have another label ({', '.join(half.contradictory)}); undo the merge (`screener dedup split`) or "
            "settle the label and lock gold again"
        )
    elif not any(label.kept for _, label, _ in pairs):
        lacks = "gold keeps none of the test records"
    return GateData(tuple(pairs), _hash(review.stage(stage).gate, stage, reviewer, lock, pairs), lacks)


def _where_now(connection: Connection, labels: Sequence[PlacedLabel]) -> list[PlacedLabel]:
    """Return the labels beside the records of today: where the ledger knows a label's own id, that decides."""
    names = {name for label in labels for name in (label.id, label.record) if name is not None}
    current = current_ids_of(connection, names)
    return [replace(label, record=current.get(label.id) or current.get(label.record or "")) for label in labels]


def _valid(ledger: Ledger, review: Review, stage: Stage, reviewer: str, half: Half) -> dict[str, Decision]:
    """Return what the reviewer decided on the records, a machine on their present texts and under the present protocol."""
    protocol = review.fingerprint(stage, reviewer) if reviewer in review.protocol.reviewers else None
    texts = text_hashes(ledger, stage, half.labels.keys())
    with ledger.read() as connection:
        counts = Present(protocol, protocols(connection)).holding(texts)
        rows = decisions_of(connection, stage, reviewer, half.labels.keys(), counts=counts)
    return {name: row.decision for name, row in rows.items()}


def _hash(
    gate: Gate | None, stage: Stage, reviewer: str, lock: Lock, pairs: Sequence[tuple[str, Decision, Decision]]
) -> str:
    parts = [_RULE, stage.value, reviewer, gate.model_dump(mode="json") if gate else None, lock.sha256, pairs]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _with_members(review: Review, reviewer: str) -> list[str]:
    """Return the reviewer and, of an ensemble, its members."""
    spec = review.protocol.reviewers.get(reviewer)
    return [reviewer, *(spec.members if isinstance(spec, EnsembleSpec) else ())]


def _unchanged(review: Review, stage: Stage, lock: Lock) -> bool:
    """Return whether the file of the labels is the one that was locked."""
    return hashlib.sha256((review.gold / f"{stage}.csv").read_bytes()).hexdigest() == lock.sha256
