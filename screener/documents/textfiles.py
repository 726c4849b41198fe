"""Documents that are text already: the README of code, a model card, a supplement."""

import codecs
import re
from html.parser import HTMLParser
from pathlib import Path

from .files import check
from .model import FailureKind, Unreadable
from .raised import beside

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm")
_HTML = (".html", ".htm")
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
})  # fmt: skip
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg"})
_SET = {"sup": "\ufdd0", "sub": "\ufdd1"}
_END = "\ufdd2"
"""Marks, which no text holds, of where raised or lowered characters begin and end."""
_MARKS = re.compile("[\ufdd0-\ufdd2]")
_MARKED = re.compile("([\ufdd0\ufdd1])([^\ufdd0-\ufdd2]*)\ufdd2?")
MAX_BYTES = 50_000_000
"""Size above which a text file is not a paper's supplement but data."""


def is_text(path: Path) -> bool:
    """Whether the file's name says that it is text."""
    return path.suffix.lower() in SUFFIXES


def read_text(path: Path) -> str:
    """The file's text, lines ended by a line feed. UTF-8, UTF-16 with its mark, else Latin-1. Raises `Unreadable`."""
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
    return html_text(text) if path.suffix.lower() in _HTML else text


def html_text(source: str) -> str:
    """What a reader of the page sees: block elements on lines of their own, table cells separated by a tab.

    The address of a link follows its words in brackets, since it is often what a reader looks for.
    """
    page = _Page()
    page.feed(_MARKS.sub("", source))
    page.close()
    lines = (re.sub(r" ?\t ?", "\t", line).strip() for line in _unmarked("".join(page.parts)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _unmarked(text: str) -> str:
    """The text without marks, digits that were raised or lowered beside a number written as such."""
    done: list[str] = []
    last = 0
    for found in _MARKED.finditer(text):
        done.append(text[last : found.start()])
        before, after = _MARKS.sub("", "".join(done[-4:]))[-3:], _MARKS.sub("", text[found.end() : found.end() + 8])
        done.append(beside(before, found[2], after, lowered=found[1] == _SET["sub"]))
        last = found.end()
    return _MARKS.sub("", "".join([*done, text[last:]]))


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0
        self._verbatim = 0
        self._hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BLOCKS:
            self._verbatim += tag == "pre"
            self.parts.append("\n" if tag in ("br", "tr", "li", "dt", "dd") else "\n\n")
        elif tag in ("td", "th"):
            self.parts.append("\t")
        elif tag in _SET and not self._unseen:
            self.parts.append(_SET[tag])
        elif tag == "a":
            self._hrefs.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BLOCKS:
            self._verbatim = max(0, self._verbatim - (tag == "pre"))
            if tag not in ("br", "tr", "li", "dt", "dd"):
                self.parts.append("\n\n")
        elif tag in _SET and not self._unseen:
            self.parts.append(_END)
        elif tag == "a" and self._hrefs:
            address = self._hrefs.pop()
            if address.startswith(("http://", "https://")) and not self._unseen:
                self.parts.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data if self._verbatim else re.sub(r"\s+", " ", data))
