"""A review works on its own ledger: another review's is refused, and an unknown one is joined only when asked."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from support import Cli, at_rest

import screener
from screener.examples import new_review
from screener.ledger.store import Ledger
from screener.protocol.review_id import read_id

CSV = "title,abstract,year\nA trial of something,Something was tried in people.,2020\n"


def review(folder: Path, title: str) -> Path:
    """A new review with that title."""
    new_review(folder)
    path = folder / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("Name your review", title))
    (folder / "records.csv").write_text(CSV)
    return folder


def without_id(folder: Path) -> str:
    """Take the id out of a folder's protocol, as if it had been made before there were any; return the protocol."""
    path = folder / "prompts" / "review.yaml"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith("id:")))
    return path.read_text()


def owners(database: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT review, title FROM reviews ORDER BY id").fetchall()
    connection.close()
    return rows


def rows(database: Path) -> list[str]:
    """All that a ledger holds, as SQL."""
    connection = sqlite3.connect(database)
    lines = list(connection.iterdump())
    connection.close()
    return lines


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two reviews, of which the first has a record in its ledger."""
    folder = tmp_path_factory.mktemp("reviews")
    screener.open(review(folder / "first", "Of apples")).import_files(folder / "first" / "records.csv")
    review(folder / "second", "Of oranges")
    return at_rest(folder)


@pytest.fixture
def first(templates: Path, tmp_path: Path) -> Path:
    """A review with a record in its ledger."""
    return Path(shutil.copytree(templates / "first", tmp_path / "first"))


@pytest.fixture
def second(templates: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(templates / "second", tmp_path / "second"))


WRITING = (
    ("import", "FILE"),
    ("run", "--stage", "abstract"),
    ("label", "FILE", "--stage", "abstract", "--reviewer", "ada"),
    ("attach", "r1", "--sought", "asked"),
    ("gold", "sample", "--stage", "abstract", "--n", "1"),
    ("dedup", "merge", "r1", "r2"),
)
READING = (
    ("status",),
    ("export",),
    ("evaluate", "--stage", "abstract"),
    ("report",),
    ("dedup", "list"),
    ("gold", "pilot", "--stage", "abstract"),
)


@pytest.mark.parametrize("command", WRITING + READING, ids=" ".join)
def test_a_command_on_the_ledger_of_another_review_is_refused_with_both_titles(
    command: tuple[str, ...], first: Path, second: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(second)  # where a report would be written
    shutil.copytree(first / ".screener", second / ".screener")
    given = [second / "records.csv" if part == "FILE" else part for part in command]
    before = rows(second / ".screener" / "ledger.db")
    done = cli(*given, "--review", second)
    assert (done.code, done.out) == (2, "")
    [line] = done.err.splitlines()
    assert all(text in line for text in ("“Of apples”", "“Of oranges”", ".screener/ledger.db", "move "))
    assert rows(second / ".screener" / "ledger.db") == before
    assert done.err == cli(*given, "--review", second, *(["--join"] if command in WRITING else [])).err


def test_one_database_named_by_two_folders_is_that_of_the_first(
    tmp_path: Path, second: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_LEDGER", f"sqlite:///{tmp_path / 'shared.db'}")
    other = review(tmp_path / "other", "Of pears")
    assert cli("import", second / "records.csv", "--review", second).code == 0
    run = cli("run", "--stage", "abstract", "--review", second)
    assert run.code == 0, run.err
    assert ".screener" not in run.out, "the results are not in the folder"
    done = cli("import", other / "records.csv", "--review", other)
    assert done.code == 2
    assert "“Of oranges”" in done.err
    assert "“Of pears”" in done.err
    assert "SCREENER_LEDGER" in done.err


def test_the_id_comes_with_the_first_command_that_writes_and_one_line_into_the_protocol(second: Path, cli: Cli) -> None:
    before = without_id(second)
    assert cli("status", "--review", second).code == 0
    assert (second / "prompts" / "review.yaml").read_text() == before, "status reads"
    assert not (second / ".screener" / "ledger.db").exists()
    assert cli("import", second / "records.csv", "--review", second).code == 0
    written = read_id(second / "prompts" / "review.yaml")
    lines = (second / "prompts" / "review.yaml").read_text().splitlines(True)
    assert "".join(line for line in lines if line != f"id: {written}\n") == before
    assert owners(second / ".screener" / "ledger.db") == [(written, "Of oranges")]
    assert cli("import", second / "records.csv", "--review", second).code == 0
    assert read_id(second / "prompts" / "review.yaml") == written


def test_a_folder_without_an_id_joins_a_ledger_only_when_asked(first: Path, second: Path, cli: Cli) -> None:
    before = without_id(second)
    shutil.copytree(at_rest(first) / ".screener", second / ".screener")
    for command in (["import", second / "records.csv"], ["status"]):
        done = cli(*command, "--review", second)
        assert done.code == 2
        assert "“Of apples”" in done.err
        assert "--join" in done.err
    assert (second / "prompts" / "review.yaml").read_text() == before
    done = cli("import", second / "records.csv", "--review", second, "--join")
    assert done.code == 0
    assert "“Of apples”" in done.err
    assert read_id(second / "prompts" / "review.yaml") == read_id(first / "prompts" / "review.yaml")
    assert cli("status", "--review", second).code == 0


def test_a_ledger_from_before_there_were_ids_is_taken_over_in_its_own_folder(first: Path, cli: Cli) -> None:
    database = first / ".screener" / "ledger.db"
    without_id(first)
    connection = sqlite3.connect(database)
    connection.executescript("DROP TABLE reviews; DELETE FROM migrations WHERE name GLOB '*_reviews'")
    connection.close()
    assert cli("status", "--review", first, "--json").json["records"] == 1
    assert cli("import", first / "records.csv", "--review", first).code == 0
    assert owners(database) == [(read_id(first / "prompts" / "review.yaml"), "Of apples")]


def test_a_shared_ledger_from_before_there_were_ids_asks_whose_it_is(
    first: Path, second: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = first / ".screener" / "ledger.db"
    connection = sqlite3.connect(database)
    connection.execute("DELETE FROM reviews")
    connection.commit()
    connection.close()
    monkeypatch.setenv("SCREENER_LEDGER", f"sqlite:///{database}")
    assert cli("status", "--review", second).code == 0
    done = cli("import", second / "records.csv", "--review", second)
    assert done.code == 2
    assert "1 records" in done.err
    assert "“Of oranges”" in done.err
    assert owners(database) == []
    assert cli("import", second / "records.csv", "--review", second, "--join").code == 0
    assert owners(database) == [(read_id(second / "prompts" / "review.yaml"), "Of oranges")]
    assert cli("status", "--review", first).code == 2


def test_a_changed_title_stays_the_same_review(first: Path, cli: Cli) -> None:
    path = first / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("Of apples", "Of all apples"))
    assert cli("status", "--review", first).code == 0
    assert cli("import", first / "records.csv", "--review", first).code == 0
    written = owners(first / ".screener" / "ledger.db")
    assert [title for _, title in written] == ["Of apples", "Of all apples"]
    assert len({name for name, _ in written}) == 1


def test_an_id_that_another_process_wrote_in_the_meantime_is_the_one_that_counts(second: Path) -> None:
    from screener.protocol.model import Review
    from screener.review.own_ledger import ledger_to_write

    without_id(second)
    reviews = [Review(second), Review(second)]  # both were read before there was an id
    ledgers: list[Ledger] = [ledger_to_write(each) for each in reviews]
    assert reviews[0].protocol.id == reviews[1].protocol.id == read_id(second / "prompts" / "review.yaml")
    for ledger in ledgers:
        ledger.close()
