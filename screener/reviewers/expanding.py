"""From an answer to items: what holds for all units is written out for each, and every value is held against its quote."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..core.judgement import ItemAnswer, ItemStatus
from ..documents import EvidenceTexts, Quote
from ..forms import ItemField, RowField
from .answer_form import FOR, OPEN_ITEMS, AnswerForm, named, without_indices
from .extraction import ProposedItem, settle_item
from .list_entries import is_of_list, joined, together
from .questions import FormPart, Question

Items = dict[str, ItemAnswer]


def proposed(fields: Mapping[str, Any]) -> ProposedItem:
    """Return what was answered of an item, as a proposal."""
    quotes = tuple(Quote(quote.strip()) for quote in fields["evidence"] if quote.strip())
    return ProposedItem(ItemStatus(fields["status"]), fields["value"], fields.get("other"), quotes)


def first_answers(form: AnswerForm, question: Question, answer: Mapping[str, Any], sources: EvidenceTexts) -> Items:
    """Return the items of the parts that were asked for, by their paths with indices."""
    items: Items = {}
    for part in question.parts:
        filled = answer[part.path]
        same = {item.path: settle_item(item, proposed(filled["items"][item.path]), sources) for item in part.items}
        for name, number in names_of(part, question).items():
            own = same | _differing(form, part, filled, name, sources)
            items |= {f"{prefix(part, number)}{path}": item for path, item in own.items()}
        for row in part.rows:
            items |= _lists(part, row, filled["lists"][row.path], question, sources)
    return items


def names_of(part: FormPart, question: Question) -> Mapping[str, int]:
    """Return the units that a part is answered for, with their numbers; of a part of the study one without a name."""
    return question.names.get(part.unit.path, {}) if part.unit else {"": 0}


def prefix(part: FormPart, number: int) -> str:
    """Return what leads the paths of a part's items: `models[0].identity.`."""
    return f"{part.unit.path}[{number}].{part.group.path}." if part.unit else f"{part.path}."


def _differing(form: AnswerForm, part: FormPart, filled: Mapping[str, Any], name: str, sources: EvidenceTexts) -> Items:
    """Return the items in which the unit `name` differs from the others."""
    found: Items = {}
    for patch in filled.get("differs", ()):
        item = part.item(patch["item"])
        if item is not None and named([name], dict.fromkeys(patch[FOR], 0)):
            found[item.path] = settle_item(item, proposed(form.typed(item, patch)), sources)
    return found


def _lists(
    part: FormPart, row: RowField, entries: Sequence[Mapping[str, Any]], question: Question, sources: EvidenceTexts
) -> Items:
    """Return the entries of a list, those of each unit numbered from 0. One that names no unit is of all."""
    settled = [
        (
            entry.get(FOR) or (),
            {item.path: settle_item(item, proposed(entry[item.path]), sources) for item in row.items},
        )
        for entry in entries
    ]
    items: Items = {}
    for name, number in names_of(part, question).items():
        list_path = f"{prefix(part, number)}{row.path}"
        own = [items_of for names, items_of in settled if not names or named([name], dict.fromkeys(names, 0))]
        for place, entry in enumerate(own):
            items |= {f"{list_path}[{place}].{path}": answer for path, answer in entry.items()}
        if not own:
            items[list_path] = ItemAnswer(status=ItemStatus.NOT_REPORTED)
    return items


def second_answers(
    form: AnswerForm, question: Question, answer: Mapping[str, Any], items: Items, sources: EvidenceTexts
) -> Items:
    """Return the items with what a second reading adds: it completes and finds, and takes nothing back."""
    items = dict(items)
    asked = {(item.path, name) for item in question.open_items for name in item.names or ("",)}
    for patch in answer[OPEN_ITEMS] or ():
        for part, item in _targets(form, patch["item"]):
            inside = patch["item"].removeprefix(f"{part.path}.")
            after = settle_item(item, proposed(form.typed(item, patch)), sources)
            for name, number in names_of(part, question).items():
                path = f"{prefix(part, number)}{inside}"
                concerned = part.unit is None or not patch[FOR] or named([name], dict.fromkeys(patch[FOR], 0))
                if concerned and (patch["item"], name) in asked and path in items:
                    items[path] = together(items[path], after)
    for part in form.parts:
        filled = (answer[part.path] or {}).get("lists") or {}
        for row in part.rows:
            new = _lists(part, row, filled.get(row.path, ()), question, sources)
            for _, number in names_of(part, question).items():
                items = _with_entries(items, new, f"{prefix(part, number)}{row.path}")
    return items


def _targets(form: AnswerForm, path: str) -> Iterator[tuple[FormPart, ItemField]]:
    for part in form.parts:
        item = part.item(without_indices(path.removeprefix(f"{part.path}.")))
        if path.startswith(f"{part.path}.") and item is not None:
            yield part, item


def _with_entries(items: Items, new: Items, list_path: str) -> Items:
    old = {path: answer for path, answer in items.items() if is_of_list(path, list_path)}
    more = {path: answer for path, answer in new.items() if is_of_list(path, list_path)}
    return {path: answer for path, answer in items.items() if path not in old} | joined(old, more, list_path)
