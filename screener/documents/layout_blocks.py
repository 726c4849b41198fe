"""A page of a PDF as pieces of text with their places: lines, cut where a gap says that a column or cell ends.

Places are in PDF points from the top left corner of the page as it is shown (rotated, cropped). PDFium is asked
for a few rectangles a line; for the box of every character, which costs more than the text itself, only in lines
that may hold a gap.
"""

import ctypes
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import pypdfium2.raw as raw

from .accents import SPACING, composed
from .hidden import hidden_characters
from .readers import HYPHEN, PageText, clean, page_text
from .sections import Box, PagePieces, Piece
from .superscripts import NUMBER, set_apart

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

GAP = 0.9
"""Width of a gap that ends a piece, in heights of the font. Words of a justified line stand closer."""
_SPARSE = 0.62
"""Width of an average character, in heights of the font, from which a line may hold gaps that its text hides."""


def shown(page: "PdfPage") -> tuple[Callable[[float, float, float, float], Box], float, float]:
    """Return how a rectangle (left, bottom, right, top) of the file becomes a box of the page as shown; its width and
    height.

    PDFium draws the page's crop box, turned by the page's rotation.
    """
    left, bottom, right, top = page.get_bbox()
    turned = page.get_rotation()
    width, height = right - left, top - bottom
    if turned == 90:
        return (lambda x0, y0, x1, y1: (y0 - bottom, x0 - left, y1 - bottom, x1 - left)), height, width
    if turned == 180:
        return (lambda x0, y0, x1, y1: (right - x1, y0 - bottom, right - x0, y1 - bottom)), width, height
    if turned == 270:
        return (lambda x0, y0, x1, y1: (top - y1, right - x1, top - y0, right - x0)), height, width
    return (lambda x0, y0, x1, y1: (x0 - left, top - y1, x1 - left, top - y0)), width, height


_FEW = 400
"""Characters from which a page is not asked for its pictures: they are no more than its heads and a stamp."""
_PART = 0.02
"""Share of the page below which a picture on it is a logo."""
_DRAWN = 30
"""Drawings from which they are more than a frame or a rule: a figure, or letters as outlines."""


def _pictured(page: "PdfPage", area: float) -> bool:
    """Return whether a page holds pictures or drawings."""
    drawn = 0
    edges = [ctypes.c_float() for _ in range(4)]
    for number in range(min(raw.FPDFPage_CountObjects(page.raw), 1000)):
        drawing = raw.FPDFPage_GetObject(page.raw, number)
        kind = raw.FPDFPageObj_GetType(drawing)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            drawn += 1
        elif kind != raw.FPDF_PAGEOBJ_TEXT and raw.FPDFPageObj_GetBounds(drawing, *edges):
            left, bottom, right, top = (edge.value for edge in edges)
            if (right - left) * (top - bottom) >= _PART * area:
                return True
    return drawn >= _DRAWN


def page_pieces(page: "PdfPage") -> PagePieces:
    """Return everything layout needs of a page."""
    textpage = page.get_textpage()
    place, width, height = shown(page)
    text = page_text(textpage)
    try:
        pieces = list(_pieces(textpage, text, place, hidden_characters(page, textpage, text, place)))
        bare = sum(len(piece.text) for piece in pieces) < _FEW
        return PagePieces(pieces, width, height, list(_links(page, place)), bare and _pictured(page, width * height))
    finally:
        textpage.close()


class _Characters:
    """The characters of a page: their boxes by their place in its text."""

    def __init__(self, textpage: "PdfTextPage", text: PageText, place: Callable[..., Box]) -> None:
        self.handle = textpage.raw
        self.indices = text.indices
        self._place = place
        self._doubles = [ctypes.c_double() for _ in range(4)]
        self._loose = raw.FS_RECTF()

    def box(self, at: int) -> Box | None:
        """Return the box of the character at a place; None for white space and a hyphen that PDFium put in."""
        index = self.indices[at]
        left, right, bottom, top = self._doubles
        if index < 0 or not raw.FPDFText_GetCharBox(self.handle, index, left, right, bottom, top):
            return None
        box = self._place(left.value, bottom.value, right.value, top.value)
        return None if box[2] - box[0] < 1e-3 and box[3] - box[1] < 1e-3 else box

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
        box = self._loose
        if index < 0 or not raw.FPDFText_GetLooseCharBox(self.handle, index, box):
            return None
        _, high, _, low = self._place(box.left, box.bottom, box.right, box.top)
        return low - high


