"""Taking in what the Batch API answered: looking at the batches under way, storing, judging, and what is still open."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..ledger.batches import SENT, Batch, as_it_stands, batches, exported_requests, held, move, named
from ..ledger.store import Ledger
from ..models import ModelError, TransientError
from ..models import batch as api
from ..models.wire import recorded, shown, structured_of
from ..protocol.endpoints import ChatSpec
from ..protocol.model import Review
from .batch_files import BatchImported, chat_spec, custom_id, judge_answered, store_answers
from .run_task import Summary

LONGEST_PAUSE = 60.0
"""Seconds between two looks while waiting."""


@dataclass
class Look:
    """One batch as `collect` found it."""

    batch: Batch
    status: str = "unknown"
    """The API's word."""
    finished: int | None = None
    problem: str = ""
    passing: bool = False
    """Nothing was seen, and another look may see more."""
    found: BatchImported | None = None
    """What its answers came to, once it is over."""

    @property
    def under_way(self) -> bool:
        """Whether its answers are still to come."""
        return self.found is None and (not self.problem or self.passing)

    def as_json(self) -> dict[str, Any]:
        """As `batch collect --json` lists it."""
        told = self.found.told() if self.found else {}
        place = {"stage": self.batch.stage, "reviewer": self.batch.reviewer}
        seen = {"status": self.status, "finished": self.finished, "problem": self.problem or None}
        return {**self.batch.as_json(), **place, **seen, **told}


@dataclass
class Outcome:
    """What a look at all batches gave."""

    looks: dict[str, Look] = field(default_factory=dict)
    runs: list[Summary] = field(default_factory=list)
    open: int = 0
    """Requests without an answer, of the reviewers and stages whose batches are over."""
    held: int = 0
    """Those of them that are in a batch under way."""

    @property
    def under_way(self) -> list[Look]:
        """The batches whose answers are still to come."""
        return [look for look in self.looks.values() if look.under_way]

    @property
    def failed(self) -> bool:
        """Whether some requests or records failed."""
        lost = any(look.problem or (look.found and (look.found.failed or look.found.missing)) for look in self.all)
        return lost or any(one.errors for one in self.runs)

    @property
    def all(self) -> list[Look]:
        """Every look, oldest batch first."""
        return list(self.looks.values())

    def take(self, later: "Outcome") -> None:
        """Go on with what a later look gave."""
        self.looks |= later.looks
        again = {(one.stage, one.reviewer) for one in later.runs}
        self.runs = [one for one in self.runs if (one.stage, one.reviewer) not in again] + later.runs

    def as_json(self) -> dict[str, Any]:
        """As `batch collect --json` prints it."""
        found = [look.found for look in self.all if look.found]
        failed: dict[str, str] = {}
        for one in found:
            failed |= one.failed
        return {
            "batches": [look.as_json() for look in self.all],
            "under_way": len(self.under_way),
            "stored": sum(one.stored for one in found),
            "present": sum(one.present for one in found),
            "failed": failed,
            **{
                key: [name for one in found for name in getattr(one, key)] for key in ("missing", "repeated", "unknown")
            },
            "cost_usd": None
            if any(one.cost_usd is None for one in found)
            else sum(one.cost_usd or 0.0 for one in found),
            "models": sorted({model for one in found for model in one.models}),
            "still_open": self.open,
            "still_open_in_batches": self.held,
            "runs": [one.as_json() for one in self.runs],
        }


def collect(ledger: Ledger, review: Review, name: str | None = None) -> Outcome:
    """Look once at every batch under way, or at the one named, and take in the answers of those that are over.

    Collecting a batch again changes nothing. Raises `BadInput` for a name that no batch has.
    """
    with ledger.read() as connection:
        known = batches(connection)
    wanted = [one for one in known if one.state in SENT] if name is None else [named(known, name)]
    lost = [one for one in wanted if one.state == "submitting"]
    seen: dict[str, Batch] = {}
    for reviewer in {one.reviewer for one in lost}:
        mine = [one for one in lost if one.reviewer == reviewer]
        seen |= {one.batch: one for one in find_lost(ledger, chat_spec(review, reviewer), mine)[0]}
    done = Outcome()
    asked: list[tuple[str, str, int]] = []
    for batch in wanted:
        look = done.looks[batch.batch] = Look(seen.get(batch.batch, batch))
        asked += [(batch.stage, batch.reviewer, repeat) for repeat in _look(ledger, review, look)]
    if asked:
        done.runs = judge_answered(ledger, review, asked)
        for look in done.all:
            if look.found is not None:
                # Only now: after a crash before this, the next collect does it all again, and changes nothing.
                moved = move(ledger, look.batch, look.batch.state, state="collected", note=look.status)
                look.batch = moved or look.batch
    _count_open(ledger, done)
    return done


