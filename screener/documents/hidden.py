"""Text of a PDF that nobody sees on its page: white, covered, clipped, transparent, tiny, off the page, switched off.

There is one test for all ways of hiding: a text is hidden where the page looks the same without it. Drawing a page costs
more than reading it, so the page's objects are looked at first, and a page is drawn only where one of its texts may be
hidden. The layer of recognised text (OCR) behind or over the picture of a scanned page is no hidden text: there the
picture shows the words.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2.raw as raw

from .page_objects import FILLED, TINY, PageObject, Rectangle, address, is_scan, page_objects, replacement, suspects_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pypdfium2 import PdfPage, PdfTextPage

_THIN = 0.35
"""Width of an average letter in points below which nobody reads it."""
_SENTENCE, _NARROW = 40, 0.25
"""Characters of a replacement, and the width of a letter of one in heights of the line, that are no longer plausible."""
_NO_SHAPE = 0.05
"""Size in points of a letter for which there is no shape."""
_LEAST_CONTRAST = 28
"""Difference (0 to 255) between the page with a word and without it from which the word is seen."""
_SCALE = 1.0
"""Pixels a point of the drawn page."""
_MARGIN = 2
"""Pixels around a word in the picture of a page: recognised text stands about where the picture has it."""
_MAX_PIXELS = 8_000_000
_DRAWS_NOTHING = (raw.FPDF_TEXTRENDERMODE_INVISIBLE,)
_COLOUR = [ctypes.c_uint() for _ in range(4)]
_PIXEL = [ctypes.c_int(), ctypes.c_int()]


@dataclass(slots=True)
class _Word:
    """Letters between blanks: PDFium's indices, their boxes (left, bottom, right, top), and which are no mere signs."""

    indices: list[int]
    boxes: list[Rectangle]
    letters: list[bool]


def hidden_characters(page: "PdfPage", textpage: "PdfTextPage") -> set[int]:
    """Return PDFium's indices of the characters of a page that belong to words which nobody sees."""
    objects = page_objects(page)
    suspects = suspects_of(page, objects)
    if not suspects:
        return set()
    characters = _characters(textpage, {address(item.handle) for item in suspects})
    words = [word for word in _words(textpage, characters) if any(word.letters)]  # a sign alone says nothing
    hidden = [word for word in words if _is_tiny(textpage, word) or _is_replaced(textpage, word)]
    others = [word for word in words if word not in hidden]
    if others:
        view = _View.of(page, [box for word in others for box in word.boxes])
        hidden += [word for word in others if view.outside(word)]
        drawable = [word for word in others if not view.outside(word) and _has_shape(textpage, word)]
        if drawable:
            pages = _Pages.drawn(page, view, suspects, objects)
            hidden += [word for word in drawable if pages.hide(word, _fill(textpage, word.indices[0]))]
    return {index for word in hidden for index in word.indices}


def _characters(textpage: "PdfTextPage", suspects: set[int]) -> list[int]:
    """Return the indices of the characters of some texts."""
    handle = textpage.raw
    return [
        index
        for index in range(textpage.count_chars())
        if address(raw.FPDFText_GetTextObject(handle, index)) in suspects
    ]


_BOX = [ctypes.c_double() for _ in range(4)]
_LOOSE = raw.FS_RECTF()
_BLANKS = (0x20, 0x09, 0x0A, 0x0D, 0xA0, 0)


def _words(textpage: "PdfTextPage", characters: Sequence[int]) -> Iterator[_Word]:
    """Yield the words of one text or of several that follow each other."""
    word = _Word([], [], [])
    left, right, bottom, top = _BOX
    for index in characters:
        code = raw.FPDFText_GetUnicode(textpage.raw, index)
        if word.indices and (code in _BLANKS or index != word.indices[-1] + 1):
            yield word
            word = _Word([], [], [])
        if code not in _BLANKS and raw.FPDFText_GetCharBox(textpage.raw, index, left, right, bottom, top):
            word.indices.append(index)
            word.boxes.append((left.value, bottom.value, right.value, top.value))
            word.letters.append(chr(code).isalnum())
    if word.indices:
        yield word


def _is_tiny(textpage: "PdfTextPage", word: _Word) -> bool:
    """Return whether a word is too small or too thin to be read."""
    raw.FPDFText_GetLooseCharBox(textpage.raw, word.indices[0], _LOOSE)
    high = max(_LOOSE.top - _LOOSE.bottom, _LOOSE.right - _LOOSE.left)
    drawn = max(box[3] - box[1] for box, letter in zip(word.boxes, word.letters, strict=True) if letter)
    if _NO_SHAPE < drawn < TINY and high < TINY:
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
    if length <= _SENTENCE:
        lefts, bottoms, rights, tops = zip(*word.boxes, strict=True)
        across, up = max(rights) - min(lefts), max(tops) - min(bottoms)
        return length > len(word.boxes) > 1 and max(across, up) < _NARROW * len(word.boxes) * min(across, up)
    return True


def _has_shape(textpage: "PdfTextPage", word: _Word) -> bool:
    """Return False for a word in a font that neither the file nor this machine has: how it looks is not known."""
    if any(box[3] - box[1] >= _NO_SHAPE and box[2] - box[0] >= _NO_SHAPE for box in word.boxes):
        return True
    text = raw.FPDFText_GetTextObject(textpage.raw, word.indices[0])
    return bool(raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(text)))


def _fill(textpage: "PdfTextPage", index: int) -> "NDArray[np.int16] | None":
    """Return the colour (blue, green, red) with which a letter is filled; None where it is not, or with a pattern."""
    text = raw.FPDFText_GetTextObject(textpage.raw, index)
    filled = raw.FPDFTextObj_GetTextRenderMode(text) in FILLED
    if not filled or not raw.FPDFText_GetFillColor(textpage.raw, index, *_COLOUR):
        return None
    red, green, blue, _ = _COLOUR
    return np.array([blue.value, green.value, red.value], dtype=np.int16)


