"""What each row of a document is, and the section it belongs to.

The rules work on places where the reader gave places; for plain text, whose rows have none to speak of, the same
rules work on words alone.
"""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from .model import Kind, is_references
from .parts import Page, Row

_CAPTION = re.compile(
    r"(?:(?i:supplementary |supplemental |extended data |appendix ))?"
    r"(?:[FTSALB](?i:ig(?:ure|\.)?|able|ab\.|cheme|lgorithm|isting|ox))"
    r"\s*(?:[A-Za-z]?\.?\d+(?:\.\d+)*[a-z]?|[IVXL]+)\b\s*(?P<mark>[.:|–—-])?\s*(?P<next>\S)?"
)
_NAMES = frozenset({
    "abstract", "summary", "keywords", "introduction", "background", "related work", "related works",
    "literature review", "method", "methods", "methodology", "materials and methods", "methods and materials", "data",
    "datasets", "data and methods", "model", "experiments", "experimental setup", "experiments and results",
    "results", "results and discussion", "evaluation", "discussion", "limitations", "conclusion", "conclusions",
    "discussion and conclusion", "conclusion and future work", "future work", "acknowledgements", "acknowledgments",
    "acknowledgement", "acknowledgment", "funding", "data availability", "code availability", "ethics statement",
    "data availability statement", "data and code availability", "availability of data and materials", "declarations",
    "author contributions", "competing interests", "conflict of interest", "conflicts of interest", "appendix",
    "appendices", "supplementary material", "supplementary materials", "supplementary information",
    "supporting information", "orcid ids", "",
})  # fmt: skip
_NUMBER = re.compile(r"(?:(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.|[A-H]\.(?:\d{1,2}\.?)?|Appendix [A-H])\s+)(?=\S)")
_NUMBERED = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.|[A-H]\.(?:\d{1,2}\.?)*)\s+[A-Z][^.;]{2,90}[^.;,:\-\s]"
)
_RUN_IN = re.compile(r"(abstract|keywords|index terms|summary)\s*[.:—–-]", re.IGNORECASE)
_AFTER_REFERENCES = re.compile(
    r"(?:appendi|supplement|supporting information|acknowledg|biograph|about the author)", re.I
)
_ENTRY = re.compile(r"(?:\[\w{1,6}\+?\]|\(?\d{1,3}[.)]|\d{1,3}\s(?=[A-Z]))\s*")
_MARKER = re.compile(r"[\[(]?(?:\w{1,3}(?:\.\d{1,2}){0,3}|[ivxIVX]{1,5})[\]).:]*|Q\d+[.:]?")
_BULLET = re.compile(r"[•·▪◦∙●○■□▸►➢✓–—*†‡§-]|o|[\ue000-\uf8ff]")
_AFFILIATION = re.compile(
    r"\b(?:universit|department|dept\b|institut|school of|hospital|college|laborator|centre|center|faculty|@)", re.I
)
_EQUATION = re.compile(r"\(\s*[A-Z]?\.?\d{1,3}(?:\.\d{1,2})?[a-z]?\s*\)")
_FOOTNOTE = re.compile(
    r"\d{1,2}(?=[a-z])|(?:\d{1,2}|[a-z]\b)[ )]?\s*[A-Z(\"“]|[*∗†‡§¶#]|(?:\d{1,2}\s?)?https?:|(?i:e-?mail|doi|corresponding author|correspondence)"
)
_ITEM = re.compile(r"(?:[^\w\s(\"“]|\(?\w{1,2}[.)]?)\s")
"""The beginning of an item in a list, whose further lines are set in."""
_FIGURES = re.compile(r"[-−–+±<>≤≥~(\[]*\d[\d.,:/%]*[)\]%*†‡]*")
_FIGURE = re.compile(rf"(?:^|\s){_FIGURES.pattern}(?:\s|$)")
_MARKDOWN = re.compile(r"#{1,6} \S")
_ENDED = (".", "!", "?", ":", ";", ".”", '."', ".)", ".]")


def ended(text: str) -> bool:
    """Whether a text comes to an end where it ends, as a sentence does."""
    return text.rstrip().endswith(_ENDED)


