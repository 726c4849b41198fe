"""The table of characteristics for the paper: a row a study, the items that the protocol names as its columns."""

from collections.abc import Mapping, Sequence

from ...forms import FormSpec, ItemField
from .named_items import answer_at, entry_name, field_of, places_of
from .studies import ExtractedStudy, list_of
from .table import CellCounts, SynthesisTable, TableCell, answer_cell, unanswered_note

STUDY = "study"


def characteristics_table(form: FormSpec, studies: Sequence[ExtractedStudy], items: Sequence[str]) -> SynthesisTable:
    """Return the table. What is asked of several entries stands in one cell, a line each with the entry's name.

    Where all of a study's entries have the same value it stands once.
    """
    fields = {path: field_of(form, path) for path in items}
    counts, rows = CellCounts(), []
    for study in studies:
        row = {STUDY: TableCell(study.label)}
        for path, field in fields.items():
            row[path] = _cell(form, study, path, field, counts)
        rows.append(row)
    labels = form.labels
    headings: Mapping[str, str] = {STUDY: "Study", **{path: labels[path].rpartition(" › ")[2] for path in items}}
    return SynthesisTable(
        "characteristics", "Characteristics of the included studies", (STUDY, *items), rows, counts, headings,
        unanswered_note(studies),
    )  # fmt: skip


def _cell(form: FormSpec, study: ExtractedStudy, path: str, field: ItemField, counts: CellCounts) -> TableCell:
    cells = dict[str, TableCell]()
    for place in places_of(study, list_of(form, path)):
        answer = answer_at(study, place, path)
        counts.count(study, answer)
        cells[place] = answer_cell(study, field, answer)
    shown = {place: cell.shown for place, cell in cells.items() if cell.shown}
    if not shown:
        return TableCell(None)
    if len(set(shown.values())) == 1 and len(shown) == len(cells):
        return TableCell(next(iter(shown.values())), by=study.by)
    names = {place: entry_name(form, study, place) for place in shown}
    lines = [text if text == names[place] else f"{names[place]}: {text}" for place, text in shown.items()]
    return TableCell(lines, "\n".join(lines), study.by)
