"""Lines that stand on the pages rather than in the text: running heads, footers, page numbers, stamps."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from .headings import is_named
from .model import Kind
from .sections import LineRow, PageRows

_MARGIN = 0.14
"""Share of the page's height, at the top and at the bottom, in which running heads stand."""
_NUMBER = re.compile(r"(?:page\s+)?[-–—]?\s*(?:\d{1,5}|[ivxl]{1,6})\s*[-–—]?(?:\s*(?:of|/)\s*\d{1,5})?", re.IGNORECASE)
_IMPRINT = re.compile(
    r"©|\(c\) \d{4}|\bISSN\b|\bISBN\b|downloaded (?:from|on|by)|licensed use|all rights reserved|97[89]-", re.I
)
_NUMBERED = re.compile(r"\d{1,4}\s+\D.*|.*\D\s+\d{1,4}")


def mark_running(pages: Sequence[PageRows]) -> None:
    """Set the kind of all running heads. A line counts that repeats, but for numbers, in the margin of other pages."""
    repeated: Counter[str] = Counter()
    for page in pages:
        repeated.update({_key(row) for row in _margin(page)})
    enough = 2 if len(pages) < 5 else 3
    for page in pages:
        margin = list(_margin(page))
        for row in margin:
            if _NUMBER.fullmatch(row.text.strip()) or repeated[_key(row)] >= enough or _IMPRINT.search(row.text):
                row.kind = Kind.RUNNING_HEAD
        last = max(page.rows, key=lambda row: row.middle, default=None)
        if last is not None and last.top > 0.75 * page.height and _NUMBER.fullmatch(last.text.strip()):
            last.kind = Kind.RUNNING_HEAD
        top = margin[0] if margin else None
        if top is not None and top.kind is Kind.TEXT and _stands_apart(top, page.rows):
            top.kind = Kind.RUNNING_HEAD


def _key(row: LineRow) -> str:
    """Return the line without its numbers.

    On some pages the page number is read as part of it, on others it stands alone.
    """
    return re.sub(r"\d+", "#", row.text).casefold().strip("# ") or "#"


def _margin(page: PageRows) -> Iterator[LineRow]:
    """Yield the first and last rows of a page that lie in its margins, from top to bottom."""
    rows = sorted(page.rows, key=lambda row: row.middle)
    yield from (row for row in rows[:4] if row.bottom < _MARGIN * page.height)
    yield from (row for row in rows[4:][-6:] if row.top > (1 - _MARGIN) * page.height)


def _stands_apart(row: LineRow, rows: Sequence[LineRow]) -> bool:
    """Return whether a line with a page number is set off from what follows: a running head of a page that came alone."""
    if not _NUMBERED.fullmatch(row.text) or len(row.text) > 100 or row.bold or is_named(row.text):
        return False  # `2 Methods` at the top of a page is a heading
    below = min((other for other in rows if other.top > row.bottom - 1), key=lambda other: other.top, default=None)
    return below is not None and below.top - row.bottom > 0.8 * row.size and row.size < 1.05 * below.size
