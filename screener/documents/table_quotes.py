"""Quotes from tables as they are shown: in Markdown, with a name in each of its rows, or with cells left out.

A quote from a table is one of cells of one row, in their order. Cells between them may be left out where an ellipsis says
so: the name of a row, which then must be the whole one, and a figure in it belong together whatever stands between. A name that stands in another line of
the text, since it is that of several rows, belongs to each of them. Words and figures are never cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..text import QuotePlace
from ..text.normalise import Normalised, normalise
from ..text.quotes import MISSING, places_of, readings
from .model import Document
from .tables import BETWEEN_HEADS, Cell, Table

_LEFT_OUT = re.compile(r"\s*[\[(]?(?:…|\.(?:\s?\.){2,})[\])]?\s*")
_BARS = re.compile(r"(?<!\\)\||\t")
_CITED = re.compile(r"\([^()]*\b\d{4}[a-z]?\)|\[[\d,;–\s-]+\]")
_LINE = re.compile(r"[|\s:-]+")
"""The line below the head of a table in Markdown."""


def locate_in_tables(quote: str, document: Document) -> QuotePlace:
    """Return the place of a quote in one of the tables of a document: from the first of its cells to the last.

    Of a quote with heads and rows the rows are the place. Cells that are left out make it `fuzzy`.
    """
    lines = [line for line in quote.strip().splitlines() if not _LINE.fullmatch(line)]
    parts = [[part for part in _LEFT_OUT.split(_BARS.sub(" ", line)) if part.strip()] for line in lines]
    parts = [[part.replace("\\|", "|") for part in line] for line in parts if line]
    if parts:
        for table in document.tables:
            place = _in_table(parts, table, document.text)
            if place is not None:
                cut = any(len(line) > 1 for line in parts)
                return QuotePlace("fuzzy" if cut else "normalized", *place)
    return MISSING


@dataclass(frozen=True)
class _Line:
    """A line of a table as it is shown: its words, as they are and in normal form, and where those of each cell begin with their place in the text."""

    raw: str
    words: Normalised
    cells: tuple[tuple[int, tuple[int, int]], ...]
    is_head: bool

    @classmethod
    def of(cls, texts: list[tuple[str, tuple[int, int]]], *, is_head: bool) -> "_Line":
        words, cells = "", []
        for text, place in texts:
            words += " " * bool(words)
            cells.append((len(words), place))
            words += text
        # Not remembered: a row is shorter, and there are more of them, than the texts that are.
        return cls(words, normalise.__wrapped__(words), tuple(cells), is_head)

    def find(self, parts: list[str]) -> tuple[int, int] | None:
        """Return the place in the text of the cells that hold parts of it, one behind the other."""
        begin, first = 0, -1
        for n, part in enumerate(parts):
            forms = [form for form in readings(part) if form]
            last = n == len(parts) - 1
            at = next(
                (
                    (place, form)
                    for form in forms
                    for place in places_of(self.words.text, form, begin)
                    if len(parts) == 1 or self._is_whole(place, place + len(form), to_end=not last)
                ),
                None,
            )
            if at is None:
                return None
            first = at[0] if first < 0 else first
            begin = at[0] + len(at[1])
        start, end = self.words.span(first, begin)
        held = [place for n, place in self.cells if n < end]
        held = held[max(0, sum(n <= start for n, _ in self.cells) - 1) :]
        return min(start for start, _ in held), max(end for _, end in held)

    def _is_whole(self, start: int, end: int, *, to_end: bool) -> bool:
        """Return whether words begin where a cell does and, but for the work that it cites, end where one does.

        Beside what is left out `Contrastive` is not the name of `Contrastive multi-lead coding`.
        """
        first, beyond = self.words.span(start, end)
        begins = [begin for begin, _ in self.cells]
        following = next((begin for begin in begins if begin >= beyond), len(self.raw))
        rest = self.raw[beyond:following].strip()
        return first in begins and (not to_end or not rest or _CITED.fullmatch(rest) is not None)


def _in_table(parts: list[list[str]], table: Table, text: str) -> tuple[int, int] | None:
    lines = list(_lines(table, text))
    found: list[tuple[int, int]] = []
    heads: list[tuple[int, int]] = []
    at = 0
    for line in parts:
        for n in range(at, len(lines)):
            place = lines[n].find(line)
            if place is not None:
                (heads if lines[n].is_head else found).append(place)
                at = n + 1
                break
        else:
            return None
    held = found or heads
    return min(start for start, _ in held), max(end for _, end in held)


def _lines(table: Table, text: str) -> Iterator[_Line]:
    """Yield the head of a table, each of its columns with its whole head, and then its rows."""
    heads = []
    for column in range(table.column_count):
        cells = [cell for row in range(table.first_rows) if (cell := table.at(row, column)) is not None]
        whole = BETWEEN_HEADS.join(dict.fromkeys(text[cell.start : cell.end] for cell in cells))
        if cells:
            heads.append((whole, (min(cell.start for cell in cells), max(cell.end for cell in cells))))
    yield _Line.of(heads, is_head=True)
    for row in range(table.row_count):
        cells = table.row(row)
        own = [cell for cell in cells if cell.row == row] or cells
        yield _Line.of([(text[cell.start : cell.end], _place(cell, own)) for cell in cells], is_head=False)


def _place(cell: Cell, own: list[Cell]) -> tuple[int, int]:
    """Return where a cell stands; of one that begins in a row above, where its row begins."""
    return (cell.start, cell.end) if cell in own else (own[0].start, own[0].start)
