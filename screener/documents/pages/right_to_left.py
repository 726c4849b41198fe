"""Lines of Arabic, Hebrew and other scripts written from right to left, in the order in which they are read.

Files hold their letters in any order, and PDFium turns some words around and others not. Where the letters stand is
certain: of a line from right to left the rightmost word is the first, but figures and words of other scripts in it run
from left to right (Unicode Standard Annex 9).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .sections import Box

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
RIGHT_TO_LEFT = re.compile(f"[{_RIGHT_TO_LEFT}]")
_FIGURES = "0-9\u0660-\u0669\u06f0-\u06f9"
_LETTER = re.compile(rf"(?![{_RIGHT_TO_LEFT}])[^\W\d_]")
_OTHER = rf"(?:(?![{_RIGHT_TO_LEFT}])\w|[{_FIGURES}])"
_FORWARD = re.compile(rf"[%‰]?{_OTHER}(?:[^\s{_RIGHT_TO_LEFT}()\[\]]*{_OTHER})?")
"""What runs from left to right inside a word, seen from the right: figures with the signs between them, letters of other
scripts."""
_TURNED = (re.compile(r"\)([^()]*)\("), r"(\1)"), (re.compile(r"\]([^\[\]]*)\["), r"[\1]")
"""Brackets that a font mirrors."""

Letter = tuple[str, int, float]
"""A character, its place in the page's text, and the middle of it in points from the page's left edge."""


@dataclass(slots=True)
class _RunWord:
    letters: list[Letter]

    @property
    def middle(self) -> float:
        return sum(letter[2] for letter in self.letters) / len(self.letters)

    @property
    def text(self) -> str:
        return "".join(letter[0] for letter in self.letters)

    @property
    def backward(self) -> bool:
        return bool(RIGHT_TO_LEFT.search(self.text))

    @property
    def forward(self) -> bool:
        return not self.backward and bool(_LETTER.search(self.text))


def runs_from_right(text: str) -> bool:
    """Return whether a text, such as that of a page, is for the most part written from right to left."""
    return len(RIGHT_TO_LEFT.findall(text)) > len(_LETTER.findall(text))


def in_reading_order(
    line: str, places: Sequence[int], box_of: Callable[[int], Box | None], *, from_right: bool
) -> tuple[str, list[int]]:
    """Return a line that holds letters from right to left in the order in which it is read, and the place of each
    character in the page's text.

    `places` are those of the line's characters, `box_of` the box of the character at a place; `from_right` tells which
    way a line with letters of both kinds runs.
    """
    words = _words(line, places, box_of)
    from_right = from_right or not _LETTER.search(line)
    words.sort(key=lambda word: word.middle, reverse=from_right)
    words = _with_runs_turned(words, from_right)
    text = ""
    order: list[int] = []
    for word in words:
        letters = _letters(word) if word.backward or from_right else sorted(word.letters, key=lambda item: item[2])
        if text:
            text += " "
            order.append(order[-1])
        text += "".join(letter[0] for letter in letters)
        order += [letter[1] for letter in letters]
    if from_right:
        for pattern, whole in _TURNED:
            text = pattern.sub(whole, text)
    return text, order


def _words(line: str, places: Sequence[int], box_of: Callable[[int], Box | None]) -> list[_RunWord]:
    """Return the words of a line, each with the places of its letters; a mark goes with the letter it stands at."""
    words = []
    for match in re.finditer(r"\S+", line):
        letters: list[Letter] = []
        for index in range(*match.span()):
            box = box_of(places[index])
            middle = (box[0] + box[2]) / 2 if box is not None else letters[-1][2] if letters else None
            if middle is not None:
                letters.append((line[index], places[index], middle))
        if letters:
            words.append(_RunWord(letters))
    return words


def _with_runs_turned(words: list[_RunWord], from_right: bool) -> list[_RunWord]:
    """Return the words with each run of those of the other direction turned round; figures between them belong to it."""
    ordered: list[_RunWord] = []
    start = 0
    while start < len(words):
        other = words[start].forward if from_right else words[start].backward
        end = start + 1
        if other:
            last = start
            while end < len(words) and not (words[end].backward if from_right else words[end].forward):
                last = end if (words[end].forward if from_right else words[end].backward) else last
                end += 1
            end = last + 1
        run = words[start:end]
        ordered += reversed(run) if other else run
        start = end
    return ordered


def _letters(word: _RunWord) -> list[Letter]:
    """Return the letters of a word from right to left, figures and what runs the other way turned back."""
    letters = word.letters
    if len(letters) > 1 and letters[0][2] < letters[-1][2]:
        letters = letters[::-1]
    bases = [letter[2] for letter in letters if not unicodedata.combining(letter[0])]

    def place(letter: Letter) -> float:
        if not unicodedata.combining(letter[0]) or not bases:
            return letter[2]
        return min(bases, key=lambda middle: abs(middle - letter[2])) - 1e-3

    ordered = sorted(letters, key=place, reverse=True)
    text = "".join(letter[0] for letter in ordered)
    for match in _FORWARD.finditer(text):
        begin, end = match.span()
        ordered[begin:end] = ordered[begin:end][::-1]
    return ordered
