from collections.abc import Callable

import pytest

from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger.judged import (
    bulk_of,
    finished_records,
    judged_by,
    judged_each,
    judgement_records,
    newest_blind,
    newest_judgement,
    own_judgement,
    probabilities,
    records_of,
    who_judged,
)
from screener.ledger.judgements import (
    JudgementContext,
    NewJudgement,
    add_judgements,
    add_judgements_with_context,
    withdraw,
)
from screener.ledger.store import Ledger

STAGE = Stage.ABSTRACT
INCLUDE, EXCLUDE = Judgement(decision=Decision.INCLUDE), Judgement(decision=Decision.EXCLUDE)


@pytest.fixture
def work(ledger: Ledger, add_records: Callable[..., None]) -> Ledger:
    """1: ada on a part of r1; 2: ben on r1, after he saw ada's; 3: ada on r2, one of many; 4: carl resolves r2; 5: ada
    on r3, withdrawn."""
    add_records("r1", "r2", "r3", merged={"part": "r1"})
    contexts = {
        ("part", "ada", "human"): JudgementContext(),
        ("r1", "ben", "human"): JudgementContext("open", ("ada",)),
        ("r2", "ada", "human"): JudgementContext(bulk="b1"),
        ("r2", "carl", "adjudicator"): JudgementContext("open"),
        ("r3", "ada", "human"): JudgementContext(),
    }
    with ledger.write() as connection:
        for (name, who, role), context in contexts.items():
            new = NewJudgement(name, "", STAGE, who, role, EXCLUDE if name == "r2" else INCLUDE)
            add_judgements_with_context(connection, [new], context)
        withdraw(connection, [5], "ada", "")
    return ledger


def test_judgements_of_each_record_come_oldest_first_however_many_records_are_asked_about(work: Ledger) -> None:
    with work.read() as connection:
        each = judged_each(connection, STAGE, ["r1", *(f"x{n}" for n in range(500)), "part"])
    assert [one.reviewer for one in each["r1"]] == ["ada", "ben"]


def test_who_has_judged_a_record(work: Ledger) -> None:
    with work.read() as connection:
        assert judged_by(connection, STAGE, ["r1", "part"]) == ["ada", "ben"]
        assert judged_by(connection, STAGE, ["r1", "part"], blind=True) == ["ada"]
        assert judged_by(connection, STAGE, ["r2"]) == ["ada"]
        assert judged_by(connection, STAGE, ["r2"], singly=True) == []
        assert judged_by(connection, STAGE, ["r2"], "adjudicator") == ["carl"]
        assert judged_by(connection, STAGE, ["r3"]) == []
        assert who_judged(connection, STAGE) == ({"r1": {"ada", "ben"}, "r2": {"ada"}}, {"r2"})


@pytest.mark.parametrize(
    ("reviewer", "slots", "done"),
    [("ada", 2, {"r1", "r2"}), ("dora", 2, {"r1", "r2"}), ("dora", 3, {"r2"}), ("ben", 3, {"r1", "r2"})],
)
def test_what_no_longer_waits_for_a_reviewer(work: Ledger, reviewer: str, slots: int, done: set[str]) -> None:
    with work.read() as connection:
        assert finished_records(connection, STAGE, reviewer, slots) == done


def test_what_a_reviewer_said_last(work: Ledger) -> None:
    with work.read() as connection:
        own = own_judgement(connection, STAGE, "r1", "ada")
        assert (own.id, own.record_id, own.judgement) == (1, "part", INCLUDE) if own else False
        numbers = [
            newest_judgement(connection, STAGE, "ada", **given)
            for given in ({}, {"skip": ["r2"]}, {"before": 3}, {"names": ["r3"]})
        ]
        assert [row and row.id for row in numbers] == [3, 1, 1, None]
        assert newest_judgement(connection, STAGE, "ada", "adjudicator") is None
        assert newest_blind(connection, STAGE, "r3", "ada") == 5, "what was withdrawn was blind all the same"
        assert newest_blind(connection, STAGE, "r1", "ben") is None


def test_judgements_by_number(work: Ledger) -> None:
    with work.read() as connection:
        assert judgement_records(connection, STAGE, "ada") == {1: "r1", 3: "r2"}
        assert judgement_records(connection, STAGE, "ada", bulk="b1") == {3: "r2"}
        assert judgement_records(connection, STAGE, "ada", bulk="b1", since=4) == {}
        assert records_of(connection, [5, 1]) == {1: "part", 5: "r3"}
        assert [bulk_of(connection, number) for number in (3, 1, 99)] == ["b1", "", ""]


def test_the_newest_probability_of_each_record(work: Ledger) -> None:
    with work.write() as connection:
        for name, probability in (("part", 0.2), ("r2", 0.5), ("r1", 0.9)):
            judgement = Judgement(decision=Decision.INCLUDE, probability=probability)
            add_judgements(connection, [NewJudgement(name, "", STAGE, "embedded", "machine", judgement)])
        assert probabilities(connection, STAGE, "embedded") == {"r1": 0.9, "r2": 0.5}
        assert probabilities(connection, STAGE, None) == {}
