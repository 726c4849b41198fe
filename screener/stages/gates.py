"""Recorded checks of gates: what a machine reviewer was found to reach on locked, human, random `test` gold, and when."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from ..core.judgement import Stage
from ..ledger import tables as t
from ..ledger.snapshot import Snapshot
from ..ledger.store import Ledger
from ..protocol.gold import Lock, gold_spec
from ..protocol.instructions_hash import guide_hash
from ..protocol.model import Review

_RULE = "2"
"""The version of what a check asks for: where it changes, what an earlier check says no longer holds."""


@dataclass(frozen=True)
class GateCheck:
    """One check of a gate. `why` says in one clause what it stands on, or what it lacks.

    `positives` are the test labels that gold keeps, `kept` those of them that the reviewer keeps too, `low` the lower
    bound of that share; `needed` is how many positives would do at the present number of misses. `outside` are the
    records judged by the reviewer that came after gold was drawn, `looks` how often the gate was looked at, this time
    among them.
    """

    open: bool
    why: str
    positives: int = 0
    kept: int = 0
    low: float | None = None
    needed: int | None = None
    gold: str = ""
    outside: int = 0
    looks: int = 0

    @property
    def missing(self) -> int | None:
        """How many positives are missing for the gate to open without another miss."""
        return None if self.needed is None else max(0, self.needed - self.positives)


def gate_lock(review: Review, stage: Stage) -> Lock | None:
    """The lock of the gold that the stage's gate can stand on; None where there is none."""
    spec = gold_spec(review) if (review.gold / f"{stage}.csv").is_file() else None
    lock = spec.locked.get(stage) if spec is not None else None
    return lock if lock is not None and not unfit(review, stage) else None


def unfit(review: Review, stage: Stage) -> str:
    """Why the gold of a stage can open no gate; empty if it can."""
    spec = gold_spec(review) if (review.gold / f"{stage}.csv").is_file() else None
    if spec is None:
        return "there is no gold set"
    spec = spec.of(stage)
    lock = spec.locked.get(stage)
    if spec.status != "human":
        return f"gold {spec.name} is {spec.status}: only labels of humans open a gate"
    if lock is None:
        return f"gold {spec.name} is not locked (`screener gold lock`)"
    if lock.drawn != "random":
        return f"gold {spec.name} was not drawn at random ({lock.drawn})"
    if lock.guide != guide_hash(review, stage):
        return (
            f"criteria or guide have changed since gold {spec.name} was locked; see whether its labels still hold, "
            f"then `screener gold lock --stage {stage}` again"
        )
    return ""


def gate_open_since(source: Ledger | Snapshot, review: Review, stage: Stage, reviewer: str | None) -> str | None:
    """Return when the gold was drawn that opens a reviewer's gate at a stage; None while the gate is closed.

    Machine exclusions of records that were in the ledger at that time are final. Nothing is written: the gate is open
    where the last recorded check passed and what it stands on is still the same.
    """
    if review.stage(stage).gate is None or reviewer is None:
        return None
    lock = gate_lock(review, stage)
    if lock is None:
        return None
    ledger = source.ledger if isinstance(source, Snapshot) else source
    with ledger.read() as connection:
        last = last_check(connection, stage, reviewer)
        holds = (
            last is not None and last.passed and last.signature == signature(connection, review, stage, reviewer, lock)
        )
    return lock.drawn_at if holds else None


def gate_checks(ledger: Ledger, stage: Stage, reviewer: str) -> list[dict[str, Any]]:
    """Return the recorded checks of a gate, oldest first: `at`, `open`, and what was found."""
    c = t.looks.c
    query = select(t.looks).where(c.stage == stage.value, c.reviewer == reviewer).order_by(c.id)
    with ledger.read() as connection:
        return [{"at": row.at, **json.loads(row.body)} for row in connection.execute(query)]


def last_check(connection: Connection, stage: Stage, reviewer: str) -> Any:
    """Return the newest recorded check of a reviewer's gate, or None."""
    c = t.looks.c
    query = select(c.signature, c.passed).where(c.stage == stage.value, c.reviewer == reviewer)
    return connection.execute(query.order_by(c.id.desc()).limit(1)).first()


def signature(connection: Connection, review: Review, stage: Stage, reviewer: str, lock: Lock) -> str:
    """Return the hash of what a check depends on: gate, gold, protocol, and what was judged, fitted and merged."""
    c = t.judgements.c
    newest = [
        select(func.max(c.id)).where(c.stage == stage.value, c.reviewer == reviewer),
        select(func.max(t.links.c.id)),
        select(func.max(t.hits.c.id)),
        select(func.max(t.fits.c.at)).where(t.fits.c.stage == stage.value),
    ]
    gate = review.stage(stage).gate
    parts = [
        _RULE,
        gate.model_dump_json() if gate else "",
        lock.sha256[:16],
        review.fingerprint(stage, reviewer),
        *(str(connection.execute(query).scalar()) for query in newest),
    ]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
