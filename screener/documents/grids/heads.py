"""The heads of a table: over which columns each stands, and which lines of them make one row."""

from collections.abc import Sequence

from ..pages.sections import Box, Rules
from .columns import Column, Slot
from .rows import is_open

_EDGE = 2.0
"""Points by which the left edges of a head and its columns are apart."""
_CENTRED = 0.3
"""How far the middle of a head is from that of its columns, in the width of one of these."""

Lines = Sequence[list[Slot]]


def spread(
    lines: Lines,
    heights: Sequence[tuple[float, float]],
    columns: Sequence[Column],
    rules: Rules,
    partial: Sequence[Box],
) -> None:
    """Let each head reach over its columns.

    A rule below it, or two rules beside it, tell which; else it stands in the middle over them, or begins where they
    do. A head that has nothing below it has one column.
    """
    for n, line in enumerate(lines):
        below = [{column for slot in slots for column in range(slot.first, slot.last + 1)} for slots in lines[n + 1 :]]
        top, bottom = heights[n]
        for place, slot in enumerate(line):
            least = line[place - 1].last + 1 if place else 0
            most = line[place + 1].first - 1 if place + 1 < len(line) else len(columns) - 1
            if least > slot.first or most < slot.last or _is_wrapped(slot, lines, n):
                continue
            least = min(max(least, 1), slot.first)  # the column of names stands under no head with others
            for found in (
                _underlined(slot, partial, (top, bottom), columns),
                _between_rules(slot, (top + bottom) / 2, columns, rules),
                _centred(slot, least, most, columns, below),
            ):
                if len(found) > 1 and least <= found[0] and found[-1] <= most and _parted(found, below):
                    slot.first, slot.last = min(found[0], slot.first), max(found[-1], slot.last)
                    break


def _is_wrapped(slot: Slot, lines: Lines, number: int) -> bool:
    """Return whether a head in one column, in the line of that number, is part of one that wraps there.

    What stands under a head of one column has that column too. A word that begins small goes on in what is above it,
    unless others of its line do so too under nothing.
    """
    if slot.first < slot.last:
        return False
    over = [other for line in lines[:number] for other in line if other.first <= slot.first <= other.last]
    if over:
        return over[-1].first == over[-1].last
    for n, line in enumerate(lines[number + 1 :], number + 1):
        under = next((other for other in line if other.first <= slot.first <= other.last), None)
        if under is not None:
            taken = {column for row in lines[:n] for other in row for column in range(other.first, other.last + 1)}
            small = _is_small(under) and not any(_is_small(other) and other.first not in taken for other in line)
            return under.first == under.last and (small or is_open(slot.text))
    return False


def _is_small(slot: Slot) -> bool:
    """Return whether a word, rather than a letter alone, begins small."""
    return len(slot.text) > 1 and slot.text[:2].islower() and slot.text[:2].isalpha()


def _parted(columns: Sequence[int], below: Sequence[set[int]]) -> bool:
    """Return whether a line below a head has cells in several of its columns."""
    return any(len(filled.intersection(columns)) > 1 for filled in below)


def _underlined(
    slot: Slot, partial: Sequence[Box], height: tuple[float, float], columns: Sequence[Column]
) -> list[int]:
    """Return the columns over the rule right below a head."""
    top, bottom = height
    for rule in partial:
        if bottom - 2 <= rule[1] <= bottom + 0.8 * (bottom - top) and rule[0] < slot.middle < rule[2]:
            return _within(rule[0], rule[2], columns)
    return []


def _within(x0: float, x1: float, columns: Sequence[Column]) -> list[int]:
    return [n for n, (left, right) in enumerate(columns) if x0 - 1 <= (left + right) / 2 <= x1 + 1]


def _between_rules(slot: Slot, y: float, columns: Sequence[Column], rules: Rules) -> list[int]:
    """Return the columns between the rules on either side of a head."""
    beside = [(rule[0] + rule[2]) / 2 for rule in rules.down if rule[1] <= y <= rule[3]]
    if not beside:
        return []
    left = max((x for x in beside if x <= slot.middle), default=float("-inf"))
    right = min((x for x in beside if x > slot.middle), default=float("inf"))
    return _within(left, right, columns)


def _centred(slot: Slot, least: int, most: int, columns: Sequence[Column], below: Sequence[set[int]]) -> list[int]:
    """Return the widest group of columns, all with a cell in one line below, over whose middle a head stands or whose
    left edge it shares.
    """
    best, apart = [slot.first], 0.0
    for first in range(least, slot.first + 1):
        for last in range(slot.last, most + 1):
            group = range(first, last + 1)
            if last == first or not any(filled.issuperset(group) for filled in below):
                continue
            left, right = columns[first][0], columns[last][1]
            off = abs((left + right) / 2 - slot.middle)
            edge = abs(left - slot.x0) < _EDGE and first == slot.first and last == most
            if off >= _CENTRED * (right - left) / len(group) and not edge:
                continue
            if len(group) > len(best) or (len(group) == len(best) and off < apart):
                best, apart = list(group), off
    return best


def head_levels(lines: Lines) -> list[list[int]]:
    """Return the lines in groups that make a row each: a line goes on in the one above it unless it stands under a head
    over several columns.
    """
    levels: list[list[int]] = []
    for n, line in enumerate(lines):
        over = [slot for above in (levels[-1] if levels else ()) for slot in lines[above] if slot.last > slot.first]
        under = any(head.first <= slot.first and slot.last <= head.last and slot.last - slot.first < head.last - head.first
                    for slot in line for head in over)  # fmt: skip
        if not levels or under:
            levels.append([n])
        else:
            levels[-1].append(n)
    return levels
