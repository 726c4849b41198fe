"""`screener batch submit` and `collect`: the whole way through a Batch API, its mishaps, and nothing paid twice."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import Server, openai_server
from sqlalchemy import select
from support import ROOT, BroughtOnce, Cli

from screener.core.judgement import Stage
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.store import Ledger
from screener.models import batch as api
from screener.running import batch_collect

pytestmark = pytest.mark.slow

KEY = "plain-words-that-look-like-no-key"
PLACE = ("--stage", "abstract", "--reviewer", "gpt")
SUBMIT = ("batch", "submit", *PLACE, "--json")
COLLECT = ("batch", "collect", "--json")
RECORDS = 12


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openai_server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    plan(running, reset=True)
    return running


@pytest.fixture
def review(ecg: Path, server: Server, cli: Cli, monkeypatch: pytest.MonkeyPatch, brought_once: BroughtOnce) -> Path:
    """The ECG review with twelve records, and with a reviewer `gpt` that decides the stage."""
    monkeypatch.setenv("TEST_KEY", KEY)
    brought_once("batches", ecg, lambda: _with_records(ecg, server, cli))
    return ecg


def _with_records(ecg: Path, server: Server, cli: Cli) -> None:
    line = f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: TEST_KEY, timeout_s: 5"
    protocol = ecg / "prompts" / "review.yaml"
    text = protocol.read_text().replace("machine: embedded", "machine: gpt")
    assert "machine: gpt" in text
    protocol.write_text(
        text.replace("\nreviewers:\n", f"\nreviewers:\n  {line}, price: {{input: 1.0, output: 2.0}}}}\n")
    )
    head = (ecg / "gold" / "records.csv").read_text(encoding="utf-8").split("\n")
    (ecg / "some.csv").write_text("\n".join(head[: RECORDS + 1]) + "\n", encoding="utf-8")
    assert cli("import", "some.csv", "--json").json["records"] == RECORDS


def plan(server: Server, *, reset: bool = False, **batch: Any) -> None:
    """What becomes of batches: over at the first look, unless told."""
    server.set_script({"echo_authorization": True, "batch": {"polls": 0, **batch}}, reset=reset)


def get(server: Server, path: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(server.base_url + path, timeout=10) as answer:
        content: bytes = answer.read()
        return content


def paid(server: Server) -> Counter[str]:
    """How often each request was put in a batch that the server started."""
    found: Counter[str] = Counter()
    for batch in json.loads(get(server, "/batches"))["data"]:
        lines = get(server, f"/files/{batch['input_file_id']}/content").decode().split("\n")
        found.update(json.loads(line)["custom_id"] for line in lines if line)
    return found


def rows(review: Path, table: str) -> list[dict[str, Any]]:
    with Ledger.of(review / ".screener").read() as connection:
        return [dict(row) for row in connection.execute(select(t.metadata.tables[table])).mappings()]


def states(review: Path) -> list[str]:
    return [row["state"] for row in rows(review, "batches")]


def decisions(review: Path) -> dict[str, str]:
    with Ledger.of(review / ".screener").read() as connection:
        latest = reads.latest(connection, Stage.ABSTRACT, "gpt")
        return {name: row.judgement.model_dump_json() for name, row in latest.items()}


def command(*args: str) -> "subprocess.Popen[str]":
    """The same command in a process of its own."""
    code = "from screener.cli.main import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, *args], env=environment, stdout=subprocess.PIPE, text=True)


# --- the whole way


def test_what_is_submitted_and_collected_is_judged_and_priced_like_a_run(
    review: Path, cli: Cli, server: Server
) -> None:
    sent = cli(*SUBMIT)
    assert sent.code == 0, sent.err
    assert (sent.json["requests"], sent.json["held_back"], len(sent.json["batches"])) == (RECORDS, 0, 1)
    assert sent.json["estimated_cost_usd"] > 0
    assert server.stats()["calls"] == 0
    done = cli(*COLLECT)
    assert done.code == 0, done.err
    assert (done.json["stored"], done.json["still_open"], done.json["under_way"]) == (RECORDS, 0, 0)
    assert done.json["runs"][0]["decided"] == RECORDS
    assert done.json["models"] == ["gpt-5-mini-2026-01-01"]
    stage = cli("status", "--json").json["stages"]["abstract"]
    assert (stage["pending"], stage["suggested"]) == (0, RECORDS)
    assert cli("evaluate", "--stage", "abstract", "--reviewer", "gpt", "--split", "dev", "--json").json["n"] > 0
    by_batch = decisions(review)
    calls = rows(review, "calls")
    assert {call["run_id"] for call in calls if call["status"] == "ok"} == {sent.json["batches"][0]["batch"]}
    for path in (review / ".screener").glob("ledger*"):
        path.unlink()
    cli("import", "some.csv")
    run = cli("run", *PLACE, "--json").json
    assert (run["calls"], run["cost_usd"]) == (RECORDS, pytest.approx(done.json["cost_usd"]))
    assert decisions(review) == by_batch
    one_by_one = {call["request"]: call["parameters"] for call in rows(review, "calls")}
    assert {call["request"]: call["parameters"] for call in calls if call["status"] == "ok"} == one_by_one


def test_a_batch_under_way_is_told_and_left_alone(review: Path, cli: Cli, server: Server) -> None:
    cli(*SUBMIT)
    plan(server, polls=1)
    looked = cli(*COLLECT)
    assert (looked.code, looked.json["under_way"], looked.json["batches"][0]["status"]) == (0, 1, "in_progress")
    assert decisions(review) == {}
    assert cli(*COLLECT).json["stored"] == RECORDS


def test_waiting_looks_again_until_all_is_in(
    review: Path, cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(batch_collect.time, "sleep", pauses.append)
    cli(*SUBMIT)
    plan(server, polls=12)
    assert cli("batch", "collect", "--wait", "--json").json["stored"] == RECORDS
    assert pauses == sorted(pauses)
    assert (len(pauses), pauses[0], pauses[-1]) == (12, 1.0, 60.0)


@pytest.mark.slow
def test_waiting_outlasts_a_failing_server_and_can_be_interrupted(review: Path, cli: Cli, server: Server) -> None:
    cli(*SUBMIT)
    plan(server, look=500)
    waiting = subprocess.Popen(
        [sys.executable, "-c", "from screener.cli.main import main; main()", "batch", "collect", "--wait"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr is not None
    assert "HTTP 500" in waiting.stderr.readline()
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(10) == 130
    waiting.stderr.close()
    plan(server)
    assert cli(*COLLECT).json["stored"] == RECORDS


def test_the_printed_lines_say_what_is_under_way_and_what_to_type_next(review: Path, cli: Cli, server: Server) -> None:
    out = cli("batch", "submit", *PLACE).out
    name = json.loads(get(server, "/batches"))["data"][0]["id"]
    assert f"{name}: {RECORDS} requests submitted" in out
    assert "at the price of single calls" in out
    assert "`screener batch collect`" in out
    assert f"{RECORDS} requests are in a batch under way ({name})" in cli("batch", "submit", *PLACE).out
    out = cli("batch", "collect").out
    assert f"{name} (gpt, titles and abstracts, {RECORDS} requests): completed." in out
    assert "Next: `screener evaluate" in out
    assert "No batch is running" in cli("batch", "collect").out


# --- nothing is paid twice


def test_requests_in_a_batch_under_way_are_not_sent_again_unless_told(review: Path, cli: Cli, server: Server) -> None:
    first = cli(*SUBMIT, "--limit", "5").json
    second = cli(*SUBMIT).json
    assert (second["requests"], second["held_back"], second["held_by"]) == (RECORDS - 5, 5, [first["batches"][0]["id"]])
    third = cli(*SUBMIT).json
    assert (third["requests"], third["held_back"], third["batches"]) == (0, RECORDS, [])
    assert set(paid(server).values()) == {1}
    assert cli(*SUBMIT, "--again").json["requests"] == RECORDS
    assert set(paid(server).values()) == {2}
    done = cli(*COLLECT).json
    assert (done["stored"], done["present"]) == (RECORDS, RECORDS)
    assert cli(*SUBMIT).json["requests"] == 0


def test_a_twin_of_the_reviewer_waits_for_the_same_batch_and_is_judged_by_it(
    review: Path, cli: Cli, server: Server
) -> None:
    protocol = review / "prompts" / "review.yaml"
    (line,) = (line for line in protocol.read_text().split("\n") if line.startswith("  gpt: "))
    protocol.write_text(protocol.read_text().replace(line, f"{line}\n{line.replace('gpt:', 'twin:', 1)}"))
    cli(*SUBMIT)
    assert cli("batch", "submit", "--stage", "abstract", "--reviewer", "twin", "--json").json["held_back"] == RECORDS
    cli(*COLLECT)
    twin = cli("batch", "submit", "--stage", "abstract", "--reviewer", "twin", "--json").json
    assert (twin["requests"], twin["decided"]) == (0, RECORDS)
    assert set(paid(server).values()) == {1}


@pytest.mark.slow
def test_two_submits_at_once_send_each_request_once(review: Path, cli: Cli, server: Server) -> None:
    for process in [command(*SUBMIT), command(*SUBMIT)]:
        process.communicate(timeout=60)
    assert cli(*SUBMIT).json["held_back"] == RECORDS
    assert set(paid(server).values()) == {1}
    assert len(paid(server)) == RECORDS


def test_collecting_twice_changes_nothing(review: Path, cli: Cli, server: Server) -> None:
    name = cli(*SUBMIT).json["batches"][0]["id"]
    cli(*COLLECT)
    before = [rows(review, table) for table in ("calls", "judgements", "errors", "batches")]
    assert cli(*COLLECT).json["batches"] == []
    again = cli(*COLLECT, name)
    assert (again.code, again.json["stored"], again.json["present"]) == (0, 0, RECORDS)
    assert [rows(review, table) for table in ("calls", "judgements", "errors", "batches")] == before


def test_an_exported_file_says_how_much_of_it_is_in_a_batch(review: Path, cli: Cli, server: Server) -> None:
    cli(*SUBMIT, "--limit", "5")
    assert cli("batch", "export", *PLACE, "-o", "all.jsonl", "--json").json["in_batches"] == 5


# --- mishaps of a batch


def test_failed_missing_repeated_and_unknown_ids_are_told_and_only_what_is_open_is_sent_again(
    review: Path, cli: Cli, server: Server
) -> None:
    cli(*SUBMIT)
    ids = list(paid(server))
    plan(server, fail=[ids[0]], drop=[ids[1]], repeat=[ids[2]], unknown=["stranger"])
    done = cli(*COLLECT)
    assert done.code == 3
    found = done.json
    assert (list(found["failed"]), found["missing"]) == ([ids[0]], [ids[1]])
    assert (found["repeated"], found["unknown"]) == ([ids[2]], ["stranger"])
    assert (found["stored"], found["still_open"]) == (RECORDS - 2, 2)
    plan(server)
    assert cli(*SUBMIT).json["requests"] == 2
    assert cli(*COLLECT).code == 0
    assert len(decisions(review)) == RECORDS
    assert paid(server) == Counter({**dict.fromkeys(ids, 1), ids[0]: 2, ids[1]: 2})


@pytest.mark.parametrize("status", ["expired", "cancelled"])
def test_a_batch_that_ended_early_gives_what_it_has(review: Path, cli: Cli, server: Server, status: str) -> None:
    cli(*SUBMIT)
    ids = list(paid(server))
    plan(server, status=status, expire=ids[:4])
    done = cli(*COLLECT)
    assert (done.code, done.json["stored"], done.json["still_open"]) == (3, RECORDS - 4, 4)
    assert set(done.json["failed"].values()) == {"This request expired."}
    plan(server)
    assert cli(*SUBMIT).json["requests"] == 4


def test_a_batch_that_failed_as_a_whole_says_why_and_frees_its_requests(review: Path, cli: Cli, server: Server) -> None:
    cli(*SUBMIT)
    plan(server, status="failed")
    done = cli("batch", "collect")
    assert done.code == 3
    assert "failed: the file is invalid" in done.out
    assert cli(*SUBMIT).json["requests"] == RECORDS


def test_a_refusal_is_an_error_and_is_not_sent_again(review: Path, cli: Cli, server: Server) -> None:
    name = cli(*SUBMIT).json["batches"][0]["id"]
    plan(server, refuse=[next(iter(paid(server)))])
    done = cli(*COLLECT)
    assert (done.code, done.json["runs"][0]["errors"], done.json["still_open"]) == (3, 1, 0)
    assert cli(*SUBMIT).json["requests"] == 0
    assert cli(*COLLECT, name).json["stored"] == 0
    assert [row["kind"] for row in rows(review, "errors")] == ["reply"]
    assert cli("run", *PLACE, "--retry-errors", "--json").json["calls"] == 1
    assert len(decisions(review)) == RECORDS


def test_a_refusal_is_sent_again_where_errors_are_to_be_retried(review: Path, cli: Cli, server: Server) -> None:
    cli(*SUBMIT)
    plan(server, refuse=list(paid(server))[:2])
    assert cli(*COLLECT).code == 3
    assert cli(*SUBMIT, "--dry-run").json["requests"] == 0
    plan(server)
    assert cli(*SUBMIT, "--retry-errors").json["requests"] == 2
    done = cli(*COLLECT)
    assert done.code == 0, done.err
    assert len(decisions(review)) == RECORDS
    assert cli(*SUBMIT, "--retry-errors", "--dry-run").json["requests"] == 0


def test_an_answer_in_the_wrong_form_is_repaired_by_the_next_batch(review: Path, cli: Cli, server: Server) -> None:
    with Ledger.of(review / ".screener").read() as connection:
        title = reads.records(connection)[0].title
    cli(*SUBMIT)
    server.set_script({"batch": {"polls": 0}, "answers": {title[:60]: "I think so."}})
    assert cli(*COLLECT).json["still_open"] == 1
    plan(server)
    sent = cli(*SUBMIT).json
    assert sent["requests"] == 1
    repair = json.loads(Path(sent["batches"][0]["file"]).read_text())
    assert "cannot be used" in repair["body"]["messages"][-1]["content"]
    assert cli(*COLLECT).json["runs"][0]["decided"] == RECORDS


# --- mishaps of the line, and of this program


def test_an_upload_that_fails_starts_nothing_and_holds_nothing_back(review: Path, cli: Cli, server: Server) -> None:
    plan(server, upload=500)
    failed = cli(*SUBMIT)
    assert failed.code == 1
    assert "not uploaded: HTTP 500" in failed.err
    assert failed.json["batches"] == []
    plan(server)
    assert cli(*SUBMIT).json["requests"] == RECORDS
    assert set(paid(server).values()) == {1}


def test_a_server_without_a_batch_api_is_told_with_the_remedy(review: Path, cli: Cli, server: Server) -> None:
    plan(server, upload=404)
    failed = cli("batch", "submit", *PLACE)
    assert failed.code == 2
    assert "screener batch export --stage abstract --reviewer gpt" in failed.err


def test_a_start_that_is_refused_holds_nothing_back(review: Path, cli: Cli, server: Server) -> None:
    plan(server, start=400)
    assert cli(*SUBMIT).code == 2
    assert states(review)[-1] == "not_started"
    plan(server)
    assert cli(*SUBMIT).json["requests"] == RECORDS


def test_a_started_batch_whose_answer_is_lost_is_found_again_at_once(review: Path, cli: Cli, server: Server) -> None:
    plan(server, lost=500)
    sent = cli(*SUBMIT)
    assert (sent.code, len(sent.json["batches"])) == (0, 1)
    plan(server)
    assert cli(*COLLECT).json["stored"] == RECORDS
    assert set(paid(server).values()) == {1}


def test_a_batch_that_may_be_running_holds_its_requests_back_until_it_is_found_or_forgotten(
    review: Path, cli: Cli, server: Server
) -> None:
    plan(server, start=500)  # it does not run, but who could know
    failed = cli("batch", "submit", *PLACE)
    assert failed.code == 1
    assert "not known" in failed.err
    told = cli(*SUBMIT).json
    assert (told["requests"], told["held_back"], len(told["uncertain"])) == (0, RECORDS, 1)
    name = told["uncertain"][0]["id"]
    out = cli("batch", "submit", *PLACE).out
    assert "may be running" in out
    assert f"screener batch collect {name} --forget" in out
    looked = cli("batch", "collect")
    assert looked.code == 3
    assert "may be running" in looked.out
    plan(server)
    assert cli("batch", "collect", name, "--forget").code == 0
    assert cli(*SUBMIT).json["requests"] == RECORDS
    assert cli("batch", "collect", "--forget").code == 2


def killed_while(server: Server, step: str) -> None:
    """Kill a submit that waits for the server's answer to a step, which never comes."""
    plan(server, **{step: 0})
    process = command(*SUBMIT)
    wanted = {"upload": "prepared", "lost": "submitting"}[step]
    for _ in range(1200):  # a program takes long to start on a busy machine
        time.sleep(0.05)
        if Path(".screener/batches").is_dir() and wanted in states(Path.cwd()):
            break
    if step == "lost":
        while not paid(server):
            time.sleep(0.05)
    process.kill()
    process.communicate()
    plan(server)


