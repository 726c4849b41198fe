"""The one object of an answer: what stands around it is left out, what contradicts itself is asked again."""

import json

import pytest
from pydantic import BaseModel, ConfigDict

from screener.core.messages import ChatRequest, ChatResponse, Message, UnusableReplyError
from screener.reviewers.schema import filled


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    quote: str


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int
    part: Part


GOOD = '{"a": 1, "part": {"quote": "it closes </think> {"}}'
VALUE = Form(a=1, part=Part(quote="it closes </think> {"))
REQUEST = ChatRequest((Message("user", "?"),), "form", "{}")


def outcome(text: str, finish: str | None = "stop") -> Form | str:
    """Return the form that an answer fills, or what the repair complains of."""
    judging = filled(REQUEST, Form)
    next(judging)
    try:
        repair = judging.send(ChatResponse(text, None, finish))
    except StopIteration as stop:
        return stop.value
    assert isinstance(repair, ChatRequest)
    return repair.messages[-1].content


@pytest.mark.parametrize(
    "text",
    [
        f"Is it a {{draft}}?</think>{GOOD}",
        f'Perhaps {{"a": 2}}, or {{"a": 3, "b</think>\n\n```json\n{GOOD}\n```',
        f"<think>Hm.</think><think>Hm again.</think>{GOOD}",
        f"Hm.</thinking>{GOOD}",
        f'{{"a": 7}}</think>{GOOD}',
        f'<think>{{"a": 7}}</think>{GOOD}',
        f"<thought>It says <think>.</thought>{GOOD}",
    ],
)
@pytest.mark.parametrize("finish", ["stop", "tool_calls", None])
def test_thoughts_end_at_their_closing_tag_even_if_nothing_opened_them(text: str, finish: str | None) -> None:
    assert outcome(text, finish) == VALUE


@pytest.mark.parametrize("text", [f"<think>{GOOD}", f"<think>\n{GOOD}\n", f"<think>\n```json\n{GOOD}\n```\n"])
def test_thoughts_that_are_the_object_and_nothing_else_are_the_answer(text: str) -> None:
    assert outcome(text) == outcome(text, None) == VALUE
    assert "cut off" in str(outcome(text, "length"))


@pytest.mark.parametrize(
    "text", ["<think>Hm.", f"<think>It may be {GOOD}", f"<think>{GOOD} But no.", f"<think>{GOOD}{GOOD}", "<think>"]
)
def test_other_thoughts_that_nothing_closes_are_no_answer_and_are_not_sent_back(text: str) -> None:
    judging = filled(REQUEST, Form)
    next(judging)
    repair = judging.send(ChatResponse(text, None, "stop"))
    assert isinstance(repair, ChatRequest)
    assert "only thoughts (finish reason: stop)" in repair.messages[-1].content
    assert repair.messages[-2] == Message("assistant", "(empty)")


@pytest.mark.parametrize("text", ["", "  ", "<think>Hm.</think>", "Hm.</think>\n"])
def test_an_answer_of_nothing_says_how_it_ended(text: str) -> None:
    assert "no answer (finish reason: none)" in str(outcome(text, None))
    assert "no answer (finish reason: stop)" in str(outcome(text, "stop"))
    assert "cut off" in str(outcome(text, "length"))


def test_a_whole_object_is_taken_though_the_answer_met_its_limit_and_a_broken_one_is_not() -> None:
    assert outcome(GOOD + "\n\n", "length") == VALUE
    assert "cut off" in str(outcome(GOOD[:-3], "length"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"a": 1, "a": 2, "part": {"quote": ""}}', '"a" twice, as 1 and 2'),
        ('{"a": 1, "part": {"quote": "x", "quote": "y"}}', '"quote" twice, as "x" and "y"'),
        ('{"a": 1, "part": {"quote": "x"}, "part": {"quote": "y"}}', '"part" twice'),
        ('{"a": 1, "a": true, "part": {"quote": ""}}', '"a" twice, as 1 and true'),
        ('{"a": 2, "a": 1, "a": 1, "part": {"quote": ""}}', '"a" twice, as 2 and 1'),
        ('{"\\u0061": 2, "a": 1, "part": {"quote": ""}}', '"a" twice'),
        ('<think>{"a": 1, "a": 2, "part": {"quote": ""}}', '"a" twice'),
    ],
)
def test_an_object_that_gives_a_key_twice_with_different_values_is_asked_again(text: str, key: str) -> None:
    assert f"contradicts itself: it gives {key}" in str(outcome(text))


def test_what_is_said_twice_alike_is_said_once() -> None:
    text = '{"a": 1, "part": {"quote": "x", "quote": "x"}, "part": {"quote": "x"}, "a": 1}'
    assert outcome(text) == Form(a=1, part=Part(quote="x"))


def test_drafts_that_contradict_themselves_are_thoughts_all_the_same() -> None:
    assert outcome(f'{{"a": 1, "a": 2}}</think>{GOOD}') == VALUE


def test_two_objects_that_are_only_equal_to_python_differ() -> None:
    assert "more than one" in str(outcome('{"a": 1, "part": {"quote": ""}} {"a": true, "part": {"quote": ""}}'))


def test_a_second_contradiction_is_an_error_of_the_record() -> None:
    judging = filled(REQUEST, Form)
    next(judging)
    judging.send(ChatResponse('{"a": 1, "a": 2}', None, "stop"))
    with pytest.raises(UnusableReplyError, match="contradicts itself"):
        judging.send(ChatResponse('{"a": 1, "a": 2}', None, "stop"))


@pytest.mark.parametrize("text", ['{"x": ' * 100_000 + "</think>", "{" * 200_000 + "</think>", "</think>" * 50_000])
def test_the_end_of_thoughts_is_looked_for_no_longer_than_a_moment(text: str) -> None:
    assert isinstance(outcome(text), str)
    assert json.loads(GOOD)
