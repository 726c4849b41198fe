"""A ledger that is damaged, locked, full or cannot be written: one line names the file and what to do."""

import errno
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import insert
from support import Cli

from screener.core.errors import BadInput, LedgerUnavailable
from screener.core.files import whole_file
from screener.core.judgement import Decision, Judgement, Stage
from screener.ledger import database as ledger_database
from screener.ledger import failures, reads
from screener.ledger import tables as t
from screener.ledger.errors import ErrorRow, add_errors, errors
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.store import Ledger

IN_A_FILE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def in_one_file(ledger: Ledger, folder: Path) -> Path:
    """The ledger's file after everything was moved into it from the log beside it."""
    ledger.close()
    file = folder / ".screener" / "ledger.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


@IN_A_FILE
@pytest.mark.parametrize("damage", ["no database", "cut"])
def test_a_damaged_ledger_is_named_with_the_remedy(ledger: Ledger, tmp_path: Path, damage: str) -> None:
    file = in_one_file(ledger, tmp_path)
    whole = file.read_bytes()
    file.write_bytes(b"no database" * 500 if damage == "no database" else whole[: len(whole) // 2])
    for opened in (Ledger.of, Ledger.for_reading):
        with pytest.raises(BadInput, match=r"it is damaged .*; put a backup in its place") as said:
            opened(tmp_path / ".screener")
        assert str(said.value).startswith(f"{file}: ")


@pytest.mark.parametrize("body", ["'{\"id\": '", '\'{"id": "r1", "tit1e": "x"}\'', "CAST(x'7bff' AS TEXT)"])
def test_a_damaged_row_is_a_damaged_ledger(ledger: Ledger, tmp_path: Path, body: str) -> None:
    with ledger.write() as connection:
        connection.execute(insert(t.records).values(id="r1", position=1, text_hash="h", body="{}"))
        connection.exec_driver_sql(f"UPDATE records SET body = {body}")
    own = Ledger.for_reading(tmp_path / ".screener")
    with (
        pytest.raises(LedgerUnavailable, match=r"(ledger\.db|new\d+\?host=.*): cannot be used .*damaged"),
        own.read() as connection,
    ):
        reads.records(connection)


@IN_A_FILE
def test_a_locked_ledger_is_waited_for_and_then_named(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_database, "_ATTEMPT_MS", 10)
    monkeypatch.setitem(failures.PATIENCE, failures.Trouble.LOCKED, 0.3)
    other = sqlite3.connect(tmp_path / ".screener" / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    late = Ledger.of(tmp_path / ".screener")
    with pytest.raises(LedgerUnavailable, match="another program keeps the ledger locked"), late.write():
        pass
    assert late.waiting
    other.execute("ROLLBACK")
    with late.write():
        pass
    assert not late.waiting
    other.close()
    late.close()


def test_a_command_on_a_full_disk_says_so(ecg: Path, cli: Cli) -> None:
    from sqlalchemy import Engine, event

    cli("run", "--stage", "abstract", "--limit", "1", "--json")
    file, more = ecg / ".screener" / "ledger.db", ecg / "more.csv"
    more.write_text("title,abstract\n" + "".join(f"A paper on topic {n},{'word ' * 200}\n" for n in range(60)))

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no more than there are

    event.listen(Engine, "connect", limit)
    try:
        done = cli("import", more)
    finally:
        event.remove(Engine, "connect", limit)
    assert done.code == 1
    assert f"{file}: the disk is full" in done.err
    assert "make room" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_file_that_cannot_be_written_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("the earlier one")

    def write() -> None:
        with whole_file(target) as partial:
            partial.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(BadInput, match=r"report\.html: cannot be written: .*make room"):
        write()
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text() == "the earlier one"


def test_an_error_is_resolved_by_a_later_judgement_though_the_clock_was_set_back(ledger: Ledger) -> None:
    error = ErrorRow("run", "r1", "hash", Stage.ABSTRACT, "gpt", "asked", 0, "call", "no answer", at="2026-02-02")
    with ledger.write() as connection:
        add_errors(connection, [error])
        assert list(errors(connection, Stage.ABSTRACT)) == [("r1", "gpt", 0)]
        for asked, left in (("of another prompt", 1), ("asked", 0)):
            row = NewJudgement("r1", "hash", Stage.ABSTRACT, "gpt", "machine", Judgement(decision=Decision.INCLUDE),
                               asked=asked, at="2026-02-01")  # fmt: skip
            add_judgements(connection, [row])
            assert len(errors(connection, Stage.ABSTRACT)) == left
