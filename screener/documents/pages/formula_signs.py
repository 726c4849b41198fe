"""Point, comma and slash of TeX's formulas, whose font has them where others have colon, semicolon and equals sign."""

import ctypes
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pypdfium2.raw as raw

from .objects import address

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

_SIGNS = {":": ".", ";": ",", "=": "/"}
"""The places 58, 59 and 61 of TeX's math italic: D. E. Knuth, The TeXbook, appendix F."""
_SIGN = re.compile("[:;=]")
_BETWEEN = re.compile(r"(?<=\d)[:;=](?=[\dA-Za-z])")
_NAME = ctypes.create_string_buffer(8)
_FLAGS = ctypes.c_int()


def with_formula_signs(page: "PdfTextPage", text: str, indices: Sequence[int]) -> str:
    """Return the text of a page, one character for one, with the signs that TeX's math italic draws.

    A file names them, but for the pictures of letters of TeX's old fonts. There, `0:15` is 0.15 if its digits are of one
    font and the sign of another, and `1=m` is 1/m if the sign is of the font of the letter. What is in that font
    is read so all over the page.
    """
    fonts: set[int] = set()
    for match in _BETWEEN.finditer(text):
        at = match.start()
        before, sign, behind = (_font(page, indices[place]) for place in (at - 1, at, at + 1))
        fits = sign and sign != before and behind == (before if text[at + 1].isdigit() else sign)
        if fits and sign not in fonts and not _has_name(page, indices[at]):
            fonts.add(sign)
    if not fonts:
        return text
    return _SIGN.sub(lambda sign: _SIGNS[sign[0]] if _font(page, indices[sign.start()]) in fonts else sign[0], text)


def _font(page: "PdfTextPage", index: int) -> int:
    """Return which font a character is in, 0 where there is none."""
    shown = raw.FPDFText_GetTextObject(page.raw, index) if index >= 0 else None
    return address(raw.FPDFTextObj_GetFont(shown)) if shown else 0


def _has_name(page: "PdfTextPage", index: int) -> bool:
    return bool(raw.FPDFText_GetFontInfo(page.raw, index, _NAME, len(_NAME), _FLAGS) > 1)
