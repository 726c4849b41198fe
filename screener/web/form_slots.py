"""A form as a person fills it: every place for an answer, in order, and values read from what was typed."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import ItemAnswer, ItemStatus
from ..documents import Report
from ..forms import FormSpec, GroupField, ItemField, code_label, described, override, readable
from .own_quotes import evidence_of

_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Slot:
    """A place for an answer. `item` is None for a list that has no row: whether it is empty is an answer too.

    `heading` is the heading it stands under; `adds` is the list that a row can be added to here.
    """

    path: str
    item: ItemField | None
    name: str
    description: str
    heading: str
    adds: str = ""

    @property
    def derived(self) -> bool:
        """Return whether rules of the form compute the answer."""
        return self.item is not None and bool(self.item.rules)


def counts_of(paths: Iterable[str]) -> dict[str, int]:
    """Return how long each list is at least, by its path with the indices of those above it."""
    lengths: dict[str, int] = {}
    for path in paths:
        for index in _INDEX.finditer(path):
            name = path[: index.start()]
            lengths[name] = max(lengths.get(name, 0), int(index[1]) + 1)
    return lengths


def slots(form: FormSpec, counts: Mapping[str, int]) -> list[Slot]:
    """Return every place for an answer, in the form's order, with lists of the given lengths; a unit has one entry at least."""
    places = [slot for group in form.groups for slot in _group(group, "", "", counts)]
    for unit in form.units:
        for number in range(max(1, counts.get(unit.path, 0))):
            prefix, heading = f"{unit.path}[{number}].", f"{unit.label} {number + 1}"
            places += [slot for group in unit.groups for slot in _group(group, prefix, heading, counts)]
    return places


def _group(group: GroupField, prefix: str, outer_heading: str, counts: Mapping[str, int]) -> Iterator[Slot]:
    group_heading = " · ".join(filter(None, (outer_heading, group.label)))
    for item in (*group.items, *group.derived):
        yield Slot(
            f"{prefix}{group.path}.{item.path}",
            item,
            item.label,
            described(item.description, item.vocabulary),
            group_heading,
        )
    for row in group.rows:
        path = f"{prefix}{group.path}.{row.path}"
        count = counts.get(path, 0)
        if not count:
            yield Slot(path, None, row.label, row.description, group_heading, adds=path)
        for number in range(count):
            last = number == count - 1
            items = (*row.items, *row.derived)
            for place, item in enumerate(items):
                adds = path if last and place == len(items) - 1 else ""
                row_heading = f"{group_heading} · {row.label} {number + 1}"
                yield Slot(
                    f"{path}[{number}].{item.path}",
                    item,
                    item.label,
                    described(item.description, item.vocabulary),
                    row_heading,
                    adds,
                )


def row_name(path: str) -> str:
    """Return the last part of a path in words, as headings have it: `models[1]` is "Models 2"."""
    name, _, number = path.rpartition(".")[2].removesuffix("]").partition("[")
    return f"{readable(name)} {int(number) + 1}" if number else readable(name)


_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:[, \u00a0\u202f]\d{3})+)?(?:\.\d+)?(?:[eE][-+]?\d{1,2})?(?<=\d)", re.ASCII)


def read_value(item: ItemField, typed: Sequence[str]) -> Any:
    """Return the value that was typed or chosen; `BadInput` says what is wrong with it."""
    parts = [part.strip() for part in typed if part.strip()]
    if item.kind == "texts":
        parts = [line.strip() for part in parts for line in part.splitlines() if line.strip()]
    if not parts:
        raise BadInput("Give a value, or mark it not reported.")
    if item.kind in ("codes", "texts"):
        return [_code(item, part) if item.kind == "codes" else part for part in dict.fromkeys(parts)]
    text = parts[0]
    if item.kind == "code":
        return _code(item, text)
    if item.kind == "boolean":
        if text not in ("true", "false"):
            raise BadInput("Choose yes or no.")
        return text == "true"
    if item.kind == "number":
        # A comma that does not group thousands may be somebody's decimal point: 1,5 must not become 15.
        if not _NUMBER.fullmatch(text):
            raise BadInput(f"“{text}” is not a number; use a point for decimals.")
        number = float(re.sub(r"[, \u00a0\u202f]", "", text))
        if item.whole and number != int(number):
            raise BadInput(f"“{text}” is not a whole number.")
        return int(number) if item.whole else number
    return text


def _code(item: ItemField, text: str) -> str:
    codes = [str(member) for member in item.vocabulary or ()]
    if text not in codes:
        raise BadInput(f"“{text}” is not one of {', '.join(codes)}.")
    return text


def as_text(value: Any, item: ItemField | None = None) -> str:
    """Return a value as it is shown; the codes of an item in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(as_text(part, item) for part in value)
    if item is not None and item.vocabulary is not None and isinstance(value, str):
        return code_label(value, item.vocabulary)
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return "" if value is None else str(value).replace("_", " ") if not str(value).startswith("http") else str(value)


def check_answer(item: ItemField | None, answer: ItemAnswer) -> ItemAnswer:
    """Return the answer, if it can stand: `BadInput` for `other` without words, or a list without rows that has a value."""
    if answer.status is not ItemStatus.REPORTED:
        return answer.model_copy(update={"value": None, "other": None})
    if item is None:
        raise BadInput("Add a row first.")
    codes = answer.value if isinstance(answer.value, list) else [answer.value]
    if item.coded and "other" in codes and not (answer.other or "").strip():
        raise BadInput("Specify “other”.")
    return answer


def own_answer(report: Report, slot: Slot, fields: Mapping[str, str], lists: Mapping[str, list[str]]) -> ItemAnswer:
    """Return what a person says of a place: a status, or a value with the words of the report that say so.

    `BadInput` for a value that is none of the item's, and for words that are not in the documents.
    """
    action = fields.get("action", "")
    if action != "correct":
        if slot.derived or action not in tuple(ItemStatus) or action == ItemStatus.REPORTED:
            raise BadInput("no such answer")
        return ItemAnswer(status=ItemStatus(action))
    if slot.item is None:
        raise BadInput("Add a row first.")
    if slot.derived:
        value, reason = read_value(slot.item, lists.get("value", [])), fields.get("reason", "").strip()
        return override(ItemAnswer(status=ItemStatus.REPORTED, value=value, reason=reason))
    value, quote = read_value(slot.item, lists.get("value", [])), fields.get("quote", "").strip()
    evidence = (evidence_of(report, quote, fields.get("quote_place", "")),) if quote else ()
    other = fields.get("other", "").strip() or None
    return check_answer(
        slot.item, ItemAnswer(status=ItemStatus.REPORTED, value=value, other=other, evidence=evidence)
    )  # fmt: skip


def as_typed(fields: Mapping[str, str], lists: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return what stands in the fields of an item's form, right or wrong, to be shown again as it was left."""
    return {
        "value": lists.get("value", []),
        "other": fields.get("other", ""),
        "quote": fields.get("quote", ""),
        "quote_place": fields.get("quote_place", ""),
        "reason": fields.get("reason", ""),
    }
