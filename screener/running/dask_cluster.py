"""Workers of dask.distributed: found or started, checked, watched, and given tasks one by one."""

import asyncio
import logging
import os
import platform
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from .. import __version__
from ..core.errors import BadInput, WorkerEnded
from .executors import Workforce
from .placing import PlacingExecutor

_CONNECT_S, _FIRST_S, _NONE_LEFT_S = 10, 10, 60.0
"""Seconds for a scheduler to answer, for a first worker to be there, and for one to come when all have ended."""
_AGAIN = 5
"""So often a task that costs nothing is given to another worker."""
_SETTINGS = {
    "distributed.admin.large-graph-warning-threshold": "1GB",  # a PDF is no mistake
    "distributed.comm.timeouts.connect": f"{_CONNECT_S}s",
}


@dataclass(frozen=True)
class WorkerFacts:
    """What a worker says of itself."""

    program: str
    """The version of this program, and that of Python."""
    threads: int
    """So many calls it may have under way at once."""
    cores: int
    host: str


def worker_facts(dask_worker: Any) -> WorkerFacts:
    """Return what this worker is; Dask gives it as `dask_worker`."""
    return WorkerFacts(_program(), dask_worker.state.nthreads, os.cpu_count() or 1, socket.gethostname())


def ignore_ctrl_c() -> None:
    """Have this worker leave Ctrl-C to the program that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _program() -> str:
    return f"screener {__version__} on Python {'.'.join(platform.python_version_tuple()[:2])}"


class _OneWorker(Executor):
    """Gives tasks to one worker and to no other, once. Dask's own executor has no end for a task whose scheduler is gone."""

    def __init__(self, client: Client, name: str) -> None:
        self._client, self._name = client, name

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Return the future of `fn(*args)`. It raises `WorkerEnded` where the worker has, `BadInput` where the scheduler has."""
        task = self._client.submit(
            fn, *args, **kwargs, workers=[self._name], allow_other_workers=False, pure=False, retries=0
        )
        return asyncio.run_coroutine_threadsafe(self._outcome(task), self._client.loop.asyncio_loop)

    async def _outcome(self, task: Any) -> Any:
        """Return what came of a task. Cancelled, it lets go of the task, which Dask then forgets."""
        try:
            return await task
        except (FutureCancelledError, KilledWorker):
            if self._client.status == "running":
                raise WorkerEnded("the worker ended before it answered") from None
            raise BadInput("the Dask scheduler is gone; what was done is kept, so run the same again") from None


class Cluster(Workforce):
    """Workers that a scheduler has, now and later.

    Of calls a worker has as many under way as it has threads, of tasks that compute as many as it has cores of its machine
    to itself.
    """

    def __init__(self, client: Client, address: str) -> None:
        """Take in the workers that are there. Raises `BadInput` where there is none, or one that cannot be used."""
        self._placing = PlacingExecutor(), PlacingExecutor(_AGAIN)
        super().__init__(*self._placing)
        self.address = address
        self._client, self._closed = client, False
        self._facts: dict[str, WorkerFacts] = {}
        self._wanted: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self._lock = threading.RLock()
        client.subscribe_topic("all", self._heard)
        try:
            client.wait_for_workers(1, timeout=_FIRST_S)
        except TimeoutError:
            raise BadInput(
                f"{address}: the scheduler has no worker; start some: dask worker {address} --nthreads 8"
            ) from None
        for name, facts in self._asked(worker_facts).items():
            self._take(name, facts)

    @property
    def workers(self) -> int:
        """Return how many workers there are."""
        return len(self._facts)

    def want(self, check: Callable[..., Any], *arguments: Any) -> None:
        """Have each worker run a check; see `Workforce`."""
        self._wanted.append((check, arguments))
        self._asked(check, *arguments)

    def close(self) -> None:
        """Give no more tasks."""
        self._closed = True
        self._client.unsubscribe_topic("all")
        for executor in self._placing:
            executor.shutdown()

    def _asked(self, function: Callable[..., Any], *arguments: Any, only: str | None = None) -> Mapping[str, Any]:
        """Return what a function returns on each worker. Raises `BadInput` for one where it cannot be run."""
        workers = None if only is None else [only]
        answers = self._client.run(function, *arguments, workers=workers, on_error="return")
        for name, answer in answers.items():
            if isinstance(answer, BadInput):
                raise BadInput(f"the worker {name}: {answer}")
            if isinstance(answer, ImportError | AttributeError):
                raise BadInput(
                    f"the worker {name} has not this version of the program ({_program()}): {answer}; install it there"
                )
            if isinstance(answer, OSError):
                continue  # it has ended
            if isinstance(answer, Exception):
                raise BadInput(f"the worker {name}: {type(answer).__name__}: {answer}")
        return {name: answer for name, answer in answers.items() if not isinstance(answer, Exception)}

    def _take(self, name: str, facts: WorkerFacts) -> None:
        """Take a worker in. Raises `BadInput` where it has another version."""
        if facts.program != _program():
            raise BadInput(
                f"the worker {name} has {facts.program}, and this is {_program()}; install the same in both places"
            )
        with self._lock:
            if name in self._facts:
                return
            self._facts[name] = facts
            alike = sum(other.host == facts.host for other in self._facts.values())
        for placing, most in zip(
            self._placing, (facts.threads, max(1, min(facts.threads, facts.cores // alike))), strict=True
        ):
            placing.add(name, _OneWorker(self._client, name), most)

    def _heard(self, event: tuple[float, Any]) -> None:
        """Note that a worker came or went; called in the client's own thread, which must not wait."""
        told = event[1] if isinstance(event[1], dict) else {}
        act = {"add-worker": self._came, "remove-worker": self._went}.get(told.get("action", ""))
        if act is not None and not self._closed:
            threading.Thread(target=act, args=(told["worker"],), name="dask-worker-event", daemon=True).start()

    def _came(self, name: str) -> None:
        if name in self._facts:
            return
        try:
            found = self._asked(worker_facts, only=name)
            for check, arguments in self._wanted:
                self._asked(check, *arguments, only=name)
            for facts in found.values():
                self._take(name, facts)
        except BadInput as error:
            self.notices.append(f"{error} (it is not used)")
        except Exception:  # it has ended, or the scheduler has
            return

    def _went(self, name: str) -> None:
        with self._lock:
            self._facts.pop(name, None)
            none_left = not self._facts
        for executor in self._placing:
            executor.drop(name)
        if none_left and not self._closed:
            timer = threading.Timer(_NONE_LEFT_S, self._give_up)
            timer.daemon = True
            timer.start()

    def _give_up(self) -> None:
        if self._facts or self._closed:
            return
        failure = BadInput(
            f"{self.address}: no worker is left, and none has come for {_NONE_LEFT_S:.0f} s; what was done is kept: start "
            "workers and run the same again"
        )
        for executor in self._placing:
            executor.fail(failure)


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Yield the workers of a scheduler that runs; they and it go on afterwards. Raises `BadInput`."""
    _quiet()
    with dask.config.set(_SETTINGS):
        try:
            there = urlsplit(address)
            socket.create_connection((there.hostname or "", there.port or 0), timeout=_CONNECT_S).close()
            client = Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
            raise BadInput(f"--executor {address}: no Dask scheduler answers there ({reason[0]})") from None
        with _used(client, address) as cluster:
            yield cluster


@contextmanager
def started_here(processes: int, at_once: int) -> Iterator[Cluster]:
    """Yield worker processes of this machine, which end afterwards; together they make `at_once` calls at once."""
    _quiet()
    with (
        dask.config.set(_SETTINGS),
        LocalCluster(
            n_workers=processes,
            threads_per_worker=max(1, -(-at_once // processes), (os.cpu_count() or 1) // processes),
            dashboard_address=None,
            silence_logs=logging.CRITICAL + 1,
        ) as local,
        Client(local, set_as_default=False) as client,
        _used(client, local.scheduler_address) as cluster,
    ):
        cluster.want(ignore_ctrl_c)
        yield cluster


@contextmanager
def _used(client: Client, address: str) -> Iterator[Cluster]:
    cluster = None
    try:
        cluster = Cluster(client, address)
        yield cluster
    finally:
        if cluster is not None:
            cluster.close()
        with suppress(Exception):  # the scheduler may be gone
            client.close()


def _quiet() -> None:
    """Keep Dask's own messages from the user, also those of its threads that end last: what matters is told in our lines."""
    for name in ["distributed", "tornado", *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module="distributed")
