"""Which lines are headings, and what their names say."""

import re

from screener.text.characters import UNSPACED

from .model import Kind
from .pages.sections import LineRow
from .reference_headings import is_label, is_references

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
_WEAK = frozenset({"data", "model", "method", "evaluation", "results", "background", "summary", "funding"})
"""Names that are also labels in figures: headings only where they are set as one."""
_NUMBER = re.compile(r"(?:(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.|[A-H]\.(?:\d{1,2}\.?)?|Appendix [A-H])\s+)(?=\S)")
NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.|[A-H]\.(?:\d++\.?)*+)\s+[A-Z][^.;]{2,90}[^.;,:\-\s]")
_RUN_IN = re.compile(r"((?i:abstract|keywords|index terms|summary))(?:\s*[.:—]|\s*[–-](?![a-z])|\s+[–-])")
"""A section whose heading opens its first line; `Abstract-level screening` has none."""
_AFTER_REFERENCES = re.compile(
    r"appendi|supplement|supporting information|acknowledg|biograph|about the author|extended data"
    r"|^\W*(?:online |star\W*|further |detailed )?methods\b|key resources table|resource availability|additional (?:information|file|material)|reporting summary|ethics"
    r"|\banhang\b|\bannexe?s?\b|\banexos?\b|\bap[ée]ndice|\bapêndice|\ballegat[oi]\b|\bbijlagen?\b|\bbilag(?:a|or|e)?\b"
    r"|\bliite|\bpříloh|\bzałącznik|\bprilo[gz]|\bek [a-z0-9]\b|приложени|додат[ок]|附录|附錄|付録|補足|부록|ملحق",
    re.I,
)
_FIRST_APPENDIX = re.compile(r"A(?:\.1)?[.:]?\s+[A-Z][^\W\d_]{2}")
"""How the first appendix is headed where it is only lettered."""
_AFFILIATION = re.compile(
    r"\b(?:universit|department|dept\b|institut|school of|hospital|college|laborator|centre|center|faculty|@)", re.I
)
_WORD = re.compile(rf"[^\W\d_]{{3}}|[{UNSPACED}\uac00-\ud7a3]{{2}}")
"""What a label in a formula or figure (`D⁻¹`) has not."""
_MARKDOWN = re.compile(r"#{1,6} \S")
_PIECES = 2
"""Pieces of a heading: its number and its words. More are labels side by side."""
_EQUATION = re.compile(r"=.*\(\d{1,3}\)$")
_LONGEST_NUMBER = 8
"""Characters of the number of a section: `A.2.10.`."""
_ENDED = (".", "!", "?", ":", ";", ".”", '."', ".)", ".]")


def ended(text: str) -> bool:
    """Return whether a text comes to an end where it ends, as a sentence does."""
    return text.rstrip().endswith(_ENDED)


def is_named(text: str) -> bool:
    words = _NUMBER.sub("", text, count=1).casefold().strip(" .:")
    return words in _NAMES or is_references(text)


def is_section(text: str) -> bool:
    """Return whether a line is named or numbered as the heading of a section is."""
    return is_named(text) or NUMBERED.fullmatch(text) is not None


def run_in_section(text: str) -> str:
    """Return the section whose heading opens a line (`Abstract. We …`); empty where none does."""
    match = _RUN_IN.match(text)
    return match[1].capitalize() if match else ""


def continues_heading(heading: LineRow, row: LineRow) -> bool:
    """Return whether a row is the next line of a heading."""
    return (
        -0.5 * row.size < row.top - heading.bottom
        and min(heading.x1, row.x1) > max(heading.x0, row.x0)
        and abs(heading.size - row.size) < 0.05 * row.size
        and heading.bold == row.bold
        and row.top - heading.bottom < 0.7 * row.size
        and not NUMBERED.fullmatch(row.text)
        and not is_named(row.text)
        and not is_named(heading.text)
    )


def chapter(text: str) -> int:
    """Return the number of the chapter that a heading opens; 0 where it opens none, but a part of one."""
    match = re.match(r"(\d{1,2})(?=\.?\s)", text)
    return int(match[1]) if match else 0


def ends_references(row: LineRow, body: float, references_size: float) -> bool:
    """Return whether a row in the references is the heading of what follows them: set as a heading, and named as one."""
    set_off = row.bold or row.size > 1.05 * body or row.text.isupper()
    return (
        len(row.text) < 90
        and set_off
        and row.size >= 0.97 * references_size
        and bool(_AFTER_REFERENCES.search(row.text) or (row.opens and _FIRST_APPENDIX.match(row.text)))
    )


def is_heading(row: LineRow, before: LineRow | None, after: LineRow | None, body: float, last: int) -> bool:
    """Return whether a row outside the references is a heading. `last` is the number of the chapter it is in."""
    text = row.text
    short = len(text) < 3 and not is_references(text)
    if len(row.pieces) > _PIECES or len(text) > 150 or short or not any(character.isalpha() for character in text):
        return False
    large = row.size > 1.12 * body
    if len(row.pieces) == _PIECES and not large and len(row.pieces[0].text) > _LONGEST_NUMBER:
        return False
    capitals = text.isupper()
    if is_named(text):
        if before is not None and text[0].islower() and not row.opens and not ended(before.text):
            return False  # the last word of a sentence
        weak = text.casefold() in _WEAK or is_label(text)
        return not row.right or not weak or row.bold or capitals or row.size > 1.05 * body
    if not row.right and _MARKDOWN.match(text):
        return True
    if before is not None and before.kind is Kind.HEADING and continues_heading(before, row):
        set_off = row.bold or large or (capitals and before.text.isupper())
        if set_off:
            return True
    if ended(text) or text.endswith((",", "-")) or text[0].islower() or not text[0].isalnum() or _EQUATION.search(text):
        return False
    if large:
        return sum(character.isalpha() for character in text) > 0.5 * len(text)
    # A line that fills its column and goes on below in other type is the beginning of a paragraph or an item.
    full = row.x1 > row.right - 0.08 * (row.right - row.left) > 0
    alike = after is not None and ((row.bold and after.bold) or (capitals and after.text.isupper()))
    if full and after is not None and not after.opens and not alike:
        return False
    numbered = NUMBERED.fullmatch(text)
    if row.bold:
        return bool(row.opens and (len(text) < 100 or numbered) and _WORD.search(text))
    # Without type to tell by, `9 Extreme difference` is a heading only where chapter 8 came before.
    if not numbered or len(text.split()) > 12 or not (last <= chapter(text) <= last + 1 or chapter(text) == 0):
        return False
    alone = after is None or after.opens or after.text[0].isupper()
    fresh = before is None or ended(before.text) or before.kind is not Kind.TEXT
    return fresh and alone and ": " not in text and (row.opens or capitals or not row.right)


def opens_after_references(text: str) -> bool:
    """Return whether a heading names what follows the references: an appendix, acknowledgements, methods, …"""
    return bool(_AFTER_REFERENCES.search(text))


def is_affiliation(text: str) -> bool:
    """Return whether a line names where an author works."""
    return bool(_AFFILIATION.search(text))
