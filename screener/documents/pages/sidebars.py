"""The column of keywords and dates beside an abstract: too narrow for a column of text, and no cells of a table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .sections import Piece

_OPENS = re.compile(r"(?:keywords?|articleinfo(?:rmation)?|articlehistory|history|indexterms)\b:?", re.IGNORECASE)
_LINE = 25
"""Characters of a line of the abstract."""
_NEAR, _HEAD = 2.5, 1.5
"""Space between two lines of the column, and above them to its head, in heights of the font."""


@dataclass(slots=True)
class Sidebar:
    """What stands above, the abstract, the column beside it, and what stands below."""

    above: list[Piece]
    text: list[Piece]
    aside: list[Piece]
    below: list[Piece]


def sidebar(pieces: Sequence[Piece]) -> Sidebar | None:
    """Return the parts of a page with a column of keywords beside the abstract; None where there is none."""
    for anchor in pieces:
        if len(anchor.text) < 40 and _OPENS.match(anchor.text.replace(" ", "")):
            for right in (False, True):
                found = _beside(anchor, pieces, right)
                if found is not None:
                    return found
    return None


def _beside(anchor: Piece, pieces: Sequence[Piece], right: bool) -> Sidebar | None:
    """Return the parts of a page whose column begins at `anchor`, left or right of the abstract."""
    reach = anchor.bottom + 8 * anchor.size
    lines = [p for p in pieces if len(p.text) >= _LINE and p.bottom > anchor.top - 2 and p.top < reach]
    lines = [p for p in lines if (p.x1 < anchor.x0 if right else p.x0 > anchor.x1)]
    if len(lines) < 3:
        return None
    edge = anchor.x0 - 2 if right else min(line.x0 for line in lines) - 2
    if not right and any(abs(line.x0 - edge) > 3 * line.size for line in lines):
        return None
    top, bottom = min(anchor.top, *(line.top for line in lines)), max(anchor.bottom, anchor.top + 1)
    one_side = [piece for piece in pieces if piece.x1 <= edge + 2 or piece.x0 >= edge]
    bottoms = {False: anchor.bottom, True: lines[0].bottom}
    for piece in sorted(one_side, key=lambda piece: piece.top):
        is_text = (piece.x1 <= edge + 2) if right else (piece.x0 >= edge)
        size = anchor.size if not is_text else lines[0].size
        if piece.top > top - 1 and piece.top - bottoms[is_text] < _NEAR * size and piece.size < 1.1 * size:
            bottoms[is_text] = max(bottoms[is_text], piece.bottom)
    bottom = max(bottoms.values())
    for piece in one_side:
        if piece.top < top and top - piece.bottom < _HEAD * anchor.size and piece.size < 1.3 * anchor.size:
            top = min(top, piece.top)
    within = [piece for piece in pieces if top - 1 <= (piece.top + piece.bottom) / 2 <= bottom]
    if any(piece.x0 < edge - 1 and piece.x1 > edge + 3 for piece in within):
        return None
    left = [piece for piece in within if piece.x1 <= edge + 3]
    rest = [piece for piece in within if piece.x1 > edge + 3]
    text, aside = (left, rest) if right else (rest, left)
    if max(piece.x1 for piece in aside) - min(piece.x0 for piece in aside) > 0.7 * (
        max(piece.x1 for piece in text) - min(piece.x0 for piece in text)
    ):
        return None  # two columns of text
    above = [piece for piece in pieces if (piece.top + piece.bottom) / 2 < top - 1]
    below = [piece for piece in pieces if (piece.top + piece.bottom) / 2 > bottom]
    return Sidebar(above, text, aside, below)