@pytest.mark.slow
def test_after_a_kill_during_the_upload_all_is_sent_once(review: Path, cli: Cli, server: Server) -> None:
    killed_while(server, "upload")
    assert states(review) == ["prepared"]
    assert paid(server) == {}
    assert cli(*SUBMIT).json["requests"] == RECORDS
    assert states(review) == ["prepared", "not_started", "prepared", "submitting", "submitted"]
    assert set(paid(server).values()) == {1}


@pytest.mark.parametrize("then", [SUBMIT, pytest.param(COLLECT, marks=pytest.mark.slow)])
def test_after_a_kill_during_the_start_the_batch_is_found_and_not_paid_twice(
    review: Path, cli: Cli, server: Server, then: tuple[str, ...]
) -> None:
    killed_while(server, "lost")
    assert states(review) == ["prepared", "submitting"]
    assert cli(*then).code == 0
    assert cli(*SUBMIT).json["requests"] == 0
    cli(*COLLECT)
    assert len(decisions(review)) == RECORDS
    assert set(paid(server).values()) == {1}


def test_after_a_crash_between_storing_and_judging_the_next_collect_goes_on(
    review: Path, cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("the power went")

    cli(*SUBMIT)
    with monkeypatch.context() as broken:
        broken.setattr(batch_collect, "judge_answered", crash)
        assert cli(*COLLECT).code == 1
    assert decisions(review) == {}
    done = cli(*COLLECT).json
    assert (done["stored"], done["present"]) == (0, RECORDS)
    assert len(decisions(review)) == RECORDS


def test_a_batch_that_the_provider_does_not_know_is_told_and_can_be_forgotten(
    review: Path, cli: Cli, server: Server
) -> None:
    name = cli(*SUBMIT).json["batches"][0]["id"]
    plan(server, look=404)
    looked = cli("batch", "collect")
    assert looked.code == 3
    assert "base_url" in looked.out
    assert f"collect {name} --forget" in looked.out


def test_the_key_is_said_nowhere(review: Path, cli: Cli, server: Server) -> None:
    said = ""
    for step in ("upload", "start"):
        plan(server, **{step: 500})
        for form in (("batch", "submit", *PLACE, "--again"), (*SUBMIT, "--again")):
            done = cli(*form)
            said += done.out + done.err
    plan(server)
    cli(*SUBMIT, "--again")
    ids = list(paid(server))
    for faults in ({"look": 500}, {"fail": ids}):
        plan(server, **faults)
        done = cli("batch", "collect")
        said += done.out + done.err
    assert "scripted failure" in said
    assert "The server had an error." in said
    assert KEY not in said
    for path in (review / ".screener").rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


# --- what may be submitted


def test_more_than_one_file_takes_becomes_several_batches(
    review: Path, cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MAX_REQUESTS", 5)
    sent = cli(*SUBMIT).json
    assert [one["requests"] for one in sent["batches"]] == [5, 5, 2]
    assert cli(*COLLECT).json["stored"] == RECORDS
    assert set(paid(server).values()) == {1}


def test_large_requests_become_several_batches(
    review: Path, cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("batch", "export", *PLACE, "-o", "all.jsonl")
    most = Path("all.jsonl").stat().st_size // 2
    monkeypatch.setattr(api, "MAX_BYTES", most)
    sent = cli(*SUBMIT).json
    assert len(sent["batches"]) >= 2
    assert all(Path(one["file"]).stat().st_size <= most for one in sent["batches"])
    assert sum(one["requests"] for one in sent["batches"]) == RECORDS


def test_of_several_batches_those_before_a_failure_run_and_the_rest_is_sent_by_the_next_submit(
    review: Path, cli: Cli, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MAX_REQUESTS", 5)
    started = api.start
    count = 0

    async def start(*args: Any) -> str:
        nonlocal count
        count += 1
        if count == 2:
            plan(server, start=400)
        return await started(*args)

    monkeypatch.setattr(api, "start", start)
    sent = cli(*SUBMIT)
    assert (sent.code, len(sent.json["batches"])) == (2, 1)
    plan(server)
    again = cli(*SUBMIT).json
    assert (again["requests"], again["held_back"]) == (RECORDS - 5, 5)
    assert set(paid(server).values()) == {1}


def test_a_file_chooses_among_the_open_requests(review: Path, cli: Cli, server: Server) -> None:
    cli("batch", "export", *PLACE, "-o", "all.jsonl")
    lines = Path("all.jsonl").read_text().split("\n")
    Path("three.jsonl").write_text("\n".join(lines[:3]) + "\n")
    sent = cli("batch", "submit", "three.jsonl", "--json").json
    assert (sent["stage"], sent["reviewer"], sent["requests"]) == ("abstract", "gpt", 3)
    assert list(paid(server)) == [json.loads(line)["custom_id"] for line in lines[:3]]
    cli(*COLLECT)
    rest = cli("batch", "submit", "all.jsonl", "--json").json
    assert (rest["requests"], rest["not_open"]) == (RECORDS - 3, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line.replace("gpt-5-mini", "gpt-5"), "not as it was exported"),
        (lambda line: line.replace('"custom_id": "', '"custom_id": "x'), "line 1: not a request that was exported"),
        (lambda line: "{", "line 1: not a request that was exported"),
        (lambda line: "", "holds no request"),
    ],
)
def test_a_file_that_was_not_exported_so_is_refused(
    review: Path, cli: Cli, server: Server, change: Callable[[str], str], said: str
) -> None:
    cli("batch", "export", *PLACE, "-o", "all.jsonl")
    Path("other.jsonl").write_text(change(Path("all.jsonl").read_text().split("\n")[0]) + "\n")
    done = cli("batch", "submit", "other.jsonl")
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert paid(server) == {}


def test_a_file_of_another_reviewer_or_stage_is_refused(review: Path, cli: Cli, server: Server) -> None:
    cli("batch", "export", *PLACE, "-o", "all.jsonl")
    done = cli("batch", "submit", "all.jsonl", "--reviewer", "embedded")
    assert done.code == 2
    assert "a request of gpt, titles and abstracts" in done.err


def test_a_budget_below_the_price_sends_nothing(review: Path, cli: Cli, server: Server) -> None:
    price = cli(*SUBMIT, "--dry-run").json["estimated_cost_usd"]
    done = cli(*SUBMIT, "--budget", str(price / 2))
    assert done.code == 2
    assert "--limit" in done.err
    assert paid(server) == {}
    assert states(review) == []
    assert cli(*SUBMIT, "--budget", str(price * 2)).code == 0


def test_a_budget_without_a_known_price_is_refused(review: Path, cli: Cli, server: Server) -> None:
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace(", price: {input: 1.0, output: 2.0}", ""))
    done = cli(*SUBMIT, "--budget", "1")
    assert done.code == 2
    assert "price:" in done.err
    assert "price unknown" in cli("batch", "submit", *PLACE).out


def test_a_dry_run_sends_nothing_and_sets_nothing_aside(review: Path, cli: Cli, server: Server) -> None:
    assert cli(*SUBMIT, "--dry-run").json["requests"] == RECORDS
    assert "nothing was" in cli("batch", "submit", *PLACE, "--dry-run").out
    assert (paid(server), states(review)) == ({}, [])


def test_repeats_are_requests_of_their_own(review: Path, cli: Cli, server: Server) -> None:
    assert cli(*SUBMIT, "--repeats", "2").json["requests"] == 2 * RECORDS
    assert cli(*COLLECT).json["stored"] == 2 * RECORDS
    assert Counter(row["repeat"] for row in rows(review, "judgements")) == {0: RECORDS, 1: RECORDS}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("submit",), "--stage"),
        (("submit", "--stage", "abstract", "--reviewer", "embedded"), "screener run --stage STAGE --reviewer embedded"),
        (("submit", "--stage", "abstract", "--reviewer", "claude"), "screener run --stage STAGE --reviewer claude"),
        (("submit", "--stage", "abstract", "--reviewer", "nobody"), "nobody"),
        (("submit", "--stage", "nowhere", "--reviewer", "embedded"), "nowhere"),
        (("submit", "nowhere.jsonl"), "nowhere.jsonl"),
        (
            ("export", "--stage", "abstract", "--reviewer", "embedded", "-o", "x"),
            "screener run --stage STAGE --reviewer embedded",
        ),
        (("collect", "batch_99"), "batch_99"),
        (("collect", "batch_99", "--forget"), "batch_99"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(review: Path, cli: Cli, args: tuple[str, ...], said: str) -> None:
    protocol = review / "prompts" / "review.yaml"
    line = "\nreviewers:\n  claude: {kind: chat, model: 'anthropic:claude-sonnet-5'}\n"
    protocol.write_text(protocol.read_text().replace("\nreviewers:\n", line))
    done = cli("batch", *args)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_missing_key_is_told_before_anything_is_set_aside(
    review: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_KEY")
    done = cli(*SUBMIT)
    assert done.code == 2
    assert "TEST_KEY" in done.err
    assert states(review) == []


def test_a_review_without_records_has_nothing_to_submit(review: Path, cli: Cli) -> None:
    for path in (review / ".screener").glob("ledger*"):
        path.unlink()
    (review / "gold" / "records.csv").unlink()
    done = cli(*SUBMIT)
    assert done.code == 2
    assert "screener import" in done.err
