"""Of a folder everything is told that is named as a document and is not read."""

import os
from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.exchange import files_in, left_out, left_out_lines


def test_what_is_named_as_a_document_and_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("On runners.")
    (tmp_path / "gone.xml").symlink_to("nowhere")
    (tmp_path / "null.html").symlink_to(os.devnull)
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "set.html").mkdir()
    (tmp_path / "set.html" / "in.txt").write_text("On swimmers.")
    assert [path.name for path in files_in(tmp_path)] == ["paper.txt", "in.txt"]
    assert left_out_lines(left_out(tmp_path), tmp_path) == [
        "gone.xml: a link to nothing: nowhere",
        "null.html: a device, and no file",
        "pipe.html: a pipe, and no file",
        "set.html: a folder, and no file; what is in it is read",
    ]


def test_hidden_documents_are_told_in_one_line_and_what_systems_hide_is_not(tmp_path: Path) -> None:
    for name in (".a.pdf", ".b.pdf", ".c.md", ".d.xml", "._paper.pdf", ".DS_Store"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "in.md").write_text("x")
    assert left_out_lines(left_out(tmp_path), tmp_path) == [
        ".a.pdf, .b.pdf, .c.md and 1 more: hidden by the dot of the name; rename what is a document or holds one"
    ]
    with pytest.raises(BadInput, match=r"it has \.a\.pdf"):
        files_in(tmp_path)


def test_hidden_documents_and_folders_in_folders_are_told_in_the_same_line(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("On runners.")
    for name in (
        "year/.a.pdf",
        ".old/b.pdf",
        ".old/c.pdf",
        "year/.new/more/d.md",
        "year/.git/e.md",
        ".empty/f.log",
        "year/._g.pdf",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.name for path in files_in(tmp_path)] == ["paper.txt"]
    assert left_out_lines(left_out(tmp_path), tmp_path) == [
        ".old/, year/.a.pdf, year/.new/: hidden by the dot of the name; rename what is a document or holds one"
    ]
