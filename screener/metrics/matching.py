"""Two filled forms laid beside each other: which object of a list is which, and so which item answers to which.

Items are keyed by path, such as `models[0].pretraining.datasets[1].name`; their name is the path without indices. The
objects of two lists are assigned to each other so that the sum of their similarities is largest (Kuhn 1955, Nav Res
Logist Q 2:83; SciPy's `linear_sum_assignment`). Where items of the list are its keys, `entry_keys` says which entries are
one. Else similarity is the share of agreeing values in the whole object, inner
lists assigned in the same way first; items that neither side reports tell nothing and are left out. Equal shares are
decided by the share of items of the same status. As many objects are assigned as the shorter list has, even where
nothing agrees: two readings of one model stay one model, with wrong values.
The order of a list never matters: objects are sorted by their content before they are assigned.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .entry_keys import paired_by_key
from .values import ItemKind, ItemValue, values_agree

_SAME_STATUS = 1e-6  # weight of what decides between equal shares

Items = Mapping[str, ItemValue]
Kinds = Mapping[str, ItemKind]
Keys = Mapping[str, Sequence[str]]
"""Of lists that have keys, by the list's name, the names of the items that tell its entries apart."""


@dataclass(frozen=True, slots=True)
class MatchedAnswer:
    """An answer and the path it was given at: the item's own, or that of the list whose answer stands for its items."""

    path: str
    answer: ItemValue


@dataclass(frozen=True, slots=True)
class ItemPair:
    """One item as gold and as the extraction have it; None where one has no such item."""

    name: str
    """The path without indices."""
    path: str
    """The path in gold's numbering; objects that gold lacks are numbered on."""
    gold: MatchedAnswer | None
    extracted: MatchedAnswer | None
    beyond: bool
    """Whether it belongs to an object that the gold list, which has others, does not have."""
    agree: bool
    """Whether both report the same value, both report none, or both are unclear."""
    lacking: bool = False
    """Whether it belongs to an object of gold's list that the extraction does not have."""

    @property
    def reported(self) -> bool:
        """Return whether either side reports a value."""
        return any(side is not None and side.answer.reported for side in (self.gold, self.extracted))

    @property
    def judged(self) -> bool:
        """Return whether gold says something to compare with."""
        return self.beyond if self.gold is None else self.gold.answer.status != "unclear"


def item_name(path: str) -> str:
    """Return the path without indices: `models.pretraining.datasets.name` of `models[0].pretraining.datasets[1].name`."""
    return re.sub(r"\[\d+\]", "", path)


def kind_of(name: str, kinds: Kinds) -> ItemKind:
    """Return the kind of an item; raises ValueError where none is given."""
    if name not in kinds:
        raise ValueError(f"no kind is given for the item {name!r}")
    return kinds[name]


def pair_items(gold: Items, extracted: Items, kinds: Kinds, keys: Keys | None = None) -> tuple[ItemPair, ...]:
    """Lay the extracted items beside gold's; both by path, `kinds` by name. Sorted by path in gold's numbering.

    Entries of the lists in `keys` are assigned by their keys, those of other lists by all that they say.

    An answer at the path of a list (or group) of which a side has no entries stands for each item that the other side
    has in it: `not_reported` for none, `unclear` for all in doubt (also where it claims entries and gives none).
    Raises ValueError for a path that is none, and for a value to be compared whose kind is not given.
    """
    pairs = _walk(_tree(gold), _tree(extracted), _Place(kinds, keys or {}))
    return tuple(sorted(pairs, key=lambda pair: _steps(pair.path)))


@dataclass
class _Node:
    """What one side has at a path: an answer, named parts, numbered entries."""

    path: str
    answer: ItemValue | None = None
    parts: dict[str, "_Node"] = field(default_factory=dict)
    entries: dict[int, "_Node"] = field(default_factory=dict)

    @property
    def divided(self) -> bool:
        return bool(self.parts or self.entries)

    @property
    def item(self) -> MatchedAnswer | None:
        return None if self.answer is None else MatchedAnswer(self.path, self.answer)

    @cached_property
    def content(self) -> str:
        """Return what it says, the same in whatever order its lists are."""
        answer = None if self.answer is None else [self.answer.status, _unordered(self.answer.value), self.answer.other]
        parts = sorted((name, part.content) for name, part in self.parts.items())
        return json.dumps([answer, parts, sorted(entry.content for entry in self.entries.values())], default=str)

    @property
    def sorted_entries(self) -> list[tuple[int, "_Node"]]:
        return sorted(self.entries.items(), key=lambda entry: (entry[1].content, entry[0]))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where two trees are compared, and what stands above."""

    kinds: Kinds
    keys: Keys
    path: str = ""
    gold: MatchedAnswer | None = None
    """Gold's answer for the whole list that this is in."""
    extracted: MatchedAnswer | None = None
    beyond: bool = False
    lacking: bool = False

    def at(
        self,
        path: str,
        *,
        gold: MatchedAnswer | None,
        extracted: MatchedAnswer | None,
        beyond: bool = False,
        lacking: bool = False,
    ) -> "_Place":
        return _Place(self.kinds, self.keys, path, gold, extracted, self.beyond or beyond, self.lacking or lacking)


