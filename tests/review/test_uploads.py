"""Files that were sent: their names are data, each comes whole, and nothing stays for which nobody comes back."""

import os
import time
from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.review.uploads import KEPT_DAYS, Drop, Uploads, plain_name

NAMES = [
    ("../../etc/passwd", "passwd"),
    ("C:\\papers\\a b.pdf", "a b.pdf"),
    ("..", "file"),
    ("", "file"),
    (".htaccess", "htaccess"),
    ("a\x00b\n\x1b[31m.csv", "a b [31m.csv"),
    ("gpj\u202efdp.exe", "gpjfdp.exe"),
    ("na\u200bme\ufeff.ris", "name.ris"),
    ('what? <b>"x"|*:.ris', "what_ _b__x____.ris"),
    ("con.csv", "_con.csv"),
    ("cafe\u0301.bib", "caf\u00e9.bib"),
    ("половина \u6cd5.xml", "половина \u6cd5.xml"),
    ("\ud800.txt", "_.txt"),
]


@pytest.mark.parametrize(("sent", "kept"), NAMES, ids=[kept for _, kept in NAMES])
def test_of_a_name_stays_what_can_be_seen_and_leads_nowhere(sent: str, kept: str) -> None:
    assert plain_name(sent) == kept


@pytest.mark.parametrize("letter", ["a", "\u6cd5"])
def test_a_long_name_is_cut_and_keeps_its_ending(letter: str) -> None:
    kept = plain_name(letter * 300 + ".pdf")
    assert kept.startswith(letter * 20)
    assert kept.endswith(f"{letter}.pdf")
    assert len(kept.encode()) <= 180


def sent(uploads: Uploads, drop: Drop, name: str, text: str = "x") -> int:
    coming = uploads.coming()
    coming.write_text(text)
    return drop.take(coming, name).number


def test_two_files_of_one_name_are_two_files(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    drop = uploads.drop("import", "anna")
    for text in ("one", "two"):
        sent(uploads, drop, "savedrecs.ris", text)
    assert [(file.name, file.path.read_text()) for file in drop.files()] == [
        ("savedrecs.ris", "one"), ("savedrecs.ris", "two"),
    ]  # fmt: skip
    assert uploads.drop("import", "ben").files() == []
    assert all(file.path.is_relative_to(tmp_path / "uploads") for file in drop.files())


def test_files_that_were_handed_over_are_out_of_their_persons_hands(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    drop = uploads.drop("texts", "anna")
    with pytest.raises(BadInput, match="send it again"):
        uploads.hand_over(drop)
    sent(uploads, drop, "a.pdf")
    name = uploads.hand_over(drop)
    assert sent(uploads, drop, "b.pdf") == 1
    assert [file.name for file in uploads.of_job(name).files()] == ["a.pdf"]
    assert [file.name for file in drop.files()] == ["b.pdf"]
    for other in ("job-0", "../uploads", name + "/files", ""):
        with pytest.raises(BadInput, match="send it again"):
            uploads.of_job(other)


def test_what_came_half_and_what_nobody_comes_back_to_is_swept_away(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    anna, ben = uploads.drop("import", "anna"), uploads.drop("import", "ben")
    for drop in (anna, ben):
        sent(uploads, drop, "a.ris")
    half, fresh = uploads.coming(), uploads.coming()
    for path in (half, fresh):
        path.write_text("TY  -")
    two_hours, weeks = time.time() - 7200, time.time() - (KEPT_DAYS + 1) * 24 * 3600
    os.utime(half, (two_hours, two_hours))
    for place in (ben.folder, ben.folder / "files"):
        os.utime(place, (weeks, weeks))
    uploads.sweep()
    assert (half.exists(), fresh.exists()) == (False, True)
    assert ([file.name for file in anna.files()], ben.folder.exists()) == (["a.ris"], False)
