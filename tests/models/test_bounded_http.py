"""Answers that are too large, packed to burst, web pages, and redirects to elsewhere: of every client of every SDK."""

import asyncio
import gzip
import json
import tracemalloc

import httpx2
import pytest
from servers.scripted import Scripted, as_json, completion, scripted
from support.models import ask, chat, everything_said, spec

from screener.core.messages import ProbabilityRequest
from screener.models import ModelError, PermanentError, ProbabilitySpec, Reply, UnusableReply, connect
from screener.models.bounded_http import MOST_BYTES, bound

KEY = "plain-key-0123456789"
BOMB = gzip.compress(b" " * 40_000_000, 1)
KINDS = ["openai", "langchain", "anthropic", "probability"]


@pytest.fixture(scope="module")
def running():
    with scripted(lambda _: as_json(completion())) as server:
        yield server


@pytest.fixture
def server(running: Scripted, monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    running.log.clear()
    return running


def ask_one(server: Scripted, kind: str) -> Reply | ModelError:
    """Ask once through the client of an SDK: OpenAI's own, LangChain's of OpenAI and of Anthropic, and systemone's."""
    if kind == "probability":
        endpoint = ProbabilitySpec(model="jev", base_url=server.url, api_key_env="MY_KEY", timeout_s=5)
        [reply] = ask(lambda: connect(endpoint), ProbabilityRequest("A text.", (("ecg", "Is it?"),)))
        return reply
    model, url = (
        ("anthropic:claude-of-tomorrow", server.url) if kind == "anthropic" else ("openai:m", server.url + "/v1")
    )
    endpoint = spec(url, model=model, api_key_env="MY_KEY")

    def make():
        from screener.models.langchain import LangChainModel

        return LangChainModel(endpoint) if kind == "langchain" else connect(endpoint)

    [reply] = ask(make, chat())
    return reply


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_packed_answer_that_bursts_is_not_unpacked(server: Scripted, kind: str) -> None:
    server.answer = lambda _: (200, {"content-type": "application/json", "content-encoding": "gzip"}, BOMB)
    error = ask_one(server, kind)
    assert type(error) is UnusableReply
    assert "larger than 8 MB" in str(error)
    assert error.every_call


def test_no_more_is_unpacked_than_an_answer_may_hold() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=httpx2.ByteStream(BOMB))

    async def peak() -> int:
        client = bound(httpx2.AsyncClient(transport=httpx2.MockTransport(answer)))
        tracemalloc.start()
        try:
            with pytest.raises(UnusableReply):
                await client.get("http://host/")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert asyncio.run(peak()) < 3 * MOST_BYTES < 40_000_000


@pytest.mark.parametrize(
    ("headers", "content", "reason"),
    [
        ({}, b" " * (MOST_BYTES + 1), "larger than 8 MB"),
        ({"content-encoding": "gzip"}, b"no gzip", "cannot be unpacked"),
        ({"content-encoding": "gzip, gzip"}, gzip.compress(BOMB, 1), "was not asked for"),
        ({"content-encoding": "br"}, b"x", "was not asked for"),
    ],
    ids=["plain", "broken", "twice", "brotli"],
)
def test_what_is_too_large_or_cannot_be_unpacked_is_told(server: Scripted, headers, content, reason) -> None:
    server.answer = lambda _: (200, {"content-type": "application/json", **headers}, content)
    error = ask_one(server, "openai")
    assert type(error) is UnusableReply
    assert reason in str(error)


@pytest.mark.parametrize("status", [200, 500])
def test_an_error_may_be_no_larger_than_an_answer(server: Scripted, status: int) -> None:
    server.answer = lambda _: (status, {"content-encoding": "gzip"}, BOMB)
    assert "larger than 8 MB" in str(ask_one(server, "langchain"))


@pytest.mark.parametrize("kind", ["openai", "langchain"])
def test_a_packed_answer_of_ordinary_size_is_read(server: Scripted, kind: str) -> None:
    packed = gzip.compress(json.dumps(completion()).encode())
    server.answer = lambda _: (200, {"content-type": "application/json", "content-encoding": "gzip"}, packed)
    reply = ask_one(server, kind)
    assert reply.response.text == '{"ecg": 1}'
    assert server.log[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("kind", KINDS)
def test_a_web_page_in_place_of_an_answer_names_the_address_as_the_likely_cause(server: Scripted, kind: str) -> None:
    server.answer = lambda _: (200, {"content-type": "text/html; charset=utf-8"}, b"<!doctype html><title>Hi</title>")
    error = ask_one(server, kind)
    assert type(error) is UnusableReply
    assert "web page" in str(error)
    assert "base_url" in str(error)
    assert error.every_call
    assert "<title>" in error.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(server: Scripted, kind: str, status: int) -> None:
    with scripted(lambda _: as_json(completion())) as other:
        place = other.url.replace("127.0.0.1", "localhost") + "/elsewhere?key=x"
        server.answer = lambda _: (status, {"location": place}, b"")
        error = ask_one(server, kind)
        assert other.log == []
    assert type(error) is PermanentError
    assert error.every_call
    assert "/elsewhere, where nothing was sent" in str(error)
    assert KEY not in everything_said(error)
    assert len(server.log) == 1


def test_a_redirect_to_another_port_of_the_host_is_another_place(server: Scripted) -> None:
    with scripted(lambda _: as_json(completion())) as other:
        server.answer = lambda _: (307, {"location": other.url + "/v1/chat/completions"}, b"")
        assert "nothing was sent" in str(ask_one(server, "openai"))
        assert other.log == []


@pytest.mark.parametrize("kind", ["openai", "langchain"])
def test_a_redirect_within_the_server_is_followed(server: Scripted, kind: str) -> None:
    moved = (308, {"location": "/v1/chat/completions/"}, b"")
    server.answer = lambda asked: as_json(completion()) if asked.path.endswith("/") else moved
    assert ask_one(server, kind).response.text == '{"ecg": 1}'
    assert server.log[0].body == server.log[1].body


def test_a_circle_of_redirects_ends(server: Scripted) -> None:
    server.answer = lambda asked: (307, {"location": asked.path}, b"")
    assert "redirects more than" in str(ask_one(server, "openai"))
    assert len(server.log) == 4


@pytest.mark.parametrize(("kind", "finish"), [("openai", "length"), ("openai", "max_tokens"), ("langchain", "length")])
def test_an_answer_that_met_its_limit_says_length(server: Scripted, kind: str, finish: str) -> None:
    server.answer = lambda _: as_json(completion('{"ecg": ', finish))
    assert ask_one(server, kind).response.finish_reason == "length"
