"""The worker: takes jobs, one or some at a time, and has them done by functions that it is given from above.

It may be killed at any moment. The functions are plain: `(job, progress, stop) -> result`, where `progress(done, of, sentence)`
may be called as often as they like, and `stop` is an event. One that sees it set raises `StoppedEarly`, as soon as it can.
"""

import json
import os
import secrets
import socket
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..core.errors import BadInput, LedgerError
from ..core.job_work import GivenJob, StoppedEarly, Work
from .database import Team
from .jobs import KEYS, WANTS_KEY, Job, JobProgress, JobState, LeaseState, end, renew, take

LEASE = timedelta(seconds=30)
LOOK_S, TICK_S = 0.5, 0.3
"""Seconds between two looks for a job, and between two looks at how far one is."""


class JobKeys:
    """Keys that were entered in a page for one job, in the memory of a worker; they are never written.

    Whoever starts a job makes a name with `new_name`, has each worker `put` the keys under it, and gives the name in the job's
    arguments. A worker that was started again has none: then the job says that its key must be entered again.
    """

    def __init__(self) -> None:
        """Begin without keys."""
        self._keys: dict[str, dict[str, str]] = {}

    @staticmethod
    def new_name() -> str:
        """Return a name for the keys of a job."""
        return secrets.token_hex(8)

    def put(self, name: str, keys: Mapping[str, str]) -> None:
        """Keep keys by the names of their environment variables."""
        self._keys[name] = dict(keys)

    def get(self, name: str) -> dict[str, str] | None:
        """Return the keys of that name, if this process has them."""
        return self._keys.get(name)

    def all(self) -> dict[str, dict[str, str]]:
        """Return all keys by their names."""
        return dict(self._keys)

    def drop(self, name: str) -> None:
        """Forget the keys of a job that has ended."""
        self._keys.pop(name, None)

    def read_from(self, lines: Iterable[str]) -> None:
        """Take in what comes over a pipe, a line of JSON each: `{"name": …, "keys": {variable: key}}`, until it is closed."""
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                told = json.loads(line)
                self.put(str(told["name"]), {str(name): str(key) for name, key in told["keys"].items()})


