"""Servers that refuse a schema, or schemas: what is sent instead, what is recorded of it, and what is told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from servers.scripted import Answer, Asked, Scripted, as_json, completion, scripted
from support.models import ask, spec, using

from screener.core.messages import ChatRequest, Message
from screener.models import Model, PermanentError, Reply, TransientError, UnusableReply, connect
from screener.models.failures import refused_form, sort_status

ANSWER = '{"ecg": "x"}'
GRAMMAR = "Failed to initialize samplers: failed to parse grammar"


def schema(**more: Any) -> dict[str, Any]:
    part = {"type": "string", **more}
    return {"type": "object", "additionalProperties": False, "required": ["ecg"], "properties": {"ecg": part}}


def request(**more: Any) -> ChatRequest:
    messages = (Message("system", "You screen."), Message("user", "A record."))
    return ChatRequest(messages, "screening", json.dumps(schema(**more), separators=(",", ":")))


LONG, SHORT = request(maxLength=2_000), request()


@pytest.fixture(scope="module")
def running() -> Iterator[Scripted]:
    with scripted(lambda _: as_json(completion(ANSWER))) as server:
        yield server


@pytest.fixture
def server(running: Scripted, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    monkeypatch.setenv("OPENAI_API_KEY", "plain-key")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "plain-key")
    running.log.clear()
    return running


def refuses(*words: str, error: Answer, answer: str = ANSWER) -> Any:
    """Return a server's answers: the error to a body that holds one of the words."""

    def answers(asked: Asked) -> Answer:
        body = json.dumps({key: value for key, value in asked.body.items() if key != "messages"})
        if any(word in body for word in words):
            return error
        return as_json(tool_call(answer) if "tools" in asked.body else completion(answer))

    return answers


