"""The text of one page with the places of its lines, to lie over the picture of the page: what is selected there is the document's."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...core.frozen import Frozen
from ..files import pdfium_file
from ..model import Document, Kind
from ..ocr.pieces import PLACES
from ..ocr.recognised import RecognisedPage
from .layout import pdfium_pages
from .pictures import needs_pdfium
from .sections import Box, LineRow, PageRows, Piece


class PlacedLine(Frozen):
    """Text of one line without a wide gap in it: `text[start : start + len(text)]` of the document.

    `box` is left, top, right, bottom in PDF points from the top left corner of the page as it is shown. `blanks` are the
    blanks in it of which the place is known: the offset behind it, and its left and right edge.
    """

    start: int
    text: str
    box: Box
    blanks: tuple[tuple[int, float, float], ...] = ()


class PageText(Frozen):
    """The lines of a page in the order of the document's text, and its width and height in PDF points."""

    width: float
    height: float
    lines: tuple[PlacedLine, ...]


def page_sizes(path: Path, passwords: Sequence[str] = ()) -> tuple[tuple[float, float], ...]:
    """Return the width and height of each page as it is shown, in PDF points."""
    needs_pdfium(path)
    with pdfium_file(path, passwords) as file:
        return tuple(file.get_page_size(index) for index in range(len(file)))


def page_text(path: Path, document: Document, page: int, passwords: Sequence[str] = ()) -> PageText:
    """Return the lines of page `page` (1-based) with their places, each tied to where its words stand in `document`.

    Only this page is laid out, whatever the length of the file. A line of which the document has no such words there
    (the file was read by an earlier version, or it runs up or down the page) is left out.
    """
    recognised = next((found for found in document.recognised if found.page == page), None)
    (rows,), _, _ = pdfium_pages(path, passwords, (recognised,) if recognised else (), only=page)
    width, height = rows.width, rows.height
    if recognised is not None:
        width, height = recognised.width, recognised.height
    from .layout_blocks import blanks_of

    placed = sorted(_placed(rows, recognised, document, page), key=lambda piece: piece[1])
    with pdfium_file(path, passwords) as file:
        own = [piece for piece, _ in placed if piece.index < PLACES]
        blanks = dict(zip(map(id, own), blanks_of(file[page - 1], own), strict=True))
    lines = tuple(
        PlacedLine(
            start=start, text=piece.text, box=(piece.x0, piece.top, piece.x1, piece.bottom),
            blanks=blanks.get(id(piece), tuple(piece.gaps or ())),
        )
        for piece, start in placed
    )  # fmt: skip
    return PageText(width=width, height=height, lines=lines)


def _placed(
    rows: PageRows, recognised: RecognisedPage | None, document: Document, page: int
) -> Iterator[tuple[Piece, int]]:
    """Yield the pieces that can be seen on a page, each with its place in the document's text."""
    if recognised is not None and recognised.sideways:
        return  # its lines run up or down the page
    start, end = document.page_span(page)
    finder = _Words(document.text[start:end])
    for row in rows.rows:
        if row.kind is Kind.HIDDEN or row.turned:
            continue
        for pieces in _groups(row):
            for piece, at in zip(pieces, finder.places(pieces), strict=True):
                if (
                    at is not None
                    and piece.upright
                    and not document.is_hidden(start + at, start + at + len(piece.text))
                ):
                    yield piece, start + at


def _groups(row: LineRow) -> list[Sequence[Piece]]:
    """Return the pieces of a row that stand behind each other in the text, cell by cell."""
    return [cell.pieces for cell in row.cells] if row.cells else [row.pieces]


class _Words:
    """Finds pieces of a page in its text, each once, going on from the one that was found last."""

    def __init__(self, text: str) -> None:
        self.text, self.cursor = text, 0
        self.used: set[int] = set()

    def places(self, pieces: Sequence[Piece]) -> list[int | None]:
        """Return where each piece begins; together where they stand behind each other, else one by one."""
        words = [re.escape(piece.text) for piece in pieces]
        match = self._find(r"\s+".join(f"({word})" for word in words))
        if match is not None:
            return [match.start(number) for number in range(1, len(words) + 1)]
        found = [self._find(f"({word})") for word in words]
        return [match.start(1) if match else None for match in found]

    def _find(self, words: str) -> re.Match[str] | None:
        pattern = re.compile(rf"(?<!\S){words}(?!\S)")
        for begin in (self.cursor, 0):
            for match in pattern.finditer(self.text, begin):
                if match.start() not in self.used:
                    self.used.add(match.start())
                    self.cursor = match.end()
                    return match
        return None
