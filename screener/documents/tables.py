"""A table of a document as a grid: which cell stands in which row and column, and under which heads."""

from collections.abc import Sequence
from functools import cached_property

from ..core.frozen import Frozen

BETWEEN_HEADS = " / "
"""What parts, in Markdown, the heads that stand one above the other over a column."""


class Cell(Frozen):
    """The cell `text[start:end]` of a table. Rows and columns count from 0; a cell may reach over several of them.

    `head` says that it is what a row or column is called.
    """

    start: int
    end: int
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    head: bool = False

    @property
    def rows(self) -> range:
        """Return the rows it takes up."""
        return range(self.row, self.row + self.row_span)

    @property
    def columns(self) -> range:
        """Return the columns it takes up."""
        return range(self.column, self.column + self.column_span)


class Table(Frozen):
    """A table: its cells by rows, then columns, and where its caption stands. What no cell takes up is empty.

    A table may go on over pages: it then is one table, and the heads that are repeated there are rows of it.
    """

    cells: tuple[Cell, ...]
    caption: tuple[int, int] | None = None

    @cached_property
    def row_count(self) -> int:
        """Return how many rows it has."""
        return max((cell.rows.stop for cell in self.cells), default=0)

    @cached_property
    def column_count(self) -> int:
        """Return how many columns it has."""
        return max((cell.columns.stop for cell in self.cells), default=0)

    @cached_property
    def _grid(self) -> dict[tuple[int, int], Cell]:
        return {(row, column): cell for cell in self.cells for row in cell.rows for column in cell.columns}

    @cached_property
    def head_rows(self) -> tuple[int, ...]:
        """Return the rows that hold nothing but heads of columns: the first ones, and later those over several columns.

        The later ones divide the table, or repeat its heads on another page.
        """
        rows: list[int] = []
        for row in range(self.row_count):
            cells = self.row(row)
            wide = row == len(rows) or sum(cell.column_span for cell in cells) > 1
            if cells and wide and all(cell.head for cell in cells):
                rows.append(row)
        return tuple(rows)

    @cached_property
    def first_rows(self) -> int:
        """Return how many rows make the head of the table; a line across it, below these, divides it already."""
        rows = 0
        while rows in self.head_rows and not (rows and self._across(rows)):
            rows += 1
        return rows

    def _across(self, row: int) -> bool:
        first = self.at(row, 0)
        return self.column_count > 1 and first is not None and first.column_span == self.column_count

    def at(self, row: int, column: int) -> Cell | None:
        """Return the cell that takes up a place in the grid; None where it is empty."""
        return self._grid.get((row, column))

    def row(self, row: int) -> list[Cell]:
        """Return the cells that take up a place in a row, from left to right."""
        found = (self.at(row, column) for column in range(self.column_count))
        return list({(cell.row, cell.column): cell for cell in found if cell is not None}.values())

    def row_start(self, row: int) -> int:
        """Return where the first of the cells that begin in a row stands in the text; -1 where none does."""
        return min((cell.start for cell in self.cells if cell.row == row), default=-1)

    def cell_at(self, offset: int) -> Cell | None:
        """Return the cell that holds the character at `offset` of the document's text."""
        return next((cell for cell in self.cells if cell.start <= offset < cell.end), None)

    def row_heads(self, cell: Cell) -> list[Cell]:
        """Return what the rows of a cell are called: the line across the table above them, then from left to right."""
        if cell.row in self.head_rows:
            return []
        heads = [head for row in self._sections(cell.row) for head in self.row(row)]
        heads += [head for row in cell.rows for head in self.row(row) if head.head and head.column < cell.column]
        return list({(head.row, head.column): head for head in heads}.values())

    def column_heads(self, cell: Cell) -> list[Cell]:
        """Return what the columns of a cell are called, from above: by the table's head, then by the last one within it."""
        rows = [*range(min(self.first_rows, cell.row)), *self._heads_within(cell.row)]
        found = (self.at(row, column) for row in rows for column in cell.columns)
        return list({(head.row, head.column): head for head in found if head is not None and head != cell}.values())

    def _sections(self, row: int) -> list[int]:
        return _last_together([head for head in self._later_heads(row) if self._across(head)])

    def _heads_within(self, row: int) -> list[int]:
        return _last_together([head for head in self._later_heads(row) if not self._across(head)])

    def _later_heads(self, row: int) -> list[int]:
        return [head for head in self.head_rows if self.first_rows <= head < row]

    def markdown(self, text: str, rows: Sequence[int] | None = None) -> str:
        """Return the table of a document's `text` in Markdown, or these of its rows, under its head.

        Below the head stand the later heads that hold for the first of these rows, and the lines across the table.
        Markdown knows no cells over several columns or rows. Each column has its whole head (`AUROC / internal`), and
        a cell over several rows or columns is written in each of them. A head that is repeated is written once.
        """
        head = [self._whole_head(text, column) for column in range(self.column_count)]
        lines = [head, ["---"] * self.column_count]
        before: tuple[list[str], ...] = tuple(self._written(text, row) for row in range(self.first_rows))
        shown = range(self.first_rows, self.row_count) if rows is None else rows
        first = [row for row in shown if row not in self.head_rows][:1]
        over = {head for row in first for head in (*self._sections(row), *self._heads_within(row)) if head < shown[0]}
        for row in (*sorted(over), *shown):
            written = self._written(text, row)
            if row >= self.first_rows and not (row in self.head_rows and written in before):
                lines.append(written)
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def _whole_head(self, text: str, column: int) -> str:
        heads = (self.at(row, column) for row in range(self.first_rows))
        return BETWEEN_HEADS.join(dict.fromkeys(_escaped(text, head) for head in heads if head is not None))

    def _written(self, text: str, row: int) -> list[str]:
        cells = [self.at(row, column) for column in range(self.column_count)]
        if self._across(row):
            cells[1:] = [None] * (self.column_count - 1)  # a line across the table is written once
        return ["" if cell is None else _escaped(text, cell) for cell in cells]


def _last_together(rows: list[int]) -> list[int]:
    """Return the last of these rows with those right above it."""
    return [row for n, row in enumerate(rows) if rows[-1] - row == len(rows) - 1 - n]


def _escaped(text: str, cell: Cell) -> str:
    words = text[cell.start : cell.end].replace("-\n", "-")
    return " ".join(words.split()).replace("|", "\\|")
