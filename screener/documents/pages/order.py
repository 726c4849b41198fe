"""The reading order of a page: which pieces stand in columns, and the rows that they form.

A row is what one line of a reader's eye takes in: a line of a paragraph, or the cells of a table side by side.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from ..headings import ended
from .marks import is_caption
from .sections import LineRow, PagePieces, Piece
from .sidebars import sidebar

_TEXTY = 15
"""Characters of a piece that may be a line of a column of text."""
_INDENTED = 5
"""How far a hanging indent reaches, in steps of 3 points."""
_SHEETS = 3
"""Sheets of two pages without which a document has none."""
_HEADS = 4
"""Lines of heads over a table."""
_LINES = 8
"""Lines of a column beside one with fewer."""
_NEAR_MIDDLE = 0.05
"""Share of the width of a page by which a column ends before its middle."""
_HANGING = 0.08
"""Share of the right column into which something of the left one may reach."""
_DEPTH = 3
"""How often columns are looked for in a column: three columns need two rounds."""


def fold(pages: Sequence[PagePieces]) -> float | None:
    """Return where two pages meet on each sheet of a document that was set for one; None where it was not.

    A sheet is wider than high, and on most there is a gutter at one place near the middle.
    """
    sheets = [page for page in pages if page.width > page.height and len(page.pieces) >= 8]
    middles = []
    for sheet in sheets:
        gutter = _gutter([piece for piece in sheet.pieces if piece.upright and not piece.hidden])
        if gutter is not None and 0.4 * sheet.width < sum(gutter) / 2 < 0.6 * sheet.width:
            middles.append(sum(gutter) / 2)
    common = [middle for middle in middles if abs(middle - median(middles)) < 0.02 * sheets[0].width]
    return median(common) if len(common) >= max(_SHEETS, 0.5 * len(sheets)) else None


def reading_order(pieces: Sequence[Piece], width: float, middle: float | None = None) -> list[LineRow]:
    """Return the rows of a page `width` points wide, in the order in which they are read.

    Where nothing reaches over `middle`, what is left of it is read before what is right of it.
    """
    if middle is not None and not any(piece.x0 < middle < piece.x1 for piece in pieces):
        first = reading_order([piece for piece in pieces if piece.x1 <= middle], middle)
        second = reading_order([piece for piece in pieces if piece.x0 >= middle], width - middle)
        columns = max((row.column for row in first), default=-1) + 1
        for row in second:
            row.column += columns
        return first + second
    rows: list[LineRow] = []
    side = sidebar(pieces)
    parts = _columns(list(pieces), width, 0) if side is None else []
    if side is not None:
        parts = [*_columns(side.above, width, 0), side.text, side.aside, *_columns(side.below, width, 0)]
    parts = [beside for part in parts for beside in _captions_apart(part)]
    for column, part in enumerate(parts):
        new = make_rows(part)
        left, right = min(row.x0 for row in new), max(row.x1 for row in new)
        for row in new:
            row.column, row.left, row.right = column, left, right
        rows += new
    return rows


def _captions_apart(pieces: list[Piece]) -> list[list[Piece]]:
    """Return the pieces of a column, tables or figures side by side in groups of their own: their captions are at one
    height, and nothing on their side of these reaches from one to the next.
    """
    if sum(is_caption(piece.text) for piece in pieces) < 2:
        return [pieces]
    rows = make_rows(pieces)
    for n, row in enumerate(rows):
        starts = [piece.x0 - 2 for piece in row.pieces if is_caption(piece.text)]
        if len(starts) < 2 or not is_caption(row.pieces[0].text):
            continue
        edges = [*starts[1:], float("inf")]
        crosses = [any(piece.x0 < x < piece.x1 for piece in other.pieces for x in edges) for other in rows]
        end = next((m for m in range(n, len(rows)) if crosses[m]), len(rows))
        begin = next((m + 1 for m in range(n - 1, -1, -1) if crosses[m]), 0)
        down = sum(len(other.pieces) > 1 for other in rows[n + 1 : end]) > 1
        begin, end = (n, end) if down else (begin, end)
        inside = [piece for other in rows[begin:end] for piece in other.pieces]
        groups = []
        for left, right in pairwise([float("-inf"), *edges]):
            groups.append([piece for piece in inside if left <= piece.x0 < right])
        before, behind = ([piece for other in part for piece in other.pieces] for part in (rows[:begin], rows[end:]))
        return [group for group in (before, *groups, *(_captions_apart(behind) if behind else [])) if group]
    return [pieces]


def make_rows(pieces: Iterable[Piece]) -> list[LineRow]:
    """Return the pieces of one column as rows, from top to bottom."""
    return _untangled(lines_of(pieces))


def lines_of(pieces: Iterable[Piece]) -> list[LineRow]:
    """Return pieces that stand at one height as rows, from top to bottom."""
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top + piece.bottom) / 2):
        middle = (piece.top + piece.bottom) / 2
        for group in reversed(groups[-3:]):
            widest = group[0]
            overlap = min(piece.bottom, widest.bottom) - max(piece.top, widest.top)
            # Half the height in common, or (an index, a dash) its middle inside the line, and not on top of it.
            level = overlap >= 0.5 * min(piece.bottom - piece.top, widest.bottom - widest.top)
            # A title and the small print beside it share no line, an index and its word do.
            alike = len(piece.text) < 5 or len(widest.text) < 5 or 0.67 < piece.size / widest.size < 1.5
            if level and alike and widest.top - 1 <= middle <= widest.bottom + 1 and not _covered(piece, group):
                group.append(piece)
                if piece.x1 - piece.x0 > widest.x1 - widest.x0:
                    group[0], group[-1] = group[-1], group[0]
                break
        else:
            groups.append([piece])
    return [_row(group) for group in groups]


def _untangled(rows: list[LineRow]) -> list[LineRow]:
    """Return the rows, with the lines of one text together where lines of another, in other type beside it, come
    between.
    """
    ordered: list[LineRow] = []
    remaining = list(rows)
    while remaining:
        row = remaining.pop(0)
        ordered.append(row)
        while len(remaining) > 1 and not _is_next_line(row, remaining[0]) and _side_by_side(row, remaining[0]):
            following = next(
                (n for n, row_below in enumerate(remaining[1:5], 1) if _is_next_line(row, row_below)), None
            )
            if following is None or not all(
                _side_by_side(remaining[following], row_below) for row_below in remaining[:following]
            ):
                break
            row = remaining.pop(following)
            ordered.append(row)
    return ordered


def _is_next_line(row: LineRow, other: LineRow) -> bool:
    """Return whether `other` is the next line of what `row` is a line of."""
    alike = abs(row.size - other.size) < 0.05 * row.size and row.bold == other.bold
    return alike and other.top - row.bottom < 0.6 * row.size and min(row.x1, other.x1) > max(row.x0, other.x0)


def _side_by_side(row: LineRow, other: LineRow) -> bool:
    """Return whether two rows are side by side with nothing in common from left to right, and in different type."""
    return (other.x0 >= row.x1 or other.x1 <= row.x0) and abs(row.size - other.size) > 0.1 * row.size


def _covered(piece: Piece, group: list[Piece]) -> bool:
    """Return whether another piece of the row takes most of this one's place: then it is another line, set tight."""
    wide = piece.x1 - piece.x0
    return any(min(piece.x1, other.x1) - max(piece.x0, other.x0) > 0.5 * wide for other in group) and wide > 0


