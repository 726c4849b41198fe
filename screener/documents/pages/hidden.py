"""Text of a PDF that nobody sees on its page: white, covered, clipped, transparent, tiny, off the page, switched off.

There is one test for all ways of hiding: a text is hidden where the page looks the same without it. Drawing a page costs
more than reading it, so the page's objects are looked at first, and a page is drawn only where one of its texts may be
hidden. The layer of recognised text (OCR) behind or over the picture of a scanned page is no hidden text: there the
picture shows the words.
"""

import ctypes
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2.raw as raw

from .objects import FILLED, TINY, PageObject, Rectangle, address, replacement, suspects_of
from .readers import HYPHEN, PageText
from .sections import Box
from .seen import DrawnPage, View, draws

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pypdfium2 import PdfPage, PdfTextPage

_THIN = 0.35
"""Width of an average letter in points below which nobody reads it."""
_SENTENCE, _NARROW = 40, 0.25
"""Characters of a replacement, and the width of a letter of one in heights of the line, that are no longer plausible."""
_NO_SHAPE = 0.05
"""Size in points of a letter for which there is no shape."""
_MOST = 0.75
"""Share of the letters of one text from which the rest of it goes with those that are hidden: the end of a line that
sticks out from under what covers it says nothing of its own."""
_FILL = [ctypes.c_uint() for _ in range(4)]

Colour = tuple[int, int, int]
"""Blue, green, red."""


@dataclass(slots=True)
class _Word:
    """Letters between blanks: PDFium's indices, their boxes (left, bottom, right, top), and which are no mere signs."""

    indices: list[int]
    boxes: list[Rectangle]
    letters: list[bool]


def hidden_characters(
    page: "PdfPage", objects: Sequence[PageObject], textpage: "PdfTextPage", text: PageText, place: Callable[..., Box]
) -> set[int]:
    """Return PDFium's indices of the characters of a page that belong to words which nobody sees.

    `place` makes a box of the page as it is shown, in points, of a rectangle of the file.
    """
    suspects = suspects_of(page, objects)
    if not suspects:
        return set()
    characters: Sequence[int] = range(textpage.count_chars())
    if len(suspects) < sum(item.kind == raw.FPDF_PAGEOBJ_TEXT for item in objects):
        of_suspects = {address(item.handle) for item in suspects}
        characters = [index for index in characters if _owner(textpage, index) in of_suspects]
    words = [word for word in _words(textpage, text, characters) if any(word.letters)]  # a sign alone says nothing
    hidden = [word for word in words if _is_tiny(textpage, word) or _is_replaced(textpage, word)]
    marked = {word.indices[0] for word in hidden}
    others = [word for word in words if word.indices[0] not in marked]
    if others:
        view = View.of(page, place)
        inside = _number(view.inside(view.pixels(_boxes(others))), others) > 0
        hidden += [word for word, seen in zip(others, inside, strict=True) if not seen]
        others = [word for word, seen in zip(others, inside, strict=True) if seen and _has_shape(textpage, word)]
    if others:
        drawing = [item for item in suspects if draws(item)]
        invisible = {id(item) for item in suspects}.difference(map(id, drawing))
        seen = [item for item in objects if id(item) not in invisible]
        if not drawing:
            # Only the picture of a scan can show these. Drawing it takes long: a coarse look is enough for most.
            others = _unseen(page, textpage, View.of(page, place, coarse=True), others, drawing, seen)
        if others:
            hidden += _unseen(page, textpage, view, others, drawing, seen)
    return _with_the_rest(textpage, words, hidden, characters) if hidden else set()


def _owner(textpage: "PdfTextPage", index: int) -> int:
    """Return what tells the text object that a character belongs to from others."""
    return address(raw.FPDFText_GetTextObject(textpage.raw, index))


def _with_the_rest(
    textpage: "PdfTextPage", words: Sequence[_Word], hidden: Sequence[_Word], characters: Iterable[int]
) -> set[int]:
    """Return the indices of hidden words, and of what is left of a text of which most is hidden."""
    indices = {index for word in hidden for index in word.indices}
    owners = {index: _owner(textpage, index) for index in characters}
    letters: dict[int, list[bool]] = {}
    for index in chain.from_iterable(word.indices for word in words):
        letters.setdefault(owners[index], []).append(index in indices)
    mostly = {owner for owner, are_hidden in letters.items() if sum(are_hidden) >= _MOST * len(are_hidden)}
    return indices | {index for index, owner in owners.items() if owner in mostly}


def _boxes(words: Sequence[_Word]) -> "NDArray[np.float64]":
    """Return the boxes of the letters of words, one after the other."""
    return np.array([box for word in words for box in word.boxes])


def _number(letters: "NDArray[np.bool_]", words: Sequence[_Word]) -> "NDArray[np.int_]":
    """Return of how many letters of each word something is true, which is told for the letters one after the other."""
    counts = [len(word.boxes) for word in words]
    return np.add.reduceat(letters.astype(int), np.cumsum([0, *counts[:-1]]))


