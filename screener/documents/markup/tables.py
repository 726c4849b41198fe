"""Tables of marked-up documents: from rows of cells with spans to a grid, in which each cell has its place.

Sources: https://html.spec.whatwg.org/multipage/tables.html (how cells take their places, limits of spans);
https://www.w3.org/TR/CSS22/tables.html#table-display (which head and foot are moved).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..model import Kind

if TYPE_CHECKING:
    from .parts import Part

MOST_COLUMNS, MOST_ROWS = 1_000, 65_534
"""What a cell reaches over at most, as in HTML."""
MOST_PLACES = 200_000
"""Places that cells of several columns or rows take up at most in a table; beyond that each takes its own alone."""
_ORDER = {"thead": 0, "tfoot": 2}
_LONGEST = 1_500
"""Characters of a cell of data at most; more is a part of a page."""
_FIGURE = re.compile(r"[-−–+±<>≤≥~≈(\[]*[$€£]?\s?\d[\d.,:/%\s()\[\]±–−×·;*†‡§¶⁰¹²³⁴-⁹⁻₀-₉ᵃ-ᶻ-]*")
"""What is a figure, and so no head."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_EQUATION = re.compile(r"\(\s*[A-Z]?\.?\d{1,3}(?:\.\d{1,2})?[a-z]?\s*\)")
"""The number of a formula that is set as a table."""
_NO_FIGURE = re.compile(r"[-–—−.·/]*|n/?[ar]\.?|nr", re.IGNORECASE)
"""What stands in the place of one that is missing."""


@dataclass(slots=True, eq=False)
class RawCell:
    """A cell as it is written, with the parts in it. `rows` 0 is up to the end of its group."""

    head: bool = False
    columns: int = 1
    rows: int = 1
    parts: "list[Part]" = field(default_factory=list)
    text: str = ""
    column: int | None = None
    """The column it stands in, where the file says so."""
    name: str = ""
    heads: str = ""
    """The names of the cells that are its heads, where the file says so."""

    @property
    def words(self) -> str:
        """Return what stands in it, in one line."""
        return " ".join([*map(_words, self.parts), *self.text.split()])


def _words(part: "Part") -> str:
    if part.grid is not None:
        return " ".join(cell.text for cell in part.grid.cells)
    return " ".join(part.text.split())


@dataclass(slots=True, eq=False)
class RawRow:
    """A row as it is written, in `thead`, `tfoot` or another group."""

    group: str = ""
    number: int = 0
    """That of the group."""
    cells: list[RawCell] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class RawTable:
    """A table as it is written."""

    rows: list[RawRow] = field(default_factory=list)
    captions: "list[Part]" = field(default_factory=list)
    layout: bool = False
    """Whether it is said to set things side by side, and to hold no data."""
    group: str = ""
    groups: int = 0
    """Groups of rows that have begun."""

    def begin_group(self, name: str) -> None:
        """Begin a group of rows, or with an empty name end one."""
        self.group = name
        self.groups += 1

    def begin_row(self) -> None:
        """Begin a row."""
        self.rows.append(RawRow(self.group, self.groups))

    def row(self) -> list[RawCell]:
        """Return the cells of the last row; there is one from now on."""
        if not self.rows:
            self.begin_row()
        return self.rows[-1].cells

    def cells(self) -> Iterator[RawCell]:
        """Yield all cells, by rows."""
        for row in self.rows:
            yield from row.cells

    def grid(self) -> "Grid":
        """Return its cells in their places."""
        heads = {name for cell in self.cells() for name in cell.heads.split()}
        for cell in self.cells():
            cell.head = cell.head or (bool(cell.name) and cell.name in heads)
        # Browsers move the first head and foot of a table only; later ones stand where they are written.
        firsts = {row.group: row.number for row in reversed(self.rows)}
        return placed(
            sorted(self.rows, key=lambda row: _ORDER.get(row.group, 1) if firsts[row.group] == row.number else 1)
        )


