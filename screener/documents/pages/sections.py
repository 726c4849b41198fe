"""The parts of a page that layout works on, whoever read them."""

from dataclasses import dataclass, field

from ..model import Kind

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Straight lines drawn on a page or a part of it: `across` it, by their height, and `down` it."""

    across: tuple[Box, ...] = ()
    down: tuple[Box, ...] = ()

    def within(self, box: Box, margin: float = 2.0) -> "Rules":
        """Return those whose middle lies in a box, or at most `margin` points beside it."""

        def inside(rule: Box) -> bool:
            x, y = (rule[0] + rule[2]) / 2, (rule[1] + rule[3]) / 2
            return box[0] - margin <= x <= box[2] + margin and box[1] - margin <= y <= box[3] + margin

        return Rules(tuple(filter(inside, self.across)), tuple(filter(inside, self.down)))


@dataclass(slots=True)
class Piece:
    """Text of one line without a gap in it. `index` is the place of its first character in PDFium's text."""

    text: str
    index: int
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    """Height of the font in points."""
    bold: bool = False
    upright: bool = True
    """False for text that runs up or down the page, such as a stamp in the margin."""
    turn: int = 0
    """How it is turned, clockwise in degrees as PDFium counts them, where it is not upright."""
    hidden: bool = False
    """Whether nobody sees it on the page."""
    stamp: bool = False
    """Whether it is a watermark."""
    places: list[int] | None = None
    """The place of each character in PDFium's text, where they do not follow each other from `index` on."""
    gaps: list[tuple[int, float, float]] | None = None
    """Of each blank in it, where that is known: the offset behind it, and its left and right edge on the page."""

    def at(self, offset: int) -> int:
        """Return the place in PDFium's text of the character at `offset` in the piece."""
        return self.places[offset] if self.places is not None else self.index + offset

    def parts(self, gaps: list[tuple[int, float, float]]) -> list["Piece"]:
        """Return the pieces into which it falls at some of its `gaps`."""
        starts = [(0, self.x0), *((offset, right) for offset, _, right in gaps)]
        ends = [*((offset, left) for offset, left, _ in gaps), (len(self.text), self.x1)]
        return [
            Piece(
                self.text[start:end].rstrip(), self.at(start), x0, self.top, x1, self.bottom, self.size, self.bold,
                self.upright, self.turn, self.hidden, self.stamp, self.places[start:end] if self.places else None,
                [(offset - start, left, right) for offset, left, right in self.gaps or () if start < offset < end],
            )
            for (start, x0), (end, x1) in zip(starts, ends, strict=True)
        ]  # fmt: skip


@dataclass(slots=True)
class PagePieces:
    """A page: its pieces in the file's order, its size in points, its link annotations with their boxes."""

    pieces: list[Piece]
    width: float
    height: float
    links: list[tuple[str, Box]]
    rules: Rules = Rules()
    pictured: bool = False
    """Whether a page of few words holds more than these: a picture, or drawings that may be letters."""
    guessed: bool = False
    """Whether ligatures that the file does not name were put back."""
    numbered: bool = False
    """Whether its lines had numbers in the margin, which are left out."""


@dataclass(slots=True)
class GridCell:
    """A cell of a table: its pieces, line below line, its first column and what it reaches over (see `tables.Cell`)."""

    pieces: list[Piece]
    column: int
    column_span: int = 1
    row_span: int = 1
    head: bool = False


@dataclass(slots=True)
class LineRow:
    """Pieces side by side, left to right. `column` counts the columns of the page in reading order."""

    pieces: list[Piece]
    column: int = 0
    x0: float = 0
    top: float = 0
    x1: float = 0
    bottom: float = 0
    size: float = 0
    bold: bool = False
    left: float = 0
    right: float = 0
    text: str = ""
    kind: Kind = Kind.TEXT
    section: str = ""
    turned: bool = False
    """Whether it runs up or down the page; its places are those of the page turned back."""
    opens: bool = False
    """Whether a paragraph, entry or caption begins here."""
    cells: list[GridCell] = field(default_factory=list)
    """Of a row of a table whose grid is known, the cells that begin in it, from left to right; they hold its pieces."""

    @property
    def middle(self) -> float:
        """Return the height half-way between top and bottom."""
        return (self.top + self.bottom) / 2


@dataclass(slots=True)
class GridTable:
    """A table on its way to text: its rows, which have `cells`, and the rows of its caption. It may go on over pages."""

    rows: list[LineRow]
    caption: list[LineRow] = field(default_factory=list)


@dataclass(slots=True)
class PageRows:
    """A page on its way to text: its rows in reading order and what stands in its margins."""

    rows: list[LineRow]
    width: float
    height: float
    links: list[tuple[str, Box]] = field(default_factory=list)
    rules: Rules = Rules()
    pictured: bool = False
    """Whether there is more on the page than words, or, of a page that cannot be read, may be."""
    guessed: bool = False
    """Whether ligatures that the file does not name were put back."""
    numbered: bool = False
    """Whether its lines had numbers in the margin, which are left out."""
    tables: list[GridTable] = field(default_factory=list)
    """The tables that begin on it and whose grid is known; their rows are among `rows`, on this page or later ones."""
