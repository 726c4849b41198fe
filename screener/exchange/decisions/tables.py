"""Decisions in tables: our own columns, a column a reviewer, and what Rayyan, Covidence and ASReview export."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from ...core.errors import BadInput
from ...core.judgement import Decision
from ...ledger import PEOPLE
from ...records import FAULT, identifying
from .cells import CellColumns, Row
from .decision_file import DecisionFile, DecisionFileRequest, DecisionRow, Opinion, decision_of, person_of
from .notes import is_rayyan, rayyan

_REVIEWER = re.compile(r"label_(reviewer_\w+)")
_RESOLVER = re.compile(r"label_((?:conflict_)?(?:resolver|adjudicator))")
# How Covidence names an exported list, and what it means that a record is in it.
_COVIDENCE = (
    (re.compile(r"(?:^|_)irrelevant(?:_|$)"), Decision.EXCLUDE),
    (re.compile(r"(?:^|_)excluded(?:_|$)"), Decision.EXCLUDE),
    (re.compile(r"(?:^|_)included(?:_|$)"), Decision.INCLUDE),
    (re.compile(r"(?:^|_)select(?:_|$)"), Decision.INCLUDE),
)
# What ASReview takes for a column of labels in a dataset, best first.
_ASREVIEW_LABELS = ("included", "label_included", "included_label", "included_final", "included_flag", "label")
_COVIDENCE_REASON = re.compile(r"Exclusion reason: *([^;]*)")


def read_named_columns(file: DecisionFileRequest) -> DecisionFile:
    """Read the columns that `--column` gives, as `reviewer` or `reviewer:adjudicator`, each with its reasons and criteria."""
    columns, _ = file.export.table
    names = _names(columns)
    for column in file.columns:
        if column.strip().lower() not in names:
            raise BadInput(
                f"--column: {file.export.path} has no column `{column}` (columns: {', '.join(columns[:12])})"
            )
    return _read_wide(
        file, {names[column.strip().lower()]: person_of(name, "--column") for column, name in file.columns.items()}
    )


def read_list(file: DecisionFileRequest) -> DecisionFile:
    """Read a list of what was decided alike, as a tool exports what it includes or excludes."""
    columns, _ = file.export.table
    assert file.decision is not None
    opinions = (Opinion(file.decision),)
    return _decision_file(_Table("list", file, foreign="covidence #" in _names(columns)), lambda _: opinions)


def read_plain(file: DecisionFileRequest) -> DecisionFile:
    """Read a table with a column `decision` and, if there are any, `reviewer`, `role`, `reason` and the criteria."""
    names = _names(file.export.table[0])
    used = tuple(names[name] for name in ("decision", "reviewer", "role") if name in names)
    if not {"status", "decided_by"} <= names.keys():
        return _decision_file(_Table("decisions", file, used), lambda row: _plain(row, names))
    # Our own export: what a machine suggests is in it too, and is no decision of anybody.
    status, open_rows = names["status"], list[Row]()

    def final(row: Row) -> tuple[Opinion, ...]:
        if str(row.get(status) or "").strip() == "final":
            return _plain(row, names)
        open_rows.append(row)
        return ()

    read = _decision_file(_Table("decisions", file, (*used, status, names["decided_by"])), final)
    remark = f"{len(open_rows):,} rows that are not final are left out: they are nobody's decisions"
    return replace(read, remarks=(*read.remarks, *([remark] if open_rows else [])))


def read_wide(file: DecisionFileRequest) -> DecisionFile:
    """Read a table with a column a reviewer, `label_reviewer_1` and so on, and of who resolved their conflicts."""
    people: dict[str, tuple[str, str]] = {}
    for pattern, role in ((_REVIEWER, "human"), (_RESOLVER, "adjudicator")):
        for name, column in _names(file.export.table[0]).items():
            if (match := pattern.fullmatch(name)) is not None:
                people[column] = match.group(1), role
    return _read_wide(file, people)


def read_rayyan(file: DecisionFileRequest) -> DecisionFile:
    """Read Rayyan's CSV, where everybody's decision is in a note of the record."""
    notes = _names(file.export.table[0])["notes"]
    table = _Table("Rayyan", file, (notes,), foreign=True)
    return _decision_file(table, lambda row: rayyan(str(row.get(notes) or "")))


def read_asreview(file: DecisionFileRequest) -> DecisionFile:
    """Read ASReview's table, and the one that `export --format asreview` writes."""
    names = _names(file.export.table[0])
    places = _AsreviewPlaces.of(names)
    return _decision_file(_Table("ASReview", file, astuple(places), foreign=True), lambda row: _asreview(row, places))


