"""The ledger in PostgreSQL: the same commands, the same figures; a real server in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from support import Cli
from support.web_app import small_review

from screener.core.errors import BadInput
from screener.ledger import tables as t
from screener.ledger.store import Ledger, now
from screener.ledger.writer import Writer

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
pytestmark = pytest.mark.skipif(BIN is None, reason="PostgreSQL is not installed (Debian: apt-get install postgresql)")


def as_server(*command: str | Path) -> None:
    """Run a program of PostgreSQL, which refuses to be root."""
    given = [str(part) for part in command]
    if os.getuid() == 0:
        given = ["runuser", "-u", "postgres", "--", *given]
    subprocess.run(given, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A server that listens on a socket in a folder of its own; yields that folder."""
    assert BIN is not None
    folder = Path("/tmp") / f"screener-pg-{os.getpid()}"  # a socket's path must be short
    folder.mkdir()
    if os.getuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        as_server(BIN / "initdb", "-D", folder / "data", "-A", "trust", "-U", "screener", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        as_server(BIN / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start")
        yield folder
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            as_server(BIN / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def url(cluster: Path, request: pytest.FixtureRequest) -> str:
    """An empty database; the URL as a user would write it."""
    assert BIN is not None
    name = "t" + str(abs(hash(request.node.name)))
    as_server(BIN / "createdb", "-h", cluster, "-U", "screener", name)
    return f"postgresql://screener@/{name}?host={cluster}"


FIGURES = ("records", "decided", "include", "exclude", "unclear", "errors")


def test_a_run_and_its_figures_are_those_of_sqlite(
    ecg: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = cli("run", "--stage", "abstract", "--limit", "40", "--json").json
    told = cli("evaluate", "--stage", "abstract", "--json").json
    monkeypatch.setenv("SCREENER_LEDGER", url)
    here = cli("run", "--stage", "abstract", "--limit", "40", "--json")
    assert here.code == 0, here.err
    assert {name: here.json[name] for name in FIGURES} == {name: plain[name] for name in FIGURES}
    assert cli("run", "--stage", "abstract", "--limit", "40", "--json").json["cached"] == 40
    again = cli("evaluate", "--stage", "abstract", "--json").json
    assert {name: again[name] for name in ("tp", "fp", "fn", "tn")} == {n: told[n] for n in ("tp", "fp", "fn", "tn")}
    assert cli("status", "--json").json["records"] == 120
    assert len(cli("export", "--format", "jsonl").out.splitlines()) == 120


def test_documents_and_extractions_live_there_too(
    tmp_path: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LEDGER", url)
    cli("init", tmp_path / "d", "--example", "documents")
    monkeypatch.chdir(tmp_path / "d")
    cli("run", "--stage", "abstract", "--json")
    assert cli("import", "--pdfs", "pdfs", "--json").code == 0
    assert cli("run", "--stage", "fulltext", "--json").json["decided"] >= 10
    assert cli("run", "--stage", "extraction", "--json").json["items"]["reported"] > 50


def test_an_audit_of_it_holds_and_is_checked_without_any_server(
    ecg: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LEDGER", url)
    assert cli("run", "--stage", "abstract", "--limit", "40").code == 0
    assert cli("report", "--audit").code == 0
    monkeypatch.setenv("SCREENER_LEDGER", "postgresql://nobody@127.0.0.1:9/none")
    done = cli("check", "--audit", "audit.zip", "--json")
    assert (done.code, done.json["verdict"]) == (0, "holds"), done.out


def test_writers_wait_for_each_other_and_nothing_is_lost(url: str) -> None:
    """Two programs at once, as two processes would be: each with its own engine and writer thread."""
    ledgers = [Ledger(url), Ledger(url)]

    def write(ledger: Ledger, who: str) -> None:
        with Writer(ledger) as writer:
            for number in range(150):
                row = {"record_id": str(number), "status": "sought", "reason": "", "who": who, "at": now()}
                writer.submit(lambda connection, row=row: connection.execute(insert(t.retrievals).values(row)))

    threads = [threading.Thread(target=write, args=(ledger, f"w{i}")) for i, ledger in enumerate(ledgers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledgers[0].read() as connection:
        rows = connection.execute(select(t.retrievals.c.who, t.retrievals.c.record_id)).all()
    assert len(rows) == len(set(rows)) == 300
    for ledger in ledgers:
        ledger.close()


def test_a_reader_sees_one_state_however_many_questions_it_asks(url: str) -> None:
    ledger, other = Ledger(url), Ledger(url)
    row = {"record_id": "r", "status": "sought", "reason": "", "who": "w", "at": now()}
    with ledger.read() as connection:
        before = connection.execute(select(t.retrievals)).all()
        with other.write() as writing:
            writing.execute(insert(t.retrievals).values(row))
        assert connection.execute(select(t.retrievals)).all() == before == []
    with ledger.read() as connection:
        assert len(connection.execute(select(t.retrievals)).all()) == 1
    ledger.close()
    other.close()


def test_people_work_there_too(tmp_path: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue, made in the database itself, is in the order that SQLite gives; tags, decisions on many, and undoing."""
    pytest.importorskip("fastapi")
    from starlette.testclient import TestClient

    from screener.adjudication.queue import next_record, skip
    from screener.core.judgement import Stage
    from screener.web.app import create_app
    from screener.web.security import Session

    monkeypatch.chdir(tmp_path)
    review = small_review(tmp_path / "review", 8)

    def order(ledger: Ledger) -> list[str]:
        names = []
        while (record := next_record(ledger, review, Stage.ABSTRACT, "anna")) is not None and record.id not in names:
            names.append(record.id)
            skip(ledger, Stage.ABSTRACT, record.id, "anna")
        return names

    wanted = order(Ledger.of(review.hidden))
    monkeypatch.setenv("SCREENER_LEDGER", url)
    assert cli("import", review.root / "records.csv", "--review", review.root).code == 0
    ledger, session = Ledger(url), Session(9001)
    assert order(ledger) == wanted
    with TestClient(create_app(ledger, review, "ada", session), base_url="http://127.0.0.1:9001") as app:
        app.get(session.address)

        def post(path: str, **form: str) -> str:
            headers = {"X-CSRF-Token": session.csrf}
            answer = app.post(path, data=form, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.text

        assert "Tagged: mice" in post("/tags/abstract", record="r1", tag="mice")
        assert "Tag restored" not in post("/screen/abstract/undo", record="r1")
        post("/tags/abstract", record="r1", tag="mice")
        for query, hits in (
            ("tag=mice", 1),
            ("q=MICE", 1),
            ("q=ecg+paper", 7),
            ("q=abstract_source", 0),
            ("show=open", 8),
        ):
            page = app.get(f"/records?{query}").text
            assert page.count('name="tick"') == hits, query
        page = post("/records/bulk", stage="abstract", choice="exclude:signal", reason="mice", which="all", tag="mice")
        assert "Exclude 1 record?" in page
        post("/records/bulk/sure", plan=page.split('name="plan" value="')[1].split('"')[0])
        assert "exclude on 1 record<" in post("/records/bulk/undo", stage="abstract")
        assert app.get("/").status_code == 200
    ledger.close()


def test_a_server_that_is_not_there_is_one_clear_line_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput) as said:
        Ledger("postgresql://anna:geheim@127.0.0.1:9/none?connect_timeout=2")
    assert "cannot be used as a ledger" in str(said.value)
    assert "geheim" not in str(said.value)
    assert "\n" not in str(said.value)


def test_a_zero_character_ends_no_run(url: str) -> None:
    ledger = Ledger(url)
    with ledger.write() as connection:
        connection.execute(
            insert(t.retrievals).values(record_id="r", status="sought", reason="a\x00b\ud800c", who="w", at=now())
        )
    with ledger.read() as connection:
        assert connection.execute(select(t.retrievals.c.reason)).scalars().all() == ["a\ufffdb\ufffdc"]
    ledger.close()
