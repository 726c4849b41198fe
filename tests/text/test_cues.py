"""Cues are found as a database query finds them, and a denied cue is recognised."""

import pytest

from screener.text.cues import cue_pattern, cue_spans, denied


def found(text: str, *cues: str) -> list[str]:
    return [text[start:end] for start, end, _ in cue_spans(text, cues)]


def test_a_cue_is_whole_words_in_any_case_with_hyphens_like_spaces() -> None:
    assert found("Self supervised, SELF-SUPERVISED, unself-supervised", "self-supervised") == [
        "Self supervised",
        "SELF-SUPERVISED",
    ]


def test_a_star_stands_for_any_ending() -> None:
    assert found("remind, reminder, reminders", "remind*") == ["remind", "reminder", "reminders"]
    assert found("remind, reminder", "remind") == ["remind"]


LETTERS = "aikKsS\u017f\u212a\u0130\u0131\u00df\u1e9e\u03c3\u03c2\u00b5\u03bc\ufb05\ufb06"
"""Letters of which a search without regard to case takes some for others."""


@pytest.mark.parametrize("cue", LETTERS)
def test_no_cue_is_missed_for_a_rare_letter(cue: str) -> None:
    for letter in LETTERS:
        places = [(0, 1)] if cue_pattern(cue).search(letter) else []
        assert [place[:2] for place in cue_spans(letter, [cue])] == places


@pytest.mark.parametrize(
    "text",
    ["without any reminder", "no electronic reminder", "neither training, nor a reminder", "instead of a reminder"],
)
def test_a_cue_after_a_negation_in_its_clause_is_denied(text: str) -> None:
    assert denied(text, text.index("reminder"))


@pytest.mark.parametrize(
    "text", ["with a reminder", "with no cost, a reminder", "not only a reminder", "It was not. A reminder"]
)
def test_a_negation_elsewhere_denies_nothing(text: str) -> None:
    assert not denied(text, text.index("reminder"))