def _row(group: list[Piece]) -> LineRow:
    widest = group[0]
    if len(group) > 1:
        group.sort(key=lambda piece: piece.x0)
    return LineRow(
        group,
        x0=group[0].x0,
        top=min(piece.top for piece in group),
        x1=max(piece.x1 for piece in group),
        bottom=max(piece.bottom for piece in group),
        size=widest.size,
        bold=widest.bold,
        text=" ".join(piece.text for piece in group) if len(group) > 1 else widest.text,
    )


def _columns(pieces: list[Piece], width: float, depth: int) -> list[list[Piece]]:
    """Return the pieces, in groups that are read one after the other, each from top to bottom."""
    if depth == _DEPTH or len(pieces) < 8:
        return [pieces] if pieces else []
    gutter = _gutter(pieces) or (None if depth else _half_empty(pieces, width))
    if gutter is None:
        return [pieces]
    groups: list[list[Piece]] = []
    for across, band in _bands(pieces, *gutter):
        if across:
            # What reaches across this gutter may have one of its own: text above a table in three columns.
            groups += _columns(band, width, depth + 1)
            continue
        left = [piece for piece in band if piece.x0 + piece.x1 < sum(gutter)]
        right = [piece for piece in band if piece.x0 + piece.x1 >= sum(gutter)]
        for side in (left, right):
            groups += _columns(
                side, max((p.x1 for p in side), default=0) - min((p.x0 for p in side), default=0), depth + 1
            )
    return groups


