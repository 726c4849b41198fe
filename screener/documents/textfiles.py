"""Documents that are text already: articles in JATS, web pages, Markdown, what Docling read of a file, plain text."""

import codecs
import re
from pathlib import Path

from .files import check
from .markup.docling import docling_document, is_docling
from .markup.jats import is_jats, jats_document, not_jats
from .markup.markdown import markdown_document
from .markup.webpage import html_document
from .model import Document, FailureKind, Unreadable

_JATS = (".xml", ".nxml")
_MARKDOWN = (".md", ".markdown")
_HTML = (".html", ".htm", ".xhtml")
_DOCLING = ".json"
SUFFIXES = (".txt", *_MARKDOWN, *_HTML, *_JATS, _DOCLING)
MAX_BYTES = 50_000_000
"""Size above which a text file is not a paper's supplement but data."""
_MOST_JSON = 200_000_000
"""The same of a file by Docling, which may hold the pictures of pages."""
_DECLARED = re.compile(
    rb"""(?:<\?xml[^>]{0,200}?\bencoding|<meta[^>]{0,200}?\bcharset)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
)


def is_text(path: Path) -> bool:
    """Return whether the file's name says that it is text."""
    return path.suffix.lower() in SUFFIXES


def no_document(path: Path) -> str:
    """Return what a file is instead of the document that its ending promises; empty where it is one, or may be."""
    suffix = path.suffix.lower()
    if suffix == ".xml" and not is_jats(path):
        return f"no article in JATS: {not_jats(path)}"
    if suffix == _DOCLING and not is_docling(path):
        return "JSON, but not that of Docling (`DoclingDocument`)"
    return ""


def read_text(path: Path) -> str:
    """Return the file's text, lines ended by a line feed: UTF-8, UTF-16 with its mark, what it declares, else Latin-1.

    Raises `Unreadable`.
    """
    check(path)
    most = _MOST_JSON if path.suffix.lower() == _DOCLING else MAX_BYTES
    if path.stat().st_size > most:
        raise Unreadable(
            FailureKind.TOO_LARGE, f"{path.name} has more than {most // 10**6} MB of text; attach the part needed"
        )
    data = path.read_bytes()
    if data[:1024].lstrip().startswith(b"%PDF-"):
        raise Unreadable(FailureKind.MALFORMED, f"{path.name} is a PDF by what is in it; name it .pdf")
    if path.suffix.lower() in _JATS and (encoding := _unknown_encoding(data)):
        raise Unreadable(
            FailureKind.MALFORMED,
            f"{path.name} is said to be in the encoding `{encoding}`, which is not known; save it as UTF-8, or attach the PDF",
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        if b"\x00" in data[:4096]:
            raise Unreadable(FailureKind.MALFORMED, f"{path.name} is not text; save it as plain text or PDF")
        text = _decoded(data)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")


def _unknown_encoding(data: bytes) -> str:
    """Return the encoding that a text declares, where it is none; empty where it is one, or none is declared."""
    declared = _DECLARED.search(data[:4096])
    name = declared[1].decode("ascii", "replace") if declared else ""
    try:
        b"a".decode(name or "utf-8", "replace")
    except (LookupError, UnicodeError):
        return name
    return ""


def _decoded(data: bytes) -> str:
    declared = _DECLARED.search(data[:4096])
    for encoding in ("utf-8-sig", declared[1].decode("ascii") if declared else ""):
        try:
            return data.decode(encoding) if encoding else data.decode("latin-1")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def marked_up(path: Path) -> Document | None:
    """Return the document in a file whose mark-up says what its parts are; None for plain text. Raises `Unreadable`."""
    suffix = path.suffix.lower()
    if suffix == ".txt":
        return None
    text = read_text(path)
    if suffix in _JATS:
        return jats_document(text, path)
    if suffix in _HTML:
        return html_document(text)
    return docling_document(text, path) if suffix == _DOCLING else markdown_document(text)