def tool_call(arguments: str) -> dict[str, Any]:
    body = completion()
    function = {"name": "screening", "arguments": arguments}
    call = {"id": "c", "type": "function", "function": function}
    body["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [call]}
    return body


def llama(message: str = GRAMMAR, status: int = 400) -> Answer:
    return as_json({"error": {"code": status, "message": message, "type": "invalid_request_error"}}, status)


def replies(server: Scripted, *requests: ChatRequest, model: str = "openai:m", **more: Any) -> list[Any]:
    """Return the replies to requests sent one after the other."""
    make: Any = connect
    if model.startswith("langchain-"):
        from screener.models import langchain

        make = langchain.LangChainModel

    async def work(one: Model) -> list[Any]:
        return [await one.send(each) for each in requests]

    url = server.url if "anthropic" in model else f"{server.url}/v1"
    return using(lambda: make(spec(url, model=model.removeprefix("langchain-"), **more)), work)


def forms(server: Scripted) -> list[str]:
    """Return how each request asked for its form: the format's type, `tool`, or `none`."""
    return [
        str((asked.body.get("response_format") or {"type": "tool" if "tools" in asked.body else "none"})["type"])
        for asked in server.log
    ]


def test_a_schema_whose_grammar_cannot_be_made_is_sent_without_the_words_that_break_it(server: Scripted) -> None:
    server.answer = refuses("maxLength", error=llama())
    first, second, other = replies(server, LONG, LONG, SHORT)
    assert [reply.response.text for reply in (first, second, other)] == [ANSWER] * 3
    assert [reply.structured for reply in (first, second, other)] == ["simple_schema", "simple_schema", "json_schema"]
    sent = [asked.body["response_format"]["json_schema"]["schema"] for asked in server.log]
    assert sent == [schema(maxLength=2_000), schema(), schema(), schema()], "the refused way is tried once"
    assert first.parameters == second.parameters
    full = replies(server, SHORT)[0].parameters["response_format"]["json_schema"]["schema"]
    assert first.parameters["response_format"]["json_schema"]["schema"] == full, "the hash is that of what was sent"


def test_what_was_done_instead_is_told_in_the_same_sentence_each_time(server: Scripted) -> None:
    server.answer = refuses("maxLength", error=llama())
    first, second = replies(server, LONG, request(maxLength=3_000))
    [notice] = first.notices
    assert second.notices == first.notices, "once for all schemas"
    assert GRAMMAR in notice
    assert "with a simpler JSON schema (without maxLength)" in notice
    server.answer = refuses(error=llama())
    assert replies(server, LONG)[0].notices == ()


def test_each_step_is_tried_in_turn_and_the_plainest_is_always_left(server: Scripted) -> None:
    server.answer = refuses("json_schema", error=llama())
    [reply] = replies(server, LONG)
    assert (forms(server), reply.structured) == (["json_schema", "json_schema", "json_object"], "json_object")
    server.log.clear()
    only_schemas = as_json({"error": "'response_format.type' must be 'json_schema' or 'text'"}, 400)

    def lm_studio(asked: Asked) -> Answer:
        kind = (asked.body.get("response_format") or {}).get("type")
        return only_schemas if kind == "json_object" else refuses("maxLength", "ecg", error=llama())(asked)

    server.answer = lm_studio
    reply, other = replies(server, LONG, request(maxLength=5))
    assert forms(server)[:4] == ["json_schema", "json_schema", "json_object", "none"]
    assert forms(server)[4:] == ["json_schema", "json_schema", "none"], "another schema may be one it can take"
    assert reply.structured == "prompt"
    assert "maxLength" in json.dumps(server.log[-1].body["messages"]), "the whole schema is in the prompt"
    assert len(reply.notices) == 3
    assert other.structured == "prompt"


def test_a_schema_that_is_simple_already_is_not_sent_twice(server: Scripted) -> None:
    server.answer = refuses("json_schema", error=llama())
    assert replies(server, SHORT)[0].structured == "json_object"
    assert forms(server) == ["json_schema", "json_object"]


def test_a_server_that_knows_no_schemas_is_not_asked_with_a_simpler_one(server: Scripted) -> None:
    server.answer = refuses("json_schema", error=llama("response_format type json_schema is not supported"))
    assert [r.structured for r in replies(server, LONG, request(maxLength=5))] == ["json_object"] * 2
    assert forms(server) == ["json_schema", "json_object", "json_object"]


@pytest.mark.parametrize(
    "error",
    [
        llama("Unable to generate parser for this template. JSON schema error at #/type/1: unrecognized type"),
        llama("JSON schema conversion failed:\\nUnrecognized schema"),
        llama("The provided JSON schema contains features not supported by xgrammar."),
        llama('Grammar error: Unimplemented keys: ["maxLength"]', 500),
        as_json({"error": "invalid JSON schema in format"}, 500),
        as_json({"error": "ValueError: 'type' must be a string"}, 400),
        as_json({"error": {"code": 400, "message": "No", "metadata": {"raw": "failed to parse grammar"}}}),
        as_json({"error": GRAMMAR}),
        llama("Invalid schema for response_format 'screening': 'maxLength' is not permitted."),
        as_json(
            [{"error": {"code": 400, "message": "The schema produces a constraint that has too many states"}}], 400
        ),
    ],
)
def test_servers_say_it_in_many_words(server: Scripted, error: Answer) -> None:
    server.answer = refuses("maxLength", error=error)
    assert replies(server, LONG)[0].structured == "simple_schema"


def test_a_way_that_the_user_fixed_is_not_left(server: Scripted) -> None:
    server.answer = refuses("maxLength", error=llama())
    with pytest.raises(PermanentError, match="failed to parse grammar"):
        replies(server, LONG, structured="json_schema")
    assert replies(server, LONG, structured="simple_schema")[0].structured == "simple_schema"


def test_the_models_fingerprint_is_the_same_before_and_after(server: Scripted) -> None:
    server.answer = refuses("maxLength", error=llama())

    async def prints(model: Model) -> list[Any]:
        before = model.fingerprint
        await model.send(LONG)
        return [before, model.fingerprint]

    before, after = using(lambda: connect(spec(f"{server.url}/v1")), prints)
    assert before == after
    assert before["structured"] == "auto"


def test_many_requests_at_once_fall_back_together(server: Scripted) -> None:
    server.answer = refuses("maxLength", error=llama())
    found = ask(lambda: connect(spec(f"{server.url}/v1")), *[LONG] * 12)
    assert {reply.structured for reply in found if isinstance(reply, Reply)} == {"simple_schema"}
    assert len(found) == 12


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "maximum context length is 8192 tokens"),
        (400, "Unsupported value: 'temperature'"),
        (429, GRAMMAR),
        (500, "response_format broke"),
    ],
)
def test_other_failures_are_no_reason_to_ask_in_another_way(status: int, message: str) -> None:
    assert refused_form(sort_status(status, message, {})) is None


def test_an_answer_that_the_server_itself_found_unfit_is_unusable_and_kept(server: Scripted) -> None:
    failed = {"message": "Failed to generate JSON.", "code": "json_validate_failed", "failed_generation": '{"ecg": '}
    server.answer = lambda _: as_json({"error": failed}, 400)
    [error] = ask(lambda: connect(spec(f"{server.url}/v1")), LONG)
    assert type(error) is UnusableReply
    assert "failed_generation" in error.text
    assert len(server.log) == 1, "the way of asking is not at fault"


