"""Excel files, read in a process of their own that no file can bring down with the program."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

from ..core.errors import BadInput
from .spreadsheet import Row

MEMORY_MB = 2048
DEADLINE_S = 120.0


def sheet_rows(path: Path) -> tuple[list[str], Sequence[Row]]:
    """Return the first sheet of an Excel file: its column names and its rows. All cells as text, empty ones as "".

    Of columns without a name and of repeated ones each gets its own. Raises `BadInput` for what cannot be read.
    """
    lines = [json.loads(line) for line in _worker_lines(path)]
    if lines and isinstance(lines[-1], dict):
        raise _unreadable(path, lines[-1]["problem"])
    if not lines:
        return [], []
    names = [name or f"Unnamed: {number}" for number, name in enumerate(lines[0])]
    columns: dict[str, None] = {}
    for name in names:
        numbered = (f"{name}.{repeat}" for repeat in count(1))
        taken = columns.keys() | set(names) if name in columns else set[str]()
        columns[next(free for free in chain([name], numbered) if free not in taken)] = None
    return list(columns), [dict(zip(columns, cells, strict=False)) for cells in lines[1:]]


def _worker_lines(path: Path) -> list[str]:
    package, python_path = str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")
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
