from collections.abc import Callable

from sqlalchemy import select

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger import ranking_tables as t
from screener.ledger.judgements import NewJudgement, add_numbered, withdraw
from screener.ledger.queue import replace_queue
from screener.ledger.rankings import (
    RankedPlace,
    add_ranking,
    begun_records,
    count_new_labels,
    newest_ranking,
    note_offered,
    ordering,
    ranked_places,
)
from screener.ledger.store import Ledger

STAGE = Stage.ABSTRACT
KEEP = Judgement(decision=Decision.INCLUDE, stated=True)


def by(role: str, *names: str, reviewer: str = "ada", stage: Stage = STAGE) -> list[NewJudgement]:
    return [NewJudgement(name, "x", stage, reviewer, role, KEEP) for name in names]


def test_a_new_order_replaces_the_one_before_and_each_fitted_model_stays(ledger: Ledger) -> None:
    with ledger.write() as connection:
        assert newest_ranking(connection, STAGE) is None
        first = add_ranking(connection, STAGE, {"labels": 2}, [("r1", 0.5), ("r2", 0.25)])
        add_ranking(connection, Stage.FULLTEXT, {"labels": 1}, [("r1", 0.125)])
        second = add_ranking(connection, STAGE, {"labels": 3}, [("r3", 2.0), ("r1", 1.0)])
        assert ranked_places(connection, STAGE) == [
            RankedPlace("r3", second, 0, 2.0),
            RankedPlace("r1", second, 1, 1.0),
        ]
        assert ordering(connection, STAGE) == second > first
        newest = newest_ranking(connection, STAGE)
        assert newest is not None
        assert (newest.id, newest.body, newest.failed) == (second, {"at": newest.at, "labels": 3}, "")
        assert len(connection.execute(select(t.rankings)).all()) == 3


def test_a_fit_that_failed_leaves_the_order_of_the_one_before(ledger: Ledger) -> None:
    with ledger.write() as connection:
        first = add_ranking(connection, STAGE, {}, [("r1", 0.5)])
        add_ranking(connection, STAGE, {"failed": "no memory is left"}, None)
        newest = newest_ranking(connection, STAGE)
        assert newest is not None
        assert newest.failed == "no memory is left"
        assert ordering(connection, STAGE) == first
        add_ranking(connection, STAGE, {}, [])
        assert ordering(connection, STAGE) == 0


def test_the_score_of_a_record_is_kept_once_it_is_offered(ledger: Ledger) -> None:
    with ledger.write() as connection:
        number = add_ranking(connection, STAGE, {}, [("r1", 0.5), ("r2", 0.25)])
        for who in ("ada", "ada", "ben"):
            note_offered(connection, STAGE, "r1", who)
        note_offered(connection, STAGE, "r9", "ada")
        rows = connection.execute(select(t.offered_scores)).all()
        assert [(row.ranking_id, row.record_id, row.reviewer, row.score) for row in rows] == [
            (number, "r1", "ada", 0.5),
            (number, "r1", "ben", 0.5),
        ]


def test_labels_since_are_those_that_people_entered_or_took_back(ledger: Ledger) -> None:
    with ledger.write() as connection:
        first = add_numbered(connection, by("human", "r1"))[0]
        add_numbered(connection, by("machine", "r1", "r2") + by("human", "r1", stage=Stage.FULLTEXT))
        assert count_new_labels(connection, STAGE, first, 0) == 0
        add_numbered(connection, by("human", "r2") + by("adjudicator", "r1"))
        withdraw(connection, [first], "ada", "")
        assert count_new_labels(connection, STAGE, first, 0) == 3
        assert count_new_labels(connection, STAGE, first, 1) == 2


def test_records_that_others_have_begun_come_in_the_order_in_which_they_were_judged(
    ledger: Ledger, add_records: Callable[..., None]
) -> None:
    names = [f"r{n}" for n in range(1, 8)]
    add_records(*names, merged={"part": "r3"})
    with ledger.write() as connection:
        replace_queue(connection, STAGE, "ben", {name: place for place, name in enumerate(names[:6])}, "")
        add_numbered(connection, by("machine", "r1") + by("human", "part", "r2", "r1", "r3", "r4", "r5", "r6", "r7"))
        add_numbered(connection, by("human", "r4", reviewer="cy") + by("adjudicator", "r5", reviewer="cy"))
        add_numbered(connection, by("human", "r6", reviewer="ben"))
        assert begun_records(connection, STAGE, "ben", 2, 10) == ["r3", "r2", "r1"]
        assert begun_records(connection, STAGE, "ben", 2, 2) == ["r3", "r2"]
        assert begun_records(connection, STAGE, "ben", 3, 10) == ["r3", "r2", "r1", "r4"]
        assert begun_records(connection, STAGE, "ada", 2, 10) == []
