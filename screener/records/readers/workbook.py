"""Excel files, read in a process of their own that no file can bring down with the program."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from pathlib import Path

from ...core.errors import BadInput
from .columns import Row, columns_by_field, names_in
from .delimited import MOST_HEADINGS, headings_remark

MEMORY_MB = 2048
DEADLINE_S = 120.0


def sheet_rows(path: Path, remarks: list[str], sheets_read: list[tuple[str, int]]) -> tuple[list[str], Sequence[Row]]:
    """Return the sheets of a workbook as one table: its column names and its rows. All cells as text, empty ones as "".

    Sheets with a column of titles are read, hidden ones too, or else the first one; `remarks` says which are, which are not,
    and what stands above the column names; `sheets_read` gets their names and numbers of rows. Of columns without a name and of repeated ones each gets its own. Raises
    `BadInput` for what cannot be read.
    """
    sheets = [sheet for sheet in _sheets(path) if sheet.rows]
    read = [sheet for sheet in sheets if sheet.has_titles] or sheets[:1]
    if len(sheets) > 1:
        counts = ", ".join(f"{sheet.shown} ({_rows(len(sheet.records()))})" for sheet in read)
        others = ", ".join(sheet.shown for sheet in sheets if sheet not in read)
        remarks.append(
            f"sheets read: {counts}" + (f"; not read, for want of a column of titles: {others}" if others else "")
        )
    for sheet in read:
        if sheet.headings:
            where = f"sheet {sheet.shown}: " if len(sheets) > 1 else ""
            above = [" ".join(filter(None, cells)) for cells in sheet.rows[: sheet.headings]]
            remarks.append(where + headings_remark(above, sheet.headings))
    columns: dict[str, None] = {}
    by_field: dict[str, list[str]] = {}
    table: list[Row] = []
    for sheet in read:
        own = _common_names(sheet.columns, columns, by_field)
        lines = [{own[column]: cell for column, cell in line.items()} for line in sheet.records()]
        sheets_read.append((sheet.shown, len(lines)))
        table += lines
        columns |= dict.fromkeys(own.values())
        by_field = columns_by_field(list(columns))
    return list(columns), table


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _common_names(
    columns: Sequence[str], known: Collection[str], by_field: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Return what each column of a sheet is called in the common table.

    Its own name; or that of a column of the same field, where this sheet has none of that name.
    """
    names = {column: column for column in columns}
    for field, own in columns_by_field(columns).items():
        free = [name for name in by_field.get(field, ()) if name not in columns]
        for column in own:
            if column not in known and free:
                names[column] = free.pop(0)
    return names


@dataclass(frozen=True)
class _Sheet:
    """A sheet with its rows, all cells as texts."""

    name: str
    hidden: bool
    rows: list[list[str]]

    @property
    def shown(self) -> str:
        return f"`{self.name}`{' (hidden)' * self.hidden}"

    @cached_property
    def headings(self) -> int:
        """Return how many rows stand above the names of the columns."""
        known = [names_in(cells) for cells in self.rows[:MOST_HEADINGS]]
        best = max(range(len(known)), key=lambda number: (known[number], -number))
        # One known name below the first row is a word in a heading, unless all is one column.
        return best if known[best] > 1 or all(sum(map(bool, cells)) < 2 for cells in self.rows[: best + 1]) else 0

    @cached_property
    def _names(self) -> tuple[list[str], int]:
        """Return the names of the columns, and the row below them. Cells joined over two rows name columns in both."""
        cells, below = self.rows[self.headings], self.headings + 1
        if below < len(self.rows):
            second = self.rows[below]
            merged = [name or upper for upper, name in zip(cells, second, strict=False)]
            written = [name for name in second if name]
            if written and len(set(merged)) == len(merged) and names_in(cells) and _all_known(written, cells, second):
                cells, below = merged, below + 1
        return cells, below

    @cached_property
    def columns(self) -> list[str]:
        names = [name or f"Unnamed: {number}" for number, name in enumerate(self._names[0])]
        columns: dict[str, None] = {}
        for name in names:
            numbered = (f"{name}.{repeat}" for repeat in count(1))
            taken = columns.keys() | set(names) if name in columns else set[str]()
            columns[next(free for free in chain([name], numbered) if free not in taken)] = None
        return list(columns)

    @property
    def has_titles(self) -> bool:
        return "title" in columns_by_field(self.columns)

    def records(self) -> list[Row]:
        """Return the rows below the names, without empty ones at the end."""
        lines = self.rows[self._names[1] :]
        while lines and not any(cell.strip() for cell in lines[-1]):
            del lines[-1]
        return [dict(zip(self.columns, cells, strict=False)) for cells in lines]


def _all_known(written: Sequence[str], upper: Sequence[str], second: Sequence[str]) -> bool:
    """Return whether a row names columns only, and none that the row above it names."""
    known = {column for columns in columns_by_field(written).values() for column in columns}
    title = columns_by_field([name for name in upper if name]).get("title", [""])[0]
    return known == set(written) and title in upper and not second[upper.index(title)]


def _sheets(path: Path) -> list[_Sheet]:
    sheets: list[_Sheet] = []
    for line in map(json.loads, _worker_lines(path)):
        if isinstance(line, list):
            sheets[-1].rows.append(line)
        elif "problem" in line:
            raise _unreadable(path, line["problem"])
        else:
            sheets.append(_Sheet(line["sheet"], line.get("hidden", False), []))
    return sheets


def _worker_lines(path: Path) -> list[str]:
    package, python_path = str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": f"{package}{os.pathsep}{python_path}" if python_path else package}
    # The module's file rather than its name, which would import this package and take four times as long. -P: no module
    # is taken from the folder that the program happens to stand in.
    command = [sys.executable, "-P", str(Path(__file__).with_name("workbook_worker.py")), str(path.resolve())]
    try:
        done = subprocess.run(
            [*command, "--memory", str(MEMORY_MB)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment,
            timeout=DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _unreadable(path, f"it was not read within {DEADLINE_S:g} s") from None
    if done.returncode:
        raise _unreadable(path, f"it is damaged, or needs more than {MEMORY_MB} MB of memory")
    return done.stdout.decode("utf-8").splitlines()


def _unreadable(path: Path, problem: str) -> BadInput:
    return BadInput(f"{path}: cannot be read as a spreadsheet ({problem}); export it again, or as CSV")
