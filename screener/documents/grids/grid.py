"""From the lines of a table to its grid: which lines make a row, what its heads are and over which columns they stand.

A table has no structure in a PDF; what tells it is where its pieces stand, the rules drawn between them, and how a cell
goes on: `(0.90-0.92)` below a figure, a word that begins small below a name.
"""

import re
from collections.abc import Sequence
from itertools import combinations, pairwise, zip_longest
from statistics import median

from ..model import Kind
from ..pages.sections import GridCell, LineRow, Rules
from .columns import Column, Slot, aligned, is_nothing, is_value, slots_of, told_apart
from .heads import head_levels, spread
from .rows import (
    GridRow,
    conflict,
    continues,
    is_open,
    loose_from,
    mark_sections,
    spaced_rows,
    span_beside_names,
    span_names,
)

_FEW_COLUMNS, _FULL = 3, 0.5
"""Columns up to which a table may be nearly empty, and the share of the cells of a wider one that are not."""
_FIGURES = 0.8
"""Share of figures among the cells of a table that has no words but its heads."""
_MOST_HEADS = 5
"""Lines beyond which the first rule does not part a head from what is below it."""
_TIGHT = 0.75
"""Distance of two lines, in that of most lines below each other, below which they stand in one row."""
_SCATTERED = 0.3
"""Share of pieces that reach over several columns, beyond which there are none."""
_SET = 0.6
"""Share of the cells of a column that are set below each other, below which it is none."""


def grid_of(lines: Sequence[LineRow], rules: Rules) -> list[LineRow] | None:
    """Return the rows of a table, with their cells, from its lines (from top to bottom); None where they make no table."""
    lines, columns = told_apart(lines, rules)
    if len(columns) < 2:
        return None
    rows = [GridRow(slots_of(line, columns), line.top, line.bottom) for line in lines]
    if not _is_table(rows, len(columns), median(line.size for line in lines)):
        return None
    texts = [slot.text for row in rows for slot in row.slots]
    if not rules.down and _sparse(rows, len(columns)) and sum(map(is_value, texts)) > _FIGURES * len(texts):
        return None  # labels in a figure; nothing of a table of figures wraps
    grid = _Grid(rows, columns, rules)
    head, body = grid.head(), grid.body()
    logical = [*head, *body]
    named = bool(head) or any(not is_value(slot.text) for row in body for slot in row.slots)
    if not grid.walled and (not named or _sparse(body, len(columns))):
        return None
    first = lines[0]
    return [_line(row, n < len(head), len(columns), grid.stubs, first) for n, row in enumerate(logical)]


def _sparse(rows: Sequence[GridRow], columns: int) -> bool:
    """Return whether most cells are empty, as in a figure with labels here and there."""
    full = [sum(slot.last - slot.first + 1 for slot in row.slots) for row in rows if not row.is_across(columns)]
    return columns > _FEW_COLUMNS and sum(full) < _FULL * columns * len(full)


def _is_table(rows: Sequence[GridRow], columns: int, size: float) -> bool:
    """Return whether the lines stand in columns, rather than being prose with gaps."""
    slots = [slot for row in rows for slot in row.slots]
    over = sum(slot.last > slot.first for row in rows for slot in row.slots if len(row.slots) > 1)
    if sum(len(row.slots) > 1 for row in rows) < 2 or over > _SCATTERED * len(slots):
        return False
    shares = []
    for column in range(columns):
        cells = [slot for slot in slots if slot.first == slot.last == column]
        if len(cells) > 2:
            shares += [aligned(cells, size)] * len(cells)
    return not shares or sum(shares) / len(shares) >= _SET


def _line(row: GridRow, is_head: bool, columns: int, stubs: int, first: LineRow) -> LineRow:
    cells = []
    across = not is_head and not row.spans and row.is_across(columns)
    for slot in row.slots:
        reach = columns if across else slot.last - slot.first + 1
        head = is_head or across or slot.first < stubs
        cells.append(GridCell(slot.pieces, 0 if across else slot.first, reach, row.spans.get(slot.first, 1), head))
    pieces = [piece for cell in cells for piece in cell.pieces]
    return LineRow(
        pieces, first.column, min(piece.x0 for piece in pieces), row.top, max(piece.x1 for piece in pieces), row.bottom,
        pieces[0].size, pieces[0].bold, first.left, first.right, " ".join(piece.text for piece in pieces),
        Kind.TABLE_ROW, opens=True, cells=cells, turned=first.turned,
    )  # fmt: skip


