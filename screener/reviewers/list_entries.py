"""Two readings of one list laid together: which entry of the second is which of the first, and what both make of it.

The second reading may find what the first missed. It takes nothing back that was proven.
"""

from collections.abc import Mapping

from ..core.judgement import ItemAnswer, ItemStatus
from ..forms import pair_answers

ENTRIES_VERSION = "2"
"""Version of the rules below; part of the hash of everything that is derived by them."""

Items = Mapping[str, ItemAnswer]


def is_of_list(path: str, list_path: str) -> bool:
    """Return whether a path is that of a list, `list_path`, or of something in it."""
    return path == list_path or path.startswith(f"{list_path}[")


def together(before: ItemAnswer | None, after: ItemAnswer) -> ItemAnswer:
    """Return what two readings say of an item. The second may find what the first missed; it takes nothing back.

    So a value that was proposed and could not be proved stays before the human who looks, and what was left open does not
    become `not_reported`.
    """
    if before is None:
        return after
    if before.status is ItemStatus.REPORTED:
        return before
    if after.status is ItemStatus.REPORTED:
        return after
    if before.status is after.status is ItemStatus.UNCLEAR:
        return after
    return before


def joined(before: Items, after: Items, list_path: str) -> dict[str, ItemAnswer]:
    """Merge what two readings say of the list at `list_path`, both by path: the first's entries, completed, then the rest.

    Entries are paired by their content (`forms.pair_answers`), those in doubt by the values that were proposed.
    """
    if not before:
        return dict(after)
    if not after or list_path in after:  # it found none
        return dict(before)
    if list_path in before:
        return dict(after)
    first, second = _entries(before, list_path), _entries(after, list_path)
    first_values, second_values = _proposed_values(first), _proposed_values(second)
    partners: dict[int, int] = {}
    agree: dict[tuple[int, str], bool] = {}
    for pair in pair_answers(first_values, second_values):
        if pair.gold is not None and pair.extracted is not None:
            number, name = _entry_and_name(pair.extracted.path)
            partners[number] = _entry_and_name(pair.gold.path)[0]
            if pair.gold.answer.reported and pair.extracted.answer.reported:
                agree[number, name] = pair.agree
    merged = list(first)
    for number, entry in enumerate(second):
        partner = partners.get(number)
        alike = {name: agree[number, name] for name in entry if (number, name) in agree}
        if partner is not None and _one_entry(first[partner], entry, alike):
            merged[partner] = {name: together(first[partner].get(name), answer) for name, answer in entry.items()}
        else:
            merged.append(entry)
    return {
        f"{list_path}[{number}].{name}": answer for number, entry in enumerate(merged) for name, answer in entry.items()
    }


def _one_entry(before: Items, after: Items, alike: Mapping[str, bool]) -> bool:
    """Return whether two entries that were paired are one. `alike` says of each item of which both give a value if it
    agrees.

    As many are paired as there are, even where nothing agrees. Two proven values that differ are of two entries. Else
    most values have to agree; of as many for as against, the first, by which a form names its entries, decides.
    """
    for name, agrees in alike.items():
        if not agrees and before[name].status is after[name].status is ItemStatus.REPORTED:
            return False
    count = sum(alike.values())
    return 2 * count > len(alike) or (0 < 2 * count == len(alike) and next(iter(alike.values())))


def entry_lines(items: Items, list_path: str) -> tuple[str, ...]:
    """Return the entries that were found of the list at `list_path`, a line each, for a prompt that asks for the rest."""
    entries = _entries({path: answer for path, answer in items.items() if path.startswith(f"{list_path}[")}, list_path)
    return tuple("; ".join(f"{name}: {_answer_line(answer)}" for name, answer in entry.items()) for entry in entries)


def _answer_line(answer: ItemAnswer) -> str:
    if answer.status is not ItemStatus.REPORTED:
        value = f"{_words(answer)} (in doubt)" if answer.value is not None else "in doubt"
        return value if answer.status is ItemStatus.UNCLEAR else answer.status.value
    return _words(answer)


def _words(answer: ItemAnswer) -> str:
    values = answer.value if isinstance(answer.value, list) else [answer.value]
    text = ", ".join(" ".join(str(value).split()) for value in values)
    return f"{text} ({answer.other})" if answer.other else text


def _entries(items: Items, list_path: str) -> list[dict[str, ItemAnswer]]:
    entries: dict[int, dict[str, ItemAnswer]] = {}
    for path, answer in items.items():
        number, _, name = path.removeprefix(f"{list_path}[").partition("].")
        entries.setdefault(int(number), {})[name] = answer
    return [entries[number] for number in sorted(entries)]


def _proposed_values(entries: list[dict[str, ItemAnswer]]) -> dict[str, ItemAnswer]:
    """Return the entries' items with each value that was given, proven or not: it tells which entry was meant."""
    return {
        f"entries[{number}].{name}": answer.model_copy(update={"status": ItemStatus.REPORTED})
        if answer.status is ItemStatus.UNCLEAR and answer.value is not None
        else answer
        for number, entry in enumerate(entries)
        for name, answer in entry.items()
    }


def _entry_and_name(path: str) -> tuple[int, str]:
    number, _, name = path.removeprefix("entries[").partition("].")
    return int(number), name
