"""A ledger is copied whole or not at all, and compared table by table before the copy counts."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from support import Cli
from support.postgres import Cluster
from support.web_app import small_review

import screener
from screener.core.errors import BadInput
from screener.ledger import copying
from screener.ledger import tables as t
from screener.ledger.copying import copy_ledger, open_source
from screener.ledger.store import Ledger, now


@pytest.fixture
def review(tmp_path: Path) -> Path:
    """A small review with an import that was taken back, a document, and judgements of people and of a machine."""
    folder = tmp_path / "review"
    small_review(folder, 6)
    (folder / "more.csv").write_text("id,title\nm1,A record that is taken back again by somebody\n")
    (folder / "labels.csv").write_text("id,decision\nr0,include\nr1,exclude\n")
    with screener.open(folder) as opened:
        opened.import_files(folder / "more.csv")
        opened.undo_import(2)
        opened.label(folder / "labels.csv", "abstract", "ada")
    with Ledger.of(folder / ".screener").write() as connection:
        row = {"record_id": "r0", "name": "main", "role": "main", "active": 1, "file": "r0.pdf", "sha256": "ab" * 32, "content": "cd",
               "pages": 1, "characters": 9, "scan": 0, "how": "by hand", "who": "ada", "at": now()}  # fmt: skip
        connection.execute(insert(t.documents), row)
    (folder / ".screener" / "documents").mkdir()
    (folder / ".screener" / "documents" / f"{'ab' * 32}.pdf").write_bytes(b"%PDF")
    return folder


LOOKED_UP_BY = ("hit_keys", "hit_keys_made")
"""Made from the hits, by the first import into the copy."""


def contents(file: Path) -> dict[str, Any]:
    with sqlite3.connect(file) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
            if name not in LOOKED_UP_BY
        }


def test_a_copy_in_another_file_has_every_row(review: Path, tmp_path: Path, cli: Cli) -> None:
    copied = cli("ledger", "copy", tmp_path / "copy.db", "--review", review, "--json")
    assert copied.code == 0, copied.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "review"]
    whole = contents(review / ".screener" / "ledger.db")
    assert contents(tmp_path / "copy.db") == whole
    tables = copied.json["tables"]
    assert tables.keys() == whole.keys() - {"migrations", "run_leases", "previews"}
    assert {name: table["rows"] for name, table in tables.items()} == {name: len(whole[name]) for name in tables}


def test_a_target_that_holds_anything_is_refused_and_stays_as_it_is(review: Path, tmp_path: Path, cli: Cli) -> None:
    other = tmp_path / "other.db"
    with Ledger(f"sqlite:///{other}").write() as connection:
        connection.execute(insert(t.texts).values(hash="a", body=b"x"))
    before = other.read_bytes()
    done = cli("ledger", "copy", other, "--review", review)
    assert (done.code, "is not empty (texts" in done.err) == (2, True), done.err
    assert other.read_bytes() == before
    for target, why in ((tmp_path / "none" / "x.db", "folder does not exist"), ("mysql://x/y", "not in `mysql`")):
        done = cli("ledger", "copy", target, "--review", review)
        assert (done.code, why in done.err) == (2, True), done.err
    assert cli("ledger", "copy", tmp_path / "x.db", "--from", tmp_path / "none.db").code == 2


def test_what_does_not_come_over_as_it_was_leaves_no_copy(
    review: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = copying._rows

    def loses(connection: Any, table: Any) -> Iterator[dict[str, Any]]:
        rows = list(whole(connection, table))
        reads = connection.get_execution_options().get("screener_read", False)
        return iter(rows if reads or table.name != "judgements" else rows[1:])

    monkeypatch.setattr(copying, "_rows", loses)
    with pytest.raises(BadInput, match="judgements is not what was copied"):
        copy_ledger(open_source(str(review / ".screener" / "ledger.db")), str(tmp_path / "copy.db"))
    assert [path.name for path in tmp_path.iterdir()] == ["review"]


@pytest.mark.slow
def test_to_postgresql_and_back_every_row_is_the_same_and_work_goes_on(
    review: Path, tmp_path: Path, cli: Cli, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, back = cluster.database("copied"), tmp_path / "back.db"
    there = cli("ledger", "copy", url, "--review", review, "--json")
    assert there.code == 0, there.err
    assert (there.json["documents"], there.json["missing"]) == (1, 0)
    assert cli("ledger", "copy", url, "--review", review).code == 2
    told = cli("status", "--review", review, "--json").json
    monkeypatch.setenv("SCREENER_LEDGER", url)
    assert cli("status", "--review", review, "--json").json == told
    here = cli("ledger", "copy", back, "--review", review, "--json").json
    differing = {name for name, table in here["tables"].items() if table != there.json["tables"][name]}
    assert differing == {"document_files"}
    assert len(contents(back)["document_files"]) == 1
    # New rows are numbered after those that came with their numbers.
    (review / "again.csv").write_text("id,decision\nr2,include\n")
    assert cli("label", review / "again.csv", "--stage", "abstract", "--reviewer", "ben", "--review", review).code == 0
    (review / "new.csv").write_text("id,title\nn1,A record that came when the ledger was on a server\n")
    assert cli("import", review / "new.csv", "--review", review).code == 0
    assert cli("check", "--review", review).code == 0
