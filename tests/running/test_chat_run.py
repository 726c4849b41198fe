"""Chat and probability reviewers as a user runs them, against a real server on loopback."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import hostile_records
from servers import Server, openai_server
from support import Cli
from support.chat_run import ARGS, add_reviewer, answered, ledger_rows, written

from screener.core.judgement import Stage
from screener.ledger import reads
from screener.ledger.store import Ledger
from screener.text.hostile import hostile_flags


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openai_server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    running.set_script({"keep": True}, reset=True)
    return running


@pytest.fixture
def gpt(ecg: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The ECG review with a chat reviewer `gpt` that asks the server."""
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    add_reviewer(
        ecg,
        f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: TEST_KEY,"
        " timeout_s: 3, price: {input: 1.0, output: 2.0}}",
    )
    return server


def test_a_run_asks_once_a_record_and_keeps_every_call(ecg: Path, cli: Cli, gpt: Server) -> None:
    done = cli(*ARGS, "--limit", "12")
    assert done.code == 0, done.err
    found = done.json
    assert found["decided"] == found["calls"] == 12
    assert gpt.stats()["calls"] == 12
    calls = ledger_rows(ecg, "calls")
    assert len(calls) == 12
    for call in calls:
        assert (call["status"], call["attempts"]) == ("ok", 1)
        assert call["model"].startswith("gpt-5-mini")
        assert json.loads(call["parameters"])["response_format"]["type"] == "json_schema"
        assert call["cost_usd"] == pytest.approx((call["input_tokens"] + 2 * call["output_tokens"]) / 1e6)
    assert found["cost_usd"] == pytest.approx(sum(call["cost_usd"] for call in calls))
    assert found["tokens"] == sum(call["input_tokens"] + call["output_tokens"] for call in calls)


def test_a_second_run_sends_nothing_and_a_changed_rule_is_free(ecg: Path, cli: Cli, gpt: Server) -> None:
    cli(*ARGS, "--limit", "8")
    assert cli(*ARGS, "--limit", "8").json["calls"] == 0
    protocol = ecg / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("years: [2018, 2025]", "years: [2020, 2025]"))
    planned = cli(*ARGS, "--limit", "10", "--dry-run").json
    assert (planned["judged"], planned["calls"], planned["answered_from_ledger"]) == (0, 2, 8)
    again = cli(*ARGS, "--limit", "8").json
    assert (again["calls"], again["answered_from_ledger"], again["cost_usd"]) == (0, 8, 0.0)
    assert gpt.stats()["calls"] == 8


def test_a_changed_prompt_asks_anew(ecg: Path, cli: Cli, gpt: Server) -> None:
    cli(*ARGS, "--limit", "4")
    prompt = ecg / "prompts" / "abstract.md"
    prompt.write_text(prompt.read_text().replace("Answer every criterion.", "Answer each criterion."))
    assert cli(*ARGS, "--limit", "4").json["calls"] == 4


def test_a_dry_run_sends_nothing_and_names_calls_tokens_and_price(ecg: Path, cli: Cli, gpt: Server) -> None:
    planned = cli(*ARGS, "--limit", "10", "--dry-run").json
    assert gpt.stats()["calls"] == 0
    assert planned["calls"] == 10
    assert planned["input_tokens"] > 5_000
    assert planned["cost_usd"] == pytest.approx((planned["input_tokens"] + 2 * planned["output_tokens"]) / 1e6)


def test_a_budget_stops_the_run_and_the_next_one_goes_on(ecg: Path, cli: Cli, gpt: Server) -> None:
    first = cli(*ARGS, "--limit", "40", "--concurrency", "2", "--budget", "0.006").json
    assert 0 < first["decided"] < 40
    assert first["stopped"]
    assert first["cost_usd"] < 0.006 + 3 * first["cost_usd"] / first["calls"]
    assert cli(*ARGS, "--limit", "40").json["decided"] == 40
    assert gpt.stats()["calls"] == 40


