"""The lines of a page's text as PDFium has it, those that it parts at a raised letter in one piece, with their places."""

import ctypes
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import pypdfium2.raw as raw

from .accents import SPACING
from .readers import HYPHEN, PageText
from .sections import Box

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

GAP = 0.9
"""Width of a gap that ends a piece, in heights of the font. Words of a justified line stand closer."""
_BLANK_WIDTH = 0.2
"""Width of a gap between two words, in heights of the font, from which there is a blank in it."""
_SMALLER, _LARGER = 0.92, 1.25
"""Height of a font, in heights of its line's, below which it is small print, and above which it is another line's."""
_SHIFT, _FAR = 0.08, 0.7
"""How far the baseline of a raised or lowered letter is from that of its line, in heights of the line's font."""
_KERNED = 0.5
"""Width of a gap, in heights of the font, that parts no line where PDFium sees two of the same type at one height."""
_BACK, _STACKED = 0.3, 3.0
"""How far a letter may reach back over the one before it, and the one below a raised letter, in heights."""
_SHARES = (re.compile("[acemnorsuvwxz]"), 0.49), (re.compile("[A-Zbdfhkl0-9]"), 0.77)
"""Letters, and how high they are in heights of a font."""
_SHAPELESS = 0.02
"""Points of the height of a letter that is drawn as nothing; a dash has more."""
_PIXEL = 1.12
"""Height of a letter in its font, in its own heights, up to which the font has no height of its own."""
_TIMES = 10.0
"""Height of a letter in its font, in its own heights, from which what the font tells is none: the box of all letters."""


