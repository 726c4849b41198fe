"""Backups of a review and of a server: what comes back, wherever it was and is put, and what is refused."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Later
from support.postgres import Cluster
from support.web_app import small_review

from screener.core.errors import BadInput
from screener.ledger import backup, reads
from screener.protocol import Review
from screener.review.own_ledger import ledger_to_read, ledger_to_write
from screener.review.uploads import Drop, Uploads
from screener.team.audit import TERMINAL, acts
from screener.team.backup import backup_server, restore_server
from screener.team.database import has_schema
from screener.team.entering import Visitor, log_in, take_up
from screener.team.invitations import invite
from screener.team.passwords import Passwords
from screener.team.reviews import add_review, site_review, site_reviews
from screener.team.roles import ReviewRole, members
from screener.team.settings import ServerSettings, open_team

from .conftest import DESK, PASSWORD

Cli = Callable[..., Any]
COPYING = Later("screener.ledger.copying")
CHANGED = ("document_files", "reviews")
"""Tables that differ: documents are files or rows, and the review gets its id when it is first opened."""
COMING = "uploads/coming-1"
NAMES = ("rita@example.org", "Rita")


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backed") / "small"
    small_review(folder, 5)
    hidden = folder / ".screener"
    for name in ("session-1.json", "retrieve.lock", "cache/vectors.db", "documents/a.pdf", "unsaved-7.jsonl", COMING):
        (hidden / name).parent.mkdir(exist_ok=True)
        (hidden / name).write_text(name)
    send(folder, "waits.ris")
    (folder / "link").symlink_to("/etc/hostname")
    return folder


def send(folder: Path, name: str) -> Drop:
    """Send a file to a review, as Rita's browser does."""
    uploads = Uploads(folder / ".screener")
    coming, drop = uploads.coming(), uploads.drop("import", "Rita")
    coming.write_text("TY  - JOUR")
    drop.note(drop.take(coming, name).number, {"source": "Scopus"})
    return drop


def content(folder: Path) -> dict[str, bytes]:
    """All files of a review's folder but its ledger."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.startswith("ledger.db")
    }


def rows(folder: Path, url: str | None = None) -> dict[str, Any]:
    """How many rows each table of a review's ledger has, and their hash."""
    source = COPYING.open_source(url or str(folder / ".screener" / "ledger.db"))
    copied = COPYING.copy_ledger(source, str(folder / "compared.db"))
    source.close()
    (folder / "compared.db").unlink()
    for ending in ("-wal", "-shm"):
        (folder / f"compared.db{ending}").unlink(missing_ok=True)
    return dict(copied.tables)


def test_a_restored_review_is_what_was_backed_up_without_caches_sessions_and_links(
    review: Path, tmp_path: Path, cli: Cli
) -> None:
    done = cli("ledger", "backup", tmp_path / "b.zip", "--review", review, "--json")
    assert (done.code, done.json["file"]) == (0, str(tmp_path / "b.zip")), done.err
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0
    done = cli("ledger", "restore", tmp_path / "b.zip", "--review", tmp_path / "back", "--json")
    assert done.code == 0, done.err
    left_out = {f".screener/{name}" for name in ("session-1.json", "retrieve.lock", "cache/vectors.db", COMING)}
    kept = content(review)
    assert content(tmp_path / "back") == {name: body for name, body in kept.items() if name not in left_out}
    (waits,) = Uploads(tmp_path / "back" / ".screener").drop("import", "Rita").files()
    assert (waits.name, waits.known) == ("waits.ris", {"source": "Scopus"})
    assert rows(tmp_path / "back") == rows(review)
    assert cli("status", "--review", tmp_path / "back").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "back"]


def test_a_file_that_is_handed_to_a_job_while_it_is_backed_up_is_in_the_backup(tmp_path: Path) -> None:
    folder = small_review(tmp_path / "small", 1).root
    for name in ("a.ris", "b.ris"):
        drop = send(folder, name)

    class Handing(backup.BackupWriter):
        def add(self, name: str, path: Path) -> None:
            super().add(name, path)
            if name.endswith("a.ris") and drop.files():
                Uploads(folder / ".screener").hand_over(drop)

    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        writer = Handing(archive)
        writer.add_review("", folder, str(folder / ".screener" / "ledger.db"))
    assert {Path(name).name for name in writer.files} >= {"a.ris", "b.ris"}


