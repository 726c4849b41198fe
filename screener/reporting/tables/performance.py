"""Figures of performance side by side: a row a data set, task and measure, a column a unit; no rank, and nothing pooled.

Only figures stand in one row whose labels are equal, but for case and blanks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...core.judgement import ItemAnswer, ItemStatus
from ...protocol import PerformanceRoles
from .named_items import answer_at, field_of, innermost
from .studies import By, ExtractedStudy
from .table import OTHER, CellCounts, SynthesisTable, TableCell, answer_cell, listed
from .units import CountedUnit, Synthesis

Labels = tuple[str, ...]


@dataclass
class _Figures:
    """The figures by their labels and then by unit; `shown` are the labels as they were first written."""

    by_labels: dict[Labels, dict[int, list[TableCell]]]
    shown: dict[Labels, Labels]
    incomplete: int = 0
    without: list[str] = field(default_factory=list)
    """Units without any figure."""

    def add(self, number: int, labels: Sequence[TableCell], figure: TableCell) -> None:
        """Add a figure of a unit."""
        key = tuple(map(_same, labels))
        self.shown.setdefault(key, tuple(cell.shown for cell in labels))
        self.by_labels.setdefault(key, {}).setdefault(number, []).append(figure)

    @property
    def together(self) -> dict[Labels, dict[int, list[TableCell]]]:
        """Return the figures of which another unit has one with the same labels, by the labels as they are shown."""
        several = {self.shown[key]: of_row for key, of_row in self.by_labels.items() if len(of_row) > 1}
        return dict(sorted(several.items()))

    @property
    def alone(self) -> int:
        """Return how many figures have no other unit's beside them."""
        rows = [of_row for of_row in self.by_labels.values() if len(of_row) == 1]
        return sum(len(found) for of_row in rows for found in of_row.values())


def performance_table(synthesis: Synthesis, roles: PerformanceRoles) -> SynthesisTable:
    """Return the rows in which at least two units have a figure; how many figures stand alone is told below."""
    form, counts, figures = synthesis.form, CellCounts(), _Figures({}, {})
    keys = {"dataset": roles.dataset, "task": roles.task, "metric": roles.metric} | {path: path for path in roles.equal}
    fields = {path: field_of(form, path) for path in (*keys.values(), *_value_paths(roles))}
    list_path = innermost(form, fields)
    units = synthesis.units([roles.value])
    for number, unit in enumerate(units):
        entries = _entries(unit, list_path)
        figures.without += [] if entries else [unit.label]
        for study, place in entries:
            answers = {path: answer_at(study, place, path) for path in fields}
            asked = [answers[path] for path in (roles.dataset, roles.task, roles.metric, roles.value)]
            for path in (*keys.values(), roles.value):
                counts.count(study, answers[path])
            if all(map(_is_said, asked)) and all(_is_label(answers[path]) for path in roles.equal):
                cells = {path: answer_cell(study, fields[path], answer) for path, answer in answers.items()}
                figures.add(number, [cells[path] for path in keys.values()], _figure(study, cells, answers, roles))
            else:
                figures.incomplete += 1
    return _table(synthesis, units, keys, figures, counts)


def _value_paths(roles: PerformanceRoles) -> list[str]:
    return [path for path in (roles.value, roles.low, roles.high) if path]


def _entries(unit: CountedUnit, list_path: str) -> Sequence[tuple[ExtractedStudy, str]]:
    """Return the entries of a list that belong to a unit."""
    found = []
    for study, place in unit.members:
        inside = study.entries(list_path) if list_path else [""]
        found += [(study, entry) for entry in inside if not place or entry == place or entry.startswith(f"{place}.")]
    return found


def _is_said(answer: ItemAnswer | None) -> bool:
    """Return whether an answer is a label that can equal another: an `other` without its words cannot."""
    if answer is None or answer.status is not ItemStatus.REPORTED:
        return False
    values = answer.value if isinstance(answer.value, list) else [answer.value]
    return bool(values) and (OTHER not in values or bool(answer.other))


def _is_label(answer: ItemAnswer | None) -> bool:
    """Return whether an answer may stand among what must be equal: what does not apply is equal to what does not apply."""
    return _is_said(answer) or (answer is not None and answer.status is ItemStatus.NOT_APPLICABLE)


def _same(cell: TableCell) -> str:
    parts = cell.value if isinstance(cell.value, list) else [cell.value]
    return " | ".join(sorted(" ".join(str(part).casefold().split()) for part in parts))


def _figure(
    study: ExtractedStudy,
    cells: Mapping[str, TableCell],
    answers: Mapping[str, ItemAnswer | None],
    roles: PerformanceRoles,
) -> TableCell:
    """Return a figure with its interval, where both of its ends are reported."""
    text, ends = cells[roles.value].shown, [path for path in (roles.low, roles.high) if path]
    if len(ends) == 2 and all(_is_said(answers[path]) for path in ends):
        text += f" ({cells[ends[0]].shown}–{cells[ends[1]].shown})"
    return TableCell(text, text, study.by)


def _table(
    synthesis: Synthesis,
    units: Sequence[CountedUnit],
    keys: Mapping[str, str],
    figures: _Figures,
    counts: CellCounts,
) -> SynthesisTable:
    """Return the pivot; units that stand in no row have no column."""
    together = figures.together
    present = sorted({number for of_row in together.values() for number in of_row})
    names = _distinct([units[number].label for number in present])
    columns = dict(zip(present, names, strict=True))
    rows = []
    for labels, of_row in together.items():
        cells = {key: TableCell(label) for key, label in zip(keys, labels, strict=True)}
        cells["units"] = TableCell(len(of_row))
        cells |= {columns[number]: _joined(found) for number, found in of_row.items()}
        rows.append(cells)
    labels_of = synthesis.form.labels
    headings = {"dataset": "Data set", "task": "Task", "metric": "Measure", "units": "Units"}
    headings |= {path: labels_of[path].rpartition(" › ")[2] for path in keys if path in labels_of}
    return SynthesisTable(
        "performance", "Figures of performance side by side", (*keys, "units", *names), rows, counts, headings,
        (*_notes(figures, len(units)), *synthesis.notes(units)),
    )  # fmt: skip


def _notes(figures: _Figures, units: int) -> list[str]:
    """Return what the rows do not say."""
    notes = [
        "Figures stand in one row only where all labels are equal, but for case and blanks. Splits and effort may differ all "
        "the same: nothing is ranked or pooled.",
        f"{figures.alone:,} figures have no other unit's beside them and are left out; the wide table of their list has all.",
    ]
    if figures.incomplete:
        one = figures.incomplete == 1
        told = "1 figure lacks" if one else f"{figures.incomplete:,} figures lack"
        notes.append(f"{told} a label or the figure itself and {'is' if one else 'are'} left out.")
    if figures.without:
        notes.append(f"{len(figures.without):,} of {units:,} units have no figure: {listed(figures.without)}.")
    return notes


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names of which none is another's, with a number behind those that were."""
    seen: dict[str, int] = defaultdict(int)
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return distinct


def _joined(found: Sequence[TableCell]) -> TableCell:
    """Return all figures of a unit for one row: it may be reported more than once."""
    texts = list(dict.fromkeys(cell.text for cell in found))
    by: By = "machine" if any(cell.by == "machine" for cell in found) else found[0].by
    return TableCell(texts, "; ".join(texts), by)
