"""Decisions in tables: our own columns, a column a reviewer, and what Rayyan, Covidence and ASReview export."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Decision
from ...records import FAULT, identifying
from .decision_file import DecisionFile, DecisionFileRequest, DecisionRow, Opinion, decision_of
from .notes import is_rayyan, rayyan

Row = Mapping[str, Any]
_REVIEWER = re.compile(r"label_(reviewer_\w+)")
_RESOLVER = re.compile(r"label_((?:conflict_)?(?:resolver|adjudicator))")
# How Covidence names an exported list, and what it means that a record is in it.
_COVIDENCE = (
    (re.compile(r"(?:^|_)irrelevant(?:_|$)"), Decision.EXCLUDE),
    (re.compile(r"(?:^|_)excluded(?:_|$)"), Decision.EXCLUDE),
    (re.compile(r"(?:^|_)included(?:_|$)"), Decision.INCLUDE),
    (re.compile(r"(?:^|_)select(?:_|$)"), Decision.INCLUDE),
)
_COVIDENCE_REASON = re.compile(r"Exclusion reason: *([^;]*)")


def read_named_columns(file: DecisionFileRequest) -> DecisionFile:
    """Read the columns that `--column` gives, as `reviewer` or `reviewer:adjudicator`."""
    columns, rows = file.export.table
    names = _names(columns)
    for column in file.columns:
        if column.strip().lower() not in names:
            raise BadInput(
                f"--column: {file.export.path} has no column `{column}` (columns: {', '.join(columns[:12])})"
            )
    people = {names[column.strip().lower()]: _person(name) for column, name in file.columns.items()}
    return _decision_file("columns", rows, columns, lambda row: _wide(row, people))


def read_list(file: DecisionFileRequest) -> DecisionFile:
    """Read a list of what was decided alike, as a tool exports what it includes or excludes."""
    columns, rows = file.export.table
    assert file.decision is not None
    opinions = (Opinion(file.decision),)
    return _decision_file("list", rows, columns, lambda _: opinions, foreign="covidence #" in _names(columns))


def read_plain(file: DecisionFileRequest) -> DecisionFile:
    """Read a table with a column `decision` and, if there are any, `reviewer`, `reason` and the criteria."""
    columns, rows = file.export.table
    names = _names(columns)
    return _decision_file("decisions", rows, columns, lambda row: _plain(row, names), whole=True)


def read_wide(file: DecisionFileRequest) -> DecisionFile:
    """Read a table with a column a reviewer, `label_reviewer_1` and so on, and of who resolved their conflicts."""
    columns, rows = file.export.table
    people: dict[str, tuple[str, str]] = {}
    for pattern, role in ((_REVIEWER, "human"), (_RESOLVER, "adjudicator")):
        for name, column in _names(columns).items():
            if (match := pattern.fullmatch(name)) is not None:
                people[column] = match.group(1), role
    return _decision_file("columns", rows, columns, lambda row: _wide(row, people))


def read_rayyan(file: DecisionFileRequest) -> DecisionFile:
    """Read Rayyan's CSV, where everybody's decision is in a note of the record."""
    columns, rows = file.export.table
    notes = _names(columns)["notes"]
    return _decision_file("Rayyan", rows, columns, lambda row: rayyan(str(row.get(notes) or "")), foreign=True)


def read_asreview(file: DecisionFileRequest) -> DecisionFile:
    """Read ASReview's table."""
    columns, rows = file.export.table
    names = _names(columns)
    return _decision_file("ASReview", rows, columns, lambda row: _asreview(row, names), foreign=True)


def read_covidence(file: DecisionFileRequest) -> DecisionFile:
    """Read a list of Covidence, whose name says what was decided."""
    path, (columns, rows) = file.export.path, file.export.table
    listed = next((decision for pattern, decision in _COVIDENCE if pattern.search(path.stem.lower())), None)
    if listed is None:
        raise BadInput(
            f"{path}: a list from Covidence does not say in its rows what was decided; "
            "say it with --decision include or --decision exclude"
        )
    notes = _names(columns).get("notes", "")
    return _decision_file("Covidence", rows, columns, lambda row: _covidence(row, notes, listed), foreign=True)


