import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support import ROOT

from screener.core.errors import BadInput
from screener.core.job_work import GivenJob, ReportsProgress, StoppedEarly
from screener.team import jobs
from screener.team import tables as t
from screener.team.audit import TERMINAL, acts
from screener.team.database import Team
from screener.team.jobs import JobProgress, JobState, LeaseState
from screener.team.worker import KEYS, JobKeys, Worker

from .conftest import opened

KILLS = 5
LEASE = timedelta(seconds=30)
Later = Callable[..., None]


def asked(team: Team, name: str = "a", **more: Any) -> int:
    return jobs.ask(team, TERMINAL, "files", "sleep", {"name": name, **more}).id


def state_of(team: Team, number: int) -> JobState:
    job = jobs.job(team, number)
    assert job is not None
    return job.state


def eventually(true: Callable[[], Any], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


def test_jobs_are_done_in_the_order_in_which_they_were_asked_for(team: Team) -> None:
    numbers = [asked(team, name) for name in "abc"]
    done: list[str] = []
    worker = Worker(team, {"files": lambda job, report, stop: done.append(job.args["name"])})
    while worker.run_one():
        pass
    assert done == ["a", "b", "c"]
    assert [job.state for job in jobs.jobs(team, "sleep")] == [JobState.DONE] * 3
    assert [job.id for job in jobs.jobs(team, "sleep")] == numbers[::-1]
    assert jobs.jobs(team, "other") == jobs.jobs(team, only_open=True) == []


def test_reviews_take_turns_however_many_jobs_one_has(team: Team) -> None:
    for review, name in [("many", "a"), ("many", "b"), ("many", "c"), ("late", "d"), ("many", "e"), ("late", "f")]:
        jobs.ask(team, TERMINAL, "files", review, {"name": name})
    done: list[str] = []
    worker = Worker(team, {"files": lambda job, report, stop: done.append(job.args["name"])})
    while worker.run_one():
        pass
    assert "".join(done) == "adbfce"


def test_a_review_has_one_run_under_way_and_other_kinds_do_not_wait_for_it(team: Team) -> None:
    for kind, review in [("run", "a"), ("run", "a"), ("files", "a"), ("run", "b")]:
        jobs.ask(team, TERMINAL, kind, review, {"number": len(jobs.jobs(team))})
    taken = [jobs.take(team, f"worker {number}", ["run", "files"], LEASE) for number in range(4)]
    assert [(job.kind, job.review) if job else None for job in taken] == [
        ("run", "a"),
        ("run", "b"),
        ("files", "a"),
        None,
    ]
    assert taken[0] is not None
    jobs.end(team, "worker 0", taken[0].id, JobState.DONE)
    assert (second := jobs.take(team, "worker 0", ["run"], LEASE)) is not None
    assert (second.kind, second.review) == ("run", "a")


@contextmanager
def at_work(worker: Worker) -> Iterator[threading.Thread]:
    """A worker in a thread of its own, which ends with the block."""
    running = threading.Thread(target=worker.run, daemon=True)
    running.start()
    try:
        yield running
    finally:
        worker.end()
        running.join(30)


def test_a_worker_does_several_jobs_at_once_and_keeps_a_place_for_other_reviews(team: Team) -> None:
    begun, go_on = list[str](), threading.Event()

    def waits(job: GivenJob, report: ReportsProgress, stop: threading.Event) -> None:
        begun.append(job.review)
        while not (stop.wait(0.01) or go_on.is_set()):
            pass

    for number in range(4):
        jobs.ask(team, TERMINAL, "files", "many", {"number": number})
    with at_work(Worker(team, {"files": waits}, at_once=3)):
        eventually(lambda: len(begun) == 2)
        jobs.ask(team, TERMINAL, "files", "other", {})
        eventually(lambda: len(begun) == 3)
        assert begun == ["many", "many", "other"]
        assert len(jobs.jobs(team, "many", only_open=True)) == 4
        go_on.set()
        eventually(lambda: not jobs.jobs(team, only_open=True))
    assert {job.state for job in jobs.jobs(team)} == {JobState.DONE}


def test_jobs_of_a_worker_that_ends_are_all_given_back(team: Team) -> None:
    for review in "ab":
        jobs.ask(team, TERMINAL, "files", review, {})
    begun = list[str]()

    def waits(job: GivenJob, report: ReportsProgress, stop: threading.Event) -> None:
        begun.append(job.review)
        stop.wait(60)
        raise StoppedEarly

    with at_work(Worker(team, {"files": waits}, at_once=2)) as running:
        eventually(lambda: len(begun) == 2)
    assert not running.is_alive()
    assert [job.state for job in jobs.jobs(team)] == [JobState.WAITING] * 2


def test_a_job_that_is_open_already_is_not_begun_a_second_time(team: Team) -> None:
    first = jobs.ask(team, TERMINAL, "run", "sleep", {"stage": "abstract", "limit": 2})
    assert jobs.ask(team, TERMINAL, "run", "sleep", {"limit": 2, "stage": "abstract"}) == first
    others = [("run", "other", {"stage": "abstract", "limit": 2}), ("run", "sleep", {"stage": "abstract"})]
    assert len({first.id, *(jobs.ask(team, TERMINAL, *other).id for other in others)}) == 3


def test_of_many_workers_one_gets_a_job(team: Team, team_url: str) -> None:
    for name in "abcdefghij":
        asked(team, name)
    start = threading.Barrier(5)

    def take_all(worker: int) -> list[int]:
        own, taken = opened(team_url), list[int]()
        start.wait()
        while job := jobs.take(own, f"worker {worker}", ["files"], LEASE):
            taken.append(job.id)
        own.close()
        return taken

    with ThreadPoolExecutor(5) as pool:
        counted = Counter(number for taken in pool.map(take_all, range(5)) for number in taken)
    assert counted == Counter(dict.fromkeys((job.id for job in jobs.jobs(team)), 1))


def test_a_worker_takes_only_the_kinds_that_it_knows(team: Team) -> None:
    asked(team)
    assert jobs.take(team, "w", ["report"], LEASE) is None
    assert jobs.take(team, "w", ["report", "files"], LEASE) is not None


def test_the_job_of_a_worker_that_is_gone_goes_to_another_one_and_the_first_is_told(team: Team, later: Later) -> None:
    number = asked(team)
    assert jobs.take(team, "first", ["files"], LEASE)
    assert jobs.renew(team, "first", number, LEASE, JobProgress(3, 10, "three")) is LeaseState.HELD
    assert jobs.take(team, "second", ["files"], LEASE) is None
    later(seconds=31)
    job = jobs.take(team, "second", ["files"], LEASE)
    assert job is not None
    assert (job.id, job.tries, job.progress) == (number, 2, JobProgress(3, 10, "three", begun_at=3))
    assert jobs.renew(team, "first", number, LEASE) is LeaseState.LOST
    assert not jobs.end(team, "first", number, JobState.DONE, result="of the first")
    assert jobs.end(team, "second", number, JobState.DONE, result="of the second")
    ended = jobs.job(team, number)
    assert ended is not None
    assert (ended.state, ended.result) == (JobState.DONE, "of the second")


def test_a_job_that_loses_its_worker_three_times_without_getting_on_is_called_failed(team: Team, later: Later) -> None:
    number = asked(team)
    for _ in range(5):  # gets on each time
        job = jobs.take(team, "w", ["files"], LEASE)
        assert job is not None
        jobs.renew(team, "w", number, LEASE, JobProgress(job.progress.done + 1, begun_at=job.progress.begun_at))
        later(seconds=31)
    for _ in range(jobs.MOST_FRUITLESS):
        assert jobs.take(team, "w", ["files"], LEASE) is not None
        later(seconds=31)
    assert jobs.take(team, "w", ["files"], LEASE) is None
    failed = jobs.job(team, number)
    assert failed is not None
    assert (failed.state, failed.tries) == (JobState.FAILED, 8)
    assert "ended 3 times in a row without getting on" in failed.problem
    jobs.again(team, TERMINAL, number)
    assert jobs.take(team, "w", ["files"], LEASE) is not None


def test_a_job_that_waits_is_stopped_at_once_and_can_go_on(team: Team) -> None:
    number = asked(team)
    jobs.stop(team, TERMINAL, number)
    assert state_of(team, number) is JobState.STOPPED
    assert jobs.take(team, "w", ["files"], LEASE) is None
    with pytest.raises(BadInput, match="ended already"):
        jobs.stop(team, TERMINAL, number)
    jobs.again(team, TERMINAL, number)
    with pytest.raises(BadInput, match="stopped or that failed"):
        jobs.again(team, TERMINAL, number)
    assert state_of(team, number) is JobState.WAITING
    assert [act.act for act in acts(team)] == ["go on with files", "stop files", "start files"]


def test_a_job_whose_worker_is_gone_and_that_was_to_stop_is_not_begun_again(team: Team, later: Later) -> None:
    number = asked(team)
    jobs.take(team, "w", ["files"], LEASE)
    jobs.stop(team, TERMINAL, number)
    assert [job.stopping for job in jobs.jobs(team)] == [True]
    later(seconds=31)
    assert jobs.take(team, "w", ["files"], LEASE) is None
    assert state_of(team, number) is JobState.STOPPED


@contextmanager
def working(team: Team, work: Any, keys: JobKeys | None = None) -> Iterator[Worker]:
    """A worker in a thread."""
    worker = Worker(team, {"files": work}, keys=keys, lease=timedelta(seconds=2))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.end()
        thread.join()


def count(job: GivenJob, report: ReportsProgress, stop: threading.Event) -> str:
    """Goes on until it is stopped, from where `report` had come to."""
    for step in range(1, 10_000):
        report(step, None, f"step {step}")
        if stop.wait(0.02):
            raise StoppedEarly({"step": step})
    return "never"


def test_a_running_job_says_how_far_it_is_and_stops_when_it_is_asked_to(team: Team) -> None:
    number = asked(team)
    with working(team, count):
        eventually(lambda: (job := jobs.job(team, number)) and job.progress.done > 3)
        jobs.stop(team, TERMINAL, number)
        eventually(lambda: state_of(team, number) is JobState.STOPPED)
    job = jobs.job(team, number)
    assert job is not None
    assert job.progress.sentence == f"step {job.progress.done}"
    assert job.result == {"step": job.progress.done}


def test_a_worker_that_ends_gives_its_job_back(team: Team) -> None:
    number = asked(team)
    with working(team, count):
        eventually(lambda: state_of(team, number) is JobState.RUNNING)
    assert state_of(team, number) is JobState.WAITING
    with working(team, lambda job, report, stop: "done"):
        eventually(lambda: state_of(team, number) is JobState.DONE)


@pytest.mark.slow
def test_a_job_that_takes_longer_than_its_lease_stays_with_its_worker(team: Team, team_url: str) -> None:
    number, go_on = asked(team), threading.Event()
    with working(team, lambda job, report, stop: go_on.wait(30) and "done"):
        eventually(lambda: state_of(team, number) is JobState.RUNNING)
        other, limit = opened(team_url), time.monotonic() + 3
        while time.monotonic() < limit:
            assert jobs.take(other, "other", ["files"], LEASE) is None
            time.sleep(0.1)
        other.close()
        go_on.set()
        eventually(lambda: state_of(team, number) is JobState.DONE)


def test_a_worker_whose_job_was_taken_over_is_stopped_and_its_result_does_not_count(team: Team) -> None:
    number, stopped = asked(team), threading.Event()

    def go_on_too_long(job: GivenJob, report: ReportsProgress, stop: threading.Event) -> str:
        jobs_ = t.jobs
        with team.write() as connection:
            connection.execute(jobs_.update().where(jobs_.c.id == number).values(holder="another"))
        assert stop.wait(20)
        stopped.set()
        return "of the first"

    with working(team, go_on_too_long):
        assert stopped.wait(20)
    assert state_of(team, number) is JobState.RUNNING
    assert jobs.end(team, "another", number, JobState.DONE, result="of the other")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadInput("review.yaml:3: no such stage; write `abstract`"), "review.yaml:3: no such stage; write `abstract`"),
        (ZeroDivisionError("secret text"), "it failed unexpectedly (ZeroDivisionError); the worker's log has more"),
    ],
)
def test_what_goes_wrong_is_told_in_a_line_and_the_worker_lives(
    team: Team, error: Exception, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(job: GivenJob, report: ReportsProgress, stop: threading.Event) -> None:
        if job.args["name"] == "bad":
            raise error

    bad, good = asked(team, "bad"), asked(team, "good")
    worker = Worker(team, {"files": fail})
    assert worker.run_one()
    assert worker.run_one()
    failed = jobs.job(team, bad)
    assert failed is not None
    assert (failed.state, failed.problem, failed.wants_key) == (JobState.FAILED, told, False)
    assert state_of(team, good) is JobState.DONE


def test_a_key_goes_to_one_job_in_memory_alone(team: Team) -> None:
    keys, seen = JobKeys(), list[Any]()
    name = keys.new_name()
    keys.read_from(["no json", json.dumps({"name": name, "keys": {"MY_KEY": "sk-secret-value"}}), "{}"])
    worker = Worker(team, {"files": lambda job, report, stop: seen.append((dict(job.args), dict(job.keys)))}, keys=keys)
    asked(team, "with", **{KEYS: name})
    asked(team, "without")
    assert worker.run_one()
    assert worker.run_one()
    assert seen == [({"name": "with"}, {"MY_KEY": "sk-secret-value"}), ({"name": "without"}, {})]
    with team.read() as connection:
        everything = str([connection.execute(select(table)).all() for table in t.metadata.sorted_tables])
    assert "sk-secret" not in everything
    assert keys.get(name) is None


def test_a_worker_that_has_lost_the_key_says_so_and_the_job_goes_on_with_a_new_one(team: Team) -> None:
    keys = JobKeys()
    number = asked(team, "a", **{KEYS: "lost"})
    worker = Worker(team, {"files": lambda job, report, stop: sorted(job.keys)}, keys=keys)
    assert worker.run_one()
    failed = jobs.job(team, number)
    assert failed is not None
    assert (failed.wants_key, failed.result) == (True, None)
    assert failed.problem == "the key was entered for this job only, and is gone; enter it again"
    keys.put("new", {"MY_KEY": "sk-other"})
    jobs.again(team, TERMINAL, number, {**failed.args, KEYS: "new"})
    assert worker.run_one()
    done = jobs.job(team, number)
    assert done is not None
    assert (done.state, done.result, done.wants_key) == (JobState.DONE, ["MY_KEY"], False)


def worker_process(team: Team, folder: Path) -> "subprocess.Popen[str]":
    """A worker as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    url = team.engine.url.set(drivername=team.engine.dialect.name).render_as_string(hide_password=False)
    command = [sys.executable, "-m", "support.team_worker", url, str(folder)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def at_a_job(team: Team, processes: "list[subprocess.Popen[str]]") -> list[int]:
    """Which of the processes are at a job just now."""
    with team.read() as connection:
        holders = connection.execute(select(t.jobs.c.holder).where(t.jobs.c.state == "running")).scalars()
        working = {int(holder.split(":")[1]) for holder in holders}
    return [at for at, process in enumerate(processes) if process.pid in working]


def all_done(team: Team, numbers: list[int]) -> bool:
    """Whether all jobs are done; one that was killed thrice before it got on says so, and goes on when it is told to."""
    rows = [job for job in jobs.jobs(team, most=1000) if job.id in numbers]
    for job in rows:
        if job.state is JobState.FAILED:
            assert "without getting on" in job.problem
            jobs.again(team, TERMINAL, job.id)
    return all(job.state is JobState.DONE for job in rows)


@pytest.mark.slow
def test_workers_that_are_killed_lose_no_job_and_do_none_twice(team: Team, tmp_path: Path) -> None:
    """Real processes: time and again one of them is killed with -9 in the middle of a job."""
    steps, folder, numbers, killed = 20, tmp_path / "made", list[int](), 0
    folder.mkdir()
    chance = random.Random(18)
    processes = [worker_process(team, folder) for _ in range(3)]
    try:
        while killed < KILLS:
            if len(jobs.jobs(team, only_open=True)) < 4:
                numbers.append(asked(team, f"job{len(numbers)}", steps=steps, seconds=0.1))
            time.sleep(chance.uniform(0, 0.5))
            if at := at_a_job(team, processes):
                chosen = chance.choice(at)
                processes[chosen].kill()
                processes[chosen].wait()
                processes[chosen] = worker_process(team, folder)
                killed += 1
        eventually(lambda: all_done(team, numbers), 180)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    rows = jobs.jobs(team, most=1000)
    assert {job.id: job.result for job in rows} == {number: {"made": steps, "keys": []} for number in numbers}
    assert [job.progress.done for job in rows] == [steps] * len(numbers)
    assert sum(job.tries - 1 for job in rows) >= KILLS * 3 // 4, "the workers that were killed were at no job"
    assert not list(folder.glob("*.twice"))
    assert len(list(folder.glob("job*.[0-9]*"))) == len(numbers) * steps
    assert set((folder / "finished").read_text().split()) == {f"job{number}" for number in range(len(numbers))}


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_does_so_and_its_job_goes_on_with_the_next(team: Team, tmp_path: Path) -> None:
    number = asked(team, "a", steps=40, seconds=0.1)
    first = worker_process(team, tmp_path)
    eventually(lambda: (tmp_path / "a.3").exists())
    first.send_signal(signal.SIGTERM)
    assert first.wait(30) == 0
    assert state_of(team, number) is JobState.WAITING
    second = worker_process(team, tmp_path)
    try:
        eventually(lambda: state_of(team, number) is JobState.DONE)
    finally:
        second.kill()
        second.wait()