_BLANK = " \t" + "".join(SPACING)
"""White space, and accents that a font draws beside their letter: they stand above the line, but make none."""
_LINE = re.compile(rf"[^\r\n{HYPHEN}]*{HYPHEN}?")
_WORD = re.compile(r"\S+")


def _lines(text: str, characters: _Characters, hidden: set[int]) -> Iterator[tuple[str, int, bool]]:
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


def _pieces(textpage: "PdfTextPage", text: PageText, place: Callable[..., Box], hidden: set[int]) -> Iterator[Piece]:
    characters = _Characters(textpage, text, place)
    handle, indices = characters.handle, characters.indices
    l, t, r, b = (ctypes.c_double() for _ in range(4))  # noqa: E741 - the names PDFium gives them
    loose = raw.FS_RECTF()
    for line, begin, is_hidden in _lines(text.text, characters, hidden):
        if not line.strip(_BLANK):
            continue
        start = begin + len(line) - len(line.lstrip())
        line = line.strip()
        first, last = indices[start], indices[start + len(line) - 1]
        if first < 0 or last < first:
            continue
        boxes = []
        for number in range(raw.FPDFText_CountRects(handle, first, last - first + 1)):
            raw.FPDFText_GetRect(handle, number, l, t, r, b)
            boxes.append(place(l.value, b.value, r.value, t.value))
        if not boxes:
            continue
        x0, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
        x1, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
        upright = bottom - top <= 2 * (x1 - x0) or len(line) < 4
        # The smaller of two letters' heights: one letter may come from another font, such as a symbol or small caps.
        middle = indices[start + _letter(line, len(line) // 2)]
        heights = []
        for index in (middle, indices[start + _letter(line, len(line) // 5)]):
            if index >= 0 and raw.FPDFText_GetLooseCharBox(handle, index, loose):
                left, high, right, low = place(loose.left, loose.bottom, loose.right, loose.top)
                heights.append(low - high if upright else right - left)
        size = min((height for height in heights if height > 0.1), default=max(bottom - top, 1.0))
        if upright and _small(boxes, size) and NUMBER.search(line):
            line = set_apart(line, start, characters.baseline, characters.height)
        piece = Piece(line, start, x0, top, x1, bottom, size, _bold(handle, middle), upright, is_hidden)
        if not is_hidden and upright and (_gap(boxes, size) or x1 - x0 > _SPARSE * size * len(line)):
            yield from _cut(piece, characters)
        else:
            yield _finished(piece, characters)


def _letter(line: str, position: int) -> int:
    """Return the place in a line of a letter, or at least of something seen, near the place wanted."""
    order = (*range(position, len(line)), *range(position - 1, -1, -1))
    letter = next((index for index in order if line[index].isalpha()), None)
    return letter if letter is not None else next((index for index in order if not line[index].isspace()), position)


def _small(boxes: list[Box], size: float) -> bool:
    """Return whether one of the boxes may be raised or lowered small print: a change of font or baseline ends a box."""
    if len(boxes) < 2:
        return False
    bottom = max(box[3] for box in boxes)
    return any(box[3] - box[1] < 0.56 * size or box[3] < bottom - 0.2 * size for box in boxes)


def _gap(boxes: list[Box], size: float) -> bool:
    """Return whether text boxes in a row leave a gap, jump back or to another line."""
    before = boxes[0]
    for box in boxes[1:]:
        if not -size < box[0] - before[2] < GAP * size or box[1] > before[3] or box[3] < before[1]:
            return True
        before = box
    return False


def _cut(piece: Piece, characters: _Characters) -> Iterator[Piece]:
    """Yield the pieces that a line falls into at its gaps."""
    begin = end = 0
    x0 = top = x1 = bottom = 0.0
    for offset, character in enumerate(piece.text):
        if character in _BLANK:
            end = offset + 1 if end and character in SPACING else end
            continue
        box = characters.box(piece.index + offset)
        if box is None:
            continue
        left, high, right, low = box
        # Between words only: a ligature may have its letters drawn anywhere.
        far = piece.text[offset - 1] in _BLANK and (
            not -piece.size < left - x1 < GAP * piece.size or high > bottom + 1 or low < top - 1
        )
        if end and far:
            yield _finished(_part(piece, begin, end, (x0, top, x1, bottom)), characters)
            end = 0
        if not end:
            begin, x0, top, x1, bottom = offset, left, high, right, low
        end = offset + 1
        x1, top, bottom = max(x1, right), min(top, high), max(bottom, low)
    if end:
        yield _finished(_part(piece, begin, len(piece.text), (x0, top, x1, bottom)), characters)


def _part(piece: Piece, begin: int, end: int, box: Box) -> Piece:
    return Piece(piece.text[begin:end], piece.index + begin, *box, piece.size, piece.bold)


def _finished(piece: Piece, characters: _Characters) -> Piece:
    # One character for one character, so that a place in the text is a place in the page's.
    piece.text = piece.text.replace(HYPHEN, "-").replace("\t", " ")
    if clean(piece.text) != piece.text:
        piece.text = "".join(clean(character) or " " for character in piece.text)
    if any(accent in piece.text for accent in SPACING):
        piece.text, piece.places = composed(piece.text, piece.index, characters.box)
    return piece


_BOLD = re.compile(r"bold|black|heavy|demi|medi(?!um)|cmbx|sfbx|-b$|\.b(?:\+|$)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _is_bold(font: bytes) -> bool:
    return bool(_BOLD.search(font.decode("utf-8", "replace")))


_NAME = ctypes.create_string_buffer(128)
_FLAGS = ctypes.c_int()


def _bold(handle: object, index: int) -> bool:
    length = raw.FPDFText_GetFontInfo(handle, index, _NAME, len(_NAME), _FLAGS)
    return 0 < length <= len(_NAME) and _is_bold(_NAME.value)


def _links(page: "PdfPage", place: Callable[..., Box]) -> Iterator[tuple[str, Box]]:
    """Yield the addresses of a page's link annotations. Links inside the document have none."""
    position, link, box = ctypes.c_int(0), raw.FPDF_LINK(), raw.FS_RECTF()
    parent = page.pdf.raw
    while raw.FPDFLink_Enumerate(page.raw, position, link):
        action = raw.FPDFLink_GetAction(link)
        if not action:
            continue
        length = raw.FPDFAction_GetURIPath(parent, action, None, 0)
        if not 1 < length <= 4096:
            continue
        buffer = ctypes.create_string_buffer(length)
        raw.FPDFAction_GetURIPath(parent, action, buffer, length)
        raw.FPDFLink_GetAnnotRect(link, box)
        yield buffer.value.decode("utf-8", "replace"), place(box.left, box.bottom, box.right, box.top)


def character_boxes(page: "PdfPage", spans: Iterable[Sequence[int]]) -> Iterator[Box]:
    """Yield one box for each span, which is given by the places of its characters in the page's text.

    A span of nothing but white space has none.
    """
    textpage = page.get_textpage()
    place, _, _ = shown(page)
    characters = _Characters(textpage, page_text(textpage), place)
    for span in spans:
        boxes = [box for at in span if (box := characters.box(at)) is not None]
        if boxes:
            lefts, tops, rights, bottoms = zip(*boxes, strict=True)
            yield min(lefts), min(tops), max(rights), max(bottoms)
    textpage.close()
