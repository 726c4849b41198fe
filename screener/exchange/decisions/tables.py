"""Decisions in tables: our own columns, a column a reviewer, and what Rayyan, Covidence and ASReview export."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from ...core.judgement import Decision
from ...records.spreadsheet import FAULT, identifying
from .decision_file import FORMATS, DecisionFile, DecisionRow, Opinion, decision_of
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


def read_table(
    path: Path, columns: Sequence[str], rows: Sequence[Row], wanted: Mapping[str, str], decision: Decision | None
) -> DecisionFile:
    """The decisions of a table. `wanted` maps columns to `reviewer` or `reviewer:adjudicator`, as `--column` gives them.

    `decision` is that of every row, for a list that a tool exports of what it includes or excludes.
    """
    names = {column.strip().lower(): column for column in columns}
    if wanted:
        for column in wanted:
            if column.strip().lower() not in names:
                raise BadInput(f"--column: {path} has no column `{column}` (columns: {', '.join(columns[:12])})")
        people = {names[column.strip().lower()]: _person(said) for column, said in wanted.items()}
        return _each("columns", rows, columns, lambda row: _wide(row, people))
    if decision is not None:
        return _each("list", rows, columns, lambda _: (Opinion(decision),), foreign="covidence #" in names)
    if "decision" in names:
        return _each("decisions", rows, columns, lambda row: _plain(row, names), whole=True)
    people = {
        column: (found.group(1), "human") for name, column in names.items() if (found := _REVIEWER.fullmatch(name))
    }  # fmt: skip
    if people:
        people |= {
            column: (found.group(1), "adjudicator")
            for name, column in names.items()
            if (found := _RESOLVER.fullmatch(name))
        }
        return _each("columns", rows, columns, lambda row: _wide(row, people))
    notes = names.get("notes", "")
    if notes and any(is_rayyan(str(row.get(notes) or "")) for row in rows):
        return _each("Rayyan", rows, columns, lambda row: rayyan(str(row.get(notes) or "")), foreign=True)
    if "asreview_label" in names or ("included" in names and any(name.startswith("asreview_") for name in names)):
        return _each("ASReview", rows, columns, lambda row: _asreview(row, names), foreign=True)
    if "covidence #" in names:
        listed = next((what for pattern, what in _COVIDENCE if pattern.search(path.stem.lower())), None)
        if listed is None:
            raise BadInput(
                f"{path}: a list from Covidence does not say in its rows what was decided; "
                "say it with --decision include or --decision exclude"
            )
        return _each("Covidence", rows, columns, lambda row: _covidence(row, notes, listed), foreign=True)
    raise BadInput(
        f"{path}: no column is called `decision` (columns: {', '.join(columns[:8])}); can be read: {'; '.join(FORMATS)}; "
        "name columns with --column COLUMN=REVIEWER"
    )


def _person(said: str) -> tuple[str, str]:
    name, _, role = said.partition(":")
    if role not in ("", "human", "adjudicator"):
        raise BadInput(f"--column: `{role}` is neither human nor adjudicator")
    return name.strip(), role or "human"


def _each(
    format: str,
    rows: Sequence[Row],
    columns: Sequence[str],
    opinions: Callable[[Row], tuple[Opinion, ...]],
    *,
    foreign: bool = False,
    whole: bool = False,
) -> DecisionFile:
    made = []
    fields = identifying(columns)
    for number, row in enumerate(rows, start=1):
        record = {field: row.get(column) for field, column in fields.items()}
        if FAULT in row:
            made.append(DecisionRow(number, record, fault=str(row[FAULT])))
            continue
        cells = {column.strip().lower(): row.get(column) for column in columns} if whole else {}
        try:
            made.append(DecisionRow(number, record, opinions(row), cells))
        except BadInput as error:
            made.append(DecisionRow(number, record, fault=str(error)))
    return DecisionFile(format, tuple(made), foreign)


def _plain(row: Row, names: Mapping[str, str]) -> tuple[Opinion, ...]:
    decision = decision_of(row.get(names["decision"]))
    if decision is None:
        return ()
    reviewer = str(row.get(names.get("reviewer", "")) or "").strip()
    return (Opinion(decision, reviewer or None, reason=str(row.get(names.get("reason", "")) or "").strip()),)


def _wide(row: Row, people: Mapping[str, tuple[str, str]]) -> tuple[Opinion, ...]:
    made = []
    for column, (name, role) in people.items():
        try:
            decision = decision_of(row.get(column))
        except BadInput as error:
            raise BadInput(f"{column}: {error}") from None
        if decision is not None:
            made.append(Opinion(decision, name, role))
    return tuple(made)


def _asreview(row: Row, names: Mapping[str, str]) -> tuple[Opinion, ...]:
    cell = row.get(names.get("asreview_label", names.get("included", "")))
    decision = decision_of(cell) if str(cell).strip() not in ("-1", "-1.0") else None
    if decision is None:
        return ()
    name = str(row.get(names.get("asreview_user_name", "")) or "").strip()
    return (Opinion(decision, name or None, reason=str(row.get(names.get("asreview_note", "")) or "").strip()),)


def _covidence(row: Row, notes: str, listed: Decision) -> tuple[Opinion, ...]:
    told = _COVIDENCE_REASON.search(str(row.get(notes) or "")) if notes else None
    return (Opinion(listed, reason=told.group(1).strip() if told else ""),)
