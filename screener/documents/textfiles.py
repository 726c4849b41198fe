"""Documents that are text already: the README of code, a model card, a supplement."""

import codecs
from pathlib import Path

from .files import check
from .jats import jats_page
from .model import FailureKind, Unreadable
from .webpage import html_text

_JATS = (".xml", ".nxml")
SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", *_JATS)
_HTML = (".html", ".htm")
MAX_BYTES = 50_000_000
"""Size above which a text file is not a paper's supplement but data."""


def is_text(path: Path) -> bool:
    """Return whether the file's name says that it is text."""
    return path.suffix.lower() in SUFFIXES


def read_text(path: Path) -> str:
    """Return the file's text, lines ended by a line feed. UTF-8, UTF-16 with its mark, else Latin-1.

    Raises `Unreadable`.
    """
    check(path)
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(
            FailureKind.TOO_LARGE, f"{path.name} has more than {MAX_BYTES // 10**6} MB of text; attach the part needed"
        )
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        if b"\x00" in data[:4096]:
            raise Unreadable(FailureKind.MALFORMED, f"{path.name} is not text; save it as plain text or PDF")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    if path.suffix.lower() in _JATS:
        text = jats_page(text)
        if not text:
            raise Unreadable(
                FailureKind.MALFORMED, f"{path.name} is no article in JATS; fetch it again, or attach the PDF"
            )
        return html_text(text)
    return html_text(text) if path.suffix.lower() in _HTML else text
