"""The objects that a page of a PDF is drawn of: its rules, and which of its texts may be hidden: a cheap look before
drawing it.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2.raw as raw

from .sections import Box, Rules

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pypdfium2 import PdfPage

TINY = 2.0
"""Height of a font in points below which nobody reads it."""
_SQUEEZED = 0.4
"""Width of letters in their usual width below which they may be too thin."""
_DARK, _LIGHT = 160, 200
"""Brightness (0 to 255) of text that shows on a light ground, and of such a ground."""
_OPAQUE = 128
_SCANNED = 0.6
"""Share of the page that pictures cover where it is the picture of a page."""
_MOST_OBJECTS = 20_000
"""Objects of a page that are looked at one by one; of a drawing with more, the page is drawn."""
_ALL_OBJECTS = 200_000
_DEPTH = 8
_FEW_LETTERS = 8
"""Characters of a replacement that a ligature, a hyphen or a formula may have."""
_LINE = 1.5
"""Points from which a filled shape is more than a rule."""

_RULE, _DOT = 3.0, 6.0
"""Points across which a shape is no rule any more, and points along which it is not yet one."""
_JOINED = 3.0
"""Points between two rules in one line that are one: borders of cells side by side."""

Rectangle = tuple[float, float, float, float]
"""Left, bottom, right, top in the file's own points."""
Heights = dict[tuple[int, float], float]
"""Height of the largest text seen so far of a font and size, where its size is below `TINY` by name."""


@dataclass(slots=True)
class PageObject:
    """One text, path, picture or form; `nested` where it stands in a form, with that form's own places."""

    handle: Any
    kind: int
    nested: bool


def page_objects(page: "PdfPage") -> list[PageObject]:
    """Return a page's objects in the order in which they are drawn, those inside of forms after the form."""
    return list(islice(_objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject), _ALL_OBJECTS))


def _objects(parent: Any, count: Any, get: Any, depth: int = 0) -> Iterator[PageObject]:
    for number in range(count(parent)):
        handle = get(parent, number)
        kind = raw.FPDFPageObj_GetType(handle)
        yield PageObject(handle, kind, depth > 0)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
            yield from _objects(handle, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth + 1)


def address(handle: Any) -> int:
    """Return what tells an object from others; 0 for none."""
    return ctypes.addressof(handle.contents) if handle else 0


_EDGES = [ctypes.c_float() for _ in range(4)]
_COLOUR = [ctypes.c_uint() for _ in range(4)]
_X, _Y = ctypes.c_float(), ctypes.c_float()
_MODE, _STROKED = ctypes.c_int(), ctypes.c_int()


def _bounds(handle: Any) -> Rectangle | None:
    """Return left, bottom, right, top of an object; None where it has none."""
    if not raw.FPDFPageObj_GetBounds(handle, *_EDGES):
        return None
    left, bottom, right, top = _EDGES
    return left.value, bottom.value, right.value, top.value


def _brightness(handle: Any) -> float | None:
    """Return how bright an object is filled, 0 to 255; None where it is half transparent or filled with a pattern."""
    if not raw.FPDFPageObj_GetFillColor(handle, *_COLOUR) or _COLOUR[3].value < _OPAQUE:
        return None
    red, green, blue, _ = _COLOUR
    return 0.3 * red.value + 0.59 * green.value + 0.11 * blue.value


def rules_of(objects: Sequence[PageObject], place: Callable[[float, float, float, float], Box]) -> Rules:
    """Return the rules of a page. `place` makes a box of the page as it is shown, in points, of a rectangle of the file."""
    if len(objects) > _MOST_OBJECTS:
        return Rules()
    across: list[Box] = []
    down: list[Box] = []
    for item in objects:
        if item.kind != raw.FPDF_PAGEOBJ_PATH or item.nested or (rectangle := _bounds(item.handle)) is None:
            continue
        short, long = sorted((rectangle[2] - rectangle[0], rectangle[3] - rectangle[1]))
        if short <= _RULE and long >= _DOT:
            box = place(*rectangle)
            (across if box[2] - box[0] == max(box[2] - box[0], box[3] - box[1]) else down).append(box)
    return Rules(tuple(_joined(across)), tuple(down))


