"""Keys: whatever a server echoes in whatever encoding, none is stored, logged, printed, exported or raised."""

import base64
import json
import logging
import zipfile
import zlib
from collections.abc import Callable, Iterator
from html import escape
from itertools import count
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from servers.scripted import Asked, Scripted, as_json, completion, scripted
from support import Cli
from support.chat_run import ARGS, add_reviewer, ledger_rows

from screener.models.secrets import scrubber

KEYS = [
    "plainwordsnokey0123456789",
    "odd+key/with=signs&more<0123456789>",
    "sk-proj-0123456789abcdefABCDEF",
    "schlüssel-0123456789",
]
ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": json.dumps,
    "json in json": lambda key: json.dumps(json.dumps({"k": key})),
    "repr": repr,
    "address": lambda key: quote(key, safe=""),
    "path": quote,
    "form": quote_plus,
    "each byte": lambda key: "".join(f"%{byte:02X}" for byte in key.encode()),
    "html": escape,
    "hex": lambda key: key.encode().hex(),
    "HEX": lambda key: key.encode().hex().upper(),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of user:key": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(f"Bearer {key}\r\nHost: x".encode()).decode(),
    "base64 in addresses": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
}


def traces(key: str) -> list[str]:
    """Pieces of a key, in each encoding, that no other text has."""
    part = key[-12:-1]
    shifted = [base64.b64encode(b"x" * n + key.encode()).decode()[16:-6] for n in range(3)]
    return [part, quote(part, safe=""), part.encode().hex(), part.encode().hex().upper(), *shifted]


def clean(text: str, key: str) -> bool:
    """Whether a text has no trace of a key."""
    return not any(trace in text or trace in text.replace("-", "+").replace("_", "/") for trace in traces(key))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_key_is_hidden_in_every_encoding(encoding: str, key: str) -> None:
    text = f"before {ENCODINGS[encoding](key)} after"
    hidden = scrubber(key)(text)
    assert "[key hidden]" in hidden
    assert clean(hidden, key), hidden
    assert hidden.startswith("before")
    assert hidden.endswith("after")


def test_a_short_key_hides_no_words() -> None:
    assert scrubber("none")("base64 of bm9uZQ and 6e6f6e65") == "base64 of bm9uZQ and 6e6f6e65"


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(lambda _: as_json(completion())) as running:
        yield running


def echoing(key: str) -> Callable[[Asked], tuple[int, dict[str, str], bytes]]:
    """A server that says the key back in every encoding: in errors, answers, refusals, pages and redirects, in turn."""
    told = " ".join(encode(key) for encode in ENCODINGS.values())
    answers = [
        as_json({"error": {"message": f"Bad request: {told}"}}, 400),
        as_json({"error": {"message": told, "type": "content_filter"}}, 400),
        as_json(completion(f"I think that {told}")),
        as_json(completion(json.dumps({"population": told}))),
        as_json(completion(told, "content_filter")),
        as_json({"detail": told}),
        (200, {"content-type": "text/html"}, f"<html>{told}</html>".encode()),
        (307, {"location": f"http://localhost:9/{quote(key, safe='')}"}, b""),
        as_json({**completion(), "model": f"model {key}"}),
        as_json({**completion(), "model": f"model {key}", "choices": []}),
    ]

    turn = count()

    def answer(_: Asked) -> tuple[int, dict[str, str], bytes]:
        return answers[next(turn) % len(answers)]

    return answer


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS[:2])
def test_no_key_gets_into_ledger_log_output_or_audit(
    ecg: Path, cli: Cli, server: Scripted, monkeypatch, caplog, key: str
) -> None:
    caplog.set_level(
        logging.INFO
    )  # at DEBUG, which nothing here turns on, the HTTP library logs a server's own headers
    monkeypatch.setenv("TEST_KEY", key)
    add_reviewer(
        ecg, f"gpt: {{kind: chat, model: 'openai:m', base_url: '{server.url}/v1', api_key_env: TEST_KEY, timeout_s: 9}}"
    )
    server.answer = echoing(key)
    done = cli(*ARGS, "--limit", "40", "--concurrency", "4")
    assert {asked.headers["authorization"] for asked in server.log} == {f"Bearer {key}"}, "the server did get it"
    assert len({row["status"] for row in ledger_rows(ecg, "calls")}) >= 3
    printed = done.out + done.err + cli("status").out + cli("export").out + caplog.text
    report = cli("report", "--output", "report.html")
    audit = cli("report", "--audit", "--output", "audit.zip")
    assert (report.code, audit.code) == (0, 0), report.err + audit.err
    with zipfile.ZipFile("audit.zip") as archive:
        inside = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    bodies = [zlib.decompress(row["body"]).decode() for row in ledger_rows(ecg, "texts")]
    rows = json.dumps([ledger_rows(ecg, table) for table in ("calls", "errors", "judgements", "runs")], default=str)
    for text in (printed, report.out, Path("report.html").read_text(), inside, rows, *bodies):
        assert clean(text, key)
    assert any("[key hidden]" in body for body in bodies)
