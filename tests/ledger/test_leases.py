from screener.core.judgement import Stage
from screener.ledger.leases import (
    Lease,
    drop_all_leases,
    drop_leases,
    drop_window_leases,
    leases_of,
    open_records,
    put_lease,
)
from screener.ledger.store import Ledger

STAGE = Stage.ABSTRACT
LATER, PAST = "2999-01-01T00:00:00.000Z", "2001-01-01T00:00:00.000Z"


def test_a_lease_stands_until_its_time_and_frees_its_slot_then(ledger: Ledger) -> None:
    with ledger.write() as connection:
        put_lease(connection, STAGE, "r1", Lease(0, "ada", "w1", PAST))
        assert leases_of(connection, STAGE, ["r1"]) == []
        put_lease(connection, STAGE, "r1", Lease(0, "ben", "w2", LATER))
        assert leases_of(connection, STAGE, ["r1"]) == [Lease(0, "ben", "w2", LATER)]


def test_a_reviewer_has_one_lease_of_a_record(ledger: Ledger) -> None:
    with ledger.write() as connection:
        for holder in ("w1", "w2"):
            put_lease(connection, STAGE, "r1", Lease(0, "ada", holder, LATER))
        put_lease(connection, STAGE, "r1", Lease(1, "ben", "w3", LATER))
        assert [(lease.slot, lease.holder) for lease in leases_of(connection, STAGE, ["r1", "part"])] == [
            (0, "w2"),
            (1, "w3"),
        ]
        assert open_records(connection, STAGE) == {"r1": [Lease(0, "ada", "w2", LATER), Lease(1, "ben", "w3", LATER)]}


def test_leases_are_given_back_by_window_by_record_or_all(ledger: Ledger) -> None:
    with ledger.write() as connection:
        put_lease(connection, STAGE, "r4", Lease(0, "ada", "w2", LATER))
        drop_window_leases(connection, "ben", "w2")
        assert set(open_records(connection, STAGE)) == {"r4"}
        drop_window_leases(connection, "ada", "w2")
        assert open_records(connection, STAGE) == {}
        for name in ("r1", "r2", "r3"):
            put_lease(connection, STAGE, name, Lease(0, "ada", "w1", LATER))
        drop_leases(connection, "ada", STAGE, ["r1"], holder="another")
        drop_leases(connection, "ben", STAGE, ["r1"])
        assert set(open_records(connection, STAGE)) == {"r1", "r2", "r3"}
        drop_leases(connection, "ada", STAGE, ["r1"], holder="w1")
        drop_leases(connection, "ada", STAGE, ["r2"])
        assert set(open_records(connection, STAGE)) == {"r3"}
        drop_all_leases(connection, "ada")
        assert open_records(connection, STAGE) == {}