@dataclass(slots=True, eq=False)
class PlacedCell:
    """A cell with words in it, in its place."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    head: bool = False


@dataclass(slots=True, eq=False)
class Grid:
    """A table whose cells have their places; `cells` are by rows, then columns."""

    cells: list[PlacedCell]

    def rows(self) -> list[list[PlacedCell]]:
        """Return the cells that begin in each row that any begins in."""
        rows: dict[int, list[PlacedCell]] = {}
        for cell in self.cells:
            rows.setdefault(cell.row, []).append(cell)
        return [rows[number] for number in sorted(rows)]


def is_data(table: RawTable) -> bool:
    """Return whether a table is one of data, and does not only set the parts of a page side by side."""
    cells = list(table.cells())
    filled = [cell for cell in cells if cell.parts]
    if table.layout or len(filled) < 2:
        return False
    if table.captions or any(cell.head for cell in filled):
        return True
    parts = [part for cell in filled for part in cell.parts]
    if len(table.rows) < 2 and any(_EQUATION.fullmatch(cell.words) for cell in filled):
        return False
    if max(len(row.cells) for row in table.rows) < 2 or (len(table.rows) < 2 and len(parts) > len(filled)):
        return False
    if any(part.kind is Kind.HEADING or part.grid is not None for part in parts):
        return False
    return all(len(cell.words) <= _LONGEST for cell in filled)


def placed(rows: Sequence[RawRow]) -> Grid:
    """Return the cells of rows in their places: a cell over several rows moves those of the next ones to the right."""
    limits = _ends_of_groups(rows)
    area = sum(
        max(1, min(cell.columns, MOST_COLUMNS)) * min(cell.rows or len(rows), len(rows))
        for row in rows
        for cell in row.cells
    )
    spans = area <= max(MOST_PLACES, 4 * sum(len(row.cells) for row in rows))
    cells: list[tuple[PlacedCell, bool]] = []
    taken: dict[int, int] = {}
    for number, row in enumerate(rows):
        column = 0
        for cell in row.cells:
            column = column if cell.column is None else max(column, min(cell.column, MOST_COLUMNS))
            while taken.get(column, 0) > number:
                column += 1
            down, reach = 1, 1
            if spans:
                down = max(1, min(cell.rows or MOST_ROWS, MOST_ROWS, limits[number] - number))
                reach = max(1, min(cell.columns, MOST_COLUMNS))
            # Where it would lie over another cell, it ends there; the next one begins where it would have ended.
            across = next((n for n in range(1, reach) if taken.get(column + n, 0) > number), reach)
            for each in range(column, column + reach):
                taken[each] = max(taken.get(each, 0), number + down)
            in_head = row.group == "thead"
            cells.append((PlacedCell(cell.words, number, column, down, across, cell.head or in_head), in_head))
            column += reach
    return headed(_compact([cell for cell, _ in cells if cell.text], _width(cells)))


def _ends_of_groups(rows: Sequence[RawRow]) -> list[int]:
    """Return for each row where its group ends, beyond which no cell of it reaches."""
    ends = [len(rows)] * len(rows)
    for number in range(len(rows) - 2, -1, -1):
        same = rows[number].number == rows[number + 1].number
        ends[number] = ends[number + 1] if same else number + 1
    return ends


def _width(cells: Sequence[tuple[PlacedCell, bool]]) -> int:
    """Return how many columns there are; a line across the table may be said to reach over more."""
    numbers: dict[int, int] = {}
    for cell, _ in cells:
        numbers[cell.row] = numbers.get(cell.row, 0) + 1
    ends = [cell.column + cell.column_span for cell, _ in cells if numbers[cell.row] > 1]
    return max(ends, default=1)


def _compact(cells: Sequence[PlacedCell], width: int) -> list[PlacedCell]:
    """Return the cells without rows and columns in which none begins."""
    for cell in cells:
        cell.column_span = max(1, min(cell.column_span, width - cell.column))
    rows = {row: place for place, row in enumerate(sorted({cell.row for cell in cells}))}
    columns = {column: place for place, column in enumerate(sorted({cell.column for cell in cells}))}
    for cell in cells:
        row, column = rows[cell.row], columns[cell.column]
        if cell.row_span > 1:
            cell.row_span = sum(1 for other in range(cell.row, cell.row + cell.row_span) if other in rows)
        if cell.column_span > 1:
            reach = range(cell.column, cell.column + cell.column_span)
            cell.column_span = sum(1 for other in reach if other in columns)
        cell.row, cell.column = row, column
    return list(cells)


def headed(cells: list[PlacedCell]) -> Grid:
    """Return the grid of cells, with heads where the file marks none: a first row without figures, and the first column.

    A line across the table, under its head, is a head too.
    """
    grid = Grid(cells)
    rows = grid.rows()
    width = max((cell.column + cell.column_span for cell in cells), default=0)
    if len(rows) < 2 or width < 2:
        return grid
    if _is_titled(rows, width):
        for cell in (*rows[0], *rows[1]):
            cell.head = True
    guessed = _is_unmarked_head(rows, width) and any(map(_has_figures, rows[1:]))
    if guessed:
        for cell in rows[0]:
            cell.head = True
    heads = _mark_head(rows, guessed=guessed)
    body = rows[heads + (heads == 1 and _spread(rows)) :]
    for row in body:
        if len(row) == 1 and row[0].column == 0 and row[0].column_span == width:
            row[0].head = True
    lines = [row for row in body if not all(cell.head for cell in row)]
    if not any(cell.head for row in lines for cell in row):
        for cell in _first_columns(lines):
            cell.head = True
    return grid


def _is_titled(rows: Sequence[Sequence[PlacedCell]], width: int) -> bool:
    """Return whether the first row is a title across the table, and the one below it, without figures, its head."""
    across = len(rows[0]) == 1 and rows[0][0].column_span == width > 2
    return across and len(rows[1]) > 1 and _is_head(rows[1]) and any(map(_has_figures, rows[2:]))


def _is_unmarked_head(rows: Sequence[Sequence[PlacedCell]], width: int) -> bool:
    """Return whether the first row is a head that the file does not mark: it marks none, or only the names of rows."""
    first = rows[0]
    if not any(cell.head for row in rows for cell in row):
        return _is_head(first) or _is_series(rows)
    by_name = all(not cell.head or cell.column == 0 for row in rows for cell in row)
    return by_name and width > 2 and len(first) == width and (_is_head(first) or _is_series(rows))


def _is_series(rows: Sequence[Sequence[PlacedCell]]) -> bool:
    """Return whether the first row is one of years, or of numbers from 1 (folds), and the next ones are not."""
    numbers, *others = ([cell.text for cell in row if cell.column] for row in rows)
    named = [cell.text for cell in rows[0] if not cell.column]
    if len(numbers) < 2 or any(map(_FIGURE.fullmatch, named)):
        return False
    years = all(map(_YEAR.fullmatch, numbers))
    counted = len(numbers) > 2 and numbers == [str(n) for n in range(1, len(numbers) + 1)]
    return (
        (years or counted)
        and numbers not in others
        and not (years and any(_YEAR.fullmatch(n) for row in others for n in row))
    )


def _mark_head(rows: Sequence[Sequence[PlacedCell]], *, guessed: bool) -> int:
    """Return how many rows make the head; those next to a head over several rows belong to it.

    So does the one below a head over several columns, where nothing in the file says what is a head, or it has no name.
    """
    heads, reach, across = 0, 0, False
    while heads < len(rows) - 1:
        row = rows[heads]
        below = heads < reach or (across and len(row) > 1 and any(_has_figures(other) for other in rows[heads + 1 :]))
        if not all(cell.head for cell in row) and not (heads and below and not _has_figures(row)):
            break
        for cell in row:
            cell.head = True
        reach = max(reach, *(cell.row + cell.row_span for cell in row))
        unnamed = rows[heads + 1][0].column > 0
        across = (guessed or unnamed) and heads == 0 and any(cell.column_span > 1 for cell in row)
        heads += 1
    return heads


def _spread(rows: Sequence[Sequence[PlacedCell]]) -> bool:
    """Return whether the second row belongs to the head, as where a program without spans left places in the first empty.

    What stands in the first row then reaches over these places.
    """
    first, second = rows[0], rows[1]
    gaps = {cell.column for cell in second} - {cell.column + n for cell in first for n in range(cell.column_span)}
    figures = any(map(_has_figures, rows[2:]))
    if not gaps or not second[0].column or _has_figures(second) or not figures:
        return False
    for cell in second:
        cell.head = True
    for cell in first:
        while cell.column and cell.column + cell.column_span in gaps:
            cell.column_span += 1
        cell.row_span += not cell.column
    return True


def _is_head(row: Sequence[PlacedCell]) -> bool:
    words = [cell for cell in row if not _NO_FIGURE.fullmatch(cell.text)]
    return not _has_figures(row) and (len(words) > 1 or any(cell.column and cell.column_span > 1 for cell in words))


def _has_figures(row: Sequence[PlacedCell]) -> bool:
    return any(_FIGURE.fullmatch(cell.text) for cell in row)


def _first_columns(rows: Sequence[Sequence[PlacedCell]]) -> Iterator[PlacedCell]:
    """Yield what rows are called by: their first cells, and the next ones where the first stand for several rows."""
    column, depth = 0, len(rows)
    while depth and column < 3:
        found = [cell for row in rows for cell in row if cell.column == column]
        if column and sum(bool(_FIGURE.fullmatch(cell.text)) for cell in found) * 2 > len(found):
            return
        yield from found
        if len(found) >= depth:
            return
        column += 1
