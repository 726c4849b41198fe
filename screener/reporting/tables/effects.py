"""Rows for a meta-analysis: the numbers of two groups, for `escalc` of the R package metafor and as RevMan names them.

Nothing is imputed. What the form has not is left empty, and the row is listed; only what is the difference or the sum of
two reported counts is computed (`bi = n1i - ai`).

Sources: the manual of metafor's `escalc` for its arguments (https://wviechtb.github.io/metafor/reference/escalc.html); for
RevMan the columns of its own export of data and analyses, as `read.rm5` of the R package meta reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...core.judgement import ItemStatus
from ...forms import FormSpec
from ...protocol import EffectRoles
from .named_items import answer_at, innermost, places_of, reported_value
from .studies import By, ExtractedStudy
from .table import STATUS_WORDS, CellCounts, SynthesisTable, TableCell, listed

METAFOR = ("ai", "bi", "ci", "di", "n1i", "n2i", "m1i", "sd1i", "m2i", "sd2i")
_COLUMNS = (
    "study_id", "slab", "year", "entry", "data", "comparison", "outcome", *METAFOR, "by", "included", "complete", "lacks",
)  # fmt: skip
REVMAN = (
    "Comparison Number", "Outcome Number", "Subgroup Number", "Name", "Data Type", "Events 1", "Mean 1", "SD 1", "Total 1",
    "Events 2", "Mean 2", "SD 2", "Total 2", "Year of study",
)  # fmt: skip
_REVMAN_ROLES = {
    "Events 1": "ai", "Mean 1": "m1i", "SD 1": "sd1i", "Total 1": "n1i",
    "Events 2": "ci", "Mean 2": "m2i", "SD 2": "sd2i", "Total 2": "n2i",
}  # fmt: skip
_GROUPS = (("ai", "bi", "n1i"), ("ci", "di", "n2i"))
_WHOLE = {"ai", "bi", "ci", "di", "n1i", "n2i"}


@dataclass(frozen=True)
class EffectRow:
    """The numbers of one result; `numbers` has those that are known, by their roles, `lacks` why it is not complete."""

    study: ExtractedStudy
    entry: str
    data: str
    dichotomous: bool
    comparison: str
    outcome: str
    numbers: Mapping[str, float]
    lacks: tuple[str, ...]


def effect_rows(
    form: FormSpec, studies: Sequence[ExtractedStudy], effects: Mapping[str, EffectRoles]
) -> tuple[list[EffectRow], CellCounts]:
    """Return a row an entry of each mapping's list, complete or not, and how many of the numbers are whose.

    An entry in which none of the numbers applies is no row, such as a mean in a list that has counts too.
    """
    rows, counts = [], CellCounts()
    for name, roles in effects.items():
        list_path = innermost(form, roles.items)
        for study in studies:
            for place in places_of(study, list_path):
                if (row := _row(study, place, name, roles)) is not None:
                    rows.append(row)
                    for path in roles.numbers.values():
                        counts.count(study, answer_at(study, place, path))
    return rows, counts


def _row(study: ExtractedStudy, place: str, name: str, roles: EffectRoles) -> EffectRow | None:
    answers = {role: answer_at(study, place, path) for role, path in roles.numbers.items()}
    if answers and all(one is not None and one.status is ItemStatus.NOT_APPLICABLE for one in answers.values()):
        return None
    numbers, lacks = dict[str, float](), []
    for role, answer in answers.items():
        value = reported_value(answer)
        if other := _otherwise(study, place, role, roles):
            lacks.append(f"{role} {other}")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers[role] = value
        else:
            why = "not answered" if answer is None else STATUS_WORDS.get(answer.status, "no number")
            lacks.append(f"{role} {why}")
    faults = list(_impossible(numbers, dichotomous=roles.dichotomous))
    if roles.dichotomous and not faults:
        numbers |= _differences(numbers)
        # What follows from two other counts is not lacking.
        lacks = [lack for lack in lacks if lack.split()[0] not in numbers]
    comparison, outcome = (
        str(reported_value(answer_at(study, place, path)) or "") if path else ""
        for path in (roles.comparison, roles.outcome)
    )
    return EffectRow(
        study, place, name, roles.dichotomous, comparison or name, outcome, numbers, (*lacks, *faults)
    )  # fmt: skip


def _otherwise(study: ExtractedStudy, place: str, role: str, roles: EffectRoles) -> str:
    """Return why a number is not what its role says, such as that it is a standard error; the empty string where it is."""
    condition = roles.only_if.get(role)
    if condition is None:
        return ""
    value = reported_value(answer_at(study, place, condition.item))
    if value is None:
        return f"not told to be {' or '.join(condition.codes)}"
    return "" if value in condition.codes else f"is {value}"


def _impossible(numbers: Mapping[str, float], *, dichotomous: bool) -> Iterator[str]:
    """Yield what cannot be: a count below none or in parts, a group smaller than its part, a deviation below none."""
    for role, value in numbers.items():
        if role in _WHOLE and (value < 0 or value != int(value)):
            yield f"{role} {value:g} is no count"
        if role.startswith("sd") and value < 0:
            yield f"{role} {value:g} is below 0"
    for some, rest, whole in _GROUPS if dichotomous else ():
        known = [numbers[role] for role in (some, rest) if role in numbers]
        if whole in numbers and (sum(known) > numbers[whole] or (len(known) == 2 and sum(known) != numbers[whole])):
            yield f"{' + '.join(role for role in (some, rest) if role in numbers)} is not within {whole} {numbers[whole]:g}"


def _differences(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return the count of each group that follows from its two others."""
    found = {}
    for some, rest, whole in _GROUPS:
        known = {role: numbers[role] for role in (some, rest, whole) if role in numbers}
        if len(known) == 2:
            if whole not in known:
                found[whole] = known[some] + known[rest]
            else:
                found[rest if some in known else some] = known[whole] - known.get(some, known.get(rest, 0.0))
    return found


