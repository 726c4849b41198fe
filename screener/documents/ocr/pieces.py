"""What was recognised in the picture of a page, as pieces for its layout."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from statistics import median_low

from ..pages.sections import PagePieces, Piece, Rules
from .recognised import Box, RecognisedLine, RecognisedPage

PLACES = 1 << 24
"""From here on places in a page's text are those in what was recognised; it is more than a page has of its own."""
_HEIGHT, _DRAWN = 1.1, 0.9
"""Height of the box that is found around a line, and of what a line's letters fill, in heights of the font."""
_ALIKE = 0.16
"""By how much the boxes of lines in one font differ in height: the picture is looked at in squares of some pixels."""
_ROUGHLY, _OWN = 0.3, 1_000
"""By how much the height of a font may be off, and characters of text without which a file has no size of its own."""
_BLANK, _NEXT, _LAPPED = 0.12, 0.22, 0.15
"""Width of a gap between two words, and what there may be between two pieces of one line, or of overlap, in heights of the
font."""
_APART = 0.9
"""Width of a gap between two words, in heights of the font, that ends a piece."""
_WIDE = 1.3
"""The same in a line that is parted at a gutter."""
_GUTTER, _ALIGNED, _LINES, _TEXTY = 0.6, 3.0, 6, 15
"""Width of the gap between two columns, in heights of the font; how far edges of one column are apart, in points; lines
without which there is no column; and characters of a line of text."""


def with_recognised(content: PagePieces, page: RecognisedPage) -> PagePieces:
    """Return a page with what was recognised on it, turned so that its lines are level.

    What the file itself has as text on a page whose lines are turned stands aside.
    """
    own, rules = content.pieces, content.rules
    if page.sideways:
        own, rules = [replace(piece, stamp=True) for piece in own], Rules()
    if page.across or page.down:
        rules = Rules(page.across, page.down)
    width, height = page.level
    return replace(
        content, pieces=[*own, *_joined(list(pieces_of(page)), page.down)], width=width, height=height, rules=rules
    )


def pieces_of(page: RecognisedPage) -> Iterator[Piece]:
    """Yield the lines as pieces on the level page, cut where a gap says that a column or cell ends."""
    start = PLACES
    sizes = font_sizes(page.lines)
    columns = _column_edges(page.lines, sizes)
    for line, size in zip(page.lines, sizes, strict=True):
        if line.turn:
            left, right = line.words[0]
            size = max((right - left) / _HEIGHT, 1.0)
            box = (left, line.top, right, line.bottom)
            yield Piece(line.text, start, *box, size, upright=False, turn=line.turn)
            start += len(line.text) + 1
            continue
        top, bottom = line.top, line.bottom
        if not line.size:
            middle = (line.top + line.bottom) / 2
            top, bottom = middle - _DRAWN * size / 2, middle + _DRAWN * size / 2
        walls = [(rule[0] + rule[2]) / 2 for rule in page.down if rule[1] < (top + bottom) / 2 < rule[3]]
        for first, end, offset, text in _cut(line, size, columns, walls):
            left, right = line.words[first][0], line.words[end - 1][1]
            gaps = _gaps(text, line.words[first:end])
            yield Piece(text, start + offset, left, top, right, bottom, size, gaps=gaps)
        start += len(line.text) + 1