def test_a_budget_without_a_known_price_is_refused(ecg: Path, cli: Cli, server: Server) -> None:
    add_reviewer(ecg, f"gpt: {{kind: chat, model: 'openai:nobody-knows', base_url: '{server.base_url}'}}")
    done = cli(*ARGS, "--budget", "1")
    assert done.code == 2
    assert "price:" in done.err
    assert server.stats()["calls"] == 0


def test_faults_that_pass_are_retried_and_cost_no_record(ecg: Path, cli: Cli, gpt: Server) -> None:
    gpt.set_script(
        {
            "seed": 5,
            "faults": [
                {"kind": "429", "retry_after": 0.01, "share": 0.3, "until": 2},
                {"kind": "500", "share": 0.2, "until": 2},
            ],
        }
    )
    done = cli(*ARGS, "--limit", "20")
    assert (done.code, done.json["decided"], done.json["calls"]) == (0, 20, 20)
    assert gpt.stats()["calls"] > 20


def test_an_answer_in_the_wrong_form_is_repaired_once(ecg: Path, cli: Cli, gpt: Server) -> None:
    gpt.set_script({"keep": True, "faults": [{"kind": "wrong_schema", "until": 1}]})
    done = cli(*ARGS, "--limit", "3")
    assert (done.json["decided"], done.json["calls"]) == (3, 6)
    repairs = [entry for entry in gpt.log() if len(entry["body"]["messages"]) == 4]
    assert len(repairs) == 3
    assert "cannot be used" in repairs[0]["body"]["messages"][3]["content"]


def test_what_stays_unusable_is_an_error_that_is_asked_again_only_when_told(ecg: Path, cli: Cli, gpt: Server) -> None:
    gpt.set_script({"faults": [{"kind": "wrong_schema"}]})
    done = cli(*ARGS, "--limit", "2")
    assert (done.code, done.json["errors"], done.json["decided"]) == (3, 2, 0)
    again = cli(*ARGS, "--limit", "2").json
    assert (again["errors"], again["calls"]) == (2, 0)
    gpt.set_script({"faults": []})
    told = cli(*ARGS, "--limit", "2", "--retry-errors").json
    assert (told["errors"], told["decided"]) == (0, 2)
    rows = list(csv.DictReader(io.StringIO(cli("export").out)))
    assert len(rows) == 120


def test_refusals_are_errors_and_never_answered_from_the_ledger(ecg: Path, cli: Cli, gpt: Server) -> None:
    gpt.set_script({"faults": [{"kind": "refusal"}]})
    assert cli(*ARGS, "--limit", "2").json["errors"] == 2
    gpt.set_script({"faults": []})
    assert cli(*ARGS, "--limit", "2", "--retry-errors").json["calls"] == 2


def test_a_bad_key_stops_the_run_and_is_said_nowhere(ecg: Path, cli: Cli, gpt: Server) -> None:
    gpt.set_script({"echo_authorization": True, "keep": True, "faults": [{"kind": "401"}]})
    done = cli(*ARGS, "--limit", "20")
    assert done.code == 2
    assert gpt.stats()["calls"] <= 16
    assert "sk-secret" not in done.out + done.err
    for path in (p for p in (ecg / ".screener").rglob("*") if p.is_file()):
        assert b"sk-secret" not in path.read_bytes()


def test_repeats_ask_again_and_are_kept_apart(ecg: Path, cli: Cli, gpt: Server) -> None:
    done = cli(*ARGS, "--limit", "3", "--repeats", "3").json
    assert (done["records"], done["decided"], done["calls"]) == (3, 3, 9)
    assert sorted(row["repeat"] for row in ledger_rows(ecg, "judgements")) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    said = cli(*ARGS[:-1], "--limit", "3", "--repeats", "4").out
    assert "0 judged now and 3 repeats" in said


