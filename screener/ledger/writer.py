"""Writing much in little pieces: one thread commits what others hand to it, in groups and in the order in which it came."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from ..core.errors import LedgerUnavailable
from .store import Ledger
from .unsaved import UnsavedFile

GROUP_SECONDS = 0.05
"""How long a commit may wait for company."""
_AGAIN, _BEHIND = 0.2, 2.0
"""Seconds between two attempts to commit, and how many a commit may take."""

Work = Callable[[Connection], None]


class NotStored(Exception):  # noqa: N818 - what happened to something
    """Something was not stored, since what it rests on could not be."""


@dataclass(frozen=True)
class _Item:
    work: Work
    rests_on: Sequence["Future[None]"]
    unsaved: Mapping[str, Any] | None
    at: float
    future: "Future[None]" = field(default_factory=Future)


_NOW = _Item(lambda _: None, (), None, 0.0)
"""What ends the wait for company."""


class Writer:
    """One thread that commits what others hand to it, in groups of at most `GROUP_SECONDS`, in order.

    A future that `submit` returns is done when its work is on disk. Work that fails fails alone: the others of its
    group are committed, except what rests on it. A ledger that is locked or away is waited for. One that takes nothing
    more for good is `lost`: nothing is committed any more, and what is to be kept in that case goes to a file.
    """

    def __init__(self, ledger: Ledger, unsaved: UnsavedFile | None = None) -> None:
        """Start the thread. `unsaved` is where to keep what the ledger can no longer take."""
        self.lost: LedgerUnavailable | None = None
        """Why the ledger takes nothing any more, if so."""
        self.unsaved = unsaved
        self._ledger = ledger
        self._queue: queue.Queue[_Item | None] = queue.Queue()
        self._waiting: deque[float] = deque()
        self._transaction: int | None = None
        self._failing = self._hurried = False
        self._thread = threading.Thread(target=self._loop, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(
        self, work: Work, *, rests_on: Iterable["Future[None]"] = (), unsaved: Mapping[str, Any] | None = None
    ) -> "Future[None]":
        """Have `work(connection)` committed soon.

        It is not, and its future raises `NotStored`, if anything it `rests_on` failed, all of which was submitted
        before. `unsaved` is what to keep in the file where the ledger is lost, as JSON.
        """
        item = _Item(work, tuple(rests_on), unsaved, time.monotonic())
        self._waiting.append(item.at)
        self._queue.put(item)
        return item.future

    @property
    def stalled(self) -> bool:
        """Return whether what is handed over waits longer than it should: the ledger is locked or away, or slow."""
        if self._failing or self._ledger.waiting:
            return True
        try:
            return time.monotonic() - self._waiting[0] > _BEHIND
        except IndexError:  # nothing waits
            return False

    def hurry(self) -> None:
        """Have what was handed over committed at once, without waiting for company."""
        if not self._hurried:
            self._hurried = True
            self._queue.put(_NOW)

    def close(self) -> None:
        """Commit what is waiting and stop."""
        self._queue.put(None)
        self._thread.join()

    def __enter__(self) -> "Writer":
        """Return the writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _loop(self) -> None:
        item: _Item | None = _NOW
        while item is not None:
            group: list[_Item] = []
            deadline = float("inf")
            while (remaining := deadline - time.monotonic()) > 0:
                try:
                    item = self._queue.get(timeout=remaining if group else None)
                except queue.Empty:
                    break
                if item is None:
                    break
                if item is _NOW:
                    self._hurried = False
                    deadline = 0.0 if group else deadline
                    continue
                deadline = time.monotonic() + GROUP_SECONDS if not group else deadline
                group.append(item)
            if group:
                self._commit(group)
            for _ in group:
                self._waiting.popleft()

    def _commit(self, group: Sequence[_Item]) -> None:
        started = time.monotonic()
        while self.lost is None:
            try:
                ready = self._attempt(group)
            except LedgerUnavailable as error:
                if not self._ledger.patient or time.monotonic() - started >= error.patience:
                    self.lost = error
                else:
                    self._failing = True
                    time.sleep(_AGAIN)
            except Exception as error:
                self._transaction = None
                if len(group) == 1:
                    group[0].future.set_exception(error)
                else:
                    for item in group:
                        self._commit([item])
                return
            else:
                self._failing = False
                for item in ready:
                    item.future.set_result(None)
                return
        self._keep(group, self.lost)

    def _attempt(self, group: Sequence[_Item]) -> list[_Item]:
        """Commit a group in one transaction; return it without what rests on something that failed."""
        ready = [item for item in group if not _failed(item)]
        with self._ledger.write() as connection:
            # Where the connection broke during a commit, only the database knows whether it was one. The transaction
            # has ended by now, since each holds the lock of writers.
            if self._transaction is None or not was_committed(connection, self._transaction):
                self._transaction = transaction_number(connection)
                for item in ready:
                    item.work(connection)
        self._transaction = None
        return ready

    def _keep(self, group: Sequence[_Item], reason: LedgerUnavailable) -> None:
        for item in group:
            if item.future.done():
                continue
            if item.unsaved is not None and self.unsaved is not None:
                self.unsaved.keep(item.unsaved)
            item.future.set_exception(reason)


def _failed(item: _Item) -> bool:
    """Return whether something that the work rests on failed, and end the work if so."""
    if item.future.done():
        return True
    for basis in item.rests_on:
        if basis.done() and (error := basis.exception()) is not None:
            item.future.set_exception(NotStored(f"its answer could not be stored: {error}"))
            return True
    return False


def transaction_number(connection: Connection) -> int | None:
    """Return the number by which PostgreSQL knows a transaction; a file needs none."""
    if connection.dialect.name != "postgresql":
        return None
    return int(connection.exec_driver_sql("SELECT txid_current()").scalar_one())


def was_committed(connection: Connection, number: int) -> bool:
    """Return whether a transaction of PostgreSQL that has ended was committed."""
    return connection.exec_driver_sql(f"SELECT txid_status({number})").scalar() == "committed"
