"""A ledger that is locked, full or away in the middle of a run: nothing is paid twice, nothing is judged without its call."""

import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from servers import Server, openai_server
from sqlalchemy import Engine, event
from support import Cli
from support.chat_run import ARGS, add_reviewer, ledger_rows

from screener.core.errors import BadInput
from screener.core.messages import ChatResponse
from screener.ledger import database as ledger_database
from screener.ledger import unsaved
from screener.ledger.store import Ledger
from screener.models import Reply, UnusableReply, Usage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openai_server() as server:
        yield server


@pytest.fixture
def gpt(ecg: Path, cli: Cli, running: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A review with its records and a chat reviewer."""
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    add_reviewer(
        ecg,
        f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{running.base_url}', api_key_env: TEST_KEY, "
        "timeout_s: 20, price: {input: 1.0, output: 2.0}}",
    )
    cli("run", "--stage", "abstract", "--limit", "1", "--json")
    running.set_script({"latency_s": 0.02}, reset=True)
    return running


@contextmanager
def pages_left(file: Path, pages: int) -> Iterator[None]:
    """A disk that has room for so many pages of SQLite's."""
    with sqlite3.connect(file) as connection:
        most = connection.execute("PRAGMA page_count").fetchone()[0] + pages

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def test_a_full_disk_stops_the_run_and_the_next_one_pays_for_nothing_again(ecg: Path, cli: Cli, gpt: Server) -> None:
    with pages_left(ecg / ".screener" / "ledger.db", 12):
        done = cli(*ARGS, "--concurrency", "4")
    told, kept = done.json, done.json["unsaved"]
    assert done.code == 1
    assert "the disk is full" in done.err
    assert str(ecg / ".screener" / "ledger.db") in done.err
    assert f"{kept['answers']} answers that came in are kept in {kept['file']}" in done.err
    assert 0 < kept["answers"] <= 8, "at most what was under way and what the last group held"
    assert kept["dropped"] == 0
    stored = len(ledger_rows(ecg, "calls"))
    assert told["sent"] == gpt.stats()["calls"] == stored + kept["answers"] < 120
    assert told["decided"] == len(ledger_rows(ecg, "judgements")) - 1
    again = cli(*ARGS)
    assert again.code == 0, again.err
    assert again.json["taken_in"] == kept["answers"]
    assert again.json["decided"] == 120
    assert set(gpt.stats()["prompts"].values()) == {1}
    assert not list((ecg / ".screener").glob("unsaved-*"))


def test_a_locked_ledger_is_waited_for_and_nothing_more_is_sent_meanwhile(
    ecg: Path, cli: Cli, gpt: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_database, "_ATTEMPT_MS", 50)
    counts: list[int] = []

    def other_program() -> None:
        other = sqlite3.connect(ecg / ".screener" / "ledger.db", timeout=20, isolation_level=None)
        while gpt.stats()["calls"] < 4:
            time.sleep(0.01)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(0.7)
        counts.append(gpt.stats()["calls"])
        time.sleep(0.7)
        counts.append(gpt.stats()["calls"])
        other.execute("ROLLBACK")
        other.close()

    holder = threading.Thread(target=other_program)
    holder.start()
    done = cli(*ARGS, "--concurrency", "4", "--limit", "60")
    holder.join()
    assert done.code == 0, done.err
    assert counts[0] == counts[1] < 60, "nothing was sent while the ledger was locked"
    assert done.json["decided"] == 60
    assert len(ledger_rows(ecg, "calls")) == gpt.stats()["calls"] == 60


def test_no_judgement_is_stored_without_the_call_it_rests_on(ecg: Path, cli: Cli, gpt: Server) -> None:
    with Ledger.of(ecg / ".screener").write() as connection:
        name = connection.exec_driver_sql("SELECT id FROM records ORDER BY position LIMIT 1 OFFSET 3").scalar_one()
        connection.exec_driver_sql(
            f"CREATE TRIGGER broken BEFORE INSERT ON calls WHEN new.record_id = '{name}' "
            "BEGIN SELECT RAISE(ABORT, 'no such row'); END"
        )
    done = cli(*ARGS, "--limit", "8")
    assert done.code == 3
    [failed] = done.json["failed"]
    assert failed["id"] == name
    assert "its answer could not be stored" in failed["reason"]
    assert "no such row" in done.json["unstored"][0]
    judged = {row["record_id"] for row in ledger_rows(ecg, "judgements") if row["reviewer"] == "gpt"}
    assert len(judged) == done.json["decided"] == 7
    assert name not in judged
    assert [row["record_id"] for row in ledger_rows(ecg, "errors")] == [name]


@pytest.mark.parametrize("reported", [2**70, 2**31, -1])
def test_a_number_of_tokens_that_cannot_be_is_unknown(reported: int) -> None:
    usage = Usage(reported, 5, reported)
    assert Reply(ChatResponse("{}"), "m", usage, {}, 0.1).usage == Usage(None, 5, None)
    assert UnusableReply("no JSON", usage=usage).usage == Usage(None, 5, None)


_RUN = "INSERT INTO runs (id, at, stage, reviewer, specification) VALUES ('run', '', 'abstract', 'gpt', '{}')"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"cost_usd": "lots"}, "cost_usd"), ({"cost_usd": -1.0}, "a number that cannot be"), ({"cost_usd": float("nan")}, "NaN"),
        ({"input_tokens": "x"}, "input_tokens"), ({"output_tokens": 10**30}, "a number that cannot be"),
        ({"record_id": None}, "record_id"), ({"stage": "none"}, "Stage"), ({"at": None}, "at"),
        ({"run_id": "other", "record_id": "other"}, "of another review"),
    ],
)  # fmt: skip
def test_a_file_that_somebody_has_changed_or_of_another_review_is_refused_whole(
    tmp_path: Path, changed: dict[str, Any], why: str
) -> None:
    from screener.ledger.calls import Call

    ledger = Ledger.of(tmp_path)
    with ledger.write() as connection:
        connection.exec_driver_sql(_RUN)
    line = unsaved.unsaved_call(Call("run", "r", "abstract", "gpt", "q", 0, "ok"), "x")
    lines = [line, {**line, "call": {**line["call"], **changed}}]
    file = tmp_path / "unsaved-run.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in lines))
    with pytest.raises(BadInput, match=why):
        unsaved.take_in(ledger)
    assert file.exists()
    with ledger.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM calls").scalar_one() == 0
    ledger.close()


