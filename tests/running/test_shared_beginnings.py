"""What requests of a run have in common from their beginning, and what it costs less for that."""

import json
from dataclasses import replace

import pytest

from screener.core.messages import ChatRequest, Message
from screener.models import ChatSpec, cached_price_known, text_as_read
from screener.running.shared_beginnings import InputEstimate, KnownRequest, estimate_input, shared_tokens


def known(text: str) -> KnownRequest:
    return KnownRequest(text, len(text.encode()) // 4)


def begins(tokens: int, end: str = "") -> KnownRequest:
    """Return a request that begins with so many tokens, the same for all, and goes on with others."""
    return known("rule" * tokens + end)


@pytest.mark.parametrize(
    ("common", "cached"), [(0, 0), (1_023, 0), (1_024, 1_024), (1_151, 1_024), (1_152, 1_152), (9_999, 9_984)]
)
def test_a_common_beginning_counts_from_1024_tokens_on_in_steps_of_128(common: int, cached: int) -> None:
    assert shared_tokens(begins(common, "A" * 400), begins(common, "B" * 4_000)) == cached


def test_only_the_beginning_counts_and_no_more_than_the_request_has() -> None:
    assert shared_tokens(known("x" + "rule" * 5_000), begins(5_000)) == 0
    assert shared_tokens(begins(5_000), begins(2_000)) == 1_920
    assert shared_tokens(known("é" * 4_096), known("é" * 4_096)) == 2_048, "letters of two bytes are half a token"


def test_the_first_requests_that_are_under_way_at_once_find_nothing_cached() -> None:
    studies = [[begins(2_048, letter * 4_000)] for letter in "abcdef"]
    one_by_one, four_at_once = (estimate_input(studies, 0, at_once) for at_once in (1, 4))
    assert one_by_one == InputEstimate(6, 6 * 3_048, 5 * 2_048)
    assert four_at_once.cached == 2 * 2_048
    assert estimate_input(studies, 0, 32).cached == 0


def test_requests_of_one_study_follow_each_other_and_those_not_known_are_like_them() -> None:
    study = [begins(4_096, question * 4_000) for question in "abc"]
    assert estimate_input([study], 3, 32) == InputEstimate(3, 3 * 5_096, 2 * 4_096)
    assert estimate_input([study], 7, 32) == InputEstimate(7, 7 * 5_096, 6 * 4_096)
    assert estimate_input([study, study], 3, 1).cached == 4 * 4_096 + 4_992, "the second study begins as the first"
    assert estimate_input([study[:1]], 5, 1) == InputEstimate(5, 5 * 5_096, 0), "of one nothing is known that it shares"
    assert estimate_input([[], study], 0, 1).calls == 3
    assert estimate_input([study, study], 7, 1, answered=[2, 6]).calls == 5 + 3, "what has an answer is not asked"


def test_where_one_request_is_known_the_others_are_like_it_but_for_their_end_if_that_is_so() -> None:
    one = [KnownRequest("x" * 4 * 12_800, 12_800)]
    assert estimate_input([one], 4, 8).cached == 0
    assert estimate_input([one], 4, 8, alike=True) == InputEstimate(4, 4 * 12_800, 3 * (12_800 - 128))


def test_a_schema_stands_before_the_messages_or_where_the_prompt_tells_it() -> None:
    request = ChatRequest((Message("system", "RULES"), Message("user", "A record.")), "s", json.dumps({"a": 1}))
    given = text_as_read(ChatSpec(model="openai:m"), request)
    told = text_as_read(ChatSpec(model="openai:m", structured="prompt"), request)
    assert given.index('{"a": 1}') < given.index("RULES")
    assert told.index("RULES") < told.index("A record.") < told.index('{"a": 1}')


def test_a_repair_begins_as_its_request_did_and_so_do_two_questions_about_one_text() -> None:
    spec = ChatSpec(model="openai:m", structured="json_object")
    asked = ChatRequest((Message("system", "RULES"), Message("user", "A record.")), "s", '{"a": 1}')
    repair = replace(asked, messages=(*asked.messages, Message("assistant", "{"), Message("user", "Again.")))
    assert text_as_read(spec, repair).startswith(text_as_read(spec, asked))
    other = text_as_read(spec, replace(asked, schema='{"b": 1}'))
    assert text_as_read(spec, asked).partition("{")[0] == other.partition("{")[0]


@pytest.mark.parametrize(
    ("model", "price", "known"),
    [
        ("openai:gpt-5-mini", None, True),
        ("deepseek:deepseek-chat", None, True),
        ("groq:llama-3.3-70b-versatile", None, False),
        ("openai:no-such-model", None, False),
        ("anthropic:claude-sonnet-4-5", None, False),
        ("openrouter:anthropic/claude-sonnet-4.5", None, False),
        ("openai:mine", {"input": 1, "output": 1, "cached_input": 0.1}, True),
        ("openai:mine", {"input": 1, "output": 1}, False),
        ("openai:mine", {"input": 0, "output": 0}, False),
    ],
)
def test_a_second_price_needs_a_lower_price_of_cached_input_and_a_cache_that_nobody_marks(
    model: str, price: dict[str, float] | None, known: bool
) -> None:
    assert cached_price_known(ChatSpec(model=model, price=price)) is known