def _walk(gold: _Node | None, extracted: _Node | None, place: _Place) -> list[ItemPair]:
    """Pair the items of two trees; either may be missing."""
    divided = [node for node in (gold, extracted) if node is not None and node.divided]
    if not divided:
        return _leaf(gold, extracted, place)
    gold_answer = place.gold if gold is None else _answer_for_all(gold)
    extracted_answer = place.extracted if extracted is None else _answer_for_all(extracted)
    pairs: list[ItemPair] = []
    for name in dict.fromkeys(name for node in divided for name in node.parts):
        child = place.at(f"{place.path}.{name}".removeprefix("."), gold=gold_answer, extracted=extracted_answer)
        pairs += _walk(gold and gold.parts.get(name), extracted and extracted.parts.get(name), child)
    gold_entries = gold.sorted_entries if gold else []
    extracted_entries = extracted.sorted_entries if extracted else []
    return pairs + _entries(
        gold_entries, extracted_entries, place.at(place.path, gold=gold_answer, extracted=extracted_answer)
    )


def _leaf(gold: _Node | None, extracted: _Node | None, place: _Place) -> list[ItemPair]:
    gold_item, extracted_item = gold and gold.item, extracted and extracted.item
    if gold_item is None and extracted_item is None:
        return []
    gold_answer, extracted_answer = gold_item or place.gold, extracted_item or place.extracted
    name = item_name(place.path)
    agree = (
        gold_answer is not None
        and extracted_answer is not None
        and _agree(gold_answer.answer, extracted_answer.answer, name, place.kinds)
    )
    return [ItemPair(name, place.path, gold_answer, extracted_answer, place.beyond, agree, place.lacking)]


def _agree(gold: ItemValue, extracted: ItemValue, name: str, kinds: Kinds) -> bool:
    if gold.reported and extracted.reported:
        return values_agree(extracted, gold, kind_of(name, kinds))
    return (gold.silent and extracted.silent) or gold.status == extracted.status


def _answer_for_all(node: _Node) -> MatchedAnswer | None:
    """Return the answer that stands for everything below, where the node has nothing below."""
    if node.divided or node.answer is None:
        return None
    return MatchedAnswer(node.path, ItemValue("unclear") if node.answer.reported else node.answer)


def _entries(
    gold: Sequence[tuple[int, _Node]], extracted: Sequence[tuple[int, _Node]], outer: _Place
) -> list[ItemPair]:
    """Pair the objects of two lists, and so their items."""

    def place(index: int, *, beyond: bool = False, lacking: bool = False) -> _Place:
        path = f"{outer.path}[{index}]"
        return outer.at(path, gold=outer.gold, extracted=outer.extracted, beyond=beyond, lacking=lacking)

    tried = [
        [_walk(gold_entry, extracted_entry, place(index)) for _, extracted_entry in extracted]
        for index, gold_entry in gold
    ]
    assigned = _assigned(tried, outer)
    pairs = [pair for row, column in assigned for pair in tried[row][column]]
    for row in set(range(len(gold))).difference(row for row, _ in assigned):
        index, gold_entry = gold[row]
        pairs += _walk(gold_entry, None, place(index, lacking=True))
    left = set(range(len(extracted))).difference(column for _, column in assigned)
    unpaired = sorted((extracted[column] for column in left), key=_number)
    for index, (_, extracted_entry) in enumerate(unpaired, start=max((index + 1 for index, _ in gold), default=0)):
        # Without a gold list there is nothing to be beyond: what gold does not label is not scored.
        pairs += _walk(None, extracted_entry, place(index, beyond=bool(gold)))
    return pairs


def _assigned(tried: Sequence[Sequence[Sequence[ItemPair]]], outer: _Place) -> list[tuple[int, int]]:
    """Return which entry of gold's list (the row) is which of the extraction's (the column)."""
    if not tried or not tried[0]:
        return []
    similarity = np.array([[_similarity(pairs) for pairs in row] for row in tried])
    names = outer.keys.get(item_name(outer.path), ())
    by_key = paired_by_key(tried, names, similarity, outer.kinds) if names else None
    if by_key is not None:
        return by_key
    from scipy.optimize import linear_sum_assignment  # slow to import, and rarely needed

    rows, columns = linear_sum_assignment(similarity, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _similarity(pairs: Iterable[ItemPair]) -> float:
    judged = [pair for pair in pairs if pair.judged]
    values = [pair.agree for pair in judged if pair.reported]
    share = sum(values) / len(values) if values else 0.0
    return share + _SAME_STATUS * (sum(pair.agree for pair in judged) / len(judged) if judged else 0.0)


def _number(entry: tuple[int, _Node]) -> int:
    return entry[0]


def _steps(path: str) -> tuple[tuple[int, str], ...]:
    """Return the path as steps that sort by number where they are numbers."""
    return tuple((int(step), "") if step.isdecimal() else (-1, step) for step in re.split(r"[.\[\]]+", path) if step)


def _tree(items: Items) -> _Node:
    root = _Node("")
    for path, answer in items.items():
        if not re.fullmatch(r"[^.\[\]]+(\[\d+\])*(\.[^.\[\]]+(\[\d+\])*)*", path):
            raise ValueError(f"{path!r} is not the path of an item")
        node = root
        for step in re.finditer(r"\[(\d+)\]|[^.\[\]]+", path):
            upto = path[: step.end()]
            if step[1] is None:
                node = node.parts.setdefault(step[0], _Node(upto))
            else:
                node = node.entries.setdefault(int(step[1]), _Node(upto))
        node.answer = answer
    return root


def _unordered(value: object) -> object:
    """Return the value with its lists sorted, for a sign of content that order does not change."""
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(json.dumps(_unordered(member), default=str, sort_keys=True) for member in value)
    return value
