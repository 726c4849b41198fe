"""Labelled sets: records with a label each, as ASReview's and SYNERGY's data sets hold them, read for a simulation.

Nothing is merged or mended: duplicates, titles without abstracts and missing text stay as they are in the file.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BadInput
from ..core.judgement import Decision
from ..records import FAULT, Export, entry_of, looks_like_ris, parse_ris
from ..records.normalise import year
from ..records.readers.columns import Row, columns_by_field
from .decisions.decision_file import Opinion, decision_of
from .decisions.notes import asreview, rayyan

LABELS = (
    "label_included", "included", "included_label", "final_included", "included_final", "label_final", "included_flag",
    "asreview_label", "include", "label", "decision", "label_abstract_screening", "label_abstract_included",
    "label_abstract", "abstract_label",
)  # fmt: skip
"""Columns that are taken for the label, the first that is there: the final decision before that on the abstract."""
_WORDS = {"true": True, "false": False, "y": True, "n": False}


@dataclass(frozen=True)
class LabelledRecord:
    """A record of a labelled set. `row` is its place among the file's records, from 0; `id` the file's own, or empty."""

    row: int
    id: str
    title: str
    abstract: str
    year: int | None
    kept: bool
    votes: tuple[float, ...] = ()
    """What other reviewers said, a column each: the probability of being kept; NaN where it says nothing."""


@dataclass(frozen=True)
class LabelledSet:
    """A file of labelled records. `label` says where the labels come from, `remarks` what is to be told of the file."""

    records: tuple[LabelledRecord, ...]
    label: str
    rows: int
    """Records in the file, those without a label too."""
    remarks: tuple[str, ...] = ()


def read_labelled_set(path: Path, label: str = "", votes: Sequence[str] = ()) -> LabelledSet:
    """Read a table (CSV, TSV, spreadsheet, JSON) with a column of labels, or RIS with ASReview's or Rayyan's notes.

    `label` names the column, where another one is meant than the first of `LABELS`; `votes` are columns with what other
    reviewers said, in words or as a probability. Raises `BadInput` for a file without titles or labels, or without a
    column that is named, and for a cell that is none of these.
    """
    export = Export.of(path)
    if not export.raw.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise BadInput(f"{path}: the file is empty")
    if not export.is_workbook and looks_like_ris(export.text):
        if label or votes:
            raise BadInput(f"{path}: RIS has no columns, so --label and --votes need a table")
        return _from_ris(export)
    columns, rows = export.table
    fields = {field: found[0] for field, found in columns_by_field(columns).items()}
    if "title" not in fields:
        raise BadInput(f"{path}: no column is a title (columns: {', '.join(columns[:8]) or 'none'}); name one `title`")
    column = _column(path, columns, label, "--label")
    voted = [_column(path, columns, name, "--votes") for name in votes]
    found, bad = list[LabelledRecord](), list[int]()
    for number, row in enumerate(rows):
        if FAULT in row:
            bad.append(number)
            continue
        kept = _kept(path, number, column, row)
        said = tuple(_vote(path, number, name, row) for name in voted)
        if kept is not None:
            id_, title, abstract = (_text(row, fields.get(name, "")) for name in ("given_id", "title", "abstract"))
            found.append(
                LabelledRecord(number, id_, title, abstract, year(row.get(fields.get("year", ""))), kept, said)
            )
    remarks = [f"{len(bad):,} rows could not be read and are left out"] if bad else []
    return _checked(path, LabelledSet(tuple(found), column, len(rows), (*export.remarks, *remarks)), len(bad))


def _column(path: Path, columns: Sequence[str], name: str, option: str) -> str:
    """Return the column of that name, or that of the labels where none is named."""
    by_name = {column.strip().lower().replace(" ", "_"): column for column in columns}
    wanted = [name.strip().lower().replace(" ", "_")] if name else LABELS
    found = next((by_name[known] for known in wanted if known in by_name), None)
    if found is None:
        told = f"no column `{name}`" if name else "no column of labels, such as `label_included`"
        raise BadInput(f"{path}: {told} (columns: {', '.join(columns[:12])}); name it with {option}")
    return found


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _kept(path: Path, number: int, column: str, row: Row) -> bool | None:
    """Return the label of a row; None where it has none."""
    word = _text(row, column).lower()
    if word in _WORDS:
        return _WORDS[word]
    try:
        decision = decision_of(word)
    except BadInput:
        raise BadInput(
            f"{path}, record {number + 1}: `{column}` is `{word[:40]}`, which is no label; write 1 or 0"
        ) from None
    return None if decision is None else decision.kept


def _vote(path: Path, number: int, column: str, row: Row) -> float:
    """Return what a reviewer said of a record as the probability of being kept: 0.5 for unclear, NaN for nothing."""
    word = _text(row, column)
    try:
        probability = float(word)
    except ValueError:
        try:
            decision = decision_of(word)
        except BadInput:
            decision, probability = None, -2.0
        else:
            of = {None: math.nan, Decision.INCLUDE: 1.0, Decision.EXCLUDE: 0.0}
            return of.get(decision, 0.5)
    if probability == -1 or math.isnan(probability):
        return math.nan
    if not 0 <= probability <= 1:
        raise BadInput(
            f"{path}, record {number + 1}: `{column}` is `{word[:40]}`; write include, exclude, unclear or a probability"
        )
    return probability


def _from_ris(export: Export) -> LabelledSet:
    """Read RIS in whose notes ASReview or Rayyan keep labels; a record that anybody keeps counts as kept."""
    parsed_records = parse_ris(export.text).records
    found = []
    for number, parsed in enumerate(parsed_records):
        opinions = list(_opinions(parsed.all("N1")))
        if opinions:
            entry = entry_of(parsed, own_id=True)
            kept = any(opinion.decision.kept for opinion in opinions)
            found.append(LabelledRecord(number, entry.given_id or "", entry.title, entry.abstract, entry.year, kept))
    return _checked(export.path, LabelledSet(tuple(found), "notes", len(parsed_records), tuple(export.remarks)), 0)


def _opinions(notes: Sequence[str]) -> Iterator[Opinion]:
    plain = [note.removeprefix("<p>").removesuffix("</p>") for note in notes]
    yield from asreview(plain)
    yield from rayyan(" | ".join(plain))


def _checked(path: Path, read: LabelledSet, bad: int) -> LabelledSet:
    if not read.records:
        raise BadInput(f"{path}: no record has a label; a simulation needs records that people have judged")
    without = read.rows - len(read.records) - bad
    remarks = [f"{without:,} records without a label are left out"] if without else []
    return LabelledSet(read.records, read.label, read.rows, (*read.remarks, *remarks))
