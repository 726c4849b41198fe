"""`python workbook_worker.py PATH`: the sheets of an Excel file, one row a line.

A line is `{"sheet": NAME, "hidden": BOOL}` before the rows of a sheet, a JSON array of texts for a row, or `{"problem": ...}` where the file
cannot be read. The library behind it asks for as much memory as a number in the file says, and ends its process where it gets
none: hence a process of its own.
"""

import argparse
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

from screener.core.worker_process import answers_only, limit_memory

MOST_CELLS = 10_000_000
"""Cells of a sheet that are read, about 100,000 records with 100 columns."""


def cell_text(value: object) -> str:
    """Return a cell as text: whole numbers without a point, days with a time of day, as Excel's own CSV would not."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return f"{value} 00:00:00"
    return str(value)


def without_far_cells(rows: Sequence[Sequence[object]]) -> Sequence[Sequence[object]]:
    """Return the rows of a sheet; of one with very many cells without the columns that are empty. Raises `ValueError` for too many.

    One cell far off makes a small file a table of millions of empty cells, for whose texts there is no memory.
    """
    if sum(map(len, rows)) > MOST_CELLS:
        used = sorted({place for row in rows for place, cell in enumerate(row) if cell != ""})
        if len(rows) * len(used) > MOST_CELLS:
            raise ValueError(f"a sheet has more than {MOST_CELLS:,} cells")
        rows = [[row[place] for place in used] for row in rows]
    return rows


def main() -> None:
    """Run the worker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--memory", type=int, default=0, help="limit of address space in MB; 0 for none")
    arguments = parser.parse_args()
    lines = answers_only()
    limit_memory(arguments.memory)
    try:
        from python_calamine import CalamineWorkbook, SheetVisibleEnum

        book = CalamineWorkbook.from_path(str(arguments.path))
        hidden = {sheet.name for sheet in book.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible}
        for name in book.sheet_names:
            print(json.dumps({"sheet": name, "hidden": name in hidden}), file=lines)
            for row in without_far_cells(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
                print(json.dumps([cell_text(cell) for cell in row]), file=lines)
    except MemoryError:
        raise
    except Exception as error:  # whatever a damaged file provokes is a problem of the file
        print(json.dumps({"problem": " ".join(str(error).split())[:150]}), file=lines)
    lines.close()


if __name__ == "__main__":
    main()
