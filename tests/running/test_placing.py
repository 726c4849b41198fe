"""Tasks that are given to workers one by one: no worker has too many, and what a worker had that ended is known."""

import operator
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from screener.core.errors import BadInput, WorkerEnded
from screener.running.placing import PlacingExecutor


class HeldWorker(Executor):
    """A worker whose tasks are done when the test says so."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Any, Future[Any]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.tasks.append((lambda: fn(*args), future))
        return future

    def finish(self) -> None:
        """Do what it has."""
        tasks, self.tasks = self.tasks, []
        for task, future in tasks:
            if future.set_running_or_notify_cancel():
                future.set_result(task())


def placed(again: int = 0, *most: int) -> tuple[PlacingExecutor, list[HeldWorker]]:
    executor, workers = PlacingExecutor(again), [HeldWorker() for _ in most]
    for number, (worker, room) in enumerate(zip(workers, most, strict=True)):
        executor.add(str(number), worker, room)
    return executor, workers


def test_no_worker_has_more_than_it_can_do_and_the_others_wait() -> None:
    executor, workers = placed(0, 2, 2)
    futures = [executor.submit(operator.neg, n) for n in range(7)]
    assert [len(worker.tasks) for worker in workers] == [2, 2]
    assert executor.most == 4
    while not all(future.done() for future in futures):
        for worker in workers:
            worker.finish()
    assert [future.result() for future in futures] == [0, -1, -2, -3, -4, -5, -6]


def test_a_task_whose_worker_ends_is_not_given_to_another_untold() -> None:
    executor, (first, second) = placed(0, 1, 1)
    lost, other, waiting = (executor.submit(operator.neg, n) for n in (1, 2, 3))
    executor.drop("0")
    with pytest.raises(WorkerEnded):
        lost.result(timeout=0)
    assert executor.ended == 1
    first.finish()  # what a worker says after it was given up is not heard
    second.finish()
    second.finish()
    assert (other.result(timeout=0), waiting.result(timeout=0)) == (-2, -3)


def test_a_task_that_costs_nothing_is_given_to_another_but_not_for_ever() -> None:
    executor, workers = placed(1, 1, 1)
    task = executor.submit(operator.neg, 1)
    executor.drop("0")
    assert len(workers[1].tasks) == 1
    workers[1].finish()
    assert task.result(timeout=0) == -1
    deadly = executor.submit(operator.neg, 2)
    executor.drop("1")
    executor.add("2", HeldWorker(), 1)
    executor.drop("2")
    with pytest.raises(BadInput, match="a worker ended 2 times"):
        deadly.result(timeout=0)


def test_tasks_wait_for_a_worker_that_comes_later() -> None:
    executor, _ = placed()
    future = executor.submit(operator.neg, 1)
    late = HeldWorker()
    executor.add("late", late, 1)
    late.finish()
    assert future.result(timeout=0) == -1


def test_a_task_that_nobody_waits_for_makes_room() -> None:
    executor, [worker] = placed(0, 1)
    first, second = executor.submit(operator.neg, 1), executor.submit(operator.neg, 2)
    assert first.cancel()
    assert [future.cancelled() for _, future in worker.tasks] == [True, False]
    worker.finish()
    assert second.result(timeout=0) == -2


def test_what_waits_fails_when_there_will_be_no_worker() -> None:
    executor, _ = placed()
    future = executor.submit(operator.neg, 1)
    executor.fail(BadInput("no worker is left"))
    with pytest.raises(BadInput, match="no worker is left"):
        future.result(timeout=0)
    with pytest.raises(BadInput, match="no worker is left"):
        executor.submit(operator.neg, 1)
