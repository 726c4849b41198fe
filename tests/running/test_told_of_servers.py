"""What a run tells and records of how a server was asked, and of what it had cached."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.scripted import Answer, Asked, Scripted, as_json, completion, scripted
from support import Cli
from support.chat_run import ARGS, add_reviewer, ledger_rows

pytestmark = pytest.mark.slow
GRAMMAR = "Failed to initialize samplers: failed to parse grammar"


def llama(asked: Asked) -> Answer:
    """Answer as a llama.cpp that makes no grammar of a schema, and says of 8 of 20 tokens that it had them cached."""
    if (asked.body.get("response_format") or {}).get("type") == "json_schema":
        return as_json({"error": {"code": 400, "message": GRAMMAR, "type": "invalid_request_error"}}, 400)
    text = "".join(message["content"] for message in asked.body["messages"])
    told, _ = json.JSONDecoder().raw_decode(text.partition("JSON Schema:\n")[2])
    answer = {name: {"reason": "r", "quote": None, "answer": "unclear"} for name in told["properties"]}
    body = completion(json.dumps(answer))
    body["usage"]["prompt_tokens_details"] = {"cached_tokens": 8}
    return as_json(body)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(llama) as running:
        yield running


@pytest.fixture
def gpt(ecg: Path, server: Scripted) -> Scripted:
    price = "price: {input: 2, output: 0, cached_input: 1}"
    add_reviewer(ecg, f"gpt: {{kind: chat, model: 'openai:m', base_url: '{server.url}/v1', {price}}}")
    return server


def test_a_schema_that_the_server_refuses_is_told_once_and_recorded_with_each_call(
    ecg: Path, cli: Cli, gpt: Scripted
) -> None:
    done = cli(*ARGS, "--limit", "6")
    assert done.json["decided"] == 6
    [notice] = done.json["notices"]
    assert GRAMMAR in notice
    assert "for any JSON object, with the schema in the prompt" in notice
    calls = ledger_rows(ecg, "calls")
    assert {json.loads(row["parameters"])["structured"] for row in calls} == {"json_object"}
    assert {json.dumps(json.loads(row["parameters"])["response_format"]) for row in calls} == {
        '{"type": "json_object"}'
    }
    asked = len(gpt.log)
    again = cli(*ARGS, "--limit", "6")
    assert (again.json["calls"], again.json["cached"], len(gpt.log)) == (0, 6, asked), "the answers are those asked for"
    assert "notices" not in again.json
    shown = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "8").out
    assert shown.count("Note: the server refuses to be asked with its JSON schema") == 1


def test_the_tokens_that_a_provider_had_cached_are_in_summary_ledger_and_price(
    ecg: Path, cli: Cli, gpt: Scripted
) -> None:
    done = cli(*ARGS, "--limit", "5").json
    assert (done["input_tokens"], done["cached_tokens"]) == (100, 40)
    assert done["cost_usd"] == pytest.approx((60 * 2 + 40 * 1) / 1e6)
    assert {row["cached_tokens"] for row in ledger_rows(ecg, "calls")} == {8}
    shown = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "6").out
    assert "20 input (8 of them, 40%, from the provider's cache)" in " ".join(shown.split())


def test_a_provider_that_says_nothing_of_its_cache_is_not_said_to_have_used_none(
    ecg: Path, cli: Cli, gpt: Scripted
) -> None:
    def silent(asked: Asked) -> Answer:
        status, headers, body = llama(asked)
        return status, headers, body.replace(b"cached_tokens", b"other_tokens")

    gpt.answer = silent
    assert cli(*ARGS, "--limit", "2").json["cached_tokens"] is None


def test_a_dry_run_prices_what_requests_begin_with_in_common(ecg: Path, cli: Cli, gpt: Scripted) -> None:
    prompt = ecg / "prompts" / "abstract.md"
    prompt.write_text(prompt.read_text().replace("# System\n", "# System\n" + "The rules at length. " * 400))
    options = ("--dry-run", "--limit", "40", "--concurrency", "8")
    planned = cli(*ARGS, *options).json
    assert gpt.log == []
    assert planned["cached_tokens"] >= (40 - 8) * 2_000, "each but the first eight finds the rules in the cache"
    assert planned["cached_tokens"] < planned["input_tokens"]
    saved = planned["cost_usd"] - planned["cost_cached_usd"]
    assert planned["cost_usd"] == pytest.approx(planned["input_tokens"] * 2 / 1e6)
    assert saved == pytest.approx(planned["cached_tokens"] * 1 / 1e6)
    assert planned["cached_tokens"] % 128 == 0
    shown = cli("run", "--stage", "abstract", "--reviewer", "gpt", *options).out
    assert f"{planned['cost_usd']:,.4f} USD" in shown
    assert f"{planned['cost_cached_usd']:,.4f} USD" in shown
    assert "at least 1,024 tokens, in steps of 128" in shown