def read_covidence(file: DecisionFileRequest) -> DecisionFile:
    """Read a list of Covidence, whose name says what was decided."""
    path = file.export.path
    listed = next((decision for pattern, decision in _COVIDENCE if pattern.search(path.stem.lower())), None)
    if listed is None:
        raise BadInput(
            f"{path}: a list from Covidence does not say in its rows what was decided; "
            "say it with --decision include or --decision exclude"
        )
    notes = _names(file.export.table[0]).get("notes", "")
    return _decision_file(_Table("Covidence", file, (notes,), foreign=True), lambda row: _covidence(row, notes, listed))


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
    """Return whether a table is ASReview's: a dataset of it has a column `included`, or another name for it."""
    return bool(_AsreviewPlaces.of(_names(file.export.table[0])).label)


def is_covidence(file: DecisionFileRequest) -> bool:
    """Return whether a table is a list of Covidence."""
    return "covidence #" in _names(file.export.table[0])


def _names(columns: Sequence[str]) -> dict[str, str]:
    """Return the columns by their names without case."""
    return {column.strip().lower(): column for column in columns}


@dataclass(frozen=True)
class _Table:
    """A table that a reader reads. `used` are the columns that it reads itself, `foreign` whether its ids are the tool's."""

    format: str
    file: DecisionFileRequest
    used: tuple[str, ...] = ()
    foreign: bool = False


def _decision_file(table: _Table, opinions: Callable[[Row], tuple[Opinion, ...]]) -> DecisionFile:
    """Read every row: what identifies its record, and its opinions with the reason and the criteria in its cells."""
    columns, rows = table.file.export.table
    fields, cells = identifying(columns), CellColumns(columns, table.file.criteria)
    decision_rows = []
    for number, row in enumerate(rows, start=1):
        record = {field: row.get(column) for field, column in fields.items()}
        if FAULT in row:
            decision_rows.append(DecisionRow(number, record, fault=str(row[FAULT])))
            continue
        try:
            decision_rows.append(DecisionRow(number, record, cells.attribute(row, opinions(row))))
        except BadInput as error:
            decision_rows.append(DecisionRow(number, record, fault=str(error)))
    unused = cells.unused(columns, (*fields.values(), *table.used))
    return DecisionFile(table.format, tuple(decision_rows), table.foreign, unused, cells.remarks())


def _read_wide(file: DecisionFileRequest, people: Mapping[str, tuple[str, str]]) -> DecisionFile:
    """Read a column a person, given with name and role; beside it may stand their reasons and criteria."""
    columns = file.export.table[0]
    cells = CellColumns(columns, file.criteria)
    places = {column: cells.of_person(column, name) for column, (name, _) in people.items()}
    used = (*people, *(column for place in places.values() for column in place.columns))

    def opinions(row: Row) -> tuple[Opinion, ...]:
        written = []
        for column, (name, role) in people.items():
            try:
                decision = decision_of(row.get(column))
            except BadInput as error:
                raise BadInput(f"{column}: {error}") from None
            if decision is not None:
                written.append(cells.read(row, places[column]).added_to(Opinion(decision, name, role)))
        return tuple(written)

    return _decision_file(_Table("columns", file, used), opinions)


def _plain(row: Row, names: Mapping[str, str]) -> tuple[Opinion, ...]:
    decision = decision_of(row.get(names["decision"]))
    if decision is None:
        return ()
    reviewer = str(row.get(names.get("reviewer", "")) or "").strip()
    role = str(row.get(names.get("role", "")) or "").strip().lower() or "human"
    if role not in PEOPLE:
        raise BadInput(f"role: `{role}` is neither human nor adjudicator")
    if reviewer.rpartition(":")[2].strip().lower() in PEOPLE:
        reviewer, role = person_of(reviewer, "reviewer")
    return (Opinion(decision, reviewer or None, role),)


@dataclass(frozen=True)
class _AsreviewPlaces:
    """The columns of ASReview's table; empty where it has none of the kind."""

    label: str
    user: str
    note: str

    @classmethod
    def of(cls, names: Mapping[str, str]) -> "_AsreviewPlaces":
        """Find them by their names. A column `included` counts only beside what a dataset has of a record."""
        first = "asreview_label" if "asreview_label" in names else ""
        labels = [name for name in _ASREVIEW_LABELS if name in names]
        dataset = "record_id" in names or {"title", "abstract"} <= names.keys()
        if not first and labels and (dataset or any(name.startswith("asreview_") for name in names)):
            first = labels[0]
        note = next((names[name] for name in ("asreview_note", "notes") if name in names), "")
        return cls(names.get(first, ""), names.get("asreview_user_name", ""), note)


def _asreview(row: Row, places: _AsreviewPlaces) -> tuple[Opinion, ...]:
    decision = decision_of(row.get(places.label))
    if decision is None:
        return ()
    name = str(row.get(places.user) or "").strip()
    return (Opinion(decision, name or None, reason=str(row.get(places.note) or "").strip()),)


def _covidence(row: Row, notes: str, listed: Decision) -> tuple[Opinion, ...]:
    reason = _COVIDENCE_REASON.search(str(row.get(notes) or "")) if notes else None
    return (Opinion(listed, reason=reason.group(1).strip() if reason else ""),)
