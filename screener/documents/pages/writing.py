"""Labelled rows written down as the text of a document, with the place of every block and piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..headings import ended
from ..model import PAGE_BREAK, Block, Kind, LinkAnnotation
from ..reference_headings import is_references
from ..tables import Cell, Table
from .sections import GridTable, LineRow, PageRows, Piece

_ASIDE = (Kind.FOOTNOTE, Kind.RUNNING_HEAD, Kind.LINK, Kind.HIDDEN)


@dataclass(slots=True)
class _Part:
    kind: Kind
    section: str
    rows: list[LineRow] = field(default_factory=list)
    link: str = ""
    column: int = -1

    def ends(self) -> bool:
        return self.kind is not Kind.TEXT or ended(self.rows[-1].text)


@dataclass
class WrittenText:
    """The text and its parts. `places` are the pieces with their start in `text` and their page (1-based)."""

    text: str
    pages: tuple[int, ...]
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    links: tuple[LinkAnnotation, ...]
    places: list[tuple[int, int, Piece]]


class _Pen:
    """Writes text down, and keeps where rows, cells and pieces stand in it."""

    def __init__(self) -> None:
        self.chunks: list[str] = []
        self.length = 0
        self.places: list[tuple[int, int, Piece]] = []
        self.spans: dict[int, tuple[int, int]] = {}
        """Start and end of each row and cell, by its `id`."""

    def write(self, text: str) -> None:
        self.chunks.append(text)
        self.length += len(text)

    def write_row(self, row: LineRow, page: int) -> None:
        start, column = -1, 0
        for cell in row.cells:
            self.write("\t" * (cell.column - column))
            column, begin = cell.column, self.length
            start = begin if start < 0 else start
            for number, piece in enumerate(cell.pieces):
                # A word that a line end parts is read as one only if that line end is there.
                parted = number and cell.pieces[number - 1].text.endswith("-")
                self._write_piece(piece, page, ("\n" if parted else " ") if number else "")
            self.spans[id(cell)] = begin, self.length
        if not row.cells:
            start = self.length
            for number, piece in enumerate(row.pieces):
                self._write_piece(piece, page, ("\t" if row.kind is Kind.TABLE_ROW else " ") if number else "")
        self.spans[id(row)] = start, self.length

    def _write_piece(self, piece: Piece, page: int, before: str) -> None:
        self.write(before)
        self.places.append((self.length, page, piece))
        self.write(piece.text)

    def table(self, grid: GridTable) -> Table:
        """Return a table whose rows are written."""
        cells = []
        for number, row in enumerate(grid.rows):
            for cell in row.cells:
                start, end = self.spans[id(cell)]
                cells.append(
                    Cell(
                        start=start, end=end, row=number, column=cell.column, row_span=cell.row_span,
                        column_span=cell.column_span, head=cell.head,
                    )
                )  # fmt: skip
        captions = [self.spans[id(row)] for row in grid.caption]
        caption = (min(start for start, _ in captions), max(end for _, end in captions)) if captions else None
        return Table(cells=tuple(cells), caption=caption)


def write(pages: Sequence[PageRows]) -> WrittenText:
    """Return the pages' text.

    Each row is a line, a paragraph ends in an empty line, and what stands aside is out of the flow.
    """
    pen = _Pen()
    starts: list[int] = []
    blocks: list[Block] = []
    links: list[LinkAnnotation] = []
    for number, page in enumerate(pages, 1):
        if number > 1:
            pen.write(PAGE_BREAK)
        starts.append(pen.length)
        links += [
            LinkAnnotation(page=number, uri=address) for address in dict.fromkeys(address for address, _ in page.links)
        ]
        before: _Part | None = None
        for part in _aside_last(list(_parts(page))):
            if before is not None:
                pen.write(_between(before, part))
            start = pen.length
            if part.link:
                pen.write(part.link)
            for line, row in enumerate(part.rows):
                if line:
                    pen.write("\n")
                pen.write_row(row, number)
            start = pen.spans[id(part.rows[0])][0] if part.rows else start
            blocks.append(Block(start=start, end=pen.length, kind=part.kind, section=part.section))
            before = part
    tables = tuple(pen.table(grid) for page in pages for grid in page.tables)
    return WrittenText("".join(pen.chunks), tuple(starts), tuple(blocks), tables, tuple(links), pen.places)


def _parts(page: PageRows) -> Iterator[_Part]:
    """Yield the rows of a page gathered into blocks, then its links."""
    part: _Part | None = None
    column = 0
    for row in page.rows:
        # A section may begin in the middle of nothing (`Abstract. We ...`): a block has one.
        fits = (
            part is not None
            and row.kind is part.kind
            and row.section == part.section
            and row.kind is not Kind.TABLE_ROW
        )
        if part is None or not fits or row.opens or row.column != column:
            if part is not None:
                yield part
            part = _Part(row.kind, row.section, column=row.column)
        part.rows.append(row)
        column = row.column
    if part is not None:
        yield part
    for address in dict.fromkeys(address for address, _ in page.links):
        boxes = [box for other, box in page.links if other == address]
        yield _Part(Kind.LINK, _section_at(page, boxes), link=address)


def _section_at(page: PageRows, boxes: list[tuple[float, float, float, float]]) -> str:
    """Return the section in which a link stands. Of several places, one outside the references.

    There the link is the paper's own.
    """
    sections = []
    for x0, top, x1, bottom in boxes:
        x, y = (x0 + x1) / 2, (top + bottom) / 2
        rows = [row for row in page.rows if row.left - 5 <= x <= row.right + 5 and row.kind is not Kind.RUNNING_HEAD]
        if rows:
            sections.append(min(rows, key=lambda row: abs(row.middle - y)).section)
    return next((section for section in sections if not is_references(section)), sections[0] if sections else "")


def _aside_last(parts: list[_Part]) -> list[_Part]:
    """Return the parts with footnotes, running heads and links behind the flow of the text.

    Where the page's last sentence runs on to the next page, they stand before the paragraph it is in, so that the
    sentence is in one piece: a quote from it can be found.
    """
    flow = [part for part in parts if part.kind not in _ASIDE]
    aside = [part for part in parts if part.kind in _ASIDE]
    cut = len(flow)
    while cut and not flow[cut - 1].ends():
        cut -= 1
    if not cut:  # no sentence ends on the page: a page of labels, or a cover
        cut = len(flow)
    return flow[:cut] + aside + flow[cut:]


def _between(before: _Part, after: _Part) -> str:
    if before.kind is Kind.TABLE_ROW and after.kind is Kind.TABLE_ROW:
        return "\n"
    # A sentence that goes on in the next column, or behind what stood aside, is not torn by an empty line.
    unfinished = before.kind is Kind.TEXT and after.kind is Kind.TEXT and not before.ends()
    continues = unfinished and (before.column != after.column or after.rows[0].text[0].islower())
    return "\n" if continues else "\n\n"