class _Grid:
    """The lines of a table, and what tells rows from lines."""

    def __init__(self, lines: list[GridRow], columns: list[Column], rules: Rules) -> None:
        self.lines, self.columns, self.rules = lines, columns, rules
        left, right = columns[0][0], columns[-1][1]
        mark_sections(lines, left, right)
        slack = 0.06 * (right - left)
        self.full = [rule for rule in rules.across if rule[0] <= left + slack and rule[2] >= right - slack]
        self.partial = [rule for rule in rules.across if rule not in self.full]
        gaps = []
        for n, line in enumerate(lines):
            columns_here = {slot.first for slot in line.slots}
            above = next(
                (other for other in reversed(lines[:n]) if columns_here & {s.first for s in other.slots}), None
            )
            if above is not None:
                gaps.append(line.baseline - above.baseline)
        self.pitch = median(gaps) if gaps else 0.0
        self.heads = self._head_lines()
        self.stubs = self._stub_columns()

    @property
    def walled(self) -> bool:
        """Return whether a rule parts most of its columns."""
        gaps = [(left[1], right[0]) for left, right in pairwise(self.columns)]
        walls = sum(any(low - 2 <= rule[0] <= high + 2 for rule in self.rules.down) for low, high in gaps)
        return walls > 0.5 * len(gaps)

    def head(self) -> list[GridRow]:
        """Return the rows of the head, each head over all of its columns."""
        head = self.lines[: self.heads]
        if not head:
            return []
        spread(
            [row.slots for row in head], [(row.top, row.bottom) for row in head], self.columns, self.rules, self.partial
        )
        rows: list[GridRow] = []
        for level in head_levels([row.slots for row in head]):
            row = head[level[0]]
            for n in level[1:]:
                row.take_in(head[n])
            rows.append(row)
        return rows

    def body(self) -> list[GridRow]:
        """Return the rows of the body."""
        lines = self.lines[self.heads :]
        bands = self._bands(lines)
        if self._ruled(bands):
            return [row for band in bands for row in self._boxed(band)]
        sections = any(line.section for line in lines)
        if len(bands) == 1 and not sections and (spaced := spaced_rows(lines, len(self.columns))) is not None:
            return spaced
        loose = loose_from(lines)
        rows: list[GridRow] = []
        for band in bands:
            new: list[GridRow] = []
            before: GridRow | None = None
            for line, after in zip_longest(band, band[1:]):
                apart = before is None or line.section or before.section
                if before is not None and not apart and self._goes_on(new[-1], before, line, after, loose):
                    new[-1].take_in(line)
                else:
                    slots = [Slot(list(slot.pieces), slot.first, slot.last) for slot in line.slots]
                    new.append(GridRow(slots, line.top, line.bottom, section=line.section))
                before = line
            rows += self._with_spans(new)
        return rows

    def _head_lines(self) -> int:
        """Return how many lines make the head: those above the first rule that parts lines, or those without figures."""
        for rule in self.full:
            above = sum((line.top + line.bottom) / 2 < (rule[1] + rule[3]) / 2 for line in self.lines)
            if 0 < above < len(self.lines) and not self._counts():
                if above <= min(_MOST_HEADS, len(self.lines) / 2 + 1):
                    return self._with_ruled_heads(above)
                break
        heads = 0
        for line in self.lines[: _MOST_HEADS + 1]:
            if self._has_labels(heads):
                return heads + 1
            others = [slot for slot in line.slots if slot.first > 0]
            values = [slot for slot in others if is_value(slot.text)]
            if values and 2 * len(values) >= len(others) and not all(_YEAR.fullmatch(slot.text) for slot in values):
                break
            heads += 1
        if heads > min(_MOST_HEADS, len(self.lines) - 1):
            return self._head_of_words()
        if self._repeats(heads):
            return heads + 1
        while heads > 1 and self.lines[heads - 1].is_across(2):
            heads -= 1  # a line across the table, above the first rows
        return heads

    def _with_ruled_heads(self, heads: int) -> int:
        """Return how many lines make the head where a rule stands below each of its rows: the first has so many.

        A row of words over figures goes on in the head where it names no row, or parts the heads above it.
        """
        bands = self._bands(self.lines[heads:])
        for n, band in enumerate(bands[:-1], 1):
            words = [slot.text for line in band for slot in line.slots if slot.first > 0]
            rest = [slot.text for part in bands[n:] for line in part for slot in line.slots if slot.first > 0]
            if len(words) < 2 or any(map(is_value, words)) or 2 * sum(map(is_value, rest)) < len(rest):
                break
            over, first = self.lines[heads - 1], band[0]
            if first.at(0) is not None and (over.at(0) is not None or len(over.slots) >= len(first.slots)):
                break
            heads += len(band)
        return heads

    def _has_labels(self, number: int) -> bool:
        """Return whether a line has a word and rising figures which are unlike all below them: `Labels 1% 5% 10%`."""
        line = self.lines[number]
        name, labels = line.at(0), [slot for slot in line.slots if slot.first > 0]
        texts = [slot.text for slot in labels]
        if name is None or is_value(name.text) or len(texts) < 3 or not all(map(_LABEL.fullmatch, texts)):
            return False
        sizes = [float(text.rstrip("% ")) for text in texts if text.rstrip("% ").count(".") < 2]
        if len(sizes) < len(texts) or any(a >= b for a, b in pairwise(sizes)):
            return False
        below = [(label.text, slot.text) for other in self.lines[number + 1 :] for label in labels
                 if (slot := other.at(label.first)) is not None and is_value(slot.text)]  # fmt: skip
        return bool(below) and all(_shape(label) != _shape(text) for label, text in below)

    def _counts(self) -> bool:
        """Return whether the rows are numbered from the first line on, or it has figures: it is no head."""
        first = self.lines[0]
        values = [slot for slot in first.slots if is_value(slot.text) and not _LABEL.fullmatch(slot.text)]
        numbers = [slot.text for line in self.lines if (slot := line.at(0)) is not None and slot.text.isdecimal()]
        numbered = numbers[1:2] == [str(int(numbers[0]) + 1)] if numbers and first.at(0) else False
        return 2 * len(values) >= len(first.slots) or (numbered and first.slots[0].text == numbers[0])

    def _head_of_words(self) -> int:
        first, second = self.lines[0], self.lines[1]
        bold = [all(piece.bold for slot in line.slots for piece in slot.pieces) for line in (first, second)]
        full = len(first.slots) == len(self.columns) and all(len(slot.text) < 40 for slot in first.slots)
        return int(bold == [True, False] or full)

    def _repeats(self, heads: int) -> bool:
        """Return whether the line below the heads has figures that are heads: the same under each of them."""
        over = max((len(line.slots) for line in self.lines[:heads] if line.at(0) is None), default=0)
        if over < 2 or heads >= len(self.lines) - 1:
            return False
        below = [slot.text for slot in self.lines[heads].slots if slot.first > 0]
        part = len(below) // over
        return part > 1 and below == below[:part] * over

    def _stub_columns(self) -> int:
        """Return how many of the first columns name the rows: all before the first with figures, or the first."""
        body = self.lines[self.heads :]
        if len(body) == 1 and self.heads and all(is_value(slot.text) for slot in body[0].slots):
            return 0  # the only row needs no name
        shares = []
        for column in range(len(self.columns)):
            slots = [
                slot for line in self.lines[self.heads :] for slot in line.slots if slot.first == slot.last == column
            ]
            told = [slot for slot in slots if not is_nothing(slot.text)]
            shares.append(sum(is_value(slot.text) for slot in told) / len(told) if told else 1.0)
        stubs = next((n for n, share in enumerate(shares) if share >= 0.5), 0) or 1
        named = [line for line in self.lines[self.heads :] if line.at(0) is not None]
        while 2 * len(named) < len(self.lines) - self.heads and stubs < len(self.columns) - 1:
            if [line for line in self.lines[self.heads :] if line.at(stubs) is not None] != named:
                break
            stubs += 1  # each name of several rows has a further name, or number, beside it
        return stubs

    def _bands(self, lines: list[GridRow]) -> list[list[GridRow]]:
        """Return the lines parted where a rule goes across the table."""
        bands: list[list[GridRow]] = []
        for n, line in enumerate(lines):
            middle = (line.top + line.bottom) / 2
            above = (lines[n - 1].top + lines[n - 1].bottom) / 2 if n else 0.0
            if not n or any(above < (rule[1] + rule[3]) / 2 < middle for rule in self.full):
                bands.append([])
            bands[-1].append(line)
        return bands

    def _ruled(self, bands: list[list[GridRow]]) -> bool:
        """Return whether each row stands between two rules."""
        if len(bands) < 2 or not self.full or max(map(len, bands)) < 2:
            return False
        left, right = self.columns[0][0], self.columns[-1][1]
        inside = {round(rule[0]) for rule in self.rules.down if left + 3 < rule[0] < right - 3}
        if len(bands) < 3 and not inside:
            return False
        for band in bands:
            cuts = [(rule[1] + rule[3]) / 2 for rule in self.partial]
            for above, below in combinations(band, 2):
                cut = any((above.top + above.bottom) / 2 < y < (below.top + below.bottom) / 2 for y in cuts)
                if not cut and conflict(above, below):
                    return False
        return True

    def _boxed(self, band: list[GridRow]) -> list[GridRow]:
        """Return the rows between two rules across the table, which rules across a part of it divide."""
        if len(band) == 1 and band[0].section:
            return band
        top, bottom = band[0].top, band[-1].bottom
        cuts = sorted({round((rule[1] + rule[3]) / 2) for rule in self.partial if top < rule[1] and rule[3] < bottom})
        edges = [top, *cuts, bottom]
        rows = [GridRow([], above, below) for above, below in pairwise(edges)]
        for line in band:
            for slot in line.slots:
                middle = (slot.pieces[0].top + slot.pieces[0].bottom) / 2
                own = [y for y in cuts if self._cuts(y, slot)]
                begin = max([y for y in own if y <= middle], default=top)
                end = min([y for y in own if y > middle], default=bottom)
                first, last = edges.index(begin), edges.index(end)
                rows[first].take_in(GridRow([slot], slot.pieces[0].top, slot.pieces[-1].bottom))
                if last - first > 1:
                    rows[first].spans[slot.first] = last - first
        return [row for row in rows if row.slots]

    def _cuts(self, y: float, slot: Slot) -> bool:
        return any(abs((rule[1] + rule[3]) / 2 - y) <= 1 and rule[0] < slot.middle < rule[2] for rule in self.partial)

    def _goes_on(self, row: GridRow, before: GridRow, line: GridRow, after: GridRow | None, loose: float) -> bool:
        """Return whether a line goes on in the cells of the row above it, whose last line is `before`."""
        if line.baseline - before.baseline < _TIGHT * self.pitch and not conflict(row, line):
            alone = len(line.slots) == 1 and line.slots[0].first == 0
            if not alone or row.at(0) is not None or after is None:
                return True
            # A name between two lines is that of one row if the second goes on in the first, else of two.
            near = after.baseline - line.baseline < _TIGHT * self.pitch
            goes_on = not conflict(row, after) and all(continues(row.at(slot.first), slot) for slot in after.slots)
            return not near or goes_on
        if loose:
            return line.baseline - before.baseline < loose
        if conflict(before, line) or any(row.at(slot.first) is None for slot in line.slots):
            return False
        stub, above = line.at(0), row.at(0)
        others = [slot for slot in line.slots if slot is not stub]
        if not all(continues(row.at(slot.first), slot) for slot in others):
            return False
        if stub is None or above is None:
            return True
        return is_open(above.text) or stub.text[0].islower()

    def _with_spans(self, rows: list[GridRow]) -> list[GridRow]:
        """Return the rows between two rules, names that stand at the top or in the middle of several over all of these."""
        parts: list[list[GridRow]] = [[]]
        for row in rows:
            if row.is_across(len(self.columns)):
                parts += [[row], []]
            else:
                parts[-1].append(row)
        for part in filter(None, parts):
            for column in range(self.stubs):
                span_names(part, column)
            span_beside_names(part, self.stubs)
        return [row for row in rows if row.slots]


def _shape(text: str) -> tuple[bool, bool]:
    return "%" in text, "." in text


_LABEL = re.compile(r"(?:19|20)\d\d|[\d.]+\s?%|\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
