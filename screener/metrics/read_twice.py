"""Two readings of one study against gold: what both say and is right, what both say and is wrong, where they differ."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .bootstrap import RESAMPLES, SEED
from .clustered import ratio_by_study
from .intervals import Estimate
from .items import Outcome, labelled_names, scored_item
from .matching import ItemPair, Items, Keys, Kinds, MatchedAnswer, kind_of, pair_items
from .values import ItemValue, values_agree

_RIGHT = (Outcome.CORRECT, Outcome.NOT_REPORTED)


@dataclass(frozen=True, slots=True)
class TwiceReadItem:
    """One item that two readings were asked. `gold`, `first` and `second` are the paths at which each one's answer stands."""

    name: str
    path: str
    """In gold's numbering; objects that gold does not have are numbered on, by each reading for itself."""
    gold: str | None
    first: str | None
    second: str | None
    first_right: bool
    """Whether the first says what gold says, a value or that there is none."""
    second_right: bool
    same: bool
    """Whether both say the same, so that nobody is shown the item as one on which they differ."""
    open: bool
    """Whether both leave it `unclear`, so that a person has to look although they say the same."""


FIGURES: dict[str, tuple[str, str]] = {
    "agree_right": ("agree_right", "n"),
    "agree_wrong": ("agree_wrong", "n"),
    "differ": ("differ", "n"),
    "both_unclear": ("both_unclear", "n"),
    "right_where_agree": ("agree_right", "agree"),
    "first_right": ("first_right", "n"),
    "second_right": ("second_right", "n"),
    "one_right": ("one_right", "n"),
}
"""Each figure as numerator and denominator, sums of counts over studies. The first four add up to 1.

`right_where_agree` is the accuracy of concordant answers of Khan et al. 2025, J Am Med Inform Assoc, ocae325. `one_right`
is a ceiling: it counts an item as right where either reading is, which only a person who knows gold could reach."""

COUNTS = (
    "n", "agree_right", "agree_wrong", "differ", "both_unclear", "only_first_right", "only_second_right", "both_right_differ",
    "neither_right_differ",
)  # fmt: skip
"""What is counted; the last four are the parts of `differ`."""


@dataclass(frozen=True)
class TwiceReadFigures:
    """The figures of two readings: counts by `COUNTS` and estimates by `FIGURES`, and the counts of each item by name.

    Items that both say wrongly come first in `by_item`.
    """

    counts: dict[str, int]
    figures: dict[str, Estimate]
    by_item: dict[str, dict[str, int]]


def score_twice(
    first: Items, second: Items, gold: Items, kinds: Kinds, keys: Keys | None = None
) -> tuple[TwiceReadItem, ...]:
    """Score two readings of one study, all three by path, `kinds` by name (the path without indices).

    Objects in lists are assigned to gold's (`pair_items`, with `keys`), each reading for itself; what gold does not have is assigned
    between the two, within each list of gold's. What gold leaves open or does not label is left out, as in `score_items`. Raises ValueError as that.
    """
    labelled = labelled_names(gold)
    sides = [{pair.path: pair for pair in pair_items(gold, items, kinds, keys)} for items in (first, second)]
    # A path that is gold's own is the same item on both sides; another is in the numbering of one reading alone.
    own = [{path for path, pair in side.items() if pair.gold is not None and pair.gold.path == path} for side in sides]
    items = []
    for path in sorted(own[0] & own[1]):
        one, two = (side[path] for side in sides)
        outcomes = [scored_item(pair, labelled, kinds).outcome for pair in (one, two)]
        if all(outcome is Outcome.UNSCORED for outcome in outcomes):
            continue
        right = [
            outcome in _RIGHT or (outcome is Outcome.UNSCORED and pair.extracted is None)
            for outcome, pair in zip(outcomes, (one, two), strict=True)
        ]
        items.append(_item(one.name, path, one.gold, (one.extracted, two.extracted), right, kinds))
    return (*items, *_beyond(gold, [_left(side, own[0] & own[1]) for side in sides], kinds, keys))


def _left(side: Mapping[str, ItemPair], known: Collection[str]) -> dict[str, ItemPair]:
    """Return what a reading has of objects that gold does not have, or says of a list that has none."""
    return {
        path: pair
        for path, pair in side.items()
        if path not in known and pair.extracted is not None and (pair.beyond or pair.gold is not None)
    }


