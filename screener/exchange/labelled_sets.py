"""Labelled sets: records with a label each, as ASReview's and SYNERGY's data sets hold them, read for a simulation.

Nothing is merged or mended: duplicates, titles without abstracts and missing text stay as they are in the file.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import BadInput
from ..core.judgement import Decision
from ..records import FAULT, Export, entry_of, looks_like_ris, parse_ris
from ..records.normalise import year
from ..records.readers.columns import Row, columns_by_field
from .decisions.decision_file import Opinion, decision_of
from .decisions.notes import asreview, rayyan

FINAL_LABELS = (
    "asreview_label", "label_included", "included", "included_label", "final_included", "included_final", "label_final",
    "included_flag", "include", "label", "decision",
)  # fmt: skip
"""Columns of final decisions. Of several that are there, the one with the most labels counts, and of equals the first: an
export of ASReview has what people decided in it beside the file's own column."""
ABSTRACT_LABELS = ("label_abstract_screening", "label_abstract_included", "label_abstract", "abstract_label")
"""Columns of decisions on title and abstract, which count where there are no final ones."""
_IDS = ("given_id", "accession", "pmid", "doi")
"""What names a record in the file, the first of them that it has: in SYNERGY the id of Lens or OpenAlex."""
_WORDS = {"true": Decision.INCLUDE, "false": Decision.EXCLUDE, "y": Decision.INCLUDE, "n": Decision.EXCLUDE}


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


def read_labelled_set(path: Path, label: str = "", votes: Sequence[str] = (), encoding: str = "") -> LabelledSet:
    """Read a table (CSV, TSV, spreadsheet, JSON) with a column of labels, or RIS with ASReview's or Rayyan's notes.

    `label` names the column, where another one is meant than that of `FINAL_LABELS` or `ABSTRACT_LABELS`; `votes` are
    columns with what other reviewers said, in words or as a probability; `encoding` is that of a text, where the file
    does not tell. Raises `BadInput` for a file without titles or labels, or without a column that is named, and for a
    cell that is none of these.
    """
    export = Export.of(path, encoding)
    if not export.raw.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise BadInput(f"{path}: the file is empty")
    if not export.is_workbook and looks_like_ris(export.text):
        if label or votes:
            raise BadInput(f"{path}: RIS has no columns, so --label and --votes need a table")
        return _from_ris(export)
    columns, rows = export.table
    fields = columns_by_field(columns)
    if "title" not in fields:
        raise BadInput(f"{path}: no column is a title (columns: {', '.join(columns[:8]) or 'none'}); name one `title`")
    column, others = (_named(path, columns, label, "--label"), []) if label else _label_column(path, columns, rows)
    voted = [_named(path, columns, name, "--votes") for name in votes]
    if column in voted:
        raise BadInput(f"{path}: --votes names `{column}`, the labels themselves; name what another reviewer said")
    id_columns = [column for name in _IDS for column in fields.get(name, ())]
    found, bad, unsure, suggested = list[LabelledRecord](), list[int](), 0, 0
    for number, row in enumerate(rows):
        if FAULT in row:
            bad.append(number)
            continue
        decision = _decision(path, number, column, row)
        said = tuple(_vote(path, number, name, row) for name in voted)
        if decision is not None:
            unsure += decision is Decision.UNCLEAR
            suggested += column == "decision" and row.get("status") == "suggested"
            id_ = _text(row, *id_columns)
            title, abstract = (_text(row, *fields.get(name, ())) for name in ("title", "abstract"))
            published = year(_text(row, *fields.get("year", ())))
            found.append(LabelledRecord(number, id_, title, abstract, published, decision.kept, said))
    remarks = [*export.remarks, *others]
    if unsure:
        remarks.append(
            f"{unsure:,} {'label says' if unsure == 1 else 'labels say'} maybe or unclear: counted as relevant"
        )
    if suggested:  # an export of our own
        remarks.append(f"{suggested:,} of the labels are a machine's suggestions: no person has decided there")
    if bad:
        remarks.append(f"{len(bad):,} {'row' if len(bad) == 1 else 'rows'} could not be read and left out")
    return _checked(path, LabelledSet(tuple(found), column, len(rows), tuple(remarks)), len(bad))


