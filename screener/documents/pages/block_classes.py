"""What each row of a document is, and the section it belongs to.

The rules work on places where the reader gave places; for plain text, whose rows have none to speak of, the same
rules work on words alone.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ..grids.unruled import join_over_pages, link_captions, mark_tables
from ..headings import (
    NUMBERED,
    chapter,
    continues_heading,
    ends_references,
    is_affiliation,
    is_heading,
    is_named,
    run_in_section,
)
from ..model import Kind
from ..reference_headings import is_references
from .marks import has_figures, mark_captions, mark_footnotes, mark_openings, names_figure, names_table
from .sections import LineRow, PageRows

_ENTRY = re.compile(r"(?:\[\w{1,6}\+?\]|\(?\d{1,3}[.)](?!\d|$)|\d{1,3}\s(?=[A-Z]))\s*")


def label(pages: Sequence[PageRows]) -> None:
    """Set kind, section and beginnings of every row that is not a running head yet."""
    body = _body_size(pages)
    spacing = _spacing(pages)
    section, references_size = "", 0.0
    in_references = False
    last = 0
    heading: list[LineRow] = []
    for number, page in enumerate(pages):
        rows = [row for row in page.rows if row.kind is not Kind.RUNNING_HEAD]
        mark_openings(rows, spacing)
        mark_captions(rows, spacing)
        mark_tables(page, rows)
        mark_footnotes(rows, body, page.height)
        link_captions(page)
        tables = any(row.kind is Kind.CAPTION and names_table(row.text) for row in rows)
        previous: LineRow | None = None
        for place, row in enumerate(rows):
            following = rows[place + 1] if place + 1 < len(rows) and rows[place + 1].column == row.column else None
            front = number == 0 and not section
            if row.kind is Kind.TABLE_ROW and front and not tables and not has_figures(row.text):
                row.kind = Kind.TEXT  # authors side by side
            if row.kind is Kind.TEXT and (
                ends_references(row, body, references_size)
                if in_references and not is_named(row.text)
                else is_heading(row, previous, following, body, last)
                and not (front and is_affiliation(row.text))
                and not _labels_figure(rows, place, previous)
            ):
                row.kind = Kind.HEADING
                last = chapter(row.text) or last
                further = previous is not None and previous.kind is Kind.HEADING and continues_heading(previous, row)
                row.opens = not further
                heading = [*heading, row] if further else [row]
                named = not front or is_named(row.text) or NUMBERED.fullmatch(row.text)
                if further and section and previous is not None:
                    section = f"{section} {row.text}"
                    for line in heading:
                        line.section = section
                    in_references = in_references or is_references(section)
                elif named:  # what is set large before the first section is the title
                    section = row.text
                    in_references = is_references(section)
                if in_references:
                    references_size = row.size
            elif row.kind is Kind.TEXT and (run_in := run_in_section(row.text)) and not in_references:
                section, row.opens = run_in, True
            row.section = section
            if in_references and row.kind is not Kind.HEADING:
                if tables and row.kind in (Kind.CAPTION, Kind.TABLE_ROW):
                    row.section = ""  # a table that floated in among the references is the paper's own
                else:
                    row.kind = Kind.REFERENCE
            previous = row
        _mark_entries(rows)
    join_over_pages(pages)
    if not any(row.kind is Kind.REFERENCE for page in pages for row in page.rows):
        _unnamed_references(pages)


_LABEL = 60
"""Characters up to which a line may be words in a figure."""


def _labels_figure(rows: Sequence[LineRow], place: int, before: LineRow | None) -> bool:
    """Return whether nothing but words here and there stands between a line and the caption of a figure below it."""
    row = rows[place]
    goes_on = before is not None and before.kind is Kind.HEADING and continues_heading(before, row)
    if goes_on or is_named(row.text) or NUMBERED.fullmatch(row.text):
        return False
    for below in rows[place + 1 :]:
        if below.kind is Kind.CAPTION:
            return names_figure(below.text)
        if below.kind is not Kind.TEXT or below.column != row.column or len(below.text) > _LABEL * len(below.pieces):
            return False
        if is_named(below.text) or NUMBERED.fullmatch(below.text):
            return False
    return False


def _mark_entries(rows: Sequence[LineRow]) -> None:
    """Find where the entries of references begin."""
    first: LineRow | None = None
    for before, row in pairwise([None, *rows]):
        if row is not None and row.kind is Kind.REFERENCE:
            row.opens = _opens_entry(row, before, first)
            first = row if row.opens else first


def _opens_entry(row: LineRow, before: LineRow | None, first: LineRow | None) -> bool:
    """Return whether an entry begins: by its number, or by its lines after the first being set in."""
    if before is None or before.column != row.column or _ENTRY.match(row.text):
        return True
    if first is not None and first.column == row.column and row.x0 - first.x0 > 0.5 * row.size:
        return False
    indent = row.x0 - before.x0
    return indent < -0.5 * row.size or (row.opens and indent < 0.5 * row.size)


def _body_size(pages: Sequence[PageRows]) -> float:
    """Return the height of the font in which most characters are set."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for row in page.rows:
            sizes[round(row.size * 2) / 2] += len(row.text)
    return sizes.most_common(1)[0][0] if sizes else 1.0


