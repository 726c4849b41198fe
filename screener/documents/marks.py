"""What the shape of a page tells of its rows: where paragraphs begin, captions, rows of tables, footnotes."""

import re
from collections.abc import Sequence

from .headings import ended, is_named
from .model import Kind
from .sections import LineRow

_CAPTION = re.compile(
    r"(?:(?i:supplementary |supplemental |extended data |appendix ))?"
    r"(?:[FTSALB](?i:ig(?:ure|\.)?|able|ab\.|cheme|lgorithm|isting|ox))"
    r"\s*(?:[A-Za-z]?\.?\d+(?:\.\d+)*[a-z]?|[IVXL]+)\b\s*(?P<mark>[.:|–—-])?\s*(?P<next>\S)?"
)
_MARKER = re.compile(r"[\[(]?(?:\w{1,3}(?:\.\d{1,2}){0,3}|[ivxIVX]{1,5})[\]).:]*|Q\d+[.:]?")
_BULLET = re.compile(r"[•·▪◦∙●○■□▸►➢✓–—*†‡§-]|o|[\ue000-\uf8ff]")
_EQUATION = re.compile(r"\(\s*[A-Z]?\.?\d{1,3}(?:\.\d{1,2})?[a-z]?\s*\)")
_FOOTNOTE = re.compile(
    r"\d{1,2}(?=[a-z])|(?:\d{1,2}|[a-z]\b)[ )]?\s*[A-Z(\"“]|[*∗†‡§¶#]|(?:\d{1,2}\s?)?https?:|(?i:e-?mail|doi|corresponding author|correspondence)"
)
_ITEM = re.compile(r"(?:[^\w\s(\"“]|\(?\w{1,2}[.)]?)\s")
"""The beginning of an item in a list, whose further lines are set in."""
_FIGURES = re.compile(r"[-−–+±<>≤≥~(\[]*\d[\d.,:/%⁰¹²³⁴-⁹⁻₀-₉]*[)\]%*†‡]*")
_FIGURE = re.compile(rf"(?:^|\s){_FIGURES.pattern}(?:\s|$)")


def mark_openings(rows: Sequence[LineRow], spacing: float) -> None:
    """Find where paragraphs begin, in rows whose lines usually have `spacing` points between them."""
    before: LineRow | None = None
    hanging = 0
    for row in rows:
        if before is None or before.column != row.column:
            # A paragraph that runs over a column's end goes on, unless its first line is set in.
            row.opens, hanging = True, 0
        else:
            indent = row.x0 - before.x0
            wide = row.size
            apart = row.top - before.bottom > spacing + 0.45 * wide
            short = before.x1 < row.right - 0.15 * (row.right - row.left) and ended(before.text)
            moved = abs(row.size - before.size) > 0.08 * max(row.size, before.size) and len(row.pieces) == 1
            inwards = 0.7 * wide < indent < 6 * wide and not _ITEM.match(before.text)
            row.opens = apart or short or moved or inwards or (indent < -0.7 * wide and hanging > 1)
            hanging = 0 if row.opens else hanging + 1
        before = row


def mark_captions(rows: Sequence[LineRow], spacing: float) -> None:
    """Find captions, to their last line."""
    inside: LineRow | None = None
    for row in rows:
        match = _CAPTION.match(row.text)
        if match and (row.opens or (match["mark"] and match["next"])) and not (match["next"] or "").islower():
            row.kind, row.opens, inside = Kind.CAPTION, True, row
        elif inside is not None:
            near = row.column == inside.column and row.top - inside.bottom < spacing + 0.35 * row.size
            alike = abs(row.size - inside.size) < 0.06 * row.size
            # `TABLE I` alone is followed by its title, which may be set in another size.
            alone = inside.opens and len(inside.text) < 12
            if near and (alike or alone) and len(row.pieces) == 1 and (not ended(inside.text) or not row.opens):
                row.kind, row.opens, inside = Kind.CAPTION, False, row
            else:
                inside = None


def _cells(row: LineRow) -> bool:
    """Return whether the pieces of a row may be cells, rather than a marker and its text or an equation and its number.

    A line of figures is a row whose gaps are too narrow to be seen.
    """
    pieces = row.pieces
    if row.kind is Kind.TEXT:
        words = row.text.split()
        figures = sum(bool(_FIGURES.fullmatch(word)) for word in words)
        if figures >= 3 and figures >= 0.6 * len(words):
            return True
    if len(pieces) < 2 or row.kind is not Kind.TEXT or _EQUATION.fullmatch(pieces[-1].text):
        return False
    if _BULLET.fullmatch(pieces[0].text):
        return False
    if len(pieces) == 2 and (
        (_MARKER.fullmatch(pieces[0].text) and (len(pieces[1].text) > 20 or is_named(pieces[1].text)))
        or _CAPTION.match(pieces[0].text)
    ):
        return False
    return len(row.text) < 45 * len(pieces)


def mark_tables(rows: Sequence[LineRow]) -> None:
    """Find rows of cells that stand together, with what little stands between them."""
    cells = [_cells(row) for row in rows]
    start = 0
    while start < len(rows):
        if not cells[start]:
            start += 1
            continue
        end, last = start + 1, start
        while end < len(rows) and end - last <= 2 and rows[end].column == rows[start].column:
            small = len(rows[end].text) < 40 and rows[end].kind is Kind.TEXT
            if cells[end]:
                last = end
            elif not small or rows[end].top - rows[end - 1].bottom > 1.5 * rows[end].size:
                break
            end += 1
        captioned = any(
            row.kind is Kind.CAPTION and row.text[:3].lower() == "tab" for row in rows[max(0, start - 4) : start]
        )
        if sum(cells[start : last + 1]) >= (1 if captioned or not rows[start].right else 2):
            for row in rows[_head(rows, start) : last + 1]:
                row.kind, row.opens = Kind.TABLE_ROW, True
        start = last + 1


def _head(rows: Sequence[LineRow], start: int) -> int:
    """Return where a table begins whose first row of cells is at `start`: its head may be set without gaps to be seen."""
    for first in range(start - 1, max(start - 4, -1), -1):
        row, below = rows[first], rows[first + 1]
        if row.kind is not Kind.TEXT or row.column != below.column or ended(row.text) or len(row.text) > 120:
            break
        if row.top < below.top and below.top - row.bottom > 0.9 * row.size:
            break
        if row.opens:
            return first
    return start


def mark_footnotes(rows: Sequence[LineRow], body: float, height: float) -> None:
    """Small print that begins with a mark and ends its column, in the lower part of the page."""
    for column in {row.column for row in rows}:
        part = [row for row in rows if row.column == column]
        first = len(part)
        while first and part[first - 1].kind is Kind.TEXT and part[first - 1].size < 0.93 * body:
            first -= 1
        while first < len(part) and not (part[first].top > 0.55 * height and _FOOTNOTE.match(part[first].text)):
            first += 1
        if sum(len(row.pieces) > 1 for row in part[first:]) > 1:
            continue  # a table of numbered rows
        for row in part[first:]:
            row.kind = Kind.FOOTNOTE
            row.opens = row.opens or bool(_FOOTNOTE.match(row.text))


def has_figures(text: str) -> bool:
    """Return whether a number stands alone in a row."""
    return bool(_FIGURE.search(text))