class Characters:
    """The characters of a page: their boxes by their place in its text."""

    def __init__(self, textpage: "PdfTextPage", text: PageText, place: Callable[..., Box]) -> None:
        self.handle = textpage.raw
        self.indices = text.indices
        self._place = place
        self._doubles = [ctypes.c_double() for _ in range(4)]
        self._loose = raw.FS_RECTF()
        (x0, y0, *_), (x1, y1, *_) = place(0.0, 0.0, 0.0, 0.0), place(1.0, 0.0, 1.0, 0.0)
        self._page_turn = math.atan2(y1 - y0, x1 - x0)

    def box(self, at: int) -> Box | None:
        """Return the box of the character at a place; None for white space and a hyphen that PDFium put in."""
        index = self.indices[at]
        left, right, bottom, top = self._doubles
        if index < 0 or not raw.FPDFText_GetCharBox(self.handle, index, left, right, bottom, top):
            return None
        box = self._place(left.value, bottom.value, right.value, top.value)
        sides = sorted((box[2] - box[0], box[3] - box[1]))
        if sides[1] < 1e-3:
            return None
        if sides[0] < _SHAPELESS and not chr(raw.FPDFText_GetUnicode(self.handle, index)).isspace():
            return self._loose_box(index) or box
        return box

    def has_no_shape(self, at: int) -> bool:
        """Return whether the character at a place is in a font that neither the file nor this machine has.

        It has a width all the same, and no height.
        """
        index = self.indices[at]
        left, right, bottom, top = self._doubles
        got = index >= 0 and raw.FPDFText_GetCharBox(self.handle, index, left, right, bottom, top)
        return bool(got and abs(top.value - bottom.value) < _SHAPELESS < abs(right.value - left.value))

    def _loose_box(self, index: int) -> Box | None:
        box = self._loose
        if not raw.FPDFText_GetLooseCharBox(self.handle, index, box):
            return None
        return self._place(box.left, box.bottom, box.right, box.top)

    def baseline(self, at: int) -> float | None:
        """Return the line that the character at a place stands on, from the page's top down."""
        index = self.indices[at]
        x, y, *_ = self._doubles
        if index < 0 or not raw.FPDFText_GetCharOrigin(self.handle, index, x, y):
            return None
        return self._place(x.value, y.value, x.value, y.value)[1]

    def height(self, at: int) -> float | None:
        """Return the height of the font of the character at a place."""
        index = self.indices[at]
        box = self._loose_box(index) if index >= 0 else None
        return None if box is None else box[3] - box[1]

    def turn(self, index: int) -> int:
        """Return how PDFium's character at `index` is turned on the page as shown, clockwise in degrees."""
        angle = raw.FPDFText_GetCharAngle(self.handle, index) if index >= 0 else 0.0
        return round(math.degrees(max(angle, 0.0) + self._page_turn)) % 360

    def turned_alike(self, at: int, other: int) -> bool:
        """Return whether the characters at two places run in one direction."""
        return self.turn(self.indices[at]) == self.turn(self.indices[other])

    def size_without_metrics(self, line: str, places: Sequence[int]) -> float | None:
        """Return the height of the font of a line, by a letter as high as an x or else a capital, where the font tells
        none, as the pictures of letters of TeX's old fonts do; None where it does.

        A letter's height in such a font is its own, but for a pixel, or many times its own.
        """
        for pattern, share in _SHARES:
            if match := pattern.search(line, len(line) // 2) or pattern.search(line):
                box, height = self.box(places[match.start()]), self.height(places[match.start()])
                if box is None or height is None:
                    return None
                if height > _TIMES * (box[3] - box[1]):
                    return self._tallest(line, places)
                return (box[3] - box[1]) / share if height <= _PIXEL * (box[3] - box[1]) else None
        return None

    def _tallest(self, line: str, places: Sequence[int]) -> float | None:
        """Return the height of the font of the largest letters of a line, by how high these are drawn."""
        drawn = [
            (box[3] - box[1]) / share
            for pattern, share in _SHARES
            for match in pattern.finditer(line)
            if (box := self.box(places[match.start()])) is not None
        ]
        return max(drawn, default=None)


BLANK = " \t" + "".join(SPACING)
"""White space, and accents that a font draws beside their letter: they stand above the line, but make none."""
_LINE = re.compile(rf"[^\r\n{HYPHEN}]*{HYPHEN}?")
_WORD = re.compile(r"\S+")


def _parted(text: str, characters: Characters, hidden: set[int]) -> Iterator[tuple[str, int, bool]]:
    """Yield each line with its place in the text and whether it is hidden; one that is so in part as several."""
    for match in _LINE.finditer(text):
        if not hidden or not match[0].strip():
            yield match[0], match.start(), False
            continue
        words = [
            (word.start(), characters.indices[match.start() + word.start()] in hidden)
            for word in _WORD.finditer(match[0])
        ]
        words = [word for place, word in enumerate(words) if not place or words[place - 1][1] != word[1]]
        ends = [begin for begin, _ in words[1:]] + [len(match[0])]
        for (begin, is_hidden), end in zip(words, ends, strict=True):
            yield match[0][begin:end], match.start() + begin, is_hidden


def _of_one_turn(lines: Iterator[tuple[str, int, bool]], characters: Characters) -> Iterator[tuple[str, int, bool]]:
    """Yield the lines, those in which PDFium goes on with a word that runs up or down the page as several."""
    for text, begin, is_hidden in lines:
        words = [match.start() for match in _WORD.finditer(text)]
        if len(words) < 2 or characters.turned_alike(begin + words[0], begin + words[-1]):
            yield text, begin, is_hidden
            continue
        cuts = [at for before, at in pairwise(words) if not characters.turned_alike(begin + before, begin + at)]
        for start, end in pairwise([0, *cuts, len(text)]):
            yield text[start:end], begin + start, is_hidden


@dataclass(slots=True)
class Line:
    """A line of text, the place of each of its characters in the page's text, and whether nobody sees it."""

    text: str
    places: Sequence[int]
    hidden: bool


def lines_of(text: str, characters: Characters, hidden: set[int]) -> Iterator[Line]:
    """Yield the lines of a page's text, without blanks around them.

    PDFium ends a line before and after a raised letter: where a line goes on at the height of the last one or a bit
    higher or lower in smaller type, the two are one.
    """
    before: Line | None = None
    main: tuple[float, float] | None = None
    for part, begin, is_hidden in _of_one_turn(_parted(text, characters, hidden), characters):
        stripped = part.strip()
        if not stripped.strip(BLANK):
            continue
        start = begin + len(part) - len(part.lstrip())
        line = Line(stripped, range(start, start + len(stripped)), is_hidden)
        if before is not None and before.hidden == is_hidden:
            main = main or _main(before, characters)
            figures = before.text[-1].isdecimal(), stripped[0].isdecimal()
            gap = _gap(before.places[-1], start, figures, main, characters) if main else None
            level = characters.turn(characters.indices[start]) % 180 == 0  # the gap is that along a line across
            if main and gap is not None and level and characters.turned_alike(before.places[-1], start):
                blank = gap > _BLANK_WIDTH * main[0]
                between = [before.places[-1] + 1] if blank else []
                before.text += " " * blank + line.text
                before.places = [*before.places, *between, *line.places]
                continue
        if before is not None:
            yield before
        before, main = line, None
    if before is not None:
        yield before


def _main(line: Line, characters: Characters) -> tuple[float, float] | None:
    """Return the height of the font that most of a line is set in, and its baseline."""
    sample = {line.places[0], line.places[-1], line.places[letter(line.text, len(line.text) // 2)]}
    measures = [(characters.height(place) or 0.0, characters.baseline(place) or 0.0) for place in sample]
    tall = max(measures)
    return tall if tall[0] > 0 else None


def _gap(
    last: int, first: int, figures: tuple[bool, bool], main: tuple[float, float], characters: Characters
) -> float | None:
    """Return the width of the gap between two characters of one line, the last and the first of what PDFium parts; None
    where they are of two lines. `figures` tells whether the two are figures.
    """
    tall, level = main
    height, baseline = characters.height(first), characters.baseline(first)
    if not height or baseline is None or abs(baseline - level) / tall > _FAR:
        return None
    box, other = characters.box(last), characters.box(first)
    if box is None or other is None:
        return None
    gap = other[0] - box[2]
    shift, size = abs(baseline - level) / tall, height / tall
    after_script = _is_script(last, main, characters)
    if shift < _SHIFT and _SMALLER < size < _LARGER:
        fits = -_BACK * tall < gap < (GAP if after_script else _KERNED) * tall
    else:
        # Behind a raised letter one may stand below it; not so figures: those are the two halves of a fraction.
        back = 0.0 if all(figures) else _STACKED if after_script else _BACK
        near = -back * tall < gap < _BLANK_WIDTH * tall
        fits = size <= _SMALLER and near
    return gap if fits and gap < GAP * tall else None


def _is_script(place: int, main: tuple[float, float], characters: Characters) -> bool:
    height, baseline = characters.height(place), characters.baseline(place)
    return (
        bool(height and baseline is not None and height <= _SMALLER * main[0])
        and abs((baseline or 0.0) - main[1]) >= _SHIFT * main[0]
    )


def letter(line: str, position: int) -> int:
    """Return the place in a line of a letter, or at least of something seen, near the place wanted."""
    for wanted in (str.isalpha, _is_seen):
        for index in chain(range(position, len(line)), range(position - 1, -1, -1)):
            if wanted(line[index]):
                return index
    return position


def _is_seen(character: str) -> bool:
    return not character.isspace()
