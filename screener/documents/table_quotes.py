"""Quotes from tables as they are shown: in Markdown, with a name in each of its rows, or with cells left out.

A quote of cells is one of whole cells of one row, in their order, each beside the one before it, empty ones too; only an
ellipsis leaves cells out. Bars and tabs part cells; without them white space does. A cell may be quoted without the work
that it cites at its end and without its marks of footnotes. A name that stands in another line of the text, since it is
that of several rows, belongs to each of them.

Of several lines each is of a row further down. A head stands over the columns of the cells below it, and a line across
the table is the last one above each of the rows that follow it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice

from ..text import QuotePlace, locate
from ..text.normalise import normalise
from ..text.quotes import MISSING, spaced_readings
from .model import Document
from .tables import BETWEEN_HEADS, Cell, Table

_LEFT_OUT = re.compile(r"\s*[\[(]?(?:…|\.(?:\s?\.){2,})[\])]?\s*")
_BARS = re.compile(r"(?<!\\)\||\t")
_CITED = re.compile(r"\s*(?:\([^()]*\b\d{4}[a-z]?\)|\[[\d,;–\s-]+\])\Z")
_MARKS = re.compile(r"(?<=[\w)\]%])(?:\s?[*†‡§¶#]+|[ᵃᵇᶜᵈᵉᶠ](?:,?[ᵃᵇᶜᵈᵉᶠ])*)\Z")
_BRACKETED = re.compile(r"(?<=\d)\s*(?:\([^()]*\)|\[[^\[\]]*\])\Z")
"""What may stand behind a figure that a quote without bars ends with."""
_LINE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
"""The line below the head of a table in Markdown."""
_GROUP = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?: \d{3})+(?![\d.,])")
_SIGN = re.compile(r"[-‐‑‒–−+±<>=≤≥~≈]+\s*\Z")
_BEFORE = re.compile(r"(?:\A|[\t\n\f|]) *\Z")
_BEHIND = re.compile(r" *(?:\Z|[\t\n\f|])")
_HEADS = 8
"""Ways to read a head that are tried for the rows below it."""
_TRIES = 8
"""Places in running text at which a quote may stand cut or across cells before it is given up."""


def has_bars(quote: str) -> bool:
    """Return whether a quote says where its cells begin and end."""
    return _BARS.search(quote.strip()) is not None


def locate_in_tables(quote: str, document: Document) -> QuotePlace:
    """Return the place of a quote in one of the tables of a document: from the first of its cells to the last.

    Of a quote with heads and rows the rows are the place. Cells that are left out make it `fuzzy`.
    """
    written = [line for line in quote.strip().splitlines() if line.strip() and not _LINE.fullmatch(line.strip())]
    lines = [_parts(line) for line in written]
    if any(part for line in lines for part in line):
        for table in document.tables:
            # A table is shown under its caption.
            below = len(lines) > 1 and table.caption is not None and not has_bars(written[0])
            captioned = below and locate(written[0], document.text[slice(*table.caption or (0, 0))]).start is not None
            place = _InTable(table, document.text).find(lines[1:] if captioned else lines)
            if place is not None:
                cut = any(part is None for line in lines for part in line)
                same = document.text[place[0] : place[1]] == quote.strip()
                return QuotePlace("fuzzy" if cut else "exact" if same else "normalized", *place)
    return MISSING


def locate_in_text(quote: str, text: str, document: Document | None) -> QuotePlace:
    """Return the place of a quote in running text, where it is not one of pieces of cells.

    One with bars begins and ends where a line or cell does, outside of tables, unless its bars are those of the text.
    """
    left = text
    for _ in range(_TRIES):
        place = locate(quote, left)
        if place.start is None or place.end is None or _stands(quote.strip(), text, place.start, place.end, document):
            return place
        left = left[: place.start] + "\0" * (place.end - place.start) + left[place.end :]
    return MISSING


def _stands(quote: str, text: str, start: int, end: int, document: Document | None) -> bool:
    found = text[start:end]
    cells = [cell for table in _tables_at(document, start, end) for cell in table.cells if _meets(cell, start, end)]
    if has_bars(quote):
        whole = _BEFORE.search(text, max(0, start - 40), start) is not None and _BEHIND.match(text, end) is not None
        if found.count("|") == quote.count("|") and found.count("\t") == quote.count("\t"):
            return whole or (len(cells) < 2 and "\t" not in found)
        return whole and not cells
    if len(cells) < 2 or "\t" not in found:
        return True
    if any(group[0].replace(" ", "\t") in found for group in _GROUP.finditer(quote)):
        return False
    if re.search(r"(?:\A|\s)[-‐‑‒–−+]\t\d", found):
        return False
    # The end of a row's name is the name of another row.
    first = cells[0]
    figures = any(character.isdigit() for character in text[first.end : end].partition("\n")[0])
    return start <= first.start or not figures or text[first.end : first.end + 1] != "\t"


def _tables_at(document: Document | None, start: int, end: int) -> list[Table]:
    tables = document.tables if document else ()
    return [table for table in tables if any(_meets(cell, start, end) for cell in table.cells)]


def _meets(cell: Cell, start: int, end: int) -> bool:
    return cell.start < end and start < cell.end


_Part = str | list[str] | None
"""A part of a line: one cell, words of one or several cells, or what an ellipsis leaves out."""
_Columns = tuple[int | None, ...]
_Head = tuple[int, _Columns]
"""The row of a head, and the columns that are quoted of it."""


def _parts(line: str) -> list[_Part]:
    line = line.strip(" ")
    if not _BARS.search(line):
        parts: list[_Part] = []
        for n, words in enumerate(_LEFT_OUT.split(line)):
            parts += [None] * bool(n)
            parts += [words.split()] * bool(words.strip())
        return parts
    cells = _BARS.split(line)
    if line.startswith("|"):
        cells = cells[1:]
    if line.endswith("|") and not line.endswith("\\|") and len(cells) > 1:
        cells = cells[:-1]
    return [None if _LEFT_OUT.fullmatch(cell) else cell.strip().replace("\\|", "|") for cell in cells]


@dataclass(frozen=True)
class _Row:
    """A row as it is shown: for each column the cell's words, its place, and the column behind the cell.

    `number` is -1 for the heads of the table, each whole.
    """

    number: int
    words: tuple[str, ...]
    places: tuple[tuple[int, int] | None, ...]
    repeated: tuple[bool, ...]
    beyond: tuple[int, ...]

    def readings(self, parts: Sequence[_Part], heads: _Columns | None = None) -> Iterator[_Columns]:
        """Yield the columns in which the parts of a line stand, None for what is left out.

        Below `heads` they are in the columns of these, and leave out what these do.
        """
        search = _Search(self, heads, set())
        for column in range(len(self.words)):
            yield from search.of(parts, column, 0)

    def has(self, column: int, quoted: str, *, cut: bool = False) -> bool:
        """Return whether words are all of a cell; an empty one may be one that is written further left or above."""
        if not quoted:
            return not self.words[column].strip() or self.repeated[column]
        return not _forms(self.words[column], cut).isdisjoint(_quoted(quoted))


@dataclass(frozen=True)
class _Search:
    """The search for the parts of a line in a row; `vain` are the places from which there was none of those left."""

    row: _Row
    heads: _Columns | None
    vain: set[tuple[int, int, int, int]]

    def of(self, parts: Sequence[_Part], column: int, number: int) -> Iterator[_Columns]:
        """Yield the columns of these parts from a column on; `number` parts are before them."""
        if not parts:
            yield ()
            return
        part = parts[0]
        state = (len(parts), len(part) if isinstance(part, list) else 0, column, number)
        if state in self.vain:
            return
        head = self.heads[number] if self.heads is not None and number < len(self.heads) else -1
        if head in (-1, None if part is None else column):
            found = False
            for columns in self._first(parts, column, number):
                found = True
                yield columns
            if found:
                return
        self.vain.add(state)

    def _first(self, parts: Sequence[_Part], column: int, number: int) -> Iterator[_Columns]:
        part, rest, words = parts[0], parts[1:], self.row.words
        if part is None:
            # Between words an ellipsis may stand for nothing; between bars it stands in the place of a cell.
            least = column if rest and isinstance(rest[0], list) else column + 1
            for following in range(least, len(words) + 1):
                for columns in self.of(rest, following, number + 1):
                    yield None, *columns
        elif column >= len(words):
            return
        elif isinstance(part, list):
            for count in range(1, min(len(part), len(words[column])) + 1):
                left = [part[count:]] if count < len(part) else []
                if left and _is_unclear(part[count - 1], part[count]):
                    continue
                if self.row.has(column, " ".join(part[:count]), cut=not left and not rest):
                    yield from self._behind([*left, *rest], column, number)
        elif self.row.has(column, part):
            yield from self._behind(rest, column, number)

    def _behind(self, rest: Sequence[_Part], column: int, number: int) -> Iterator[_Columns]:
        for following in dict.fromkeys((column + 1, self.row.beyond[column])):
            for columns in self.of(rest, following, number + 1):
                yield column, *columns


def _is_unclear(left: str, right: str) -> bool:
    """Return whether the words on both sides of a place may be one number: `12 345`, `– 7.1`."""
    grouped = re.search(r"(?<![\d.,])\d{1,3}\Z", left) and re.fullmatch(r"\d{3}", right)
    return bool(grouped) or (_SIGN.fullmatch(left) is not None and right[:1].isdigit())


@dataclass(frozen=True)
class _InTable:
    """The search for lines of a quote in a table."""

    table: Table
    text: str
    vain: dict[tuple[int, _Head | None, int | None], int] = field(default_factory=dict)
    """From which row on there was none of the lines left, under heads and a line across the table."""

    @cached_property
    def rows(self) -> list[_Row]:
        """Return the rows as they are shown."""
        return list(self._rows())

    def find(self, lines: list[list[_Part]]) -> tuple[int, int] | None:
        """Return the place of the rows, or of the heads where there are only these."""
        self.vain.clear()
        found = self._from(lines, 0, None, None)
        if found is None:
            return None
        rows = [place for number, place in found if number >= self.table.first_rows]
        held = rows or [place for _, place in found]
        return min(start for start, _ in held), max(end for _, end in held)

    def _from(
        self, lines: list[list[_Part]], at: int, heads: _Head | None, section: int | None
    ) -> list[tuple[int, tuple[int, int]]] | None:
        """Return the rows of lines from `at` on, and their places; `heads` and `section` are those quoted above them."""
        if not lines:
            return []
        state = (len(lines), heads, section)
        if at >= self.vain.get(state, len(self.rows)):
            return None
        for n, row in enumerate(self.rows[at:], at):
            is_section = row.number >= self.table.first_rows and self._divides(row.number)
            is_head = row.number < self.table.first_rows or (not is_section and row.number in self.table.head_rows)
            is_own = not is_section and not is_head
            if is_own and section is not None and section not in self._sections(row.number):
                continue
            if is_own and heads is not None and not self._heads(row.number, *heads):
                continue
            # One way to read a row is enough; of a head the columns count.
            for columns in islice(
                row.readings(lines[0], heads[1] if heads and is_own else None), _HEADS if is_head else 1
            ):
                place = _place(row, columns)
                below = self._from(
                    lines[1:], n + 1, (row.number, columns) if is_head else heads, row.number if is_section else section
                )
                if place is not None and below is not None:
                    return [(row.number, place), *below]
        self.vain[state] = at
        return None

    def _heads(self, row: int, head: int, columns: _Columns) -> bool:
        """Return whether a head is that of a row: no other stands between them, but for one that repeats it."""
        table = self.table
        between = [n for n in table.head_rows if max(head + 1, table.first_rows) <= n < row and not self._divides(n)]
        for column in (column for column in columns if column is not None):
            above = range(table.first_rows) if head < table.first_rows else (head,)
            names = {self._name(n, column) for n in above}
            if not names.issuperset(self._name(n, column) for n in between):
                return False
        return True

    def _name(self, row: int, column: int) -> str:
        cell = self.table.at(row, column)
        return "" if cell is None else normalise.__wrapped__(self.text[cell.start : cell.end]).text

    def _divides(self, row: int) -> bool:
        own = [cell for cell in self.table.row(row) if cell.row == row]
        return self.table.column_count > 1 and len(own) == 1 == len(self.table.row(row)) and own[0].column == 0

    def _sections(self, row: int) -> list[int]:
        """Return the last lines across the table above a row that stand together."""
        last = next((above for above in range(row - 1, -1, -1) if self._divides(above)), -1)
        together = []
        while last >= self.table.first_rows and self._divides(last):
            together.append(last)
            last -= 1
        return together

    def _rows(self) -> Iterator[_Row]:
        """Yield the head of the table, each of its columns with its whole head, and then its rows."""
        table, columns = self.table, range(self.table.column_count)
        words, places = [], []
        for column in columns:
            cells = [cell for row in range(table.first_rows) if (cell := table.at(row, column)) is not None]
            words.append(BETWEEN_HEADS.join(dict.fromkeys(self.text[cell.start : cell.end] for cell in cells)))
            places.append((min(cell.start for cell in cells), max(cell.end for cell in cells)) if cells else None)
        yield _Row(-1, tuple(words), tuple(places), (False,) * len(columns), tuple(column + 1 for column in columns))
        for row in range(table.row_count):
            yield self._row(row)

    def _row(self, row: int) -> _Row:
        columns = range(self.table.column_count)
        cells = [self.table.at(row, column) for column in columns]
        begin = min((cell.start for cell in cells if cell and cell.row == row), default=None)
        places: list[tuple[int, int] | None] = []
        for cell in cells:
            # A cell that begins in a row above stands where its row begins.
            own = cell is None or cell.row == row or begin is None
            places.append(None if cell is None else (cell.start, cell.end) if own else (begin or 0, begin or 0))
        return _Row(
            row,
            tuple(self.text[cell.start : cell.end] if cell else "" for cell in cells),
            tuple(places),
            tuple(
                cell is not None and (cell.row, cell.column) != (row, column)
                for cell, column in zip(cells, columns, strict=True)
            ),
            tuple(cell.columns.stop if cell else column + 1 for cell, column in zip(cells, columns, strict=True)),
        )


# A quote is held against every cell of a document, and a document is asked for many quotes.
@lru_cache(maxsize=8192)
def _forms(cell: str, cut: bool) -> frozenset[str]:
    """Return the normal forms of a cell and of what may be quoted of it; `cut`: also of a figure without brackets."""
    forms = [cell, _MARKS.sub("", cell), _CITED.sub("", cell), _CITED.sub("", _MARKS.sub("", cell))]
    if cut and cell[:1] in "+-−–.0123456789":
        forms.append(_BRACKETED.sub("", cell))
    return frozenset(normalise.__wrapped__(form).text for form in dict.fromkeys(forms)) - {""}


@lru_cache(maxsize=1024)
def _quoted(words: str) -> tuple[str, ...]:
    return tuple(spaced_readings(words))


def _place(row: _Row, columns: tuple[int | None, ...]) -> tuple[int, int] | None:
    places = [
        place
        for column in columns
        if column is not None and column < len(row.places) and (place := row.places[column]) is not None
    ]
    return (min(start for start, _ in places), max(end for _, end in places)) if places else None
