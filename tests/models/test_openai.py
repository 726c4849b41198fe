"""Chat models through the OpenAI SDK, against the project's own server over real HTTP."""

import asyncio
import json
import logging
from urllib.parse import quote

import pytest
from servers import Server, openai_server
from support.models import ABSTRACT, SCHEMA, ask, chat, everything_said, spec, using

from screener.core.errors import BadInput
from screener.core.messages import ChatResponse, EmbedRequest
from screener.models import Model, PermanentError, RefusedError, Reply, TransientError, UnusableReply, connect

KEY = "looks.like.any.word.0123SECRET"


@pytest.fixture(scope="module")
def running():
    with openai_server() as server:
        yield server


@pytest.fixture
def server(running: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    running.set_script({"keep": True}, reset=True)
    return running


def ask_one(server: Server, request=None, **more) -> Reply:
    [reply] = ask(lambda: connect(spec(server.base_url, **more)), request or chat())
    if isinstance(reply, Exception):
        raise reply
    return reply


def failing(server: Server, fault: dict, **more) -> Exception:
    server.set_script({"faults": [fault]}, reset=True)
    [error] = ask(lambda: connect(spec(server.base_url, **more)), chat())
    assert isinstance(error, Exception), error
    assert server.stats()["calls"] == 1, "a model never asks twice: retries are the runner's"
    return error


def test_an_answer_fits_the_schema_and_quotes_the_record(server):
    reply = ask_one(server)
    assert isinstance(reply.response, ChatResponse)
    answer = json.loads(reply.response.text)
    assert set(answer) == {"ecg", "foundation"}
    assert all(a["answer"] in ("yes", "no", "unclear") for a in answer.values())
    assert all(a["quote"] is None or a["quote"] in ABSTRACT for a in answer.values())


def test_the_reply_says_who_answered_how_long_it_took_and_how_many_tokens(server):
    server.set_script({"latency_s": 0.05, "cached_tokens": 7})
    reply = ask_one(server)
    assert reply.model == "gpt-5-mini-2026-01-01"
    assert reply.usage.input_tokens > 20
    assert reply.usage.output_tokens > 10
    assert reply.usage.cached_input_tokens == 7
    assert 0.05 <= reply.latency_s < 2
    assert reply.response.finish_reason == "stop"


def test_usage_that_the_server_does_not_report_is_unknown_and_not_zero(server):
    server.set_script({"usage": False})
    assert ask_one(server).usage.input_tokens is None


def test_the_recorded_parameters_are_those_that_went_over_the_wire(server):
    reply = ask_one(server, parameters={"temperature": 0, "seed": 7, "extra_body": {"top_k": 1}})
    [sent] = [entry["body"] for entry in server.log()]
    form = sent["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"] == SCHEMA
    assert sent["messages"][0] == {"role": "system", "content": "You screen records."}
    assert (
        {k: v for k, v in sent.items() if k not in ("messages", "response_format")}
        == {k: v for k, v in reply.parameters.items() if k != "response_format"}
        == {"model": "gpt-5-mini", "temperature": 0, "seed": 7, "top_k": 1}
    )
    assert reply.parameters["response_format"]["json_schema"]["schema"].startswith("sha256:")


@pytest.mark.parametrize(
    ("supports", "structured", "calls"),
    [(["json_schema"], "json_schema", 1), (["json_object"], "json_object", 2), ([], "prompt", 3)],
)
def test_a_server_without_schemas_is_asked_in_a_plainer_way_and_that_is_stated_and_remembered(
    server, supports, structured, calls
):
    server.set_script({"supports": supports, "keep": True}, reset=True)

    async def two(model: Model) -> list[Reply]:
        return [await model.send(chat("one")), await model.send(chat("two"))]

    replies = using(lambda: connect(spec(server.base_url)), two)
    assert [r.structured for r in replies] == [structured] * 2
    assert (replies[0].parameters.get("response_format") or {"type": "prompt"})["type"] == structured
    assert set(json.loads(replies[0].response.text)) == {"ecg", "foundation"}
    log = server.log()
    assert len(log) == calls + 1, "the second request is not tried the refused way again"
    system, user = (message["content"] for message in log[-1]["body"]["messages"])
    assert ("JSON Schema" in user) == (structured != "json_schema")
    assert system == "You screen records."


def test_many_requests_at_once_step_down_together(server):
    server.set_script({"supports": []}, reset=True)
    replies = ask(lambda: connect(spec(server.base_url)), *(chat(f"record {i}") for i in range(20)))
    assert {r.structured for r in replies} == {"prompt"}


def test_a_form_that_the_user_fixed_is_not_stepped_down_from(server):
    server.set_script({"supports": []})
    with pytest.raises(PermanentError, match="response_format"):
        ask_one(server, structured="json_schema")


@pytest.mark.parametrize(
    ("fault", "kind", "status", "wait"),
    [
        ({"kind": "429", "retry_after": 3}, TransientError, 429, 3.0),
        ({"kind": "429", "retry_after": "Wed, 01 Jan 2020 00:00:00 GMT"}, TransientError, 429, 0.0),
        ({"kind": "429", "retry_after": "soon"}, TransientError, 429, None),
        ({"kind": "429"}, TransientError, 429, None),
        ({"kind": "500"}, TransientError, 500, None),
        ({"kind": "503", "retry_after": 0.5}, TransientError, 503, 0.5),
        ({"kind": "408"}, TransientError, 408, None),
        ({"kind": "quota"}, PermanentError, 429, None),
        ({"kind": "401"}, PermanentError, 401, None),
        ({"kind": "400"}, PermanentError, 400, None),
        ({"kind": "404"}, PermanentError, 404, None),
        ({"kind": "filter"}, RefusedError, 400, None),
        ({"kind": "reset"}, TransientError, None, None),
        ({"kind": "cut"}, TransientError, None, None),
        ({"kind": "not_json"}, UnusableReply, None, None),
        ({"kind": "empty_choice"}, UnusableReply, None, None),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_each_failure_is_told_apart(server, fault, kind, status, wait):
    error = failing(server, fault)
    assert type(error) is kind
    assert error.status == status
    assert getattr(error, "retry_after_s", None) == wait


@pytest.mark.parametrize("kind", ["hang", "trickle"])
def test_an_attempt_ends_at_its_deadline_even_if_bytes_keep_coming(server, kind):
    error = failing(server, {"kind": kind}, timeout_s=0.4)
    assert type(error) is TransientError
    assert "0.4 s" in str(error)


def test_a_server_that_is_not_there_is_a_transient_failure():
    [error] = ask(lambda: connect(spec("http://127.0.0.1:9/v1")), chat())
    assert type(error) is TransientError


def test_an_unusable_reply_keeps_what_came_and_what_it_cost(server):
    error = failing(server, {"kind": "empty_choice"})
    assert '"choices": []' in error.text
    assert error.usage.input_tokens > 0


@pytest.mark.parametrize(
    ("kind", "refusal", "finish", "text"),
    [
        ("refusal", "I can't help with that.", "stop", ""),
        ("content_filter", "stopped by the provider's content filter", "content_filter", ""),
        ("empty_content", None, "stop", ""),
        ("prose", None, "stop", "I think that it is eligible."),
    ],
)
def test_what_a_model_says_instead_of_an_answer_is_handed_on_as_it_is(server, kind, refusal, finish, text):
    server.set_script({"faults": [{"kind": kind}]})
    response = ask_one(server).response
    assert (response.refusal, response.finish_reason, response.text) == (refusal, finish, text)


def test_truncated_content_names_its_reason(server):
    server.set_script({"faults": [{"kind": "truncated"}]})
    response = ask_one(server).response
    assert response.finish_reason == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.text)


def test_a_key_never_shows_though_the_server_echoes_it(server, monkeypatch, caplog):
    monkeypatch.setenv("MY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    for kind in ("401", "429", "500", "filter", "hang", "reset", "empty_choice", "not_json"):
        server.set_script({"echo_authorization": True, "keep": True, "faults": [{"kind": kind}]}, reset=True)
        made = []

        def make(made=made):
            made.append(connect(spec(server.base_url, api_key_env="MY_KEY", timeout_s=0.5)))
            return made[0]

        [error] = ask(make, chat())
        assert server.log()[0]["authorization"] == f"Bearer {KEY}", "the server did get it"
        said = everything_said(error) + repr(made[0]) + repr(made[0].fingerprint)
        assert KEY not in said, kind
        assert "SECRET" not in said, kind
    assert KEY not in caplog.text


def test_a_key_that_is_not_ours_is_hidden_too(server):
    server.set_script({"answers": {"record": "x"}, "faults": [{"kind": "401"}]})
    from screener.models.secrets import scrubber

    scrub = scrubber(None)
    assert scrub("Authorization: Bearer abc.def-123, next") == "Authorization: Bearer [key hidden], next"
    assert "AbCdEfGh" not in scrub("Incorrect API key provided: sk-proj-AbCdEfGh***1234.")
    assert scrub("the task-force reported a risk-adjusted rate") == "the task-force reported a risk-adjusted rate"


def test_a_key_is_found_in_every_form_that_it_is_written_in():
    from screener.models.secrets import scrubber

    key = 'my"odd\\key é/0123'
    scrub = scrubber(key)
    for text in (key, json.dumps(key), json.dumps(json.dumps({"k": key})), repr({"k": key}), quote(key, safe="")):
        assert "0123" not in scrub(f"it was {text}."), text
    assert scrub(f"Authorization: Bearer {key}, next") == "Authorization: Bearer [key hidden], next"


def test_a_key_that_a_cut_would_part_is_hidden_before(server, monkeypatch):
    from screener.models.completion import read_completion

    with pytest.raises(UnusableReply) as found:
        read_completion("x" * 19_990 + KEY + "y" * 100, lambda text: text.replace(KEY, "[key hidden]"))
    assert KEY[:6] not in found.value.text


def test_a_failure_has_its_time_and_its_parameters(server):
    for fault in ("500", "400", "empty_choice", "not_json"):
        error = failing(server, {"kind": fault}, parameters={"seed": 3})
        assert error.latency_s > 0
        assert error.parameters["seed"] == 3
        assert error.structured == "json_schema"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (402, "Payment"),
        (429, "insufficient_quota"),
        (400, "Your credit balance is too low"),
        (403, "Insufficient credits"),
    ],
)
def test_an_empty_account_is_told_apart(status, text):
    from screener.models.failures import sort_status

    error = sort_status(status, text, {})
    assert isinstance(error, PermanentError)
    assert error.account_empty
    plain = sort_status(status, "no", {})
    assert status == 402 or not getattr(plain, "account_empty", False)


def test_a_key_may_stand_in_a_file_that_the_environment_names(server, monkeypatch, tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    monkeypatch.setenv("MY_KEY_FILE", str(tmp_path / "key"))
    ask_one(server, api_key_env="MY_KEY")
    assert server.log()[0]["authorization"] == f"Bearer {KEY}"


def test_a_server_of_ones_own_needs_no_key_but_openai_does(server, monkeypatch):
    ask_one(server)
    with pytest.raises(BadInput, match="OPENAI_API_KEY"):
        connect(spec(None))
    with pytest.raises(BadInput, match="NO_SUCH_KEY"):
        connect(spec(server.base_url, api_key_env="NO_SUCH_KEY"))


def test_the_fingerprint_holds_what_answers_depend_on_and_nothing_else():
    one = connect(spec("http://127.0.0.1:1/v1", parameters={"seed": 1}, timeout_s=1))
    other = connect(spec("http://127.0.0.1:2/v1", parameters={"seed": 1}, timeout_s=2, max_concurrency=3))
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != connect(spec("http://127.0.0.1:1/v1", parameters={"seed": 2})).fingerprint


def test_a_cancelled_request_stays_cancelled(server):
    server.set_script({"faults": [{"kind": "hang"}]})

    async def work(model: Model) -> None:
        task = asyncio.create_task(model.send(chat()))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    using(lambda: connect(spec(server.base_url)), work)


def test_a_request_of_another_kind_is_a_mistake_of_the_program(server):
    with pytest.raises(TypeError, match="EmbedRequest"):
        ask_one(server, EmbedRequest(("x",)))
