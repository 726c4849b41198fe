"""Several extractions of one study beside each other: which items differ, and one extraction made of what was chosen.

Pure. The form is not needed: by which rule two values are compared is told from the values themselves (`kinds_of`), so
that standings can be read without running the code of the review's form.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.judgement import ItemAnswer, ItemStatus
from ..metrics import ItemKind, ItemPair, ItemValue, compare_items, item_name, pair_items

Items = Mapping[str, ItemAnswer]
_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class AlignedItem:
    """One item as each side has it. `path` is in the first side's numbering; rows that it lacks are numbered on.

    `answers` has None for a side without the item; `places` are the paths at which the sides' answers stand: the answer
    of a whole list (`not_reported`) stands for each item that another side has in it.
    """

    path: str
    answers: tuple[ItemAnswer | None, ...]
    places: tuple[str | None, ...]
    differs: bool


def same_items(first: Items, second: Items) -> bool:
    """Return whether two extractions say the same of every item.

    That is the same status and value, whatever the order of lists.
    """
    return all(item.same for item in compare_items(_values(first), _values(second), kinds_of(first, second)))


def pair_answers(first: Items, second: Items) -> tuple[ItemPair, ...]:
    """Return the items of two readings laid beside each other (`metrics.pair_items`), the first's as `gold`."""
    return pair_items(_values(first), _values(second), kinds_of(first, second))


def align(sides: Sequence[Items]) -> list[AlignedItem]:
    """Return the items of several extractions laid beside each other.

    Rows of lists are assigned by their content (`metrics.pair_items`), each side in turn to all before it. An item
    differs where any two sides do: in status or value, or in that one reports it and the other has no such item.
    """
    rows: dict[str, list[tuple[str, ItemAnswer] | None]] = {}
    differing: set[str] = set()
    for place, side in enumerate(sides):
        # What the sides before say first; where the first lacks a row, what the next one says stands for it.
        before = {
            path: next(answer for answer in answers if answer)[1] for path, answers in rows.items() if any(answers)
        }
        kinds = kinds_of(*sides)
        pairs = pair_items(_values(before), _values(side), kinds) if place else ()
        if place:
            differing |= {
                compared.path for compared in compare_items(_values(before), _values(side), kinds) if not compared.same
            }
        placed = {pair.path: pair.extracted.path for pair in pairs if pair.extracted is not None}
        if not place:
            placed = {path: path for path in side}
        for pair in pairs:
            if pair.gold is not None and pair.path not in rows and pair.gold.path in rows:
                # The answer of a whole list, beside the rows that this side has in it.
                rows[pair.path] = list(rows[pair.gold.path])
        for path, own_path in placed.items():
            answers = rows.setdefault(path, [None] * place)
            answers.append((own_path, side[own_path]))
        for answers in rows.values():
            if len(answers) == place:
                answers.append(None)
    lists = _lists(rows)
    lines = []
    for path, answers in rows.items():
        if path in lists:
            continue  # the answer of a list as a whole stands at its rows where any side has some
        reported = [answer is not None and answer[1].status is ItemStatus.REPORTED for answer in answers]
        lacking = any(answer is None for answer in answers)
        differs = path in differing or (lacking and any(reported))
        lines.append(AlignedItem(path, tuple(f and f[1] for f in answers), tuple(f and f[0] for f in answers), differs))
    return lines


