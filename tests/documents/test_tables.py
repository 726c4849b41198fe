"""Tables as grids: cells with their heads, and what a chat model is shown of them."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from screener.documents import Block, Cell, Document, EvidenceTexts, Kind, Quote, Table, passages_of
from screener.documents.pages.sections import GridCell, GridTable, LineRow, PageRows, Piece
from screener.documents.pages.writing import write
from screener.documents.passages import TABLE

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


def test_beside_what_is_left_out_a_part_of_a_name_is_not_the_name() -> None:
    text, table = grid(
        ("Contrastive", 0, 0, 1, 1, True), ("0.757", 0, 1, 1, 1, False), ("0.843", 0, 2, 1, 1, False),
        ("Contrastive multi-lead coding (Birch et al., 2020)", 1, 0, 1, 1, True), ("0.728", 1, 1, 1, 1, False),
        ("0.782 (0.7–0.8)", 1, 2, 1, 1, False),
    )  # fmt: skip
    texts = EvidenceTexts(
        {"main": text}, {"main": Document(text=text, pages=(0,), blocks=(), tables=(table,), reader="")}
    )
    for quote, found in (
        ("Contrastive … 0.843", True), ("Contrastive multi-lead coding … 0.782", True), ("Contrastive … 0.782", False),
        ("multi-lead coding … 0.782", False), ("0.728 (0.7", False),
    ):  # fmt: skip
        assert (texts.find(Quote(quote)).start is not None) is found, quote


def test_every_row_as_it_is_shown_is_found() -> None:
    text, table = grid(
        ("Model", 0, 0, 1, 1, True), ("a", 0, 1, 1, 1, True), ("b", 0, 2, 1, 1, True), ("c", 0, 3, 1, 1, True),
        ("Ours", 1, 0, 2, 1, True), ("0.72 ± 0.01", 1, 1, 1, 1, False), ("–", 1, 2, 1, 1, False),
        ("0.79", 1, 3, 1, 1, False), ("=0.65", 2, 1, 1, 1, False), ("=0.75", 2, 2, 1, 1, False),
        ("a|b", 2, 3, 1, 1, False),
    )  # fmt: skip
    texts = EvidenceTexts(
        {"main": text}, {"main": Document(text=text, pages=(0,), blocks=(), tables=(table,), reader="")}
    )
    for line in table.markdown(text).splitlines()[2:]:
        assert texts.find(Quote(line)).start is not None, line


def test_a_part_of_a_table_is_shown_under_its_head() -> None:
    text, table = grid(*RESULTS)
    assert table.markdown(text, [4]).splitlines() == [
        "| Model | AUROC / internal | AUROC / external | F1 |",
        "| --- | --- | --- | --- |",
        "| Tuned on 1 % |  |  |  |",
        "| Ours\\|L | 0.90 |  | 0.6 |",
    ]


def test_a_part_of_a_table_is_shown_under_the_heads_within_it_too() -> None:
    within = (("Group", 5, 0, 1, 1, True), ("Sens", 5, 1, 1, 1, True), ("Spec", 5, 2, 1, 1, True))
    across = ("Second ward", 6, 0, 1, 4, True)
    rows = (
        ("Ours", 7, 0, 1, 1, True),
        ("0.71", 7, 1, 1, 1, False),
        ("Theirs", 8, 0, 1, 1, True),
        ("0.52", 8, 1, 1, 1, False),
    )
    text, table = grid(*RESULTS, *within, across, *rows)
    assert table.markdown(text, [8]).splitlines()[2:] == [
        "| Group | Sens | Spec |  |",
        "| Second ward |  |  |  |",
        "| Theirs | 0.52 |  |  |",
    ]
    assert table.markdown(text, [6, 7]).splitlines()[2:] == [
        "| Group | Sens | Spec |  |",
        "| Second ward |  |  |  |",
        "| Ours | 0.71 |  |  |",
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
    assert table.cell_at(text.index("0.88")) is not None
    assert table.cell_at(text.index("\t")) is None
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


def results(rows: int = 1) -> Document:
    """Return a document with a caption, a table, and a line of text behind it."""
    text, table = grid(
        ("Model", 0, 0, 1, 1, True), ("Set", 0, 1, 1, 1, True), ("AUROC", 0, 2, 1, 1, True), ("F1", 0, 3, 1, 1, True),
        *(
            cell
            for n in range(rows)
            for cell in (
                (f"Ours-{n}", 1 + 2 * n, 0, 2, 1, True), ("ward", 1 + 2 * n, 1, 1, 1, False),
                (f"0.{n}13 (0.{n}02–0.{n}21)", 1 + 2 * n, 2, 1, 1, False), (f"0.{n}7", 1 + 2 * n, 3, 1, 1, False),
                ("home", 2 + 2 * n, 1, 1, 1, False), (f"0.{n}88", 2 + 2 * n, 2, 1, 1, False),
                (f"0.{n}6", 2 + 2 * n, 3, 1, 1, False),
            )
        ),
    )  # fmt: skip
    caption = "Table 1. What it reached.\n\n"
    moved = tuple(
        cell.model_copy(update={"start": cell.start + len(caption), "end": cell.end + len(caption)})
        for cell in table.cells
    )
    text = f"{caption}{text}\n\nAll was well."
    blocks = [Block(start=0, end=25, kind=Kind.CAPTION, section="Results")]
    for row in range(table.row_count):
        own = [cell for cell in moved if cell.row == row]
        blocks.append(Block(start=own[0].start, end=own[-1].end, kind=Kind.TABLE_ROW, section="Results"))
    blocks.append(Block(start=len(text) - 13, end=len(text), kind=Kind.TEXT, section="Results"))
    table = Table(cells=moved, caption=(0, 25))
    return Document(text=text, pages=(0,), blocks=tuple(blocks), tables=(table,), reader="")


def test_a_table_is_one_passage_shown_in_markdown_under_its_caption() -> None:
    document = results()
    table, text = passages_of({"main": document})
    assert document.text[table.start : table.start + len(table.text)] == table.text
    assert table.text.startswith("Table 1. What it reached.")
    assert table.as_shown.splitlines() == [
        "Table 1. What it reached.",
        "",
        "| Model | Set | AUROC | F1 |",
        "| --- | --- | --- | --- |",
        "| Ours-0 | ward | 0.013 (0.002–0.021) | 0.07 |",
        "| Ours-0 | home | 0.088 | 0.06 |",
    ]
    assert (text.text, text.as_shown) == ("All was well.", "All was well.")


def test_a_long_table_is_divided_between_rows_and_each_part_has_caption_and_heads() -> None:
    document = results(40)
    *parts, text = passages_of({"main": document})
    assert len(parts) > 1
    assert text.text == "All was well."
    head = "Table 1. What it reached.\n\n| Model | Set | AUROC | F1 |\n| --- | --- | --- | --- |\n"
    assert all(part.shown.startswith(head) and len(part.shown) < 2 * TABLE for part in parts)
    rows = [row for part in parts for row in part.shown.removeprefix(head).splitlines()]
    assert rows == document.tables[0].markdown(document.text).splitlines()[2:]
    assert all(document.text[part.start : part.start + len(part.text)] == part.text for part in parts)
    assert all(below.start > above.start + len(above.text) - 1 for above, below in pairwise(parts))


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("| Ours-0 | ward | 0.013 (0.002–0.021) | 0.07 |", "Ours-0\tward\t0.013 (0.002–0.021)\t0.07"),
        ("| Ours-0 | home | 0.088 |", "home\t0.088"),
        ("Ours-0 … 0.013 (0.002–0.021)", "Ours-0\tward\t0.013 (0.002–0.021)"),
        ("| Ours-1 | ... | 0.188 |", "home\t0.188"),
        ("Ours-0 [...] 0.013", "Ours-0\tward\t0.013 (0.002–0.021)"),
        (
            "| Model | Set | AUROC | F1 |\n| --- | --- | --- | --- |\n| Ours-1 | home | 0.188 | 0.16 |",
            "home\t0.188\t0.16",
        ),
        ("Ours-0 … 0.188", None),  # a figure of another
        ("Ours-0 … 0.01", None),  # a number is never cut
        ("| Ours-0 | 0.088 |", None),  # what is left out is not said
        ("0.088 … Ours-0", None),
    ],
)
def test_a_quote_of_a_row_is_found_with_the_name_that_stands_above_it(quote: str, place: str | None) -> None:
    document = results(2)
    evidence = EvidenceTexts({"main": document.text}, {"main": document}).find(Quote(quote))
    found = None if evidence.start is None else document.text[evidence.start : evidence.end]
    assert found == place
