"""What a file is that no reader recognises."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.exchange.decisions.asreview import is_project
from screener.records import read_file
from screener.records.readers.refused import archive_names

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(*names: str, mimetype: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, mimetype if name == "mimetype" else "<x/>")
    return packed.getvalue()


def stream(name: str) -> bytes:
    return OLE + name.encode("utf-16-le") + bytes(64)


WORD = zipped("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "content", "kind", "remedy"),
    [
        ("whole.docx", WORD, "this is a Word document", "copy its table"),
        ("cut.docx", WORD[: len(WORD) // 2], "named like a Word document", "get the file again"),
        ("words.docx", b"no archive at all\n", "named like a Word document", "copy its table"),
        ("bytes.docx", bytes(range(256)) * 20, "named like a Word document", "copy its table"),
        ("without.docx", zipped("[Content_Types].xml", "docProps/core.xml"), "named like a Word document", "again"),
        ("old.doc", stream("WordDocument"), "this is a Word document", "copy its table"),
        ("a book.doc", stream("WordDocument") + "Book on hearts".encode("utf-16-le"), "this is a Word document", "copy"),
        ("cut.doc", OLE, "named like a Word document", "get the file again"),
        ("locked.xlsx", stream("EncryptedPackage"), "a file with a password", "save it without"),
        ("mail.msg", stream("__substg1.0_"), "this is an e-mail", "attached"),
        ("a.odt", zipped("mimetype", "content.xml", mimetype="application/vnd.oasis.opendocument.text"), "a text document", "copy"),
        ("a.epub", zipped("mimetype", "META-INF/x", mimetype="application/epub+zip"), "this is an e-book", "RIS"),
        ("cut.numbers", zipped("Index/Document.iwa")[:60], "an Apple Numbers or Pages file", "File > Export To"),
        ("words.pages", b"words\n", "named like an Apple Numbers or Pages file", "again"),
        ("cut.enlx", zipped("x.enl")[:40], "this is an EndNote library", "RefMan"),
        ("words.rtf", b"plain words\n", "named like RTF", "RIS"),
        ("cut.zip", WORD[:50], "named like an archive", "get the file again"),
        ("none.zip", zipped(), "an empty ZIP archive", "RIS"),
        ("words.gz", b"words\n", "named like an archive", "get the file again"),
        ("words.html", b"words\n", "named like a web page", "RIS"),
        ("part.ris", b"<!-- top -->\n<div><p>Log in</p></div>", "this is a web page", "log in"),
        ("page.xls", b"<html><table><tr><td>Title</td></tr></table></html>", "a web page called a spreadsheet", "in Excel"),
        ("old.xls", b"<?xml version='1.0'?><Workbook></Workbook>", "an Excel 2003 XML spreadsheet", "in Excel"),
        ("words.xlsx", b"words\n", "named like a spreadsheet", "CSV"),
        ("without.xlsx", zipped("docProps/core.xml"), "named like a spreadsheet", "CSV"),
        ("paper.json", b'{"schema_name": "DoclingDocument", "texts": []}', "a full text as Docling reads it", "import --pdfs"),
        ("refs.yaml", b"references:\n- title: One\n", "this is CSL YAML", "CSL JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # an archive has the time in it
)  # fmt: skip
def test_a_refused_file_is_named_with_the_way_round(
    name: str, content: bytes, kind: str, remedy: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput) as refused:
        read_file(tmp_path / name)
    told = str(refused.value).partition("; can be read")[0]
    assert (name in told, kind in told, remedy in told, "\n" in told) == (True, True, True, False)


def test_an_archive_of_a_later_version_of_zip_is_none_that_can_be_looked_into() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("project.json", "{}")
    raw = bytearray(packed.getvalue())
    assert (archive_names(bytes(raw)), is_project(bytes(raw))) == (["project.json"], True)
    raw[raw.index(b"PK\x01\x02") + 6] = 99  # the version that is needed to unpack the member
    assert (archive_names(bytes(raw)), is_project(bytes(raw))) == ((), False)


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.ods"])
def test_no_more_of_an_archive_is_unpacked_than_tells_what_it_is(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(BadInput):
            read_file(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
