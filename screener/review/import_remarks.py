"""What is to be known of the files of an import and their rows, in words."""

from collections.abc import Iterator, Sequence

from ..core.words import counted
from ..ledger import Imported
from ..records import FileRead

_LINES = 200
"""Lines told of a file and kind of remark: more are a mistake in the file."""
_RANGES = 20
"""Rows, or runs of them, that are named a reason."""


def remarks_on_file(file: Imported) -> Iterator[str]:
    """Yield what is to be known of a file as a whole, a line each."""
    if file.earlier:
        yield f"the same file was imported before (import {file.earlier})"
    if file.repeated:
        yield f"{counted(file.repeated, 'row was', 'rows were')} imported before and left out"
    if file.restored:
        yield f"{counted(file.restored, 'row is', 'rows are')} back; the import had been taken back"
    yield from file.file.notes


def remarks_on(file: Imported) -> Iterator[str]:
    """Yield what is to be known of a file and its rows, a line each; of very many lines the first."""
    yield from remarks_on_file(file)
    rejected = rejected_rows(file.file)
    for lines, what in ((rejected, "reasons"), (file.conflicts, "conflicts")):
        yield from lines[:_LINES]
        if len(lines) > _LINES:
            yield f"… and {len(lines) - _LINES:,} more {what}; `--json` lists all"


def rejected_rows(file: FileRead) -> list[str]:
    """Return the rejected rows of a file, a line a reason."""
    by_reason: dict[str, list[int]] = {}
    for row in file.rejected:
        by_reason.setdefault(row.reason, []).append(row.row)
    return [f"{_row_numbers(rows)} rejected: {reason}" for reason, rows in by_reason.items()]


def _row_numbers(rows: Sequence[int]) -> str:
    """Return rows as people write them: `row 3`, `rows 3, 5–9 and 12`."""
    ranges: list[list[int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    shown = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in ranges[:_RANGES]]
    if len(ranges) > _RANGES:
        listed = sum(last - first + 1 for first, last in ranges[:_RANGES])
        return f"rows {', '.join(shown)} and {len(rows) - listed:,} more"
    return (
        "row " + shown[0]
        if len(rows) == 1
        else "rows " + (", ".join(shown[:-1]) + " and " if shown[:-1] else "") + shown[-1]
    )
