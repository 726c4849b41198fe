"""Jobs on one's own machine: a real worker process does them, ends with the program, and is replaced where it is killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support import ROOT
from support.team_worker import alive
from support.waiting import PATIENCE, at_once, until
from support.web_app import small_review

pytest.importorskip("fastapi")

from screener.core.errors import BadInput
from screener.ledger.file_lock import lock_file
from screener.protocol import Review
from screener.team import jobs
from screener.team.audit import TERMINAL
from screener.team.database import Team
from screener.team.jobs import Job, JobState
from screener.web.job_board import NAMES
from screener.web.local_jobs import LOCK, LocalJobs

RUN = {"stage": "abstract", "reviewer": "embedded"}


def eventually(true: Callable[[], Any], seconds: float = 60) -> Any:
    limit = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)
    return found


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return small_review(tmp_path / "review")


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalJobs]:
    made = LocalJobs(tmp_path / "data")
    yield made
    made.close()
    eventually(lambda: made.worker.pid is None)


def ended(job: Callable[[], Job]) -> Job:
    return eventually(lambda: found if (found := job()).state not in (JobState.WAITING, JobState.RUNNING) else None)  # type: ignore[no-any-return]


def test_a_job_is_done_by_a_process_that_ends_with_the_program(local: LocalJobs, review: Review) -> None:
    board = local.board(review.root, "anna")
    assert board.newest("run") is None
    assert local.worker.pid is None
    asked = board.ask("run", RUN)
    assert local.worker.pid is not None
    assert [job.id for job in board.open_jobs()] == [asked.id]
    done = ended(lambda: board.job(asked.id))
    assert (done.state, done.result["decided"], done.asked_by) == (JobState.DONE, 14, "anna")
    assert board.newest("run") == done
    elsewhere = local.board(review.root.parent, "anna")
    with pytest.raises(BadInput, match="no such job"):
        elsewhere.job(asked.id)
    assert elsewhere.newest("run") is None


def test_a_kind_that_nobody_knows_is_for_nobody(local: LocalJobs, review: Review) -> None:
    board = local.board(review.root, "anna")
    with pytest.raises(BadInput, match="may not do this"):
        board.ask("format the disk", {})
    assert local.worker.pid is None


@pytest.mark.slow
def test_the_worker_ends_by_itself_when_the_program_is_killed(review: Review, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from screener.web.local_jobs import LOCK, LocalJobs\n"
        "jobs = LocalJobs(Path(sys.argv[1])); jobs.see_to(); print(jobs.worker.pid, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, str(tmp_path / "data")]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert started.stdout is not None
    worker = int(started.stdout.readline())
    assert alive(worker)
    started.send_signal(signal.SIGKILL)
    started.wait()
    eventually(lambda: not alive(worker))


def test_a_worker_that_is_killed_is_replaced_and_told_the_keys_again(local: LocalJobs, review: Review) -> None:
    board = local.board(review.root, "anna")
    local.see_to()
    first = local.worker.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)  # so that the job is not done before the worker is killed
    asked = board.ask("run", RUN, {"SOME_KEY": "sk-a-secret-of-anna"})
    assert asked.args[NAMES] == ["SOME_KEY"]
    os.kill(first, signal.SIGKILL)
    assert ended(lambda: board.job(asked.id)).state is JobState.DONE
    assert local.worker.pid != first
    assert [path for path in local.folder.rglob("*") if path.is_file() and b"sk-a-secret" in path.read_bytes()] == []


def test_a_double_click_makes_one_job(local: LocalJobs, review: Review) -> None:
    board = local.board(review.root, "anna")
    local.see_to()
    worker = local.worker.pid
    assert worker is not None
    os.kill(worker, signal.SIGSTOP)  # so that the job is not done before it is asked for again
    try:
        with ThreadPoolExecutor(2) as pool:
            with local.team.write():
                clicks = [pool.submit(board.ask, "run", RUN, {"SOME_KEY": "sk-a-secret-of-anna"}) for _ in range(2)]
                until(lambda: at_once("ask") == len(clicks))
            first, second = (click.result(PATIENCE) for click in clicks)
        assert first == second
        assert [job.id for job in board.open_jobs()] == [first.id]
        assert len(local.worker._keys.all()) == 1
    finally:
        os.kill(worker, signal.SIGCONT)
    assert ended(lambda: board.job(first.id)).state is JobState.DONE


@pytest.mark.slow
def test_a_worker_is_replaced_though_the_table_of_jobs_fails_at_that_moment(local: LocalJobs, review: Review) -> None:
    board = local.board(review.root, "anna")
    local.see_to()
    first = local.worker.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    asked = board.ask("run", RUN)
    with closing(sqlite3.connect(local.folder / "team.db")) as table:
        table.execute("ALTER TABLE jobs RENAME TO elsewhere")
        os.kill(first, signal.SIGKILL)
        eventually(lambda: not alive(first))
        time.sleep(0.5)  # it is asked for meanwhile
        assert local.worker.pid is None
        table.execute("ALTER TABLE elsewhere RENAME TO jobs")
    assert ended(lambda: board.job(asked.id)).state is JobState.DONE


@pytest.mark.slow
def test_what_an_earlier_program_left_open_is_stopped_and_goes_on_when_it_is_told_to(
    local: LocalJobs, review: Review
) -> None:
    earlier = LocalJobs(local.folder)
    asked = earlier.board(review.root, "anna").ask("run", RUN)
    worker = earlier.worker.pid
    assert worker is not None
    earlier.worker.wanted = lambda: False
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: not alive(worker))
    board = local.board(review.root, "anna")
    if (found := board.job(asked.id)).state is not JobState.DONE:  # it may have been quicker than the kill
        assert found.state is JobState.STOPPED
        board.again(asked.id)
    assert ended(lambda: board.job(asked.id)).state is JobState.DONE
    earlier.close()


@pytest.mark.slow
def test_what_an_earlier_program_left_open_is_done_once_its_worker_has_ended(local: LocalJobs, review: Review) -> None:
    local.folder.mkdir()
    earlier = Team.in_file(local.folder / "team.db")
    with (local.folder / LOCK).open("wb") as file:
        assert lock_file(file)  # as its worker does while it finishes what is under way
        asked = jobs.ask(earlier, TERMINAL, "run", str(review.root.resolve()), RUN)
        board = local.board(review.root, "anna")
        assert board.job(asked.id).state is JobState.WAITING
    assert ended(lambda: board.job(asked.id)).state is JobState.DONE
    earlier.close()
