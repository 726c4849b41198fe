"""The jobs of one review, for one person: asking for them, looking how far they are, stopping them and having them go on."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool

from ..core.errors import BadInput, LedgerError
from ..team.audit import Actor
from ..team.database import Team
from ..team.jobs import KEYS, Job, JobState, jobs, numbered, without_keys
from ..team.jobs import again as again_in
from ..team.jobs import ask as ask_in
from ..team.jobs import stop as stop_in
from ..team.roles import NotAllowed
from .job_kinds import JOB_KINDS

NAMES = "names_of_keys"
"""The argument that says which variables' keys were entered for a job."""
LOOK_S = 0.5
"""Seconds between two looks at the jobs whose pages are open, however many they are."""
MOST_OPEN = 10_000
OPEN = (JobState.WAITING, JobState.RUNNING)


class JobWatch:
    """Looks at the jobs that pages wait for: once for all of them, and without a thread that waits."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._wanted: Counter[int] = Counter()
        self._seen: dict[int, Job] = {}
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def follow(self, team: Team, number: int) -> AsyncIterator[Job]:
        """Yield a job now and then, until it is gone. What it was last is yielded while the database is away."""
        self._wanted[number] += 1
        since = time.monotonic()  # what was seen before may be how the job stood before it was told to go on
        try:
            while (job := await self._now(team, number, since)) is not None:
                yield job
                await asyncio.sleep(LOOK_S)
        finally:
            self._wanted[number] -= 1
            self._wanted += Counter()  # those that nobody wants any more are left out

    async def _now(self, team: Team, number: int, since: float) -> Job | None:
        async with self._looking:
            now = time.monotonic()
            if number not in self._seen or self._looked < max(since, now - LOOK_S * 0.9):
                with suppress(LedgerError):
                    self._seen = await run_in_threadpool(numbered, team, list(self._wanted))
                    self._looked = now
        return self._seen.get(number)


class JobPlace(Protocol):
    """Where a program has its jobs done."""

    watch: JobWatch

    @property
    def team(self) -> Team:
        """Return the database with the table of jobs; `BadInput` or `LedgerError` where it cannot be used."""

    @property
    def takes_keys(self) -> bool:
        """Return whether a key may be entered in a page: never on a server."""

    def may(self, review: str, by: Actor, kind: str) -> bool:
        """Return whether somebody may see jobs of that kind, ask for them and stop them."""

    def budget_usd(self, review: str) -> float | None:
        """Return what all machine runs of a review may cost together; None: without limit."""

    def see_to(self, keys: Mapping[str, str] | None = None) -> str:
        """See that somebody does the jobs that wait; return the name under which a worker has the keys for one."""

    @property
    def entered(self) -> dict[str, str]:
        """Return the keys that were entered since the program began, by variable; change it to add one."""

    def forget(self) -> None:
        """Forget the keys that were entered; a job that has begun keeps its own until it ends."""


@dataclass(frozen=True)
class JobBoard:
    """The jobs of one review, as one person sees them."""

    place: JobPlace
    review: str
    """What names the review in the table: its slug on a server, its folder on one's own machine."""
    by: Actor

    @property
    def budget_usd(self) -> float | None:
        """Return what all machine runs of the review may cost together; None: without limit."""
        return self.place.budget_usd(self.review)

    def may(self, kind: str) -> bool:
        """Return whether this person may see jobs of a kind, ask for them and stop them."""
        return kind in JOB_KINDS and self.place.may(self.review, self.by, kind)

    def ask(self, kind: str, args: Mapping[str, Any], keys: Mapping[str, str] | None = None) -> Job:
        """Ask for a job; where the same one is open, that is returned. `args` are JSON and hold no key.

        `keys` are keys by the names of their environment variables: they go to the worker's memory alone.
        """
        self._check(kind)
        if keys and not self.place.takes_keys:
            raise BadInput("on a server keys are the administrator's; none is entered in a page")
        named = {**args, NAMES: sorted(keys)} if keys else dict(args)
        job = ask_in(self.place.team, self.by, kind, self.review, named, lambda: self.place.see_to(keys))
        self.place.see_to()
        return job

    def job(self, number: int) -> Job:
        """Return a job of this review; `BadInput` where there is none that this person may see."""
        job = numbered(self.place.team, [number]).get(number)
        if job is None or job.review != self.review:
            raise BadInput("there is no such job in this review")
        self._check(job.kind)
        return job

    def newest(self, kind: str) -> Job | None:
        """Return the job of a kind that was asked for last."""
        found = jobs(self.place.team, self.review, kind=kind, most=1) if self.may(kind) else []
        return found[0] if found else None

    def drops(self, kind: str) -> set[str]:
        """Return the names of the files that were handed over to jobs of a kind which are open, or may be told to go on."""
        found = jobs(self.place.team, self.review, kind=kind, only_open=True, most=MOST_OPEN)
        newest = jobs(self.place.team, self.review, kind=kind, most=1)
        return {str(job.args.get("drop", "")) for job in [*found, *newest]}

    def open_jobs(self) -> list[Job]:
        """Return the jobs that wait or run, oldest first."""
        return [job for job in jobs(self.place.team, self.review, only_open=True) if self.may(job.kind)][::-1]

    def stop(self, number: int) -> Job:
        """Ask a job to stop; what it has done stays."""
        stop_in(self.place.team, self.by, self.job(number).id)
        return self.job(number)

    def again(self, number: int, keys: Mapping[str, str] | None = None) -> Job:
        """Have a job that was stopped or failed go on; with the keys that it needs, where some were entered for it."""
        job = self.job(number)
        args = without_keys(job.args)
        if names := args.get(NAMES):
            known = {**self.place.entered, **(keys or {})}
            if lacking := [name for name in names if name not in known]:
                raise BadInput(f"enter the key of {lacking[0]} again; it was kept in memory only")
            args[KEYS] = self.place.see_to({name: known[name] for name in names})
        again_in(self.place.team, self.by, number, args)
        self.place.see_to()
        return self.job(number)

    def lacking_keys(self, job: Job) -> list[str]:
        """Return the variables whose keys have to be entered again before a job can go on."""
        return [name for name in job.args.get(NAMES, ()) if name not in self.place.entered]

    async def follow(self, number: int) -> AsyncIterator[Job]:
        """Yield a job whenever it has changed, until it has ended."""
        before = None
        async for job in self.place.watch.follow(self.place.team, number):
            if job != before:
                yield job
            if job.state not in OPEN:
                return
            before = job

    def _check(self, kind: str) -> None:
        if not self.may(kind):
            raise NotAllowed("you may not do this here; ask an owner of the review")
