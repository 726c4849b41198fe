"""Sentences end where sentences end, and know where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.text.sentences import sentences


def texts(source: str) -> list[str]:
    return [sentence.text for sentence in sentences(source)]


@pytest.mark.parametrize(
    "whole",
    [
        "We compared it with others, e.g. Random forests and support vector machines.",
        "It beat the baseline (0.95 vs. 0.90) on both sets.",
        "Smith et al. Showed this before.",
        "As Fig. 3 and Eq. 2 show, it works.",
        "J. R. Smith labelled all records.",
        "Methods: Twelve readers took part.",
        "Accuracy was 0.95 and P < .05 in all.",
        "In the U.S. 5 hospitals took part.",
    ],
)
def test_a_stop_inside_a_sentence_does_not_end_it(whole: str) -> None:
    assert texts(whole + " The next one follows.") == [whole, "The next one follows."]


def test_sentences_end_at_stops_questions_and_empty_lines() -> None:
    assert texts("Does it work? It does! (See below.) Done\n\nNew paragraph") == [
        "Does it work?",
        "It does!",
        "(See below.)",
        "Done",
        "New paragraph",
    ]


def test_sentences_that_a_database_glued_together_are_parted() -> None:
    assert texts("Labels are few.Results show that it works.") == ["Labels are few.", "Results show that it works."]


def test_a_section_label_opens_its_sentence() -> None:
    assert texts("BACKGROUND: Few labels. METHODS: We trained it.") == [
        "BACKGROUND: Few labels.",
        "METHODS: We trained it.",
    ]


def test_text_without_stops_is_cut_at_spaces() -> None:
    found = sentences("word " * 1000, max_length=100)
    assert all(len(sentence.text) <= 100 for sentence in found)
    assert " ".join(sentence.text for sentence in found).split() == ["word"] * 1000


@given(st.text(alphabet="ab A.?!\n(1", max_size=300))
def test_places_are_right_and_nothing_is_lost(source: str) -> None:
    found = sentences(source, max_length=40)
    assert all(source[sentence.start : sentence.end] == sentence.text for sentence in found)
    assert "".join("".join(sentence.text for sentence in found).split()) == "".join(source.split())
