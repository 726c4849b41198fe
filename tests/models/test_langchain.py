"""LangChain's path: langchain-openai and langchain-anthropic pointed at the project's own server."""

import json
import subprocess
import sys

import pytest
from servers import Server, openai_server
from support.models import SCHEMA, ask, chat, everything_said, spec, using

from screener.core.errors import BadInput
from screener.models import PermanentError, RefusedError, TransientError, UnusableReply, connect

KEY = "looks.like.any.word.0123SECRET"
PROVIDERS = ["openai", "anthropic"]


@pytest.fixture(scope="module")
def running():
    with openai_server() as server:
        yield server


@pytest.fixture
def server(running: Server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    running.set_script({"keep": True}, reset=True)
    return running


def model(server: Server, provider: str, **more):
    from screener.models.langchain import LangChainModel

    name, url = {
        "openai": ("openai:gpt-4o-mini", server.base_url),
        "anthropic": ("anthropic:claude-of-tomorrow", server.root),
        "anthropic-schemas": ("anthropic:claude-sonnet-4-5", server.root),
    }[provider]
    return LangChainModel(spec(url, model=name, **more))


def ask_one(server, provider, **more):
    [reply] = ask(lambda: model(server, provider, **more), chat())
    if isinstance(reply, Exception):
        raise reply
    return reply


@pytest.mark.parametrize(
    ("provider", "structured"),
    [("openai", "json_schema"), ("anthropic", "function_calling"), ("anthropic-schemas", "json_schema")],
)
def test_an_answer_comes_in_the_strictest_form_that_the_provider_has(server, provider, structured):
    server.set_script({"cached_tokens": 5, "keep": True})
    reply = ask_one(server, provider)
    assert set(json.loads(reply.response.text)) == {"ecg", "foundation"}
    assert reply.structured == structured
    assert reply.model.endswith("-2026-01-01")
    assert reply.usage.input_tokens > 20
    assert reply.usage.output_tokens > 10
    assert reply.usage.cached_input_tokens == 5
    [sent] = server.log()
    assert sent["authorization"] == f"Bearer {KEY}" or sent["headers"]["x-api-key"] == KEY
    assert json.dumps(SCHEMA["properties"]["ecg"]["required"]) in json.dumps(sent["body"])


def test_a_server_without_schemas_is_asked_for_a_tool_call_instead(server):
    server.set_script({"supports": ["tools"], "keep": True}, reset=True)
    replies = ask(lambda: model(server, "openai"), chat("one"))
    assert [r.structured for r in replies] == ["function_calling"]
    assert set(json.loads(replies[0].response.text)) == {"ecg", "foundation"}


def test_parameters_are_recorded_as_sent_even_where_langchain_drops_one(server):
    from screener.models.langchain import LangChainModel

    asked = spec(server.base_url, model="openai:gpt-5-mini", parameters={"temperature": 0.2, "seed": 3})
    [reply] = ask(lambda: LangChainModel(asked), chat())
    [sent] = [entry["body"] for entry in server.log()]
    assert "temperature" not in sent, "LangChain drops it for this family (else this test has lost its point)"
    assert "temperature" not in reply.parameters
    assert reply.parameters["seed"] == sent["seed"] == 3
    assert set(reply.parameters) == set(sent) - {"messages", "stream"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_temperature_is_sent_and_recorded_where_the_model_takes_it(server, provider):
    reply = ask_one(server, provider, parameters={"temperature": 0.25})
    [sent] = [entry["body"] for entry in server.log()]
    assert reply.parameters["temperature"] == sent["temperature"] == 0.25
    assert reply.parameters["model"] == sent["model"]
    assert KEY not in json.dumps(reply.parameters)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("fault", "kind", "status", "wait"),
    [
        ({"kind": "429", "retry_after": 3}, TransientError, 429, 3.0),
        ({"kind": "429"}, TransientError, 429, None),
        ({"kind": "500"}, TransientError, 500, None),
        ({"kind": "401"}, PermanentError, 401, None),
        ({"kind": "404"}, PermanentError, 404, None),
        ({"kind": "filter"}, RefusedError, 400, None),
        ({"kind": "reset"}, TransientError, None, None),
        ({"kind": "cut"}, TransientError, None, None),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_each_failure_is_told_apart_after_one_attempt(server, provider, fault, kind, status, wait):
    server.set_script({"faults": [fault], "echo_authorization": True}, reset=True)
    [error] = ask(lambda: model(server, provider), chat())
    assert type(error) is kind
    assert error.status == status
    assert getattr(error, "retry_after_s", None) == wait
    assert server.stats()["calls"] == 1, "LangChain's and the SDK's retries are off"
    assert KEY not in everything_said(error)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("kind", ["hang", "trickle"])
def test_an_attempt_ends_at_its_deadline(server, provider, kind):
    server.set_script({"faults": [{"kind": kind}]})
    [error] = ask(lambda: model(server, provider, timeout_s=0.5), chat())
    assert type(error) is TransientError


def test_an_answer_without_a_choice_is_unusable(server):
    server.set_script({"faults": [{"kind": "empty_choice"}]})
    [error] = ask(lambda: model(server, "openai"), chat())
    assert type(error) is UnusableReply


@pytest.mark.parametrize("provider", [*PROVIDERS, "anthropic-schemas"])
@pytest.mark.parametrize("kind", ["wrong_schema", "prose", "empty_content", "truncated"])
def test_content_that_does_not_fit_is_handed_on_as_text(server, provider, kind):
    server.set_script({"faults": [{"kind": kind}]})
    text = ask_one(server, provider).response.text
    expected = {"wrong_schema": "unexpected", "prose": "I think", "empty_content": "", "truncated": ""}
    assert expected[kind] in text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refusal_is_told(server, provider):
    server.set_script({"faults": [{"kind": "refusal"}]})
    assert ask_one(server, provider).response.refusal == "I can't help with that."


def test_an_answer_that_met_the_token_limit_keeps_its_text_and_its_tokens(server):
    server.set_script({"faults": [{"kind": "truncated"}]})
    reply = ask_one(server, "openai")
    assert reply.response.finish_reason == "length"
    assert reply.response.text.startswith("{")
    assert reply.usage.output_tokens > 0


def test_what_the_content_filter_stopped_is_a_refusal(server):
    server.set_script({"faults": [{"kind": "content_filter"}]})
    assert "content filter" in ask_one(server, "openai").response.refusal


@pytest.mark.parametrize("provider", PROVIDERS)
def test_langchains_global_cache_is_not_used(server, provider):
    from langchain_core.caches import InMemoryCache
    from langchain_core.globals import set_llm_cache

    async def twice(shared) -> None:
        await shared.send(chat())
        await shared.send(chat())

    set_llm_cache(InMemoryCache())
    try:
        using(lambda: model(server, provider), twice)
    finally:
        set_llm_cache(None)
    assert server.stats()["calls"] == 2


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_second_event_loop_finds_working_connections(server, provider):
    """LangChain shares its HTTP clients between models; those of a loop that has ended must not be met again."""
    for number in range(3):
        replies = ask(lambda: model(server, provider), *(chat(f"{number}.{i}") for i in range(4)))
        assert not [r for r in replies if isinstance(r, Exception)]


def test_a_provider_whose_package_is_missing_is_named_with_the_remedy():
    with pytest.raises(BadInput, match="pip install langchain-"):
        connect(spec(None, model="cohere:command-r"))
    with pytest.raises(BadInput, match="nosuch"):
        connect(spec(None, model="nosuch:model"))
    with pytest.raises(BadInput, match="NO_KEY_HERE"):
        connect(spec(None, model="anthropic:claude", api_key_env="NO_KEY_HERE"))


def test_a_provider_without_its_key_is_told_in_one_line_before_anything_is_sent(server, monkeypatch, tmp_path):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(BadInput, match="the environment variable ANTHROPIC_API_KEY is not set"):
        model(server, "anthropic")
    (tmp_path / "key").write_text(KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY_FILE", str(tmp_path / "key"))
    ask_one(server, "anthropic")
    assert KEY in str(server.log()[0]["headers"]), server.log()[0]["headers"]
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(BadInput, match="OPENAI_API_KEY"):
        model(server, "openai")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_parameter_that_the_provider_does_not_know_is_the_users_mistake(server, provider, recwarn):
    with pytest.raises(BadInput, match=r"parameters: this provider knows no `bogus`; remove it") as found:
        ask_one(server, provider, parameters={"bogus": 3})
    assert "\n" not in str(found.value)
    assert not [warning for warning in recwarn if "bogus" in str(warning.message)]
    assert server.stats()["calls"] == 0


def test_a_schema_that_the_user_wants_is_asked_for_though_langchain_knows_nothing_of_it(server):
    server.set_script({"keep": True}, reset=True)
    reply = ask_one(server, "anthropic", structured="json_schema")
    assert reply.structured == "json_schema"
    assert server.log()[0]["body"]["output_config"]["format"]["type"] == "json_schema"
    server.set_script({"supports": ["tools"]}, reset=True)
    [error] = ask(lambda: model(server, "anthropic", structured="json_schema"), chat())
    assert type(error) is PermanentError, "and what refuses it is not asked in another way"
    with pytest.raises(BadInput, match="json_object"):
        model(server, "anthropic", structured="json_object")


def test_a_schema_that_langchain_cannot_ask_for_is_refused(server, monkeypatch):
    from langchain_anthropic import ChatAnthropic

    def refuse(*_, **__):
        raise ValueError("no such method")

    monkeypatch.setattr(ChatAnthropic, "with_structured_output", refuse)
    with pytest.raises(BadInput, match=r"structured: json_schema.*no such method.*remove the line"):
        model(server, "anthropic", structured="json_schema")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_half_a_character_in_an_answer_is_replaced(server, provider):
    server.set_script({"answers": {"record": {"ecg": "\ud800", "foundation": ""}}}, reset=True)
    text = ask_one(server, provider).response.text
    text.encode()
    assert json.loads(text)["ecg"] == "\ufffd" or "\\ud800" in text


def test_nothing_heavy_is_imported_before_a_model_is_made():
    code = "import sys, screener.models; print([m for m in ('openai', 'langchain', 'httpx2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_requests_run_side_by_side(server):
    server.set_script({"latency_s": 0.3}, reset=True)
    ask(lambda: model(server, "anthropic"), *(chat(str(i)) for i in range(16)))
    assert server.stats()["max_concurrency"] == 16
