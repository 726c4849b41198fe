"""What people say of two values of an item: what was said last counts, whoever said it, and can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from screener.ledger.same_meanings import ValuePair, meaning_verdicts, say_meaning, take_back_meaning
from screener.ledger.store import Ledger

PAIR, OTHER = ValuePair("results.task", "affinding", "fibrillation"), ValuePair("results.task", "age", "years")
SHOWN = ("finding AF", "fibrillation")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield made
    made.close()


def test_what_was_said_last_of_a_pair_counts_with_who_and_when(ledger: Ledger) -> None:
    with ledger.write() as connection:
        say_meaning(connection, PAIR, SHOWN, "ann", same=True)
        say_meaning(connection, OTHER, ("age", "years"), "ann", same=False)
        say_meaning(connection, PAIR, SHOWN, "bob", same=False)
        said = meaning_verdicts(connection)
    assert {pair: (one.same, one.who) for pair, one in said.items()} == {PAIR: (False, "bob"), OTHER: (False, "ann")}
    assert said[PAIR].at > "2020"
    assert said[PAIR].shown == SHOWN


def test_what_somebody_said_is_taken_back_one_by_one_from_the_last(ledger: Ledger) -> None:
    with ledger.write() as connection:
        say_meaning(connection, PAIR, SHOWN, "bob", same=False)
        say_meaning(connection, PAIR, SHOWN, "ann", same=True)
        say_meaning(connection, OTHER, ("age", "years"), "ann", same=True)
        taken = [take_back_meaning(connection, "ann") for _ in range(3)]
        said = meaning_verdicts(connection)
    assert [one and one.pair for one in taken] == [OTHER, PAIR, None]
    # What another person had said counts again.
    assert {pair: one.who for pair, one in said.items()} == {PAIR: "bob"}
