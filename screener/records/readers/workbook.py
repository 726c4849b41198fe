"""Excel files, read in a process of their own that no file can bring down with the program."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

from ...core.errors import BadInput
from .tables import Row, columns_by_field

MEMORY_MB = 2048
DEADLINE_S = 120.0


def sheet_rows(path: Path, remarks: list[str]) -> tuple[list[str], Sequence[Row]]:
    """Return the sheets of an Excel file as one table: its column names and its rows. All cells as text, empty ones as "".

    Sheets with a column of titles are read, or else the first one; `remarks` says which are, and which are not. Of columns
    without a name and of repeated ones each gets its own. Raises `BadInput` for what cannot be read.
    """
    sheets: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in map(json.loads, _worker_lines(path)):
        if isinstance(line, list):
            rows.append(line)
        elif "problem" in line:
            raise _unreadable(path, line["problem"])
        else:
            rows = sheets[line["sheet"]] = []
    filled = {name: _table(lines) for name, lines in sheets.items() if lines}
    read = [name for name, (columns, _) in filled.items() if "title" in columns_by_field(columns)] or list(filled)[:1]
    if len(filled) > 1:
        counts = ", ".join(f"`{name}` ({len(filled[name][1]):,} rows)" for name in read)
        others = ", ".join(f"`{name}`" for name in filled if name not in read)
        remarks.append(
            f"sheets read: {counts}" + (f"; not read, for want of a column of titles: {others}" if others else "")
        )
    names: dict[str, str] = {}
    """By field, or by itself for an unknown column, what the first sheet that has it calls a column."""
    table: list[Row] = []
    for columns, lines in (filled[name] for name in read):
        fields = {column: field for field, column in columns_by_field(columns).items()}
        own = {column: names.setdefault(fields.get(column, f"\x00{column}"), column) for column in columns}
        table += [{own[column]: cell for column, cell in line.items()} for line in lines]
    return list(dict.fromkeys(names.values())), table


def _table(lines: Sequence[list[str]]) -> tuple[list[str], list[Row]]:
    names = [name or f"Unnamed: {number}" for number, name in enumerate(lines[0])]
    columns: dict[str, None] = {}
    for name in names:
        numbered = (f"{name}.{repeat}" for repeat in count(1))
        taken = columns.keys() | set(names) if name in columns else set[str]()
        columns[next(free for free in chain([name], numbered) if free not in taken)] = None
    return list(columns), [dict(zip(columns, cells, strict=False)) for cells in lines[1:]]


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
