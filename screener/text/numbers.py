"""Numbers in text: digits with separators, words, and the unit that follows."""

import re
from dataclasses import dataclass

_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100, "half": 0.5,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.])(?P<digits>[-−]?\d{1,3}(?:[,\u202f\u2009\u00a0 ]\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?)(?:[eE](?P<power>-?\d{1,2}))?"
    rf"|\b(?P<word>{'|'.join(_WORDS)})\b",
    re.IGNORECASE,
)
_AFTER = 30


@dataclass(frozen=True)
class Number:
    """A number: its value, its place in the text, and the characters that follow it."""

    value: float
    start: int
    end: int
    after: str

    def followed_by(self, unit: str) -> bool:
        """Whether a unit follows, with a space, a hyphen or nothing between, and no letter behind it.

        One-letter units are read as they are written (`M` is million, `m` is not); longer ones in any case.
        """
        flags = 0 if len(unit) <= 2 else re.IGNORECASE
        return re.match(rf"[\s\-\u2010-\u2015]*{re.escape(unit)}(?![^\W\d_])", self.after, flags) is not None


def numbers_in(text: str) -> list[Number]:
    """The numbers of a text, in order. `1,234`, `1 234` and `1234` are one number; `3.5e6` is read as it is meant."""
    found = []
    for match in _NUMBER.finditer(text):
        word = match.group("word")
        if word is not None:
            value = float(_WORDS[word.lower()])
        else:
            digits = re.sub(r"[^\d.\-−]", "", match.group("digits")).replace("−", "-")
            value = float(digits) * 10.0 ** int(match.group("power") or 0)
        found.append(Number(value, match.start(), match.end(), text[match.end() : match.end() + _AFTER]))
    return found