def has_decisions(file: DecisionFileRequest) -> bool:
    """Return whether a table has a column `decision`."""
    return "decision" in _names(file.export.table[0])


def has_reviewers(file: DecisionFileRequest) -> bool:
    """Return whether a table has a column a reviewer."""
    return any(_REVIEWER.fullmatch(name) for name in _names(file.export.table[0]))


def has_rayyan_notes(file: DecisionFileRequest) -> bool:
    """Return whether notes of a table were written by Rayyan."""
    columns, rows = file.export.table
    notes = _names(columns).get("notes")
    return notes is not None and any(is_rayyan(str(row.get(notes) or "")) for row in rows)


def has_asreview_labels(file: DecisionFileRequest) -> bool:
    """Return whether a table is ASReview's."""
    names = _names(file.export.table[0])
    return "asreview_label" in names or ("included" in names and any(name.startswith("asreview_") for name in names))


def is_covidence(file: DecisionFileRequest) -> bool:
    """Return whether a table is a list of Covidence."""
    return "covidence #" in _names(file.export.table[0])


def _names(columns: Sequence[str]) -> dict[str, str]:
    """Return the columns by their names without case."""
    return {column.strip().lower(): column for column in columns}


def _person(text: str) -> tuple[str, str]:
    name, _, role = text.partition(":")
    if role not in ("", "human", "adjudicator"):
        raise BadInput(f"--column: `{role}` is neither human nor adjudicator")
    return name.strip(), role or "human"


def _decision_file(
    format: str,
    rows: Sequence[Row],
    columns: Sequence[str],
    opinions: Callable[[Row], tuple[Opinion, ...]],
    *,
    foreign: bool = False,
    whole: bool = False,
) -> DecisionFile:
    decision_rows = []
    fields = identifying(columns)
    for number, row in enumerate(rows, start=1):
        record = {field: row.get(column) for field, column in fields.items()}
        if FAULT in row:
            decision_rows.append(DecisionRow(number, record, fault=str(row[FAULT])))
            continue
        cells = {column.strip().lower(): row.get(column) for column in columns} if whole else {}
        try:
            decision_rows.append(DecisionRow(number, record, opinions(row), cells))
        except BadInput as error:
            decision_rows.append(DecisionRow(number, record, fault=str(error)))
    return DecisionFile(format, tuple(decision_rows), foreign)


def _plain(row: Row, names: Mapping[str, str]) -> tuple[Opinion, ...]:
    decision = decision_of(row.get(names["decision"]))
    if decision is None:
        return ()
    reviewer = str(row.get(names.get("reviewer", "")) or "").strip()
    return (Opinion(decision, reviewer or None, reason=str(row.get(names.get("reason", "")) or "").strip()),)


def _wide(row: Row, people: Mapping[str, tuple[str, str]]) -> tuple[Opinion, ...]:
    opinions = []
    for column, (name, role) in people.items():
        try:
            decision = decision_of(row.get(column))
        except BadInput as error:
            raise BadInput(f"{column}: {error}") from None
        if decision is not None:
            opinions.append(Opinion(decision, name, role))
    return tuple(opinions)


def _asreview(row: Row, names: Mapping[str, str]) -> tuple[Opinion, ...]:
    cell = row.get(names.get("asreview_label", names.get("included", "")))
    decision = decision_of(cell) if str(cell).strip() not in ("-1", "-1.0") else None
    if decision is None:
        return ()
    name = str(row.get(names.get("asreview_user_name", "")) or "").strip()
    return (Opinion(decision, name or None, reason=str(row.get(names.get("asreview_note", "")) or "").strip()),)


def _covidence(row: Row, notes: str, listed: Decision) -> tuple[Opinion, ...]:
    reason = _COVIDENCE_REASON.search(str(row.get(notes) or "")) if notes else None
    return (Opinion(listed, reason=reason.group(1).strip() if reason else ""),)
