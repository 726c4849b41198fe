"""Which digits with blanks, commas or apostrophes between them are one number: `18 885`, `18, 885`, `1’234`.

One to three digits that do not begin with zero and groups of three behind them are one number

- where a blank that does not break (thin, figure, no-break) or an apostrophe parts them,
- where an ordinary blank parts them and a word or mark follows in the line (`18 885 clips`); else they may be cells,
- where a comma and a blank, as TeX sets a comma in formulas, or a comma and a line end part them, once.

With an ordinary blank or a comma they are two behind a word that numbers things and a month (`tables 3, 100 patients`),
in a list that goes on (`12, 345, 678`; `18, 885 and 900`), in square brackets and before a per cent. Behind a measure
(`batch size of 32, 100 epochs`), in round brackets and where a number is a part of another (`of the 12, 100 were`) they may
be either.
"""

import re
from collections.abc import Iterator
from typing import Literal

from .characters import SOLID_BLANKS, UNSPACED

FREE = rf"(?<![^\W{UNSPACED}])(?<![.·])(?<![^\W\d_][-‐‑/])(?<!\d[,'’])"
"""What a number may stand behind: the 34 of `ResNet-34` and the 16 of `ViT-S/16` are parts of names, the 10 of `5-10`
and of `n = 10` are not; and what stands behind `3,` is the end of a number or of a list that began before."""
GROUPED = (
    rf"[1-9]\d{{0,2}}(?:(?P<apart>[{SOLID_BLANKS}'’ ])\d{{3}}(?:(?P=apart)\d{{3}})*"
    rf"|(?P<comma>,(?:[{SOLID_BLANKS} ]|[^\S\n]*\n[^\S\n]*))\d{{3}})(?!\d)"
    r"(?(comma)(?:[.·]\d+)?|(?:[.·]\d+|,\d{1,2})?)(?![.,·'’]?\d)"
)
"""Digits in groups that something parts, as a part of a verbose pattern but for its blanks."""
_GROUPED = re.compile(FREE + GROUPED)

Reading = Literal["one", "either", "two"]

_NUMBERED = re.compile(
    r"\b(?:tab(?:le|\.)?|fig(?:ure|\.)?|section|sec\.?|chapter|appendix|eq(?:uation|\.)?|ref(?:erence|\.)?|note|page|pp?\."
    r"|volume|vol\.?|issue|no\.?|nr\.?|step|phase|stage|part|panel|box|item|line|row|column|layer|level|grade|class|type"
    r"|ward|site|centre|center|group|arm|cohort|fold|week|month|day|year|visit|study|trial|experiment|version|model"
    r"|jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)(?:s|es)?\.?\s*\Z",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"\b(?:(?<!sample )size|rate|length|width|depth|height|dimension|age|aged|dropout|kernel|stride|window|order|degree"
    r"|score|factor|seed|rank|unit)s?\s*(?:of|is|was|were|are|to|=|:)?\s*\Z",
    re.IGNORECASE,
)
_PART_OF = re.compile(r"\bof\s+(?:the|these|those|them|all)\s*\Z", re.IGNORECASE)
_SAID_OF_THEM = re.compile(r"\s+(?:were|was|are|is|had|have|has|did|died|could|showed|underwent|completed|received)\b")
_LISTED_BEFORE = re.compile(r"\d\s*[,;/]\s*\Z")
_LISTED_BEHIND = re.compile(r"\s*[,;/]\s*(?:(?:and|or|&)\s+)?\d|\s+(?:and|or|&)\s+(?![1-9]\d{0,2},\s\d{3}\b)\d|\s?[%‰]")
_WORD_BEHIND = re.compile(r"[^\S\n\r\f\t]*[.,;:)\]]|(?:[^\S\n\r\f\t]|-)*[^\W\d_]")
"""What stands behind a whole number, and not between the cells or at the end of a row."""
_NEAR = 40


def reading_of(text: str, match: re.Match[str]) -> Reading:
    """Return how digits that `GROUPED` matches in `text` are read."""
    apart, (start, end) = match["apart"], match.span("digits" if "digits" in match.re.groupindex else 0)
    if apart is not None and apart != " ":
        return "one"
    before = text[max(0, start - _NEAR) : start]
    if _NUMBERED.search(before):
        return "two"
    if apart is not None:
        return "one" if _WORD_BEHIND.match(text, end) else "either"
    bracketed = text[start - 1 : start] + text[end : end + 1]
    if bracketed == "[]" or _LISTED_BEFORE.search(before) or _LISTED_BEHIND.match(text, end):
        return "two"
    counted = _PART_OF.search(before) and _SAID_OF_THEM.match(text, end)
    return "either" if bracketed == "()" or counted or _MEASURE.search(before) else "one"


def digits_of(match: re.Match[str]) -> str:
    """Return what `GROUPED` matches as digits without anything between them but a decimal point or comma."""
    digits = match["digits"] if "digits" in match.re.groupindex else match[0]
    return digits.replace(match["apart"] or match["comma"], "")


def wholes(text: str, begin: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """Yield digits with something between them that are one number and nothing else, in `text[begin:end]`."""
    for match in _GROUPED.finditer(text, begin, len(text) if end is None else end):
        if reading_of(text, match) == "one":
            yield match
