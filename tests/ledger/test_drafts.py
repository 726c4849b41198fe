from collections.abc import Callable

from screener.core.judgement import Stage
from screener.ledger.drafts import (
    begun_records,
    drop_drafts,
    newest_draft,
    put_draft,
    put_drafts,
    set_draft_aside,
)
from screener.ledger.queue import put_in_queue
from screener.ledger.store import Ledger

STAGE = Stage.ABSTRACT


def test_the_last_draft_of_a_record_stands_also_after_a_merge(ledger: Ledger, add_records: Callable[..., None]) -> None:
    add_records("r1", merged={"part": "r1"})
    with ledger.write() as connection:
        put_drafts(connection, STAGE, "ada", {"part": {"note": "first"}, "r2": {"note": "other"}})
        assert newest_draft(connection, STAGE, "r1", "ada") == {"note": "first"}
        put_draft(connection, STAGE, "r1", "ada", {"note": "second"})
        assert newest_draft(connection, STAGE, "r1", "ada") == {"note": "second"}
        assert newest_draft(connection, STAGE, "r1", "ben") is None
        drop_drafts(connection, STAGE, "ada", ["r1"])
        assert newest_draft(connection, STAGE, "r1", "ada") is None
        assert newest_draft(connection, STAGE, "r2", "ada") == {"note": "other"}


def test_what_was_begun_is_of_the_queue_and_was_not_skipped(ledger: Ledger, add_records: Callable[..., None]) -> None:
    add_records("r1", merged={"part": "r1"})
    with ledger.write() as connection:
        put_in_queue(connection, STAGE, "ada", {"r1": 1, "r2": 2})
        for name in ("part", "r2", "judged"):
            put_draft(connection, STAGE, name, "ada", {"note": 'says "skipped": true'})
        put_draft(connection, STAGE, "r2", "ben", {"note": "of another"})
        assert set(begun_records(connection, STAGE, "ada", 9)) == {"r1", "r2"}
        set_draft_aside(connection, STAGE, "r1", "ada", aside=True)
        assert begun_records(connection, STAGE, "ada", 9) == ["r2"]
        set_draft_aside(connection, STAGE, "r1", "ada", aside=False)
        assert set(begun_records(connection, STAGE, "ada", 9)) == {"r1", "r2"}
        put_draft(connection, STAGE, "r2", "ada", {"ruling": True})
        assert begun_records(connection, STAGE, "ada", 9) == ["r1"]
        set_draft_aside(connection, STAGE, "r9", "ada", aside=True)
        assert newest_draft(connection, STAGE, "r9", "ada") is None
