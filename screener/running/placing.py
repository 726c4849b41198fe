"""An executor over several workers that gives each task to one of them, and knows what was under way when a worker ended.

Dask itself would give the tasks of a worker that ended to another one, unasked: a call that may have been paid for would
go out again, past the budget and the limits on the pace. So each task is bound to the worker that it was given to.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import BadInput, WorkerEnded


@dataclass(eq=False)
class _Task:
    """A task with its future, and how often a worker ended that had it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    future: "Future[Any]" = field(default_factory=Future)
    given: "Future[Any] | None" = None
    """The future of the worker that has it."""
    ends: int = 0


@dataclass(eq=False)
class _Place:
    """A worker: what gives it tasks, how many it may have at once, and those that it has."""

    executor: Executor
    most: int
    tasks: set[_Task] = field(default_factory=set)


class PlacingExecutor(Executor):
    """Gives each task to the worker that has the fewest, none of them more than it can do at once; the others wait here.

    A task whose worker ends is given to another one up to `again` times, and then raises `BadInput`; where it may not be, it
    raises `WorkerEnded`.
    """

    def __init__(self, again: int = 0) -> None:
        """Begin without workers: tasks wait for the first one."""
        self.ended = 0
        """How many tasks were under way when their workers ended."""
        self._again = again
        self._lock = threading.RLock()
        self._places: dict[str, _Place] = {}
        self._waiting: deque[_Task] = deque()
        self._failure: Exception | None = None

    @property
    def most(self) -> int:
        """Return how many tasks may be under way at once now."""
        with self._lock:
            return sum(place.most for place in self._places.values())

    def add(self, name: str, executor: Executor, most: int) -> None:
        """Take in a worker, by what gives it tasks."""
        with self._lock:
            self._places[name] = _Place(executor, most)
        self._give()

    def drop(self, name: str) -> None:
        """Part with a worker that ended: what it had under way is given to another one, or fails."""
        with self._lock:
            place = self._places.pop(name, None)
            if place is None:
                return
            tasks, place.tasks = place.tasks, set()
        for task in tasks:
            if task.given is not None:
                task.given.cancel()
            self._lost(task)
        self._give()

    def fail(self, failure: Exception) -> None:
        """Have what waits fail, and whatever comes."""
        with self._lock:
            self._failure = failure
            waiting, self._waiting = list(self._waiting), deque()
        for task in waiting:
            _settle(task.future, failure)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Return the future of `fn(*args)`; there are no keywords."""
        if kwargs:
            raise TypeError("a task takes no keywords")
        task = _Task(fn, args)
        with self._lock:
            if self._failure is not None:
                raise self._failure
            self._waiting.append(task)
        task.future.add_done_callback(lambda future: self._abandon(task) if future.cancelled() else None)
        self._give()
        return task.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Have what waits fail; the workers are not ended."""
        self.fail(RuntimeError("the workers were let go"))

    def _give(self) -> None:
        """Give waiting tasks to workers that have room."""
        while True:
            with self._lock:
                free = [place for place in self._places.values() if len(place.tasks) < place.most]
                if not free or not self._waiting:
                    return
                task, place = self._waiting.popleft(), min(free, key=lambda place: len(place.tasks) / place.most)
                if task.future.cancelled():
                    continue
                place.tasks.add(task)
            try:
                given = place.executor.submit(task.function, *task.arguments)
            except Exception as error:
                with self._lock:
                    place.tasks.discard(task)
                _settle(task.future, error)
                continue
            with self._lock:
                still_there = task in place.tasks
                if still_there:
                    task.given = given
            if not still_there:  # the worker ended meanwhile
                given.cancel()
            given.add_done_callback(lambda done, task=task, place=place: self._done(task, place, done))  # type: ignore[misc]

    def _done(self, task: _Task, place: _Place, given: "Future[Any]") -> None:
        with self._lock:
            if task not in place.tasks:
                return
            place.tasks.discard(task)
        try:
            result = given.result()
        except WorkerEnded:
            self._lost(task)
        except CancelledError:
            _settle(task.future, RuntimeError("the task was taken back"))
        except Exception as error:
            _settle(task.future, error)
        else:
            if task.future.set_running_or_notify_cancel():
                task.future.set_result(result)
        self._give()

    def _lost(self, task: _Task) -> None:
        task.ends += 1
        if task.future.cancelled():
            return
        with self._lock:
            self.ended += 1
            again = task.ends <= self._again and self._failure is None
            if again:
                task.given = None
                self._waiting.appendleft(task)
        if not again:
            _settle(
                task.future,
                WorkerEnded("the worker ended before it answered")
                if not self._again
                else BadInput(
                    f"a worker ended {task.ends} times in a row over the same task; has each memory enough? What was done is "
                    "kept: run the same again"
                ),
            )

    def _abandon(self, task: _Task) -> None:
        """Take back a task that nobody waits for any more."""
        with self._lock:
            for place in self._places.values():
                place.tasks.discard(task)
        if task.given is not None:
            task.given.cancel()
        self._give()


def _settle(future: "Future[Any]", error: Exception) -> None:
    if future.set_running_or_notify_cancel():
        future.set_exception(error)
