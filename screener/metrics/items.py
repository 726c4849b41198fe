"""Each item of an extraction against gold, and against a second reviewer's."""

import enum
from dataclasses import dataclass

from .matching import ItemPair, Items, Keys, Kinds, MatchedAnswer, item_name, kind_of, pair_items
from .values import SAME_WORDS, ItemKind, ItemValue, SetCounts, count_members, values_agree, values_same


class Outcome(enum.StrEnum):
    """What became of one item. All but `unscored` are scored."""

    CORRECT = "correct"
    """Gold and extraction report the same value, texts in the same words (`values_same`)."""
    WRONG = "wrong"
    """Both report a value, and the values differ."""
    MISSED = "missed"
    """Gold reports a value; the extraction says there is none, or has no such item."""
    FABRICATED = "fabricated"
    """The extraction reports a value where gold says there is none."""
    NOT_REPORTED = "not_reported"
    """Both say that there is none; `not_reported` and `not_applicable` are one in this."""
    UNCLEAR = "unclear"
    """The extraction leaves it open, whatever gold says: neither right nor wrong, and never counted as correct."""
    UNSCORED = "unscored"
    """Gold leaves it open or has no such item, or says there is no value and the extraction has no such item."""


class EntryMatch(enum.StrEnum):
    """What became of the entry of a list that an item is in."""

    NONE = ""
    """It is in no list."""
    MATCHED = "matched"
    """Both sides have the entry, so that at most single items of it differ."""
    MISSING = "missing"
    """Gold has the entry, and the extraction does not."""
    EXTRA = "extra"
    """The extraction has it, and gold does not."""
    OPEN = "open"
    """Gold has it, and the extraction leaves the whole list open."""


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item with its outcome. `gold` and `extracted` are the paths at which each side's answer stands."""

    name: str
    outcome: Outcome
    gold: str | None
    extracted: str | None
    expected: bool
    """Whether gold reports a value, so that the item counts in recall."""
    members: SetCounts | None = None
    """For sets of which gold or extraction reports one, if scored."""
    entry: EntryMatch = EntryMatch.NONE


def item_outcome(extracted: ItemValue | None, gold: ItemValue | None, kind: ItemKind) -> Outcome:
    """Return the outcome of one item by the table in `Outcome`; None is a side that has no such item."""
    agree = False
    if extracted is not None and gold is not None and extracted.reported and gold.reported:
        agree = values_same(extracted, gold, kind)
    return _outcome(extracted, gold, agree)


def score_items(extracted: Items, gold: Items, kinds: Kinds, keys: Keys | None = None) -> tuple[ScoredItem, ...]:
    """Score the items of one study, both sides by path, `kinds` by name (the path without indices).

    Objects in lists are assigned first (`pair_items`, with `keys`). The reported items of an object that gold has not are
    fabricated; but where gold labels only some items (no object of that list has the name) the others are unscored.
    Raises ValueError for a path that is none, and for a scored value whose kind is not given.
    """
    labelled = labelled_names(gold)
    return tuple(scored_item(pair, labelled, kinds) for pair in pair_items(gold, extracted, kinds, keys))


def labelled_names(gold: Items) -> set[str]:
    """Return the names of the items, lists and groups that gold answers for."""
    return {item_name(path) for path in gold}


def scored_item(pair: ItemPair, labelled: set[str], kinds: Kinds) -> ScoredItem:
    """Return the outcome of one pair of `pair_items`; `labelled` are gold's `labelled_names`."""
    gold, extracted = _answer(pair.gold), _answer(pair.extracted)
    if gold is None and pair.beyond and extracted is not None and extracted.reported and _within(pair.name, labelled):
        outcome = Outcome.FABRICATED
    else:
        outcome = _outcome(extracted, gold, pair.agree and _same(extracted, gold, pair.name, kinds))
    expected = gold is not None and gold.reported
    members = None
    if outcome is not Outcome.UNSCORED and (expected or outcome is Outcome.FABRICATED):
        kind = kind_of(pair.name, kinds)
        members = count_members(extracted, gold, kind, words=SAME_WORDS) if kind.many else None
    return ScoredItem(pair.name, outcome, _path(pair.gold), _path(pair.extracted), expected, members, _entry(pair))


