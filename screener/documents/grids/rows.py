"""The lines of a table on their way to rows: what of one line goes on below it, and which rows a name is that of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from .columns import Slot, baseline, is_nothing, is_value

_LOOSE = 1.18
"""Distance of two rows, in that of the lines within them, from which rows are set apart."""

_CENTRED = 0.08
"""How far the middle of a line is from that of the table it is set over, in the width of the table."""


@dataclass(slots=True)
class GridRow:
    """A row in the making: its cells, and the heights between which its lines stand."""

    slots: list[Slot]
    top: float
    bottom: float
    spans: dict[int, int] = field(default_factory=dict)
    """Of the cells over several rows, by their first column: how many."""
    stands_on: float | None = None
    section: bool = False
    """Whether it is a line in the middle over the rows below it."""

    @property
    def baseline(self) -> float:
        """Return the height of the line on which most of its letters stand."""
        if self.stands_on is None:  # asked for often, while nothing is taken in
            self.stands_on = baseline([piece for slot in self.slots for piece in slot.pieces])
        return self.stands_on

    def at(self, column: int) -> Slot | None:
        return next((slot for slot in self.slots if slot.first <= column <= slot.last), None)

    def is_across(self, columns: int) -> bool:
        """Return whether it is one line across a table of so many columns, from its left edge or over its middle."""
        if self.section:
            return True
        if len(self.slots) != 1 or is_value(self.slots[0].text):
            return False
        first, last = self.slots[0].first, self.slots[0].last
        return first == 0 or (last - first < columns - 1 and abs(first + last - columns + 1) <= 1 and columns > 3)

    def take_in(self, other: "GridRow") -> None:
        """Add the line below: what stands under a cell goes on in it."""
        for slot in other.slots:
            above = self.at(slot.first) or self.at(slot.last)
            if above is None:
                self.slots.append(slot)
            else:
                above.pieces += slot.pieces
                above.first, above.last = min(above.first, slot.first), max(above.last, slot.last)
        self.slots.sort(key=lambda slot: slot.first)
        self.stands_on = None
        self.bottom = max(self.bottom, other.bottom)


def mark_sections(lines: Sequence[GridRow], left: float, right: float) -> None:
    """Find the lines of one cell in the middle of a table between `left` and `right`, with figures above and below it.

    One right below the head may be a part of the head unless there are others.
    """
    found: list[GridRow] = []
    below_head: list[GridRow] = []
    for above, line, below in zip(lines, lines[1:], lines[2:], strict=False):
        slot = line.slots[0]
        off = abs(slot.middle - (left + right) / 2)
        if len(line.slots) > 1 or slot.first == 0 or not slot.text[0].isalpha() or slot.text[0].islower():
            continue
        over, under = above.at(slot.first), below.at(slot.first)
        if off > _CENTRED * (right - left) or below.at(0) is None or under is None or not is_value(under.text):
            continue
        figures = any(is_value(other.text) for other in above.slots if other.first > 0)
        if over is not None and above.at(0) is not None:
            (found if figures else below_head).append(line)
    for line in (*found, *(below_head if found else ())):
        line.section = True


_OPEN = re.compile(r"(?:[-‐–,(/&+]|\b(?:and|or|of|the|with|for|in|on|to|by|from|at|a|an|vs\.?))$")
_INTERVAL = re.compile(r"[(\[{±].*")


def is_open(text: str) -> bool:
    """Return whether a name goes on below: it ends in a hyphen, a comma, a preposition, or in brackets that are open."""
    return bool(_OPEN.search(text)) or text.count("(") > text.count(")")


def continues(above: Slot | None, below: Slot) -> bool:
    """Return whether a cell may go on in what stands below it: an interval below a figure, or words below words."""
    if above is None:
        return False
    if is_value(above.text):
        return bool(_INTERVAL.match(below.text)) or is_open(above.text)
    return not is_value(below.text) or is_open(above.text)


def conflict(above: GridRow, below: GridRow) -> bool:
    """Return whether two lines cannot be one row.

    A figure stands below a figure and is no interval to it, a sign below a sign, the same words below each other, or
    each of three cells or more begins anew.
    """
    pairs = [(over.text, slot.text) for slot in below.slots if (over := above.at(slot.first)) is not None]
    if len(pairs) == len(below.slots) > 2 and not any(text[0].islower() or _INTERVAL.match(text) for _, text in pairs):
        return not any(is_open(text) for text, _ in pairs)
    return any(
        (is_value(text) and not _INTERVAL.match(text) and is_value(over) and not is_open(over))
        or (is_nothing(text) and is_nothing(over))
        or over == text
        for over, text in pairs
    )


def loose_from(lines: Sequence[GridRow]) -> float:
    """Return the distance from which a line begins a row, where rows are set further apart than lines in them; else 0."""
    gaps = [below.baseline - above.baseline for above, below in pairwise(lines)]
    if len(gaps) < 2:
        return 0.0
    ordered = sorted(gaps)
    place = max(range(1, len(ordered)), key=lambda n: ordered[n] / max(ordered[n - 1], 0.1))
    small, large = ordered[place - 1], ordered[place]
    if large < _LOOSE * small or small < 0.5 * large:
        return 0.0
    middle = (small + large) / 2
    for gap, above, line in zip(gaps, lines, lines[1:], strict=False):
        if gap < middle and conflict(above, line):
            return 0.0
        if gap >= middle and line.at(0) is None:
            return 0.0
    return middle


def span_names(rows: list[GridRow], column: int) -> None:
    """Let the names in a column reach over the rows that have none: those below, or on both sides of them."""
    named = [n for n, row in enumerate(rows) if row.at(column) is not None]
    if not named or len(named) == len(rows):
        return
    begins = named
    if named[0] > 0:  # in the middle
        if column:
            return
        begins = _begins(rows, named, column)
    for n, begin, end in zip(named, begins, [*begins[1:], len(rows)], strict=True):
        slot = rows[n].at(column)
        if slot is None or not begin <= n < end or slot.last > slot.first or end - begin < 2:
            continue
        if n > begin:
            rows[n].slots.remove(slot)
            rows[begin].slots.insert(0, slot)
        rows[begin].spans[slot.first] = end - begin - (not rows[n].slots)


def span_beside_names(rows: Sequence[GridRow], stubs: int) -> None:
    """Let a figure that stands between rows, level with the name of these in the first column, reach over them too."""
    for n, row in enumerate(rows):
        over, name = row.spans.get(0, 1), row.at(0)
        if over < 2 or name is None:
            continue
        size = name.pieces[0].size
        level = [slot for slot in row.slots if abs(slot.baseline - name.baseline) < 0.2 * size]
        between = any(abs(slot.baseline - name.baseline) > 0.3 * size for slot in row.slots)
        for slot in level if between else ():
            empty = all(other.at(slot.first) is None for other in rows[n + 1 : n + over])
            if slot.first >= stubs and slot.first == slot.last and empty:
                row.spans[slot.first] = over


def _begins(rows: list[GridRow], named: list[int], column: int) -> list[int]:
    """Return the first row of each name that stands in the middle of its rows."""
    middles = [(row.top + row.bottom) / 2 for row in rows]
    begins = [0]
    for n in named[:-1]:
        slot = rows[n].at(column)
        assert slot is not None
        own = (slot.pieces[0].top + slot.pieces[-1].bottom) / 2
        last = min(range(n, len(rows)), key=lambda end: abs((middles[begins[-1]] + middles[end]) / 2 - own))
        begins.append(last + 1)
    return begins


_SPACED = 1.2
"""Distance of two lines in one column, in that of the closest, from which they are of two cells."""


def spaced_rows(lines: Sequence[GridRow], columns: int) -> list[GridRow] | None:
    """Return rows of cells of several lines that are set apart by space alone; None where space does not tell.

    In each column the lines that stand closest are of one cell; cells that stand side by side, wherever their lines are,
    are of one row.
    """
    parts = [[slot for line in lines for slot in line.slots if slot.first == column] for column in range(columns)]
    gaps = [below.baseline - above.baseline for part in parts for above, below in pairwise(part)]
    closest = _SPACED * min((gap for gap in gaps if gap > 0), default=0.0)
    least = median([gap for gap in gaps if 0 < gap < closest] or [0.0])
    cells = sorted((cell for part in parts for cell in _cells_of(part, least)), key=lambda cell: cell[0].top)
    if not any(len(cell) > 1 for cell in cells) or not _tells(cells):
        return None
    groups: list[list[list[Slot]]] = []
    bottom = 0.0
    for cell in cells:
        if not groups or cell[0].top > bottom:
            groups.append([])
            bottom = 0.0
        groups[-1].append(cell)
        bottom = max(bottom, cell[-1].bottom)
    rows = []
    for group in groups:
        slots = [
            Slot([piece for slot in cell for piece in slot.pieces], cell[0].first, max(slot.last for slot in cell))
            for cell in sorted(group, key=lambda cell: cell[0].first)
        ]
        rows.append(GridRow(slots, min(slot.top for slot in slots), max(slot.bottom for slot in slots)))
    twice = any(above.last >= below.first for row in rows for above, below in pairwise(row.slots))
    uneven = any(len({len(cell) for cell in group}) > 1 for group in groups)
    return rows if uneven and not twice and all(row.at(0) is not None for row in rows) else None


def _cells_of(slots: Sequence[Slot], least: float) -> list[list[Slot]]:
    """Return the cells of a column: lines that stand about `least` points apart are of one."""
    cells: list[list[Slot]] = []
    for n, slot in enumerate(slots):
        gap = slot.baseline - slots[n - 1].baseline if n else 0.0
        if n and gap < _SPACED * least and gap < _LEADING * slot.pieces[0].size:
            cells[-1].append(slot)
        else:
            cells.append([slot])
    return cells


_LEADING = 1.6
"""Distance of two lines of a cell, in heights of the font, at most."""


def _tells(cells: Sequence[Sequence[Slot]]) -> bool:
    """Return whether no cell has a figure below a figure that is another one's."""
    pairs = [(above.text, below.text) for cell in cells for above, below in pairwise(cell)]
    return not any(is_value(over) and is_value(text) and not _INTERVAL.match(text) for over, text in pairs)
