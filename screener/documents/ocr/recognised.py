"""Text that was recognised in the picture of a page (OCR): what was read, how surely, and where it stands.

It is kept with the document, so that it is laid out and marked on its page without being recognised again.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

from ...core.frozen import Frozen

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

UNSURE = 0.8
"""Confidence of a line below which people are told to look at it: most printed lines have 0.97 and more."""


class RecognisedLine(Frozen):
    """A line: its words with one blank between two, and the left and right edge of each, in points.

    Edges, `top` and `bottom` are those of the page turned so that its lines are level. `confidence` is the mean
    probability of the line's letters, 0 to 1.
    """

    text: str
    words: tuple[tuple[float, float], ...]
    top: float
    bottom: float
    confidence: float
    turn: int = 0
    """How it is turned on the level page, clockwise in degrees, where it runs up or down; then its words share one place."""
    size: float = 0.0
    """Height of its font in points, by its letters, which then fill the height from `top` to `bottom`; 0 where it is not
    known, and `top` and `bottom` are about 5 % of it beyond."""


class RecognisedPage(Frozen):
    """What was recognised on a page (1-based).

    `width` and `height` are those of the page as it is shown, in points; `angle` is by how many degrees its text is
    turned there, clockwise. `left_out` counts the lines that could not be read with any certainty. `by` names what
    recognised it.
    """

    page: int
    width: float
    height: float
    angle: float
    lines: tuple[RecognisedLine, ...]
    left_out: int = 0
    by: str = ""
    across: tuple[Box, ...] = ()
    """The rules drawn across the level page, from top to bottom, in points; `down` those down it."""
    down: tuple[Box, ...] = ()

    @property
    def sideways(self) -> int:
        """Return the quarter turns of its text, clockwise."""
        return round(self.angle / 90) % 4

    @property
    def level(self) -> tuple[float, float]:
        """Return the width and height of the page turned so that its lines are level."""
        return (self.height, self.width) if self.sideways % 2 else (self.width, self.height)

    @property
    def unsure(self) -> list[RecognisedLine]:
        """Return the lines that were read with little certainty, the least certain first."""
        return sorted((line for line in self.lines if line.confidence < UNSURE), key=lambda line: line.confidence)

    def boxes(self, spans: Iterable[Sequence[int]]) -> Iterator[Box]:
        """Yield the box on the page as shown of each span, given by the places of its characters in the page's text."""
        edges = [edge for line in self.lines for edge in _edges(line)]
        for span in spans:
            found = [edge for at in span if (edge := edges[at]) is not None]
            if found:
                lefts, tops, rights, bottoms = zip(*found, strict=True)
                yield self._as_shown((min(lefts), min(tops), max(rights), max(bottoms)))

    def _as_shown(self, box: Box) -> Box:
        """Return a box of the level page as one that holds it on the page as shown."""
        sine, cosine = math.sin(math.radians(self.angle)), math.cos(math.radians(self.angle))
        width, height = self.level
        points = []
        for x, y in ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])):
            across, down = x - width / 2, y - height / 2
            points.append(
                (self.width / 2 + across * cosine - down * sine, self.height / 2 + across * sine + down * cosine)
            )
        xs, ys = zip(*points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def _edges(line: RecognisedLine) -> Iterator[Box | None]:
    """Yield the box of each character of a line, and None for blanks and the end of the line.

    The letters of a word are taken to be of one width.
    """
    for word, (left, right) in zip(line.text.split(" "), line.words, strict=True):
        step = (right - left) / max(len(word), 1)
        yield from ((left + n * step, line.top, left + (n + 1) * step, line.bottom) for n in range(len(word)))
        yield None
