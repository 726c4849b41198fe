"""Records assigned to people: split by shares, served first and to nobody else, given away; and how fast people are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.blinded import begun, judgement

from screener.adjudication import queue
from screener.adjudication.assigning import (
    ADJUDICATOR,
    HUMAN,
    AssigningRequest,
    carry_out_assignment,
    hand_over,
    plan_assignment,
    take_back_act,
)
from screener.adjudication.pace import pace_of
from screener.core.errors import BadInput
from screener.core.judgement import Decision, Stage
from screener.gold import draw_pilot
from screener.ledger import set_tag
from screener.ledger.assignments import assigned
from screener.ledger.store import Ledger
from screener.protocol.model import Review

ABSTRACT = Stage.ABSTRACT
NAMES = [f"p{number}" for number in range(12)]


@pytest.fixture
def made(tmp_path: Path) -> tuple[Review, Ledger]:
    return begun(tmp_path / "review", NAMES)


def assign(made: tuple[Review, Ledger], shares: dict[str, int], **more: object) -> str:
    review, ledger = made
    request = AssigningRequest(ABSTRACT, HUMAN, shares, **more)  # type: ignore[arg-type]
    return carry_out_assignment(ledger, plan_assignment(ledger, review, request), "Olga")


def of(made: tuple[Review, Ledger], who: str) -> set[str]:
    with made[1].read() as connection:
        return {name for name, people in assigned(connection, ABSTRACT).items() if who in people}


def judge(made: tuple[Review, Ledger], name: str, who: str, decision: Decision = Decision.INCLUDE) -> None:
    queue.enter(made[1], made[0], ABSTRACT, name, who, judgement(name, ABSTRACT, decision))


def served(made: tuple[Review, Ledger], who: str) -> list[str]:
    """All records that come to a person, in their order; each is judged."""
    names = []
    while (record := queue.next_record(made[1], made[0], ABSTRACT, who)) is not None:
        names.append(record.id)
        judge(made, record.id, who)
    return names


def test_each_record_gets_as_many_people_as_it_needs_and_each_person_their_share(made: tuple[Review, Ledger]) -> None:
    assign(made, {"ada": 2, "ben": 1, "cem": 1})
    with made[1].read() as connection:
        people = assigned(connection, ABSTRACT)
    assert {name: len(of_record) for name, of_record in people.items()} == dict.fromkeys(NAMES, 2)
    assert [len(of(made, who)) for who in ("ada", "ben", "cem")] == [12, 6, 6]


def test_what_is_assigned_comes_first_and_to_nobody_else(made: tuple[Review, Ledger]) -> None:
    review, ledger = made
    assert queue.progress(ledger, review, ABSTRACT, "dee").left is None
    queue.next_record(ledger, review, ABSTRACT, "dee")
    with ledger.write() as connection:
        for name in NAMES[:4]:
            set_tag(connection, ABSTRACT, name, "Olga", "heart")
    assign(made, {"ada": 1, "ben": 1}, tag="heart")
    assert of(made, "ada") == of(made, "ben") == set(NAMES[:4])
    came = served(made, "dee")
    assert sorted(came) == sorted(NAMES[4:])
    assert queue.progress(ledger, review, ABSTRACT, "dee").left == 0
    first = served(made, "ada")
    assert set(first[:4]) == set(NAMES[:4])
    assert len(first) == 12
    planned = plan_assignment(ledger, review, AssigningRequest(ABSTRACT, HUMAN, {"cem": 1}, again=True))
    hand_over(ledger, ABSTRACT, HUMAN, "ben", "", "Olga")
    with pytest.raises(BadInput, match="meanwhile"):
        carry_out_assignment(ledger, planned, "Olga")


def test_others_may_take_what_is_not_exclusive_or_lacks_a_person(made: tuple[Review, Ledger]) -> None:
    assign(made, {"dee": 1})
    assert len(served(made, "cem")) == 12, "each needs one more than is assigned to it"
    assert served(made, "eli") == []
    act = assign(made, {"ada": 1}, exclusive=False, again=True)
    assert of(made, "ada") == set(NAMES)
    assert of(made, "dee") == set()
    assert len(served(made, "eli")) == 12
    take_back_act(made[1], act, "Olga")
    assert of(made, "ada") == set()


def test_a_pilot_comes_to_all_whoever_is_assigned(made: tuple[Review, Ledger]) -> None:
    review, ledger = made
    draw_pilot(ledger, review, ABSTRACT, 3)
    assign(made, {"ada": 1, "ben": 1})
    assert len(served(made, "cem")) == 3


def test_what_was_taken_back_returns_to_its_people_alone(made: tuple[Review, Ledger]) -> None:
    review, ledger = made
    assign(made, {"ada": 1, "ben": 1})
    assert served(made, "cem") == []
    (name, *_) = served(made, "ada")
    queue.undo(ledger, review, ABSTRACT, "ada", name)
    assert served(made, "cem") == []
    assert served(made, "ada") == [name]


def test_what_is_handed_over_is_what_was_not_judged(made: tuple[Review, Ledger]) -> None:
    assign(made, {"ada": 1, "ben": 1})
    judge(made, NAMES[0], "ada")
    judge(made, NAMES[1], "cem")
    assert hand_over(made[1], ABSTRACT, HUMAN, "ada", "cem", "Olga") == 11
    assert of(made, "ada") == {NAMES[0]}
    assert of(made, "cem") == set(NAMES[2:])
    with pytest.raises(BadInput, match="another person"):
        hand_over(made[1], ABSTRACT, HUMAN, "ben", "ben", "Olga")


def test_a_conflict_is_assigned_to_nobody_who_differs_in_it(made: tuple[Review, Ledger]) -> None:
    review, ledger = made
    for name in NAMES[:2]:
        judge(made, name, "ada")
        judge(made, name, "ben", Decision.EXCLUDE)
    differing = {name: {"ada", "ben"} for name in NAMES[:2]}
    request = AssigningRequest(ABSTRACT, ADJUDICATOR, {"ada": 5, "cem": 1})
    planned = plan_assignment(ledger, review, request, differing)
    assert (planned.per_person, planned.short) == ({"ada": 0, "cem": 2}, 0)
    alone = plan_assignment(ledger, review, AssigningRequest(ABSTRACT, ADJUDICATOR, {"ben": 1}), differing)
    assert (alone.records, alone.short) == (0, 2)


@pytest.mark.parametrize("shares", [{}, {"ada": 0}, {"ada": 1_001}])
def test_an_assignment_needs_people_with_shares(made: tuple[Review, Ledger], shares: dict[str, int]) -> None:
    with pytest.raises(BadInput, match="share"):
        assign(made, shares)


def test_a_pace_is_of_active_time_and_the_end_is_as_in_the_last_week() -> None:
    now = datetime(2026, 3, 9, 12, tzinfo=UTC)
    long_ago = [now - timedelta(days=30) + timedelta(minutes=minute) for minute in range(0, 30, 1)]
    today = [now - timedelta(minutes=40) + timedelta(minutes=2 * minute) for minute in range(14)]
    pace = pace_of([moment.isoformat() for moment in long_ago + today], 60, 28, now)
    assert pace.last_session == pytest.approx(30)
    assert pace.overall == pytest.approx(44 / (0.5 + 28 / 60))
    assert pace.hours_left == pytest.approx(28 / pace.overall)
    assert pace.end is not None
    assert pace.end.isoformat() == "2026-03-23"
    few = pace_of([now.isoformat()], 1, 5, now)
    quick = pace_of([(now + timedelta(seconds=second)).isoformat() for second in range(0, 300, 5)], 60, 5, now)
    for pace in (few, quick):
        assert (pace.overall, pace.last_session, pace.hours_left) == (None, None, None)
    assert pace_of([], 0, None, now).end is None
