"""CSV and TSV: which sign parts the cells, which line names the columns, and rows that stray quotation marks run through."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path

from ...core.errors import BadInput
from .columns import Row, columns_by_field, names_in

FAULT = "\x00fault"
"""The key under which a row says why it cannot be used. No column can have this name."""
MOST_HEADINGS = 40
"""Lines that may stand above the names of the columns."""
LONGEST_CELL = 2_000
"""Lines of a cell. A quotation mark that is not closed within them is a stray one."""
MOST_UNCLOSED = 50
"""Stray quotation marks, after which only cells of `MOST_UNCLOSED` lines are looked for: this keeps the work linear."""
_LAST = "\x00"
_DEFUSED = re.compile(r"'(?='*[=+\-@\t\r])")
"""An apostrophe that keeps a spreadsheet from taking the cell for a formula. It is no part of the text."""
_CERTAINLY_BACKSLASHED = re.compile(r'(?<!\\)\\"(?![",;\t|\r\n]|\Z)')
_BACKSLASHED = re.compile(r'({?)(?<!\\)\\"(?![,;\t|\r\n]|\Z)')
_DOUBLED = re.compile(r'[^,;\t|\r\n\\]""[^,;\t|\r\n]')


def text_rows(path: Path, text: str, remarks: list[str]) -> tuple[list[str], Sequence[Row]]:
    """Return a CSV or TSV: its column names and its rows; of columns of one name the first counts that has a value.

    The delimiter and the line with the names are those that give the most known columns. `remarks` says what stands above
    that line. A row with more cells than columns, and one with a quotation mark that is never closed, are marked with a
    `FAULT`; empty rows at the end are left out.
    """
    csv.field_size_limit(2**30)
    lines = list(io.StringIO(_doubled(text.replace("\x00", "")), newline=""))
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    announced = re.fullmatch(r"sep=(.)", lines[first].strip(), re.IGNORECASE) if lines[first:] else None
    if announced:  # how Excel is told
        first += 1
    try:
        delimiter, start = _layout(lines, first, announced.group(1) if announced else ",;\t|")
        names, end = _record(lines, start, delimiter)
        columns = [" ".join(name.strip("\ufeff").split()) for name in names]
        rows = [_row(columns, cells) for cells in _cells(lines, end, delimiter, len(columns), remarks)]
    except csv.Error as error:
        raise BadInput(f"{path}: not a readable table: {error}; export it again") from None
    if start > first:
        remarks.append(headings_remark(["".join(lines[first:start])], start - first))
    while rows and not any(str(cell).strip() for cell in rows[-1].values()):
        rows.pop()
    return columns, rows


def headings_remark(lines: Sequence[str], count: int) -> str:
    """Return what the user is told of lines above the names of the columns."""
    written = " ".join(" ".join(lines).split())
    if not written:
        return f"{'an empty line' if count == 1 else f'{count:,} empty lines'} above the column names"
    above = "a line above" if count == 1 else f"{count:,} lines above"
    return f"{above} the column names: not read (“{written[:80]}{'…' * (len(written) > 80)}”)"


def _layout(lines: Sequence[str], first: int, delimiters: str) -> tuple[str, int]:
    """Return the delimiter and the number of the line with the column names, counted from 0."""
    best, found = (0, 0, 0), (delimiters[0], first)
    for delimiter in delimiters:
        certain = False
        for number in range(first, min(first + MOST_HEADINGS, len(lines))):
            if number > first and (certain or delimiter not in lines[number] or lines[number].isspace()):
                continue
            names, _ = _record(lines, number, delimiter)
            known = names_in(names)
            certain = certain or (number == first and known > 1)
            if number > first and known < 2:
                continue  # a word in a text above the table, or below it
            score = (known, 0 if number > first else len(columns_by_field(names)), 0 if known else len(names))
            if score > best:
                best, found = score, (delimiter, number)
    return found


def _record(lines: Sequence[str], number: int, delimiter: str) -> tuple[list[str], int]:
    """Return the cells of the row that begins at a line, and the number of the line after it."""
    reader = csv.reader(islice(lines, number, number + MOST_HEADINGS), delimiter=delimiter)
    return next(reader, []), number + reader.line_num


def _row(columns: Sequence[str], cells: list[str] | str) -> Row:
    if isinstance(cells, str):
        return {FAULT: cells}
    row: dict[str, str] = {}
    for column, cell in zip_longest(columns, cells[: len(columns)], fillvalue=""):
        if not row.get(column):
            row[column] = cell[1:] if _DEFUSED.match(cell) else cell
    if any(cell.strip() for cell in cells[len(columns) :]):
        row[FAULT] = (
            f"{len(cells)} cells in {len(columns)} columns; put quotation marks around the cell with the delimiter"
        )
    return row


def _cells(
    lines: Sequence[str], start: int, delimiter: str, width: int, remarks: list[str]
) -> Iterator[list[str] | str]:
    """Yield the rows from a line on that have any cell. A row with an unclosed quotation mark costs that line only.

    Read plainly, such a mark would swallow the rest of the file, or all rows up to the next such mark, into one cell.
    `width` is the number of columns.
    """
    unclosed, doubtful = 0, list[int]()
    while start < len(lines):
        begin, limit = start, LONGEST_CELL if unclosed < MOST_UNCLOSED else MOST_UNCLOSED
        feed = _Feed(lines, start, limit)
        reader = csv.reader(feed, delimiter=delimiter)
        for cells in reader:
            end = start + reader.line_num
            if feed.ended and cells and cells[-1].endswith(_LAST):
                break
            if end - begin > 1 and (swallowed := _swallows_rows(lines[begin:end], cells, delimiter, width)):
                if swallowed == "perhaps":
                    doubtful.append(begin + 1)
                else:
                    break
            if cells:
                yield _mended(lines[begin:end], cells, delimiter, width, begin)
            feed.begin = begin = end
        if begin >= len(lines):
            break
        unclosed += 1
        yield f"a quotation mark in line {begin + 1} is never closed"
        start = begin + 1
    if doubtful:
        named = ", ".join(f"{line:,}" for line in doubtful[:20])
        remarks.append(
            f"cells that look like several rows, from line {named}{' …' * (len(doubtful) > 20)}: "
            "if they are, remove the quotation mark there and import again"
        )


class _Feed:
    """Lines for a `csv.reader`, at most `limit` for one row; `begin` is where its present row begins."""

    def __init__(self, lines: Sequence[str], start: int, limit: int) -> None:
        self.lines, self.begin, self.limit = lines, start, limit
        self.next, self.ended = start, False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.ended:
            raise StopIteration
        if self.next >= len(self.lines) or self.next - self.begin >= self.limit:
            self.ended = True
            return _LAST  # a last line that no file has shows whether a cell was still open
        self.next += 1
        return self.lines[self.next - 1]


def _doubled(text: str) -> str:
    r"""Return a text with quotation marks doubled, as CSV has them, where it has a backslash before them instead.

    The backslash of LaTeX's `{\"U}` stays. A text that also doubles its marks is left as it is: there a backslash is one.
    """
    if '\\"' not in text or not _CERTAINLY_BACKSLASHED.search(text) or _DOUBLED.search(text):
        return text
    return _BACKSLASHED.sub(lambda match: '{\\""' if match[1] else '""', text)


def _mended(lines: Sequence[str], cells: list[str], delimiter: str, width: int, begin: int) -> list[str] | str:
    """Return the cells of a row that may have quotation marks within quoted cells which are not doubled.

    `"a "b" c","d"` is read as if only marks beside a delimiter, or at an end, were those of cells. A row that has fewer cells
    than the table, since such a mark hid a delimiter, is refused.
    """
    written = "".join(lines).strip("\r\n")
    if '"' not in written:
        return cells
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        parts = written[1:-1].split(f'"{delimiter}"') if written[0] == written[-1] == '"' else []
        if len(parts) == width:
            return [part.replace('""', '"') for part in parts]
        if len(cells) < width:
            return f"a quotation mark in line {begin + 1} stands within a cell; double it, or remove it"
    return cells


def _swallows_rows(lines: Sequence[str], cells: Sequence[str], delimiter: str, width: int) -> str:
    """Return whether the lines of one row are several ("yes"; "perhaps"; "" for no): a stray mark closed by another's.

    Rows of their own are lines that have, each by itself, as many cells as the table. Read strictly, the second mark is
    often a mistake.
    """
    inner = [next(csv.reader([line], delimiter=delimiter), []) for line in lines[1:]]
    # A line of delimiters alone is no row; within a cell it is only text.
    between = [one for one in inner[:-1] if any(cell.strip() for cell in one)]
    alike = sum(len(one) == width for one in between)
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return "" if len(cells) == width and not any(len(one) == width for one in inner) else "yes"
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return "yes"
    if width > 1 and between and 3 * alike >= 2 * len(between):
        return "yes" if width > 2 else "perhaps"
    return ""
