"""Wide tables: a row a study, or a row an entry of one of the form's lists, and a column an item."""

from collections.abc import Iterator, Mapping, Sequence

from ...core.errors import BadInput
from ...core.judgement import ItemAnswer
from ...forms import FormSpec, ItemField
from .studies import ExtractedStudy, list_of, lists_above, within
from .table import CellCounts, SynthesisTable, TableCell, answer_cell, listed

STUDIES = "studies"
"""The name of the table that has a row a study."""
_STUDY = ("id", "study", "title", "year", "doi", "reports", "included")
_WHOSE = ("by", "names", "standing", "cells_person", "cells_machine", "cells_unclear", "cells_missing")
ENTRY = "entry"


def wide_table(form: FormSpec, studies: Sequence[ExtractedStudy], list_path: str) -> SynthesisTable:
    """Return the table with a row an entry of a list, or a row a study where `list_path` is empty.

    A row of a list has the items of its entry, and before them what is asked once of the study and of the unit that the
    entry is in. A row of a study has how many entries each list has. Columns are named by the items' paths.
    """
    above = lists_above(form, list_path) if list_path else ()
    fields = {path: field for path, field in form.by_path.items() if list_of(form, path) in ("", *above)}
    counted = () if list_path else form.lists
    place = (ENTRY,) if list_path else ()
    columns = (*_STUDY, *place, *_WHOSE, *fields, *map(count_column, counted))
    rows, total, without = [], CellCounts(), []
    for study in studies:
        places, told = study.entries(list_path) if list_path else [""], dict[str, ItemAnswer | None]()
        if not places:
            without.append(study)
        for entry in places:
            answers = {path: (there := within(entry, path), study.items.get(there)) for path in fields}
            # What is asked once a study is in each of its rows, and one answer.
            told |= dict(answers.values())
            rows.append(_row(study, entry, {path: (fields[path], a) for path, (_, a) in answers.items()}, counted))
        for answer in told.values():
            total.count(study, answer)
    labels, notes = form.labels, _notes(studies, without, list_path)
    name = list_path or STUDIES
    what = labels.get(list_path, list_path) if list_path else "study"
    return SynthesisTable(
        name, f"Extracted data, a row for each entry of “{what}”" if list_path else "Extracted data, a row a study",
        columns, rows, total, labels, notes,
    )  # fmt: skip


def _notes(studies: Sequence[ExtractedStudy], without: Sequence[ExtractedStudy], list_path: str) -> tuple[str, ...]:
    """Return which studies have no row, and of which nothing is known yet."""
    waiting = [study.label for study in studies if not study.by]
    unclear = [study.label for study in without if study.by and study.is_unclear(list_path)]
    none = [study.label for study in without if study.by and not study.is_unclear(list_path)]
    suggested = [study.label for study in studies if study.included != "final"]
    told = (
        (suggested, "are included by a machine's suggestion alone, which waits for people"),
        (none, "have no entry here, as far as is told"),
        (unclear, "have no entry here, and it is unclear if there are any"),
        (waiting, "have no values that count yet"),
    )
    return tuple(f"{len(some):,} of {len(studies):,} studies {what}: {listed(some)}." for some, what in told if some)


def _row(
    study: ExtractedStudy,
    entry: str,
    answers: Mapping[str, tuple[ItemField, ItemAnswer | None]],
    counted: Sequence[str],
) -> Mapping[str, TableCell]:
    own = CellCounts()
    for _, answer in answers.values():
        own.count(study, answer)
    cells = {path: answer_cell(study, field, answer) for path, (field, answer) in answers.items()}
    row = dict(study_cells(study))
    if entry:
        row[ENTRY] = TableCell(entry)
    row |= {"by": TableCell(study.by), "names": TableCell(study.names), "standing": TableCell(study.standing)}
    row |= {f"cells_{name}": TableCell(value) for name, value in vars(own).items()}
    row |= cells
    # A study that nobody has extracted has no number of entries, which is not none.
    row |= {count_column(name): TableCell(len(study.entries(name)) if study.by else None) for name in counted}
    return row


def count_column(list_path: str) -> str:
    """Return the name of the column that has how many entries a list has."""
    return f"{list_path} (entries)"


def study_cells(study: ExtractedStudy) -> Iterator[tuple[str, TableCell]]:
    """Yield the cells that tell which study it is."""
    record = study.record
    values = (
        study.id,
        study.label,
        record.shown_title,
        record.year,
        record.doi or "",
        "; ".join(study.reports),
        study.included,
    )
    return ((name, TableCell(value)) for name, value in zip(_STUDY, values, strict=True))


def list_named(form: FormSpec, name: str) -> str | None:
    """Return the list of that path, or the one whose path ends so; None for none.

    Raises `BadInput` where several end so.
    """
    if name in form.lists:
        return name
    ending = [path for path in form.lists if path.rpartition(".")[2] == name]
    if len(ending) > 1:
        raise BadInput(f"--table: `{name}` may be any of {', '.join(ending)}; give its whole path")
    return ending[0] if ending else None