def _joined(pieces: Sequence[Piece], walls: Sequence[Box]) -> list[Piece]:
    """Return the pieces, those as one that stand no further apart than two words: what was found as two is one cell."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.x0):
        before = next((other for other in reversed(joined) if _goes_on(other, piece, walls)), None)
        if before is None:
            joined.append(piece)
            continue
        blank = " " if piece.x0 - before.x1 > _BLANK * before.size else ""
        between = [before.at(len(before.text) - 1) + 1] if blank else []
        offset = len(before.text) + len(blank)
        gaps = [(offset, before.x1, piece.x0)] if blank else []
        gaps += [(at + offset, left, right) for at, left, right in piece.gaps or ()]
        before.places = [
            *map(before.at, range(len(before.text))), *between, *map(piece.at, range(len(piece.text)))
        ]  # fmt: skip
        before.text, before.gaps = before.text + blank + piece.text, [*(before.gaps or ()), *gaps]
        before.x1, before.top, before.bottom = piece.x1, min(before.top, piece.top), max(before.bottom, piece.bottom)
    return sorted(joined, key=lambda piece: piece.index)


def _goes_on(before: Piece, piece: Piece, walls: Sequence[Box]) -> bool:
    """Return whether a piece stands right behind another, at one height and with no rule between them."""
    size = min(before.size, piece.size)
    if not (before.upright and piece.upright) or not -_LAPPED * size < piece.x0 - before.x1 < _NEXT * size:
        return False
    overlap = min(before.bottom, piece.bottom) - max(before.top, piece.top)
    middle = (piece.top + piece.bottom) / 2
    walled = any(
        wall[1] < middle < wall[3] and before.x1 - 1 <= (wall[0] + wall[2]) / 2 <= piece.x0 + 1 for wall in walls
    )
    return overlap > 0.6 * max(before.bottom - before.top, piece.bottom - piece.top) and not walled


def _gaps(text: str, words: Sequence[tuple[float, float]]) -> list[tuple[int, float, float]]:
    """Return the blanks between words (see `Piece.gaps`)."""
    offsets = accumulate(len(word) + 1 for word in text.split(" "))
    return [(offset, before[1], after[0]) for offset, (before, after) in zip(offsets, pairwise(words), strict=False)]


def font_sizes(lines: Sequence[RecognisedLine]) -> list[float]:
    """Return the height of the font of each line, the same for those that are about alike."""
    heights = [line.size or max((line.bottom - line.top) / _HEIGHT, 1.0) for line in lines]
    return _in_steps(heights, [len(line.text) for line in lines])


def match_sizes(pages: Sequence[PagePieces]) -> None:
    """Let what is recognised have the sizes of the document's text.

    The size of most text on a recognised page is that of the document's, if it is about that: letters in a picture tell
    the height of a font but roughly, and the file counts it otherwise.
    """
    parts = [[piece for piece in page.pieces if piece.index >= PLACES and piece.upright] for page in pages]
    read = {id(piece) for part in parts for piece in part}
    own = [piece for page in pages for piece in page.pieces if id(piece) not in read and not piece.hidden]
    body = _common_size(own if sum(len(piece.text) for piece in own) > _OWN else [p for part in parts for p in part])
    for part in parts:
        share = body / _common_size(part) if part else 1.0
        if abs(share - 1) <= _ROUGHLY:
            for piece in part:
                piece.size *= share


def _common_size(pieces: Sequence[Piece]) -> float:
    sizes: Counter[float] = Counter()
    for piece in pieces:
        sizes[round(piece.size * 2) / 2] += len(piece.text)
    return max(sizes.most_common(1)[0][0], 1.0) if sizes else 1.0


def _column_edges(lines: Sequence[RecognisedLine], sizes: Sequence[float]) -> list[float]:
    """Return left edges of columns: places at which many lines begin, or go on behind their widest gap.

    Lines of two columns are often found as one, since the gap between the two is little wider than others in it.
    """
    edges = [line.words[0][0] for line in lines if not line.turn]
    for line, size in zip(lines, sizes, strict=True):
        if (number := _widest_gap(line, size)) is not None:
            edges.append(line.words[number][0])
    return [edge for edge in edges if sum(abs(edge - other) <= _ALIGNED for other in edges) >= _LINES]


def _widest_gap(line: RecognisedLine, size: float) -> int | None:
    """Return the word behind the widest gap of a line of two columns: no cell, but text on both sides."""
    gaps = [after[0] - before[1] for before, after in pairwise(line.words)]
    if line.turn or not gaps or max(gaps) < _GUTTER * size:
        return None
    number = gaps.index(max(gaps)) + 1
    words = line.text.split(" ")
    sides = len(" ".join(words[:number])), len(" ".join(words[number:]))
    return number if min(sides) >= _TEXTY else None


def _cut(
    line: RecognisedLine, size: float, columns: Sequence[float], walls: Sequence[float]
) -> Iterator[tuple[int, int, int, str]]:
    """Yield the parts of a line between its gaps: the first word and the one behind the last, the place, and the text.

    `walls` are the places of the rules that go down the page through the line.
    """
    words = line.text.split(" ")
    first = offset = 0
    gutter = _widest_gap(line, size)
    if gutter is not None and all(abs(line.words[gutter][0] - edge) > _ALIGNED for edge in columns):
        gutter = None
    for number in range(1, len(words) + 1):
        if number < len(words) and number != gutter:
            left, right = line.words[number - 1][1], line.words[number][0]
            walled = any(left - 1 <= wall <= right + 1 for wall in walls)
            # A justified line of two columns has other wide gaps too.
            if not walled and right - left < (_APART if gutter is None else _WIDE) * size:
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
