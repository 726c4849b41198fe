"""Every pair of writing commands at once on one review: `python tests/attacks/commands_at_once.py [--tries 1] [--only NAME]`.

Both must end well, and leave what they leave one after the other, in either order; or one says in one line why it cannot,
and what the other leaves stands. Prints `kind, tried, survived, lost`.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from support.attack import Outcome, ended, start
from support.writing import COMMANDS, copied, prepare, state

Command = tuple[str, ...]


class Places:
    """The review as it was prepared, copies of it, and what commands leave one after the other."""

    def __init__(self, place: Path) -> None:
        self.prepared = prepare(place / "prepared")
        self._place, self._left = place, dict[tuple[Command, ...], dict[str, Any]]()

    def left_by(self, *commands: Command) -> dict[str, Any]:
        """Return the state that commands leave one after the other."""
        if commands not in self._left:
            review = copied(self.prepared, self._place / "alone" / "review")
            for command in commands:
                ended(_started(review, command, self._place / "alone"))
            self._left[commands] = state(review)
        return self._left[commands]

    def at_once(self, first: Command, second: Command) -> str:
        """Run two commands at once; return what is wrong afterwards, empty if nothing is."""
        review = copied(self.prepared, self._place / "both" / "review")
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
        after = state(review)
        orders = [(first, second), (second, first)]
        if 2 in codes:
            orders += [(first,), (second,)]
        if not any(after == self.left_by(*commands) for commands in orders):
            return "leaves another state than one after the other"
        check = ended(_started(review, ("check",), self._place / "check"))
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


def attack(place: Path, tries: int, only: str | None = None) -> Iterator[Outcome]:
    """Run every pair, or those with the command of a name."""
    places = Places(place)
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
    given = parser.parse_args()
    os.environ.pop("SCREENER_LEDGER", None)
    with tempfile.TemporaryDirectory() as folder:
        print("kind, tried, survived, lost")
        outcomes = []
        for outcome in attack(Path(folder), given.tries, given.only):
            outcomes.append(outcome)
            if outcome.lost:
                print(outcome.line(), flush=True)
        sums = [sum(getattr(outcome, name) for outcome in outcomes) for name in ("tried", "survived", "lost")]
        print(Outcome(f"{len(outcomes)} pairs of commands at once", *sums).line())
