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

from screener.text.characters import UNSPACED

from ..grids.ruled import between
from .accents import SPACING, composed
from .hidden import hidden_characters
from .lines import BLANK, GAP, Characters, letter, lines_of
from .objects import page_objects, rules_of
from .readers import HYPHEN, PageText, clean, page_text
from .right_to_left import RIGHT_TO_LEFT, in_reading_order, runs_from_right
from .sections import Box, PagePieces, Piece
from .superscripts import set_apart
from .turned import DOWN, UP, boxes_turned_back, turned_again

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

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
    objects = page_objects(page)
    try:
        pieces = list(_pieces(textpage, text, place, hidden_characters(page, objects, textpage, text, place)))
        bare = sum(len(piece.text) for piece in pieces) < _FEW
        pictured = bare and _pictured(page, width * height)
        rules = rules_of(objects, place)
        characters = Characters(textpage, text, place)
        for piece in between(rules, pieces):
            piece.gaps = piece.gaps or list(_gaps(piece, characters.box))
        return PagePieces(pieces, width, height, list(_links(page, place)), rules, pictured, text.guessed)
    finally:
        textpage.close()


def _pieces(textpage: "PdfTextPage", text: PageText, place: Callable[..., Box], hidden: set[int]) -> Iterator[Piece]:
    characters = Characters(textpage, text, place)
    handle, indices = characters.handle, characters.indices
    l, t, r, b = (ctypes.c_double() for _ in range(4))  # noqa: E741 - the names PDFium gives them
    loose = raw.FS_RECTF()
    from_right = bool(RIGHT_TO_LEFT.search(text.text)) and runs_from_right(text.text)
    for line in lines_of(text.text, characters, hidden):
        words, places = line.text, line.places
        if RIGHT_TO_LEFT.search(words):
            words, places = in_reading_order(words, places, characters.box, from_right=from_right)
            if not places:
                continue
        first, last = indices[min(places)], indices[max(places)]
        if first < 0 or last < first:
            continue
        boxes = []
        for number in range(raw.FPDFText_CountRects(handle, first, last - first + 1)):
            raw.FPDFText_GetRect(handle, number, l, t, r, b)
            boxes.append(place(l.value, b.value, r.value, t.value))
        if (letters := _UNSPACED.search(words)) and characters.has_no_shape(places[letters.start()]):
            drawn = (at for letter, at in zip(words, places, strict=True) if not letter.isspace())
            boxes = [box for at in drawn if (box := characters.box(at)) is not None]
        if not boxes:
            continue
        x0, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
        x1, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
        middle = indices[places[letter(words, len(words) // 2)]]
        turn = characters.turn(middle) if bottom - top > 0.5 * (x1 - x0) else 0
        upright = turn not in (UP, DOWN)
        # The smaller of two letters' heights: one letter may come from another font, such as a symbol or small caps.
        heights = []
        for index in (middle, indices[places[letter(words, len(words) // 5)]]):
            if index >= 0 and raw.FPDFText_GetLooseCharBox(handle, index, loose):
                left, high, right, low = place(loose.left, loose.bottom, loose.right, loose.top)
                heights.append(low - high if upright else right - left)
        size = min((height for height in heights if height > 0.1), default=max(bottom - top, 1.0))
        if upright and RIGHT_TO_LEFT.search(words):  # shaped letters are often pictures, figures beside them are not
            size = max(filter(None, map(characters.height, places)), default=size)
        elif upright:
            size = characters.size_without_metrics(words, places) or size
        if upright and _small(boxes, size):
            words = set_apart(words, places, characters.baseline, characters.height)
        piece = Piece(words, places[0], x0, top, x1, bottom, size, _bold(handle, middle), upright, turn, line.hidden)
        piece.places = None if isinstance(places, range) else list(places)
        if not line.hidden and not upright:
            back = boxes_turned_back(characters.box, turn)
            yield from (turned_again(part, turn) for part in _cut(piece, back))
        elif not line.hidden and (
            _gap(boxes, size) or x1 - x0 > _SPARSE * size * len(words) or _TWO_FIGURES.search(words)
        ):
            yield from (_cut_by_words if RIGHT_TO_LEFT.search(words) else _cut)(piece, characters.box)
        else:
            yield _finished(piece, characters.box)


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


_UNSPACED = re.compile(f"[{UNSPACED}]")
_TWO_FIGURES = re.compile(r"(?<!\S)[-−–]?\d[\d.,]*%? +[-−–]?\d[\d.,]*%?(?!\S)")
"""What may be two cells, closer to each other than words of a line."""
_WORD = re.compile(r"\S+")
_INNER_BLANK = re.compile(r"(?<=\S)\s+(?=\S)")
_WIDE = 1.2
"""Width of a gap, in heights of the font, that parts two characters without a blank between them: figures of two cells."""
_SENTENCE = re.compile(r"\S+(?: \S+){2,} \S*[^\W\d_]{2}[.?!][\"'”’)]? *\Z")
_TYPED = 2.0
"""Width of a gap behind the end of a sentence, in heights of the font, that two typed blanks may leave."""


def _cut(piece: Piece, box_of: Callable[[int], Box | None]) -> Iterator[Piece]:
    """Yield the pieces that a line falls into at its gaps."""
    begin = end = 0
    x0 = top = x1 = bottom = 0.0
    gaps: list[tuple[int, float, float]] = []
    for offset, character in enumerate(piece.text):
        if character in BLANK:
            end = offset + 1 if end and character in SPACING else end
            continue
        box = box_of(piece.at(offset))
        if box is None:
            continue
        left, high, right, low = box
        gap = (left - x1) / piece.size
        if piece.text[offset - 1] in BLANK:
            far = not -1 < gap < GAP or high > bottom + 1 or low < top - 1
            # Two blanks behind a full stop are no gap between two cells.
            if far and 0 < gap < _TYPED and character.isupper() and _SENTENCE.search(piece.text, begin, offset):
                far = False
        else:  # the letters of a ligature may be drawn anywhere, but not that far away
            far = gap > _WIDE
        if end and far:
            yield _finished(_part(piece, begin, end, (x0, top, x1, bottom), gaps), box_of)
            end, gaps = 0, []
        if not end:
            begin, x0, top, x1, bottom = offset, left, high, right, low
        elif piece.text[offset - 1] in BLANK:
            gaps.append((offset - begin, x1, left))
        end = offset + 1
        x1, top, bottom = max(x1, right), min(top, high), max(bottom, low)
    if end:
        yield _finished(_part(piece, begin, len(piece.text), (x0, top, x1, bottom), gaps), box_of)


def _gaps(piece: Piece, box_of: Callable[[int], Box | None]) -> Iterator[tuple[int, float, float]]:
    """Yield the blanks of a piece with their places (see `Piece.gaps`)."""
    for match in _INNER_BLANK.finditer(piece.text):
        left, right = box_of(piece.at(match.start() - 1)), box_of(piece.at(match.end()))
        if left is not None and right is not None and right[0] > left[2]:
            yield match.end(), left[2], right[0]


def blanks_of(page: "PdfPage", pieces: Iterable[Piece]) -> list[tuple[tuple[int, float, float], ...]]:
    """Return the blanks of each piece with their places (see `Piece.gaps`), also of those that layout has no need of."""
    textpage = page.get_textpage()
    place, _, _ = shown(page)
    characters = Characters(textpage, page_text(textpage), place)
    try:
        return [tuple(piece.gaps or _gaps(piece, characters.box)) for piece in pieces]
    finally:
        textpage.close()


def _cut_by_words(piece: Piece, box_of: Callable[[int], Box | None]) -> Iterator[Piece]:
    """Yield the same for a line that runs from right to left, or both ways: its words follow each other on either side."""
    begin = end = 0
    whole = before = (0.0, 0.0, 0.0, 0.0)
    for match in _WORD.finditer(piece.text):
        boxes = [box for index in range(*match.span()) if (box := box_of(piece.at(index))) is not None]
        if not boxes:
            continue
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        word = min(lefts), min(tops), max(rights), max(bottoms)
        if end and max(word[0] - before[2], before[0] - word[2]) >= GAP * piece.size:
            yield _finished(_part(piece, begin, end, whole), box_of)
            end = 0
        if not end:
            begin, whole = match.start(), word
        end, before = match.end(), word
        whole = min(whole[0], word[0]), min(whole[1], word[1]), max(whole[2], word[2]), max(whole[3], word[3])
    if end:
        yield _finished(_part(piece, begin, end, whole), box_of)


def _part(piece: Piece, begin: int, end: int, box: Box, gaps: list[tuple[int, float, float]] | None = None) -> Piece:
    part = Piece(piece.text[begin:end], piece.at(begin), *box, piece.size, piece.bold, gaps=gaps)
    part.places = piece.places[begin:end] if piece.places else None
    return part


def _finished(piece: Piece, box_of: Callable[[int], Box | None]) -> Piece:
    # One character for one character, so that a place in the text is a place in the page's.
    piece.text = piece.text.replace(HYPHEN, "-").replace("\t", " ")
    if clean(piece.text) != piece.text:
        piece.text = "".join(clean(character) or " " for character in piece.text)
    if any(accent in piece.text for accent in SPACING):
        places = piece.places or range(piece.index, piece.index + len(piece.text))
        piece.text, piece.places = composed(piece.text, places, box_of)
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
    characters = Characters(textpage, page_text(textpage), place)
    for span in spans:
        boxes = [box for at in span if (box := characters.box(at)) is not None]
        if boxes:
            lefts, tops, rights, bottoms = zip(*boxes, strict=True)
            yield min(lefts), min(tops), max(rights), max(bottoms)
    textpage.close()