def _joined(rules: list[Box]) -> list[Box]:
    """Return rules across, by their height, those in one line as one."""
    level: list[list[Box]] = []
    for rule in sorted(rules, key=lambda rule: rule[1] + rule[3]):
        if level and rule[1] + rule[3] - level[-1][-1][1] - level[-1][-1][3] < _RULE:
            level[-1].append(rule)
        else:
            level.append([rule])
    lines: list[Box] = []
    for together in level:
        first = len(lines)
        for rule in sorted(together):
            last = lines[-1] if len(lines) > first else None
            if last is not None and rule[0] - last[2] < _JOINED:
                lines[-1] = (last[0], min(last[1], rule[1]), max(last[2], rule[2]), max(last[3], rule[3]))
            else:
                lines.append(rule)
    return lines


def suspects_of(page: "PdfPage", objects: Sequence[PageObject]) -> list[PageObject]:
    """Return the texts that may be hidden: all that are not plainly dark letters on the page's light ground."""
    texts = [item for item in objects if item.kind == raw.FPDF_PAGEOBJ_TEXT]
    if len(objects) > _MOST_OBJECTS:
        return texts
    left, bottom, right, top = page.get_bbox()
    suspects: list[PageObject] = []
    heights: Heights = {}
    plain: list[tuple[int, PageObject, Rectangle]] = []
    for place, item in enumerate(objects):
        if item.kind != raw.FPDF_PAGEOBJ_TEXT:
            continue
        box = _bounds(item.handle)
        if box is None:  # nothing but blanks
            continue
        inside = box[0] >= left - 1 and box[1] >= bottom - 1 and box[2] <= right + 1 and box[3] <= top + 1
        if item.nested or not inside or not _plainly_dark(item.handle, box, heights):
            suspects.append(item)
        else:
            plain.append((place, item, box))
    if not plain:
        return suspects
    over, under = _grounds(objects, {place for place, _, _ in plain})
    over += _annotations(page)
    boxes = np.array([box for _, _, box in plain], dtype=float)
    order = np.array([place for place, _, _ in plain])
    touched = _touches(boxes, order, over, later_only=False) | _touches(boxes, order, under, later_only=True)
    return suspects + [item for (_, item, _), hit in zip(plain, touched, strict=True) if hit]


_MATRIX = raw.FS_MATRIX()
FILLED = (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_STROKE)


def _plainly_dark(handle: Any, box: Rectangle, heights: Heights) -> bool:
    if raw.FPDFTextObj_GetTextRenderMode(handle) not in FILLED or not raw.FPDFPageObj_GetMatrix(handle, _MATRIX):
        return False
    if hypot(_MATRIX.a, _MATRIX.b) < _SQUEEZED * hypot(_MATRIX.c, _MATRIX.d):
        return False
    if _perhaps_tiny(handle, box, heights):
        return False
    brightness = _brightness(handle)
    if brightness is None or brightness > _DARK:
        return False
    if raw.FPDFPageObj_HasTransparency(handle) or _clipped(handle, box):
        return False
    marks = _marks(handle)
    return not marks or not (_switched(marks) or _replaced(marks) > _FEW_LETTERS)


_SIZE = ctypes.c_float()


def _perhaps_tiny(handle: Any, box: Rectangle, heights: Heights) -> bool:
    """Return whether a text of this matrix (in `_MATRIX`) and box may be too small; a full stop alone is not.

    Fonts of pictures, as TeX's old programs make them, have sizes such as 0.24: there the other texts in it tell more.
    """
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    if not raw.FPDFTextObj_GetFontSize(handle, _SIZE):
        return short < TINY
    height = _SIZE.value * hypot(_MATRIX.c, _MATRIX.d)
    if height < TINY:
        key = address(raw.FPDFTextObj_GetFont(handle)), round(height, 2)
        height = heights[key] = max(heights.get(key, height), short)
    return short < TINY and (height < TINY or long > 2 * height)


_NAME, _LENGTH = ctypes.create_string_buffer(16), ctypes.c_ulong()


def _marks(handle: Any) -> list[Any]:
    """Return what a file says of an object besides how it looks."""
    return [raw.FPDFPageObj_GetMark(handle, number) for number in range(raw.FPDFPageObj_CountMarks(handle))]


def _switched(marks: Sequence[Any]) -> bool:
    """Return whether an object with these marks belongs to optional content, which may be switched off."""
    for mark in marks:
        name = ctypes.cast(_NAME, ctypes.POINTER(ctypes.c_ushort))
        if not raw.FPDFPageObjMark_GetName(mark, name, len(_NAME), _LENGTH) or _NAME.raw[:4] == "OC".encode("utf-16le"):
            return True
    return False


def replacement(handle: Any) -> int:
    """Return how many characters a file says stand where other letters are drawn (`ActualText`); 0 where it does not."""
    return _replaced(_marks(handle))


