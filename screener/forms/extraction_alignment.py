"""Several extractions of one study beside each other: which items differ, and one extraction made of what was chosen.

Pure. The form is not needed: by which rule two values are compared is told from the values themselves (`kind_of`), so
that standings can be read without running the code of the review's form.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.judgement import ItemAnswer, ItemStatus
from ..metrics import ItemKind, ItemValue, compare_items, item_name, pair_items

Items = Mapping[str, ItemAnswer]
_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Line:
    """One item as each side has it. `path` is in the first side's numbering; rows that it lacks are numbered on.

    `answers` has None for a side without the item; `places` are the paths at which the sides' answers stand: the answer
    of a whole list (`not_reported`) stands for each item that another side has in it.
    """

    path: str
    answers: tuple[ItemAnswer | None, ...]
    places: tuple[str | None, ...]
    differs: bool


def same_items(one: Items, two: Items) -> bool:
    """Whether two extractions say the same of every item: the same status and value, whatever the order of lists."""
    return all(item.same for item in compare_items(_values(one), _values(two), kinds_of(one, two)))


def align(sides: Sequence[Items]) -> list[Line]:
    """The items of several extractions laid beside each other.

    Rows of lists are assigned by their content (`metrics.pair_items`), each side in turn to all before it. An item
    differs where any two sides do: in status or value, or in that one reports it and the other has no such item.
    """
    known: dict[str, list[tuple[str, ItemAnswer] | None]] = {}
    differing: set[str] = set()
    for place, side in enumerate(sides):
        # What the sides before say first; where the first lacks a row, what the next one says stands for it.
        before = {path: next(found for found in said if found)[1] for path, said in known.items() if any(said)}
        kinds = kinds_of(*sides)
        pairs = pair_items(_values(before), _values(side), kinds) if place else ()
        if place:
            differing |= {one.path for one in compare_items(_values(before), _values(side), kinds) if not one.same}
        placed = {pair.path: pair.extracted.path for pair in pairs if pair.extracted is not None}
        if not place:
            placed = {path: path for path in side}
        for pair in pairs:
            if pair.gold is not None and pair.path not in known and pair.gold.path in known:
                # The answer of a whole list, beside the rows that this side has in it.
                known[pair.path] = list(known[pair.gold.path])
        for path, there in placed.items():
            said = known.setdefault(path, [None] * place)
            said.append((there, side[there]))
        for said in known.values():
            if len(said) == place:
                said.append(None)
    lists = _lists(known)
    lines = []
    for path, said in known.items():
        if path in lists:
            continue  # the answer of a list as a whole stands at its rows where any side has some
        reported = [found is not None and found[1].status is ItemStatus.REPORTED for found in said]
        lacking = any(found is None for found in said)
        differs = path in differing or (lacking and any(reported))
        lines.append(Line(path, tuple(f and f[1] for f in said), tuple(f and f[0] for f in said), differs))
    return lines


def compose(lines: Sequence[Line], chosen: Mapping[str, int | ItemAnswer]) -> dict[str, ItemAnswer]:
    """One extraction: of items that do not differ what all say, of the others what was `chosen`, by the line's path.

    Chosen is the number of a side (which may have no such item), or an answer of one's own. Rows of which some side has
    nothing stay only if something in them is reported or in doubt; lists are numbered without gaps.
    """
    made: dict[str, ItemAnswer] = {}
    doubtful: dict[str, None] = {}
    whole: dict[str, ItemAnswer] = {}
    for line in lines:
        choice = chosen[line.path] if line.differs else next(n for n, one in enumerate(line.answers) if one is not None)
        if isinstance(choice, ItemAnswer):
            made[line.path] = choice
        elif (answer := line.answers[choice]) is not None and (there := line.places[choice]) is not None:
            made[there if _of_list(line, there) else line.path] = answer
        for place, said in zip(line.places, line.answers, strict=True):
            if place is None or _of_list(line, place):
                doubtful |= dict.fromkeys(rows_of(line.path))
            if place is not None and said is not None and _of_list(line, place):
                whole.setdefault(place, said)
    for row in doubtful:
        inside = {path: answer for path, answer in made.items() if path.startswith(f"{row}.")}
        if not any(answer.status in (ItemStatus.REPORTED, ItemStatus.UNCLEAR) for answer in inside.values()):
            made = {path: answer for path, answer in made.items() if path not in inside}
    lists = _lists(made)
    # A list of which no row is left keeps the answer that somebody gave for the whole of it.
    made = {**whole, **made}
    return _numbered({path: answer for path, answer in made.items() if path not in lists})


def _of_list(line: Line, place: str) -> bool:
    """Whether the answer at `place` is that of a whole list that the item is in."""
    return item_name(place) != item_name(line.path)


def kinds_of(*sides: Items) -> dict[str, ItemKind]:
    """By which rule the values of each item are compared, told from the values that are given, by the item's name.

    true and false; numbers; addresses; codes (words in lower case joined by underscores, or a value with an `other`
    text); all else is text.
    """
    given: dict[str, list[ItemAnswer]] = {}
    for side in sides:
        for path, answer in side.items():
            given.setdefault(item_name(path), []).append(answer)
    return {name: _kind(answers) for name, answers in given.items()}


def _kind(answers: Sequence[ItemAnswer]) -> ItemKind:
    reported = [answer for answer in answers if answer.status is ItemStatus.REPORTED]
    many = any(isinstance(answer.value, list) for answer in reported)
    values = [one for a in reported for one in (a.value if isinstance(a.value, list) else [a.value])]
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
    """The lists that have rows, by their paths."""
    return {path[: found.start()] for path in paths for found in _INDEX.finditer(path)}


def rows_of(path: str) -> list[str]:
    """The rows of lists that an item stands in, outermost first: `a[0]`, `a[0].b[2]` of `a[0].b[2].c`."""
    return [path[: found.end()] for found in _INDEX.finditer(path)]


def _numbered(items: Mapping[str, ItemAnswer]) -> dict[str, ItemAnswer]:
    """The same with lists numbered from 0 without gaps, in their order."""
    used: dict[str, set[int]] = {}
    for path in items:
        for found in _INDEX.finditer(path):
            used.setdefault(path[: found.start()], set()).add(int(found[1]))
    place = {name: {old: new for new, old in enumerate(sorted(numbers))} for name, numbers in used.items()}

    def renumber(path: str) -> str:
        return _INDEX.sub(lambda found: f"[{place[path[: found.start()]][int(found[1])]}]", path)

    return {renumber(path): answer for path, answer in items.items()}