def _count_open(ledger: Ledger, done: Outcome) -> None:
    with ledger.read() as connection:
        under_way = held(connection)
    keys = {custom_id(one) for run in done.runs for one in run.unanswered}
    done.open, done.held = len(keys), len(keys & under_way.keys())


def collect_all(ledger: Ledger, review: Review, name: str | None, tell: Callable[[Outcome], None]) -> Outcome:
    """Look at the batches again and again, at most a minute apart, until all are over; `tell` what was seen each time."""
    done, pause = Outcome(), 1.0
    while True:
        done.take(collect(ledger, review, name))
        if not done.under_way:
            _count_open(ledger, done)
            return done
        tell(done)
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.5)


def forget(ledger: Ledger, name: str) -> Batch:
    """Let a batch no longer hold its requests back. Raises `BadInput` where it does not."""
    with ledger.read() as connection:
        one = named(batches(connection), name)
    moved = move(ledger, one, one.state, state="forgotten") if one.state in SENT else None
    if moved is None:
        raise BadInput(f"{name}: this batch is {one.state} and holds nothing back")
    return moved


def _look(ledger: Ledger, review: Review, look: Look) -> set[int]:
    """Look at a batch and store its answers if it is over; the numbers of the repeats that it asked, else none."""
    batch = look.batch
    if batch.remote is None:
        look.problem = unsure(batch)
        return set()
    spec = chat_spec(review, batch.reviewer)
    try:
        seen = asyncio.run(api.collect(spec, batch.remote))
    except ModelError as error:
        look.problem, look.passing = f"cannot be looked at: {error}", isinstance(error, TransientError)
        if error.status in (401, 403, 404):
            look.problem += (
                f"; are key and base_url of {batch.reviewer} those it was submitted with? If the batch is lost, "
                f"`screener batch collect {batch.name} --forget` frees its requests"
            )
        return set()
    look.status, look.finished, look.problem = seen.status, seen.finished, seen.problem
    if seen.lines is None:
        return set()
    with ledger.read() as connection:
        asked = exported_requests(connection, batch.batch)
    answers = api.read_answers(seen.lines, list(asked), scrub=api.scrub_for(spec))
    sent = _parameters(Path(batch.file))
    look.found = store_answers(ledger, review, answers, asked, run_id=batch.batch, sent=sent.get)
    if seen.status == "failed" and not look.problem:
        look.problem = "the provider does not say why"
    return {row.repeat for row in asked.values()}


def _parameters(path: Path) -> dict[str, str]:
    """What was sent with each request of a batch file, as the ledger keeps it; nothing if the file is gone."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return {}
    entries = (json.loads(line) for line in text.split("\n") if line)
    return {one["custom_id"]: recorded(shown(one["body"]), structured_of(one["body"])) for one in entries}


def unsure(batch: Batch) -> str:
    """What to do about a batch that may or may not run."""
    return (
        f"it may be running: the provider was asked to start it, and its answer was not kept ({batch.file}). "
        f"`screener batch collect` looks for it; if the provider's list of batches does not show it either (metadata "
        f"`{api.MARK}: {batch.batch}`), `screener batch collect {batch.batch} --forget` frees its {batch.requests:,} requests"
    )


def find_lost(ledger: Ledger, spec: ChatSpec, lost: Sequence[Batch]) -> tuple[list[Batch], list[Batch]]:
    """Look for batches at the provider whose ids were lost; those that were found, and those that were not."""
    if not lost:
        return [], []
    try:
        seen = asyncio.run(api.find(spec, {one.batch for one in lost}))
    except ModelError:
        seen = {}  # a server without such a list: the user is told what to look for
    found = [
        move(ledger, one, "submitting", state="submitted", remote=seen[one.batch]) or as_it_stands(ledger, one)
        for one in lost
        if one.batch in seen
    ]
    return found, [one for one in lost if one.batch not in seen]
