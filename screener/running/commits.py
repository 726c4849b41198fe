"""What becomes of answers on their way into the ledger, and holding calls back until they are there."""

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from functools import partial

from ..ledger import Call, RunLease, Writer, add_call, unsaved_call
from .rate_limits import Limits

_LOOK = 0.05
"""Seconds between two looks whether a ledger that was locked or away takes answers again."""
Basis = list["Future[None]"]
"""The commits of the answers that a judgement rests on."""


class LedgerLost(Exception):  # noqa: N818 - a reason to stop, not a fault of the call
    """The ledger takes no answers any more: nothing is sent. Its text says why."""


class Commits:
    """Hand calls to the ledger's writer, and let no more calls go out than could be lost.

    Calls under way and answers that are not committed yet are together at most as many as may be under way at once: so
    many are asked again after a power cut, and no more. While the ledger is locked or away none goes out.
    """

    def __init__(self, writer: Writer, limits: Limits, lease: RunLease | None) -> None:
        """Nothing goes out without the lease, where there is one. To be made in the event loop of the run."""
        self._writer, self._limits, self._lease = writer, limits, lease
        self._open: set[Future[None]] = set()
        self._loop, self._changed = asyncio.get_running_loop(), asyncio.Event()
        self.unstored: list[str] = []
        """Why the ledger did not take a call, for each that it did not take although it takes others."""

    def submit(self, call: Call, text: str | None) -> "Future[None]":
        """Have a call committed, with the text that came back."""
        answered = call.status != "cached"
        unsaved = unsaved_call(call, text) if answered else None
        commit = self._writer.submit(partial(add_call, call=call, text=text), unsaved=unsaved)
        if answered:
            self._open.add(commit)
        commit.add_done_callback(self._settle)
        return commit

    def _settle(self, commit: "Future[None]") -> None:
        """Look at how a commit ended; called in the writer's thread."""
        self._open.discard(commit)
        error = commit.exception()
        if error is not None and self._writer.lost is None:
            self.unstored.append(str(error))
        with suppress(RuntimeError):  # the run is over
            self._loop.call_soon_threadsafe(self._changed.set)

    async def writable(self) -> None:
        """Wait until the ledger takes what was handed to it. Raises `LedgerLost` if it will not."""
        writer, lease = self._writer, self._lease
        while writer.lost is None and (writer.stalled or (lease is not None and lease.stale and not lease.taken)):
            await asyncio.sleep(_LOOK)
        if writer.lost is not None:
            raise LedgerLost(str(writer.lost))
        if lease is not None and lease.taken:
            raise LedgerLost("the database was away for so long that another run of the same has begun")

    async def room(self) -> None:
        """Wait until one more call may go out. Raises `LedgerLost` as `writable` does."""
        await self.writable()
        while self._open and self._limits.active + len(self._open) > self._limits.most:
            self._writer.hurry()
            self._changed.clear()
            await self._changed.wait()
            await self.writable()
