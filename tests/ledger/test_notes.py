"""Notes on records: written, answered, reworded and taken back by who wrote them, and nothing of it lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from screener.core.errors import BadInput
from screener.core.judgement import Stage
from screener.ledger import tables as t
from screener.ledger.notes import LONGEST, add_note, notes_of, reword_note, withdraw_note
from screener.ledger.store import Ledger

STAGE = Stage.FULLTEXT


def texts(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return [note.text for note in notes_of(connection)]


@pytest.fixture
def first(ledger: Ledger, add_records: Callable[..., None]) -> int:
    add_records("r1", "r2", merged={"part": "r1"})
    with ledger.write() as connection:
        return add_note(connection, STAGE, "part", "ada", " The same cohort?\r\n ")


def test_a_note_and_its_reply_stand_on_the_record_that_the_part_is_in(ledger: Ledger, first: int) -> None:
    with ledger.write() as connection:
        add_note(connection, STAGE, "r1", "ben", "No.", reply_to=first)
        add_note(connection, STAGE, "r2", "ben", "Elsewhere")
        note, reply = notes_of(connection, ["r1"])
    assert (note.record_id, note.text, note.reviewer, note.stage) == ("r1", "The same cohort?", "ada", STAGE)
    assert (reply.reply_to, reply.text, reply.record_id) == (first, "No.", "r1")


def test_a_note_reads_as_it_was_reworded_and_the_earlier_wording_stays_in_the_ledger(
    ledger: Ledger, first: int
) -> None:
    with ledger.write() as connection:
        reword_note(connection, "r1", "ada", first, "The cohort of 2022?")
        reword_note(connection, "r1", "ada", first, "The cohort of 2022?")
        (note,) = notes_of(connection)
        count = select(func.count()).select_from(t.ui_events)
        assert connection.execute(count).scalar_one() == 2
        assert connection.execute(select(t.ui_events.c.body).where(t.ui_events.c.id == first)).scalar_one() == (
            '{"text": "The same cohort?"}'
        )
    assert note.text == "The cohort of 2022?"
    assert note.edited


def test_a_withdrawn_note_is_gone_and_where_it_has_a_reply_only_its_place_stands(ledger: Ledger, first: int) -> None:
    with ledger.write() as connection:
        withdraw_note(connection, "r1", "ada", first)
    assert texts(ledger) == []
    with ledger.write() as connection:
        second = add_note(connection, STAGE, "r1", "ada", "Again")
        add_note(connection, STAGE, "r1", "ben", "Yes", reply_to=second)
        withdraw_note(connection, "r1", "ada", second)
    assert texts(ledger) == ["", "Yes"]


@pytest.mark.parametrize("who", ["ben", "ada "])
def test_nobody_changes_anothers_note(ledger: Ledger, first: int, who: str) -> None:
    with ledger.write() as connection:
        for change in (
            lambda: reword_note(connection, "r1", who, first, "Mine now"),
            lambda: withdraw_note(connection, "r1", who, first),
        ):
            with pytest.raises(BadInput, match="somebody else's"):
                change()
    assert texts(ledger) == ["The same cohort?"]


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1)])
def test_a_note_has_some_text_and_not_too_much(ledger: Ledger, first: int, text: str) -> None:
    with ledger.write() as connection, pytest.raises(BadInput, match="note"):
        add_note(connection, STAGE, "r1", "ada", text)


def test_a_note_is_answered_only_on_its_own_record(ledger: Ledger, first: int) -> None:
    with ledger.write() as connection, pytest.raises(BadInput, match="no longer there"):
        add_note(connection, STAGE, "r2", "ben", "No.", reply_to=first)
