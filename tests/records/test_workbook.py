"""Workbooks are read in a process of their own: the same cells as before, and no file ends the program."""

import datetime as dt
import random
from pathlib import Path

import pytest
from support import Cli, Later
from support.records import WOS, needs_shared

from screener.core.errors import BadInput
from screener.records import read_file
from screener.records.readers.workbook import sheet_rows

openpyxl, pd = Later("openpyxl"), Later("pandas")


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(path)
    return path


def endless(path: Path) -> Path:
    """A small workbook whose two cells are the corners of the largest sheet there can be."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "title", "far"  # type: ignore[index]
    book.save(path)
    return path


def test_cells_are_the_texts_that_pandas_makes_of_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ["Title", "Title", None, 2020, "Title.1"],
        ["A", "B", 1.0, 0.25, dt.datetime(2024, 3, 19, 7, 30)],
        [True, "", dt.date(2024, 3, 19), dt.time(7, 30), 10**15],
        [None, None, None, None, None],
        [" x\ny ", "=1+1", -3, 1e-9, "é"],
    )
    frame = pd.read_excel(path, engine="calamine", dtype=str, na_filter=False)
    columns, rows = sheet_rows(path, [], [])
    assert columns == list(map(str, frame.columns))
    assert [list(row.values()) for row in rows] == frame.to_numpy().tolist()


@needs_shared
def test_twenty_changed_bytes_end_no_program(tmp_path: Path) -> None:
    draw, path = random.Random(117), tmp_path / "damaged.xls"  # this one asks for more memory than there is
    content = bytearray((WOS / "ENGINEERING, MULTIDISCIPLINARY.xls").read_bytes())
    for _ in range(20):
        content[draw.randrange(len(content))] = draw.randrange(256)
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"damaged\.xls: cannot be read as a spreadsheet \(it is damaged, or needs more"):
        read_file(path)


def test_a_workbook_that_unpacks_without_end_stops_no_other_file_and_no_label_file(
    cli: Cli, blank: Path, tmp_path: Path
) -> None:
    good = workbook(tmp_path / "good.xlsx", ["title", "abstract"], ["Hearts of mice in the dark", "None were seen."])
    result = cli("import", endless(tmp_path / "endless.xlsx"), good)
    assert result.code == 2
    assert "1 record in the review" in result.out
    assert "endless.xlsx: cannot be read as a spreadsheet" in result.err
    labels = cli("label", "--stage", "abstract", "--reviewer", "ada", endless(tmp_path / "labels.xlsx"))
    assert (labels.code, "labels.xlsx: cannot be read as a spreadsheet" in labels.err) == (2, True), labels.err


def test_a_file_that_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screener.records.readers.workbook.DEADLINE_S", 0.001)
    with pytest.raises(BadInput, match=r"not read within 0\.001 s"):
        sheet_rows(workbook(tmp_path / "slow.xlsx", ["title"]), [], [])


def test_all_sheets_with_titles_are_read_and_the_others_are_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["title", "year"], ["One of them", 2020])
    book = openpyxl.load_workbook(path)
    for name, rows in {
        "Notes": [["by", "on"], ["ada", "Monday"]],
        "More": [["Title", "doi"], ["Two", "10.1000/2"]],
    }.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    file = read_file(path)
    assert [(hit.row, hit.entry.title, hit.entry.doi) for hit in file.hits] == [
        (1, "One of them", None),
        (2, "Two", "10.1000/2"),
    ]
    assert (
        "sheets read: `Sheet` (1 row), `More` (1 row); not read, for want of a column of titles: `Notes`" in file.notes
    )


def test_a_rejected_row_is_named_with_its_sheet_where_several_are_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["title", "year"], ["One of them", 2020], ["", 2021], ["Two", 2022])
    assert [bad.reason for bad in read_file(path).rejected] == ["there is no title, abstract or identifier"]
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("More")
    for row in (["title", "year"], ["", 2020], ["Three", 2021], ["", 2022]):
        sheet.append(row)
    book.save(path)
    assert [(bad.row, bad.reason) for bad in read_file(path).rejected] == [
        (2, "in sheet `Sheet` (rows 1 to 3): there is no title, abstract or identifier"),
        (4, "in sheet `More` (rows 4 to 6): there is no title, abstract or identifier"),
        (6, "in sheet `More` (rows 4 to 6): there is no title, abstract or identifier"),
    ]


def test_a_cell_far_off_makes_no_table_of_millions_of_empty_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cell, text in {"A1": "title", "C1": "abstract", "A2": "Mice", "C2": "None.", "XFD700": "far"}.items():
        book.active[cell] = text  # type: ignore[index]
    book.save(tmp_path / "far.xlsx")
    columns, rows = sheet_rows(tmp_path / "far.xlsx", [], [])
    assert (columns, len(rows)) == (["title", "abstract", "Unnamed: 2"], 699)
    assert [list(row.values()) for row in (rows[0], rows[-1])] == [["Mice", "None.", ""], ["", "", "far"]]