def _beyond(
    gold: Items, left: Sequence[Mapping[str, ItemPair]], kinds: Kinds, keys: Keys | None
) -> list[TwiceReadItem]:
    """Return the items of objects that gold does not have; within each of gold's lists the readings' are assigned."""
    labelled, known = labelled_names(gold), {path[: end.end()] for path in gold for end in re.finditer(r"\]", path)}
    items = []
    for place in dict.fromkeys(_list_of(path, known) for side in left for path in side):
        answers = [
            {
                path: pair.extracted.answer
                for path, pair in side.items()
                if pair.extracted and _list_of(path, known) == place
            }
            for side in left
        ]
        for between in pair_items(answers[0], answers[1], kinds, keys):
            given = (between.gold, between.extracted)
            pairs = [side[answer.path] if answer else None for side, answer in zip(left, given, strict=True)]
            outcomes = [scored_item(pair, labelled, kinds).outcome for pair in pairs if pair is not None]
            if all(outcome is Outcome.UNSCORED for outcome in outcomes):
                continue
            # Gold has no such object: who says nothing of it, or that there is no value, is right.
            right = [answer is None or answer.answer.silent for answer in given]
            gold_answer = next((pair.gold for pair in pairs if pair is not None and pair.gold is not None), None)
            one, two = (pair.extracted if pair is not None else None for pair in pairs)
            path = next(pair.path for pair in pairs if pair is not None and pair.name == between.name)
            items.append(_item(between.name, path, gold_answer, (one, two), right, kinds))
    return items


def _list_of(path: str, known: Collection[str]) -> str:
    """Return the list of gold's that the path's first object beyond gold is in; `known` are the paths of gold's objects."""
    for index in re.finditer(r"\[\d+\]", path):
        if path[: index.end()] not in known:
            return path[: index.start()]
    return path


def _item(
    name: str,
    path: str,
    gold: MatchedAnswer | None,
    sides: tuple[MatchedAnswer | None, MatchedAnswer | None],
    right: Sequence[bool],
    kinds: Kinds,
) -> TwiceReadItem:
    one, two = (side.answer if side is not None else None for side in sides)
    both_open = one is not None and two is not None and one.status == two.status == "unclear"
    gold_path, first, second = (side.path if side is not None else None for side in (gold, *sides))
    same = _same(one, two, name, kinds)
    return TwiceReadItem(name, path, gold_path, first, second, right[0], right[1], same, both_open)


def _same(first: ItemValue | None, second: ItemValue | None, name: str, kinds: Kinds) -> bool:
    """Return whether nobody is shown the two as different: `compare_items`, and no answer is as one without a value."""
    if first is None or second is None:
        return all(side is None or side.silent for side in (first, second))
    if first.status != second.status:
        return False
    kind = kind_of(name, kinds) if first.reported else None
    return kind is None or (values_agree(first, second, kind) and values_agree(second, first, kind))


def twice_figures(
    studies: Iterable[Sequence[TwiceReadItem]],
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> TwiceReadFigures:
    """Return all figures; `studies` has the `score_twice` of one study each; intervals as in `ratio_by_study`."""
    read = [list(study) for study in studies]
    rows = [_counts(study) for study in read]

    def estimate(top: str, bottom: str) -> Estimate:
        columns = [[row[name] for row in rows] for name in (top, bottom)]
        return ratio_by_study(*columns, level=level, resamples=resamples, seed=seed)

    names = {item.name for study in read for item in study}
    by_item = {name: _shown([item for study in read for item in study if item.name == name]) for name in names}
    return TwiceReadFigures(
        _shown([item for study in read for item in study]),
        {name: estimate(*formula) for name, formula in FIGURES.items()},
        dict(sorted(by_item.items(), key=lambda item: (-item[1]["agree_wrong"], -item[1]["differ"], item[0]))),
    )


def _shown(items: Sequence[TwiceReadItem]) -> dict[str, int]:
    counts = _counts(items)
    return {name: counts[name] for name in COUNTS}


def _counts(items: Sequence[TwiceReadItem]) -> dict[str, int]:
    alike = [item for item in items if item.same and not item.open]
    differing = [item for item in items if not item.same]
    return {
        "n": len(items),
        "agree": len(alike),
        "agree_right": sum(item.first_right and item.second_right for item in alike),
        "agree_wrong": sum(not (item.first_right and item.second_right) for item in alike),
        "differ": len(differing),
        "both_unclear": sum(item.same and item.open for item in items),
        "only_first_right": sum(item.first_right and not item.second_right for item in differing),
        "only_second_right": sum(item.second_right and not item.first_right for item in differing),
        "both_right_differ": sum(item.first_right and item.second_right for item in differing),
        "neither_right_differ": sum(not item.first_right and not item.second_right for item in differing),
        "first_right": sum(item.first_right for item in items),
        "second_right": sum(item.second_right for item in items),
        "one_right": sum(item.first_right or item.second_right for item in items),
    }
