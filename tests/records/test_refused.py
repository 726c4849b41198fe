"""A file that is refused is called what it is, with the way round, in one line."""

import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.records import read_file


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "words")
    return buffer.getvalue()


def database(folder: Path) -> bytes:
    with sqlite3.connect(folder / "made.sqlite") as connection:
        connection.execute("CREATE TABLE items (id)")
    return (folder / "made.sqlite").read_bytes()


FILES: list[tuple[str, bytes, str, str]] = [
    ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF", "import --pdfs"),
    ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "an image (PNG)", "RIS"),
    ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "an image (JPEG)", "RIS"),
    ("a.nbib.gz", gzip.compress(b"PMID- 1\n"), "a gzip archive", "gunzip"),
    ("a.zip", archive("one.ris", "two.ris"), "a ZIP archive", "unzip it and import the files in it (one.ris, two.ris)"),
    ("a.docx", archive("[Content_Types].xml", "word/document.xml"), "a Word document", "spreadsheet"),
    ("a.numbers", archive("Index/Document.iwa"), "an Apple Numbers", "Export To"),
    ("a.enl", b"\x00\x01EndNote" + bytes(80), "an EndNote library", "RefMan (RIS)"),
    ("a.enlx", archive("My.enl", "sdb/sdb.eni"), "an EndNote library", "RefMan (RIS)"),
    ("b.zip", archive("My.enl", "sdb/sdb.eni"), "a compressed EndNote library", "RefMan (RIS)"),
    ("a.doc", b"\xd0\xcf\x11\xe0" + bytes(600) + "WordDocument".encode("utf-16-le"), "a Word document", "spreadsheet"),
    ("a.rtf", b"{\\rtf1\\ansi Title of a record}", "RTF", "RIS"),
    ("a.tex", b"\\documentclass{article}\n\\begin{document}", "LaTeX", "BibTeX"),
    ("a.txt", b"RT Journal Article\nSR Electronic(1)\nT1 A title\nA1 Zhu,X\n", "RefWorks tagged text", "Zotero and export RIS"),
    ("o1.txt", b"<1>\nUnique Identifier\n  32000000\nTitle\n  A trial of aspirin.\n", "Ovid's text", "format RIS"),
    ("o2.txt", b"<1>\nUI  - 32000000\nTI  - A trial of aspirin\nAB  - Words.\n", "Ovid's text", "format RIS"),
    ("o3.txt", b"Database: Ovid MEDLINE(R) <1946 to 2020>\nSearch Strategy:\n1  heart (10)\n\n<1>\nTitle\n  A trial.\n", "Ovid's text", "format RIS"),
    ("p1.txt", b"1. Heart. 2020 May;3(2):1-3. doi: 10.5555/a.\n\nA trial of aspirin.\n\nZhu A(1).\n\nWords.\n\nPMID: 1\n", "PubMed's text", ".nbib"),
    ("p2.txt", b"1: Zhu A, Roe B. A trial of aspirin. Heart. 2020 May;3(2):1-3. PMID: 32000000.\n", "PubMed's text", ".nbib"),
    ("a.html", b"<!DOCTYPE html><html><body>Log in</body></html>", "a web page", "log in"),
    ("a.eml", b"Return-Path: <x@y.example>\nFrom: Ann\nSubject: export\n\nHello", "an e-mail", "attached export"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "kind", "remedy"), FILES, ids=[name for name, *_ in FILES])
def test_it_is_named_with_the_way_round(tmp_path: Path, name: str, content: bytes, kind: str, remedy: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        read_file(path)
    line = str(refused.value)
    assert f"{name}: this is {kind}" in line
    assert remedy in line
    assert "\n" not in line


def test_a_database_of_a_reference_manager(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    path.write_bytes(database(tmp_path))
    with pytest.raises(BadInput, match=r"this is an SQLite database.*export RIS"):
        read_file(path)