def _named(path: Path, columns: Sequence[str], name: str, option: str) -> str:
    """Return the column that the user names."""
    found = _by_plain_name(columns).get(_plain(name))
    if found is None:
        raise BadInput(f"{path}: no column `{name}` (columns: {', '.join(columns[:12])}); name it with {option}")
    return _once(path, columns, found)


def _label_column(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> tuple[str, list[str]]:
    """Return the column of labels, and what is to be told of others."""
    there = _by_plain_name(columns)
    final = [there[name] for name in FINAL_LABELS if name in there]
    candidates = final or [there[name] for name in ABSTRACT_LABELS if name in there]
    if not candidates:
        raise BadInput(
            f"{path}: no column of labels, such as `label_included` (columns: {', '.join(columns[:12])}); name it with"
            " --label"
        )
    counts = {column: sum(_is_label(row.get(column)) for row in rows) for column in candidates}
    chosen = max(candidates, key=counts.__getitem__)
    others = ", ".join(
        f"`{column}` ({counts[column]:,})" for column in candidates if column != chosen and counts[column]
    )
    told = (
        f"labels are those of `{chosen}` ({counts[chosen]:,}); others in the file: {others}; choose with --label NAME"
    )
    return _once(path, columns, chosen), [told] if others else []


def _is_label(cell: object) -> bool:
    with suppress(BadInput):
        return _read_label(cell) is not None
    return False


def _by_plain_name(columns: Sequence[str]) -> dict[str, str]:
    # Of columns with the same name the first counts, as everywhere.
    return {_plain(column): column for column in reversed(columns)}


def _once(path: Path, columns: Sequence[str], column: str) -> str:
    """Return a column of which there is no other; `BadInput` where a second one may say something else."""
    if sum(_plain(name) == _plain(column) for name in columns) > 1:
        raise BadInput(f"{path}: more than one column is called `{column}`; rename all but one")
    return column


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _text(row: Row, *columns: str) -> str:
    """Return the first of these cells that has a text, as on import."""
    cells = (str(row[column]).strip() for column in columns if row.get(column) is not None)
    return next(filter(None, cells), "")


def _read_label(cell: object) -> Decision | None:
    """Return what a cell says, None for nothing; `BadInput` for what is no label."""
    return _WORDS.get(str(cell).strip().lower()) or decision_of(cell)


def _decision(path: Path, number: int, column: str, row: Row) -> Decision | None:
    """Return the label of a row; None where it has none."""
    try:
        return _read_label(row.get(column))
    except BadInput:
        word = _text(row, column)[:40]
        raise BadInput(
            f"{path}, record {number + 1}: `{column}` is `{word}`, which is no label; write 1, 0 or nothing"
        ) from None


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
    found, unsure = list[LabelledRecord](), 0
    for number, parsed in enumerate(parsed_records):
        opinions = list(_opinions(parsed.all("N1")))
        if opinions:
            entry = entry_of(parsed, own_id=True)
            decisions = {opinion.decision for opinion in opinions}
            kept = any(decision.kept for decision in decisions)
            unsure += kept and decisions != {Decision.INCLUDE}
            found.append(LabelledRecord(number, entry.given_id or "", entry.title, entry.abstract, entry.year, kept))
    remarks = list(export.remarks)
    if unsure:
        many = "record has" if unsure == 1 else "records have"
        remarks.append(f"{unsure:,} {many} labels that differ or say maybe: counted as relevant")
    return _checked(export.path, LabelledSet(tuple(found), "notes", len(parsed_records), tuple(remarks)), 0)


def _opinions(notes: Sequence[str]) -> Iterator[Opinion]:
    plain = [note.removeprefix("<p>").removesuffix("</p>") for note in notes]
    yield from asreview(plain)
    yield from rayyan(" | ".join(plain))


def _checked(path: Path, read: LabelledSet, bad: int) -> LabelledSet:
    if not read.records:
        raise BadInput(f"{path}: no record has a label; a simulation needs records that people have judged")
    without = read.rows - len(read.records) - bad
    many = "record" if without == 1 else "records"
    remarks = [f"{without:,} {many} without a label (nothing, or -1) left out"] if without else []
    return LabelledSet(read.records, read.label, read.rows, (*read.remarks, *remarks))
