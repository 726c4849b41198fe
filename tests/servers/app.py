"""The web app in processes of their own, each forked from one that has imported everything: starting takes no seconds."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import TextIO

_PRELOADED = ("uvicorn", "screener.web.home", "screener.cli.adjudicate", "screener.cli.open_")


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


def _serve(
    command: str, arguments: Sequence[str], environment: dict[str, str], out: Connection, err: Connection
) -> None:
    """`screener adjudicate` or `screener open` as the command line runs it, with output that the test reads."""
    os.environ.clear()  # what the process that was forked was given is that of its first test
    os.environ.update(environment)
    for stream, number in ((out, 1), (err, 2)):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, encoding="utf-8") for number in (1, 2))
    import typer

    from screener.cli import adjudicate, open_

    sys.argv = [f"screener {command}", *arguments]
    typer.run({"adjudicate": adjudicate.adjudicate, "open": open_.open_}[command])


class AppProcess:
    """A started app, with what a test needs of a process."""

    def __init__(self, *arguments: str, command: str = "adjudicate") -> None:
        """Start it with these arguments of the command line."""
        context = _context()
        (out, told), (err, said) = context.Pipe(duplex=False), context.Pipe(duplex=False)
        self._process = context.Process(
            target=_serve, args=(command, arguments, dict(os.environ), told, said), daemon=False
        )
        self._process.start()
        told.close()
        said.close()
        self.stdout, self.stderr = _reading(out), _reading(err)

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process.pid is not None
        return self._process.pid

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal, if it still runs."""
        if self._process.is_alive():
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> None:
        """Wait for the end; TimeoutError where it does not come."""
        self._process.join(seconds)
        if self._process.is_alive():
            raise TimeoutError(f"the app still runs after {seconds:g} s")

    def close(self) -> None:
        """End it and close its output."""
        self.kill(signal.SIGTERM)
        self.wait(10)
        self.stdout.close()
        self.stderr.close()


def _reading(connection: Connection) -> TextIO:
    stream = os.fdopen(os.dup(connection.fileno()), encoding="utf-8")
    connection.close()
    return stream
