"""Stems of English words: what `prioritise`, `prioritising` and `prioritisation` have in common."""

import re
from functools import lru_cache

from .bm25 import STOP_WORDS

_WORD = re.compile(r"[a-z][a-z0-9]+")
_ENDINGS = (
    "isations", "isation", "izations", "ization", "isers", "izers", "ising", "izing", "ised", "ized", "ises", "izes", "ise",
    "ize", "ations", "ation", "ating", "ated", "ates", "ate", "ements", "ement", "ments", "ment", "ions", "ion", "ings",
    "ing", "edly", "ed", "ers", "er", "ors", "or", "ally", "ly", "als", "al", "ive", "es", "s", "e",
)  # fmt: skip


def stems(text: str) -> list[str]:
    """Return the stem of each word in turn, stop words left out."""
    return [stem(word) for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return what words of one origin share: `randomised` and `randomization`, `pre-trained` and `pretraining`."""
    plain = re.sub(r"[-‐‑]|['’]s?$", "", word.lower())
    for ending in ("ies", "ied"):
        if plain.endswith(ending) and len(plain) > 5:
            return plain.removesuffix(ending) + "y"
    for ending in _ENDINGS:
        rest = plain.removesuffix(ending)
        if rest != plain and len(rest) >= 4 and not (ending == "s" and rest.endswith(("s", "u", "i"))):
            plain = rest
            break
    if len(plain) <= 5 and plain.endswith("s") and not plain.endswith(("ss", "us", "is")) and len(plain) > 3:
        plain = plain[:-1]
    return plain[:-1] if len(plain) > 4 and plain[-1] == plain[-2] and plain[-1] not in "aeiousz" else plain