class Worker:
    """Does jobs until it is ended. Several may work at the same table, on one machine or on many."""

    def __init__(
        self,
        team: Team,
        kinds: Mapping[str, Work],
        *,
        keys: JobKeys | None = None,
        lease: timedelta = LEASE,
        gives_back: bool = True,
        at_once: int = 1,
    ) -> None:
        """Take jobs of these kinds, `at_once` so many; a lease is renewed in a third of its time.

        Where it does several at once, one place is never taken by the review that has all others. The job of a worker that
        ends goes on with the next one, or if it is not to be given back, is stopped.
        """
        self.team, self.kinds, self.lease, self.gives_back = team, kinds, lease, gives_back
        self.keys = keys or JobKeys()
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.at_once = at_once
        self._ending = threading.Event()
        self._taking, self._doing = threading.Lock(), dict[str, tuple[str, threading.Event]]()
        """By the name that holds a job, its review and how it is asked to stop."""
        self._worked_at = 0.0
        self._failure: BaseException | None = None

    def end(self) -> None:
        """Take no more jobs; those under way are asked to stop, and another worker goes on with them where they are given back."""
        self._ending.set()
        for _, stop in list(self._doing.values()):
            stop.set()

    def run(self, idle_s: float | None = None) -> None:
        """Work until `end` is called, or for `idle_s` seconds no job came; a database that is away is waited for."""
        self._worked_at = time.monotonic()
        others = [
            threading.Thread(target=self._work_aside, args=(idle_s,), daemon=True) for _ in range(self.at_once - 1)
        ]
        for other in others:
            other.start()
        self._work(idle_s)
        for other in others:
            other.join()
        if self._failure is not None:
            raise self._failure

    def _work_aside(self, idle_s: float | None) -> None:
        try:
            self._work(idle_s)
        except BaseException as error:
            self._failure = error
            self.end()

    def _work(self, idle_s: float | None) -> None:
        while not self._ending.is_set():
            if idle_s is not None and not self._doing and time.monotonic() - self._worked_at > idle_s:
                return
            try:
                worked = self.run_one()
            except LedgerError as error:
                print(f"worker: {error}", file=sys.stderr, flush=True)
                worked = False
            if worked:
                self._worked_at = time.monotonic()
            else:
                self._ending.wait(LOOK_S)

    def _take(self) -> tuple[Job, str] | None:
        """Take the next job; return it with the name that holds it."""
        holder = f"{self.holder}:{secrets.token_hex(4)}"
        with self._taking:
            held = Counter(review for review, _ in self._doing.values())
            full = [review for review, count in held.items() if count >= self.at_once - 1]
            job = take(self.team, holder, list(self.kinds), self.lease, not_of=full)
            if job is None:
                return None
            self._doing[holder] = job.review, threading.Event()
            return job, holder

    def run_one(self) -> bool:
        """Do the next job; False if there is none."""
        if (taken := self._take()) is None:
            return False
        job, holder = taken
        try:
            return self._do(job, holder)
        finally:
            del self._doing[holder]

    def _do(self, job: Job, holder: str) -> bool:
        keeper = _Keeper(self.team, holder, job, self.lease, self._doing[holder][1])
        if self._ending.is_set():
            keeper.stop.set()
        try:
            state, result, problem = self._done(job, keeper)
        finally:
            keeper.close()
        if keeper.lost:
            return True
        if state is JobState.STOPPED and not keeper.asked_to_stop and self.gives_back:
            state = JobState.WAITING  # it is the worker that ends: the job goes on elsewhere
        elif state is JobState.STOPPED and not keeper.asked_to_stop:
            problem = "it was stopped when the program was closed; what was done is kept"
        end(self.team, holder, job.id, state, result=result, problem=problem, progress=keeper.progress)
        if state is not JobState.WAITING:
            self.keys.drop(str(job.args.get(KEYS, "")))
        return True

    def _done(self, job: Job, keeper: "_Keeper") -> tuple[JobState, Any, str]:
        """Return what became of a job, with its result and what to tell people where it failed."""
        args, keys = dict(job.args), dict[str, str]()
        if (name := args.pop(KEYS, None)) is not None:
            if (entered := self.keys.get(str(name))) is None:
                return JobState.FAILED, WANTS_KEY, "the key was entered for this job only, and is gone; enter it again"
            keys = entered
        try:
            given = GivenJob(job.review, args, job.asked_by, keys)
            result = self.kinds[job.kind](given, keeper.report, keeper.stop)
            json.dumps(result)
        except StoppedEarly as stopped:
            return JobState.STOPPED, stopped.result, ""
        except (BadInput, LedgerError) as error:
            return JobState.FAILED, None, str(error)
        except Exception as error:
            traceback.print_exc()
            return JobState.FAILED, None, f"it failed unexpectedly ({type(error).__name__}); the worker's log has more"
        return JobState.DONE, result, ""


class _Keeper:
    """Renews the lease of a job, writes how far it is, and hears when it is to stop: a thread of its own."""

    def __init__(self, team: Team, holder: str, job: Job, lease: timedelta, stop: threading.Event) -> None:
        self.stop = stop
        self.lost = self.asked_to_stop = False
        self.progress = job.progress
        self._team, self._holder, self._job, self._lease = team, holder, job, lease
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"job-{job.id}", daemon=True)
        self._thread.start()

    def report(
        self, done: int, of: int | None = None, sentence: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        """Remember how far the job is."""
        self.progress = replace(self.progress, done=done, of=of, sentence=sentence, details=dict(details or {}))

    def close(self) -> None:
        """Renew no more."""
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        seconds = self._lease.total_seconds()
        renewed, told = time.monotonic(), self.progress
        while not self._over.wait(min(TICK_S, seconds / 6)):
            now, progress = time.monotonic(), self.progress
            if progress == told and now - renewed < seconds / 6:
                continue
            try:
                lease = renew(self._team, self._holder, self._job.id, self._lease, _changed(progress, told))
            except LedgerError:
                if now - renewed > seconds:  # another worker may have it by now
                    self._lose()
                    return
                continue
            renewed, told = now, progress
            if lease is LeaseState.LOST:
                self._lose()
                return
            if lease is LeaseState.STOP:
                self.asked_to_stop = True
                self.stop.set()

    def _lose(self) -> None:
        self.lost = True
        self.stop.set()


def _changed(progress: JobProgress, told: JobProgress) -> JobProgress | None:
    return None if progress == told else progress