def metafor_table(
    form: FormSpec, studies: Sequence[ExtractedStudy], effects: Mapping[str, EffectRoles]
) -> SynthesisTable:
    """Return the rows with the columns of `escalc`, and `slab` for `rma`; rows that lack something are listed."""
    rows, counts = effect_rows(form, studies, effects)
    cells = [_metafor_cells(row) for row in rows]
    return SynthesisTable(
        "effects", "Numbers of two groups, for metafor", _COLUMNS, cells, counts, notes=_notes(rows, studies)
    )  # fmt: skip


def _metafor_cells(row: EffectRow) -> Mapping[str, TableCell]:
    study = row.study
    told = {
        "study_id": study.id, "slab": study.label, "year": study.record.year, "entry": row.entry, "data": row.data,
        "comparison": row.comparison, "outcome": row.outcome, "by": study.by, "included": study.included,
        "complete": "no" if row.lacks else "yes", "lacks": "; ".join(row.lacks),
    }  # fmt: skip
    numbers = {role: TableCell(row.numbers.get(role), by=_by(row, role)) for role in METAFOR}
    return {name: TableCell(value) for name, value in told.items()} | numbers


def _by(row: EffectRow, role: str) -> By:
    return row.study.by if role in row.numbers else ""


def _notes(rows: Sequence[EffectRow], studies: Sequence[ExtractedStudy]) -> tuple[str, ...]:
    """Return which rows are not complete, and which studies have none."""
    notes = ["Nothing is imputed: an empty cell has no reported number."]
    lacking = [f"{row.study.label} {row.outcome or row.entry} ({', '.join(row.lacks)})" for row in rows if row.lacks]
    if lacking:
        notes.append(f"{len(lacking):,} of {len(rows):,} rows are not complete: {listed(lacking)}.")
    present = {row.study.id for row in rows}
    if absent := [study.label for study in studies if study.id not in present]:
        notes.append(f"{len(absent):,} of {len(studies):,} studies have no row: {listed(absent)}.")
    return tuple(notes)


def revman_table(
    form: FormSpec, studies: Sequence[ExtractedStudy], effects: Mapping[str, EffectRoles]
) -> SynthesisTable:
    """Return the rows as RevMan exports data and analyses: a row a comparison, a row an outcome of it, then its studies.

    Outcomes and comparisons that differ only in case or blanks are one.
    """
    rows, counts = effect_rows(form, studies, effects)
    grouped: dict[str, dict[tuple[str, bool], list[EffectRow]]] = {}
    for row in rows:
        outcomes = grouped.setdefault(_same(row.comparison), {})
        outcomes.setdefault((_same(row.outcome), row.dichotomous), []).append(row)
    cells = []
    for comparison, outcomes in enumerate(grouped.values(), start=1):
        first = next(iter(outcomes.values()))[0]
        cells.append(_revman_cells((comparison, 0), first.comparison))
        for outcome, of_outcome in enumerate(outcomes.values(), start=1):
            kind = "DIC" if of_outcome[0].dichotomous else "CON"
            cells.append(_revman_cells((comparison, outcome), of_outcome[0].outcome, kind))
            cells += [_revman_cells((comparison, outcome), row.study.label, row=row) for row in of_outcome]
    note = "The columns bear the names of RevMan's own export. No import into RevMan was tested."
    return SynthesisTable(
        "revman", "Numbers of two groups, as RevMan names them", REVMAN, cells, counts,
        notes=(*_notes(rows, studies), note),
    )  # fmt: skip


def _revman_cells(
    number: tuple[int, int], name: str, kind: str = "", row: EffectRow | None = None
) -> Mapping[str, TableCell]:
    comparison, outcome = number
    told: dict[str, object] = {
        "Comparison Number": comparison, "Outcome Number": outcome, "Subgroup Number": 0, "Name": name, "Data Type": kind,
    }  # fmt: skip
    if row is not None:
        told["Year of study"] = row.study.record.year
    numbers = {
        column: TableCell(row.numbers.get(role), by=_by(row, role)) for column, role in _REVMAN_ROLES.items()
    } if row is not None else {}  # fmt: skip
    return {column: TableCell(value) for column, value in told.items()} | numbers


def _same(text: str) -> str:
    return " ".join(text.casefold().split())
