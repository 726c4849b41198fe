"""Mistral, Ollama and Gemini through LangChain: what is peculiar to each, in the shapes of their wires."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from servers.scripted import Answer, Scripted, as_json, completion, scripted
from support.models import ask, chat, spec

from screener.models import ModelError, PermanentError, Reply, TransientError, UnusableReply, connect

ANSWER = '{"ecg": 1, "foundation": 2}'
MODELS = {"mistral": "mistralai:mistral-small", "ollama": "ollama:qwen3", "gemini": "google_genai:gemini-2.5-flash"}


@pytest.fixture(scope="module")
def running():
    with scripted(lambda _: as_json(completion())) as server:
        yield server


@pytest.fixture
def server(running: Scripted, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    from support.providers import stand_ins  # it imports LangChain, which takes a second

    running.log.clear()
    with stand_ins(monkeypatch):
        yield running


def asked(server: Scripted, provider: str, answer: Answer, **more: Any) -> Reply | ModelError:
    server.answer = lambda _: answer
    [reply] = ask(lambda: connect(spec(server.url, model=MODELS[provider], **more)), chat())
    return reply


def ollama(done: str = "stop") -> Answer:
    parts = ((ANSWER[:9], {"done": False}), (ANSWER[9:], {"done": True, "done_reason": done}))
    lines = [json.dumps({"model": "qwen3", "message": {"content": text}, **more}) for text, more in parts]
    return 200, {"content-type": "application/x-ndjson"}, "\n".join(lines).encode()


def gemini(finish: str = "STOP", text: str = ANSWER) -> Answer:
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish}
    return as_json({"candidates": [candidate], "modelVersion": "gemini-2.5-flash-001"})


def google_error(code: int, status: str, **more: Any) -> Answer:
    headers = more.pop("headers", {})
    return as_json({"error": {"code": code, "status": status, "message": "no", **more}}, code, **headers)


ORDINARY = {"mistral": as_json(completion(ANSWER)), "ollama": ollama(), "gemini": gemini()}


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("timeout", [0.9, 120])
def test_a_provider_answers_whatever_time_it_is_given(server: Scripted, provider: str, timeout: float) -> None:
    reply = asked(server, provider, ORDINARY[provider], timeout_s=timeout)
    assert isinstance(reply, Reply)
    assert reply.response.text == ANSWER


@pytest.mark.parametrize("provider", ["ollama", "gemini"])
def test_what_is_recorded_has_model_temperature_and_seed_and_no_text_of_the_schema(
    server: Scripted, provider: str
) -> None:
    reply = asked(server, provider, ORDINARY[provider], parameters={"temperature": 0.2, "seed": 7})
    assert reply.structured == "json_schema", "what these ask for by themselves"
    assert reply.parameters["model"] == MODELS[provider].partition(":")[2]
    assert (reply.parameters["temperature"], reply.parameters["seed"]) == (0.2, 7)
    assert "properties" not in json.dumps(reply.parameters)
    assert "sha256:" in json.dumps(reply.parameters)
    assert "You screen records" not in json.dumps(reply.parameters)
    assert "You screen records" in json.dumps(server.log[0].body)


def test_a_failure_has_the_parameters_that_went_out(server: Scripted) -> None:
    error = asked(server, "ollama", as_json({"error": "busy"}, 503), parameters={"temperature": 0.2, "seed": 7})
    assert error.parameters["options"] == {"temperature": 0.2, "seed": 7}


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (
            google_error(429, "RESOURCE_EXHAUSTED", details=[{"@type": "google.rpc.RetryInfo", "retryDelay": "34.5s"}]),
            34.5,
        ),
        (google_error(429, "RESOURCE_EXHAUSTED", headers={"retry_after": "12"}), 12.0),
        (google_error(503, "UNAVAILABLE"), None),
    ],
    ids=["body", "header", "none"],
)
def test_gemini_says_how_long_to_wait_in_its_headers_or_in_its_body(
    server: Scripted, answer: Answer, wait: float
) -> None:
    error = asked(server, "gemini", answer)
    assert type(error) is TransientError
    assert (error.status, error.retry_after_s) == (answer[0], wait)


def test_an_error_of_gemini_that_asking_again_cannot_help_is_permanent(server: Scripted) -> None:
    error = asked(server, "gemini", google_error(404, "NOT_FOUND"))
    assert (type(error), error.status) == (PermanentError, 404)


@pytest.mark.parametrize("finish", ["SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION"])
def test_what_gemini_would_not_answer_is_a_refusal_that_names_its_reason(server: Scripted, finish: str) -> None:
    assert finish in asked(server, "gemini", gemini(finish, "")).response.refusal


def test_a_prompt_that_gemini_blocked_is_a_refusal(server: Scripted) -> None:
    reply = asked(server, "gemini", as_json({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}))
    assert "PROHIBITED_CONTENT" in reply.response.refusal


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("mistral", as_json(completion(ANSWER[:9], "model_length"))),
        ("ollama", ollama("length")),
        ("gemini", gemini("MAX_TOKENS")),
    ],
)
def test_an_answer_that_met_its_limit_says_length_whatever_the_provider_calls_it(
    server: Scripted, provider: str, answer: Answer
) -> None:
    assert asked(server, provider, answer).response.finish_reason == "length"


@pytest.mark.parametrize("provider", MODELS)
def test_the_bounds_of_answers_and_redirects_hold_for_every_provider(server: Scripted, provider: str) -> None:
    elsewhere = asked(server, provider, (307, {"location": "http://localhost:9/"}, b""))
    assert "nothing was sent" in str(elsewhere)
    page = asked(server, provider, (200, {"content-type": "text/html"}, b"<html>"))
    assert isinstance(page, UnusableReply)
    assert page.every_call
    assert "larger than" in str(asked(server, provider, (200, {}, b" " * 8_000_001)))
