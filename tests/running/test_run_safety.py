"""What a run must never do: pay twice, lose an error, count a stop as done, take a cut text for silence."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, openai_server
from support import ROOT, Cli
from support.chat_run import ARGS, add_reviewer, ledger_rows

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[Server]:
    with openai_server({"keep": True}) as running:
        yield running


def reviewer(server: Server, name: str = "gpt", **more: object) -> str:
    extra = "".join(f", {key}: {json.dumps(value)}" for key, value in more.items())
    return (
        f"{name}: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: TEST_KEY, "
        f"timeout_s: 5, price: {{input: 1.0, output: 2.0}}{extra}}}"
    )


@pytest.fixture
def gpt(ecg: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    add_reviewer(ecg, reviewer(server))
    return server


def program(*args: str, **options: object) -> "subprocess.Popen[str]":
    """The command line as a process of its own, in the folder one stands in."""
    code = "from screener.cli.main import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, *args], env=environment, **{**pipes, **options})  # type: ignore[call-overload]


def until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_second_run_of_the_same_is_refused_while_the_first_goes_on(ecg: Path, cli: Cli, gpt: Server) -> None:
    cli("run", "--stage", "abstract", "--limit", "1", "--json")  # the records are there
    gpt.set_script({"latency_s": 1.0, "keep": True}, reset=True)
    first = program("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "12", "--concurrency", "4", "--json")
    until(lambda: gpt.stats()["calls"] > 0)
    second = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "12")
    assert second.code == 2
    assert "another run asks the same" in second.err
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert json.loads(out)["decided"] == 12
    assert gpt.stats()["calls"] == 12
    assert len(ledger_rows(ecg, "calls")) == 12


@pytest.mark.slow
def test_the_lock_ends_with_a_killed_run_and_the_next_one_goes_on(ecg: Path, cli: Cli, gpt: Server) -> None:
    cli("run", "--stage", "abstract", "--limit", "1", "--json")
    gpt.set_script({"latency_s": 0.4, "keep": True}, reset=True)
    run = program("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "20", "--concurrency", "4", "--json")
    until(lambda: len(ledger_rows(ecg, "calls")) >= 4)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    kept = len(ledger_rows(ecg, "calls"))
    gpt.set_script({"keep": True})
    again = cli(*ARGS, "--limit", "20")
    assert again.code == 0, again.err
    assert again.json["decided"] == 20
    assert again.json["calls"] <= 20 - kept
    assert gpt.stats()["calls"] <= 20 + 4, "at most the calls in flight are asked again"


def test_an_error_of_one_repeat_is_not_resolved_by_another(ecg: Path, cli: Cli, gpt: Server) -> None:
    gpt.set_script({"faults": [{"kind": "refusal", "until": 1}], "keep": True}, reset=True)
    once = cli(*ARGS, "--limit", "4").json
    assert (once["errors"], once["repeat_errors"]) == (4, 0)
    twice = cli(*ARGS, "--limit", "4", "--repeats", "2").json
    assert (twice["errors"], twice["repeat_errors"], twice["calls"]) == (4, 0, 4), "the repeats were judged"
    third = cli(*ARGS, "--limit", "4", "--repeats", "2").json
    assert (third["errors"], third["calls"]) == (4, 0)
    assert gpt.stats()["calls"] == 8, "a refusal is not paid for again untold"


def test_a_repeat_that_could_not_be_judged_is_told(ecg: Path, cli: Cli, gpt: Server) -> None:
    cli(*ARGS, "--limit", "4")
    gpt.set_script({"faults": [{"kind": "refusal"}], "keep": True}, reset=True)
    for asked in (4, 0):
        found = cli(*ARGS, "--limit", "4", "--repeats", "2")
        assert (found.code, found.json["decided"], found.json["errors"]) == (0, 4, 0), "the records are judged"
        assert (found.json["repeat_errors"], found.json["calls"]) == (4, asked)
    assert "4 repeats failed" in cli(*ARGS[:-1], "--limit", "4", "--repeats", "2").out
    gpt.set_script({"keep": True})
    assert cli(*ARGS, "--limit", "4", "--repeats", "2", "--retry-errors").json["repeat_errors"] == 0


def test_errors_are_listed_with_their_reason_wherever_one_looks(ecg: Path, cli: Cli, gpt: Server) -> None:
    gpt.set_script({"faults": [{"kind": "refusal", "share": 0.3}], "keep": True}, reset=True)
    done = cli(*ARGS, "--limit", "12")
    assert done.code == 3
    failed = done.json["failed"]
    assert len(failed) == done.json["errors"] > 0
    assert all("refused" in one["reason"] for one in failed)
    shown = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "12")
    assert f"{len(failed)} could not be judged" in shown.out
    assert failed[0]["id"] in shown.out
    assert "--retry-errors" in shown.out
    protocol = ecg / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("machine: embedded", "machine: gpt", 1))
    rows = [json.loads(line) for line in cli("export", "--format", "jsonl").out.splitlines()]
    told = {row["id"]: row["reason"] for row in rows if row["status"] == "error"}
    assert set(told) == {one["id"] for one in failed}
    assert all("refused" in reason for reason in told.values())


def test_a_stopped_run_says_how_many_are_left_and_counts_only_what_it_came_to(ecg: Path, cli: Cli, gpt: Server) -> None:
    found = cli(*ARGS, "--budget", "0.003", "--concurrency", "1").json
    assert found["stopped"]
    assert 0 < found["decided"] < 120
    assert found["decided"] + found["errors"] == found["records"]
    assert found["records"] + found["left"] == 120
    shown = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--budget", "0", "--concurrency", "1")
    assert "0 judged now" in shown.out
    assert f"{found['left']} records left" in shown.out


def test_silence_in_a_cut_abstract_proves_nothing(ecg: Path, cli: Cli, gpt: Server) -> None:
    long = "Blood pressure was measured. " * 2_000
    (ecg / "long.jsonl").write_text(json.dumps({"id": "long", "title": "A long one", "abstract": long}) + "\n")
    cli("import", "long.jsonl")
    silent = {name: {"reason": "Nothing said.", "quote": None, "answer": "no"}
              for name in ("signal", "pretraining", "adaptation", "development")}  # fmt: skip
    gpt.set_script({"answers": {"A long one": silent}, "keep": True}, reset=True)
    assert cli(*ARGS).json["decided"] == 1
    [row] = ledger_rows(ecg, "judgements")
    body = json.loads(row["body"])
    assert row["decision"] == "unclear"
    assert "text_cut" in body["flags"]
    assert all(answer["value"] == "unclear" for answer in list(body["answers"].values())[:2])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ record.doi }}", "no attribute 'doi'"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{% if not record.abstract %}{{ nothing }}{% endif %}", "'nothing' is undefined"),
    ],
)
def test_check_refuses_a_prompt_that_cannot_be_rendered_with_its_line(
    ecg: Path, cli: Cli, line: str, said: str
) -> None:
    prompt = ecg / "prompts" / "abstract.md"
    text = prompt.read_text()
    number = text[: text.index("\nCriteria:")].count("\n") + 2
    prompt.write_text(text.replace("\nCriteria:", f"\n{line}\nCriteria:", 1))
    done = cli("check")
    assert done.code == 2
    assert said in done.err
    assert f"abstract.md:{number}:" in done.err


def test_check_tries_the_extraction_prompt_too(ecg: Path, cli: Cli) -> None:
    prompt = ecg / "prompts" / "extraction.md"
    prompt.write_text(
        prompt.read_text().replace("{% if question.open_items %}", "{% if question.open_items %}{{ secnod }}", 1)
    )
    done = cli("check")
    assert done.code == 2
    assert "'secnod' is undefined" in done.err


def test_a_dry_run_needs_no_key(ecg: Path, cli: Cli, server: Server) -> None:
    add_reviewer(ecg, reviewer(server).replace("TEST_KEY", "NO_SUCH_KEY"))
    done = cli("run", "--stage", "abstract", "--reviewer", "gpt", "--dry-run", "--json")
    assert done.code == 0, done.err
    assert done.json["calls"] == 120


def test_a_combination_is_not_repeated_in_silence(ecg: Path, cli: Cli, gpt: Server) -> None:
    add_reviewer(ecg, "pair: {kind: ensemble, members: [embedded, gpt], rule: any_include}")
    done = cli("run", "--stage", "abstract", "--reviewer", "pair", "--repeats", "2")
    assert done.code == 2
    assert "repeat its members" in done.err
    assert gpt.stats()["calls"] == 0


def test_after_a_member_that_failed_nobody_else_is_asked(ecg: Path, cli: Cli, gpt: Server) -> None:
    add_reviewer(ecg, reviewer(gpt, "late", parameters={"seed": 2}))
    add_reviewer(ecg, "line: {kind: ensemble, members: [gpt, late], until: {exclude_below: 0.0, include_above: 1.0}}")
    gpt.set_script({"faults": [{"kind": "refusal", "share": 1.0}], "keep": True}, reset=True)
    found = cli("run", "--stage", "abstract", "--reviewer", "line", "--limit", "6", "--json").json
    assert found["errors"] == 6
    assert {one["reviewer"]: one["asked"] for one in found["members"]} == {"gpt": 6, "late": 0}
    assert all("gpt: the model refused" in one["reason"] for one in found["failed"])


def test_answers_of_a_reviewer_that_was_renamed_are_stored_and_found_again(ecg: Path, cli: Cli, gpt: Server) -> None:
    from support.chat_run import answered, written

    cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", "requests.jsonl")
    lines = answered(Path("requests.jsonl"), gpt)
    answers = written(ecg / "answers.jsonl", lines)
    protocol = ecg / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("  gpt: {kind: chat", "  renamed: {kind: chat"))
    done = cli("batch", "import", answers, "--json")
    assert done.code == 0, done.err
    assert (done.json["stored"], done.json["gone"]) == (len(lines), ["gpt"])
    calls = gpt.stats()["calls"]
    again = cli("run", "--stage", "abstract", "--reviewer", "renamed", "--json").json
    assert (again["calls"], again["decided"]) == (0, 120)
    assert gpt.stats()["calls"] == calls


def test_an_import_judges_for_every_reviewer_that_asks_the_same(ecg: Path, cli: Cli, gpt: Server) -> None:
    from support.chat_run import answered, written

    add_reviewer(ecg, reviewer(gpt, "twin"))
    cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", "one.jsonl")
    cli("batch", "export", "--stage", "abstract", "--reviewer", "twin", "-o", "two.jsonl")
    answers = written(ecg / "answers.jsonl", answered(Path("two.jsonl"), gpt))
    runs = cli("batch", "import", answers, "--json").json["runs"]
    assert {one["reviewer"]: one["decided"] for one in runs} == {"gpt": 120, "twin": 120}


def test_a_failed_line_of_a_batch_is_told_by_the_exit_code(ecg: Path, cli: Cli, gpt: Server) -> None:
    from support.chat_run import answered, written

    cli("batch", "export", "--stage", "abstract", "--reviewer", "gpt", "-o", "requests.jsonl")
    lines = answered(Path("requests.jsonl"), gpt)
    lines[0] = {"custom_id": lines[0]["custom_id"], "error": {"message": "overloaded"}}
    assert cli("batch", "import", written(ecg / "answers.jsonl", lines), "--json").code == 3
