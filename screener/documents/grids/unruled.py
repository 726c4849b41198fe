"""Tables that no rules set off: rows of cells that stand together. Then, of every table, its caption, and whether it goes
on over pages.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from ..headings import ended, is_named
from ..model import Kind
from ..pages.marks import is_bullet, is_caption, is_continuation, is_figure, is_marker, names_table
from ..pages.sections import GridTable, LineRow, PageRows
from .axes import are_labels
from .columns import is_value
from .grid import grid_of

_EQUATION = re.compile(r"\(\s*[A-Z]?\.?\d{1,3}(?:\.\d{1,2})?[a-z]?\s*\)")
_FORMULA = re.compile(r"[=∑∏∫√≡∝⎡-⎳\uf8e6-\uf8ff]")
_CONTINUED = re.compile(r"\b(?:cont(?:inued|\.|’d|'d|d)?|continuation)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\w+\.?\s*([\w.]*\w)")
_APART = 2.5
"""Space between two rows, in heights of the font, that ends a table without rules."""
_GROUPS = 4.0
"""The same between two groups of rows of figures that have the same columns."""
_LONGEST_CAPTION = 8
"""Rows of a caption that is repeated on the next page."""
_MOVED = 12.0
"""Points by which a table may stand further left or right on the next page."""


def mark_tables(page: PageRows, rows: list[LineRow]) -> None:
    """Find the tables of a page that are not found yet, among its `rows` that are no running heads, and put them there
    row by row.
    """
    cells = [_cells(row) for row in rows]
    start = 0
    while start < len(rows):
        if not cells[start]:
            start += 1
            continue
        end = _end(rows, cells, start)
        named = any(_names_table(row) for row in rows[max(0, start - 4) : start])
        if sum(cells[start:end]) >= (1 if named or not rows[start].right else 2):
            first, last = _head(rows, start), _tail(rows, start, end)
            named = named or any(map(_names_table, rows[last : last + 2]))
            drawn = not named and rows[first].right > 0 and are_labels(rows[first:last], rows[last:])
            new = rows[first:last] if drawn else _table(page, rows[first:last], named=named)
            rows[first:last] = new
            cells[first:last] = [False] * len(new)
            end = first + len(new)
        start = end


def _names_table(row: LineRow) -> bool:
    return row.kind is Kind.CAPTION and names_table(row.text)


def _cells(row: LineRow) -> bool:
    """Return whether the pieces of a row may be cells, rather than a marker and its text or an equation and its number.

    A line of figures is a row whose gaps are too narrow to be seen.
    """
    pieces = row.pieces
    if row.kind is not Kind.TEXT:
        return False
    words = row.text.split()
    figures = sum(map(is_figure, words))
    if figures >= 3 and figures >= 0.6 * len(words):
        return True
    if len(pieces) < 2 or _EQUATION.fullmatch(pieces[-1].text) or is_bullet(pieces[0].text):
        return False
    if len(pieces) == 2 and (
        (is_marker(pieces[0].text) and (len(pieces[1].text) > 20 or is_named(pieces[1].text)))
        or is_caption(pieces[0].text)
    ):
        return False
    return len(row.text) < 45 * len(pieces)


def _end(rows: Sequence[LineRow], cells: Sequence[bool], start: int) -> int:
    """Return the end of the rows of cells from `start` on, with what little stands between them."""
    end, last = start + 1, start
    lefts = {piece.x0 for piece in rows[start].pieces} if rows[start].right else set()
    while end < len(rows) and end - last <= 3 and rows[end].column == rows[start].column:
        row = rows[end]
        inner = [any(abs(piece.x0 - left) < 0.3 * row.size for left in lefts) for piece in row.pieces]
        below = row.kind is Kind.TEXT and all(inner) and (len(inner) > 1 or row.x0 > min(lefts) + row.size)
        small = row.kind is Kind.TEXT and (len(row.text) < 40 or below)
        apart = row.top - rows[end - 1].bottom
        if row.right and apart > (_GROUPS if _is_set_alike(row, rows[last]) else _APART) * row.size:
            break
        if cells[end] or (below and len(inner) > 1):
            last = end
            lefts |= {piece.x0 for piece in row.pieces} if row.right else set()
        elif not small or rows[end].top - rows[end - 1].bottom > 1.5 * rows[end].size:
            break
        end += 1
    return last + 1


def _is_set_alike(row: LineRow, above: LineRow) -> bool:
    """Return whether two rows have figures in the same three columns and more."""
    if len(row.pieces) != len(above.pieces) or len(row.pieces) < 4:
        return False
    pairs = list(zip(row.pieces, above.pieces, strict=True))
    below = all(min(abs(one.x0 - two.x0), abs(one.x1 - two.x1)) < 0.3 * row.size for one, two in pairs)
    return below and all(is_value(piece.text) for pair in pairs[1:] for piece in pair)


def _head(rows: Sequence[LineRow], start: int) -> int:
    """Return where a table begins whose first row of cells is at `start`: its head may be set without gaps to be seen."""
    for first in range(start - 1, max(start - 4, -1), -1):
        row, below = rows[first], rows[first + 1]
        if row.kind is not Kind.TEXT or row.column != below.column or ended(row.text) or len(row.text) > 120:
            break
        if row.top < below.top and below.top - row.bottom > 0.9 * row.size:
            break
        if row.right and row.size > 1.12 * below.size:
            break  # a heading
        if row.opens:
            return first
    return start


def _tail(rows: Sequence[LineRow], start: int, end: int) -> int:
    """Return where a table ends whose last row of cells is at `end - 1`: one of its cells may go on for some lines."""
    if not rows[start].right:
        return end
    lefts = [piece.x0 for row in rows[start:end] for piece in row.pieces[1:]]
    while end < len(rows) and rows[end].kind is Kind.TEXT and rows[end].column == rows[start].column:
        row, above = rows[end], rows[end - 1]
        below_cell = any(abs(row.x0 - left) < 0.3 * row.size for left in lefts)
        # The figures beside a name of two lines may stand between these.
        names = rows[max(start, end - 2) : end] if above.x0 > row.x1 else [above]
        below_name = any(abs(row.x0 - name.x0) < 1 for name in names)
        goes_on = below_cell or (below_name and row.text[0].islower() and row.x1 < min(lefts))
        if len(row.pieces) > 1 or not goes_on or row.top - above.bottom > 0.7 * row.size:
            break
        end += 1
    return end


def _table(page: PageRows, lines: list[LineRow], *, named: bool) -> list[LineRow]:
    """Return the rows of a table with their cells; lines that are none as they are."""
    if lines[0].right and (named or _set_as_table(lines)):
        box = (
            min(row.x0 for row in lines), min(row.top for row in lines), max(row.x1 for row in lines),
            max(row.bottom for row in lines),
        )  # fmt: skip
        rows = grid_of(sorted(lines, key=lambda row: row.middle), page.rules.within(box, 4.0))
        if rows is not None:
            place = {id(row): n for n, row in enumerate(page.rows)}
            at = place[id(lines[0])]
            gone = {id(row) for row in lines}
            page.rows[:] = [*page.rows[:at], *rows, *(row for row in page.rows[at:] if id(row) not in gone)]
            page.tables.append(GridTable(rows))
            return rows
    values = [is_value(piece.text) for row in lines for piece in row.pieces]
    if named or not lines[0].right or (len(lines) > 2 and sum(values) >= 0.5 * len(values)):
        for row in lines:
            row.kind, row.opens = Kind.TABLE_ROW, True
    return lines


def _set_as_table(lines: Sequence[LineRow]) -> bool:
    """Return whether lines without a caption are a table: of figures, and no formula or table of contents."""
    several = [row for row in lines if len(row.pieces) > 1]
    if len(several) < 3 or sum(bool(_FORMULA.search(row.text)) for row in lines) >= 0.3 * len(lines):
        return False
    figures = Counter(n for row in several for n, piece in enumerate(row.pieces) if n and is_value(piece.text))
    if not figures or figures.most_common(1)[0][1] < 0.6 * len(several):
        return False
    texts = [piece.text for row in lines for piece in row.pieces]
    letters = [text for text in texts if not is_value(text)]
    if not letters or 2 * sum(len(text) < 3 for text in letters) > len(texts):
        return False  # labels in a figure
    last = [int(row.pieces[-1].text) for row in several if row.pieces[-1].text.isdecimal()]
    contents = len(last) > 0.8 * len(several) and last == sorted(last) and max(len(row.pieces) for row in several) < 4
    return not contents


def link_captions(page: PageRows) -> None:
    """Find the caption of each table of a page: the one above it, or else the one below."""
    rows = [row for row in page.rows if row.kind not in (Kind.RUNNING_HEAD, Kind.FOOTNOTE)]
    place = {id(row): n for n, row in enumerate(rows)}
    page.tables.sort(key=lambda table: place.get(id(table.rows[0]), 0))
    used: set[int] = set()
    for table in page.tables:
        first, last = place.get(id(table.rows[0])), place.get(id(table.rows[-1]))
        if first is None or last is None:
            continue
        above = first
        while above and rows[above - 1].kind is Kind.CAPTION:
            above -= 1
            if rows[above].opens:
                break
        below = last + 1
        while below < len(rows) and rows[below].kind is Kind.CAPTION and not (rows[below].opens and below > last + 1):
            below += 1
        for caption in (rows[above:first], rows[last + 1 : below], _right_above(rows, table)):
            if caption and id(caption[0]) not in used and _names_table(caption[0]):
                used.add(id(caption[0]))
                table.caption = caption
                break


def _right_above(rows: Sequence[LineRow], table: GridTable) -> list[LineRow]:
    """Return the caption of one line that stands right above a table, where lines beside both are read between them."""
    left, right = min(row.x0 for row in table.rows), max(row.x1 for row in table.rows)
    top = table.rows[0].top
    for row in rows:
        over = row.x0 < right and row.x1 > left and 0 <= top - row.bottom < 2 * row.size
        if row.kind is Kind.CAPTION and row.opens and over:
            return [row]
    return []


def join_over_pages(pages: Sequence[PageRows]) -> None:
    """Let a table that ends a page or column go on in the one that begins the next, where it has the same columns and
    either no caption or the same, `continued`.
    """
    last: GridTable | None = None
    last_page: PageRows | None = None
    own: set[int] = set()
    between: list[LineRow] = []
    for page in pages:
        begins = {id(table.rows[0]): table for table in page.tables}
        for row in page.rows:
            if row.kind in (Kind.RUNNING_HEAD, Kind.FOOTNOTE, Kind.HIDDEN):
                continue
            if id(row) not in own and not row.cells and is_continuation(row.text):
                continue
            table = begins.get(id(row))
            if table is None:
                if last is None:
                    continue
                between = [] if id(row) in own else [*between, row]
                last = None if len(between) > _LONGEST_CAPTION else last
                continue
            if last is not None and _goes_on(last, table, between, same_page=last_page is page):
                last.rows += table.rows
                last.caption = last.caption or table.caption
                page.tables.remove(table)
            else:
                last = table
            own = {id(other) for other in (*last.rows, *last.caption)}
            last_page = page
            between = []


def _heads(table: GridTable) -> list[str]:
    rows = takewhile(lambda row: all(cell.head for cell in row.cells), table.rows)
    return [cell.pieces[0].text for row in rows for cell in row.cells]


def _goes_on(table: GridTable, further: GridTable, between: Sequence[LineRow], *, same_page: bool) -> bool:
    above, below = table.rows[-1], further.rows[0]
    if same_page and above.column == below.column:
        return False
    if (heads := _heads(further)) and heads != _heads(table):
        return False
    if any(not any(row is other for other in further.caption) for row in between):
        return False
    if between and not _same_caption(table.caption, further.caption):
        return False
    if not between and further.caption and table.caption:
        return False  # its own caption, below it
    edges = [[left - part[0] for left in part] for part in (_edges(table), _edges(further))]
    return len(edges[0]) == len(edges[1]) and all(abs(a - b) < _MOVED for a, b in zip(*edges, strict=True))


def _same_caption(caption: Sequence[LineRow], further: Sequence[LineRow]) -> bool:
    if not caption:
        return False
    numbers = [match[1] if (match := _NUMBER.match(rows[0].text)) else "" for rows in (caption, further)]
    return numbers[0] == numbers[1] and (bool(_CONTINUED.search(further[0].text)) or len(further[0].text) < 20)


def _edges(table: GridTable) -> list[float]:
    """Return the left edge of each column."""
    lefts: dict[int, float] = {}
    for row in table.rows:
        for cell in row.cells:
            if cell.column_span == 1:
                lefts[cell.column] = min(lefts.get(cell.column, cell.pieces[0].x0), cell.pieces[0].x0)
    return [lefts[column] for column in sorted(lefts)]
