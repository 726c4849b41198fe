"""Runs whose calls are made by two worker processes, one of which is killed: nothing lost, little asked twice, no limit passed."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, openai_server
from support import ROOT, Cli
from support.chat_run import ARGS, add_reviewer, ledger_rows
from support.dask_workers import TwoWorkers, two_workers

KEY = "WORKERS_KEY"


@pytest.fixture(scope="module")
def workers() -> Iterator[TwoWorkers]:
    """The workers have the key in their environment; the program that runs has none."""
    with two_workers({KEY: "sk-of-the-workers-0123456789"}) as running:
        yield running


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openai_server() as server:
        yield server


@pytest.fixture
def server(running: Server, workers: TwoWorkers) -> Server:
    workers.both_there()
    running.set_script({"keep": True, "latency_s": 0.1}, reset=True)
    return running


@pytest.fixture
def judged_by_itself(ecg_judged: Path) -> dict[str, str]:
    return {row["record_id"]: row["decision"] for row in ledger_rows(ecg_judged, "judgements")}


def ask(review: Path, server: Server, key: str = KEY, more: str = "") -> None:
    add_reviewer(
        review,
        f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: {key},"
        f" timeout_s: 20, price: {{input: 1.0, output: 2.0}}{more}}}",
    )


def test_workers_ask_with_the_key_of_their_own(ecg: Path, cli: Cli, server: Server, workers: TwoWorkers) -> None:
    ask(ecg, server)
    done = cli(*ARGS, "--limit", "8", "--executor", workers.address)
    assert done.code == 0, done.err
    assert (done.json["decided"], done.json["calls"]) == (8, 8)
    assert {row["authorization"] for row in server.log()} == {"Bearer sk-of-the-workers-0123456789"}
    stored = (ecg / ".screener" / "ledger.db").read_bytes()
    assert b"sk-of-the-workers" not in stored
    server.set_script({"keep": True}, reset=True)
    again = cli(*ARGS, "--limit", "8", "--executor", workers.address)
    assert again.json["cached"] == 8
    assert server.stats()["calls"] == 0


def test_a_worker_that_is_killed_loses_nothing(ecg: Path, cli: Cli, server: Server, workers: TwoWorkers) -> None:
    ask(ecg, server)
    server.set_script({"keep": True, "latency_s": 1.0}, reset=True)
    killer = workers.kill_when(lambda: server.stats()["calls"] >= 14)
    done = cli(*ARGS[:-1], "--limit", "24", "--concurrency", "8", "--executor", workers.address)
    killer.join()
    assert done.code == 0, done.err
    assert "24 judged now" in done.out
    told = re.search(r"(\d) calls? (was|were) under way when a worker ended; (it is|they are) asked again", done.out)
    assert told, done.out
    lost = int(told[1])
    assert 1 <= lost <= 4, "no more than a worker has threads"
    calls = ledger_rows(ecg, "calls")
    assert Counter(call["status"] for call in calls) == {"ok": 24}
    assert sum(call["attempts"] for call in calls) == 24 + lost
    asked = server.stats()["prompts"]
    assert len(asked) == 24
    assert max(asked.values()) <= 2
    twice = sum(n - 1 for n in asked.values())
    assert twice <= lost
    by_row = Counter(call["attempts"] for call in calls)
    assert by_row[2] == lost, "each of those that were under way is asked once more"
    assert len(ledger_rows(ecg, "judgements")) == 24
    assert not ledger_rows(ecg, "errors")


@pytest.mark.slow
def test_what_is_lost_with_a_worker_counts_against_the_budget(
    ecg: Path, cli: Cli, server: Server, workers: TwoWorkers
) -> None:
    ask(ecg, server)
    one = cli(*ARGS, "--limit", "1", "--executor", workers.address).json["cost_usd"]
    server.set_script({"keep": True, "latency_s": 0.5}, reset=True)
    budget = 12 * one
    killer = workers.kill_when(lambda: server.stats()["calls"] >= 6)
    done = cli(*ARGS, "--concurrency", "8", "--budget", f"{budget:.6f}", "--executor", workers.address)
    killer.join()
    assert "budget is spent" in done.json["stopped"]
    assert done.json["lost_with_workers"] >= 1
    calls = server.stats()["calls"]
    assert calls == done.json["calls"] + done.json["lost_with_workers"]
    assert calls * one <= budget * 1.2, "what was lost with the worker counts as paid"
    assert done.json["cost_usd"] + done.json["lost_with_workers"] * one <= budget * 1.2


@pytest.mark.slow
def test_the_budget_holds_over_both_workers(ecg: Path, cli: Cli, server: Server, workers: TwoWorkers) -> None:
    ask(ecg, server)
    one = cli(*ARGS, "--limit", "1", "--executor", workers.address).json["cost_usd"]
    done = cli(*ARGS, "--concurrency", "8", "--budget", f"{12 * one:.6f}", "--executor", workers.address)
    assert "budget is spent" in done.json["stopped"]
    assert 8 <= done.json["calls"] <= 14, "texts differ in length"
    assert done.json["cost_usd"] <= 12 * one * 1.1
    assert server.stats()["calls"] == 1 + done.json["calls"]


@pytest.mark.slow
def test_the_pace_holds_over_both_workers(ecg: Path, cli: Cli, server: Server, workers: TwoWorkers) -> None:
    ask(ecg, server, more=", requests_per_minute: 120")
    server.set_script({"keep": True}, reset=True)
    done = cli(*ARGS, "--limit", "16", "--executor", workers.address)
    assert done.json["decided"] == 16
    # A tenth of the minute's at once, the others evenly at nine tenths of the rate: the last four at 1.8 a second.
    at = [row["at"] for row in server.log()]
    assert at[15] - at[0] >= 1.5


def test_what_keeps_workers_from_being_used_is_told_in_a_line(
    ecg: Path, cli: Cli, server: Server, workers: TwoWorkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(ecg, server, key="NOT_THERE")
    lacking = cli(*ARGS, "--executor", workers.address)
    assert lacking.code == 2
    last = lacking.err.splitlines()[-1]
    assert last.startswith("screener: the worker tcp://")
    assert "NOT_THERE is not set" in last
    for address, told in (("tcp://127.0.0.1:1", "no Dask scheduler answers"), ("dusk", "write local, dask, dask:N")):
        found = cli(*ARGS, "--executor", address)
        assert (found.code, found.err.count("\n")) == (2, 1)
        assert told in found.err
    monkeypatch.setitem(sys.modules, "distributed", None)  # as where the extra is not installed
    missing = cli(*ARGS, "--executor", workers.address)
    assert missing.err == (
        f'screener: --executor {workers.address}: dask.distributed is not installed; pip install "screener[dask]"\n'
    )
    assert server.stats()["calls"] == 0


@pytest.mark.slow
def test_a_worker_with_another_version_is_not_used(
    ecg: Path, cli: Cli, tmp_path: Path, server: Server, workers: TwoWorkers
) -> None:
    other = tmp_path / "other" / "screener"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text(
        textwrap.dedent(f"""
            __version__ = "0.0.9"
            __path__ = [{str(ROOT / "screener")!r}]
        """)
    )
    command = [sys.executable, "-m", "distributed.cli.dask_worker", workers.address, "--no-nanny", "--nthreads", "1"]
    command += ["--no-dashboard", "--local-directory", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(other.parent)}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        try:
            workers.client.wait_for_workers(3, timeout=60)
            ask(ecg, server)
            found = cli(*ARGS, "--executor", workers.address)
            assert (found.code, found.err.count("\n")) == (2, 1)
            assert "has screener 0.0.9 on Python" in found.err
        finally:
            process.kill()


@pytest.mark.slow
def test_the_embedded_reviewer_judges_as_it_does_alone(
    ecg: Path,
    cli: Cli,
    judged_by_itself: dict[str, str],
    workers: TwoWorkers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCREENER_CACHE", str(tmp_path / "no vectors yet"))
    killer = workers.kill_when(workers.busy)
    done = cli("run", "--stage", "abstract", "--limit", "24", "--json", "--executor", workers.address)
    killer.join()
    assert done.code == 0, done.err
    judged = {row["record_id"]: row["decision"] for row in ledger_rows(ecg, "judgements")}
    assert len(judged) == 24
    assert judged.items() <= judged_by_itself.items()


@pytest.mark.slow
def test_workers_read_full_texts_as_the_program_does(
    documents: Path, cli: Cli, workers: TwoWorkers, tmp_path: Path
) -> None:
    cli("run", "--stage", "abstract", "--json")
    shutil.copytree(documents, tmp_path / "alone")
    workers.both_there()
    killer = workers.kill_when(workers.busy)
    spread = cli("import", "--pdfs", "pdfs", "--json", "--executor", workers.address)
    killer.join()
    alone = cli("import", "--pdfs", "pdfs", "--json", "--review", tmp_path / "alone")
    assert spread.json["pdfs"] == alone.json["pdfs"]
    assert any(file["status"] == "matched" for file in spread.json["pdfs"])
    texts, others = (
        sorted((row["sha256"], row["content"]) for row in ledger_rows(folder, "documents"))
        for folder in (documents, tmp_path / "alone")
    )
    assert texts == others


@pytest.mark.slow
def test_rows_that_workers_prepare_make_the_same_records(
    blank: Path, cli: Cli, workers: TwoWorkers, tmp_path: Path
) -> None:
    rows = [f"{n},A study of {n % 1_500} mice,10.1000/{n % 1_500}" for n in range(2_000)]
    table = tmp_path / "rows.csv"
    table.write_text("\n".join(["id,title,doi", *rows]) + "\n", encoding="utf-8")
    shutil.copytree(blank, tmp_path / "alone")
    workers.both_there()
    spread = cli("import", table, "--json", "--executor", workers.address)
    alone = cli("import", table, "--json", "--review", tmp_path / "alone")
    assert spread.json == alone.json
    assert spread.json["files"][0]["duplicate"] == 500
    records, others = (
        [(row["id"], row["body"]) for row in ledger_rows(folder, "records")] for folder in (blank, tmp_path / "alone")
    )
    assert records == others
