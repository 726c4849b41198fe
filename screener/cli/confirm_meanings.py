"""`screener evaluate --stage extraction --confirm`: a person says which values mean the same as gold's in other words."""

import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .common import counted, open_review, writing_ledger

if TYPE_CHECKING:
    from ..ledger import Ledger
    from ..ledger.same_meanings import ValuePair
    from ..review.meanings import OpenMeaning

KEYS = "y the same   n not the same   s skip   u take back your last answer   q quit"
KEYS_AT_THE_END = "u take back your last answer   q quit"


@dataclass
class _Sitting:
    """A person at the terminal: what is still to be asked, and what was said."""

    ledger: "Ledger"
    person: str
    waiting: "list[OpenMeaning]"
    decided: "list[OpenMeaning]"
    """What was decided in earlier sittings and now."""
    said: "dict[ValuePair, bool]" = field(default_factory=dict)
    """What was said now."""
    skipped: int = 0

    def ask_all(self) -> None:
        """Ask until all is answered or the person quits; every answer is kept at once."""
        number = 1
        while self.waiting or self.decided:
            if self.waiting:
                _show(self.waiting[0], number, number + len(self.waiting) - 1)
            elif self.said:
                print(f"\n{self.skipped:,} skipped, still open." if self.skipped else "\nAll are looked at.")
            key = _key(KEYS if self.waiting else KEYS_AT_THE_END)
            if key == "q" or not (self.waiting or key == "u"):
                return
            number += self._answered(key)

    def _answered(self, key: str) -> int:
        """Keep an answer; return by how many the number of the pair goes up."""
        from ..review.meanings import decide_meaning

        if key == "u":
            return -self._taken_back()
        meaning = self.waiting.pop(0)
        if key == "s":
            self.skipped += 1
        else:
            decide_meaning(self.ledger, meaning, self.person, same=key == "y")
            self.said[meaning.offer.pair] = key == "y"
            self.decided.append(meaning)
        return 1

    def _taken_back(self) -> int:
        """Take back what the person said last, and ask it next; return how many answers of this sitting that are."""
        from ..review.meanings import take_back

        verdict = take_back(self.ledger, self.person)
        if verdict is None:
            print("You have said nothing that could be taken back.")
            return 0
        print(f"Taken back: “{verdict.shown[0]}” and “{verdict.shown[1]}”.")
        again = [meaning for meaning in self.decided if meaning.offer.pair == verdict.pair]
        self.decided = [meaning for meaning in self.decided if meaning not in again]
        self.waiting = [*again, *self.waiting]
        return int(self.said.pop(verdict.pair, None) is not None)


def confirm_meanings(folder: Path | None, *, join: bool, reviewer: str | None, split: str | None, who: str) -> None:
    """Ask a person about each pair of values that may mean the same, and say at the end what is left."""
    from ..review.meanings import open_meanings

    review = open_review(folder)
    ledger = writing_ledger(review, join)
    found = open_meanings(ledger, review, reviewer, split, who)
    if not found.pairs:
        seen = found.offered.confirmed + found.offered.refused
        print(f"Nothing to look at{f': all {seen:,} offered values were looked at' if seen else ''}.")
        if not found.decided:
            return
    else:
        print(
            f"{counted(len(found.pairs), 'pair')} of values that may mean the same. Of each pair one is gold's and one the reviewer's; "
            f"which is which is not told.\nSay yes only if nobody who uses the table would be misled. You are {found.person}."
        )
    sitting = _Sitting(ledger, found.person, list(found.pairs), list(found.decided))
    sitting.ask_all()
    left, same = len(sitting.waiting) + sitting.skipped, sum(sitting.said.values())
    of = (f" --reviewer {shlex.quote(reviewer)}" if reviewer else "") + (f" --split {split}" if split else "")
    print(
        f"\n{same:,} the same, {len(sitting.said) - same:,} not, {left:,} still open. "
        f"`screener evaluate --stage extraction{of}` shows both figures."
    )


def _show(meaning: "OpenMeaning", number: int, total: int) -> None:
    one, two = meaning.offer.shown
    question = meaning.question if len(meaning.question) <= 200 else f"{meaning.question[:199]}…"
    print(f"\n{number} of {total}  {meaning.label}  ({', '.join(meaning.studies)})")
    print(f"  {question}")
    print(f"    1  {one}\n    2  {two}")


def _key(keys: str) -> str:
    """Return the answer, asked for again until it is one; the end of the input quits."""
    while True:
        print(f"  {keys}: ", end="", flush=True)
        line = sys.stdin.readline()
        key = line.strip().casefold()[:1] if line else "q"
        if key and key in "ynsuq":
            return key