def _unseen(
    page: "PdfPage",
    textpage: "PdfTextPage",
    view: View,
    words: Sequence[_Word],
    drawing: Sequence[PageObject],
    objects: Sequence[PageObject],
) -> list[_Word]:
    """Return the words of which most letters are not seen, nor words in the picture of a page.

    Of the page's `objects`, which draw something, `drawing` are the texts in question.
    """
    pixels = view.pixels(_boxes(words))
    drawn = DrawnPage.of(page, view, pixels, drawing, objects)
    counts = np.array([len(word.boxes) for word in words])
    shows = drawn.changes(pixels)
    if shows.any():
        colours = [_fill(textpage, word.indices[0]) for word in words]
        for colour in set(colours):
            of_colour = np.repeat([other == colour for other in colours], counts) & shows
            if colour is not None and of_colour.any():
                shows[of_colour] = drawn.stands_out(pixels[of_colour], colour)
    seen = 2 * _number(shows, words) >= counts
    unseen = np.repeat(~seen, counts)
    pictured = np.zeros(len(pixels), dtype=bool)
    pictured[unseen] = drawn.pictures(pixels[unseen])
    seen |= 2 * _number(pictured, words) >= counts
    return [word for word, is_seen in zip(words, seen, strict=True) if not is_seen]


_BOX = [ctypes.c_double() for _ in range(4)]
_LOOSE = raw.FS_RECTF()
_BLANKS = f" \t\n\r\xa0\0{HYPHEN}"


def _words(textpage: "PdfTextPage", text: PageText, characters: Iterable[int]) -> Iterator[_Word]:
    """Yield the words of one text or of several that follow each other."""
    letters = dict(zip(text.indices, text.text, strict=True))
    word = _Word([], [], [])
    handle, box_of = textpage.raw, raw.FPDFText_GetCharBox
    left, right, bottom, top = _BOX
    before = -1
    for index in characters:
        letter = letters.get(index, "")  # the second half of one above U+FFFF, or what is no part of the text
        blank = letter in _BLANKS
        if word.indices and (blank or index != before + 1):
            yield word
            word = _Word([], [], [])
        before = index
        if not blank and box_of(handle, index, left, right, bottom, top):
            word.indices.append(index)
            word.boxes.append((left.value, bottom.value, right.value, top.value))
            word.letters.append(letter.isalnum())
    if word.indices:
        yield word


def _is_tiny(textpage: "PdfTextPage", word: _Word) -> bool:
    """Return whether a word is too small or too thin to be read."""
    drawn = max(box[3] - box[1] for box, letter in zip(word.boxes, word.letters, strict=True) if letter)
    if _NO_SHAPE < drawn < TINY:
        raw.FPDFText_GetLooseCharBox(textpage.raw, word.indices[0], _LOOSE)
        if max(_LOOSE.top - _LOOSE.bottom, _LOOSE.right - _LOOSE.left) < TINY:
            return True
    origins = []
    for index in (word.indices[0], word.indices[-1]):
        x, y, *_ = _BOX
        raw.FPDFText_GetCharOrigin(textpage.raw, index, x, y)
        origins += [x.value, y.value]
    advance, steps = hypot(origins[2] - origins[0], origins[3] - origins[1]), len(word.indices) - 1
    return steps > 0 and advance < _THIN * steps


def _is_replaced(textpage: "PdfTextPage", word: _Word) -> bool:
    """Return whether a word is a file's replacement (`ActualText`) for other letters: a sentence, or more than there is room for."""
    text = raw.FPDFText_GetTextObject(textpage.raw, word.indices[0])
    length = replacement(text)
    if length > _SENTENCE:
        return True
    if not length > len(word.boxes) > 1:
        return False
    lefts, bottoms, rights, tops = zip(*word.boxes, strict=True)
    across, up = max(rights) - min(lefts), max(tops) - min(bottoms)
    return bool(max(across, up) < _NARROW * len(word.boxes) * min(across, up))


def _has_shape(textpage: "PdfTextPage", word: _Word) -> bool:
    """Return False for a word in a font that neither the file nor this machine has: how it looks is not known."""
    if any(box[3] - box[1] >= _NO_SHAPE and box[2] - box[0] >= _NO_SHAPE for box in word.boxes):
        return True
    text = raw.FPDFText_GetTextObject(textpage.raw, word.indices[0])
    return bool(raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(text)))


def _fill(textpage: "PdfTextPage", index: int) -> Colour | None:
    """Return the colour with which a letter is filled; None where it is not, or with a pattern."""
    text = raw.FPDFText_GetTextObject(textpage.raw, index)
    filled = raw.FPDFTextObj_GetTextRenderMode(text) in FILLED
    if not filled or not raw.FPDFText_GetFillColor(textpage.raw, index, *_FILL):
        return None
    red, green, blue, _ = _FILL
    return blue.value, green.value, red.value
