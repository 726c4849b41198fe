"""What was recognised in the picture of a page, as pieces for its layout."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median_low

from .recognised import RecognisedLine, RecognisedPage
from .sections import PagePieces, Piece, Rules

PLACES = 1 << 24
"""From here on places in a page's text are those in what was recognised; it is more than a page has of its own."""
_HEIGHT, _DRAWN = 1.1, 0.9
"""Height of the box that is found around a line, and of what a line's letters fill, in heights of the font."""
_ALIKE = 0.16
"""By how much the boxes of lines in one font differ in height: the picture is looked at in squares of some pixels."""
_APART = 0.9
"""Width of a gap between two words, in heights of the font, that ends a piece."""


def with_recognised(content: PagePieces, page: RecognisedPage) -> PagePieces:
    """Return a page with what was recognised on it, turned so that its lines are level.

    What the file itself has as text on a page whose lines are turned stands aside.
    """
    own, rules = content.pieces, content.rules
    if page.sideways:
        own, rules = [replace(piece, stamp=True) for piece in own], Rules()
    width, height = page.level
    return replace(content, pieces=[*own, *pieces_of(page)], width=width, height=height, rules=rules)


def pieces_of(page: RecognisedPage) -> Iterator[Piece]:
    """Yield the lines as pieces on the level page, cut where a gap says that a column or cell ends."""
    start = PLACES
    heights = [line.bottom - line.top for line in page.lines]
    for line, height in zip(page.lines, _in_steps(heights, [len(line.text) for line in page.lines]), strict=True):
        if line.turn:
            left, right = line.words[0]
            size = max((right - left) / _HEIGHT, 1.0)
            box = (left, line.top, right, line.bottom)
            yield Piece(line.text, start, *box, size, upright=False, turn=line.turn)
            start += len(line.text) + 1
            continue
        size = max(height / _HEIGHT, 1.0)
        middle = (line.top + line.bottom) / 2
        top, bottom = middle - _DRAWN * size / 2, middle + _DRAWN * size / 2
        for first, end, offset, text in _cut(line, _APART * size):
            left, right = line.words[first][0], line.words[end - 1][1]
            yield Piece(text, start + offset, left, top, right, bottom, size)
        start += len(line.text) + 1


def _cut(line: RecognisedLine, apart: float) -> Iterator[tuple[int, int, int, str]]:
    """Yield the parts of a line between its gaps: the first word and the one behind the last, the place, and the text."""
    words = line.text.split(" ")
    first = offset = 0
    for number in range(1, len(words) + 1):
        if number < len(words) and line.words[number][0] - line.words[number - 1][1] < apart:
            continue
        text = " ".join(words[first:number])
        yield first, number, offset, text
        first, offset = number, offset + len(text) + 1


def _in_steps(heights: Sequence[float], weights: Sequence[int]) -> list[float]:
    """Return heights of lines with those that are about alike made the same, the most frequent first."""
    steps = list(heights)
    remaining = set(range(len(heights)))
    while remaining:
        common = median_low(heights[n] for n in sorted(remaining) for _ in range(max(weights[n], 1)))
        alike = {n for n in remaining if abs(heights[n] - common) <= _ALIKE * common}
        for number in alike:
            steps[number] = common
        remaining -= alike
    return steps


def without_covered(lines: Sequence[RecognisedLine], pieces: Sequence[Piece]) -> tuple[RecognisedLine, ...]:
    """Return the lines but for those that the file has as text where they stand."""
    own = [(piece.x0, piece.top, piece.x1, piece.bottom) for piece in pieces]

    def covered(line: RecognisedLine) -> bool:
        left, right = line.words[0][0], line.words[-1][1]
        area = max((right - left) * (line.bottom - line.top), 1e-3)
        shared = sum(
            max(min(right, x1) - max(left, x0), 0) * max(min(line.bottom, bottom) - max(line.top, top), 0)
            for x0, top, x1, bottom in own
        )
        return shared > 0.4 * area

    return tuple(line for line in lines if not covered(line))