def _gutter(pieces: list[Piece]) -> tuple[float, float] | None:
    """Return the left and right edge of the gap between two columns of text, or None where there is but one column."""
    starts = Counter(round(piece.x0 / 3) for piece in pieces if len(piece.text) >= _TEXTY)
    low, high = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    best: tuple[int, tuple[float, float]] | None = None
    for third, count in starts.most_common(6):
        edge = min(piece.x0 for piece in pieces if round(piece.x0 / 3) == third) - 0.5
        # A column of a few references has only their first lines at its edge, the others are indented.
        if count < 2 or sum(starts[third + n] for n in range(_INDENTED)) < 4:
            continue
        if not low + 0.2 * (high - low) < edge < high - 0.15 * (high - low):
            continue
        left = [piece for piece in pieces if piece.x1 <= edge]
        right = [piece for piece in pieces if piece.x0 >= edge]
        weight = _weight(left, edge - low), _weight(right, high - edge)
        across = sum(len(piece.text) for piece in pieces if piece.x0 < edge < piece.x1)
        if min(weight) < 4 * _TEXTY or min(weight) < 0.12 * sum(weight) or 4 * sum(weight) < across:
            continue
        score = sum(weight) - 2 * across
        if best is None or score > best[0]:
            best = score, (max(piece.x1 for piece in left), edge)
    return best[1] if best else None


def _half_empty(pieces: Sequence[Piece], width: float) -> tuple[float, float] | None:
    """Return the gutter of a page in two columns one of which has but a few lines: those of the other fill its half."""
    left = [piece for piece in pieces if piece.x1 <= width / 2]
    right = [piece for piece in pieces if piece.x0 >= width / 2]
    if not left or not right:
        return None
    gutter = max(piece.x1 for piece in left), min(piece.x0 for piece in right)
    low, high = min(piece.x0 for piece in left), max(piece.x1 for piece in right)
    for side, other, wide, inner in (
        (left, right, gutter[0] - low, width / 2 - gutter[0]),
        (right, left, high - gutter[1], gutter[1] - width / 2),
    ):
        lines = [piece for piece in side if len(piece.text) >= _TEXTY]
        filled = [piece for piece in lines if piece.x1 - piece.x0 > 0.9 * wide]
        few = [len(piece.text) for piece in other]  # lines of text or the number of the page, but no cells of a table
        texty = len(few) < 3 or 2 * sum(length for length in few if length >= _TEXTY) >= sum(few)
        if texty and len(lines) >= _LINES and 2 * len(filled) >= len(lines) and inner < _NEAR_MIDDLE * width:
            return gutter
    return None


def _weight(pieces: list[Piece], width: float) -> int:
    """Return the characters in pieces that look like lines of a column of text; none where most are in short pieces."""
    texty = [len(piece.text) for piece in pieces if len(piece.text) >= _TEXTY and piece.x1 - piece.x0 > 0.3 * width]
    return sum(texty) if len(texty) >= 4 and 2 * sum(texty) >= sum(len(piece.text) for piece in pieces) else 0


