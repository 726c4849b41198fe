"""Every pair of writing commands at once on one review: `python tests/attacks/commands_at_once.py [--tries 1] [--only NAME] [--postgres]`.

Both must end well, and leave what they leave one after the other, in either order; or one says in one line why it cannot,
and what the other leaves stands. With `--postgres` the ledgers are databases of a server of its own. Prints `kind, tried, survived, lost`.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import combinations_with_replacement, count
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from support.attack import Outcome, ended, start
from support.postgres import Cluster
from support.writing import COMMANDS, copied, prepare, state

from screener.ledger import copy_ledger, open_source

Command = tuple[str, ...]


class Places:
    """The review as it was prepared, copies of it, and what commands leave one after the other."""

    def __init__(self, place: Path, server: Cluster | None = None) -> None:
        self.prepared = prepare(place / "prepared")
        self._place, self._left, self._server = place, dict[tuple[Command, ...], dict[str, Any]](), server
        self._numbers = count()
        if server is not None:
            copy_ledger(open_source(str(self.prepared / ".screener" / "ledger.db")), server.database("prepared"))

    def left_by(self, *commands: Command) -> dict[str, Any]:
        """Return the state that commands leave one after the other."""
        if commands not in self._left:
            review = self._copied("alone")
            for command in commands:
                ended(_started(review, command, self._place / "alone"))
            self._left[commands] = self._state(review)
        return self._left[commands]

    def _copied(self, name: str) -> Path:
        """Return a copy of the review; on a server its ledger is the one that `SCREENER_LEDGER` names from now on."""
        if self._server is not None:
            os.environ["SCREENER_LEDGER"] = self._server.database(f"copy{next(self._numbers)}", "prepared")
        return copied(self.prepared, self._place / name / "review")

    def _state(self, review: Path) -> dict[str, Any]:
        if self._server is None:
            return state(review)
        file = self._place / f"state{next(self._numbers)}.db"
        copy_ledger(open_source(os.environ["SCREENER_LEDGER"]), str(file))
        return state(review, file)

    def at_once(self, first: Command, second: Command) -> str:
        """Run two commands at once; return what is wrong afterwards, empty if nothing is."""
        review = self._copied("both")
        outputs = [self._place / "first", self._place / "second"]
        processes = [
            _started(review, command, output) for command, output in zip((first, second), outputs, strict=True)
        ]
        codes = [ended(process) for process in processes]
        for code, output in zip(codes, outputs, strict=True):
            said = (output / "err").read_text(encoding="utf-8")
            listed = (output / "out").read_text(encoding="utf-8")  # what keeps gold from being locked
            if code not in (0, 2) or (code == 2 and said.count("\n") != 1 and not listed):
                return f"ended with {code}: {said}"
        after = self._state(review)
        orders = [(first, second), (second, first)]
        if 2 in codes:
            orders += [(first,), (second,)]
        check = ended(_started(review, ("check",), self._place / "check"))
        if not any(after == self.left_by(*commands) for commands in orders):
            return "leaves another state than one after the other"
        return f"check ended with {check}" if check else ""


def _started(review: Path, args: Command, output: Path) -> int:
    """Start a command in the folder of a review, its output in a folder of its own."""
    output.mkdir(parents=True, exist_ok=True)
    link = output / "review"
    if link != review:
        link.unlink(missing_ok=True)
        link.symlink_to(review)
    folder = Path.cwd()
    os.chdir(review)
    try:
        return start(link, *args, before=lambda: signal.alarm(300))
    finally:
        os.chdir(folder)


def attack(place: Path, tries: int, only: str | None = None, server: Cluster | None = None) -> Iterator[Outcome]:
    """Run every pair, or those with the command of a name."""
    places = Places(place, server)
    for first, second in combinations_with_replacement(COMMANDS, 2):
        if only in (None, first, second):
            outcome = Outcome(f"`{first}` and `{second}` at once")
            for _ in range(tries):
                problem = places.at_once(COMMANDS[first], COMMANDS[second])
                outcome.tried += 1
                outcome.survived += not problem
                outcome.lost += bool(problem)
                if problem:
                    print(f"{outcome.kind}: {problem}", file=sys.stderr, flush=True)
            yield outcome


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=1)
    parser.add_argument("--only", choices=list(COMMANDS))
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    os.environ.pop("SCREENER_LEDGER", None)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cluster = stack.enter_context(closing(Cluster())) if given.postgres else None
        print("kind, tried, survived, lost")
        outcomes = []
        for outcome in attack(Path(folder), given.tries, given.only, cluster):
            outcomes.append(outcome)
            if outcome.lost:
                print(outcome.line(), flush=True)
        sums = [sum(getattr(outcome, name) for outcome in outcomes) for name in ("tried", "survived", "lost")]
        print(Outcome(f"{len(outcomes)} pairs of commands at once", *sums).line())
