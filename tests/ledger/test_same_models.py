"""Links between units of studies: what was said last counts, and a record that was merged since is found by its present id."""

from pathlib import Path

from support import Cli
from support.hearts import hearts

from screener.ledger import merge_records
from screener.ledger.same_models import UnitEnd, same_models, say_same_model
from screener.ledger.store import Ledger

ONE, TWO = UnitEnd("r0", "models[0]", "A"), UnitEnd("r1", "models[1]", "A")


def test_what_was_said_last_of_two_units_counts_in_whatever_order_they_are_named(tmp_path: Path, cli: Cli) -> None:
    hearts(tmp_path, cli, "abstract", records=3)
    ledger = Ledger.of(tmp_path / ".screener")
    with ledger.write() as connection:
        say_same_model(connection, ONE, TWO, "ann")
        say_same_model(connection, TWO, ONE, "bob", active=False)
        (link,) = same_models(connection)
    assert (link.a, link.b, link.who, link.active) == (ONE, TWO, "bob", False)
    ledger.close()


def test_a_link_follows_its_record_into_the_one_that_it_was_merged_into(tmp_path: Path, cli: Cli) -> None:
    hearts(tmp_path, cli, "abstract", records=3)
    ledger = Ledger.of(tmp_path / ".screener")
    with ledger.write() as connection:
        say_same_model(connection, TWO, UnitEnd("r2", "models[0]", "A"), "ann")
    assert merge_records(ledger, "r0", "r1", "ann") == "r0"
    with ledger.read() as connection:
        (link,) = same_models(connection)
    assert {link.a.record, link.b.record} == {"r0", "r2"}
    ledger.close()
