"""Files that a browser sends: one a request, written to the disk as it comes, whole or not at all."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ..core.errors import BadInput
from ..core.files import FULL
from ..review.uploads import Drop, SentFile, UploadLimits, Uploads

MOST_FILES = 2_000
"""Files that somebody has sent and not used yet."""
_PART = 1 << 20
"""Bytes that are written at once."""
_READERS = CapacityLimiter(4)
T = TypeVar("T")


class TooMuchSent(BadInput):
    """More was sent than is taken."""


async def read_aside(work: Callable[..., T], *args: object) -> T:
    """Do what reads a file that was sent, in one of a few threads of its own: however long it takes, pages are served."""
    return await to_thread.run_sync(work, *args, limiter=_READERS)


async def receive(request: Request, uploads: Uploads, drop: Drop, limits: UploadLimits) -> SentFile:
    """Take the file that is the body of a request into a drop; the query's `name` is its name.

    Raises `TooMuchSent` for what is over a limit and `BadInput` where the disk is full; then nothing of it is kept, and
    nothing of a file that came half.
    """
    room = await run_in_threadpool(_room, uploads, drop, limits)
    said = request.headers.get("content-length", "0")
    said_bytes = int(said[:20]) if said.isascii() and said.isdecimal() else 0
    _check(said_bytes, room, limits)
    async with _coming(uploads) as coming:
        try:
            with coming.open("xb") as file:
                async for part in _parts(request):
                    _check(file.tell() + len(part), room, limits)
                    await run_in_threadpool(file.write, part)
                came = file.tell()
            if said_bytes and came != said_bytes:
                raise BadInput("Not saved. The file came only in part; send it again.")
            return await run_in_threadpool(drop.take, coming, request.query_params.get("name", ""))
        except OSError as error:
            why = "the disk is full" if error.errno in FULL else error.strerror or "it cannot be written"
            raise BadInput(f"Not saved: {why}.") from None
        except ClientDisconnect:
            raise BadInput("Not saved. The file came only in part; send it again.") from None


def _room(uploads: Uploads, drop: Drop, limits: UploadLimits) -> int:
    uploads.sweep()
    sent = drop.files()
    if len(sent) >= MOST_FILES:
        raise TooMuchSent(f"Not saved. At most {MOST_FILES:,} files can wait at once; use those that were sent first.")
    return limits.together - sum(file.size for file in sent)


def _check(size: int, room: int, limits: UploadLimits) -> None:
    if size > limits.file:
        raise TooMuchSent(f"Not saved. The file is too large: at most {limits.file / 1e6:g} MB can be sent.")
    if size > room:
        raise TooMuchSent(
            f"Not saved. At most {limits.together / 1e6:g} MB can wait at once; use the files that were sent first."
        )


@asynccontextmanager
async def _coming(uploads: Uploads) -> AsyncIterator[Path]:
    coming = await run_in_threadpool(uploads.coming)
    try:
        yield coming
    finally:
        coming.unlink(missing_ok=True)


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """Yield the body in larger parts than it comes in."""
    waiting = bytearray()
    async for part in request.stream():
        waiting += part
        if len(waiting) >= _PART:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)