def _same(extracted: ItemValue | None, gold: ItemValue | None, name: str, kinds: Kinds) -> bool:
    """Return whether two answers that agree are the same by the strict rule: entries are assigned by a looser one."""
    if extracted is None or gold is None or not (extracted.reported and gold.reported):
        return True
    return values_same(extracted, gold, kind_of(name, kinds))


def _entry(pair: ItemPair) -> EntryMatch:
    if "[" not in pair.path:
        return EntryMatch.NONE
    # The answer of a whole list stands at the list's path: that side has no such entry.
    whole = pair.extracted if pair.extracted is not None and item_name(pair.extracted.path) != pair.name else None
    if whole is not None and whole.answer.status == "unclear":
        return EntryMatch.OPEN
    if pair.lacking or whole is not None:
        return EntryMatch.MISSING
    if pair.beyond or pair.gold is None or item_name(pair.gold.path) != pair.name:
        return EntryMatch.EXTRA
    return EntryMatch.MATCHED


def _answer(side: MatchedAnswer | None) -> ItemValue | None:
    return None if side is None else side.answer


def _path(side: MatchedAnswer | None) -> str | None:
    return None if side is None else side.path


def _outcome(extracted: ItemValue | None, gold: ItemValue | None, agree: bool) -> Outcome:
    if gold is None or gold.status == "unclear":
        return Outcome.UNSCORED
    if extracted is None:
        return Outcome.MISSED if gold.reported else Outcome.UNSCORED
    if extracted.status == "unclear":
        return Outcome.UNCLEAR
    if gold.reported and extracted.reported:
        return Outcome.CORRECT if agree else Outcome.WRONG
    if gold.reported:
        return Outcome.MISSED
    return Outcome.FABRICATED if extracted.reported else Outcome.NOT_REPORTED


def _within(name: str, labelled: set[str]) -> bool:
    """Return whether gold labels the item, or answers for the whole list or group it is in."""
    steps = name.split(".")
    return any(".".join(steps[:length]) in labelled for length in range(1, len(steps) + 1))


@dataclass(frozen=True, slots=True)
class ComparedItem:
    """One item of two reviewers. `first` and `second` are the paths at which each one's answer stands."""

    name: str
    path: str
    """In the first reviewer's numbering; objects that only the second has are numbered on."""
    first: str | None
    second: str | None
    same: bool


def compare_items(first: Items, second: Items, kinds: Kinds, keys: Keys | None = None) -> tuple[ComparedItem, ...]:
    """Compare the items of one study by two reviewers: the same if status and value are (`values_agree` both ways).

    Here `not_reported` and `not_applicable` differ. An item that one of them lacks differs if the other reports a value;
    otherwise it is left out. Objects in lists are assigned first (`pair_items`).
    """
    compared = []
    for pair in pair_items(first, second, kinds, keys):
        first_item, second_item = pair.gold, pair.extracted
        if first_item is None or second_item is None:
            if not pair.reported:
                continue
            same = False
        else:
            same = first_item.answer.status == second_item.answer.status and pair.agree
            if same and first_item.answer.reported:
                same = values_agree(first_item.answer, second_item.answer, kind_of(pair.name, kinds))
        compared.append(ComparedItem(pair.name, pair.path, _path(first_item), _path(second_item), same))
    return tuple(compared)


def differing(first: Items, second: Items, kinds: Kinds) -> list[str]:
    """Return the paths of the items in conflict: other status or value.

    They are in the first reviewer's numbering, see `ComparedItem`.
    """
    return [item.path for item in compare_items(first, second, kinds) if not item.same]
