"""Pages of PDFs as pictures, drawn in a process of their own: pdfium runs one file at a time, and a bad file may end it."""

import multiprocessing
import os
from collections.abc import Callable, Hashable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock, Thread, Timer
from typing import TypeVar

from ..core.errors import BadInput
from ..documents import Document, Marked, PageText, page_sizes, page_text, rectangles, render
from .byte_cache import ByteCache

T = TypeVar("T")
SECONDS = 30.0
"""How long a page may take."""
_IDLE_S = 120.0
"""After so long without a page the process ends: on a server everybody who has read a PDF would keep one."""
SCALE, FINE = 1.7, 3.2
"""Pixels a point: sharp on a screen of 1280 pixels, some 200 kB; and where the page is enlarged."""

KEPT = ByteCache(256_000_000)
"""What all desks of the program keep of pages, each its own: a picture may have a megabyte, and a server has many desks."""


class Pictures:
    """The drawing process, begun when the first page is asked for and again after a file has ended it."""

    def __init__(self, idle_s: float = _IDLE_S, kept: ByteCache = KEPT) -> None:
        """Nothing is started yet; after `idle_s` seconds without a page the process ends."""
        self._kept = kept
        self._pool: ProcessPoolExecutor | None = None
        self._lock, self._idle_s, self._asked = Lock(), idle_s, 0
        self._rest: Timer | None = None

    @property
    def at_work(self) -> bool:
        """Return whether there is a process."""
        return self._pool is not None

    def page(self, path: Path, number: int, scale: float = SCALE) -> bytes:
        """Return a page as a picture (PNG)."""
        return self._once(("page", path, number, scale), lambda: self._do(path.name, render, path, number, scale))

    def sizes(self, path: Path) -> tuple[tuple[float, float], ...]:
        """Return the width and height of each page."""
        return self._once(("sizes", path), lambda: self._do(path.name, page_sizes, path))

    def text(self, path: Path, document: "Loaded", number: int) -> PageText:
        """Return the lines of a page with their places."""
        key = ("text", path, document, number)
        return self._once(key, lambda: self._do(path.name, page_text, path, document(), number))

    def marked(self, path: Path, document: "Loaded", start: int, end: int) -> tuple[Marked, ...]:
        """Return the rectangles of a span."""
        key = ("marked", path, document, start, end)
        return self._once(key, lambda: self._do(path.name, rectangles, path, document(), start, end))

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        return self._kept.get(self, key, make)

    def _do(self, name: str, work: Callable[..., T], *args: object) -> T:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_end_with_parent)
            pool = self._pool
            self._asked += 1
        try:
            return pool.submit(work, *args).result(SECONDS)
        except (BrokenProcessPool, TimeoutError):
            with self._lock:
                if self._pool is pool:
                    self._pool = None
            _end(pool)
            raise BadInput(f"{name} cannot be drawn; open it in a PDF viewer") from None
        finally:
            self._end_later(pool)

    def _end_later(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._rest is not None:
                self._rest.cancel()
            self._rest = Timer(self._idle_s, self._end_idle, (pool, self._asked))
            self._rest.daemon = True
            self._rest.start()

    def _end_idle(self, pool: ProcessPoolExecutor, asked: int) -> None:
        """End the process unless something was asked of it since."""
        with self._lock:
            if self._pool is not pool or self._asked != asked:
                return
            self._pool = None
        _end(pool)

    def close(self) -> None:
        """End the process, at once also if it is at work, and forget the pages."""
        self._kept.forget(self)
        pool, self._pool = self._pool, None
        if self._rest is not None:
            self._rest.cancel()
        if pool is not None:
            _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.kill()
    pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """Have this process end when the app does, however that ends: a signal leaves no time to say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(0)), daemon=True).start()


class Loaded:
    """A document that is read when it is needed; equal for caching if its text is the same."""

    def __init__(self, content: str, load: Callable[[str], Document]) -> None:
        """`load` reads the document by the hash of its text."""
        self._content, self._load = content, load

    def __call__(self) -> Document:
        """Return the document."""
        return self._load(self._content)

    def __hash__(self) -> int:
        """By content."""
        return hash(self._content)

    def __eq__(self, other: object) -> bool:
        """By content."""
        return isinstance(other, Loaded) and other._content == self._content
