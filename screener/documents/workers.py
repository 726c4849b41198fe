"""Parsing in processes of our own, so that no file can end or stall a run.

A file that takes too long is killed with its process; one that takes too much memory fails in it or brings it down.
Either way the process is replaced and the next file is read. A process pool would not do: it breaks when a worker
is killed, and daemonic workers cannot have any.
"""

import atexit
import base64
import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .model import Document, Failure, FailureKind, ranges
from .ocr.recognised import RecognisedPage
from .ocr.recognition import switched_on

DEADLINE_S = 60.0
MEMORY_MB = 1024
PAGE_S, PAGE_MB = 180.0, 3072
"""Time and address space for recognising the text of one page: a page of A4 takes some 10 s of one core and 2 GB, most
of which are never used."""
MOST_PAGES = 200
"""Pages of a file that are recognised."""
_STARTING_S = 60.0
_FILES = 100
"""Files after which a process is replaced: what libraries leave behind must not count against the next file."""
_MOST_IDLE = 2
"""Processes that wait for the next file of this program, whoever asks for it: to start one takes longer than most files do."""


class _Idle:
    """Processes that have finished their files and go on with the next ones, by how they were started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: list[tuple[tuple[int, str], subprocess.Popen[str], int]] = []
        atexit.register(self.close)

    def take(self, started_as: tuple[int, str]) -> tuple["subprocess.Popen[str]", int] | None:
        """Return a process with the number of files that it has read, if there is one."""
        with self._lock:
            for kept in reversed(self._processes):
                if kept[0] == started_as and kept[1].poll() is None:
                    self._processes.remove(kept)
                    return kept[1], kept[2]
        return None

    def put(self, started_as: tuple[int, str], process: "subprocess.Popen[str]", files: int) -> bool:
        """Keep a process, unless there are enough."""
        with self._lock:
            ended = [kept for kept in self._processes if kept[1].poll() is not None]
            self._processes = [kept for kept in self._processes if kept not in ended]
            if len(self._processes) < _MOST_IDLE:
                self._processes.append((started_as, process, files))
                return True
        return False

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            for _, process, _ in self._processes:
                process.kill()
            self._processes.clear()


_IDLE = _Idle()


class _Died(Exception):  # noqa: N818 - what happened to the process
    """The process ended without an answer; `late` where it was killed at the deadline."""

    def __init__(self, *, late: bool) -> None:
        super().__init__()
        self.late = late


class ParserProcess:
    """One worker process, for one caller at a time. It is started when first needed, and used again.

    A context manager: leaving it ends the process.
    """

    def __init__(self, *, deadline_s: float = DEADLINE_S, memory_mb: int = MEMORY_MB, page_s: float = PAGE_S) -> None:
        """`deadline_s` is the time one file may take; `memory_mb` the address space of the process, 0 for no limit.

        `page_s` is the time that recognising one page may take, in a process of its own.
        """
        self._page_s = page_s
        self.deadline_s = deadline_s
        self.memory_mb = memory_mb
        self._recogniser: ParserProcess | None = None
        self._process: subprocess.Popen[str] | None = None
        self._files = 0
        self._started_as = (memory_mb, "")

    @property
    def pid(self) -> int | None:
        """Return the process that waits for the next file; None before the first and after one that was killed."""
        return self._process.pid if self._process is not None else None

    def parse(self, path: Path, passwords: Sequence[str] = ()) -> Document | Failure:
        """Return the document in a file, or why there is none. Does not raise for anything a file may hold.

        A file that brings pypdfium2 down is given to pypdf, which is slower and counts its memory. Pages of which no text
        can be read are recognised (OCR) where that is installed, each within limits of its own.
        """
        result = self._parse(path, passwords)
        if isinstance(result, Document) and result.unread and result.reader.startswith("pypdfium2") and switched_on():
            return self._with_recognition(path, passwords, result)
        return result

    def _parse(self, path: Path, passwords: Sequence[str]) -> Document | Failure:
        begun = time.monotonic()
        try:
            return self._ask(path, passwords, self.deadline_s, baseline=False)
        except _Died as died:
            if died.late:
                return self._too_slow(path)
        try:
            left = self.deadline_s - (time.monotonic() - begun)
            result = self._ask(path, passwords, max(left, 0.1), baseline=True)
        except _Died as died:
            return self._too_slow(path) if died.late else self._too_large(path)
        if isinstance(result, Failure):
            return result
        return result.model_copy(update={"warnings": (*result.warnings, "pypdfium2 broke off on this file")})

    def _with_recognition(self, path: Path, passwords: Sequence[str], document: Document) -> Document:
        """Return a document with the text of its pages that had none, as far as it was recognised."""
        pages: list[RecognisedPage] = []
        failed: dict[str, list[int]] = {}
        if self._recogniser is None:
            self._recogniser = ParserProcess(deadline_s=self._page_s, memory_mb=PAGE_MB)
        for number in document.unread[:MOST_PAGES]:
            page = self._recogniser._recognised(path, passwords, number)
            if isinstance(page, RecognisedPage):
                pages.append(page)
            else:
                failed.setdefault(page, []).append(number)
        if late := document.unread[MOST_PAGES:]:
            failed[f"only {MOST_PAGES} pages of a file are"] = list(late)
        remarks = [f"page {ranges(numbers)} not recognised: {reason}" for reason, numbers in failed.items()]
        try:
            found = self._ask(path, passwords, self.deadline_s, baseline=False, recognised=pages)
        except _Died:
            found = document
            remarks = ["the recognised text could not be laid out"]
        found = found if isinstance(found, Document) else document
        return found.model_copy(update={"warnings": (*remarks, *found.warnings)})

    def picture(self, path: Path, page: int, scale: float, most: int) -> bytes | Failure:
        """Return a page (1-based) as a PNG of `scale` pixels a point and at most `most` pixels, or why there is none."""
        try:
            answer = self._exchange_about(path, (), self.deadline_s, picture=page, scale=scale, most=most)
        except _Died as died:
            return self._too_slow(path) if died.late else self._too_large(path)
        if "picture" in answer:
            return base64.b64decode(answer["picture"])
        failure = Failure.model_validate(answer["failure"])
        if failure.kind is FailureKind.TOO_LARGE:
            self.close()
        return failure

    def _recognised(self, path: Path, passwords: Sequence[str], number: int) -> RecognisedPage | str:
        """Return what was recognised on a page, or why nothing was."""
        try:
            answer = self._exchange_about(path, passwords, self.deadline_s, recognise=number)
        except _Died as died:
            return f"not done within {self.deadline_s:g} s" if died.late else f"needs more than {self.memory_mb} MB"
        if "recognised" in answer:
            return RecognisedPage.model_validate(answer["recognised"])
        failure = Failure.model_validate(answer["failure"])
        if failure.kind is FailureKind.TOO_LARGE:
            self.close()
        return failure.reason

    def _too_slow(self, path: Path) -> Failure:
        return Failure(
            kind=FailureKind.TOO_SLOW,
            reason=f"{path.name} was not read within {self.deadline_s:g} s; save a simpler copy or attach its text as .txt",
        )

    def _too_large(self, path: Path) -> Failure:
        return Failure(
            kind=FailureKind.TOO_LARGE,
            reason=f"{path.name} ended the parser twice: it is damaged or needs more than {self.memory_mb} MB of memory;"
            " save a smaller copy or attach its text as .txt",
        )

    def _exchange_about(self, path: Path, passwords: Sequence[str], seconds: float, **more: object) -> dict[str, Any]:
        """Return the answer to a request about a file. Raises `_Died`."""
        process = self._running()
        request = {"path": str(path.resolve()), "passwords": list(passwords), "seconds": seconds, **more}
        line = self._exchange(process, json.dumps(request), seconds)
        self._files += 1
        if self._files >= _FILES:
            self.close()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ask(
        self,
        path: Path,
        passwords: Sequence[str],
        seconds: float,
        *,
        baseline: bool,
        recognised: Sequence[RecognisedPage] | None = None,
    ) -> Document | Failure:
        pages = None if recognised is None else [page.model_dump() for page in recognised]
        answer = self._exchange_about(path, passwords, seconds, baseline=baseline, recognised=pages)
        if "document" in answer:
            return Document.model_validate(answer["document"])
        failure = Failure.model_validate(answer["failure"])
        if failure.kind is FailureKind.TOO_LARGE:  # the worker ends after this answer
            self.close()
        return failure

    def _exchange(self, process: "subprocess.Popen[str]", line: str | None, seconds: float) -> str:
        """Return what the process answers to a line. Raises `_Died`, and then the process is gone."""
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        answer = ""
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(OSError):  # a process that died meanwhile has closed its pipe
                if line is not None:
                    process.stdin.write(line + "\n")
                    process.stdin.flush()
                answer = process.stdout.readline()
        finally:
            timer.cancel()
        if not answer.endswith("\n"):
            self.close()
            raise _Died(late=late.is_set())
        return answer

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        how = self._started_as = (self.memory_mb, _python_path())
        if (idle := _IDLE.take(how)) is not None:
            self._process, self._files = idle
            return self._process
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            process = subprocess.Popen(
                # -P: no module is taken from the folder one happens to stand in.
                [sys.executable, "-P", "-m", "screener.documents.worker", "--memory", str(self.memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                env=os.environ | {"PYTHONPATH": how[1]},
                start_new_session=True,  # Ctrl-C is for the program: it ends its workers itself
            )
            self._process, self._files = process, 0
            try:
                self._exchange(process, None, _STARTING_S)
            except _Died:
                errors.seek(0)
                last_line = errors.read().strip().splitlines()[-1:] or ["no reason given"]
                raise RuntimeError(f"the parser process does not start: {last_line[0]}") from None
        return process

    def rest(self) -> None:
        """Leave the process to whoever has the next file; the one that recognises text is large, and ends."""
        if self._recogniser is not None:
            self._recogniser.close()
        process, self._process = self._process, None
        if process is not None and (
            process.poll() is not None or not _IDLE.put(self._started_as, process, self._files)
        ):
            self._process = process
            self.close()

    def close(self) -> None:
        """End the process, at once. The next file starts another one."""
        if self._recogniser is not None:
            self._recogniser.close()
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """End the process."""
        self.close()


class Workers:
    """Several worker processes, which wait for the next ones when these are done. `parse` may be called from as many threads as there are processes and more."""

    def __init__(
        self,
        count: int = 2,
        *,
        deadline_s: float = DEADLINE_S,
        memory_mb: int = MEMORY_MB,
        executor: Executor | None = None,
    ) -> None:
        """`count` processes, each with its own deadline a file and its own memory; `executor` does what is many files."""
        self.count, self._executor = max(1, count), executor
        self._all = [ParserProcess(deadline_s=deadline_s, memory_mb=memory_mb) for _ in range(self.count)]
        self._free: queue.SimpleQueue[ParserProcess] = queue.SimpleQueue()
        for process in self._all:
            self._free.put(process)

    @property
    def pids(self) -> list[int]:
        """Return the processes that have been started and wait for the next file."""
        return [process.pid for process in self._all if process.pid is not None]

    def parse(self, path: Path, passwords: Sequence[str] = ()) -> Document | Failure:
        """As `ParserProcess.parse`, by the first process that is free."""
        process = self._free.get()
        try:
            return process.parse(path, passwords)
        finally:
            self._free.put(process)

    def parse_all(
        self, paths: Iterable[Path], passwords: Sequence[str] = ()
    ) -> Iterator[tuple[Path, Document | Failure]]:
        """Yield each file with its document or failure, in the order given, `count` of them at a time, or by the executor."""
        if self._executor is not None:
            from .spread_parsing import parse_spread

            files = list(paths)
            yield from zip(files, parse_spread(self._executor, files, passwords), strict=True)
            return
        with ThreadPoolExecutor(self.count) as threads:
            files = list(paths)
            try:
                yield from zip(files, threads.map(lambda file: self.parse(file, passwords), files), strict=True)
            finally:
                threads.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Leave the processes to the next files of this program."""
        for process in self._all:
            process.rest()


def _python_path() -> str:
    """Return the path of modules for a process that is started now, so that it finds this package."""
    package, python_path = str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")
    return f"{package}{os.pathsep}{python_path}" if python_path else package
