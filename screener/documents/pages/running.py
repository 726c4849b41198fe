"""Lines that stand on the pages rather than in the text: running heads, footers, page numbers, stamps."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..headings import NUMBERED, is_named
from ..model import Kind
from .sections import LineRow, PageRows

_MARGIN = 0.14
"""Share of the page's height, at the top and at the bottom, in which running heads stand."""
_MOVED = 0.02
"""Share of the page's height by which a running head may move from page to page, as in a scan."""
_LARGE = 1.2
"""Height of a font, in heights of the text's, from which a line on the first pages is a title."""
_NUMBER = re.compile(r"(?:page\s+)?[-–—]?\s*(?:\d{1,5}|[ivxl]{1,6})\s*[-–—]?(?:\s*(?:of|/)\s*\d{1,5})?", re.IGNORECASE)
_IMPRINT = re.compile(
    r"©|\(c\) \d{4}|\bISSN\b|\bISBN\b|downloaded (?:from|on|by)|licensed use|all rights reserved|97[89]-", re.I
)
_NUMBERED = re.compile(r"\d{1,4}\s+\D.*|.*\D\s+\d{1,4}")
_CAPTION = re.compile(r"(?:table|fig(?:ure|\.)?|[表图圖図])\s*\d", re.IGNORECASE)
_FIGURES = re.compile(r"\d+")
_Numbered = tuple[int, LineRow, list[str]]
"""The place of a page, a line on it, and the numbers in the line."""


def mark_running(pages: Sequence[PageRows]) -> None:
    """Set the kind of all running heads: lines that repeat in the same place of other pages, and page numbers.

    Only the number of the page may be another one: rows of a table that differ by their figures are none.
    """
    margins = [list(_margin(page)) for page in pages]
    alike: defaultdict[str, list[_Numbered]] = defaultdict(list)
    for number, margin in enumerate(margins):
        for row in margin:
            alike[_key(row)].append((number, row, _FIGURES.findall(row.text)))
    enough = 2 if len(pages) < 5 else 3
    body = _body(pages)
    shift = _shift(margins)
    for number, (page, margin) in enumerate(zip(pages, margins, strict=True)):
        heads = []
        for row in margin:
            title = number < 2 and row.size > _LARGE * body
            if _IMPRINT.search(row.text) or (not title and _stands_on(enough, row, number, alike[_key(row)], page)):
                heads.append(row)
        for row in _without_tables(heads, page):
            row.kind = Kind.RUNNING_HEAD
        _mark_numbers(page, margin, number, shift)
        top = margin[0] if margin else None
        if (
            top is not None
            and top.kind is Kind.TEXT
            and _stands_apart(top, [row for row in page.rows if not row.turned])
        ):
            top.kind = Kind.RUNNING_HEAD


def _key(row: LineRow) -> str:
    """Return the line without its numbers.

    On some pages the page number is read as part of it, on others it stands alone.
    """
    return _FIGURES.sub("#", row.text).casefold().strip("# ") or "#"


