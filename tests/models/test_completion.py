"""What servers of the chat format send back, in the shapes of vLLM, llama.cpp, Ollama, OpenRouter, LM Studio and others."""

import json
from typing import Any

import pytest
from servers.scripted import completion

from screener.core.messages import THOUGHTS
from screener.models import ModelError, PermanentError, RefusedError, TransientError, UnusableReply
from screener.models.batch import read_answers
from screener.models.completion import read_completion

ANSWER = '{"ecg": 1}'


def read(body: Any) -> Any:
    """Return what is made of a body, given as text or as what becomes JSON."""
    return read_completion(body if isinstance(body, str) else json.dumps(body), lambda text: text)


def failure(body: Any) -> ModelError:
    with pytest.raises(ModelError) as found:
        read(body)
    return found.value


def says(finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    """Return a completion whose message holds what is given, and no content unless that is."""
    body = completion()
    body["choices"][0] |= {"message": {"role": "assistant", "content": None, **message}, "finish_reason": finish}
    return body


def calls(*arguments: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": "screening", "arguments": part}} for part in arguments]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"tool_calls": calls(ANSWER)}, ANSWER),
        ({"content": "I fill it in.", "tool_calls": calls(ANSWER)}, ANSWER),
        ({"content": ANSWER, "tool_calls": calls("{}")}, ANSWER),
        ({"content": ANSWER, "tool_calls": []}, ANSWER),
        ({"tool_calls": calls({"ecg": 1})}, ANSWER),
        ({"tool_calls": calls(ANSWER, '{"ecg": 2}')}, f'{ANSWER}\n{{"ecg": 2}}'),
        ({"function_call": {"name": "screening", "arguments": ANSWER}}, ANSWER),
        ({"content": [{"type": "text", "text": '{"ecg"'}, {"type": "text", "text": ": 1}"}]}, ANSWER),
        ({"content": ['{"ecg"', ": 1}"]}, ANSWER),
        ({"content": {"ecg": 1}}, ANSWER),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"text": ANSWER}]}, ANSWER),
        ({"content": [{"type": "reasoning", "text": "Hm."}, {"type": "text", "text": ANSWER}]}, ANSWER),
        ({"content": ANSWER, "reasoning_content": "Hm."}, ANSWER),
        ({"content": ANSWER, "reasoning": "Hm."}, ANSWER),
    ],
)
def test_an_answer_is_found_where_the_server_put_it(message: dict[str, Any], text: str) -> None:
    assert read(says(**message))[0].text == text


@pytest.mark.parametrize(
    "message",
    [
        {"reasoning_content": ANSWER},
        {"content": "", "reasoning_content": ANSWER},
        {"content": "\n", "reasoning": ANSWER},
        {"content": [{"type": "thinking", "thinking": ANSWER}]},
        {"reasoning_content": f"<think>{ANSWER}"},
    ],
)
def test_an_answer_that_came_as_thoughts_alone_says_so(message: dict[str, Any]) -> None:
    assert read(says(**message))[0].text == THOUGHTS + ANSWER


def test_a_message_that_says_nothing_is_an_empty_answer() -> None:
    for message in ({}, {"content": ""}, {"tool_calls": None, "reasoning_content": None}, {"tool_calls": [None]}):
        response = read(says(None, **message))[0]
        assert (response.text, response.refusal, response.finish_reason) == ("", None, None)


@pytest.mark.parametrize(
    "finish", ["content_filter", "SAFETY", "PROHIBITED_CONTENT", "content_filter: RECITATION", "sensitive", "refusal"]
)
def test_what_the_provider_would_not_give_is_a_refusal(finish: str) -> None:
    assert read(says(finish, content="It is"))[0].refusal
    left_out = completion()
    left_out["choices"] = [{"index": 0, "finish_reason": finish, "content_filter_results": {}}]
    assert read(left_out)[0].refusal


def test_a_refusal_among_the_parts_is_one() -> None:
    assert read(says(content=[{"type": "refusal", "refusal": "I will not."}]))[0].refusal == "I will not."


@pytest.mark.parametrize("finish", ["error", "abort", "insufficient_system_resource", "network_error"])
def test_an_answer_that_broke_off_is_none_and_keeps_what_came_and_what_it_cost(finish: str) -> None:
    error = failure(says(finish, content='{"ecg"'))
    assert type(error) is UnusableReply
    assert finish in str(error)
    assert '{\\"ecg\\"' in error.text
    assert error.usage.output_tokens == 5


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        ({"code": 429, "message": "Rate limit exceeded"}, TransientError, 429),
        ({"code": "502", "message": "Provider returned error"}, TransientError, 502),
        ({"code": 402, "message": "Insufficient credits"}, PermanentError, 402),
        ({"code": 400, "message": "no such parameter"}, PermanentError, 400),
        ({"code": 403, "message": "no", "metadata": {"reasons": ["violence"]}}, RefusedError, 403),
        ({"code": 403, "message": 'Your input was flagged for "violence".'}, RefusedError, 403),
        ("Unexpected endpoint or method. (POST /chat/completions)", UnusableReply, None),
        ({"code": "server_error", "message": "busy"}, UnusableReply, None),
    ],
)
def test_an_error_in_the_body_of_a_200_is_what_its_code_says(error: Any, kind: type, status: int | None) -> None:
    for body in (
        {"error": error},
        [{"error": error}],
        {"error": error, "choices": []},
        {"choices": [{"error": error}]},
    ):
        found = failure(body)
        assert (type(found), found.status) == (kind, status), body
        assert str(error["message"] if isinstance(error, dict) else error) in str(found)


