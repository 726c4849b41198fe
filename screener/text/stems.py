"""Stems of English words: what `prioritise`, `prioritising` and `prioritisation` have in common."""

import re

from .bm25 import STOP_WORDS

_WORD = re.compile(r"[a-z][a-z0-9]+")
_ENDINGS = (
    "isations", "izations", "isation", "ization", "ations", "ation", "ising", "izing", "ised", "ized", "ises", "izes",
    "ings", "ing", "ies", "ied", "ise", "ize", "ers", "er", "ive", "ives", "ed", "es", "al", "ly", "s", "e", "y",
)  # fmt: skip
_SHORTEST = 4
"""Letters that are left of a word at least."""


def stems(text: str) -> list[str]:
    """Return the stem of each word in turn, stop words left out.

    Crude on purpose: one ending is cut, so that words that share a stem are counted together; it is no linguistics.
    """
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word.removesuffix(ending)
    return word
