"""What others need in order to repeat the work: how often it is there, by year, with intervals; and for each unit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from ...core.judgement import ItemAnswer, ItemStatus
from ...ledger.link_checks import LinkCheck
from ...metrics import wilson
from ...protocol import ReleasedPart
from .named_items import answer_at, field_of
from .table import CellCounts, SynthesisTable, TableCell, answer_cell
from .units import CountedUnit, Synthesis


class PartState(StrEnum):
    """What is known of a part of a unit, the most telling first: of several reports the first state counts."""

    THERE = "there"
    """It is reported, with the codes that the protocol asks for."""
    OTHERWISE = "reported otherwise"
    """Something else is reported, such as that it is on request."""
    NOT_CHECKED = "not checked"
    """Nobody can tell yet: unclear, or not answered."""
    NOT_REPORTED = "not reported"
    NOT_APPLICABLE = "not applicable"


_COUNTED = (
    PartState.THERE,
    PartState.OTHERWISE,
    PartState.NOT_REPORTED,
    PartState.NOT_CHECKED,
    PartState.NOT_APPLICABLE,
)
_COLUMNS = (
    "part", "year", "units", *(state.value.replace(" ", "_") for state in _COUNTED), "n", "share", "low", "high",
    "with_address", "answers", "answers_not",
)  # fmt: skip
_HEADINGS = {
    "part": "Part", "year": "Year", "units": "Units", "there": "There", "reported_otherwise": "Reported otherwise",
    "not_reported": "Not reported", "not_checked": "Not checked", "not_applicable": "Not applicable", "n": "Known",
    "share": "Share there", "low": "95 % from", "high": "to", "with_address": "With an address", "answers": "Answers",
    "answers_not": "Answers not",
}  # fmt: skip
ALL_YEARS = "all"


def state_of(answer: ItemAnswer | None, part: ReleasedPart) -> PartState:
    """Return what an answer says of a part."""
    if answer is None or answer.status is ItemStatus.UNCLEAR:
        return PartState.NOT_CHECKED
    if answer.status is not ItemStatus.REPORTED:
        return PartState.NOT_REPORTED if answer.status is ItemStatus.NOT_REPORTED else PartState.NOT_APPLICABLE
    given = {str(value) for value in (answer.value if isinstance(answer.value, list) else [answer.value])}
    there = given.issuperset(part.all_of) and (not part.any_of or bool(given.intersection(part.any_of)))
    return PartState.THERE if there else PartState.OTHERWISE


def unit_state(unit: CountedUnit, part: ReleasedPart) -> PartState:
    """Return what is known of a part of a unit: of several reports, what tells most."""
    states = [state_of(answer_at(study, place, part.item), part) for study, place in unit.members]
    return min(states, key=list(PartState).index)


def reproducibility_table(synthesis: Synthesis, parts: Mapping[str, ReleasedPart]) -> SynthesisTable:
    """Return how many units have each part, in all and by year, with Wilson's 95 % intervals.

    The share is of those of which it is known: what is not checked or not applicable is not in `n`.
    """
    counts, rows = CellCounts(), list[Mapping[str, TableCell]]()
    units = synthesis.units([part.item for part in parts.values()])
    for name, part in parts.items():
        for unit in units:
            for study, place in unit.members:
                counts.count(study, answer_at(study, place, part.item))
        years = sorted({unit.year for unit in units if unit.year})
        groups: list[tuple[Any, list[CountedUnit]]] = [(ALL_YEARS, units)]
        groups += [(year, [unit for unit in units if unit.year == year]) for year in years]
        if undated := [unit for unit in units if not unit.year]:
            groups.append(("unknown", undated))
        rows += [_row(name, year, part, of_group, synthesis.observed) for year, of_group in groups]
    notes = (
        "A unit has the year in which it was first reported. “There” is what the protocol asks for; “Known” is without what "
        "is not checked or not applicable. Units of one study are not independent, so that intervals are rather too narrow.",
        *synthesis.notes(units),
    )
    return SynthesisTable(
        "reproducibility", "What is there to repeat the work", _COLUMNS, rows, counts, _HEADINGS, notes
    )  # fmt: skip


def _row(
    name: str, year: int | str, part: ReleasedPart, units: Sequence[CountedUnit], observed: Mapping[str, LinkCheck]
) -> Mapping[str, TableCell]:
    tally = Counter(unit_state(unit, part) for unit in units)
    known = sum(tally[state] for state in (PartState.THERE, PartState.OTHERWISE, PartState.NOT_REPORTED))
    share = wilson(tally[PartState.THERE], known)
    cells = {"part": TableCell(name), "year": TableCell(year), "units": TableCell(len(units))}
    cells |= {state.value.replace(" ", "_"): TableCell(tally[state]) for state in _COUNTED}
    cells["n"] = TableCell(known)
    for column, value in (("share", share.value), ("low", share.low), ("high", share.high)):
        cells[column] = TableCell(
            None if value is None else round(value, 4), "–" if value is None else f"{100 * value:.0f} %"
        )
    return cells | (_reached(units, part.link, observed) if part.link else {})


def _reached(units: Sequence[CountedUnit], link: str, observed: Mapping[str, LinkCheck]) -> dict[str, TableCell]:
    """Return how many units give an address, and at how many of these one answers, or none; the rest is not known.

    None does where all were looked at.
    """
    given = [addresses for unit in units if (addresses := _address(unit, link).value)]
    looks = [[observed[address].answers if address in observed else None for address in of_unit] for of_unit in given]
    answers = sum(True in of_unit for of_unit in looks)
    gone = sum(all(answer is False for answer in of_unit) for of_unit in looks)
    return {"with_address": TableCell(len(given)), "answers": TableCell(answers), "answers_not": TableCell(gone)}


def units_table(synthesis: Synthesis, parts: Mapping[str, ReleasedPart]) -> SynthesisTable:
    """Return a row a unit: what its reports say of each part, and beside it what was observed at its address."""
    form, counts, rows = synthesis.form, CellCounts(), list[Mapping[str, TableCell]]()
    units = synthesis.units([part.item for part in parts.values()])
    fields = {name: field_of(form, part.item) for name, part in parts.items()}
    linked = {name: part.link for name, part in parts.items() if part.link}
    for unit in units:
        row = {"unit": TableCell(unit.label), "year": TableCell(unit.year)}
        for name, part in parts.items():
            answers = [(study, answer_at(study, place, part.item)) for study, place in unit.members]
            for study, answer in answers:
                counts.count(study, answer)
            said = [answer_cell(study, fields[name], answer) for study, answer in answers if answer is not None]
            texts = list(dict.fromkeys(cell.shown for cell in said))
            by = said[0].by if said else ""
            row[name] = TableCell(unit_state(unit, part).value, _shown(unit_state(unit, part), texts), by)
            if name in linked:
                row[f"{name}: address"] = _address(unit, linked[name])
                row[f"{name}: observed"] = TableCell(_observed(row[f"{name}: address"], synthesis.observed))
        rows.append(row)
    columns = ["unit", "year"]
    for name in parts:
        columns += [name, *([f"{name}: address", f"{name}: observed"] if name in linked else [])]
    notes = synthesis.notes(units)
    if linked:
        notes = (
            "“Observed” is what `screener links` found at the address; it changes nothing that a report says.",
            *notes,
        )
    return SynthesisTable(
        "reproducibility_units", "What is there to repeat the work, unit by unit", tuple(columns), rows, counts,
        {"unit": "Unit", "year": "Year"}, notes,
    )  # fmt: skip


def _shown(state: PartState, texts: Sequence[str]) -> str:
    said = "; ".join(text for text in texts if text and text != state.value)
    return f"{state.value}: {said}" if said else state.value


def _address(unit: CountedUnit, path: str) -> TableCell:
    """Return the addresses that the reports of a unit give."""
    found = dict[str, None]()
    for study, place in unit.members:
        answer = answer_at(study, place, path)
        if answer is not None and answer.status is ItemStatus.REPORTED and isinstance(answer.value, str):
            found[answer.value] = None
    return TableCell(list(found), "\n".join(found), unit.members[0][0].by if found else "")


def _observed(addresses: TableCell, observed: Mapping[str, LinkCheck]) -> str:
    looks = [observed.get(address) for address in addresses.value]
    return "\n".join(look.words if look is not None else "not looked at" for look in looks)
