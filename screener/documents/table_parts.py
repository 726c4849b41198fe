"""The parts in which a table is shown: whole, or where it is long divided between rows, each under caption and heads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .model import Block, Document, Kind
from .tables import Table


@dataclass(frozen=True)
class TablePart:
    """A part of a table: where its rows stand in the text (with the caption beside them), and how it is shown."""

    start: int
    end: int
    shown: str


_Row = tuple[int, Block]
"""The number of a row in its table, and its block."""


def parts_of_tables(document: Document, limit: int) -> dict[int, list[TablePart]]:
    """Return the tables of a document in parts of at most `limit` characters without caption, by where the first begins.

    A part has one row at least, and none of another page.
    """
    beginnings = {table.row_start(row): (table, row) for table in document.tables for row in range(table.row_count)}
    found: dict[int, list[TablePart]] = {}
    run: list[_Row] = []
    current: Table | None = None
    for block in (*document.blocks, None):
        table, row = beginnings.get(block.start, (None, 0)) if block and block.kind is Kind.TABLE_ROW else (None, 0)
        same = bool(run) and block is not None and document.page_of(block.start) == document.page_of(run[0][1].start)
        if current is not None and (table is not current or not same):
            parts = _with_caption(document, current, list(_parts(document, current, run, limit)))
            found[parts[0].start] = parts
            run = []
        current = table
        if block is not None and table is not None:
            run.append((row, block))
    return found


def _parts(document: Document, table: Table, rows: Sequence[_Row], limit: int) -> Iterator[TablePart]:
    first = 0
    for n in range(1, len(rows) + 1):
        whole = n == len(rows)
        if whole or len(table.markdown(document.text, [row for row, _ in rows[first : n + 1]])) > limit:
            shown = table.markdown(document.text, [row for row, _ in rows[first:n]])
            yield TablePart(rows[first][1].start, rows[n - 1][1].end, shown)
            first = n


def _with_caption(document: Document, table: Table, parts: list[TablePart]) -> list[TablePart]:
    """Return the parts under the table's caption, which belongs to the first or last where it stands beside it."""
    if table.caption is None:
        return parts
    start, end = table.caption
    parts = [replace(part, shown=f"{document.text[start:end]}\n\n{part.shown}") for part in parts]
    if end <= parts[0].start and not document.text[end : parts[0].start].strip():
        parts[0] = replace(parts[0], start=start)
    elif start >= parts[-1].end and not document.text[parts[-1].end : start].strip():
        parts[-1] = replace(parts[-1], end=end)
    return parts
