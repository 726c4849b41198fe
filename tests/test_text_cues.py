"""Cues are found as a database query finds them, and a denied cue is recognised."""

import pytest

from screener.text.cues import cue_spans, denied


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
