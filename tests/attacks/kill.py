"""kill -9 in every command that writes: `python tests/attacks/kill.py [--tries 6] [--only NAME]`.

Each command is killed at points spread over all its writes (statements that change the ledger, commits, files put in place).
Then `check` must hold, and the command, run again where it had not finished, must leave the state that it leaves undisturbed.
Prints `kind, tried, survived, lost`.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from sqlalchemy import event
from sqlalchemy.engine import Engine
from support.attack import Outcome, ended, said, start
from support.writing import COMMANDS, FILES, MIGRATION, age, copied, prepare, rows_in, state

_READS = ("SELECT", "PRAGMA", "BEGIN")


class Writes:
    """Counts what a process writes, in memory that this process sees too, and kills it at the write of a number."""

    def __init__(self) -> None:
        self._count = multiprocessing.Value("i", 0)

    @property
    def number(self) -> int:
        return int(self._count.value)

    def watch(self, kill_at: int = 0) -> Callable[[], None]:
        """Return what is to be called in the process first."""

        def tick(*_: Any) -> None:
            self._count.value += 1
            if self._count.value == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        def statement(_: Any, __: Any, text: str, *___: Any) -> None:
            if not text.lstrip().upper().startswith(_READS):
                tick()

        def ticking(function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                tick()
                result = function(*args, **kwargs)
                tick()
                return result

            return call

        def begin() -> None:
            self._count.value = 0
            event.listen(Engine, "before_cursor_execute", statement)
            event.listen(Engine, "commit", tick)
            for name in ("replace", "write_text", "write_bytes", "unlink"):
                setattr(Path, name, ticking(getattr(Path, name)))

        return begin


def kill_command(name: str, args: tuple[str, ...], prepared: Path, place: Path, tries: int) -> Outcome:
    """Kill a command at `tries` of its writes, each time on a fresh copy of the review."""
    outcome, writes = Outcome(f"kill -9 of `{name}`"), Writes()
    review, before = copied(prepared, place / "review"), state(prepared)
    code = _ended(review, args, writes.watch())
    whole, all_writes = state(review), writes.number
    if code or (whole == before and name in COMMANDS):
        raise SystemExit(f"{name}: ended with {code}: {said(review)[1] or 'nothing was changed'}")
    for attempt in range(tries):
        kill_at = 1 + attempt * max(1, all_writes - 1) // max(1, tries - 1)
        # A run commits in groups, by the clock: this time it may come to fewer writes, and end before.
        while True:
            review = copied(prepared, place / "review")
            killed = _ended(review, args, writes.watch(kill_at))
            if killed == -signal.SIGKILL or writes.number >= kill_at or kill_at == 1:
                break
            kill_at = max(1, min(writes.number, kill_at - 1))
        outcome.tried += 1
        problem = _after(review, args, whole) if killed == -signal.SIGKILL else f"ended with {killed}"
        outcome.survived += not problem
        outcome.lost += bool(problem)
        if problem:
            print(f"{name}, killed at write {kill_at} of {all_writes}: {problem}", file=sys.stderr)
    outcome.more = {"writes": all_writes}
    return outcome


def _ended(review: Path, args: tuple[str, ...], before: Callable[[], None] = lambda: None) -> int:
    folder = Path.cwd()
    os.chdir(review)
    try:
        return ended(start(review, *args, before=before))
    finally:
        os.chdir(folder)


def _after(review: Path, args: tuple[str, ...], whole: dict[str, Any]) -> str:
    """Return what is wrong after a kill, empty if nothing is."""
    if code := _ended(review, ("check",)):
        return f"check ended with {code}: {said(review)[1]}"
    copy = review / "copy.db"
    if copy.exists():  # it was put in its place, and would not be written a second time
        return "" if rows_in(copy) == rows_in(review / ".screener" / "ledger.db") else "the copy is not whole"
    if state(review) != whole or args in FILES.values():
        code = _ended(review, args)
        if code:
            return f"repeated, it ended with {code}: {said(review)[1]}"
    if left := [path.name for path in review.rglob("*.partial*")]:
        return f"left {', '.join(left)}"
    after = state(review)
    if after != whole:
        return f"another state: {differing(after, whole)}"
    return f"check ended with {code}: {said(review)[1]}" if (code := _ended(review, ("check",))) else ""


def differing(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Return where two states differ, in short."""
    names = [
        name for part in one for name in {**one[part], **other[part]} if one[part].get(name) != other[part].get(name)
    ]
    return ", ".join(names)


def kinds() -> dict[str, tuple[str, ...]]:
    """Return every command that is killed, by its name."""
    return {**COMMANDS, **FILES, MIGRATION: ("import", "more.csv")}


def attack(place: Path, tries: int, only: str | None = None) -> Iterator[Outcome]:
    """Kill every command, or the one of a name."""
    prepared = prepare(place / "prepared")
    for name, args in kinds().items():
        if only in (None, name):
            from_old = place / "old"
            if name == MIGRATION:
                age(copied(prepared, from_old))
            yield kill_command(name, args, from_old if name == MIGRATION else prepared, place, tries)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=6)
    parser.add_argument("--only", choices=list(kinds()))
    given = parser.parse_args()
    os.environ.pop("SCREENER_LEDGER", None)
    with tempfile.TemporaryDirectory() as folder:
        print("kind, tried, survived, lost")
        for outcome in attack(Path(folder), given.tries, given.only):
            print(outcome.line(), flush=True)