def _replaced(marks: Sequence[Any]) -> int:
    longest = 0
    for mark in marks:
        if raw.FPDFPageObjMark_GetParamStringValue(mark, b"ActualText", None, 0, _LENGTH):
            longest = max(longest, _LENGTH.value // 2 - 1)
    return longest


def _clipped(handle: Any, box: Rectangle) -> bool:
    """Return whether less may be seen of an object than the whole of it: its clip paths are no boxes around it."""
    clip = raw.FPDFPageObj_GetClipPath(handle)
    count = raw.FPDFClipPath_CountPaths(clip) if clip else 0
    for path in range(max(count, 0)):
        points = []
        for number in range(raw.FPDFClipPath_CountPathSegments(clip, path)):
            raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(clip, path, number), _X, _Y)
            points.append((_X.value, _Y.value))
        xs, ys = {x for x, _ in points}, {y for _, y in points}
        if len(xs) != 2 or len(ys) != 2:
            return True
        if min(xs) > box[0] + 1 or min(ys) > box[1] + 1 or max(xs) < box[2] - 1 or max(ys) < box[3] - 1:
            return True
    return False


def _grounds(objects: Sequence[PageObject], dark: set[int]) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """Return the boxes, with their place in the order, of what hides text wherever it is drawn, and of light shapes.

    What stands at the places `dark` is known to be dark text.
    """
    any_time: list[tuple[float, ...]] = []
    light: list[tuple[float, ...]] = []
    for place, item in enumerate(objects):
        if item.nested or place in dark:
            continue
        if item.kind == raw.FPDF_PAGEOBJ_TEXT and (_brightness(item.handle) or 0) < _LIGHT:
            continue
        box = _bounds(item.handle)
        if box is None or min(box[2] - box[0], box[3] - box[1]) < _LINE:
            continue
        if item.kind == raw.FPDF_PAGEOBJ_TEXT:  # letters may be blocks
            light.append((*box, place))
            continue
        path = item.kind == raw.FPDF_PAGEOBJ_PATH
        if path and raw.FPDFPath_GetDrawMode(item.handle, _MODE, _STROKED):
            if _MODE.value == raw.FPDF_FILLMODE_NONE:
                if raw.FPDFPageObj_GetStrokeWidth(item.handle, _X) and _X.value >= _LINE:
                    any_time.append((*box, place))
                continue
            brightness = _brightness(item.handle)
            if brightness is not None and brightness >= _LIGHT:
                light.append((*box, place))
                continue
        any_time.append((*box, place))
    return any_time, light


_HARMLESS = (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_TEXT)
_RECTANGLE = raw.FS_RECTF()


def _annotations(page: "PdfPage") -> list[tuple[float, ...]]:
    """Return the boxes of annotations that may cover text: notes that are drawn on the page, shapes, stamps."""
    boxes: list[tuple[float, ...]] = []
    for number in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_OBJECTS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, number)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) not in _HARMLESS and raw.FPDFAnnot_GetRect(annotation, _RECTANGLE):
            left, right = sorted((_RECTANGLE.left, _RECTANGLE.right))
            bottom, top = sorted((_RECTANGLE.bottom, _RECTANGLE.top))
            boxes.append((left, bottom, right, top, 0.0))
        raw.FPDFPage_CloseAnnot(annotation)
    return boxes


def _touches(
    boxes: "NDArray[Any]", order: "NDArray[Any]", grounds: Sequence[tuple[float, ...]], *, later_only: bool
) -> "NDArray[Any]":
    """Return for each box whether one of the grounds overlaps it."""
    hit = np.zeros(len(boxes), dtype=bool)
    for left, bottom, right, top, place in grounds:
        overlaps = (boxes[:, 0] < right - 0.5) & (boxes[:, 2] > left + 0.5)
        overlaps &= (boxes[:, 1] < top - 0.5) & (boxes[:, 3] > bottom + 0.5)
        hit |= overlaps & (order < place) if later_only else overlaps
    return hit


def is_scan(page: "PdfPage", objects: Sequence[PageObject]) -> bool:
    """Return whether pictures cover most of a page."""
    left, bottom, right, top = page.get_bbox()
    covered = 0.0
    for item in objects:
        if item.kind == raw.FPDF_PAGEOBJ_IMAGE and not item.nested and (box := _bounds(item.handle)) is not None:
            width = min(box[2], right) - max(box[0], left)
            height = min(box[3], top) - max(box[1], bottom)
            covered += max(width, 0.0) * max(height, 0.0)
    return bool(covered >= _SCANNED * (right - left) * (top - bottom))
