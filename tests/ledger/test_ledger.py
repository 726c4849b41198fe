"""The ledger: writes are whole, merges can be undone, and a standing follows from the judgements alone."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, inspect, select
from support import Cli

from screener.core.errors import BadInput, LedgerError
from screener.core.judgement import Decision, Judgement
from screener.ledger import intake
from screener.ledger import tables as t
from screener.ledger.imports import rows_received
from screener.ledger.intake import add_files
from screener.ledger.merges import merge_records, split_record
from screener.ledger.reads import StoredJudgement, current_ids, records
from screener.ledger.store import Ledger
from screener.ledger.writer import Writer
from screener.protocol.model import DecidedBy
from screener.records import read_file
from screener.stages.standing import Status, stand


def test_the_migrations_make_the_tables_that_the_code_expects(ledger: Ledger) -> None:
    made = inspect(ledger.engine)
    for table in t.metadata.tables.values():
        assert {c["name"] for c in made.get_columns(table.name)} == {c.name for c in table.columns}


def test_a_ledger_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    ledger = Ledger.of(tmp_path)
    with ledger.write() as connection:
        connection.exec_driver_sql("INSERT INTO migrations VALUES ('m999_tomorrow')")
    with pytest.raises(BadInput, match="m999_tomorrow"):
        Ledger.of(tmp_path)


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    def half() -> None:
        with ledger.write() as connection:
            connection.execute(insert(t.texts).values(hash="a", body=b"x"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with ledger.read() as connection:
        assert connection.execute(select(t.texts)).all() == []


def test_the_writer_commits_before_it_says_so_and_bad_work_fails_alone(ledger: Ledger) -> None:
    def put(name: str):  # type: ignore[no-untyped-def]
        return lambda connection: connection.execute(insert(t.texts).values(hash=name, body=b"x"))

    with Writer(ledger) as writer:
        futures = [writer.submit(put(name)) for name in ("a", "b", "a", "c")]
        outcomes = [future.exception() is None for future in futures]
        with ledger.read() as connection:
            stored = set(connection.execute(select(t.texts.c.hash)).scalars())
    assert outcomes == [True, True, False, True]
    assert stored == {"a", "b", "c"}


def test_two_programs_may_write_at_once(tmp_path: Path) -> None:
    ledgers = [Ledger.of(tmp_path), Ledger.of(tmp_path)]

    def work(number: int) -> None:
        for i in range(50):
            with ledgers[number].write() as connection:
                connection.execute(insert(t.texts).values(hash=f"{number}-{i}", body=b"x"))

    threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledgers[0].read() as connection:
        assert len(connection.execute(select(t.texts.c.hash)).all()) == 100


def add(ledger: Ledger, folder: Path, name: str, text: str, source: str | None = None) -> None:
    (folder / name).write_text(text)
    add_files(ledger, [read_file(folder / name, source=source)])


TITLE = "Deep learning of long electrocardiograms in primary care"


def test_a_merge_can_be_undone_and_done_again(ledger: Ledger, tmp_path: Path) -> None:
    add(ledger, tmp_path, "one.csv", f"title,doi,year\n{TITLE},10.1000/a1,2020\n")
    add(ledger, tmp_path, "two.csv", f"title,doi,year,abstract\n{TITLE},10.1000/a1,2020,Some text\n")
    with ledger.read() as connection:
        (merged,) = records(connection)
    assert (merged.sources, merged.abstract, merged.id) == (("one", "two"), "Some text", "doi:10.1000/a1")
    parts = split_record(ledger, merged.id, "anna")
    with ledger.read() as connection:
        assert [(r.id, r.abstract) for r in records(connection)] == [(parts[0], ""), (parts[1], "Some text")]
        assert len(connection.execute(select(t.links)).all()) == 2  # undone by a row that supersedes, not by deletion
    assert merge_records(ledger, parts[0], parts[1], "anna") == parts[0]
    with ledger.read() as connection:
        (again,) = records(connection)
    assert parts[1] in again.aliases


def test_works_with_different_dois_are_never_chained_into_one(ledger: Ledger, tmp_path: Path) -> None:
    rows = (
        "title,doi,year,authors,volume,pages\n"
        f"{TITLE},10.1000/a1,2020,Zhu X,3,45-67\n{TITLE},,2020,Zhu X,3,45-67\n{TITLE},10.1000/b2,2020,Zhu X,3,45-67\n"
    )
    add(ledger, tmp_path, "chain.csv", rows)
    with ledger.read() as connection:
        found = records(connection)
        kinds = [link.kind for link in connection.execute(select(t.links))]
    assert [record.doi for record in found] == ["10.1000/a1", "10.1000/b2"]
    assert sorted(kinds) == ["duplicate", "same_study"]


def test_the_given_id_is_kept_and_a_taken_one_is_replaced(ledger: Ledger, tmp_path: Path) -> None:
    add(
        ledger,
        tmp_path,
        "one.csv",
        "id,title\n1,A study of the heart and its rhythm\n2,A study of the lung and its volume\n",
    )
    add(ledger, tmp_path, "two.csv", "id,title\n1,A study of the liver and its enzymes\n")
    with ledger.read() as connection:
        ids = [record.id for record in records(connection)]
    assert ids[:2] == ["1", "2"]
    assert ids[2].startswith("r-")


def test_two_files_that_number_their_rows_from_one_keep_their_records_apart(ledger: Ledger, tmp_path: Path) -> None:
    heart, lung = "A long study of the heart and its rhythm", "A long study of the lung and its volume"
    add(ledger, tmp_path, "a.csv", f"id,title,year,volume,pages\n1,{heart},2020,3,45\n2,{lung},2020,3,50\n")
    rows = f"1,{lung},2020,3,50\n2,{heart},2020,3,45\n3,A long study of the liver,2020,3,60\n"
    add(ledger, tmp_path, "b.csv", f"id,title,year,volume,pages\n{rows}")
    with ledger.read() as connection:
        found = {record.id: record.title for record in records(connection)}
        current = current_ids(connection)
    assert found == {"1": heart, "2": lung, "3": "A long study of the liver"}
    assert (current["1"], current["2"]) == ("1", "2")
    parts = split_record(ledger, "1", "anna")
    with ledger.read() as connection:
        titles = [record.title for record in records(connection)]
    assert parts[0] == "1"
    assert sorted(titles) == sorted([heart, heart, lung, "A long study of the liver"])


def test_a_file_under_another_name_is_the_same_search(ledger: Ledger, tmp_path: Path) -> None:
    text = "title,year\nA long study of the heart and its rhythm,2020\n"
    add(ledger, tmp_path, "search.csv", text, source="ERIC")
    add(ledger, tmp_path, "search (1).csv", text, source="ERIC")
    with ledger.read() as connection:
        assert sum(rows_received(connection).values()) == 1


def row(role: str, reviewer: str, decision: str, number: int = 1) -> StoredJudgement:
    judgement = Judgement(decision=Decision(decision))
    return StoredJudgement(number, "", "x", "", reviewer, role, "", "", 0, "", judgement)


RULE = DecidedBy(humans=2, machine="m")


@pytest.mark.parametrize(
    ("rows", "status", "decision"),
    [
        ([], "pending", None),
        ([row("machine", "m", "exclude")], "suggested", "exclude"),
        ([row("machine", "other", "exclude")], "pending", None),
        ([row("gold", "gold", "exclude")], "pending", None),
        ([row("human", "a", "include")], "pending", None),
        ([row("human", "a", "include"), row("machine", "m", "exclude")], "suggested", "exclude"),
        ([row("human", "a", "include"), row("human", "b", "include")], "final", "include"),
        ([row("human", "a", "include"), row("human", "b", "unclear")], "final", "unclear"),
        ([row("human", "a", "include"), row("human", "b", "exclude")], "conflict", None),
        ([row("human", "a", "exclude", 1), row("human", "a", "include", 2)], "pending", None),
        (
            [row("human", "a", "include"), row("human", "b", "exclude"), row("adjudicator", "c", "exclude")],
            "final",
            "exclude",
        ),
    ],
)
def test_a_standing_follows_the_order_of_authority(
    rows: Sequence[StoredJudgement], status: str, decision: str | None
) -> None:
    found = stand(RULE, rows)
    assert (found.status, found.decision) == (status, decision)


def test_an_open_gate_makes_the_machine_final() -> None:
    assert stand(RULE, [row("machine", "m", "exclude")], gate_open=True).status is Status.FINAL
    assert not stand(RULE, [row("machine", "m", "exclude")], gate_open=True).proceeds


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["machine", "human", "gold"]),
        st.sampled_from(["m", "a", "b"]),
        st.sampled_from(["include", "exclude", "unclear"]),
    ),
    max_size=6,
)


@given(ROWS)
def test_without_humans_nothing_is_final(rows: list[StoredJudgement]) -> None:
    machines = [one for one in rows if one.role != "human"]
    assert stand(RULE, machines).status in (Status.SUGGESTED, Status.PENDING)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_run_that_is_stopped_keeps_what_it_counted_and_the_next_one_completes_it(
    ecg: Path, cli: Cli, how: signal.Signals
) -> None:
    code = "import sys; sys.argv=['screener','run','--stage','abstract','--concurrency','4']; from screener.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    database = ecg / ".screener" / "ledger.db"
    committed = 0
    while not committed and process.poll() is None:
        time.sleep(0.02)
        if database.exists():
            with suppress(BadInput), Ledger.of(database.parent).read() as connection:
                committed = len(connection.execute(select(t.judgements.c.id)).all())
    process.send_signal(how)
    _, said = process.communicate(timeout=30)
    assert 0 < committed < 120
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert "run the same command to continue" in said
    done = cli("run", "--stage", "abstract", "--json").json
    assert done["decided"] == 120
    assert committed <= done["cached"] < 120
    assert len({row["id"] for row in cli("export", "--json").json}) == 120


@pytest.mark.slow
def test_two_runs_at_once_on_a_new_ledger_both_finish(ecg: Path) -> None:
    code = "import sys; sys.argv=['screener','run','--stage','abstract','--limit','30','--json']; from screener.cli.main import main; main()"
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in "ab"
    ]
    ended = [(process.communicate(timeout=60), process.returncode) for process in both]
    assert [code for _, code in ended] == [0, 0], ended


def test_a_commit_that_fails_is_an_error_and_not_a_silent_loss(ecg: Path, cli: Cli) -> None:
    cli("run", "--stage", "abstract", "--limit", "1")
    with Ledger.of(ecg / ".screener").write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no BEFORE INSERT ON judgements WHEN new.record_id = 'ecg-0101' BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    done = cli("run", "--stage", "abstract", "--json")
    assert done.code == 3
    assert done.json["failed"] == [{"id": "ecg-0101", "reason": "cannot be stored: IntegrityError: no"}]
    assert done.json["decided"] == 119


def test_what_the_database_says_comes_as_one_error_of_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger.of(tmp_path / ".screener")
    for connected in (ledger.read, ledger.write):
        with (
            pytest.raises(LedgerError, match=r"^OperationalError: .*no such table: absent"),
            connected() as connection,
        ):
            connection.exec_driver_sql("SELECT * FROM absent")


def test_a_record_that_trips_the_reviewer_is_listed_and_the_rest_is_judged(
    ecg: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.reviewers.embedded import EmbeddedReviewer

    conclude = EmbeddedReviewer.conclude

    def tripping(self, record, measured):  # type: ignore[no-untyped-def]
        if record.id == "ecg-0101":
            raise ValueError("a fault")
        return conclude(self, record, measured)

    monkeypatch.setattr(EmbeddedReviewer, "conclude", tripping)
    done = cli("run", "--stage", "abstract", "--json")
    assert (done.code, done.json["decided"], done.json["errors"]) == (3, 119, 1)
    assert cli("status", "--json").json["stages"]["abstract"]["error"] == 1
    monkeypatch.setattr(EmbeddedReviewer, "conclude", conclude)
    again = cli("run", "--stage", "abstract", "--json")
    assert (again.code, again.json["decided"], again.json["errors"]) == (0, 120, 0)


def test_a_database_that_holds_no_ledgers_is_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LEDGER", "mysql://anna@host/review")
    with pytest.raises(BadInput, match="postgresql or sqlite, not in `mysql`"):
        Ledger.of(tmp_path / ".screener")


def test_a_new_ledger_and_its_log_are_read_by_their_owner_alone_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    earlier = os.umask(0o002)
    try:
        ledger = Ledger.of(tmp_path)
        with ledger.write() as connection:
            connection.exec_driver_sql("create table more (a)")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()}
    finally:
        os.umask(earlier)
    assert modes.keys() >= {"ledger.db", "ledger.db-wal"}
    assert set(modes.values()) == {0o600}
    ledger.close()
    (tmp_path / "ledger.db").chmod(0o640)
    Ledger.of(tmp_path).close()
    assert (tmp_path / "ledger.db").stat().st_mode & 0o777 == 0o640


def test_names_of_equal_entries_are_looked_for_once(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups = 0

    class Counting(dict[str, int]):
        def __contains__(self, name: object) -> bool:
            nonlocal lookups
            lookups += 1
            return super().__contains__(name)

    init = intake.Earlier.__init__

    def counted(earlier: intake.Earlier, connection: Connection) -> None:
        init(earlier, connection)
        earlier._owner = Counting()

    monkeypatch.setattr(intake.Earlier, "__init__", counted)
    path = tmp_path / "many.csv"
    for start in (0, 200):
        path.write_text("title,abstract\n" + "".join(f"Editorial,Abstract {start + i}\n" for i in range(200)))
        lookups = 0
        assert add_files(ledger, [read_file(path)])[0].new == 200
        assert lookups < 10 * 200  # to try all numbers for each would be some 20,000
    with ledger.read() as connection:
        assert len({record.id for record in records(connection)}) == 400


def test_a_row_that_an_earlier_program_read_is_known_again(ledger: Ledger, tmp_path: Path) -> None:
    """Earlier programs did not read volume and pages; by what they read a row is known."""
    file = tmp_path / "a.csv"
    file.write_text("title,journal,volume,pages\nHearts that beat,Heart,12,45-67\n")
    add_files(ledger, [read_file(file, source="Base")])
    earlier = '{"title":"Hearts that beat","venue":"Heart"}'
    with ledger.read() as connection:
        [row] = connection.execute(select(t.hits)).mappings()
    assert row["key"] == hashlib.sha256(f"a.csv\x00Base\x00{earlier}\x001".encode()).hexdigest()
    assert '"volume":"12","pages":"45–67"' in row["entry"]


def test_reads_that_share_a_state_see_what_was_written_also_where_something_was_read_meanwhile(ledger: Ledger) -> None:
    def known(connection: Connection) -> bool:
        return connection.execute(select(t.aliases.c.alias)).first() is not None

    with ledger.read_together():
        with ledger.write() as writing:
            writing.execute(insert(t.aliases), [{"alias": "r1", "record_id": "r1"}])
            with ledger.read() as connection:
                assert not known(connection)
        with ledger.read() as connection:
            assert known(connection)