def _spacing(pages: Sequence[PageRows]) -> float:
    """Return the usual space between two lines of a paragraph, in points."""
    gaps = [
        below.top - above.bottom
        for page in pages
        for above, below in zip(page.rows, page.rows[1:], strict=False)
        if above.column == below.column and -above.size < below.top - above.bottom < 2 * above.size
    ]
    return median(gaps) if gaps else 0.0


_NUMBERED_ENTRY = re.compile(r"\[\d{1,3}\]")
_AUTHOR = re.compile(
    r"(?:\[?\d{1,3}[\].)]*\s*)?(?:(?:[A-Z]\.[- ]?){1,3} ?[^\W\d_a-z][\w'’-]+|(?:(?:van|von|de|der|den|di|da|la|le|al) ){0,2}"
    r"[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)?,? (?:[A-Z]\.?[- ]?){1,3}(?![^\W\d_]))"
)
"""How an entry begins, with or without its number: `Alder P`, `Alder, P. J.`, `P. J. Alder`."""
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
_FEWEST = 5
"""Entries that make a list without a heading."""
_LONGEST_ENTRY = 600


def _unnamed_references(pages: Sequence[PageRows]) -> None:
    """Find a list of references that no heading announces: entries [1], [2], [3], ... or of authors and years in the
    last part, up to the next heading.
    """
    rows = [row for page in pages for row in page.rows if row.kind in (Kind.TEXT, Kind.HEADING)]
    part: list[LineRow] = []
    for place, row in enumerate([*rows, None]):
        if row is not None and row.kind is Kind.TEXT:
            if place >= len(rows) * 4 // 10:
                part.append(row)
        elif part:
            for entry in _entries(part):
                entry.kind, entry.section = Kind.REFERENCE, "References"
                entry.opens = entry.opens or bool(_ENTRY.match(entry.text))
            part = []


def _entries(rows: Sequence[LineRow]) -> Sequence[LineRow]:
    """Return the rows of a list of references that ends a section; none where it has no such list."""
    numbers = [
        (place, int(row.text[1 : row.text.index("]")]))
        for place, row in enumerate(rows)
        if _NUMBERED_ENTRY.match(row.text)
    ]
    first = next((place for place, number in numbers if number == 1), None)
    if first is not None and [number for place, number in numbers if place >= first][:_FEWEST] == [1, 2, 3, 4, 5]:
        return rows[first:]
    starts = [
        place for place, row in enumerate(rows) if place == 0 or row.opens or row.column != rows[place - 1].column
    ]
    texts = [
        " ".join(row.text for row in rows[start:end])
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)
    ]
    like = [bool(_AUTHOR.match(text) and _YEAR.search(text)) and len(text) < _LONGEST_ENTRY for text in texts]
    for number, start in enumerate(starts):
        if like[number] and sum(like[number:]) >= max(_FEWEST, 0.8 * len(like[number:])):
            return rows[start:]
    return ()