def label(pages: Sequence[Page]) -> None:
    """Set kind, section and beginnings of every row that is not a running head yet."""
    body = _body_size(pages)
    spacing = _spacing(pages)
    section, references_size = "", 0.0
    in_references = False
    last = 0
    heading: list[Row] = []
    for number, page in enumerate(pages):
        rows = [row for row in page.rows if row.kind is not Kind.RUNNING_HEAD]
        _mark_openings(rows, spacing)
        _mark_captions(rows, spacing)
        _mark_tables(rows)
        _mark_footnotes(rows, body, page.height)
        tables = any(row.kind is Kind.CAPTION and row.text[:3].lower() == "tab" for row in rows)
        before: Row | None = None
        for place, row in enumerate(rows):
            after = rows[place + 1] if place + 1 < len(rows) and rows[place + 1].column == row.column else None
            front = number == 0 and not section
            if row.kind is Kind.TABLE_ROW and front and not tables and not _FIGURE.search(row.text):
                row.kind = Kind.TEXT  # authors side by side
            if row.kind is Kind.TEXT and (
                _ends_references(row, body, references_size)
                if in_references and not _is_named(row.text)
                else _is_heading(row, before, after, body, last) and not (front and _AFFILIATION.search(row.text))
            ):
                row.kind = Kind.HEADING
                last = _chapter(row.text) or last
                goes_on = before is not None and before.kind is Kind.HEADING and _goes_on(before, row)
                row.opens = not goes_on
                heading = [*heading, row] if goes_on else [row]
                named = not front or _is_named(row.text) or _NUMBERED.fullmatch(row.text)
                if goes_on and section and before is not None:
                    section = f"{section} {row.text}"
                    for line in heading:
                        line.section = section
                    in_references = in_references or is_references(section)
                elif named:  # what is set large before the first section is the title
                    section = row.text
                    in_references = is_references(section)
                if in_references:
                    references_size = row.size
            elif row.kind is Kind.TEXT and (found := _RUN_IN.match(row.text)) and not in_references:
                section, row.opens = found[1].capitalize(), True
            row.section = section
            if in_references and row.kind is not Kind.HEADING:
                if tables and row.kind in (Kind.CAPTION, Kind.TABLE_ROW):
                    row.section = ""  # a table that floated in among the references is the paper's own
                else:
                    row.kind = Kind.REFERENCE
                    row.opens = _opens_entry(row, before)
            before = row
    if not any(row.kind is Kind.REFERENCE for page in pages for row in page.rows):
        _unnamed_references(pages)


def _opens_entry(row: Row, before: Row | None) -> bool:
    """Whether an entry of the references begins: by its number, or by its lines after the first being set in."""
    if before is None or before.column != row.column or _ENTRY.match(row.text):
        return True
    indent = row.x0 - before.x0
    return indent < -0.5 * row.size or (row.opens and indent < 0.5 * row.size)


def _body_size(pages: Sequence[Page]) -> float:
    """The height of the font in which most characters are set."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for row in page.rows:
            sizes[round(row.size * 2) / 2] += len(row.text)
    return sizes.most_common(1)[0][0] if sizes else 1.0


def _spacing(pages: Sequence[Page]) -> float:
    """The usual space between two lines of a paragraph, in points."""
    gaps = [
        below.top - above.bottom
        for page in pages
        for above, below in zip(page.rows, page.rows[1:], strict=False)
        if above.column == below.column and -above.size < below.top - above.bottom < 2 * above.size
    ]
    return median(gaps) if gaps else 0.0


def _mark_openings(rows: Sequence[Row], spacing: float) -> None:
    before: Row | None = None
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


def _mark_captions(rows: Sequence[Row], spacing: float) -> None:
    inside: Row | None = None
    for row in rows:
        found = _CAPTION.match(row.text)
        if found and (row.opens or (found["mark"] and found["next"])) and not (found["next"] or "").islower():
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


def _cells(row: Row) -> bool:
    """Whether the pieces of a row may be cells, rather than a marker and its text or an equation and its number.

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
        (_MARKER.fullmatch(pieces[0].text) and (len(pieces[1].text) > 20 or _is_named(pieces[1].text)))
        or _CAPTION.match(pieces[0].text)
    ):
        return False
    return len(row.text) < 45 * len(pieces)


def _mark_tables(rows: Sequence[Row]) -> None:
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
        under = any(
            row.kind is Kind.CAPTION and row.text[:3].lower() == "tab" for row in rows[max(0, start - 4) : start]
        )
        if sum(cells[start : last + 1]) >= (1 if under or not rows[start].right else 2):
            for row in rows[_head(rows, start) : last + 1]:
                row.kind, row.opens = Kind.TABLE_ROW, True
        start = last + 1


