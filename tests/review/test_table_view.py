"""A table of extracted data as somebody looks at it: sorted, and with the rows that fit."""

from typing import Any

import pytest

from screener.core.errors import BadInput
from screener.reporting.drawing import Drawing
from screener.reporting.tables import SynthesisTable
from screener.reporting.tables.table import CellCounts, TableCell
from screener.review.table_view import EMPTY, TableView

ROWS: list[tuple[str, Any, str]] = [
    ("b", 10, "Drug A"),
    ("a", 9, "drug b"),
    ("c", None, ""),
    ("d", "other: many", "Drug A"),
]


@pytest.fixture
def table() -> SynthesisTable:
    rows = [{"id": TableCell(i), "n": TableCell(n), "arm": TableCell(arm, arm, "person")} for i, n, arm in ROWS]
    drawing = Drawing(1, 1, "Arms", "All of them")
    return SynthesisTable("arms", "Arms", ("id", "n", "arm"), rows, CellCounts(), drawing=drawing)


def names(table: SynthesisTable, **how: Any) -> list[str]:
    return [str(row["id"].value) for row in TableView(**how).of(table).rows]


def test_numbers_sort_before_texts_and_what_is_empty_comes_last_either_way(table: SynthesisTable) -> None:
    assert names(table) == ["b", "a", "c", "d"]
    assert names(table, sort="n") == ["a", "b", "d", "c"]
    assert names(table, sort="n", descending=True) == ["d", "b", "a", "c"]


def test_rows_have_all_words_somewhere_and_the_value_in_its_column(table: SynthesisTable) -> None:
    assert names(table, words="DRUG") == ["b", "a", "d"]
    assert names(table, words="drug many") == ["d"]
    assert names(table, column="arm", value="Drug A") == ["b", "d"]
    assert names(table, column="arm", value=EMPTY) == ["c"]
    assert names(table, column="n", value="") == ["b", "a", "c", "d"]
    assert TableView(column="arm").values(table) == [EMPTY, "Drug A", "drug b"]


def test_a_filtered_table_says_so_and_has_no_drawing_of_the_whole(table: SynthesisTable) -> None:
    filtered, sorted_ = TableView(words="drug").of(table), TableView(sort="n").of(table)
    assert (filtered.notes[-1].partition(",")[0], filtered.drawing) == ("3 of 4 rows", None)
    assert (sorted_.notes, sorted_.drawing) == ((), table.drawing)


def test_a_column_that_there_is_not_is_refused(table: SynthesisTable) -> None:
    for view in (TableView(sort="x"), TableView(column="x", value="1")):
        with pytest.raises(BadInput, match="no such column"):
            view.of(table)


def test_clicks_on_a_heading_go_up_then_down_then_back() -> None:
    up = TableView(words="w").by("n")
    down = up.by("n")
    assert (up.query(), down.query()) == ({"q": "w", "sort": "n"}, {"q": "w", "sort": "n", "down": "1"})
    assert down.by("n") == TableView(words="w")
    assert down.by("arm") == TableView(words="w", sort="arm")
