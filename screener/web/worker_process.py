"""The process that does jobs: `python -m screener.web.worker_process local FOLDER`, or `server FILE` as `screener serve` starts it.

It ends when its standard input is closed, as it is when the program that started it ends, however that ends.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from ..core.errors import BadInput, LedgerError
from ..core.job_work import GivenJob, ReportsProgress, Work
from ..ledger.file_lock import lock_file
from ..review.jobs_of_review import WORKS, JobReview, ReviewWork
from ..team.database import Team
from ..team.reviews import site_review
from ..team.settings import ServerSettings, open_team, read_settings
from ..team.worker import JobKeys, Worker
from .local_jobs import LOCK
from .own_settings import is_review, without_folder
from .page_words import told_on_page

_LEASE = timedelta(seconds=6)
"""Where one worker works alone, the job of one that was killed need not wait for long."""
_IDLE_S, _GRACE_S = 600.0, 30.0
"""A local worker ends after so many seconds without a job; one that is to end is given so many to finish what is under way."""
_LOOK_S = 0.5
_NICE = 5
"""By how much it gives way to the program that serves people."""


def work_locally(folder: Path) -> None:
    """Do the jobs of a user, in the folder with their table, until the program that started this process ends."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    ended = threading.Event()
    keys, team = JobKeys(), Team.in_file(folder / "team.db")
    works = {kind: _of_review(work, _local_review) for kind, work in WORKS.items()}
    worker = Worker(team, works, keys=keys, lease=_LEASE, gives_back=False)
    _end_with_parent(worker, keys, ended)
    with (folder / LOCK).open("wb") as file:
        while not lock_file(file):  # the worker of another program of the same user
            if ended.wait(_LOOK_S):
                return
        worker.run(idle_s=_IDLE_S)


def work_on_server(settings: ServerSettings, *, with_parent: bool = False) -> None:
    """Do the jobs of a server until SIGTERM or Ctrl-C, under what its administrator decided."""
    from .server import on_server

    team = open_team(settings)
    try:
        with on_server(settings):
            works = {
                kind: _of_review(work, lambda job: _site_review(team, settings, job), on_server=True)
                for kind, work in WORKS.items()
            }
            worker = Worker(team, works, at_once=settings.jobs.at_once)
            if with_parent:
                _end_with_parent(worker, worker.keys, threading.Event())
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: worker.end())
            worker.run()
    finally:
        team.close()


def _of_review(work: ReviewWork, review_of: Callable[[GivenJob], JobReview], *, on_server: bool = False) -> Work:
    def do(job: GivenJob, report: ReportsProgress, stop: threading.Event) -> object:
        review = review_of(job)
        try:
            return work(review, report, stop)
        except (BadInput, LedgerError) as error:
            if not on_server:
                raise
            if isinstance(error, LedgerError):  # what people are told does not say where the ledger is
                print(f"worker: {error}", file=sys.stderr, flush=True)
            raise BadInput(without_folder(told_on_page(error, on_server=True), review.folder)) from None

    return do


def _local_review(job: GivenJob) -> JobReview:
    folder = Path(job.review)
    if not is_review(folder):
        raise BadInput(f"{folder}: the review is not there any more; if its folder was moved, open it again")
    return JobReview(folder, None, job)


def _site_review(team: Team, settings: ServerSettings, job: GivenJob) -> JobReview:
    review = site_review(team, job.review)
    if review is None or review.archived:
        raise BadInput("the review is not on this server any more")
    return JobReview(
        review.folder, review.ledger_url(settings.on_postgresql), job, settings.jobs.budget_of(review.slug)
    )


def _end_with_parent(worker: Worker, keys: JobKeys, ended: threading.Event) -> None:
    """Have the worker end with the process that holds the other end of its standard input, and take keys from there."""

    def listen() -> None:
        keys.read_from(sys.stdin)
        ended.set()
        worker.end()
        time.sleep(_GRACE_S)
        os._exit(1)  # what is under way takes too long: the job goes on later from what is stored

    threading.Thread(target=listen, daemon=True).start()


def main() -> None:
    """Work as the arguments say."""
    where = Path(sys.argv[2])
    if sys.argv[1] == "local":
        work_locally(where)
    else:
        work_on_server(read_settings(where), with_parent=True)


if __name__ == "__main__":
    main()
