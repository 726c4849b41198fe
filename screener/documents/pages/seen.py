"""A page drawn with and without some of its texts: which letters on it are seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2.raw as raw

from .objects import PageObject, is_scan
from .sections import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pypdfium2 import PdfPage

_LEAST_CONTRAST = 28
"""Difference (0 to 255) between the page with a word and without it from which the word is seen."""
_SCALE, _COARSE = 1.0, 0.5
"""Pixels a point of the drawn page; and where only the picture of a scan is looked at, of which drawing takes long."""
_MARGIN = 2
"""Pixels around a letter in the picture of a page: recognised text stands about where the picture has it."""
_MAX_PIXELS = 8_000_000
_MOST_VALUES = 4_000_000
"""Values of the picture of a page that are looked at in one go."""
_WIDE = 48
"""Pixels of a letter from which not all of them are looked at."""
# Pictures are not smoothed: of a scan that takes ten times as long, and whether there is print is seen without it.
_FLAGS = raw.FPDF_ANNOT | raw.FPDF_RENDER_NO_SMOOTHIMAGE


@dataclass(frozen=True)
class View:
    """A page in pixels from its top left corner as it is shown."""

    place: Callable[..., Box]
    columns: int
    rows: int
    scale: tuple[float, float]

    @classmethod
    def of(cls, page: "PdfPage", place: Callable[..., Box], *, coarse: bool = False) -> "View":
        """Return the view of a page; `place` makes a box of it, in points, of a rectangle of the file."""
        width, height = page.get_size()
        scale = min(_COARSE if coarse else _SCALE, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        columns, rows = max(int(width * scale), 1), max(int(height * scale), 1)
        return cls(place, columns, rows, (columns / max(width, 1e-3), rows / max(height, 1e-3)))

    def pixels(self, boxes: "NDArray[Any]") -> "NDArray[np.int_]":
        """Return left, top, right and bottom (exclusive) of rectangles of the file, a row each."""
        left, top, right, bottom = self.place(*boxes.T)
        across, down = self.scale
        points = np.stack([left * across, top * down, right * across, bottom * down], axis=1)
        edges: NDArray[np.int_] = np.rint(np.clip(points, -1e6, 1e6)).astype(int)
        edges[:, 2:] += 1
        return edges

    def inside(self, pixels: "NDArray[np.int_]") -> "NDArray[np.bool_]":
        """Return for each box whether something of it is on the page."""
        left, top, right, bottom = pixels.T
        inside: NDArray[np.bool_] = (right > 0) & (bottom > 0) & (left < self.columns) & (top < self.rows)
        return inside


@dataclass(frozen=True)
class DrawnPage:
    """A part of a page drawn as it is, without the texts in question, and, of a scanned page, without any text.

    Each is three planes, blue, green and red, of rows of pixels of 0 to 255. The part begins at column `left` and row
    `top` of the page.
    """

    left: int
    top: int
    changed: "NDArray[np.bool_]"
    """Where the page looks another way with the texts in question."""
    without: "NDArray[np.int16]"
    picture: "NDArray[np.int16] | None"

    @classmethod
    def of(
        cls,
        page: "PdfPage",
        view: View,
        pixels: "NDArray[np.int_]",
        drawing: Sequence[PageObject],
        objects: Sequence[PageObject],
    ) -> "DrawnPage":
        """Draw what is needed of a page to judge letters with these boxes of pixels.

        Of its `objects`, but for texts that draw nothing, `drawing` are the texts in question.
        """
        left, top = np.maximum(pixels[:, :2].min(axis=0) - _MARGIN, 0)
        right, bottom = np.minimum(pixels[:, 2:].max(axis=0) + _MARGIN, (view.columns, view.rows))
        part = int(left), int(top), max(int(right), int(left) + 1), max(int(bottom), int(top) + 1)
        if drawing:
            without = _draw(page, view, part, drawing)
            changed = np.abs(_draw(page, view, part) - without).max(axis=0) >= _LEAST_CONTRAST
        else:
            without = np.zeros((3, part[3] - part[1], part[2] - part[0]), dtype=np.int16)
            changed = np.zeros(without.shape[1:], dtype=bool)
        picture = None
        if is_scan(page, objects):
            texts = [item for item in objects if item.kind == raw.FPDF_PAGEOBJ_TEXT]
            picture = without if drawing and len(texts) == len(drawing) else _draw(page, view, part, texts)
        return cls(part[0], part[1], changed, without, picture)

    def changes(self, pixels: "NDArray[np.int_]") -> "NDArray[np.bool_]":
        """Return for each letter whether the page looks another way with it."""
        if not self.changed.any():
            return np.zeros(len(pixels), dtype=bool)
        return _counts(self.changed, self._within(pixels, 1)) > 0

    def stands_out(self, pixels: "NDArray[np.int_]", colour: tuple[int, int, int]) -> "NDArray[np.bool_]":
        """Return for each letter of this colour whether most of its ground has another one.

        White letters over black ones change the page, and cannot be read.
        """
        boxes = self._within(pixels, 1)
        left, top = boxes[:, :2].min(axis=0)
        right, bottom = boxes[:, 2:].max(axis=0)
        ground = self.without[:, top:bottom, left:right]
        differs = np.abs(ground - np.array(colour, dtype=np.int16)[:, None, None]).max(axis=0) >= _LEAST_CONTRAST
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        return 2 * _counts(differs, boxes - (left, top, left, top)) >= area

    def pictures(self, pixels: "NDArray[np.int_]") -> "NDArray[np.bool_]":
        """Return for each letter whether there is print where it stands in the picture of the page."""
        shows = np.zeros(len(pixels), dtype=bool)
        if self.picture is None:
            return shows
        grey = (self.picture[0] == self.picture[1:]).all()  # the planes of a page in black and white are alike
        picture = self.picture[:1] if grey else self.picture
        boxes = self._within(pixels, _MARGIN)
        sizes = boxes[:, 2:] - boxes[:, :2]
        order = np.lexsort(sizes.T)
        order = order[(sizes[order] > 0).all(axis=1)]
        for letters in np.split(order, np.flatnonzero(np.diff(sizes[order], axis=0).any(axis=1)) + 1):
            if not len(letters):
                continue
            width, height = sizes[letters[0]]
            windows = np.lib.stride_tricks.sliding_window_view(picture, (height, width), axis=(1, 2))
            windows = windows[..., :: 1 + height // _WIDE, :: 1 + width // _WIDE]
            step = max(_MOST_VALUES // 3 * windows.shape[3] * windows.shape[4], 1)
            for start in range(0, len(letters), step):
                chosen = letters[start : start + step]
                parts = windows[:, boxes[chosen, 1], boxes[chosen, 0]]
                shows[chosen] = np.ptp(parts, axis=(2, 3)).max(axis=0) >= 2 * _LEAST_CONTRAST
        return shows

    def _within(self, pixels: "NDArray[np.int_]", margin: int) -> "NDArray[np.int_]":
        """Return boxes of the page with some pixels around them, as far as they are in the part."""
        rows, columns = self.changed.shape
        left, top = self.left + margin, self.top + margin
        boxes = pixels - (left, top, left - 2 * margin, top - 2 * margin)
        within: NDArray[np.int_] = np.clip(boxes, 0, (columns, rows, columns, rows))
        return within


def draws(item: PageObject) -> bool:
    """Return whether a text is in a mode that draws it; the layer of recognised text is not."""
    return bool(raw.FPDFTextObj_GetTextRenderMode(item.handle) != raw.FPDF_TEXTRENDERMODE_INVISIBLE)


def _counts(marks: "NDArray[np.bool_]", boxes: "NDArray[np.int_]") -> "NDArray[np.int_]":
    """Return how many marks each box holds, by a table of the sums over all rectangles from the corner on."""
    sums = np.zeros((marks.shape[0] + 1, marks.shape[1] + 1), dtype=np.int32)
    marks.cumsum(axis=0, out=sums[1:, 1:])
    sums[1:, 1:].cumsum(axis=1, out=sums[1:, 1:])
    left, top, right, bottom = boxes.T
    counts: NDArray[np.int_] = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return counts


def _draw(
    page: "PdfPage", view: View, part: tuple[int, int, int, int], without: Sequence[PageObject] = ()
) -> "NDArray[np.int16]":
    """Return a part of a page, given by left, top, right, bottom, as it looks without some objects."""
    from pypdfium2 import PdfBitmap

    left, top, right, bottom = part
    bitmap = PdfBitmap.new_native(right - left, bottom - top, raw.FPDFBitmap_BGRx)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, right - left, bottom - top)
    for item in without:
        raw.FPDFPageObj_SetIsActive(item.handle, False)
    try:
        raw.FPDF_RenderPageBitmap(bitmap.raw, page.raw, -left, -top, view.columns, view.rows, 0, _FLAGS)
    finally:
        for item in without:
            raw.FPDFPageObj_SetIsActive(item.handle, True)
    pixels = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3].transpose(2, 0, 1), dtype=np.int16)
    bitmap.close()
    return pixels
