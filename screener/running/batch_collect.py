"""Collect what the Batch API answered: check the batches under way, store, judge, and count what is still open."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..ledger import SENT, Batch, Ledger, exported_requests, latest_state, move, named, requests_under_way
from ..ledger.batches import batches
from ..models import ModelError, TransientError, recorded, shown, structured_of
from ..models import batch as api
from ..protocol import ChatSpec, Review
from .batch_files import BatchImported, chat_spec, custom_id, judge_answered, store_answers
from .run_task import Summary

LONGEST_PAUSE = 60.0
"""Seconds between two checks while waiting."""


@dataclass
class BatchCheck:
    """Hold the state of one batch at a check by `collect`."""

    batch: Batch
    status: str = "unknown"
    """The API's word."""
    finished: int | None = None
    problem: str = ""
    passing: bool = False
    """The state was not read, and another check may read it."""
    imported: BatchImported | None = None
    """The outcome of its answers, once it is over."""

    @property
    def under_way(self) -> bool:
        """Return whether its answers are still to come."""
        return self.imported is None and (not self.problem or self.passing)

    def as_json(self) -> dict[str, Any]:
        """Return it as `batch collect --json` lists it."""
        outcome = self.imported.totals() if self.imported else {}
        place = {"stage": self.batch.stage, "reviewer": self.batch.reviewer}
        progress = {"status": self.status, "finished": self.finished, "problem": self.problem or None}
        return {**self.batch.as_json(), **place, **progress, **outcome}


@dataclass
class CollectedBatches:
    """Hold the outcome of a check of all batches."""

    checks: dict[str, BatchCheck] = field(default_factory=dict)
    runs: list[Summary] = field(default_factory=list)
    open: int = 0
    """Requests without an answer, of the reviewers and stages whose batches are over."""
    open_in_batches: int = 0
    """Those of them that are in a batch under way."""

    @property
    def under_way(self) -> list[BatchCheck]:
        """Return the batches whose answers are still to come."""
        return [check for check in self.checks.values() if check.under_way]

    @property
    def failed(self) -> bool:
        """Return whether some requests or records failed."""
        lost = any(
            check.problem or (check.imported and (check.imported.failed or check.imported.missing))
            for check in self.all
        )
        return lost or any(run.errors for run in self.runs)

    @property
    def all(self) -> list[BatchCheck]:
        """Return every check, oldest batch first."""
        return list(self.checks.values())

    def update(self, later_outcome: "CollectedBatches") -> None:
        """Replace what a later check has renewed."""
        self.checks |= later_outcome.checks
        repeated = {(run.stage, run.reviewer) for run in later_outcome.runs}
        self.runs = [run for run in self.runs if (run.stage, run.reviewer) not in repeated] + later_outcome.runs

    def as_json(self) -> dict[str, Any]:
        """Return it as `batch collect --json` prints it."""
        imports = [check.imported for check in self.all if check.imported]
        failed: dict[str, str] = {}
        for imported in imports:
            failed |= imported.failed
        return {
            "batches": [check.as_json() for check in self.all],
            "under_way": len(self.under_way),
            "stored": sum(imported.stored for imported in imports),
            "present": sum(imported.present for imported in imports),
            "failed": failed,
            **{
                key: [name for imported in imports for name in getattr(imported, key)]
                for key in ("missing", "repeated", "unknown")
            },
            "cost_usd": None
            if any(imported.cost_usd is None for imported in imports)
            else sum(imported.cost_usd or 0.0 for imported in imports),
            "models": sorted({model for imported in imports for model in imported.models}),
            "still_open": self.open,
            "still_open_in_batches": self.open_in_batches,
            "runs": [run.as_json() for run in self.runs],
        }


def collect(ledger: Ledger, review: Review, name: str | None = None) -> CollectedBatches:
    """Check every batch under way once, or the one named, and store the answers of those that are over.

    Collecting a batch again changes nothing. Raises `BadInput` for a name that no batch has.
    """
    with ledger.read() as connection:
        all_batches = batches(connection)
    chosen = [batch for batch in all_batches if batch.state in SENT] if name is None else [named(all_batches, name)]
    lost = [batch for batch in chosen if batch.state == "submitting"]
    recovered: dict[str, Batch] = {}
    for reviewer in {batch.reviewer for batch in lost}:
        mine = [batch for batch in lost if batch.reviewer == reviewer]
        recovered |= {batch.batch: batch for batch in find_lost(ledger, chat_spec(review, reviewer), mine)[0]}
    outcome = CollectedBatches()
    answered: list[tuple[str, str, int]] = []
    for batch in chosen:
        check = outcome.checks[batch.batch] = BatchCheck(recovered.get(batch.batch, batch))
        answered += [(batch.stage, batch.reviewer, repeat) for repeat in _check(ledger, review, check)]
    if answered:
        outcome.runs = judge_answered(ledger, review, answered)
        for check in outcome.all:
            if check.imported is not None:
                # Only now: after a crash before this, the next collect does it all again, and changes nothing.
                moved = move(ledger, check.batch, check.batch.state, state="collected", note=check.status)
                check.batch = moved or check.batch
    _count_open(ledger, outcome)
    return outcome