def test_neither_a_backup_nor_a_folder_is_overwritten(review: Path, tmp_path: Path, cli: Cli) -> None:
    cli("ledger", "backup", tmp_path / "b.zip", "--review", review)
    before = (tmp_path / "b.zip").read_bytes()
    again = cli("ledger", "backup", tmp_path / "b.zip", "--review", review)
    over = cli("ledger", "restore", tmp_path / "b.zip", "--review", review)
    assert (again.code, over.code) == (2, 2)
    assert ("exists already" in again.err, "is not empty" in over.err) == (True, True)
    assert (tmp_path / "b.zip").read_bytes() == before


def test_a_backup_in_the_reviews_own_folder_does_not_hold_itself(review: Path, tmp_path: Path) -> None:
    shutil.copytree(review, tmp_path / "own", symlinks=True)
    Review(tmp_path / "own")
    backup.backup_review(tmp_path / "own", str(tmp_path / "own/.screener/ledger.db"), tmp_path / "own" / "b.zip")
    with zipfile.ZipFile(tmp_path / "own" / "b.zip") as archive:
        assert not [name for name in archive.namelist() if "b.zip" in name]


def changed(source: Path, target: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """A backup with something in it changed."""
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(files.pop("backup.json"))
    change(about, files)
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
        archive.writestr("backup.json", json.dumps(about))
    return target


def _damage(about: dict[str, Any], files: dict[str, bytes]) -> None:
    files["folder/prompts/review.yaml"] += b" "


def _lose(about: dict[str, Any], files: dict[str, bytes]) -> None:
    del files["folder/prompts/review.yaml"]


def _climb(about: dict[str, Any], files: dict[str, bytes]) -> None:
    files["../out"] = b"x"
    about["files"]["../out"] = "0"


def _later(about: dict[str, Any], files: dict[str, bytes]) -> None:
    about["format"] = 99


def _server(about: dict[str, Any], files: dict[str, bytes]) -> None:
    about["holds"] = "server"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_damage, "is not what was saved"),
        (_lose, "is damaged"),
        (_climb, "is no backup"),
        (_later, "a later version"),
        (_server, "with --config"),
    ],
)
def test_a_backup_that_is_none_or_is_damaged_leaves_nothing(
    review: Path, tmp_path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None], why: str
) -> None:
    backup.backup_review(review, str(review / ".screener/ledger.db"), tmp_path / "b.zip")
    bad = changed(tmp_path / "b.zip", tmp_path / "bad.zip", change)
    with pytest.raises(BadInput, match=why):
        backup.restore_review(bad, tmp_path / "back")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "bad.zip"]


