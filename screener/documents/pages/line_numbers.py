"""Numbers of lines in the margins of a manuscript: found before reading order, on all pages together, and left out."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple

from .sections import PagePieces, Piece

_NUMBER = re.compile(r"\d{1,5}")
_TEXTY = 15
"""Characters of a piece that may be a line of text."""
_STEPS = (1, 2, 3, 5, 10)
_ENOUGH = 3
"""Numbers in a document without which there are none of lines."""
_CROSSING = 0.1
"""Share of the lines of text that may stand where the numbers stand: a wide title, a table."""
_FEWEST, _MOST = 0.6, 1.5
"""Lines of text beside the numbers for each line that they count."""
_MARGIN = 0.1
"""Share of the page's height, at the top and at the bottom, where heads may be wider than the text."""


@dataclass(slots=True)
class _Strip:
    """Numbers one below the other that rise by `step`."""

    page: int
    numbers: list[Piece]
    step: int
    x0: float
    x1: float

    @property
    def first(self) -> int:
        return int(self.numbers[0].text)

    @property
    def last(self) -> int:
        return int(self.numbers[-1].text)


def leave_out_line_numbers(pages: Sequence[PagePieces]) -> None:
    """Take the numbers of lines out of the pages' pieces, and mark these pages as numbered.

    They rise by the lines of text beside them, and stand where no text does: that tells them from the first column of
    a table, from a numbered list and from a list of references.
    """
    strips = [strip for number, page in enumerate(pages) for strip in _strips(number, page)]
    lines = _lines_in_the_middle(pages)
    found: list[_Strip] = []
    for outside in (_left_of, _right_of):
        sure = [
            strip
            for strip in strips
            if len(strip.numbers) > 1 and outside(strip, pages[strip.page]) and _counts_lines(strip, pages[strip.page])
        ]
        sure = [strip for strip in sure if not _crossed(strip, lines)]
        if sum(len(strip.numbers) for strip in sure) < _ENOUGH:
            continue
        x0, x1 = min(strip.x0 for strip in sure), max(strip.x1 for strip in sure)
        step = Counter(strip.step for strip in sure).most_common(1)[0][0]
        found += [
            strip
            for strip in strips
            if strip.x1 > x0 and strip.x0 < x1 and strip.step in (0, step) and outside(strip, pages[strip.page])
        ]
    known, of_page = {id(strip) for strip in found}, defaultdict(list)
    for strip in found:
        of_page[strip.page].append(strip)
    found += [
        strip
        for strip in strips
        if id(strip) not in known and any(_goes_on(other, strip) for other in of_page[strip.page])
    ]
    for strip in found:
        gone = {id(piece) for piece in strip.numbers}
        page = pages[strip.page]
        page.pieces = [piece for piece in page.pieces if id(piece) not in gone]
        page.numbered = True


def _strips(number: int, page: PagePieces) -> Iterator[_Strip]:
    """Yield the numbers of a page that stand below each other and rise; `step` is 0 for one alone."""
    alone = [p for p in page.pieces if p.upright and not p.hidden and _NUMBER.fullmatch(p.text)]
    groups: list[list[Piece]] = []
    right = 0.0
    for piece in sorted(alone, key=lambda piece: piece.x0):
        if not groups or piece.x0 > right:
            groups.append([])
            right = piece.x1
        groups[-1].append(piece)
        right = max(right, piece.x1)
    for group in groups:
        group.sort(key=_middle)
        numbers, step = _rising(group)
        yield _Strip(number, numbers, step, min(p.x0 for p in numbers), max(p.x1 for p in numbers))


def _rising(group: list[Piece]) -> tuple[list[Piece], int]:
    """Return the longest part of the numbers that rises by one step, a few left out at most; and the step."""
    values = [int(piece.text) for piece in group]
    steps = Counter(after - before for before, after in pairwise(values))
    step = next((step for step, _ in steps.most_common() if step in _STEPS), 0)
    best: list[Piece] = []
    part: list[Piece] = []
    for piece, value in zip(group, values, strict=True):
        if part and value - int(part[-1].text) not in (step, 2 * step, 3 * step):
            part = []
        part.append(piece)
        if len(part) > len(best):
            best = list(part)
    return best, step if len(best) > 1 else 0


def _middle(piece: Piece) -> float:
    return (piece.top + piece.bottom) / 2


def _beside(strip: _Strip, page: PagePieces) -> list[Piece]:
    """Return the lines of text as high on the page as the numbers."""
    top, bottom = strip.numbers[0].top, strip.numbers[-1].bottom
    return [p for p in page.pieces if p.upright and len(p.text) >= _TEXTY and top <= _middle(p) <= bottom]


def _left_of(strip: _Strip, page: PagePieces) -> bool:
    lines = _beside(strip, page)
    return strip.x0 < page.width / 3 and all(line.x0 > strip.x1 for line in lines)


def _right_of(strip: _Strip, page: PagePieces) -> bool:
    lines = _beside(strip, page)
    return strip.x1 > page.width / 2 and all(line.x1 < strip.x0 for line in lines)


def _counts_lines(strip: _Strip, page: PagePieces) -> bool:
    """Return whether the numbers rise by the lines of the text next to them."""
    lines = _beside(strip, page)
    level = [
        min(same, key=lambda line: max(line.x0 - strip.x1, strip.x0 - line.x1))
        for number in strip.numbers
        if (same := [line for line in lines if line.top - 2 < _middle(number) < line.bottom + 2])
    ]
    if len(level) < 0.5 * len(strip.numbers):
        return False
    width = median_low([line.x1 - line.x0 for line in level])
    usual = next(line for line in level if line.x1 - line.x0 == width)
    top, bottom = strip.numbers[0].top, strip.numbers[-1].bottom
    column = [
        piece
        for piece in page.pieces
        if piece.upright and top <= _middle(piece) <= bottom and piece.x0 < usual.x1 and piece.x1 > usual.x0
    ]
    rows, low = 0, 0.0
    for piece in sorted(column, key=_middle):
        if not rows or _middle(piece) > low + 0.5 * piece.size:
            rows += 1
        low = _middle(piece)
    return _FEWEST <= rows / (strip.last - strip.first + 1) <= _MOST


class _Edges(NamedTuple):
    """The left and the right edges of lines, each in order."""

    left: list[float]
    right: list[float]


def _lines_in_the_middle(pages: Sequence[PagePieces]) -> _Edges:
    """Return where the lines of text of all pages begin and end, but those in the margins."""
    lines = [
        piece
        for page in pages
        for piece in page.pieces
        if piece.upright
        and not piece.hidden
        and len(piece.text) >= _TEXTY
        and _MARGIN * page.height < _middle(piece) < (1 - _MARGIN) * page.height
    ]
    return _Edges(sorted(line.x0 for line in lines), sorted(line.x1 for line in lines))


def _crossed(strip: _Strip, lines: _Edges) -> bool:
    """Return whether text stands where the numbers do, on this page or another: then they are part of it."""
    crossing = bisect_left(lines.left, strip.x1) - bisect_right(lines.right, strip.x0)
    return crossing > _CROSSING * len(lines.left)


def _goes_on(outer: _Strip, strip: _Strip) -> bool:
    """Return whether numbers between two columns go on with those of the left one of the page, or are the same."""
    return strip.step == outer.step and (
        strip.first == outer.last + outer.step or (strip.first, strip.last) == (outer.first, outer.last)
    )