def _body(pages: Sequence[PageRows]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for row in page.rows:
            sizes[round(row.size, 1)] += len(row.text)
    return sizes.most_common(1)[0][0] if sizes else 1.0


def _stands_on(enough: int, row: LineRow, number: int, alike: Sequence[_Numbered], page: PageRows) -> bool:
    """Return whether a line of a page stands on so many pages, by the lines with the same words."""
    on, mine = {number}, _FIGURES.findall(row.text)
    for n, other, its in alike:
        if n not in on and _repeats((row, mine), (other, its), n - number, page.height):
            on.add(n)
            if len(on) >= enough:
                return True
    return False


def _repeats(line: tuple[LineRow, list[str]], same: tuple[LineRow, list[str]], pages: int, height: float) -> bool:
    """Return whether a line with the same words, `pages` further on, is the same but for the page's number; both with
    their numbers.
    """
    (row, mine), (other, its) = line, same
    if row.right and (abs(row.top - other.top) > _MOVED * height or not 0.75 < row.size / other.size < 1.33):
        return False
    if row.bold and NUMBERED.fullmatch(row.text) and mine[:1] == its[:1]:
        return False  # the heading of a chapter, on two pages
    if len(mine) == len(its):
        return _differ_by(mine, its, pages)
    longer, shorter = (mine, its) if len(mine) > len(its) else (its, mine)
    return len(longer) == len(shorter) + 1 and shorter in (longer[1:], longer[:-1])


def _differ_by(mine: list[str], its: list[str], pages: int) -> bool:
    """Return whether no number differs but one, by the pages between the two."""
    different = {(a, b) for a, b in zip(mine, its, strict=True) if a != b}
    return not different or (len(different) == 1 and all(int(b) - int(a) == pages for a, b in different))


def _without_tables(heads: list[LineRow], page: PageRows) -> list[LineRow]:
    """Return the rows that are neither captions nor lines of the table or paragraph that they stand close to."""
    kept = {id(row) for row in heads}
    rows = sorted((row for row in page.rows if not row.turned), key=lambda row: row.middle)
    inwards = list(pairwise(reversed([row for row in rows if row.middle < page.height / 2])))
    inwards += list(pairwise(row for row in rows if row.middle >= page.height / 2))
    for inner, outer in inwards:
        if id(outer) in kept and id(inner) not in kept and outer.right and not _IMPRINT.search(outer.text):
            gap = max(outer.top, inner.top) - min(outer.bottom, inner.bottom)
            alike = abs(inner.size - outer.size) < 0.05 * outer.size and inner.bold == outer.bold
            cells = len(outer.pieces) > 1 and len(inner.pieces) > 1 and gap < 1.2 * outer.size
            line = alike and len(outer.text) > 50 and gap < 0.6 * outer.size and abs(inner.x0 - outer.x0) < 1
            if gap >= 0 and (cells or line):
                kept.discard(id(outer))
    return [row for row in heads if id(row) in kept and not _CAPTION.match(row.text)]


def _shift(margins: Sequence[list[LineRow]]) -> int | None:
    """Return what the numbers of most pages are ahead of their place in the file; None where that is not to be told."""
    shifts: Counter[int] = Counter()
    for number, margin in enumerate(margins):
        shifts.update({_value(row) - number for row in margin if _NUMBER.fullmatch(row.text.strip()) and _value(row)})
    common = shifts.most_common(1)
    return common[0][0] if common and common[0][1] >= max(3, 0.5 * len(margins)) else None


def _value(row: LineRow) -> int:
    figures = _FIGURES.search(row.text)
    return int(figures[0]) if figures else 0


def _mark_numbers(page: PageRows, margin: list[LineRow], number: int, shift: int | None) -> None:
    """Set the kind of the numbers that nothing but running heads parts from the edge of the page."""
    rows = sorted((row for row in page.rows if not row.turned), key=lambda row: row.middle)
    edge = [row for row in rows if row.middle > 0.75 * page.height][-1:]
    for side in (rows, rows[::-1]):
        for row in side:
            if row.kind is Kind.RUNNING_HEAD:
                continue
            if not (row in margin or row in edge) or not (_of_two(row) or _is_number(row, number, shift)):
                break
            row.kind = Kind.RUNNING_HEAD


def _is_number(row: LineRow, number: int, shift: int | None) -> bool:
    alone = bool(_NUMBER.fullmatch(row.text.strip()))
    return alone and (shift is None or not _value(row) or _value(row) - number == shift)


def _of_two(row: LineRow) -> bool:
    """Return whether a row has the numbers of two pages on one sheet."""
    texts = [piece.text for piece in row.pieces]
    return len(texts) == 2 and all(text.isdecimal() for text in texts) and int(texts[1]) == int(texts[0]) + 1


def _margin(page: PageRows) -> Iterator[LineRow]:
    """Yield the first and last rows of a page that lie in its margins, from top to bottom."""
    rows = sorted((row for row in page.rows if not row.turned), key=lambda row: row.middle)
    yield from (row for row in rows[:4] if row.bottom < _MARGIN * page.height)
    yield from (row for row in rows[4:][-6:] if row.top > (1 - _MARGIN) * page.height)


def _stands_apart(row: LineRow, rows: Sequence[LineRow]) -> bool:
    """Return whether a line with a page number is set off from what follows: a running head of a page that came alone."""
    if not _NUMBERED.fullmatch(row.text) or len(row.text) > 100 or row.bold or is_named(row.text):
        return False  # `2 Methods` at the top of a page is a heading
    if len(_FIGURES.findall(row.text)) > 2 or _CAPTION.match(row.text):
        return False  # a row of a table
    below = min((other for other in rows if other.top > row.bottom - 1), key=lambda other: other.top, default=None)
    return below is not None and below.top - row.bottom > 0.8 * row.size and row.size < 1.05 * below.size
