"""What the shape of a page tells of its rows: where paragraphs begin, captions, footnotes."""

import re
from collections.abc import Sequence

from ..headings import ended
from ..model import Kind
from .sections import LineRow

_CAPTION = re.compile(
    r"(?:(?i:supplementary |supplemental |extended data |appendix ))?"
    r"(?:[FTSALB](?i:ig(?:ure|\.)?|able|ab\.|cheme|lgorithm|isting|ox))"
    r"\s*(?:[A-Za-z]?\.?\d+(?:\.\d+)*[a-z]?|[IVXL]+)\b\s*(?P<mark>[.:|–—-])?\s*(?P<next>\S)?"
)
_TABLE_SIGN, _FIGURE_SIGN = "[附续續補补]?[表표]", "[附续續補补]?(?:[图圖図]|그림)"
_SIGN_CAPTION = re.compile(
    rf"(?:{_TABLE_SIGN}|{_FIGURE_SIGN})\s?[A-Z]?[.-]?\d{{1,3}}(?:[-–.．－]\d{{1,3}})*[a-z]?"
    r"(?P<blank>\s*)(?P<mark>[.:：．。、|])?\s*(?P<next>\S)?"
)
"""A caption in Chinese, Japanese or Korean: `表 1-2`."""
_SIGN_PROSE = re.compile(
    r"[，,、。；;）)（(和与及與或到至~～所中为是的可显顯列给給展总總汇匯をにはのでとがも에은는의과]"
)
"""How a sentence goes on behind `表1`: "and", "shows", "in"."""
_SIGN_LONGEST = 80
"""Characters of one line of such a caption."""
_CONTINUED = re.compile(
    r"(?i:cont(?:inued|\.|['’]d)?(?: (?:from|on) (?:the )?(?:previous|preceding|last|next|following) page)?)\W*"
)
_MARKER = re.compile(r"[\[(]?(?:\w{1,3}(?:\.\d{1,2}){0,3}|[ivxIVX]{1,5})[\]).:]*|Q\d+[.:]?")
_BULLET = re.compile(r"[•·▪◦∙●○■□▸►➢✓–—*†‡§-]|o|[\ue000-\uf8ff]")
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
        if before is None or before.column != row.column or before.cells or row.cells:
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


def _is_prose(match: re.Match[str]) -> bool:
    """Return whether a sentence goes on after `Table 1`: in small letters, which are not `continued` alone."""
    small = (match["next"] or "").islower()
    return small and not _CONTINUED.fullmatch(match.string, match.start("next"))


def _caption(text: str) -> re.Match[str] | None:
    """Return how a line begins that may be a caption."""
    if (match := _CAPTION.match(text)) is not None:
        return None if _is_prose(match) else match
    match = _SIGN_CAPTION.match(text)
    if match is None or (not match["mark"] and _SIGN_PROSE.match(match["next"] or "") and not match["blank"]):
        return None
    return None if text.endswith(("。", "，", "；")) and not match["mark"] and not match["blank"] else match


def names_table(caption: str) -> bool:
    """Return whether a caption is that of a table."""
    return caption[:3].casefold() == "tab" or re.match(_TABLE_SIGN, caption) is not None


def names_figure(caption: str) -> bool:
    """Return whether a caption is that of a figure."""
    return caption[:3].casefold() == "fig" or re.match(_FIGURE_SIGN, caption) is not None


def is_continuation(text: str) -> bool:
    """Return whether a line says only that a table goes on, or comes from another page."""
    return _CONTINUED.fullmatch(text.lstrip("( ")) is not None


def is_caption(text: str) -> bool:
    """Return whether a line begins as a caption does."""
    match = _caption(text)
    if match is None:
        return False
    signs = match.re is _SIGN_CAPTION and len(text) < _SIGN_LONGEST
    return bool(match["mark"] or not match["next"]) or signs


def mark_captions(rows: Sequence[LineRow], spacing: float) -> None:
    """Find captions, to their last line."""
    inside: LineRow | None = None
    for row in rows:
        match = None if row.cells else _caption(row.text)
        if match and (row.opens or (match["mark"] and match["next"])):
            row.kind, row.opens, inside = Kind.CAPTION, True, row
        elif inside is not None:
            beside = row.right and (row.x0 >= inside.x1 or row.x1 <= inside.x0)
            near = row.column == inside.column and not beside and row.top - inside.bottom < spacing + 0.35 * row.size
            alike = abs(row.size - inside.size) < 0.06 * row.size
            # `TABLE I` alone is followed by its title, which may be set in another size.
            alone = inside.opens and len(inside.text) < 12
            if (
                near
                and (alike or alone)
                and len(row.pieces) == 1
                and not row.cells
                and (not ended(inside.text) or not row.opens)
            ):
                row.kind, row.opens, inside = Kind.CAPTION, False, row
            else:
                inside = None


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


def is_figure(word: str) -> bool:
    """Return whether a word is a number."""
    return _FIGURES.fullmatch(word) is not None


def is_bullet(text: str) -> bool:
    """Return whether a piece is the sign before an item of a list."""
    return _BULLET.fullmatch(text) is not None


def is_marker(text: str) -> bool:
    """Return whether a piece may number an item of a list."""
    return _MARKER.fullmatch(text) is not None


def has_figures(text: str) -> bool:
    """Return whether a number stands alone in a row."""
    return bool(_FIGURE.search(text))