def test_what_the_provider_behind_a_router_said_is_told_too() -> None:
    metadata = {"raw": '{"error":{"message":"Failed to initialize samplers"}}', "provider_name": "x"}
    assert "initialize samplers" in str(failure({"error": {"code": 400, "message": "No", "metadata": metadata}}))


def test_an_error_in_the_choice_of_an_answer_that_was_paid_for_keeps_its_price_and_asks_to_slow_down() -> None:
    body = says("error", content='{"ecg"')
    body["choices"][0]["error"] = {"code": 429, "message": "upstream"}
    error = failure(body)
    assert (type(error), error.status, error.usage.output_tokens) == (UnusableReply, 429, 5)


def test_errors_in_forms_of_their_own_are_told() -> None:
    assert "too long" in str(failure({"object": "error", "message": "too long", "code": 400}))
    assert "balance" in str(failure({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "balance"}}))
    assert "no choice" in str(failure({"choices": [], "base_resp": {"status_code": 0, "status_msg": "success"}}))


def test_a_stream_that_nobody_asked_for_is_put_together() -> None:
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": ""}, {"reasoning_content": "Hm.\u2028"}, {"content": '{"ecg"'}, {"content": ": 1}"}
    ]  # fmt: skip
    chunks: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}], "model": "m-1"} for delta in deltas]
    chunks += [
        {"choices": [{"index": 1, "delta": {"content": "another"}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}},
    ]
    body = ": PROCESSING\r\n\r\n" + "".join(f"data:{json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks)
    for end in ("", "data: [DONE]\n\n"):
        response, model, usage = read(body + end)
        assert (response.text, response.finish_reason, model) == (ANSWER, "stop", "m-1")
        assert (usage.input_tokens, usage.output_tokens) == (7, 3)


def test_a_tool_call_in_a_stream_is_put_together() -> None:
    parts = [
        {"index": 0, "function": {"name": "x", "arguments": ""}},
        {"index": 0, "function": {"arguments": ANSWER[:5]}},
    ]
    parts += [{"index": 0, "function": {"arguments": ANSWER[5:]}}, {"index": 1, "function": {"arguments": '{"b": 2}'}}]
    chunks = ({"choices": [{"delta": {"tool_calls": [part]}}]} for part in parts)
    assert read("".join(f"data: {json.dumps(c)}\n\n" for c in chunks))[0].text == f'{ANSWER}\n{{"b": 2}}'


def test_a_whole_answer_among_events_or_before_their_end_is_read() -> None:
    body = json.dumps(completion(ANSWER))
    for text in (f"event: message\ndata: {body}\n\n", f"{body}\n\ndata: [DONE]\n\n", f"\ufeff\n\n{body}"):
        assert read(text)[0].text == ANSWER


def test_an_error_among_events_is_that_error() -> None:
    text = 'data: {"choices": [{"delta": {"content": ""}}]}\n\ndata: {"error": {"code": 503, "message": "down"}}\n\n'
    assert type(failure(text)) is TransientError


@pytest.mark.parametrize("body", ["data: [DONE]", "data: {", "data: 7", f"{ANSWER} and more", "", "event: x\nhello"])
def test_what_is_neither_json_nor_a_stream_is_unusable(body: str) -> None:
    assert "not JSON" in str(failure(body))


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}, (9, 2, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 4}, (9, 2, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "cached_tokens": 4}, (9, 2, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "cache_read_input_tokens": 4}, (9, 2, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None}, (9, 2, None)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "cached_tokens": 10}, (9, 2, None)),
        ({"input_tokens": 9, "output_tokens": 2, "cache_read_input_tokens": 90}, (99, 2, 90)),
        (None, (None, None, None)),
        ("none", (None, None, None)),
    ],
)
def test_tokens_are_counted_by_whatever_name_they_have(usage: Any, counts: tuple[int | None, ...]) -> None:
    said = read({**completion(), "usage": usage})[2].of_one_call()
    assert (said.input_tokens, said.output_tokens, said.cached_input_tokens) == counts


@pytest.mark.parametrize(
    "body",
    [
        says(reasoning_content=ANSWER),
        says("tool_calls", tool_calls=calls(ANSWER)),
        f"data: {json.dumps(says(content=ANSWER))}\n\ndata: [DONE]\n\n",
    ],
)
def test_answers_of_batches_are_read_in_the_same_way(body: Any) -> None:
    line = json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": body}})
    assert read_answers([line], ["a"]).replies["a"].response.text.removeprefix(THOUGHTS) == ANSWER


def test_a_line_of_a_batch_whose_schema_was_refused_says_what_to_do() -> None:
    error = {"error": {"code": 400, "message": "The provided JSON schema contains features not supported by xgrammar."}}
    for response in ({"status_code": 400, "body": error}, {"status_code": 200, "body": error}):
        failed = read_answers([json.dumps({"custom_id": "a", "response": response})], ["a"]).failed
        assert "`structured: simple_schema`" in failed["a"]
