"""Count what was extracted, for any form: how far each item is reported, how its values are spread, what compares.

Values are those that stand for each study. A machine's values count as suggested until humans confirm them, and the
report says so beside them.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import ItemAnswer, ItemStatus, Stage
from ..forms import FormSpec, ItemField, RowField, bare
from ..protocol import Review
from ..stages import StageState, Status, form_of

ROWS = 2_000
"""Up to how many values the table of all values lists."""


def extraction(review: Review, stages: Mapping[Stage, StageState]) -> dict[str, Any] | None:
    """Return the extraction's counts and values, or None where nothing is extracted. Loading the form runs its code."""
    state = stages.get(Stage.EXTRACTION)
    if state is None:
        return None
    standings = {
        name: standing for name, standing in state.standings.items() if standing.judgement and standing.judgement.items
    }
    if not standings:
        return None
    try:
        form = form_of(review)
    except BadInput:
        return {"problem": "form"}  # what is wrong with it names files of this machine, and is no figure
    records = {record.id: record for record in state.records}
    answers = {name: standing.judgement.items for name, standing in standings.items() if standing.judgement}
    years = {name: records[name].year for name in answers}
    labels = form.labels
    items = [
        {"label": labels.get(path, path), **_item(path, field, answers, years)} for path, field in _asked(form, answers)
    ]
    values = [
        {"study": name, "path": path, "value": answer.value, "other": answer.other,
         "quote": next((e.quote for e in answer.evidence), ""), "page": next((e.page for e in answer.evidence), None),
         "ocr": next((e.ocr for e in answer.evidence), False)}
        for name, items_of_study in answers.items()
        for path, answer in items_of_study.items()
        if answer.status is ItemStatus.REPORTED
    ]  # fmt: skip
    return {
        "problem": "",
        "studies": [
            {"id": name, "title": records[name].shown_title, "year": records[name].year, "doi": records[name].doi,
             "status": standings[name].status.value, "by": standings[name].by}
            for name in answers
        ],
        "suggested": sum(standing.status is Status.SUGGESTED for standing in standings.values()),
        "waiting": len(state.records) - len(standings),
        "units": _units(form, answers),
        "items": items,
        "values": values[:ROWS],
        "values_left_out": max(0, len(values) - ROWS),
        "comparisons": _comparisons(form, answers),
    }  # fmt: skip


def _asked(form: FormSpec, answers: Mapping[str, Mapping[str, ItemAnswer]]) -> list[tuple[str, ItemField | None]]:
    """Return the form's items in order.

    Before its own items stands each list that was answered as a whole, which has no field.
    """
    fields: list[tuple[str, ItemField | None]] = list(form.by_path.items())
    whole = {bare(key): None for items in answers.values() for key in items}
    for path in (path for path in whole if path not in form.by_path):
        positions = (place for place, (name, _) in enumerate(fields) if name.startswith(f"{path}."))
        fields.insert(next(positions, len(fields)), (path, None))
    return fields


def _units(form: FormSpec, answers: Mapping[str, Mapping[str, ItemAnswer]]) -> list[dict[str, Any]]:
    """Return how many entries each of the form's lists has over all studies."""
    units = []
    for unit in form.units:
        mark = re.compile(rf"{re.escape(unit.path)}\[(\d+)\]")
        count = sum(len({m.group(1) for path in items if (m := mark.match(path))}) for items in answers.values())
        units.append({"path": unit.path, "count": count})
    return units