def test_quotes_are_looked_up_and_a_missing_one_makes_the_answer_unclear(ecg: Path, cli: Cli, gpt: Server) -> None:
    cli(*ARGS, "--limit", "12")
    with Ledger.of(ecg / ".screener").read() as connection:
        for row in reads.judgements(connection, Stage.ABSTRACT, reviewer="gpt"):
            record = reads.find_record(connection, row.record_id)
            assert record is not None
            for answer in row.judgement.answers.values():
                for quote in answer.evidence:
                    if quote.status == "missing":
                        assert answer.value == "unclear"
                    else:
                        text = record.title if quote.document == "title" else record.abstract
                        assert quote.start is not None
                        assert text[quote.start : quote.end]


def test_hostile_records_are_data_and_are_flagged_and_their_twins_are_not(ecg: Path, cli: Cli, gpt: Server) -> None:
    records = hostile_records()
    flagged = [record for record in records if hostile_flags(record["title"], record["abstract"])]
    twins = [record for record in records if hostile_flags(record["clean_title"], record["clean_abstract"])]
    assert len(flagged) == 40
    assert twins == []
    lines = [json.dumps({"id": r["id"], "title": r["title"], "abstract": r["abstract"], "year": 2020}) for r in records]
    (ecg / "hostile.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = cli("import", "hostile.jsonl", "--json").json["files"][0]
    assert done["new"] + len(done["rejected"]) + done["duplicate"] == 40
    ran = cli(*ARGS).json
    assert ran["decided"] + ran["errors"] == ran["records"]
    assert ran["errors"] == 0
    with Ledger.of(ecg / ".screener").read() as connection:
        rows = list(reads.judgements(connection, Stage.ABSTRACT, reviewer="gpt"))
    assert sum(any(flag.startswith("suspicious") for flag in row.judgement.flags) for row in rows) >= 30
    assert len(gpt.log()) == ran["calls"] > 30
    for entry in gpt.log():
        system, user = (message["content"] for message in entry["body"]["messages"][:2])
        assert "<record-" not in system
        mark = user.split("<record-")[1].split(">")[0]
        assert user.count(f"\n</record-{mark}>") == 1
        assert user.endswith(f"\n</record-{mark}>\n\nJudge this record by every criterion.")
        assert len(user) < 60_000


@pytest.mark.slow
def test_another_provider_is_reached_through_langchain_in_the_same_run(
    ecg: Path, cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    line = (
        f"claude: {{kind: chat, model: 'anthropic:claude-sonnet-5', base_url: '{server.root}', api_key_env: TEST_KEY}}"
    )
    add_reviewer(ecg, line)
    server.set_script({"faults": [{"kind": "500", "share": 0.3, "until": 1}], "keep": True}, reset=True)
    done = cli("run", "--stage", "abstract", "--reviewer", "claude", "--json", "--limit", "10")
    assert done.code == 0, done.err
    assert done.json["decided"] == 10
    assert {sent["path"] for sent in server.log()} == {"/v1/messages"}
    calls = ledger_rows(ecg, "calls")
    assert all(call["model"].startswith("claude-sonnet-5") and call["input_tokens"] for call in calls)
    assert "sk-secret" not in json.dumps(calls, default=str)
    again = cli("run", "--stage", "abstract", "--reviewer", "claude", "--json", "--limit", "10")
    assert again.json["calls"] == 0


def test_a_probability_model_judges_in_one_request_a_record(ecg: Path, cli: Cli, server: Server) -> None:
    add_reviewer(ecg, f"jev: {{kind: probability, model: jev, base_url: '{server.root}'}}")
    done = cli("run", "--stage", "abstract", "--reviewer", "jev", "--limit", "10", "--json")
    assert done.code == 0, done.err
    assert (done.json["decided"], done.json["calls"]) == (10, 10)
    with Ledger.of(ecg / ".screener").read() as connection:
        for row in reads.judgements(connection, Stage.ABSTRACT, reviewer="jev"):
            assert row.judgement.probability is not None


def decisions(review: Path) -> dict[str, str]:
    with Ledger.of(review / ".screener").read() as connection:
        return {
            name: row.judgement.model_dump_json()
            for name, row in reads.latest(connection, Stage.ABSTRACT, "gpt").items()
        }


@pytest.mark.slow
def test_a_batch_file_gives_the_same_judgements_as_a_run(
    ecg: Path, cli: Cli, gpt: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("import", "gold/records.csv")
    monkeypatch.delenv("TEST_KEY")  # a batch needs no key
    out = cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", "requests.jsonl", "--json")
    assert out.code == 0, out.err
    assert out.json["requests"] == 120
    assert gpt.stats()["calls"] == 0
    answers = answered(Path("requests.jsonl"), gpt)
    failed, missing = answers[0]["custom_id"], answers[1]["custom_id"]
    strange = [
        {"custom_id": failed, "response": None, "error": {"message": "expired"}},
        *answers[2:],
        answers[2],
        {"custom_id": "nobody", "response": answers[3]["response"]},
    ]
    found = cli("batch", "import", written(Path("answers.jsonl"), strange), "--json").json
    assert (found["stored"], list(found["failed"]), found["missing"]) == (118, [failed], [missing])
    assert (found["repeated"], found["unknown"]) == ([answers[2]["custom_id"]], ["nobody"])
    assert found["models"] == ["gpt-5-mini-2026-01-01"]
    assert found["still_open"] == 2
    again = cli("batch", "import", "answers.jsonl", "--json").json
    assert (again["stored"], again["present"]) == (0, 118)
    assert (
        cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", "rest.jsonl", "--json").json[
            "requests"
        ]
        == 2
    )
    cli("batch", "import", written(Path("rest.jsonl"), answers[:2]))
    by_batch = decisions(ecg)
    assert len(by_batch) == 120
    for path in (p for p in (ecg / ".screener").rglob("*") if p.is_file()):
        path.unlink()
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    cli("import", "gold/records.csv")
    cli(*ARGS)
    assert decisions(ecg) == by_batch


def test_a_repair_is_a_second_export(ecg: Path, cli: Cli, gpt: Server) -> None:
    (ecg / "two.csv").write_text(
        "title,abstract\nA first study of long records,Some text.\nA second study of short ones,Other text.\n"
    )
    cli("import", "two.csv")
    cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", "first.jsonl")
    answers = answered(Path("first.jsonl"), gpt)
    answers[0]["response"]["body"]["choices"][0]["message"]["content"] = "I think it is fine."
    assert cli("batch", "import", written(Path("answers.jsonl"), answers), "--json").json["still_open"] == 1
    cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", "second.jsonl")
    (line,) = Path("second.jsonl").read_text().splitlines()
    assert "cannot be used" in json.loads(line)["body"]["messages"][-1]["content"]
    done = cli("batch", "import", written(Path("answers2.jsonl"), answered(Path("second.jsonl"), gpt)), "--json").json
    assert (done["still_open"], done["runs"][0]["decided"]) == (0, 2)


@pytest.mark.slow
def test_flips_between_repeats_are_counted_by_record_and_criterion(ecg: Path, cli: Cli, gpt: Server) -> None:
    cli(*ARGS)
    gpt.set_script({"prefer": "no"})
    cli(*ARGS, "--repeats", "2")
    found = cli("evaluate", "--stage", "abstract", "--reviewer", "gpt", "--json").json
    steady = found["stability"]
    assert (steady["repeats"], steady["n"]) == (2, 120)
    assert 0 < steady["flipped"] <= 120
    assert steady["by_criterion"]["signal"] > 0
    assert steady["by_criterion"]["scope"] == 0  # decided by rule, the same each time
    assert "decisions changed" in cli("evaluate", "--stage", "abstract", "--reviewer", "gpt").out