@dataclass(frozen=True)
class _View:
    """The part of a page that is drawn, in pixels of the whole page from its top left corner."""

    page: Any
    columns: int
    rows: int
    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, page: "PdfPage", boxes: Sequence[Rectangle]) -> "_View":
        """Return the part of a page that holds these boxes."""
        width, height = page.get_size()
        scale = min(_SCALE, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        columns, rows = max(int(width * scale), 1), max(int(height * scale), 1)
        whole = cls(page.raw, columns, rows, 0, 0, columns, rows)
        lefts, tops, rights, bottoms = zip(*map(whole.pixels, boxes), strict=True)
        left, top = max(min(lefts) - _MARGIN, 0), max(min(tops) - _MARGIN, 0)
        right, bottom = min(max(rights) + _MARGIN, columns), min(max(bottoms) + _MARGIN, rows)
        return cls(page.raw, columns, rows, left, top, max(right, left), max(bottom, top))

    def pixels(self, box: Rectangle) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom (exclusive) of a box of the file in pixels of the whole page."""
        xs, ys = [], []
        for x, y in ((box[0], box[1]), (box[2], box[3])):
            raw.FPDF_PageToDevice(self.page, 0, 0, self.columns, self.rows, 0, x, y, *_PIXEL)
            xs.append(_PIXEL[0].value)
            ys.append(_PIXEL[1].value)
        return min(xs), min(ys), max(xs) + 1, max(ys) + 1

    def outside(self, word: _Word) -> bool:
        """Return whether nothing of a word is on the page."""
        for left, top, right, bottom in map(self.pixels, word.boxes):
            if right > 0 and bottom > 0 and left < self.columns and top < self.rows:
                return False
        return True

    def part(self, drawn: "NDArray[np.int16]", box: Rectangle, margin: int) -> "NDArray[np.int16]":
        """Return what is drawn at a box, with some pixels around it."""
        left, top, right, bottom = self.pixels(box)
        rows = slice(max(top - margin - self.top, 0), max(bottom + margin - self.top, 0))
        return drawn[rows, max(left - margin - self.left, 0) : max(right + margin - self.left, 0)]

    def draw(self) -> "NDArray[np.int16]":
        """Return the part as it looks now: rows of pixels of blue, green, red, each 0 to 255."""
        from pypdfium2 import PdfBitmap

        width, height = max(self.right - self.left, 1), max(self.bottom - self.top, 1)
        bitmap = PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGRx)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        place = (-self.left, -self.top, self.columns, self.rows)
        raw.FPDF_RenderPageBitmap(bitmap.raw, self.page, *place, 0, raw.FPDF_ANNOT)
        pixels: NDArray[np.int16] = bitmap.to_numpy()[:, :, :3].astype(np.int16)
        bitmap.close()
        return pixels

    def draw_without(self, objects: Sequence[PageObject]) -> "NDArray[np.int16]":
        """Return the part as it looks without some objects."""
        for item in objects:
            raw.FPDFPageObj_SetIsActive(item.handle, False)
        try:
            return self.draw()
        finally:
            for item in objects:
                raw.FPDFPageObj_SetIsActive(item.handle, True)


@dataclass(frozen=True)
class _Pages:
    """A page drawn as it is, without the texts in question, and, of a scanned page, without any text."""

    view: _View
    whole: "NDArray[np.int16]"
    without: "NDArray[np.int16]"
    picture: "NDArray[np.int16] | None"

    @classmethod
    def drawn(
        cls, page: "PdfPage", view: _View, suspects: Sequence[PageObject], objects: Sequence[PageObject]
    ) -> "_Pages":
        """Draw what is needed of a page."""
        whole = view.draw()
        # Text in a mode that draws nothing changes nothing.
        drawing = [item for item in suspects if raw.FPDFTextObj_GetTextRenderMode(item.handle) not in _DRAWS_NOTHING]
        without = view.draw_without(drawing) if drawing else whole
        picture = None
        if is_scan(page, objects):
            texts = [item for item in objects if item.kind == raw.FPDF_PAGEOBJ_TEXT]
            picture = view.draw_without(texts) if len(texts) > len(suspects) else without
        return cls(view, whole, without, picture)

    def hide(self, word: _Word, colour: "NDArray[np.int16] | None") -> bool:
        """Return whether most letters of a word are not seen, nor words in the picture of a page."""
        return 2 * sum(not self._shows(box, colour) for box in word.boxes) > len(word.boxes) and not self._pictures(
            word
        )

    def _shows(self, box: Rectangle, colour: "NDArray[np.int16] | None") -> bool:
        """Return whether a letter is seen: the page looks another way with it, and most of its ground has another colour.

        White letters over black ones change the page, and cannot be read.
        """
        part, ground = self.view.part(self.whole, box, 1), self.view.part(self.without, box, 1)
        if not part.size or np.abs(part - ground).max() < _LEAST_CONTRAST:
            return False
        differs = colour is None or (np.abs(ground - colour).max(axis=2) >= _LEAST_CONTRAST).mean() >= 0.5
        return bool(differs)

    def _pictures(self, word: _Word) -> bool:
        if self.picture is None:
            return False
        parts = [self.view.part(self.picture, box, _MARGIN) for box in word.boxes]
        return 2 * sum(
            bool(part.size and np.ptp(part, axis=(0, 1)).max() >= 2 * _LEAST_CONTRAST) for part in parts
        ) >= len(parts)