def test_what_was_kept_in_a_file_is_entered_once(tmp_path: Path) -> None:
    from screener.ledger.calls import Call

    ledger = Ledger.of(tmp_path)
    with ledger.write() as connection:
        connection.exec_driver_sql(_RUN)
    call = Call("run", "r1", "abstract", "gpt", "q1", 0, "ok")
    for _ in range(2):  # the second time as after a crash between the entry and the removal
        file = unsaved.UnsavedFile(tmp_path, "run", 1 << 16)
        file.keep(unsaved.unsaved_call(call, "an answer"))
        assert unsaved.take_in(ledger) == 0, "its run is under way"
        file.close()
        unsaved.take_in(ledger)
        assert not file.path.exists()
    with ledger.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM calls").scalar_one() == 1
    ledger.close()


def test_a_file_of_a_killed_run_is_taken_in_up_to_where_it_was_written(tmp_path: Path) -> None:
    from screener.ledger.calls import Call

    ledger, line = Ledger.of(tmp_path), unsaved.unsaved_call(Call("run", "r", "abstract", "gpt", "q", 0, "ok"), "x")
    with ledger.write() as connection:
        connection.exec_driver_sql(_RUN)
    whole = json.dumps(line).encode() + b"\n"
    (tmp_path / "unsaved-run.jsonl").write_bytes(whole + whole[:40] + bytes(1000))
    assert unsaved.take_in(ledger) == 1
    ledger.close()


@pytest.mark.slow
def test_who_interrupts_a_run_does_not_wait_for_a_locked_ledger(
    ecg: Path, cli: Cli, gpt: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_database, "_ATTEMPT_MS", 50)
    over = threading.Event()

    def other_program() -> None:
        other = sqlite3.connect(ecg / ".screener" / "ledger.db", timeout=20, isolation_level=None)
        while gpt.stats()["calls"] < 4:
            time.sleep(0.01)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)  # as a terminal does it: to the program, not to this thread
        over.wait(20)
        other.close()

    holder = threading.Thread(target=other_program)
    holder.start()
    done = cli(*ARGS, "--concurrency", "4")
    still_locked = holder.is_alive()
    over.set()
    holder.join()
    assert (done.code, still_locked) == (130, True)
    assert cli(*ARGS).json["decided"] == 120
    assert gpt.stats()["calls"] <= 120 + 4, "at most what was under way is asked again"
