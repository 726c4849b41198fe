"""The ledger in PostgreSQL: the same commands, the same figures; a real server in a folder of its own."""

import shutil
import socket
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from servers import openai_server
from sqlalchemy import insert, select
from support import Cli
from support.chat_run import ARGS, add_reviewer
from support.imports import a_file, imported
from support.postgres import Cluster
from support.records import an_entry
from support.report import labels, screener_all
from support.web_app import small_review

from screener.core.errors import BadInput, LedgerUnavailable
from screener.ledger import copy_ledger, documents, failures, listed_links, open_source, reads, run_leases
from screener.ledger import tables as t
from screener.ledger.hit_keys import keys_are_made
from screener.ledger.intake import add_files
from screener.ledger.intake_plan import Imported
from screener.ledger.store import Ledger, now
from screener.ledger.writer import Writer


@pytest.fixture
def url(cluster: Cluster) -> str:
    """An empty database."""
    return cluster.new_database()


FIGURES = ("records", "decided", "include", "exclude", "unclear", "errors")


@pytest.mark.slow
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


@pytest.mark.slow
def test_documents_and_extractions_live_there_too(
    tmp_path: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LEDGER", url)
    cli("init", tmp_path / "d", "--example", "documents")
    monkeypatch.chdir(tmp_path / "d")
    for path in sorted(Path("pdfs").iterdir())[3:]:
        path.unlink()
    cli("run", "--stage", "abstract", "--json")
    assert cli("import", "--pdfs", "pdfs", "--json").code == 0
    assert cli("run", "--stage", "fulltext", "--json").json["decided"] == 3
    assert cli("run", "--stage", "extraction", "--json").json["items"]["reported"] > 15


@pytest.mark.slow
def test_an_audit_of_it_holds_and_is_checked_without_any_server(
    ecg: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LEDGER", url)
    assert cli("run", "--stage", "abstract", "--limit", "40").code == 0
    assert cli("report", "--audit").code == 0
    monkeypatch.setenv("SCREENER_LEDGER", "postgresql://nobody@127.0.0.1:9/none")
    done = cli("check", "--audit", "audit.zip", "--json")
    assert (done.code, done.json["verdict"]) == (0, "holds"), done.out


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_people_work_there_too(tmp_path: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue, made in the database itself, is in the order that SQLite gives; tags, decisions on many, and undoing."""
    pytest.importorskip("fastapi")
    from starlette.testclient import TestClient

    from screener.adjudication.queue import next_record, skip
    from screener.core.judgement import Stage
    from screener.web.app import create_app
    from screener.web.local_door import Session

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


def test_a_server_that_does_not_answer_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://anna@127.0.0.1:{silent.getsockname()[1]}/none?connect_timeout=2"
        with (
            pytest.raises(LedgerUnavailable, match=r"no connection to the database \(connection timeout expired\)"),
            Ledger(url, reading=True).read(),
        ):
            pass


@pytest.mark.slow
def test_a_zero_character_ends_no_run(url: str) -> None:
    ledger = Ledger(url)
    with ledger.write() as connection:
        connection.execute(
            insert(t.retrievals).values(record_id="r", status="sought", reason="a\x00b\ud800c", who="w", at=now())
        )
    with ledger.read() as connection:
        assert connection.execute(select(t.retrievals.c.reason)).scalars().all() == ["a\ufffdb\ufffdc"]
    ledger.close()


@pytest.fixture
def quick_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"BEAT": 0.05, "EXPIRY": 0.6, "_LOOK": 0.05}.items():
        monkeypatch.setattr(run_leases, name, seconds)


@pytest.mark.usefixtures("quick_leases")
@pytest.mark.slow
def test_a_second_run_is_refused_though_the_connections_of_the_first_were_cut(url: str) -> None:
    first, second = Ledger(url), Ledger(url)
    with first.alone("question", "busy"):
        with first.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        with pytest.raises(BadInput, match="busy"), second.alone("question", "busy"):
            pass
        with second.alone("another question", "busy"):
            pass
    with second.alone("question", "busy"):
        pass
    first.close()
    second.close()


@pytest.mark.usefixtures("quick_leases")
@pytest.mark.slow
def test_a_run_that_gives_no_sign_of_life_loses_its_lease_and_is_told(url: str) -> None:
    first, second = Ledger(url), Ledger(url)
    dead = run_leases.take_lease(first.engine, "question")
    assert dead is not None
    dead._end.set()  # as if its machine were gone
    dead._thread.join()
    with second.alone("question", "busy") as lease:
        assert lease is not None
        assert dead.stale
        dead._end.clear()
        dead._beat()  # as if it came back
        assert dead.taken
        assert not lease.taken
    first.close()
    second.close()


@pytest.mark.slow
def test_documents_of_a_shared_ledger_are_there_on_every_machine(
    tmp_path: Path, cli: Cli, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LEDGER", url)
    ann, ben, zoe = (tmp_path / name for name in ("ann", "ben", "zoe"))
    cli("init", ann, "--example", "documents")
    pdfs = tmp_path / "pdfs"
    pdfs.mkdir()
    for path in sorted((ann / "pdfs").glob("*.pdf"))[:2]:
        shutil.copy(path, pdfs)
    cli("run", "--stage", "abstract", "--limit", "1", "--review", ann)
    for other in (ben, zoe):
        shutil.copytree(ann, other, ignore=shutil.ignore_patterns(".screener", "pdfs"))
    matched = [row for row in cli("import", "--pdfs", pdfs, "--review", ann, "--json").json["pdfs"] if row["record"]]
    assert matched
    copies = {path.name for path in (ann / ".screener" / "documents").iterdir()}
    assert cli("import", "--pdfs", pdfs, "--review", ben, "--json").json["pdfs"][0]["known"]
    assert {path.name for path in (ben / ".screener" / "documents").iterdir()} == copies, "matched, so it is there"
    ledger = Ledger(url)
    with ledger.read() as connection:
        every = [document for present in documents.attached(connection).values() for document in present]
    for document in every:
        path = documents.kept_file(ledger, zoe / ".screener", document)
        assert path is not None
        assert path.read_bytes() == (ann / ".screener" / "documents" / path.name).read_bytes()
    ledger.close()
    shutil.rmtree(zoe / ".screener")
    monkeypatch.chdir(zoe)
    done = cli("report", "--audit", "--json")
    assert done.code == 0, done.err
    with zipfile.ZipFile("audit.zip") as archive:
        assert {Path(name).name for name in archive.namelist() if name.startswith("documents/")} == copies
    assert cli("check", "--audit", "audit.zip", "--json").json["verdict"] == "holds"


@pytest.mark.slow
@pytest.mark.parametrize("comes_back", [True, False])
def test_a_run_whose_server_goes_away_pays_for_nothing_twice(
    ecg: Path, cli: Cli, cluster: Cluster, url: str, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    monkeypatch.setenv("SCREENER_LEDGER", url)
    cli("run", "--stage", "abstract", "--limit", "1", "--json")
    if not comes_back:
        monkeypatch.setitem(failures.PATIENCE, failures.Trouble.AWAY, 1.0)
    with openai_server({"latency_s": 0.1}) as server:
        add_reviewer(
            ecg,
            f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: TEST_KEY, "
            "timeout_s: 20, price: {input: 1.0, output: 2.0}}",
        )

        def goes_away() -> None:
            while server.stats()["calls"] < 20:
                time.sleep(0.02)
            cluster.stop()
            if comes_back:
                time.sleep(4)
                cluster.start()

        outage = threading.Thread(target=goes_away)
        outage.start()
        try:
            done = cli(*ARGS, "--concurrency", "8")
            outage.join()
        finally:
            outage.join()
            cluster.start() if not comes_back else None
        sent = server.stats()["calls"]
        if comes_back:
            assert done.code == 0, done.err
        else:
            assert done.code == 1
            assert "no connection to the database" in done.err
            assert sent < 120
            assert done.json["unsaved"]["dropped"] == 0
            done = cli(*ARGS, "--concurrency", "8")
            assert done.code == 0, done.err
        assert done.json["decided"] == 120
        assert set(server.stats()["prompts"].values()) == {1}, "each was asked once"
        ledger = Ledger(url)
        with ledger.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM calls WHERE status = 'ok'").scalar_one() == 120
        ledger.close()


@pytest.mark.slow
def test_imports_come_to_the_same_as_in_sqlite(url: str) -> None:
    papers = [
        an_entry(f"The effect of drug number {i % 7} on the risk of stroke", doi=f"10.1000/{i % 5}" if i % 3 else None)
        for i in range(20)
    ]
    server, file = Ledger(url), Ledger("sqlite://")
    for ledger in (server, file):
        for name, part in (("a", papers[:8]), ("b", papers[8:15]), ("c", papers[15:]), ("a", papers[:8])):
            add_files(ledger, [a_file(part, name)])
    assert imported(server) == imported(file)
    server.close()


@pytest.mark.slow
def test_files_that_are_imported_at_once_lose_no_row_and_give_no_id_twice(url: str) -> None:
    shared = [an_entry(f"The effect of drug number {i} on the risk of stroke", doi=f"10.1000/{i}") for i in range(8)]
    own = {name: an_entry(f"What only {name} has to say of the heart", pmid=str(i)) for i, name in enumerate("abcd")}
    results: list[Imported] = []

    def enter(name: str) -> None:
        ledger = Ledger(url)
        results.extend(add_files(ledger, [a_file([*shared, own[name]], name, name)]))
        ledger.close()

    Ledger(url).close()
    threads = [threading.Thread(target=enter, args=(name,)) for name in own]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.new for result in results) == 8 + 4
    ledger = Ledger(url)
    with ledger.read() as connection:
        hits = connection.execute(select(t.hits.c.id, t.hits.c.name)).all()
        assert sorted(hit for hit, _ in hits) == list(range(1, 37))
        assert sorted(len(record.sources) for record in reads.records(connection)) == [1] * 4 + [4] * 8
        assert keys_are_made(connection)
    ledger.close()


def came_to(ledger: Ledger) -> dict[str, Any]:
    """What rows, people's judgements and links came to, whatever the order in which they came."""
    judged = select(t.judgements.c.record_id, t.judgements.c.reviewer, t.judgements.c.decision)
    with ledger.read() as connection:
        return {
            "records": sorted((record.id, record.aliases, record.sources) for record in reads.records(connection)),
            "rows": sorted(connection.execute(select(t.hits.c.id, t.hits.c.name, t.hits.c.source)).all()),
            "judgements": sorted(connection.execute(judged).all()),
            "links": sorted((link.kind, link.a, link.b, link.who) for link in listed_links(ledger) if link.active),
        }


@pytest.mark.slow
def test_an_import_and_labels_and_confirmed_pairs_of_three_processes_all_arrive(
    ecg: Path, shared: Path, url: str
) -> None:
    """821 rows of PubMed, six people's labels and the exact pairs, at once and one after the other."""
    seed = shared / "seed-review"
    screener_all(ecg, ("import", *sorted((seed / "wos").glob("*.xls"))))
    copy_ledger(open_source(str(ecg / ".screener" / "ledger.db")), url)
    ledgers = Ledger.of(ecg / ".screener"), Ledger(url)
    with ledgers[0].read() as connection:
        names = [record.id for record in reads.records(connection)]
    rows = [("import", *(seed / "pubmed").glob("*.csv"))]
    people = [labels(ecg, f"p{n}", "abstract", dict.fromkeys(names[n * 9 : n * 9 + 20], "include")) for n in range(6)]
    pairs = [("dedup", "confirm", "--exact")]
    screener_all(ecg, *rows, *people, *pairs)
    with ThreadPoolExecutor(3) as processes:
        for done in [
            processes.submit(screener_all, ecg, *commands, ledger=url) for commands in (rows, people, pairs * 3)
        ]:
            done.result()
    screener_all(ecg, *pairs, ledger=url)  # those too that the import brought after it was last asked
    alone, at_once = (came_to(ledger) for ledger in ledgers)
    assert len(alone["rows"]) == 682 + 821
    assert len(alone["judgements"]) == 6 * 20
    assert at_once == alone
    for ledger in ledgers:
        ledger.close()
