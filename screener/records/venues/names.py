"""Names of journals and conferences, in full and abbreviated as ISO 4 does: word by word, small words left out."""

import re
import unicodedata
from functools import lru_cache

_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "the",
        "of",
        "for",
        "in",
        "on",
        "to",
        "at",
        "with",
        "by",
        "from",
        "de",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "der",
        "die",
        "das",
        "des",
        "du",
        "del",
        "di",
        "da",
        "do",
        "dos",
        "y",
        "e",
        "et",
        "und",
        "für",
        "fur",
        "von",
        "zur",
        "zum",
        "och",
        "i",
    ]
)
"""Articles, prepositions and conjunctions: abbreviations leave them out."""
_CONTRACTED = 4
"""Letters from which an abbreviation may also leave out letters inside the word: `Natl`, `Dtsch`."""


def same_venue(a: str, b: str) -> bool:
    """Return whether two names are one venue's: equal but for small words, or one the abbreviation of the other.

    An abbreviation has the beginning of each word (`IEEE J Biomed Health Inform`). A name of one word is not
    abbreviated. What stands in brackets (a place) and behind ` : ` or ` = ` (a subtitle) does not count.
    """
    return any(_same(x, y) for x in _readings(a) for y in _readings(b))


@lru_cache(maxsize=8192)
def _readings(name: str) -> list[list[str]]:
    without_place = re.sub(r"\([^()]*\)", " ", name)
    names = (without_place, re.split(r" [:=] ", without_place)[0])
    return [words for words in map(_words, dict.fromkeys(names)) if words]


def _words(name: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    # A capital stands for a word or a section: `Proc Natl Acad Sci U S A`, `Phys Rev E`.
    words = re.findall(r"\w+", plain.replace("&", " "))
    weighty = [word for word in words if word.casefold() not in _SMALL or (len(word) == 1 and word.isupper())]
    return [word.casefold() for word in weighty or words]


def _same(a: list[str], b: list[str]) -> bool:
    if a == b:
        return True
    if len(a) != len(b) or len(a) < 2:
        return False
    return all(map(_abbreviates, a, b)) or all(map(_abbreviates, b, a))


def _abbreviates(short: str, word: str) -> bool:
    if word.startswith(short):
        return True
    letters = iter(word)
    return len(short) >= _CONTRACTED and short[0] == word[0] and all(letter in letters for letter in short)