def _count_open(ledger: Ledger, outcome: CollectedBatches) -> None:
    with ledger.read() as connection:
        under_way = requests_under_way(connection)
    keys = {custom_id(request) for run in outcome.runs for request in run.unanswered}
    outcome.open, outcome.open_in_batches = len(keys), len(keys & under_way.keys())


def collect_all(
    ledger: Ledger, review: Review, name: str | None, report: Callable[[CollectedBatches], None]
) -> CollectedBatches:
    """Check the batches repeatedly, at most a minute apart, until all are over; pass each outcome to `report`."""
    outcome, pause = CollectedBatches(), 1.0
    while True:
        outcome.update(collect(ledger, review, name))
        if not outcome.under_way:
            _count_open(ledger, outcome)
            return outcome
        report(outcome)
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.5)


def forget(ledger: Ledger, name: str) -> Batch:
    """Let a batch no longer hold its requests back. Raises `BadInput` where it does not."""
    with ledger.read() as connection:
        batch = named(batches(connection), name)
    moved = move(ledger, batch, batch.state, state="forgotten") if batch.state in SENT else None
    if moved is None:
        raise BadInput(f"{name}: this batch is {batch.state} and holds nothing back")
    return moved


def _check(ledger: Ledger, review: Review, check: BatchCheck) -> set[int]:
    """Check a batch and store its answers if it is over; return the repeats that it asked for, else none."""
    batch = check.batch
    if batch.remote is None:
        check.problem = unsure(batch)
        return set()
    spec = chat_spec(review, batch.reviewer)
    try:
        state = asyncio.run(api.collect(spec, batch.remote))
    except ModelError as error:
        check.problem, check.passing = f"cannot be checked: {error}", isinstance(error, TransientError)
        if error.status in (401, 403, 404):
            check.problem += (
                f"; are key and base_url of {batch.reviewer} those it was submitted with? If the batch is lost, "
                f"`screener batch collect {batch.name} --forget` frees its requests"
            )
        return set()
    check.status, check.finished, check.problem = state.status, state.finished, state.problem
    if state.lines is None:
        return set()
    with ledger.read() as connection:
        requests = exported_requests(connection, batch.batch)
    answers = api.read_answers(state.lines, list(requests), scrub=api.scrub_for(spec))
    sent = _parameters(Path(batch.file))
    check.imported = store_answers(ledger, review, answers, requests, run_id=batch.batch, sent=sent.get)
    if state.status == "failed" and not check.problem:
        check.problem = "the provider does not say why"
    return {row.repeat for row in requests.values()}


def _parameters(path: Path) -> dict[str, str]:
    """Return what was sent with each request of a batch file, as the ledger keeps it; nothing if the file is gone."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return {}
    entries = (json.loads(line) for line in text.split("\n") if line)
    return {entry["custom_id"]: recorded(shown(entry["body"]), structured_of(entry["body"])) for entry in entries}


def unsure(batch: Batch) -> str:
    """Say what to do about a batch that may or may not run."""
    return (
        f"it may be running: the provider was asked to start it, and its answer was not kept ({Path(batch.file).name}). "
        f"`screener batch collect` searches for it; if the provider's list of batches does not show it either (metadata "
        f"`{api.MARK}: {batch.batch}`), `screener batch collect {batch.batch} --forget` frees its {batch.requests:,} requests"
    )


def find_lost(ledger: Ledger, spec: ChatSpec, lost: Sequence[Batch]) -> tuple[list[Batch], list[Batch]]:
    """Search the provider for batches whose ids were lost; return those found, and those not found."""
    if not lost:
        return [], []
    try:
        remote_ids = asyncio.run(api.find(spec, {batch.batch for batch in lost}))
    except ModelError:
        remote_ids = {}  # a server without such a list: the user is told what to look for
    recovered = [
        move(ledger, batch, "submitting", state="submitted", remote=remote_ids[batch.batch])
        or latest_state(ledger, batch)
        for batch in lost
        if batch.batch in remote_ids
    ]
    return recovered, [batch for batch in lost if batch.batch not in remote_ids]