@pytest.mark.parametrize("body", [b"", b"no zip at all", b"PK\x03\x04 cut"])
def test_a_file_that_is_no_zip_is_told(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(body)
    with pytest.raises(BadInput, match="is no backup"):
        backup.restore_review(tmp_path / "b.zip", tmp_path / "back")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip"]


def small_server(folder: Path, review: Path, passwords: Passwords, database: str = "team.db") -> ServerSettings:
    """A server with a review and a reviewer."""
    place = str(folder / database) if database == "team.db" else database
    settings = ServerSettings(reviews=folder / "reviews", database=place)
    shutil.copytree(review, settings.reviews / "small-things", symlinks=True)
    team = open_team(settings)
    made = add_review(team, "small-things", "Small", settings.reviews / "small-things", database=settings.on_postgresql)
    if url := made.ledger_url(settings.on_postgresql):
        file = made.folder / ".screener" / "ledger.db"
        COPYING.copy_ledger(COPYING.open_source(str(file)), url, made.folder / ".screener" / "documents")
        file.unlink()
    token = invite(team, TERMINAL, {made.id: [ReviewRole.REVIEWER]})
    take_up(team, passwords, token, NAMES, PASSWORD, DESK)
    team.close()
    return settings


def check_server(settings: ServerSettings, passwords: Passwords, expected: dict[str, Any]) -> None:
    """Look whether the server is the one that was backed up."""
    team = open_team(settings)
    [made] = site_reviews(team)
    assert (made.slug, made.folder) == ("small-things", settings.reviews / "small-things")
    account = log_in(team, passwords, NAMES[0], PASSWORD, Visitor("192.0.2.9")).account
    assert members(team, made.id)[account.id].roles == {ReviewRole.REVIEWER}
    assert "add review" in {act.act for act in acts(team)}
    assert add_review(team, "second", "Second", settings.reviews / "second").id == made.id + 1
    url = made.ledger_url(settings.on_postgresql)
    kept = rows(made.folder, url)
    assert {name: kept[name] for name in kept if name not in CHANGED} == expected
    ledger = ledger_to_write(Review(made.folder), url=url)
    with ledger.read() as connection:
        assert reads.count_records(connection) == 5
    ledger.close()
    team.close()


def expected_rows(review: Path) -> dict[str, Any]:
    return {name: table for name, table in rows(review).items() if name not in CHANGED}


def test_a_server_is_restored_elsewhere_with_its_accounts_and_reviews_and_nobody_logged_in(
    review: Path, tmp_path: Path, passwords: Passwords
) -> None:
    settings = small_server(tmp_path / "here", review, passwords)
    assert backup_server(settings, tmp_path / "b.zip") == 1
    there = ServerSettings(reviews=tmp_path / "there" / "reviews", database=str(tmp_path / "there" / "team.db"))
    assert restore_server(there, tmp_path / "b.zip") == 1
    with (team := open_team(there)).read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one() == 0
    team.close()
    check_server(there, passwords, expected_rows(review))
    with pytest.raises(BadInput, match="accounts and reviews already"):
        restore_server(there, tmp_path / "b.zip")


def test_a_restore_that_fails_in_the_middle_leaves_nothing(review: Path, tmp_path: Path, passwords: Passwords) -> None:
    settings = small_server(tmp_path / "here", review, passwords)
    team = open_team(settings)
    shutil.copytree(review, settings.reviews / "zz", symlinks=True)
    add_review(team, "zz", "Last of all", settings.reviews / "zz")
    team.close()
    backup_server(settings, tmp_path / "b.zip")
    there = ServerSettings(reviews=tmp_path / "there" / "reviews", database=str(tmp_path / "there" / "team.db"))
    (there.reviews / "small-things").mkdir(parents=True)
    (there.reviews / "small-things" / "own.txt").write_text("mine")
    with pytest.raises(BadInput, match="is not empty"):
        restore_server(there, tmp_path / "b.zip")
    assert [str(path.relative_to(there.reviews)) for path in there.reviews.rglob("*")] == [
        "small-things", "small-things/own.txt",
    ]  # fmt: skip
    team = open_team(there)
    assert site_reviews(team) == []
    team.close()


@pytest.mark.slow
def test_a_backup_carries_a_server_from_files_to_postgresql_and_back(
    review: Path, tmp_path: Path, passwords: Passwords, cluster: Cluster
) -> None:
    here = small_server(tmp_path / "here", review, passwords)
    backup_server(here, tmp_path / "b.zip")
    url = cluster.new_database()
    there = ServerSettings(reviews=tmp_path / "there", database=url)
    restore_server(there, tmp_path / "b.zip")
    check_server(there, passwords, expected_rows(review))
    team = open_team(there)
    second = site_review(team, "second")  # nobody has opened it yet
    assert second is not None
    shutil.copytree(review / "prompts", second.folder / "prompts")
    team.close()
    backup_server(there, tmp_path / "c.zip")
    back = ServerSettings(reviews=tmp_path / "back", database=str(tmp_path / "back.db"))
    restore_server(back, tmp_path / "c.zip")
    assert expected_rows(back.reviews / "small-things") == expected_rows(review)
    assert content(back.reviews / "small-things")[".screener/documents/a.pdf"] == b"documents/a.pdf"
    ledger_to_read(Review(back.reviews / "small-things")).close()
    with pytest.raises(BadInput, match="accounts and reviews already"):
        restore_server(there, tmp_path / "c.zip")
    other = cluster.new_database()
    broken = ServerSettings(reviews=tmp_path / "full", database=other)
    (broken.reviews / "small-things" / "x").mkdir(parents=True)
    with pytest.raises(BadInput, match="is not empty"):
        restore_server(broken, tmp_path / "c.zip")
    assert not has_schema(other, "review_small_things")