def _bands(pieces: list[Piece], left: float, right: float) -> list[tuple[bool, list[Piece]]]:
    """Return the pieces in bands from top to bottom: (True, across both columns) or (False, in either column)."""
    rows = make_rows(pieces)
    low, ends = min(piece.x0 for piece in pieces), right + _HANGING * (max(piece.x1 for piece in pieces) - right)

    def reaches_over(piece: Piece) -> bool:
        # What is too wide for the left column, a table or a line that cannot be broken, may hang over into the right one.
        hangs = piece.x0 < low + 2 * piece.size and piece.x1 < ends
        return piece.x0 < right - 1 and piece.x1 > left + 1 and not hangs

    across = [any(map(reaches_over, row.pieces)) for row in rows]
    for n, (above, row) in enumerate(pairwise(rows), 1):
        across[n] = across[n] or (across[n - 1] and _ends(above, row))
    table = [_is_table(row, left, right) for row in rows]
    # Rows of a table as wide as the page: two at least, and something at them reaches across, if only the caption.
    # Without that they are two tables side by side.
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and (table[end] or (start < end and (across[end] or _is_between(rows, table, end)))):
            end += 1
        if sum(table[start:end]) >= 2:
            first = _first_of_table(rows, start)
            named = first > 0 and _is_alone(rows[first - 1])
            if named or any(across[max(0, first - 2) : end + 2]):
                across[first:end] = [True] * (end - first)
        start = max(end, start + 1)
    for n in range(len(rows) - 2, -1, -1):
        across[n] = across[n] or (across[n + 1] and _is_alone(rows[n]))
    bands: list[tuple[bool, list[Piece]]] = []
    for row, crosses in zip(rows, across, strict=True):
        if not bands or bands[-1][0] != crosses:
            bands.append((crosses, []))
        bands[-1][1].extend(row.pieces)
    return bands


def _is_alone(row: LineRow) -> bool:
    """Return whether a row is a caption with nothing beside it."""
    return len(row.pieces) == 1 and is_caption(row.text)


def _first_of_table(rows: Sequence[LineRow], start: int) -> int:
    """Return where a table begins whose first row with cells on both sides is at `start`: its heads may have fewer."""
    first = start
    while first > max(0, start - _HEADS):
        row = rows[first - 1]
        if rows[first].top - row.bottom > row.size or any(len(piece.text) > 2 * _TEXTY for piece in row.pieces):
            return first
        if is_caption(row.pieces[0].text):
            return first
        first -= 1
    return start


def _is_between(rows: Sequence[LineRow], table: Sequence[bool], n: int) -> bool:
    """Return whether a row is a short line between two rows of a table."""
    short = len(rows[n].pieces) == 1 and len(rows[n].text) < 2 * _TEXTY
    return short and n + 1 < len(rows) and table[n + 1] and rows[n + 1].top - rows[n].bottom < rows[n].size


def _ends(above: LineRow, row: LineRow) -> bool:
    """Return whether a row is the short last line of what runs over both columns above it."""
    alone = len(row.pieces) == 1 and len(above.pieces) == 1 and not ended(above.text)
    near = row.top - above.bottom < 0.7 * row.size and abs(row.size - above.size) < 0.05 * row.size
    return alone and near and abs(row.x0 - above.x0) < 1


def _is_table(row: LineRow, left: float, right: float) -> bool:
    """Return whether a row has cells on both sides of the gutter, and on neither a line of text."""
    sides = [p for p in row.pieces if p.x1 <= left + 1], [p for p in row.pieces if p.x0 >= right - 1]
    return (
        len(row.pieces) >= 3
        and all(sides)
        and not any(len(side) == 1 and len(side[0].text) > 2 * _TEXTY for side in sides)
    )
