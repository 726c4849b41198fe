"""The heads of a table: over which columns each stands, and which lines of them make one row."""

from collections.abc import Sequence

from .grid_columns import Column, Slot
from .sections import Box, Rules

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
        below = {column for slots in lines[n + 1 :] for slot in slots for column in range(slot.first, slot.last + 1)}
        top, bottom = heights[n]
        for place, slot in enumerate(line):
            least = line[place - 1].last + 1 if place else 0
            most = line[place + 1].first - 1 if place + 1 < len(line) else len(columns) - 1
            if least > slot.first or most < slot.last:
                continue
            underlined = next(
                (rule for rule in partial if bottom - 2 <= rule[1] <= bottom + 0.8 * (bottom - top) and rule[0] < slot.middle < rule[2]),
                None,
            )  # fmt: skip
            found = _within(underlined[0], underlined[2], columns) if underlined else []
            if not found:
                found = _between_rules(slot, (top + bottom) / 2, columns, rules)
            if not found or found[0] < least or found[-1] > most:
                found = _centred(slot, least, most, columns, below)
            if len(found) > 1 and len(below & set(found)) > 1:
                slot.first, slot.last = min(found[0], slot.first), max(found[-1], slot.last)


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


def _centred(slot: Slot, least: int, most: int, columns: Sequence[Column], below: set[int]) -> list[int]:
    """Return the widest group of columns over whose middle a head stands, or whose left edge it shares."""
    wide = (columns[most][1] - columns[least][0]) / (most - least + 1)
    best: list[int] = [slot.first]
    for first in range(least, slot.first + 1):
        for last in range(slot.last, most + 1):
            group = list(range(first, last + 1))
            if len(group) <= len(best) or not set(group) <= below:
                continue
            middle = (columns[first][0] + columns[last][1]) / 2
            if abs(middle - slot.middle) < _CENTRED * wide:
                best = group
    if len(best) == 1 and abs(columns[slot.first][0] - slot.x0) < 2:
        group = [n for n in range(slot.first, most + 1) if n in below]
        best = group if len(group) == most - slot.first + 1 else best
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
