"""Commands that only read write nothing: not in the ledger, not in the review's folder, which may be read-only."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from support import Cli
from support.reading import files, read_only, rows

from screener.ledger.store import Ledger

pytestmark = pytest.mark.slow

READING = [
    ["status"],
    ["status", "--json"],
    *(["export", "--format", name] for name in ("csv", "jsonl", "ris", "asreview")),
    ["export", "--format", "xlsx", "--output", "{out}/table.xlsx"],
    *(["export", "--table", name] for name in ("studies", "characteristics", "reproducibility", "links")),
    ["models", "same"],
    ["links", "--dry-run"],
    *(["export", "--stage", stage, "--json"] for stage in ("abstract", "fulltext", "extraction")),
    ["evaluate", "--stage", "abstract", "--by", "year"],
    ["evaluate", "--stage", "abstract", "--split", "dev", "--json"],
    ["evaluate", "--stage", "abstract", "--split", "test", "--json"],
    ["evaluate", "--stage", "extraction", "--split", "all"],
    ["report", "--json"],
    ["report", "--output", "{out}/report.html"],
    ["report", "--audit", "--output", "{out}/audit.zip"],
    ["check"],
    ["check", "--json"],
    ["dedup", "list", "--json"],
    ["run", "--stage", "abstract", "--dry-run", "--json"],
    ["run", "--stage", "fulltext", "--dry-run"],
]


def arguments(command: list[str], out: Path) -> list[str]:
    out.mkdir(exist_ok=True)
    return [part.format(out=out) for part in command]


@pytest.fixture(scope="module")
def untouched(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    """One review for all reading commands, which leave it as it is, and what it held before the first of them."""
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("untouched") / "papers"))
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("humans: 2", "humans: 0", 2))
    return folder, (rows(folder), files(folder))


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_reading_command_changes_no_row_and_no_file(
    command: list[str], untouched: tuple[Path, object], tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    review, before = untouched
    monkeypatch.chdir(review)
    given = arguments(command, tmp_path / "out")
    done = cli(*given)
    assert done.code == 0, done.err
    with read_only(review):
        again = cli(*given)
    assert (again.code, again.err) == (0, done.err)
    if "report" not in command:  # a report says when it was made
        assert again.out == done.out
    assert (rows(review), files(review)) == before


def test_where_there_is_no_ledger_none_is_made(ecg: Path, cli: Cli) -> None:
    before = files(ecg)
    with read_only(ecg):
        for command in (["status"], ["export"], ["dedup", "list"], ["check"], ["report", "--json"]):
            assert cli(*command).code == 0
    assert files(ecg) == before
    assert not (ecg / ".screener").exists()


def test_what_was_written_last_is_read_though_it_is_not_yet_in_the_ledgers_file(
    papers: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, copy = papers / ".screener", tmp_path / "copy"
    ledger = Ledger.of(here)
    with ledger.write() as connection:
        connection.exec_driver_sql("INSERT INTO withdrawals (judgement_id, who, reason, at) VALUES (1, 'a', 'b', 'c')")
    assert (here / "ledger.db-wal").stat().st_size
    shutil.copytree(papers, copy)  # as after a crash
    ledger.close()
    (copy / ".screener" / "ledger.db-shm").unlink(missing_ok=True)
    with read_only(copy):
        found = rows(copy)
    assert [row[1] for row in found["withdrawals"]] == [1]
    with read_only(copy):
        monkeypatch.chdir(copy)
        assert cli("status", "--json").code == 0


def test_a_ledger_of_an_earlier_program_is_read_from_a_read_only_folder(
    papers: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m999_later(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE later (id INTEGER)"))

    monkeypatch.setattr(Ledger, "migrations", [*Ledger.migrations, m999_later])
    before = files(papers)
    with read_only(papers):
        assert cli("status", "--review", papers, "--json").code == 0
    assert files(papers) == before
    assert cli("status", "--review", papers, "--json").code == 0
    assert files(papers) != before, "where it can be, the ledger itself is brought to the present shape"


def test_a_ledger_opened_for_reading_refuses_every_statement_that_would_change_it(papers: Path) -> None:
    ledger = Ledger.for_reading(papers / ".screener")
    with pytest.raises(RuntimeError), ledger.write():
        pass
    with ledger.read() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM judgements")


def test_what_writes_says_so_in_a_read_only_folder(papers: Path, cli: Cli) -> None:
    (papers / "more.csv").write_text("id,title\nx,A title\n")
    with read_only(papers):
        refused = cli("import", papers / "more.csv", "--review", papers)
    assert refused.code == 2
    assert "ledger" in refused.err
    assert len(refused.err.strip().splitlines()) == 1
