"""Tables as grids: cells with their heads, and what a chat model is shown of them."""

from collections.abc import Sequence

import pytest

from screener.documents import Cell, Document, Kind, Table
from screener.documents.sections import GridCell, GridTable, LineRow, PageRows, Piece
from screener.documents.writing import write

Placed = tuple[str, int, int, int, int, bool]
"""Words, row, column, how many rows, how many columns, whether it is a head."""


def grid(*placed: Placed) -> tuple[str, Table]:
    """Return a text that holds these cells, and the table."""
    text, cells = "", []
    for words, row, column, rows, columns, head in placed:
        cells.append(
            Cell(start=len(text), end=len(text) + len(words), row=row, column=column, row_span=rows,
                 column_span=columns, head=head)
        )  # fmt: skip
        text += words + "\t"
    return text, Table(cells=tuple(cells))


RESULTS = (
    ("Model", 0, 0, 2, 1, True), ("AUROC", 0, 1, 1, 2, True), ("F1", 0, 3, 2, 1, True),
    ("internal", 1, 1, 1, 1, True), ("external", 1, 2, 1, 1, True),
    ("Tuned on 1 %", 2, 0, 1, 4, True),
    ("Ours|L", 3, 0, 2, 1, True), ("0.91", 3, 1, 1, 1, False), ("0.88", 3, 2, 1, 1, False), ("0.7", 3, 3, 1, 1, False),
    ("0.90", 4, 1, 1, 1, False), ("0.6", 4, 3, 1, 1, False),
)  # fmt: skip


def words(text: str, cells: Sequence[Cell]) -> list[str]:
    """Return the words of cells."""
    return [text[cell.start : cell.end] for cell in cells]


@pytest.mark.parametrize(
    ("row", "column", "rows", "columns"),
    [
        (3, 1, ["Tuned on 1 %", "Ours|L"], ["AUROC", "internal"]),
        (4, 3, ["Tuned on 1 %", "Ours|L"], ["F1"]),
        (3, 0, ["Tuned on 1 %"], ["Model"]),
        (1, 2, [], ["AUROC"]),
    ],
)
def test_a_value_has_the_heads_of_its_row_and_column(
    row: int, column: int, rows: list[str], columns: list[str]
) -> None:
    text, table = grid(*RESULTS)
    cell = table.at(row, column)
    assert cell is not None
    assert words(text, table.row_heads(cell)) == rows
    assert words(text, table.column_heads(cell)) == columns


def test_in_markdown_each_column_has_its_whole_head_and_each_row_its_own() -> None:
    text, table = grid(*RESULTS)
    assert table.markdown(text).splitlines() == [
        "| Model | AUROC / internal | AUROC / external | F1 |",
        "| --- | --- | --- | --- |",
        "| Tuned on 1 % |  |  |  |",
        "| Ours\\|L | 0.91 | 0.88 | 0.7 |",
        "| Ours\\|L | 0.90 |  | 0.6 |",
    ]


def test_a_part_of_a_table_is_shown_under_its_head() -> None:
    text, table = grid(*RESULTS)
    assert table.markdown(text, [4]).splitlines() == [
        "| Model | AUROC / internal | AUROC / external | F1 |",
        "| --- | --- | --- | --- |",
        "| Ours\\|L | 0.90 |  | 0.6 |",
    ]


def test_heads_that_are_repeated_on_the_next_page_are_written_once_and_keep_the_line_above_them() -> None:
    again = [(words, row + 5, *rest) for words, row, *rest in RESULTS[:5]]
    text, table = grid(*RESULTS, *again, ("Theirs", 7, 0, 1, 1, True), ("0.5", 7, 1, 1, 1, False))  # type: ignore[arg-type]
    assert table.head_rows == (0, 1, 2, 5, 6)
    assert table.markdown(text).splitlines()[-1] == "| Theirs | 0.5 |  |  |"
    assert len(table.markdown(text).splitlines()) == 6
    cell = table.at(7, 1)
    assert cell is not None
    assert words(text, table.row_heads(cell)) == ["Tuned on 1 %", "Theirs"]


def test_a_document_of_an_earlier_version_has_no_tables() -> None:
    text, table = grid(*RESULTS)
    document = Document(text=text, pages=(0,), blocks=(), tables=(table,), reader="")
    assert Document.model_validate_json(document.model_dump_json()) == document
    assert document.table_at(text.index("0.88")) == table
    assert document.table_at(text.index("\t")) is None
    stored = document.model_dump_json(exclude={"tables"})
    assert Document.model_validate_json(stored).tables == ()


def test_cells_of_a_grid_are_written_by_tabs_and_each_in_one_piece() -> None:
    def piece(text: str) -> Piece:
        return Piece(text, 0, 0, 0, 0, 0, 10)

    def row(*cells: GridCell) -> LineRow:
        return LineRow(
            [piece for cell in cells for piece in cell.pieces], kind=Kind.TABLE_ROW, opens=True, cells=list(cells)
        )

    caption = LineRow([piece("Table 1. What it reached.")], kind=Kind.CAPTION, opens=True, text="Table 1.")
    grid = GridTable(
        [
            row(GridCell([piece("AUROC")], 1, 2, head=True)),
            row(GridCell([piece("Ours")], 0, row_span=2, head=True), GridCell([piece("0.9 (0.8–"), piece("1.0)")], 1)),
            row(GridCell([piece("trans-"), piece("former")], 2)),
        ],
        [caption],
    )
    written = write([PageRows([caption, *grid.rows], 0, 0, tables=[grid])])
    assert written.text == "Table 1. What it reached.\n\n\tAUROC\nOurs\t0.9 (0.8– 1.0)\n\t\ttrans-\nformer"
    (table,) = written.tables
    assert words(written.text, table.cells) == ["AUROC", "Ours", "0.9 (0.8– 1.0)", "trans-\nformer"]
    assert table.caption == (0, 25)
    assert [written.text[block.start : block.end] for block in written.blocks][1:] == [
        "AUROC", "Ours\t0.9 (0.8– 1.0)", "trans-\nformer",
    ]  # fmt: skip
