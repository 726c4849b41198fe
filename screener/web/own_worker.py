"""A worker process that belongs to this program: it ends with it, and another one takes its place where it is killed."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ..core.errors import LedgerError
from ..team.worker import LOOK_S, JobKeys

WORKER = "screener.web.worker_process"
_SHORT_S, _MOST_SHORT = 5.0, 3
"""One that lives for less than so many seconds, so often in a row, is not started again by itself."""


class OwnWorker:
    """A process with these arguments, usually `screener.web.worker_process`."""

    def __init__(
        self, *arguments: str, wanted: Callable[[], bool], module: str = WORKER, files: Sequence[int] = ()
    ) -> None:
        """Start nothing yet. `wanted` says whether another one is to be started where it has ended.

        It may be another `module` that ends with its standard input; `files` are open files that it is given. One that does
        jobs is not started again after it has ended at once a few times; one that serves pages is tried for ever.
        """
        self.arguments, self.wanted, self._module, self._files = arguments, wanted, module, files
        self._serves = module != WORKER
        self._keys = JobKeys()
        self._process: subprocess.Popen[str] | None = None
        self._lock, self._short, self._closed = threading.RLock(), 0, False

    @property
    def pid(self) -> int | None:
        """Return the process; None where none runs."""
        with self._lock:
            return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """See that it runs."""
        with self._lock:
            if self.pid is None and not self._closed:
                self._short = 0
                self._start()

    def give(self, keys: Mapping[str, str]) -> str:
        """Give it keys for one job, over a pipe that nobody else reads; return the name under which it has them."""
        name = self._keys.new_name()
        with self._lock:
            self._keys.put(name, keys)
            self._tell(name, keys)
        return name

    def forget(self) -> None:
        """Forget the keys that it was given; it has them itself until the jobs that they are for have ended."""
        with self._lock:
            self._keys = JobKeys()

    def close(self) -> None:
        """Have it end: its job is asked to stop, and what is under way is finished; nobody waits for that."""
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.stdin is not None:
                with suppress(OSError):
                    self._process.stdin.close()

    def _start(self) -> None:
        command = [sys.executable, "-m", self._module, *self.arguments]
        package, path = str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")
        environment = os.environ | {"PYTHONPATH": f"{package}{os.pathsep}{path}" if path else package}
        # A session of its own: Ctrl-C is for the program, which then has it end.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=environment,
            text=True,
            pass_fds=self._files,
            start_new_session=True,
        )
        for name, keys in self._keys.all().items():
            self._tell(name, keys)
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _tell(self, name: str, keys: Mapping[str, str]) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # it is gone: the next one is told
                self._process.stdin.write(json.dumps({"name": name, "keys": dict(keys)}) + "\n")
                self._process.stdin.flush()

    def _watch(self, process: "subprocess.Popen[str]") -> None:
        began = time.monotonic()
        process.wait()
        with self._lock:
            if self._closed or self._process is not process:
                return
            self._process = None
            self._short = self._short + 1 if time.monotonic() - began < _SHORT_S else 0
            if self._short >= _MOST_SHORT and not self._serves:
                return
        if self._short and self._serves:  # as the database is away, or the machine is short of memory
            print(
                f"screener: a further process of the server ended early; another one in {_SHORT_S:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            time.sleep(_SHORT_S)
        wanted = self._asked_patiently()
        with self._lock:
            if wanted and self._process is None and not self._closed:
                self._start()

    def _asked_patiently(self) -> bool:
        """Return whether another one is wanted; a database that does not say so is asked again."""
        while not self._closed:
            try:
                return self.wanted()
            except LedgerError as error:
                print(f"screener: {error}", file=sys.stderr, flush=True)
                time.sleep(LOOK_S)
        return False
