"""Labels in a figure, which stand side by side as cells do: those along its axes tell them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from ..model import Kind
from ..pages.marks import names_figure
from ..pages.sections import LineRow, Piece
from .columns import is_value

_TICKS = 4
"""Labels of an axis at least."""
_OFF = 1.5
"""Points by which a label of an axis is off the place where it would stand evenly."""
_LONGEST = 60
"""Letters of a label of a figure at most; what is longer is a sentence."""
_EVEN = 0.5
"""Share of the rows of a table without words that have as many cells, at least."""
_TICK = re.compile(r"[-−–]?\d*\.?\d+%?")


def are_labels(lines: Sequence[LineRow], below: Sequence[LineRow]) -> bool:
    """Return whether lines without a caption, above the rows `below`, are labels of a figure.

    They are figures here and there; or the caption of a figure follows, and they hold an axis: figures in even steps, in
    places at even distances, from left to right or from the top down, the largest first.
    """
    if all(is_value(piece.text) for row in lines for piece in row.pieces):
        counts = Counter(len(row.pieces) for row in lines)
        cells, rows = counts.most_common(1)[0]
        return cells < 2 or rows < _EVEN * len(lines)
    between = list(takewhile(lambda row: row.kind is Kind.TEXT and len(row.text) < _LONGEST, below))
    caption = below[len(between)] if len(between) < len(below) else None
    if caption is None or caption.kind is not Kind.CAPTION or not names_figure(caption.text):
        return False
    return any(_is_across(row) for row in lines) or _is_down(lines, between)


def _is_across(row: LineRow) -> bool:
    middles = [(value, (x0 + x1) / 2) for value, x0, x1 in _ticks(row.pieces)]
    parts = (middles[n : n + _TICKS] for n in range(len(middles) - _TICKS + 1))
    return any(_is_even(part) for part in parts)


def _is_down(lines: Sequence[LineRow], between: Sequence[LineRow]) -> bool:
    """Return whether an axis goes down from one of the lines."""
    pieces = [piece for row in (*lines, *between) for piece in row.pieces if _TICK.fullmatch(piece.text)]
    for first in (piece for row in lines for piece in row.pieces if _TICK.fullmatch(piece.text)):
        beside = sorted((p for p in pieces if p.top >= first.top and abs(p.x1 - first.x1) < _OFF), key=lambda p: p.top)
        ticks = [(_number(piece.text), piece.top) for piece in beside][:_TICKS]
        if len(ticks) == _TICKS and ticks[0][0] > ticks[-1][0] and _is_even(ticks):
            return True
    return False


def _ticks(pieces: Sequence[Piece]) -> Iterator[tuple[float, float, float]]:
    """Yield the figures of a line, each with its left and right edge; other words part no axis."""
    for piece in pieces:
        for part in piece.parts(piece.gaps or []):
            if _TICK.fullmatch(part.text):
                yield _number(part.text), part.x0, part.x1


def _number(text: str) -> float:
    return float(text.rstrip("%").replace("−", "-").replace("–", "-"))


def _is_even(ticks: Sequence[tuple[float, float]]) -> bool:
    """Return whether values, and the places where they stand, go on in even steps."""
    steps = [after[0] - before[0] for before, after in pairwise(ticks)]
    ways = [after[1] - before[1] for before, after in pairwise(ticks)]
    alike = all(step and abs(step - steps[0]) < 0.01 * abs(steps[0]) for step in steps)
    return alike and max(ways) - min(ways) < _OFF
