"""The columns of a table: which pieces of its lines stand below each other."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from statistics import median

from ..pages.sections import LineRow, Piece, Rules

_OVERLAP = 0.15
"""How far, in heights of the font, a piece may reach over the edge of a column that it does not belong to."""
_ALIGNED = 0.7
"""How far, in heights of the font, the edges or middles of cells are apart at most that are set below each other."""

_NEAR = 1.5
"""Space between two columns, in heights of the font, that may be one."""

_FEW = 0.6
"""Share of the pieces of the fullest line up to which a line may be one of heads over several columns."""
_WORDS_APART = 0.5
"""Width of a blank, in heights of the font, that no line across a table has between its words."""
_WIDE = 0.9
"""Width of a blank, in heights of the font, that always parts two cells."""

_VALUE = re.compile(
    r"[-−–+±<>≤≥=~≈(\[]*(?:[$€£]\s?)?\.?\d[\d.,:/%‰⁰¹²³⁴-⁹⁻₀-₉'’ ]*(?:\s?[-−–±×x/(\[]++\s?[-−–+±]?\.?\d[\d.,:%⁰¹²³⁴-⁹⁻ ]*+|[eE][-−+]?\d++|[)\]%*†‡§¶¹²³,;])*+"
    r"(?:\s?(?:[a-zA-Zµ°]{1,4}[²³]?|million|billion)\b)?[)\]%*†‡§¶.]*"
)
_NOTHING = re.compile(r"[-−–—·.…/]{1,3}|n/?a|n\.a\.|nr|N/?A|N\.A\.|NR|none|✗|✓|×|x|yes|no|Yes|No")


def is_value(text: str) -> bool:
    """Return whether a cell holds a figure, with what may belong to one: an interval, a deviation, a unit, a mark."""
    return _VALUE.fullmatch(text.strip()) is not None


def is_nothing(text: str) -> bool:
    """Return whether a cell says that there is nothing in it, or is only ticked."""
    return _NOTHING.fullmatch(text.strip()) is not None


_DESCENDING = re.compile(r"[gjpqyQ(),;\[\]{}|/$@_]")
_DESCENT = 0.21
"""How far letters reach below the line, in heights of the font."""


def baseline(pieces: Sequence[Piece]) -> float:
    """Return the height of the line on which most of the letters of pieces stand."""
    told = [piece for piece in pieces if any(map(str.isalnum, piece.text))] or pieces
    return median(piece.bottom - (_DESCENT * piece.size if _DESCENDING.search(piece.text) else 0.0) for piece in told)


@dataclass(slots=True)
class Slot:
    """What of one line stands in the columns `first` to `last`."""

    pieces: list[Piece]
    first: int
    last: int

    @property
    def text(self) -> str:
        """Return its words."""
        return " ".join(piece.text for piece in self.pieces)

    @property
    def x0(self) -> float:
        """Return its left edge."""
        return self.pieces[0].x0

    @property
    def x1(self) -> float:
        """Return its right edge."""
        return max(piece.x1 for piece in self.pieces)

    @property
    def baseline(self) -> float:
        """Return the height of the line on which most of its letters stand."""
        return baseline(self.pieces)

    @property
    def top(self) -> float:
        """Return its upper edge."""
        return min(piece.top for piece in self.pieces)

    @property
    def bottom(self) -> float:
        """Return its lower edge."""
        return max(piece.bottom for piece in self.pieces)

    @property
    def middle(self) -> float:
        """Return where the middle between its edges is."""
        return (self.x0 + self.x1) / 2


Column = list[float]
"""Left and right edge."""
Gap = tuple[int, float, float]
"""A blank in a piece (see `Piece.gaps`)."""


_PLAIN = re.compile(r"[-−–+<>≤≥~]?[\d.,]*\d[%*†‡]*|[-−–—]|[xX✓✗]")
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+")


def told_apart(lines: Sequence[LineRow], rules: Rules) -> tuple[list[LineRow], list[Column]]:
    """Return the lines, their pieces divided where two cells stand too close to be seen as two, and their columns.

    Two figures with a blank between them are two cells; other words where each stands in a column of its own. Rules that
    run down the table part columns; between two of them is one column where pieces stand here and there, as in prose.
    """
    divided = [_divided(line, _between_figures) for line in lines]
    columns = _between_rules(divided, rules)
    for _ in range(_ROUNDS):
        again = [
            _divided(line, partial(_between_columns, columns=columns, alone=len(line.pieces) == 1)) for line in divided
        ]
        if all(line is before for line, before in zip(again, divided, strict=True)):
            break
        # What is divided tells columns at which others fall apart: a head those of figures, and these a name below it.
        divided, columns = again, _between_rules(again, rules)
    return divided, columns


_ROUNDS = 4
"""How often lines are divided at columns that others tell."""
_DOWN = 0.6
"""Share of the height of a table from which a rule parts its columns."""


def _between_rules(lines: Sequence[LineRow], rules: Rules) -> list[Column]:
    top, bottom = min(line.top for line in lines), max(line.bottom for line in lines)
    heights: dict[int, float] = {}
    for x0, high, x1, low in rules.down:
        x = round((x0 + x1) / 4)
        heights[x] = heights.get(x, 0.0) + min(low, bottom) - max(high, top)
    walls = [2.0 * x for x, height in sorted(heights.items()) if height >= _DOWN * (bottom - top)]
    edges = [float("-inf"), *walls, float("inf")]
    columns: list[Column] = []
    for left, right in pairwise(edges):
        part = []
        for line in lines:
            pieces = [piece for piece in line.pieces if piece.x0 > left - 2 and piece.x1 < right + 2]
            if pieces:
                part.append(replace(line, pieces=pieces))
        if part:
            found = columns_of(part, rules)
            if len(walls) > 1 and len(found) > 1 and _scattered(part, found):
                found = [[found[0][0], found[-1][1]]]
            columns += found
    return columns


def _scattered(lines: Sequence[LineRow], columns: Sequence[Column]) -> bool:
    """Return whether many pieces reach over several columns, or a column has but few: words of prose, set apart."""
    slots = [slot for line in lines for slot in slots_of(line, columns)]
    over = sum(slot.last > slot.first for slot in slots)
    few = min(sum(slot.first <= n <= slot.last for slot in slots) for n in range(len(columns)))
    return over > 0.15 * len(slots) or (few < 0.25 * len(lines) and not any(is_value(slot.text) for slot in slots))


def _divided(line: LineRow, gaps: Callable[[Piece], list[Gap]]) -> LineRow:
    found = [gaps(piece) if piece.gaps else [] for piece in line.pieces]
    if not any(found):
        return line
    parts = [
        part for piece, at in zip(line.pieces, found, strict=True) for part in (piece.parts(at) if at else [piece])
    ]
    return replace(line, pieces=parts)


def _between_figures(piece: Piece) -> list[Gap]:
    """Return the blanks between figures: two that are all of a piece, or three and more in a row, and those beside them."""
    gaps = piece.gaps or []
    starts = [0, *(offset for offset, _, _ in gaps)]
    words = [piece.text[start:end].strip() for start, end in pairwise([*starts, len(piece.text)])]
    plain = [_PLAIN.fullmatch(word) is not None for word in words]
    found = {n for n, gap in enumerate(gaps, 1) if gap[2] - gap[1] >= _WIDE * piece.size}
    if _THOUSANDS.fullmatch(piece.text) or (len(words) == 2 and not all(plain)):
        return [gaps[n - 1] for n in sorted(found)]
    first = 0
    while first < len(words):
        last = first
        while last < len(words) and plain[last]:
            last += 1
        if last - first > 2 or (last - first == 2 == len(words)):
            found |= set(range(first, last + 1)) - {0, len(words)}
        first = last + 1
    return [gaps[n - 1] for n in sorted(found)]


_ALIKE = 0.8
"""Share of the width of the widest blank between two columns from which one nearer to their middle parts them."""
_OPENING = re.compile(r"(?<!\d)(?:^|\s)[#%№$€£]\s*$")
"""A sign alone that belongs to the word after it, as in `# found % found`; `95 %` is a figure."""


def _between_columns(piece: Piece, columns: Sequence[Column], *, alone: bool) -> list[Gap]:
    """Return the blanks at which a piece over several columns falls into one cell for each.

    The words of a piece `alone` in its line are those of a line across the table, unless they are set apart.
    """
    hit = _hit(piece, columns)
    if len(hit) < 2 or hit != list(range(hit[0], hit[-1] + 1)):
        return []
    found: list[Gap] = []
    for column in hit[:-1]:
        left, right = columns[column][1], columns[column + 1][0]
        slack = 0.3 * piece.size
        inside = [gap for gap in piece.gaps or () if gap[1] <= right + slack and gap[2] >= left - slack]
        inside = [gap for gap in inside if not _OPENING.search(piece.text[: gap[0]])]
        widest = max((gap[2] - gap[1] for gap in inside), default=0.0)
        wide = [gap for gap in inside if gap[2] - gap[1] >= _ALIKE * widest]
        best = min(wide, key=lambda gap: abs(gap[1] + gap[2] - left - right), default=None)
        if best is None or best in found:
            return []
        found.append(best)
    if alone and max(gap[2] - gap[1] for gap in found) < _WORDS_APART * piece.size:
        return []
    sides = []
    for part, column in zip(piece.parts(found), hit, strict=True):
        x0, x1 = columns[column]
        shifts = abs(part.x0 - x0), abs(part.x1 - x1), abs((part.x0 + part.x1 - x0 - x1) / 2)
        if min(shifts) > 0.5 * piece.size or len(_hit(part, columns)) > 1:
            return []
        sides.append({side for side, shift in enumerate(shifts) if shift <= 0.3 * piece.size})
    off = abs(piece.x0 + piece.x1 - columns[hit[0]][0] - columns[hit[-1]][1]) / 2
    narrow = max(gap[2] - gap[1] for gap in found) < _WORDS_APART * piece.size
    if narrow and off < 0.1 * piece.size and not set.intersection(*sides):
        return []  # words in the middle over the columns, each of which is set to another side of its own
    return found


def columns_of(lines: Sequence[LineRow], rules: Rules) -> list[Column]:
    """Return the columns in which the pieces of lines stand, from left to right.

    The lines with most pieces tell them; a piece that reaches over several is a cell over several.
    """
    columns: list[Column] = []
    for line in sorted(lines, key=lambda line: (-len(line.pieces), sum(piece.x1 - piece.x0 for piece in line.pieces))):
        for piece in line.pieces:
            hit = _hit(piece, columns)
            if not hit:
                columns.append([piece.x0, piece.x1])
                columns.sort()
            elif len(hit) == 1:
                wider = [min(columns[hit[0]][0], piece.x0), max(columns[hit[0]][1], piece.x1)]
                others = columns[: hit[0]] + columns[hit[0] + 1 :]
                if not any(other[0] < wider[1] and other[1] > wider[0] for other in others):
                    columns[hit[0]] = wider
    return _merged(_without_heads_between(columns, lines), lines, rules)


def _without_heads_between(columns: list[Column], lines: Sequence[LineRow]) -> list[Column]:
    """Return the columns without those of nothing but heads that stand over the space between two others."""
    most = max(len(line.pieces) for line in lines)
    filled = {0, len(columns) - 1}
    for line in lines:
        for piece in line.pieces:
            if len(line.pieces) > _FEW * most or is_value(piece.text):
                filled.update(_hit(piece, columns))
    return [column for n, column in enumerate(columns) if n in filled]


def _merged(columns: list[Column], lines: Sequence[LineRow], rules: Rules) -> list[Column]:
    """Return the columns, those as one that stand close, never side by side, and in lines with as many other cells."""
    near = _NEAR * max(line.size for line in lines)
    hits = [[_hit(piece, columns) for piece in line.pieces] for line in lines]
    alone = [{hit[0] for hit in line if len(hit) == 1} for line in hits]
    reached = {(n, n + 1) for line in hits for hit in line for n in hit[:-1]}
    merged = [columns[0]]
    for n in range(1, len(columns)):
        left, right = columns[n - 1][1], columns[n][0]
        apart = right - left >= near and (n - 1, n) not in reached
        parted = apart or any(left <= (rule[0] + rule[2]) / 2 <= right for rule in rules.down)
        if not parted and not any({n - 1, n} <= taken for taken in alone):
            fills = [[len(taken) for taken in alone if column in taken] for column in (n - 1, n)]
            if all(fills) and 0.7 < median(fills[0]) / median(fills[1]) < 1.43:
                merged[-1] = [merged[-1][0], columns[n][1]]
                continue
        merged.append(columns[n])
    return merged


def _hit(piece: Piece, columns: Sequence[Column]) -> list[int]:
    """Return the columns that a piece reaches into."""
    least = min(_OVERLAP * piece.size, 0.5 * (piece.x1 - piece.x0))
    n = bisect_right(columns, piece.x0, key=_right_edge)
    hit = []
    while n < len(columns) and columns[n][0] < piece.x1:
        x0, x1 = columns[n]
        if min(x1, piece.x1) - max(x0, piece.x0) > min(least, 0.5 * (x1 - x0)):
            hit.append(n)
        n += 1
    return hit


def _right_edge(column: Column) -> float:
    return column[1]


def slots_of(line: LineRow, columns: Sequence[Column]) -> list[Slot]:
    """Return what of a line stands in which columns, from left to right."""
    slots: list[Slot] = []
    for piece in sorted(line.pieces, key=lambda piece: piece.x0):
        hit = _hit(piece, columns) or [_nearest(piece, columns)]
        if slots and hit[0] <= slots[-1].last:
            slots[-1].pieces.append(piece)
            slots[-1].last = max(slots[-1].last, hit[-1])
        else:
            slots.append(Slot([piece], hit[0], hit[-1]))
    return slots


def _nearest(piece: Piece, columns: Sequence[Column]) -> int:
    middle = (piece.x0 + piece.x1) / 2
    return min(range(len(columns)), key=lambda n: max(columns[n][0] - middle, middle - columns[n][1]))


def aligned(slots: Iterable[Slot], size: float) -> float:
    """Return the share of cells of one column that share their left or right edge, or their middle, with others."""
    cells = list(slots)
    best = 0
    for places in ([slot.x0 for slot in cells], [slot.x1 for slot in cells], [slot.middle for slot in cells]):
        places.sort()
        ends = [bisect_right(places, place + _ALIGNED * size) for place in places]
        best = max([best, *(end - n for n, end in enumerate(ends))])
    return best / len(cells) if cells else 1.0
