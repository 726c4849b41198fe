"""Which entries of two lists are one, by their keys: the items that tell the entries of a list apart.

In three steps, each over what the ones before have left:

1. Entries whose keys are all the same (`values.closeness` of 1) are one. Where several have the same keys, those that
   agree in more of their values.
2. Entries are one whose keys agree in part: to more than half on average over the keys that either reports, so that the
   sum over all pairs is largest. A key of codes, a number or a yes or no that both report and that differs says that these
   are two entries; a text does only if both have numbers and these differ (`1 % of the labels`): names are put in other words.
3. Entries are one under another name: more than half of the values that either reports beside the keys agree, and at least
   two. Here too no key says that they are two.

What is left has no counterpart: an entry that is missing, or one too many. A list of which one side reports no key at all
is not assigned by its keys.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .intervals import FloatArray
from .values import ItemKind, closeness, numbers_differ

if TYPE_CHECKING:
    from .matching import ItemPair

PARTLY = 0.5
"""Keys that agree in part do so to more than this; under another name more than this share of the other values agrees."""
_OTHER_VALUES = 2
_TIE = 1e-3  # weight of what an entry says beside its keys

Entry = Sequence["ItemPair"]
"""The items of an entry of gold's laid beside those of an entry of the extraction's."""


def paired_by_key(
    tried: Sequence[Sequence[Entry]], names: Sequence[str], similarity: FloatArray, kinds: Mapping[str, ItemKind]
) -> list[tuple[int, int]] | None:
    """Return the rows and columns of the entries that are one; None where the keys tell nothing.

    `tried` has gold's entries as rows and the extraction's as columns, `names` are those of the keys, `similarity` says
    how far entries agree as a whole, from 0 to 1.
    """
    # What gold does not label or leaves open tells nothing.
    keys = [[[pair for pair in entry if pair.name in names and pair.judged] for entry in row] for row in tried]
    if not _told(keys):
        return None
    agreement = np.array([[_agreement(entry, kinds) for entry in row] for row in keys])
    apart = np.array([[_apart(entry, kinds) for entry in row] for row in keys])
    others = np.array([[_others(entry, names) for entry in row] for row in tried])
    left = np.ones_like(apart)
    found: list[tuple[int, int]] = []
    for possible, score in (
        (agreement == 1, 1 + similarity),
        ((agreement > PARTLY) & ~apart, agreement + _TIE * similarity),
        ((others > PARTLY) & ~apart, others + _TIE * similarity),
    ):
        from scipy.optimize import linear_sum_assignment  # slow to import, and rarely needed

        weights = np.where(possible & left, score, 0)
        for row, column in zip(*linear_sum_assignment(weights, maximize=True), strict=True):
            if weights[row, column] > 0:
                found.append((int(row), int(column)))
                left[row, :] = left[:, column] = False
    return found


def _told(keys: Sequence[Sequence[Entry]]) -> bool:
    """Return whether each side reports a key of some entry."""
    pairs = [pair for row in keys for entry in row for pair in entry]
    return all(
        any(side is not None and side.answer.reported for side in sides)
        for sides in ([pair.gold for pair in pairs], [pair.extracted for pair in pairs])
    )


def _agreement(keys: Entry, kinds: Mapping[str, ItemKind]) -> float:
    """Return the mean closeness of the keys that either reports; 0 where none is reported by both."""
    reported = [pair for pair in keys if pair.reported]
    close = [_closeness(pair, kinds) for pair in reported]
    return sum(value or 0.0 for value in close) / len(close) if any(value is not None for value in close) else 0.0


def _apart(keys: Entry, kinds: Mapping[str, ItemKind]) -> bool:
    """Return whether a key says that these are two entries."""
    return any(_closeness(pair, kinds) == 0 and not _in_other_words(pair, kinds[pair.name]) for pair in keys)


def _in_other_words(pair: "ItemPair", kind: ItemKind) -> bool:
    """Return whether both may say the same in other words: texts, or what both call `other`, without other numbers."""
    answers = [side.answer for side in (pair.gold, pair.extracted) if side is not None]
    if kind.of == "code" and all(answer.value == "other" for answer in answers):
        words = [answer.other or "" for answer in answers]
    elif kind.of == "text":
        words = [" ".join(map(str, a.value if isinstance(a.value, list) else [a.value])) for a in answers]
    else:
        return False
    return not numbers_differ(words[0], words[-1])


def _closeness(pair: "ItemPair", kinds: Mapping[str, ItemKind]) -> float | None:
    """Return how far a key agrees; None where not both report it."""
    if (
        pair.gold is None
        or pair.extracted is None
        or not (pair.gold.answer.reported and pair.extracted.answer.reported)
    ):
        return None
    return closeness(pair.extracted.answer, pair.gold.answer, kinds[pair.name])


def _others(entry: Entry, names: Sequence[str]) -> float:
    """Return the share of agreeing values beside the keys; 0 where fewer than two agree."""
    values = [pair.agree for pair in entry if pair.name not in names and pair.reported and pair.judged]
    return sum(values) / len(values) if sum(values) >= _OTHER_VALUES else 0.0
