"""A normal form in which two typesettings of the same words are equal, with the way back to the source.

What a quote and its source may differ in without any change of meaning: case, runs of white space, the shape of
hyphens, dashes and quotation marks, ligatures, accents written as one or as two characters, hyphenation at the end
of a line. Digits, signs and words are never touched, so that equal normal forms say the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣-", "-")
_QUOTES = dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟″«»", '"')
_SHAPES = _DASHES | _QUOTES | {"…": "..."}
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
# A hyphen between letters carries no meaning that a reader or a line break could not have added or dropped:
# `pre-training`, `pretraining` and `pre-⏎training` are one word. Between digits it may be a sign: it stays.
_INNER_HYPHEN = re.compile(r"(?<=[^\W\d_])(?:-|- ?\n ?)(?=[^\W\d_])")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Normalised:
    """A text in normal form. Character `i` of `text` stands for `source[starts[i]:ends[i]]`."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the source of `text[start:end]`, which must not be empty."""
        return self.starts[start], self.ends[end - 1]


def _characters(source: str) -> Iterator[tuple[str, int]]:
    """The characters after replacing shapes, each with the index it came from."""
    for index, character in enumerate(source):
        if character in _INVISIBLE:
            continue
        if character.isascii():
            plain = character.lower() if character != "`" else "'"
        elif character in _SHAPES:
            plain = _SHAPES[character]
        elif "ﬀ" <= character <= "ﬆ" or "！" <= character <= "～":
            plain = unicodedata.normalize("NFKC", character).casefold()
        else:
            plain = unicodedata.normalize("NFD", character).casefold()
        for each in plain:
            yield each, index


def _without(pieces: list[tuple[str, int]], pattern: re.Pattern[str], by: str) -> list[tuple[str, int]]:
    """The pieces with every match of `pattern` replaced by `by`, which sits where the match began."""
    text = "".join(character for character, _ in pieces)
    kept: list[tuple[str, int]] = []
    last = 0
    for found in pattern.finditer(text):
        kept += pieces[last : found.start()]
        kept += [(character, pieces[found.start()][1]) for character in by]
        last = found.end()
    return kept + pieces[last:]


@lru_cache(maxsize=256)
def normalise(source: str) -> Normalised:
    """The normal form of `source`, without white space at its ends."""
    pieces = _without(list(_characters(source)), _INNER_HYPHEN, "")
    pieces = _without(pieces, _SPACE, " ")
    while pieces and pieces[0][0] == " ":
        pieces.pop(0)
    while pieces and pieces[-1][0] == " ":
        pieces.pop()
    return Normalised(
        "".join(character for character, _ in pieces),
        tuple(index for _, index in pieces),
        tuple(index + 1 for _, index in pieces),
    )
