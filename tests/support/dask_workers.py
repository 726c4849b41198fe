"""A Dask scheduler with two worker processes on this machine, as a user would have it running."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from distributed import Client, LocalCluster


@dataclass(frozen=True)
class TwoWorkers:
    """The scheduler's address, and a client of the test's own."""

    address: str
    client: Any

    def pids(self) -> list[int]:
        """The worker processes that there are now."""
        return sorted(self.client.run(os.getpid).values())

    def busy(self) -> bool:
        """Whether a worker has a task."""
        return any(self.client.processing().values())

    def kill_one(self) -> None:
        """`kill -9`; Dask starts another one in its place."""
        os.kill(self.pids()[0], signal.SIGKILL)

    def kill_when(self, condition: Callable[[], bool]) -> threading.Thread:
        """Kill a worker as soon as something is so."""

        def wait() -> None:
            end = time.monotonic() + 60
            while not condition() and time.monotonic() < end:
                time.sleep(0.05)
            self.kill_one()

        thread = threading.Thread(target=wait)
        thread.start()
        return thread

    def both_there(self) -> None:
        """Wait for the one that was started in the place of a killed one."""
        self.client.wait_for_workers(2, timeout=60)


@contextmanager
def two_workers(environment: dict[str, str], threads: int = 4) -> Iterator[TwoWorkers]:
    """Start a scheduler and two workers of so many threads, which have these variables beside those of the test."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=threads, dashboard_address=None, silence_logs=60, env=environment
        ) as local,
        Client(local, set_as_default=False) as client,
    ):
        yield TwoWorkers(local.scheduler_address, client)
