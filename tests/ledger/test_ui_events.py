from collections.abc import Callable

from screener.core.judgement import Stage
from screener.ledger.store import Ledger
from screener.ledger.ui_events import add_event, events, records_with_event, undo_event

STAGE = Stage.ABSTRACT


def test_events_come_newest_first_without_those_that_were_undone(ledger: Ledger) -> None:
    with ledger.write() as connection:
        for body in ("a", "b", "c"):
            add_event(connection, "tag", STAGE, "ada", body, record_id="r1", active=body != "c")
        add_event(connection, "tag", STAGE, "ben", "d", record_id="r1")
        add_event(connection, "shown", STAGE, "ada", "[]", record_id="r1")
        undo_event(connection, STAGE, "ada", 2)
        stand = events(connection, "tag", STAGE, "ada")
        assert [(event.body, event.active) for event in stand] == [("c", False), ("a", True)]
        assert events(connection, "tag", STAGE, "ada", names=["r2"]) == []
        assert events(connection, "tag", STAGE, "ada", since=stand[0].at) == []


def test_records_are_named_by_their_present_ids(ledger: Ledger, add_records: Callable[..., None]) -> None:
    add_records("r1", merged={"part": "r1"})
    with ledger.write() as connection:
        for name in ("part", "elsewhere"):
            add_event(connection, "shown", STAGE, "ada", "[]", record_id=name)
        assert records_with_event(connection, "shown", STAGE, "ada") == {"r1", "elsewhere"}
