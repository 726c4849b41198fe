"""What is only needed when a page is viewed: the page as a picture, and where on it a span of the text stands."""

import ctypes
import struct
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from screener.core.errors import BadInput
from screener.text import locate

from ..files import has_pdfium, no_pdfium, pdfium_file
from ..model import Document, Kind
from ..ocr.pieces import PLACES
from ..ocr.recognised import RecognisedPage
from ..textfiles import is_text
from .layout import pdfium_pages, write_rows
from .sections import Box, PageRows
from .writing import WrittenText

MAX_PIXELS = 30_000_000
"""Size above which a picture is drawn smaller than asked."""


class Marked(BaseModel):
    """The rectangles of a span on one page (1-based).

    All in PDF points (1/72 inch) from the top left corner of the page as it is shown; `boxes` are left, top, right,
    bottom. Multiplied by the scale of `render` they are pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: int
    width: float
    height: float
    boxes: tuple[Box, ...]


def needs_pdfium(path: Path) -> None:
    """Raise `BadInput` for a text file, and where the library that draws pages is not installed."""
    if is_text(path):
        raise BadInput(f"{path.name} is text and has no pages to show; open it in a text viewer")
    if not has_pdfium():
        problem = no_pdfium()
        raise BadInput(f"showing pages needs pypdfium2; install screener[pdf]{f' anew: {problem}' if problem else ''}")


def rectangles(
    path: Path, document: Document, start: int, end: int, passwords: Sequence[str] = ()
) -> tuple[Marked, ...]:
    """Return where `document.text[start:end]` stands in its file: one `Marked` for each page it touches, one box a
    line.

    The file is laid out again. Where that gives another text than the document holds (it was read by pypdf, or by
    an earlier version), the span is looked for by its words; nothing is returned where they are not found. Raises
    `BadInput` without pypdfium2 and for text files, `Unreadable` where the file does not open.
    """
    needs_pdfium(path)
    status = path.stat()
    pages, written = _laid_out(path, status.st_mtime_ns, status.st_size, tuple(passwords), document.recognised)
    if written.text != document.text:
        place = locate(document.text[start:end], written.text)
        if place.start is None or place.end is None:
            return ()
        start, end = place.start, place.end
    block = next((candidate for candidate in written.blocks if candidate.start <= start < candidate.end), None)
    if block is not None and block.kind is Kind.LINK:
        number = next(n for n, first in reversed(list(enumerate(written.pages, 1))) if first <= start)
        page, address = pages[number - 1], written.text[block.start : block.end]
        boxes = tuple(box for other, box in page.links if other == address)
        return (Marked(page=number, width=page.width, height=page.height, boxes=boxes),)
    recognised = {page.page: page for page in document.recognised}
    return tuple(_marked(path, pages, written, (start, end), recognised, passwords))


@lru_cache(maxsize=4)
def _laid_out(
    path: Path, changed: int, size: int, passwords: tuple[str, ...], recognised: tuple[RecognisedPage, ...]
) -> tuple[list[PageRows], WrittenText]:
    """Return the file laid out. When it changed and its size are there to tell a new file under an old name."""
    pages, _, _ = pdfium_pages(path, passwords, recognised)
    return pages, write_rows(pages)


def _marked(
    path: Path,
    pages: Sequence[PageRows],
    written: WrittenText,
    span: tuple[int, int],
    recognised: Mapping[int, RecognisedPage],
    passwords: Sequence[str],
) -> list[Marked]:
    from .layout_blocks import character_boxes

    places_by_page: dict[int, list[list[int]]] = {}
    for offset, number, piece in written.places:
        first, last = max(span[0], offset), min(span[1], offset + len(piece.text))
        if first < last:
            places = [piece.at(index) for index in range(first - offset, last - offset)]
            places_by_page.setdefault(number, []).append(places)
    marked = []
    with pdfium_file(path, passwords) as file:
        for number, spans in sorted(places_by_page.items()):
            own = [places for places in spans if places[0] < PLACES]
            boxes = list(character_boxes(file[number - 1], own))
            width, height = pages[number - 1].width, pages[number - 1].height
            if (page := recognised.get(number)) is not None:
                width, height = page.width, page.height
                boxes += page.boxes([place - PLACES for place in places] for places in spans if places[0] >= PLACES)
            marked.append(Marked(page=number, width=width, height=height, boxes=tuple(boxes)))
    return marked


def render(
    path: Path, page: int, scale: float = 1.5, passwords: Sequence[str] = (), *, most: int = MAX_PIXELS
) -> bytes:
    """Page `page` (1-based) as a PNG, `scale` pixels a point; less where that would exceed `most` pixels.

    Raises `BadInput` without pypdfium2, for text files and for a page that is not there; `Unreadable` where the file
    does not open.
    """
    needs_pdfium(path)
    with pdfium_file(path, passwords) as file:
        if not 1 <= page <= len(file):
            raise BadInput(f"{path.name} has no page {page}; give a page from 1 to {len(file)}")
        pdf_page = file[page - 1]
        width, height = pdf_page.get_size()
        scale = min(scale, (most / max(width * height, 1)) ** 0.5)
        bitmap = pdf_page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        if bitmap.n_channels != 3:
            raise BadInput(f"page {page} of {path.name} cannot be drawn in colour; open the file in a PDF viewer")
        pixels = ctypes.string_at(bitmap.buffer, bitmap.stride * bitmap.height)
        return _png(pixels, bitmap.width, bitmap.height, bitmap.stride)


def _png(pixels: bytes, width: int, height: int, stride: int) -> bytes:
    """Return pixels of three bytes (red, green, blue) as a PNG.

    Written here since a whole imaging library would be the price.
    """

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\x00" + pixels[row * stride : row * stride + 3 * width] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")
