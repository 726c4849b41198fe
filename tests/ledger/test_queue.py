from collections.abc import Callable

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.queue import (
    Built,
    built,
    count_queued,
    leave_queue,
    move_to_end,
    move_to_front,
    queued,
    random_place,
    replace_queue,
    replace_queue_with_all,
    return_to_queues,
    void_queues,
)
from screener.ledger.store import Connection, Ledger

STAGE = Stage.ABSTRACT


def names(connection: Connection, reviewer: str = "ada", stage: Stage = STAGE) -> list[str]:
    return [name for name, _ in queued(connection, stage, reviewer)]


def test_a_queue_is_served_in_order_and_in_parts(ledger: Ledger) -> None:
    with ledger.write() as connection:
        replace_queue(connection, STAGE, "ada", {"r1": 30, "r2": 10, "r3": 20}, "made from this")
        assert queued(connection, STAGE, "ada", limit=2) == [("r2", 10), ("r3", 20)]
        assert queued(connection, STAGE, "ada", after=20) == [("r1", 30)]
        made = built(connection, STAGE, "ada")
        assert made == Built("made from this", made.at if made else "")
        void_queues(connection, STAGE)
        assert built(connection, STAGE, "ada") is None
        assert count_queued(connection, STAGE, "ada") == 3


def test_records_move_to_either_end_and_leave(ledger: Ledger) -> None:
    with ledger.write() as connection:
        replace_queue(connection, STAGE, "ada", {"r1": 1, "r2": 2, "r3": 3}, "")
        move_to_end(connection, STAGE, "ada", "r1")
        move_to_front(connection, STAGE, "ada", "r3")
        assert names(connection) == ["r3", "r2", "r1"]
        leave_queue(connection, STAGE, "ada", ["r2", "r9"])
        assert names(connection) == ["r3", "r1"]


def test_what_is_taken_back_returns_to_those_for_whom_it_waits(ledger: Ledger) -> None:
    with ledger.write() as connection:
        for who in ("ada", "ben", "carl"):
            replace_queue(connection, STAGE, who, {"r1": 1, "r2": 2} if who == "carl" else {"r1": 1}, "")
            replace_queue(connection, Stage.FULLTEXT, who, {"r1": 1}, "")
        for stage in (STAGE, Stage.FULLTEXT):
            return_to_queues(connection, stage, "ada", "r2", lambda who: who != "ben")
        assert {who: names(connection, who) for who in ("ada", "ben", "carl")} == {
            "ada": ["r2", "r1"],
            "ben": ["r1"],
            "carl": ["r1", "r2"],
        }
        assert names(connection, "ada", Stage.FULLTEXT) == ["r2", "r1"]
        assert built(connection, Stage.FULLTEXT, "carl") is None, "what comes to others is asked of the stage before"


def test_a_queue_of_all_records_leaves_out_what_is_judged(ledger: Ledger, add_records: Callable[..., None]) -> None:
    add_records("r1", "r2", "r3", "r4", merged={"part": "r4"})
    judgement = Judgement(decision=Decision.INCLUDE)
    with ledger.write() as connection:
        add_judgements(
            connection,
            [
                NewJudgement(name, "", STAGE, who, role, judgement)
                for name, who, role in (("r1", "ada", "human"), ("r2", "ben", "human"), ("part", "carl", "adjudicator"))
            ],
        )
        replace_queue_with_all(connection, STAGE, "ada", 2, None, "")
        assert names(connection) == ["r2", "r3"]
        replace_queue_with_all(connection, STAGE, "ada", 2, "salt:", "")
        places = {name: random_place("salt:", name) for name in ("r2", "r3")}
        assert dict(queued(connection, STAGE, "ada")) == places
