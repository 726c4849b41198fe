"""Plain text of each page, in the order in which the file holds it: the fast first step."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import hypot
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from ..cleaning import clean as clean
from ..files import has_pdfium, library, pdfium_file, pypdf_file
from ..model import PAGE_BREAK
from ..textfiles import is_text, marked_up, read_text
from .ligatures import with_tex_ligatures
from .superscripts import with_marked_digits

if TYPE_CHECKING:
    from pypdf import PageObject
    from pypdfium2 import PdfTextPage

Reader = Callable[[Path, Sequence[str]], tuple[str, ...]]
"""Reads the file at a path, trying the empty and the given passwords, into one plain text a page.

Raises `Unreadable`."""

HYPHEN = "\ufffe"
"""PDFium's mark of a hyphen at the end of a line; the line break itself it leaves out."""
# Older versions of PDFium hand out 16 bits a character. What lies above them, such as the mathematical letters 𝑥 and 𝟎,
# arrives with its upper bits lost, as one of these Hangul syllables.
_CUT = re.compile(r"[\ud400-\ud7ff]")


@dataclass(frozen=True)
class PageText:
    """The text of a page by PDFium, and for each of its characters PDFium's index of it (-1 where there is none).

    PDFium counts UTF-16 units, of which a letter above U+FFFF such as 𝑥 has two, and leaves out what draws nothing.
    """

    text: str
    indices: Sequence[int]
    guessed: bool = False
    """Whether ligatures or signs that the file does not name were put back."""


def page_text(page: "PdfTextPage") -> PageText:
    """Return the text of a page, one character for each letter, whatever PDFium makes of it."""
    import pypdfium2.raw as raw

    from .formula_signs import with_formula_signs

    text: str = page.get_text_range(errors="surrogatepass")
    units: Sequence[int] = range(len(text))
    length = len(text)
    if text and max(text) > "\uffff":
        units = list(accumulate((1 + (letter > "\uffff") for letter in text), initial=0))
        length = units[-1]
        units = units[:-1]
    indices = units
    if page.count_chars() != length:
        of_units = _indices(partial(raw.FPDFText_GetCharIndexFromTextIndex, page.raw), 0, length)
        indices = of_units if len(units) == length else [of_units[unit] for unit in units]
    if _CUT.search(text):

        def whole(match: re.Match[str]) -> str:
            index = indices[match.start()]
            code = raw.FPDFText_GetUnicode(page.raw, index) if index >= 0 else 0
            return chr(code) if 0xFFFF < code < 0x110000 else match[0]

        text = _CUT.sub(whole, text)
    mended = with_formula_signs(page, with_tex_ligatures(text), indices)
    return PageText(mended, indices, guessed=mended != text)


def _indices(index_of: Callable[[int], int], start: int, end: int) -> list[int]:
    """Return PDFium's index of each UTF-16 unit of a page's text from `start` to `end`: they rise, mostly by one.

    A question costs PDFium the more, the more it left out before: only the ends of runs are asked.
    """
    if start >= end:
        return []
    first, last = index_of(start), index_of(end - 1)
    if last - first == end - 1 - start:
        return [*range(first, last + 1)]
    middle = (start + end) // 2
    return _indices(index_of, start, middle) + _indices(index_of, middle, end)


def read_pdfium(path: Path, passwords: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the `Reader` of pypdfium2. A page that it cannot load is an empty text."""
    from pypdfium2 import PdfiumError

    texts = []
    with pdfium_file(path, passwords) as document:
        for index in range(len(document)):
            try:
                text = page_text(document[index].get_textpage()).text
            except PdfiumError:
                text = ""
            texts.append(clean(text.replace("\r\n", "\n").replace(HYPHEN, "-\n")))
    return tuple(texts)


_SMALL, _LOW = 0.92, 0.04
_SHORT = 24
"""Characters of a raised run at most: a list of citations. More is small print."""
_ENDS_IN_NUMBER = re.compile(r"\d[.,·]?\Z")


def raised_text(page: "PageObject") -> str:
    """Return the text of a page by pypdf, digits in smaller type directly behind a number as raised ones.

    pypdf does not tell how far type is raised within its line: what does not stand lower is taken as raised.
    """
    runs: list[tuple[str, float, float]] = []

    def visit(text: str, page_matrix: Sequence[float], matrix: Sequence[float], _: object, size: float) -> None:
        _, a, b, scale, _, up = page_matrix
        line = matrix[4] * a + matrix[5] * scale + up
        runs.append((text, line, abs(size) * hypot(matrix[2], matrix[3]) * hypot(b, scale)))

    whole = page.extract_text(visitor_text=visit)
    if "".join(text for text, _, _ in runs) != whole:
        return whole
    pieces: list[str] = []
    main, small = ("", 0.0, 0.0), ""
    for run in [*filter(itemgetter(0), runs), ("", 0.0, 1.0)]:
        text, line, size = run
        beyond = line < main[1] - _LOW * main[2] or size > _SMALL * main[2]
        if text and not beyond and "\n" not in text and len(text) <= _SHORT:
            small += text
            continue
        if small:
            pieces.append(with_marked_digits(main[0][-3:], small, "") if _ENDS_IN_NUMBER.search(main[0]) else small)
        pieces.append(text)
        main, small = run if not text.endswith("\n") else ("", 0.0, 0.0), ""
    return "".join(pieces)


def read_pypdf(path: Path, passwords: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the `Reader` of pypdf: about 15 times slower, and always there."""
    with pypdf_file(path, passwords) as document:
        return tuple(clean(page.extract_text()) for page in document.pages)


def _text_pages(path: Path) -> tuple[str, ...]:
    document = marked_up(path)
    return (read_text(path),) if document is None else tuple(document.text.split(PAGE_BREAK))


def reader_for(path: Path) -> tuple[Reader, str]:
    """Return the best installed reader for this file, with its name and version."""
    if is_text(path):
        return (lambda file, _: _text_pages(file)), "text"
    return (read_pdfium, library("pypdfium2")) if has_pdfium() else (read_pypdf, library("pypdf"))


def plain(path: Path, passwords: Sequence[str] = (), reader: Reader | None = None) -> tuple[str, ...]:
    """Return the plain text of each page, by `reader` or the best one installed. Raises `Unreadable`."""
    return (reader or reader_for(path)[0])(path, passwords)