def resolve(lines: Sequence[AlignedItem], chosen: Mapping[str, int | ItemAnswer]) -> dict[str, ItemAnswer]:
    """Return one extraction: of items that do not differ what all say, of the others what was `chosen`, by the line's
    path.

    Chosen is the number of a side (which may have no such item), or an answer of one's own. Rows of which some side has
    nothing stay only if something in them is reported or in doubt; lists are numbered without gaps.
    """
    items: dict[str, ItemAnswer] = {}
    doubtful: dict[str, None] = {}
    whole: dict[str, ItemAnswer] = {}
    for line in lines:
        choice = (
            chosen[line.path]
            if line.differs
            else next(n for n, candidate in enumerate(line.answers) if candidate is not None)
        )
        if isinstance(choice, ItemAnswer):
            items[line.path] = choice
        elif (answer := line.answers[choice]) is not None and (own_path := line.places[choice]) is not None:
            items[own_path if _of_list(line, own_path) else line.path] = answer
        for place, side_answer in zip(line.places, line.answers, strict=True):
            if place is None or _of_list(line, place):
                doubtful |= dict.fromkeys(rows_of(line.path))
            if place is not None and side_answer is not None and _of_list(line, place):
                whole.setdefault(place, side_answer)
    for row in doubtful:
        inside = {path: answer for path, answer in items.items() if path.startswith(f"{row}.")}
        if not any(answer.status in (ItemStatus.REPORTED, ItemStatus.UNCLEAR) for answer in inside.values()):
            items = {path: answer for path, answer in items.items() if path not in inside}
    lists = _lists(items)
    # A list of which no row is left keeps the answer that somebody gave for the whole of it.
    items = {**whole, **items}
    return _numbered({path: answer for path, answer in items.items() if path not in lists})


def _of_list(line: AlignedItem, place: str) -> bool:
    """Return whether the answer at `place` is that of a whole list that the item is in."""
    return item_name(place) != item_name(line.path)


def kinds_of(*sides: Items) -> dict[str, ItemKind]:
    """By which rule the values of each item are compared, told from the values that are given, by the item's name.

    true and false; numbers; addresses; codes (words in lower case joined by underscores, or a value with an `other`
    text); all else is text.
    """
    answers_by_name: dict[str, list[ItemAnswer]] = {}
    for side in sides:
        for path, answer in side.items():
            answers_by_name.setdefault(item_name(path), []).append(answer)
    return {name: _kind(answers) for name, answers in answers_by_name.items()}


def _kind(answers: Sequence[ItemAnswer]) -> ItemKind:
    reported = [answer for answer in answers if answer.status is ItemStatus.REPORTED]
    many = any(isinstance(answer.value, list) for answer in reported)
    values = [part for a in reported for part in (a.value if isinstance(a.value, list) else [a.value])]
    if values and all(isinstance(value, bool) for value in values):
        return ItemKind("boolean", many=many)
    if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return ItemKind("number", many=many)
    words = [value for value in values if isinstance(value, str)]
    if words and all(_URL.fullmatch(word) for word in words):
        return ItemKind("url", many=many)
    if any(answer.other for answer in reported) or (words and all(_CODE.fullmatch(word) for word in words)):
        return ItemKind("code", many=many)
    return ItemKind("text", many=many)


def _values(items: Items) -> dict[str, ItemValue]:
    return {path: ItemValue(answer.status.value, answer.value, answer.other) for path, answer in items.items()}


def _lists(paths: Iterable[str]) -> set[str]:
    """Return the lists that have rows, by their paths."""
    return {path[: match.start()] for path in paths for match in _INDEX.finditer(path)}


def rows_of(path: str) -> list[str]:
    """Return the rows of lists that an item stands in, outermost first: `a[0]`, `a[0].b[2]` of `a[0].b[2].c`."""
    return [path[: match.end()] for match in _INDEX.finditer(path)]


def _numbered(items: Mapping[str, ItemAnswer]) -> dict[str, ItemAnswer]:
    """Return the same with lists numbered from 0 without gaps, in their order."""
    used: dict[str, set[int]] = {}
    for path in items:
        for match in _INDEX.finditer(path):
            used.setdefault(path[: match.start()], set()).add(int(match[1]))
    place = {name: {old: new for new, old in enumerate(sorted(numbers))} for name, numbers in used.items()}

    def renumber(path: str) -> str:
        return _INDEX.sub(lambda match: f"[{place[path[: match.start()]][int(match[1])]}]", path)

    return {renumber(path): answer for path, answer in items.items()}