OPENAI, ANTHROPIC = "langchain-openai:gpt-4o-mini", "langchain-anthropic:claude-of-tomorrow"


@pytest.mark.slow
def test_langchain_falls_back_in_the_same_way(server: Scripted) -> None:
    server.answer = refuses("maxLength", error=llama())
    reply, other = replies(server, LONG, SHORT, model=OPENAI)
    assert (reply.structured, other.structured) == ("simple_schema", "json_schema")
    assert (reply.response.text, len(reply.notices)) == (ANSWER, 1)
    server.log.clear()
    server.answer = refuses("json_schema", error=llama("response_format is not supported"))
    assert replies(server, LONG, model=OPENAI)[0].structured == "function_calling"
    server.log.clear()
    server.answer = refuses("json_schema", "tools", error=llama("response_format and tools are not supported"))
    [reply] = replies(server, LONG, model=OPENAI)
    assert (forms(server), reply.structured, reply.response.text) == (["json_schema", "tool", "none"], "prompt", ANSWER)
    assert "maxLength" in json.dumps(server.log[-1].body["messages"])


def anthropic(*content: dict[str, Any], raw: str = "") -> Answer:
    usage = {"input_tokens": 9, "output_tokens": 2, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 0}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "claude", "content": list(content),
               "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}  # fmt: skip
    text = json.dumps(message)
    return 200, {"content-type": "application/json"}, (text.replace('"RAW"', raw) if raw else text).encode()


@pytest.mark.slow
def test_a_model_that_may_not_be_forced_to_a_tool_while_it_thinks_is_asked_in_the_prompt(server: Scripted) -> None:
    error = {
        "type": "invalid_request_error",
        "message": "Thinking may not be enabled when tool_choice forces tool use.",
    }

    def answer(asked: Asked) -> Answer:
        refused = as_json({"type": "error", "error": error}, 400)
        return refused if "tool_choice" in asked.body else anthropic({"type": "text", "text": ANSWER})

    server.answer = answer
    [reply] = replies(server, LONG, model=ANTHROPIC)
    assert (reply.structured, reply.response.text) == ("prompt", ANSWER)
    assert (reply.usage.input_tokens, reply.usage.cached_input_tokens) == (99, 90)


@pytest.mark.slow
def test_langchain_reads_what_it_would_drop_or_stumble_over(server: Scripted) -> None:
    thoughts = completion("")
    thoughts["choices"][0]["message"]["reasoning_content"] = ANSWER
    stream = f"data: {json.dumps(completion(ANSWER))}\n\ndata: [DONE]\n\n".encode()
    for answer in (as_json(thoughts), (200, {"content-type": "text/event-stream"}, stream)):
        server.answer = lambda _, answer=answer: answer
        assert replies(server, LONG, model=OPENAI)[0].response.text.removeprefix("<think>") == ANSWER
    server.answer = lambda _: as_json({"error": {"code": 503, "message": "down"}})
    with pytest.raises(TransientError, match="down"):
        replies(server, LONG, model=OPENAI)
    twice = '{"ecg": "x", "ecg": "y"}'
    server.answer = lambda _: as_json(tool_call(twice))
    assert replies(server, LONG, model=OPENAI)[0].response.text == twice
    used = completion(ANSWER)
    used["usage"]["prompt_cache_hit_tokens"] = 12
    server.answer = lambda _: as_json(used)
    assert replies(server, LONG, model=OPENAI)[0].usage.cached_input_tokens == 12


@pytest.mark.slow
def test_tool_calls_of_other_providers_that_differ_or_contradict_themselves_are_seen(server: Scripted) -> None:
    call = {"type": "tool_use", "id": "t", "name": "screening"}
    server.answer = lambda _: anthropic({**call, "input": {"ecg": "x"}}, {**call, "id": "u", "input": {"ecg": "y"}})
    assert replies(server, LONG, model=ANTHROPIC)[0].response.text == '{"ecg": "x"}\n{"ecg": "y"}'
    server.answer = lambda _: anthropic({**call, "input": "RAW"}, raw='{"ecg": "x", "ecg": "y"}')
    with pytest.raises(UnusableReply, match='"ecg" twice'):
        replies(server, LONG, model=ANTHROPIC)
    server.answer = lambda _: anthropic({"type": "thinking", "thinking": ANSWER, "signature": "s"})
    assert replies(server, LONG, model=ANTHROPIC)[0].response.text == f"<think>{ANSWER}"
