"""Jobs on one's own machine: a table in the user's own folder, and a worker process that ends with the program."""

import threading
from collections.abc import Mapping
from pathlib import Path

from ..core.own_folder import own_folder
from ..ledger.file_lock import lock_file
from ..team.audit import Actor
from ..team.database import Team
from ..team.jobs import jobs, settle
from .job_board import JobBoard, JobWatch
from .own_worker import OwnWorker

LOCK = "worker.lock"
"""The file that the worker of a user keeps locked as long as it lives."""


class LocalJobs:
    """The jobs of one user. Nothing is opened or started before a job is asked for or looked at."""

    takes_keys = True

    def __init__(self, folder: Path | None = None) -> None:
        """Keep the table in a folder; by default in that of the user's settings."""
        self.folder = folder or own_folder()
        self.watch = JobWatch()
        self.entered: dict[str, str] = {}
        self.worker = OwnWorker("local", str(self.folder), wanted=lambda: bool(jobs(self.team, only_open=True, most=1)))
        self._team: Team | None = None
        self._lock = threading.Lock()

    @property
    def team(self) -> Team:
        """Return the table, opened the first time; what an earlier program left open is called stopped then.

        Where its worker still lives, one of this program waits to do what that leaves.
        """
        with self._lock:
            if self._team is None:
                self._team = Team.in_file(self.folder / "team.db")
                with (self.folder / LOCK).open("wb") as file:
                    if lock_file(file):  # no worker lives
                        settle(self._team)
                if jobs(self._team, only_open=True, most=1):
                    self.worker.start()
            return self._team

    def board(self, review: Path, name: str) -> JobBoard:
        """Return the jobs of the review in a folder, for a person."""
        return JobBoard(self, str(review.resolve()), Actor(None, name))

    def may(self, review: str, by: Actor, kind: str) -> bool:
        """Return that the user may do everything."""
        return True

    def budget_usd(self, review: str) -> float | None:
        """Return that nobody limits what a review of one's own costs."""
        return None

    def see_to(self, keys: Mapping[str, str] | None = None) -> str:
        """See that the worker runs; return the name under which it has the keys for one job."""
        _ = self.team  # what is left of an earlier program is settled before a worker begins
        self.worker.start()
        return self.worker.give(keys) if keys else ""

    def forget(self) -> None:
        """Forget the keys that were entered."""
        self.entered.clear()
        self.worker.forget()

    def close(self) -> None:
        """End the worker."""
        self.worker.close()
        with self._lock:
            if self._team is not None:
                self._team.close()
