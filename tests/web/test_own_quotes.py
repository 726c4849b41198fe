"""What a person quotes is looked up before it is kept: where it was selected, else by its words."""

import pytest

from screener.core.errors import BadInput
from screener.core.judgement import Answer, Value
from screener.records import Record
from screener.web.own_quotes import LONGEST, evidence_of, with_quotes, words_of_answer

RECORD = Record(
    id="r1", title="A trial", abstract="We trained it.\nAgain, we trained it on 0.93 million rows. We trained it."
)
SECOND = RECORD.abstract.rindex("We trained it.")


def test_words_are_taken_from_where_they_were_selected_and_not_from_where_they_stand_first() -> None:
    place = f"{SECOND} {SECOND + 14} abstract"
    assert evidence_of(RECORD, "We trained it.", place).start == SECOND
    assert evidence_of(RECORD, "We trained it.", "").start == 0


def test_a_selection_over_a_line_end_is_kept_as_the_text_has_it() -> None:
    end = RECORD.abstract.index(" we trained it on")
    found = evidence_of(RECORD, "trained it. Again,", f"3 {end} abstract")
    assert (found.quote, found.status) == ("trained it.\nAgain,", "exact")


@pytest.mark.parametrize(
    "place",
    [
        "0 14 elsewhere",
        "5 19 abstract",
        "1e3 4 abstract",
        "-1 14 abstract",
        "0 99999999999999999999 abstract",
        "x",
        "0 14",
    ],
)
def test_a_place_that_has_other_words_counts_for_nothing(place: str) -> None:
    assert evidence_of(RECORD, "We trained it.", place).start == 0


@pytest.mark.parametrize("words", ["We tested it.", "it on 0.94 million rows", "x" * (LONGEST + 1)])
def test_words_that_the_record_does_not_have_are_refused(words: str) -> None:
    with pytest.raises(BadInput, match="Quote"):
        evidence_of(RECORD, words, "0 14 abstract")


def test_a_quote_stays_with_its_answer_and_a_question_that_is_not_asked_has_none() -> None:
    answers = {"a": Answer(value=Value.NO), "b": Answer(value=Value.NOT_ASKED, reason="a is answered no")}
    quoted = with_quotes(answers, {"a": ("A trial", ""), "b": ("A trial", "")}, RECORD)
    assert words_of_answer(quoted["a"]) == ("A trial", "0 7 title")
    assert quoted["b"].evidence == ()
