"""Servers that answer nothing of use: a run stops after a few calls and says what to change."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.scripted import Answer, Asked, Scripted, as_json, completion, scripted
from support import Cli
from support.chat_run import ARGS, add_reviewer, ledger_rows

from screener.models import PermanentError, TransientError, UnusableReply
from screener.running.rate_limits import ALIKE, shared_failure


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(lambda _: as_json(completion())) as running:
        yield running


@pytest.fixture
def gpt(ecg: Path, server: Scripted, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """The ECG review with a chat reviewer `gpt` that asks the server."""
    monkeypatch.setenv("TEST_KEY", "plain-key")
    add_reviewer(
        ecg,
        f"gpt: {{kind: chat, model: 'openai:m', base_url: '{server.url}/v1', api_key_env: TEST_KEY, timeout_s: 5,"
        " parameters: {temperature: 0.1}}",
    )
    return server


def refused(text: str, status: int = 400) -> Answer:
    return as_json({"error": {"message": text, "type": "invalid_request_error"}}, status)


ANSWERS: list[tuple[Answer, str]] = [
    ((200, {"content-type": "text/html"}, b"<html><body>It works!</body></html>"), "base_url"),
    ((200, {"content-type": "application/json"}, b"<html>It works!</html>"), "base_url"),
    (as_json({"detail": "Not Found"}), "no choice"),
    ((200, {"content-encoding": "gzip"}, gzip.compress(b" " * 9_000_000, 1)), "larger than 8 MB"),
    (refused("Unsupported value: 'temperature' does not support 0.1."), "remove it under `parameters`"),
    (refused("Unknown model family"), "in the same words"),
    ((405, {}, b"Method not allowed"), "in the same words"),
    ((307, {"location": "http://localhost:9/v1"}, b""), "write it as base_url"),
]


@pytest.mark.slow
def test_a_server_that_can_answer_nothing_ends_the_run_with_the_remedy(ecg: Path, cli: Cli, gpt: Scripted) -> None:
    for answer, remedy in ANSWERS:
        gpt.answer = lambda _, answer=answer: answer
        gpt.log.clear()
        done = cli(*ARGS, "--limit", "30")
        assert done.code == 2, answer
        assert remedy in done.err.strip().split("\n")[-1], answer
        assert ALIKE <= len(gpt.log) < 30, answer
    gpt.answer = lambda _: as_json(completion("{}"))
    assert cli(*ARGS, "--limit", "30").json["calls"] == 60, "none was given up: all are asked again, and repaired"


def test_a_parameter_that_is_refused_by_name_is_one_cause_whatever_else_the_server_echoes() -> None:
    first, second = (PermanentError(f"extra_forbidden: temperature; input was {n}", 422) for n in ("one", "two"))
    assert shared_failure(first, ["temperature"]).kind == shared_failure(second, ["temperature"]).kind == "temperature"
    assert shared_failure(first, []).kind != shared_failure(second, []).kind


def test_words_that_differ_in_the_ids_of_requests_are_the_same() -> None:
    ids = ("req_0a1b2c3d4e5f", "3f2a9c1e-77aa-4b0e-9d55-0123456789ab")
    first, second = (shared_failure(PermanentError(f"Bad request ({name})", 400), ()) for name in ids)
    assert first is not None
    assert second is not None
    assert first.kind == second.kind


@pytest.mark.parametrize(
    "error",
    [
        PermanentError("This model's maximum context length is 8192 tokens", 400),
        PermanentError("prompt is too long", 400),
        PermanentError("Payload Too Large", 413),
        TransientError("busy", 503),
        UnusableReply("the answer holds no choice"),
    ],
    ids=["context", "long", "413", "503", "no choice"],
)
def test_what_may_be_one_records_own_ends_no_run(error) -> None:
    assert shared_failure(error, ["temperature"]) is None


def test_refusals_that_are_the_records_own_leave_the_others_be(ecg: Path, cli: Cli, gpt: Scripted) -> None:
    def answer(asked: Asked) -> Answer:
        number = len(json.dumps(asked.body)) % 3
        return refused("This model's maximum context length is 8192 tokens") if number else as_json(completion("{}"))

    gpt.answer = answer
    done = cli(*ARGS, "--limit", "30")
    assert done.code == 3
    assert done.json["errors"] == 30


def test_a_truncated_answer_is_an_error_that_says_length(ecg: Path, cli: Cli, gpt: Scripted) -> None:
    gpt.answer = lambda _: as_json(completion('{"ecg": {"reason": "bec', "length"))
    done = cli(*ARGS, "--limit", "2")
    assert done.code == 3
    assert {row["message"].split(";")[0] for row in ledger_rows(ecg, "errors")} == {
        "it was cut off at the limit of tokens (finish reason: length)"
    }
