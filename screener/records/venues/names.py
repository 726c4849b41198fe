"""Names of journals and conferences, in full and abbreviated as ISO 4 does: word by word, small words left out."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

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
_CONTRACTED = {"natl": "national", "dtsch": "deutsch", "intl": "international", "jpn": "japan", "mgmt": "management"}
"""Abbreviations that leave out letters inside the word, and how the word begins; all others are its beginning."""
_JOURNAL = ("j", "journal", "journals", "jornal")


class _Word(NamedTuple):
    text: str
    small: bool


def same_venue(a: str, b: str) -> bool:
    """Return whether two names are one venue's: equal, or one the abbreviation of the other.

    An abbreviation has the beginning of each word, in order (`IEEE J Biomed Health Inform`), and may leave out small words;
    `Frontiers of` and `Frontiers in` are two. A name of one word is not abbreviated. What stands in brackets (a place)
    and behind ` : ` or ` = ` (a subtitle) does not count.
    """
    return any(_abbreviates(x, y) or _abbreviates(y, x) for x in _readings(a) for y in _readings(b))


@lru_cache(maxsize=8192)
def _readings(name: str) -> list[list[_Word]]:
    without_place = re.sub(r"\([^()]*\)", " ", name)
    names = (without_place, re.split(r" [:=] ", without_place)[0])
    return [words for words in map(_words, dict.fromkeys(names)) if words]


def _words(name: str) -> list[_Word]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    # A capital stands for a word or a section: `Proc Natl Acad Sci U S A`, `Phys Rev E`.
    words = re.findall(r"\w+", plain.replace("&", " "))
    return [
        _Word(folded := word.casefold(), folded in _SMALL and not (len(word) == 1 and word.isupper())) for word in words
    ]


def _abbreviates(short: list[_Word], full: list[_Word]) -> bool:
    if short == full:
        return True
    weighty = [word.text for word in full if not word.small]
    if len(weighty) < 2:
        return [word.text for word in short if not word.small] == weighty
    rest = iter(short)
    word = next(rest, None)
    for listed in full:
        if word and (word.text == listed.text or (not listed.small and _begins(word.text, listed.text))):
            word = next(rest, None)
        elif not listed.small:
            return False
    return word is None


def _begins(short: str, word: str) -> bool:
    if short == "j":
        return word in _JOURNAL
    return word.startswith(_CONTRACTED.get(short, short))
