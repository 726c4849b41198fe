"""A model's critique of criteria: what is asked, and that only what quotes the wording rightly is taken."""

import json

import pytest

from screener.core.messages import ChatRequest, ChatResponse
from screener.protocol import StageProtocol
from screener.reviewers import Critique, ask_for_critique, critique_request, suggestions_of

STAGE = StageProtocol.model_validate({
    "question": "Is it about goats?",
    "template": "abstract.md",
    "criteria": [
        {"id": "year", "kind": "rule", "question": "Is it new?", "years": [2000, 2020]},
        {
            "id": "goats", "question": "Are goats kept?", "met_when": "Goats are kept on\n  a farm.",
            "cues": {"supports": ["goat*"]}, "label": "goats on a farm",
        },
    ],
})  # fmt: skip


def told(**changed: str) -> dict[str, str]:
    sound = {
        "criterion": "goats",
        "field": "met_when",
        "quote": "kept on a farm",
        "problem": "Wild\ngoats?",
        "rewording": "kept",
    }
    return {**sound, **changed}


def test_the_request_has_the_wording_of_the_questions_and_nothing_else() -> None:
    request = critique_request(STAGE, "Goats")
    text = request.messages[1].content
    assert "question: Are goats kept?" in text
    assert "silence: unclear" in text
    assert "Is it new?" not in text
    assert "goat*" not in text
    assert json.loads(request.schema)["required"] == ["suggestions"]


def test_a_suggestion_is_one_line_at_the_place_of_its_quote() -> None:
    (found,), left_out = suggestions_of(STAGE, Critique.model_validate({"suggestions": [told()]}))
    assert found.where == ("criteria", 1, "met_when")
    assert found.advice == "Wild goats?; suggested: kept"
    assert left_out == []


def test_what_the_wording_does_not_say_and_who_is_not_asked_is_left_out() -> None:
    wrong = [told(quote="kept in a farm"), told(field="question"), told(criterion="year"), told(quote=" ")]
    found, left_out = suggestions_of(STAGE, Critique.model_validate({"suggestions": wrong}))
    assert found == []
    assert len(left_out) == 4
    assert "`goats.question` does not say" in left_out[1]
    assert "no criterion is named `year`" in left_out[2]


def test_no_more_than_twenty_are_taken_and_that_is_said() -> None:
    found, left_out = suggestions_of(STAGE, Critique.model_validate({"suggestions": [told()] * 23}))
    assert len(found) == 20
    assert left_out == ["only the first 20 of 23 are taken"]


def test_an_answer_of_another_form_is_asked_for_once_more() -> None:
    asking = ask_for_critique(STAGE, "Goats")
    next(asking)
    again = asking.send(ChatResponse("sound"))
    assert isinstance(again, ChatRequest)
    assert len(again.messages) == 4
    with pytest.raises(StopIteration) as stop:
        asking.send(ChatResponse(json.dumps({"suggestions": [told()]})))
    assert stop.value.value.suggestions[0].quote == "kept on a farm"