def _head(rows: Sequence[Row], start: int) -> int:
    """Where a table begins whose first row of cells is at `start`: its head may be set without gaps to be seen."""
    for first in range(start - 1, max(start - 4, -1), -1):
        row, below = rows[first], rows[first + 1]
        if row.kind is not Kind.TEXT or row.column != below.column or ended(row.text) or len(row.text) > 120:
            break
        if row.top < below.top and below.top - row.bottom > 0.9 * row.size:
            break
        if row.opens:
            return first
    return start


def _mark_footnotes(rows: Sequence[Row], body: float, height: float) -> None:
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


def _is_named(text: str) -> bool:
    words = _NUMBER.sub("", text, count=1).casefold().strip(" .:")
    return words in _NAMES or is_references(text)


def _goes_on(heading: Row, row: Row) -> bool:
    """Whether a row is the next line of a heading."""
    return (
        -0.5 * row.size < row.top - heading.bottom
        and min(heading.x1, row.x1) > max(heading.x0, row.x0)
        and abs(heading.size - row.size) < 0.05 * row.size
        and heading.bold == row.bold
        and row.top - heading.bottom < 0.7 * row.size
        and not _NUMBERED.fullmatch(row.text)
        and not _is_named(row.text)
        and not _is_named(heading.text)
    )


def _chapter(text: str) -> int:
    """The number of the chapter that a heading opens; 0 where it opens none, but a part of one."""
    found = re.match(r"(\d{1,2})(?=\.?\s)", text)
    return int(found[1]) if found else 0


def _ends_references(row: Row, body: float, references_size: float) -> bool:
    """Whether a row in the references is the heading of what follows them: set as a heading, and named as one."""
    set_off = row.bold or row.size > 1.05 * body or row.text.isupper()
    return (
        len(row.text) < 90
        and set_off
        and row.size >= 0.97 * references_size
        and bool(_AFTER_REFERENCES.search(row.text))
    )


def _is_heading(row: Row, before: Row | None, after: Row | None, body: float, last: int) -> bool:
    """Whether a row outside the references is a heading. `last` is the number of the chapter it is in."""
    text = row.text
    if len(text) > 150 or len(text) < 3 or not any(character.isalpha() for character in text):
        return False
    if _is_named(text) or (not row.right and _MARKDOWN.match(text)):
        return True
    large = row.size > 1.12 * body
    capitals = text.isupper()
    if before is not None and before.kind is Kind.HEADING and _goes_on(before, row):
        set_off = row.bold or large or (capitals and before.text.isupper())
        if set_off:
            return True
    if ended(text) or text.endswith((",", "-")) or text[0].islower() or not text[0].isalnum():
        return False
    if large:
        return sum(character.isalpha() for character in text) > 0.5 * len(text)
    # A line that fills its column and goes on below in other type is the beginning of a paragraph or an item.
    full = row.x1 > row.right - 0.08 * (row.right - row.left) > 0
    alike = after is not None and ((row.bold and after.bold) or (capitals and after.text.isupper()))
    if full and after is not None and not after.opens and not alike:
        return False
    numbered = _NUMBERED.fullmatch(text)
    if row.bold:
        return bool(row.opens and (len(text) < 100 or numbered))
    # Without type to tell by, `9 Extreme difference` is a heading only where chapter 8 came before.
    if not numbered or len(text.split()) > 12 or not (last <= _chapter(text) <= last + 1 or _chapter(text) == 0):
        return False
    alone = after is None or after.opens or after.text[0].isupper()
    fresh = before is None or ended(before.text) or before.kind is not Kind.TEXT
    return fresh and alone and ": " not in text and (row.opens or capitals or not row.right)


def _unnamed_references(pages: Sequence[Page]) -> None:
    """Find a list of references that no heading announces: entries [1], [2], [3], ... in the last part."""
    rows = [row for page in pages for row in page.rows if row.kind is Kind.TEXT]
    for start in range(len(rows) * 6 // 10, len(rows)):
        if not rows[start].text.startswith("[1]"):
            continue
        numbers = [int(found[1]) for row in rows[start:] if (found := re.match(r"\[(\d{1,3})\]", row.text))]
        if len(numbers) >= 5 and numbers[:5] == [1, 2, 3, 4, 5]:
            for row in rows[start:]:
                row.kind, row.section = Kind.REFERENCE, "References"
                row.opens = row.opens or bool(_ENTRY.match(row.text))
            return