def _item(
    path: str,
    field: ItemField | None,
    answers: Mapping[str, Mapping[str, ItemAnswer]],
    years: Mapping[str, int | None],
) -> dict[str, Any]:
    mine = [(name, answer) for name, items in answers.items() for key, answer in items.items() if bare(key) == path]
    status = Counter(answer.status.value for _, answer in mine)
    row: dict[str, Any] = {
        "path": path,
        "kind": field.kind if field else "list",
        "question": field.description if field else "",
        "n": len(mine),
        "status": {item_status.value: status[item_status.value] for item_status in ItemStatus},
    }
    reported = [(name, answer) for name, answer in mine if answer.status is ItemStatus.REPORTED]
    if field is None:
        return row
    if field.kind in ("code", "codes", "boolean"):
        counts = Counter(_word(value) for _, answer in reported for value in _each(answer.value))
        dated = [(years[name], _word(v)) for name, answer in reported for v in _each(answer.value) if years[name]]
        members = [member.value for member in field.vocabulary or ()] or ["yes", "no"]
        row["counts"] = {name: counts[name] for name in members} | {n: counts[n] for n in counts if n not in members}
        row["by_year"] = {
            name: dict(sorted(Counter(year for year, value in dated if value == name).items()))
            for name in row["counts"]
        }
    elif field.kind == "number":
        row["points"] = [
            {"study": name, "year": years[name], "value": answer.value}
            for name, answer in reported
            if isinstance(answer.value, int | float)
        ]
    return row


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from dict.fromkeys(value)
    elif value is not None:
        yield value


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _comparisons(form: FormSpec, answers: Mapping[str, Mapping[str, ItemAnswer]]) -> list[dict[str, Any]]:
    """Return comparable numbers: every code and text of their rows is the same, and more than one entry has one.

    It holds for every list of the form whose entries have one number that is plainly the value: the first one, with at
    least two codes or texts to say what it is of.
    """
    comparisons = []
    for path, row in _lists(form):
        keys = [item for item in row.items if item.kind in ("code", "codes", "text", "texts", "boolean")]
        numbers = [item for item in row.items if item.kind == "number"]
        if len(keys) < 2 or not numbers:
            continue
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        incomplete = 0
        for study, items in answers.items():
            for place, entry in _entries(path, items).items():
                number = entry.get(numbers[0].path)
                answers_of_keys = [entry.get(key.path) for key in keys]
                if (
                    number is None
                    or number.status is not ItemStatus.REPORTED
                    or not all(map(_is_said, answers_of_keys))
                ):
                    incomplete += 1
                    continue
                name = tuple(_same(part.value, part.other) for part in answers_of_keys if part)
                groups[name].append(
                    {"study": study, "entry": place, "value": number.value,
                     **{extra.path: entry[extra.path].value for extra in numbers[1:] if extra.path in entry}}
                )  # fmt: skip
        together = [
            {"same": dict(zip((key.path for key in keys), name, strict=True)), "values": values}
            for name, values in groups.items()
            if len({part["study"] + part["entry"].rpartition("].")[0] for part in values}) > 1
        ]
        alone = sum(len(values) for values in groups.values()) - sum(len(part["values"]) for part in together)
        comparisons.append(
            {"path": path, "number": numbers[0].path, "keys": [key.path for key in keys], "groups": together,
             "alone": alone, "incomplete": incomplete}
        )  # fmt: skip
    return comparisons


def _lists(form: FormSpec) -> Iterator[tuple[str, RowField]]:
    for group in form.groups:
        yield from ((f"{group.path}.{row.path}", row) for row in group.rows)
    for unit in form.units:
        for group in unit.groups:
            yield from ((f"{unit.path}.{group.path}.{row.path}", row) for row in group.rows)


def _entries(path: str, items: Mapping[str, ItemAnswer]) -> dict[str, dict[str, ItemAnswer]]:
    """Return the entries of a list, by their place such as `models[0].evaluation.results[2]`, each by item."""
    entries: dict[str, dict[str, ItemAnswer]] = defaultdict(dict)
    for key, answer in items.items():
        if not bare(key).startswith(f"{path}."):
            continue
        end = key.rfind("]") + 1
        if bare(key[:end]) == path:
            entries[key[:end]][key[end + 1 :]] = answer
    return entries


def _is_said(answer: ItemAnswer | None) -> bool:
    return answer is not None and answer.status is ItemStatus.REPORTED


def _same(value: Any, other: str | None) -> str:
    words = ", ".join(sorted(_word(part) for part in _each(value)))
    return " ".join(f"{words} {other or ''}".casefold().split())
