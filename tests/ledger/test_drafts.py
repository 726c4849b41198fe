from collections.abc import Callable

from screener.core.judgement import Stage
from screener.ledger.drafts import drop_drafts, newest_draft, put_draft, put_drafts
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
