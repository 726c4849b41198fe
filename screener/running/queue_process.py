"""A process that fits the rankings of a review's queues, so that whoever screens waits for none of them.

A thread would hold the interpreter while it fits. The process is started with the first fit, keeps its features in memory,
and ends with the program, however that ends, or after half an hour without a fit. One that died is replaced by the next fit.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger
from ..protocol import Review
from .queue_model import FittedQueue, QueueModel

_NICE = 5
"""By how much the process gives way to the one that serves people."""


IDLE_S = 1800.0
_PREPARED = "prepared"


class FitFailed(Exception):  # noqa: N818 - what became of the fit
    """There is no new order; the message says why."""


class FitEnded(Exception):  # noqa: N818 - what became of the fit
    """The program closed the process while it was fitting."""


class QueueProcess:
    """The process of one review. Callers wait for each other."""

    def __init__(self, ledger: Ledger, hidden: Path, *, idle_s: float = IDLE_S) -> None:
        """Start nothing yet. `hidden` is the review's folder for what it keeps beside the ledger.

        After `idle_s` seconds without anything to do the process ends, and the next fit starts one.
        """
        self._idle_s = idle_s
        self._address = ledger.engine.url.render_as_string(hide_password=False)
        self._hidden = hidden
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._lock, self._asking = threading.Lock(), threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Return the process; None before the first fit, and after one that ended."""
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def fit(self, review: Review, stage: Stage) -> FittedQueue:
        """Return the order by what is in the ledger now. Raises `FitFailed`, and `FitEnded` once it is closed."""
        answer = self._ask(review, stage)
        if isinstance(answer, FittedQueue):
            return answer
        raise FitFailed(str(answer))

    def prepare(self, review: Review) -> None:
        """Have the process do what fits will need, such as sentence vectors, before one is asked for. Raises as `fit` does."""
        if (answer := self._ask(review, None)) != _PREPARED:
            raise FitFailed(str(answer))

    def _ask(self, review: Review, stage: Stage | None) -> object:
        with self._asking:
            for _ in range(2):
                try:
                    pipe = self._started()
                    pipe.send((review, stage))
                    return pipe.recv()
                except (EOFError, OSError):
                    if self._closed:
                        raise FitEnded from None
                    code = self._end()
                    if code:
                        break  # else it has just ended, as it had had nothing to do for long
            raise FitFailed(f"the process that fits the ranking ended ({_told(code)})") from None

    def close(self) -> None:
        """End the process, at once; nothing is fitted any more."""
        self._closed = True
        self._end()

    def _started(self) -> Connection:
        with self._lock:
            if self._closed:
                raise FitEnded
            if self._pipe is not None and self._process is not None and self._process.is_alive():
                return self._pipe
            context = multiprocessing.get_context("spawn")
            self._pipe, other_end = context.Pipe()
            self._process = context.Process(
                target=_serve, args=(other_end, self._address, self._hidden, self._idle_s), name="ranking", daemon=True
            )
            with _ctrl_c_blocked():
                self._process.start()
            other_end.close()
            return self._pipe

    def _end(self) -> int | None:
        """End the process; return its exit code."""
        with self._lock:
            process, self._process, pipe, self._pipe = self._process, None, self._pipe, None
        if process is None:
            return None
        if not self._closed:
            process.join(10)  # it is ending by itself, and its exit code tells why
        process.kill()
        process.join()
        if pipe is not None:
            pipe.close()
        return process.exitcode


@contextlib.contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Have a process that is started here not end by Ctrl-C, which is for the program, while it still imports."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # it lets the signal through again when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _told(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    return "signal 9, as when memory runs out" if code == -9 else f"signal {-code}"


def _serve(pipe: Connection, address: str, hidden: Path, idle_s: float) -> None:
    """Fit whenever the other end asks; make sentence vectors meanwhile."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program: it ends this process itself
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(AttributeError, OSError):
        os.nice(_NICE)
    model = QueueModel(Ledger(address, reading=True), hidden)
    more = False
    while True:
        if more and not pipe.poll():
            more = _worked(model)
            continue
        if not more and not pipe.poll(idle_s):
            return  # what it knows takes much memory
        try:
            review, stage = pipe.recv()
        except (EOFError, OSError):
            return
        answer = _fitted(model, review, stage)
        more = True
        with contextlib.suppress(OSError):
            pipe.send(answer)


def _worked(model: QueueModel) -> bool:
    try:
        return model.work_ahead()
    except Exception:  # the fit that needs it tells what is wrong
        return False


def _fitted(model: QueueModel, review: Review, stage: Stage | None) -> FittedQueue | str:
    try:
        if stage is None:
            model.prepare()
            return _PREPARED
        return model.fit(review, stage)
    except BadInput as error:
        return " ".join(str(error).split())
    except MemoryError:
        return "there is not enough memory to fit the ranking"
    except Exception as error:  # whatever it is, the queue goes on in the order that it has
        return f"the ranking was not fitted: {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, be it in the middle of a fit."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
