"""Text that runs up or down a page: tables and paragraphs set sideways, heads of columns, stamps in the margin."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ..grids.ruled import read_in_order
from .sections import Box, GridTable, LineRow, PagePieces, Piece, Rules

UP, DOWN = 270, 90
"""Turns of text, clockwise in degrees as PDFium counts them: read from the bottom to the top, and the other way."""
_NEAR = 2.5
"""Space between two lines that belong together, in heights of their font."""


def turned_back(box: Box, turn: int, width: float = 0.0, height: float = 0.0) -> Box:
    """Return a box of a page as it is when the page is turned so that the text in it is upright."""
    x0, top, x1, bottom = box
    return (height - bottom, x0, height - top, x1) if turn == UP else (top, width - x1, bottom, width - x0)


def boxes_turned_back(box: Callable[[int], Box | None], turn: int) -> Callable[[int], Box | None]:
    """Return what gives the box of a character, for a page that is turned back about its corner."""

    def turned(at: int) -> Box | None:
        found = box(at)
        return None if found is None else turned_back(found, turn)

    return turned


def turned_again(piece: Piece, turn: int) -> Piece:
    """Return a piece of a page that was turned back about its corner, with its box on the page."""
    x0, top, x1, bottom = piece.x0, piece.top, piece.x1, piece.bottom
    box = (top, -x1, bottom, -x0) if turn == UP else (-bottom, x0, -top, x1)
    return replace(piece, x0=box[0], top=box[1], x1=box[2], bottom=box[3], upright=False, turn=turn)


def column_heads(page: PagePieces) -> list[Piece]:
    """Return the turned pieces that stand side by side on the cells of a row, as if they were upright."""
    cells = [piece for piece in page.pieces if piece.upright and not piece.hidden and not piece.stamp]
    heads = [
        piece
        for piece in page.pieces
        if _is_turned(piece)
        and any(
            cell.x0 < piece.x1 and cell.x1 > piece.x0 and 0 <= cell.top - piece.bottom < _NEAR * piece.size
            for cell in cells
            if len(cell.text) < 25 and any(character.isdigit() for character in cell.text)
        )
    ]
    if len(heads) < 2:
        return []
    low = max(piece.bottom for piece in heads)
    if any(low - piece.bottom > piece.size for piece in heads):
        return []
    return [replace(piece, upright=True, turn=0, top=low - piece.size, bottom=low) for piece in heads]


def turned_rows(page: PagePieces, besides: Iterable[int], column: int) -> tuple[list[LineRow], list[GridTable]]:
    """Return the rows of the lines that run up or down a page, where they stand together as those of a text or table,
    and the tables among them that rules set off.

    `besides` are the places in the text of pieces that are read otherwise. `column` is the first free one. A line
    alone is a stamp or the label of an axis.
    """
    rows: list[LineRow] = []
    tables: list[GridTable] = []
    others = set(besides)
    for turn in (UP, DOWN):
        pieces = []
        for piece in page.pieces:
            if _is_turned(piece) and piece.turn == turn and piece.index not in others:
                box = turned_back((piece.x0, piece.top, piece.x1, piece.bottom), turn, page.width, page.height)
                pieces.append(replace(piece, x0=box[0], top=box[1], x1=box[2], bottom=box[3]))
        rules = _rules_turned_back(page, turn) if pieces else Rules()
        new, found = read_in_order(pieces, rules, page.height) if pieces else ([], [])
        if not _is_text(new):
            continue
        for row in new:
            row.turned = True
            row.column += column
        column = max(row.column for row in new) + 1
        rows += new
        tables += found
    return rows, tables


def _rules_turned_back(page: PagePieces, turn: int) -> Rules:
    boxes = [turned_back(rule, turn, page.width, page.height) for rule in (*page.rules.down, *page.rules.across)]
    across = sorted((box for box in boxes if box[2] - box[0] > box[3] - box[1]), key=lambda box: box[1] + box[3])
    return Rules(tuple(across), tuple(box for box in boxes if box[2] - box[0] <= box[3] - box[1]))


def _is_turned(piece: Piece) -> bool:
    return piece.turn in (UP, DOWN) and not piece.upright and not piece.hidden and not piece.stamp


def _is_text(rows: Sequence[LineRow]) -> bool:
    """Return whether three lines, or two with cells, stand one below the other."""
    together, cells = 1, 0
    for row, below in pairwise(rows):
        near = 0 <= below.middle - row.middle < _NEAR * row.size and min(row.x1, below.x1) > max(row.x0, below.x0)
        together = together + 1 if near else 1
        cells = cells + (len(below.pieces) > 1 and len(row.pieces) > 1) if near else 0
        if together >= 3 or cells:
            return True
    return False
