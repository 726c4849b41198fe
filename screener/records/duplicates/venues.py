"""Whether two names of journals or congresses may be of one, however they are abbreviated."""

import re
from functools import lru_cache

from ..normalise import normalise_title
from .words import IN_VENUES

_CUT = re.compile(r"\bconference:|\bsupplement\b|\bsuppl\b.*|\(.*?\)|\[.*?\]", re.IGNORECASE)
_PARALLEL = re.compile(r"\s*(?:[:=/;]|\. |\s[-–—]\s)\s*")
ENOUGH = 0.6
"""Least share of the words of the longer of two names that have a counterpart in the shorter one."""


@lru_cache(maxsize=8192)
def venues_agree(a: str, b: str) -> bool:
    """Return whether two names may be of one journal or congress: abbreviated, one within the other, or as initials."""
    return any(_agree(x, y) for x in _forms(a) for y in _forms(b))


@lru_cache(maxsize=8192)
def _forms(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of a name, and of each of its parallel names."""
    cut = _CUT.sub(" ", name) if _CUT.match(name) is None else name
    written = [name, cut, *_PARALLEL.split(cut)]
    words = (
        tuple(w for w in normalise_title(form).split() if w not in IN_VENUES and not w.isdigit()) for form in written
    )
    return tuple(dict.fromkeys(filter(None, words)))


def _agree(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    short, long = sorted((a, b), key=len)
    if len(short) == 1 and len(long) > 1 and short[0] in _initials(long):
        return True
    if set(short) <= set(long):
        return True
    place = matched = 0
    for word in short:
        at = next((i for i in range(place, len(long)) if _abbreviates(word, long[i])), None)
        if at is None:
            continue
        matched, place = matched + 1, at + 1
    return matched == len(short) and matched >= ENOUGH * len(long)


def _initials(words: tuple[str, ...]) -> tuple[str, ...]:
    letters = "".join(word[0] for word in words)
    return letters, letters.replace("j", "", 1), "i" + letters, letters + "s"


def _abbreviates(a: str, b: str) -> bool:
    """Return whether one word may abbreviate the other: its first letter, and its other letters in their order."""
    short, long = sorted((a, b), key=len)
    if long.startswith(short):
        return True
    if short[0] != long[0] or len(short) < 3:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)
