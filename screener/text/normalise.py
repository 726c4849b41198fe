"""A normal form in which two typesettings of the same words are equal, with the way back to the source.

What a quote and its source may differ in without any change of meaning: case, white space (also around `=`, `<` and
before `%`, and none at all beside letters of scripts without spaces), bars between cells, the shape of hyphens, dashes
and quotation marks, ligatures, accents written as one or as two characters, hyphenation at the end of a line or page; a
raised number after a digit is written `⁵` or `^5`, after a word `⁵` or `5`, a power of ten `× 10⁻⁴` or `x 10-4`; what
parts the digits of one number (`18, 885`, `18 885`, `1’234`) is left out, but for the comma of `18,885`, which may be a
decimal one; a point of decimals may be set high (`0·913`), `±` typed `+/-`, and digits be those of another script. Digits, signs and words are never touched, so that equal normal forms say the same: `10²` is not `102`,
`−0.5` is not `0.5`.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import merge

from .characters import INVISIBLE, LINE_END_HYPHENS, UNSPACED
from .grouping import digits_of, wholes

_DASHES = dict.fromkeys("‐‑‒–―−﹘﹣-" + LINE_END_HYPHENS, "-")
_QUOTES = dict.fromkeys("‘’‚‛′`´ʼ", "'") | dict.fromkeys("“”„‟″«»", '"')
_SIGNS = {
    "≤": "<=",
    "⩽": "<=",
    "≦": "<=",
    "≥": ">=",
    "⩾": ">=",
    "≧": ">=",
    "≠": "!=",
    "∼": "~",
    "≃": "≈",
    "٫": ".",
    "٬": ",",
}
# A long dash parts two thoughts, with or without spaces around it; a short one may join two words.
_SHAPES = _DASHES | _QUOTES | _SIGNS | {"—": " - ", "…": "..."}
_INVISIBLE = re.compile(f"[{INVISIBLE}]")

Edit = tuple[int, int, str]
"""A replacement: the place in the old text, from and to, and the new characters."""


@dataclass(frozen=True)
class _Step:
    """One round of replacements: for each, where it begins and how long it is in the new text, and its old place.

    A long text has far fewer replacements than characters, which is why they are kept and not a place a character.
    """

    at: "array[int]" = field(default_factory=lambda: array("l"))
    size: "array[int]" = field(default_factory=lambda: array("l"))
    start: "array[int]" = field(default_factory=lambda: array("l"))
    end: "array[int]" = field(default_factory=lambda: array("l"))

    def back(self, index: int) -> tuple[int, int]:
        """Return the place in the old text of one character of the new one."""
        last = bisect_right(self.at, index) - 1
        if last < 0:
            return index, index + 1
        beyond = index - self.at[last] - self.size[last]
        if beyond < 0:
            return self.start[last], self.end[last]
        return self.end[last] + beyond, self.end[last] + beyond + 1


@dataclass(frozen=True)
class Normalised:
    """A text in normal form; `span` leads back to the source."""

    text: str
    steps: tuple[_Step, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the source of `text[start:end]`, which must not be empty."""
        for step in reversed(self.steps):
            start, end = step.back(start)[0], step.back(end - 1)[1]
        return start, end


def _rewrite(text: str, edits: Iterable[Edit]) -> tuple[str, _Step]:
    """Return the text with the edits made, which must come in order and not overlap."""
    pieces: list[str] = []
    step = _Step()
    last = shift = 0
    for start, end, replacement in edits:
        pieces += text[last:start], replacement
        step.at.append(start + shift)
        step.size.append(len(replacement))
        step.start.append(start)
        step.end.append(end)
        shift += len(replacement) - (end - start)
        last = end
    return "".join([*pieces, text[last:]]), step


@lru_cache(maxsize=4096)
def _shape(character: str) -> str:
    """Return what stands for one character in the normal form: none, one or several."""
    if _INVISIBLE.match(character):
        return ""
    if character in _SHAPES:
        return _SHAPES[character]
    if character.isascii():
        return character.lower()
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if "！" <= character <= "～":
        return unicodedata.normalize("NFKC", character).casefold()
    return unicodedata.normalize("NFD", character).casefold()


def _characters(source: str) -> tuple[str, list[Edit]]:
    """Return the source with every shape of one character replaced, and the edits that are left: all other lengths."""
    # Replacing whole texts a shape at a time is many times quicker than going from character to character.
    text = source.lower()
    if len(text) != len(source):
        text = source
    longer: list[str] = []
    for character in set(text):
        shape = _shape(character)
        if len(shape) != 1:
            longer.append(character)
        elif shape != character:
            text = text.replace(character, shape)
    if not longer:
        return text, []
    matches = re.finditer("[" + "".join(map(re.escape, sorted(longer))) + "]", text)
    return text, [(match.start(), match.end(), _shape(match.group())) for match in matches]


_MINUS = re.compile(r"(?:(?<=[^\W\d_]{2}\s)|(?<=[(\[=<>,:;|\t\n])|(?<=[=<>,:;|]\s))−[^\S\n\t]+(?=\.?\d)")
"""A sign of a number, set apart from it; behind another number or a letter it takes one from the other."""
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺₀₁₂₃₄₅₆₇₈₉", "0123456789-+0123456789")
_RAISED = re.compile(
    r"(?<=[^\W\d_])[₀-₉]+|(?:(?<=[×x]10)|(?<=[×x] 10))-(?=\d)|(?<=[\d.,;:!?)%\]\"']|[^\W\d_⁰¹²³⁴-⁹])[⁻⁺]?[⁰¹²³⁴-⁹]+(?:[,⁻-][⁰¹²³⁴-⁹]+)*"
)


def _raised(text: str) -> Iterator[Edit]:
    """Superscript digits: behind a digit `10⁵` is `10^5`, which is not `105`; behind a word `χ²` is `χ2`, as `CO₂` is `CO2`.

    Typed as `3 × 10-4` it is the same power.
    """
    for match in _RAISED.finditer(text):
        plain = match[0].translate(_PLAIN)
        yield match.start(), match.end(), f"^{plain}" if text[match.start() - 1].isdecimal() else plain


_HYPHENS = re.compile(r"--*\s*|''")
_LINE_ENDS = frozenset("\n\r\f\v\x85\u2028\u2029")


def _is_letter(character: str) -> bool:
    return character.isalpha() or "\u0300" <= character <= "\u036f"


def _hyphens(text: str) -> Iterator[Edit]:
    """Hyphens inside words and at the ends of lines, dashes typed as two hyphens, spaces around a range's dash.

    A hyphen between letters carries no meaning that a reader or a line break could not have added or dropped:
    `pre-training`, `pretraining` and `pre-⏎training` are one word. Between digits it may be a sign: it stays.
    """
    last_end = 0
    for match in _HYPHENS.finditer(text):
        start, end = match.span()
        dash = match.group().rstrip()
        if dash == "''":
            yield start, end, '"'
        elif len(dash) > 1:
            yield start, end, " - "
        elif start and end < len(text):
            before, after = text[start - 1], text[end]
            broken = not _LINE_ENDS.isdisjoint(text[start + 1 : end])
            if broken or end == start + 1:
                if _is_letter(before) and _is_letter(after):
                    yield start, end, ""
                elif broken and (before.isalnum() or _is_letter(before)) and (after.isalnum() or _is_letter(after)):
                    yield start, end, "-"
            elif after.isdigit() and "\t" not in text[start:end]:
                left = len(text[last_end:start].rstrip()) + last_end
                if left > last_end and text[left - 1].isdigit() and "\t" not in text[left:start]:
                    yield left, end, "-"
        last_end = end


def _groups(text: str) -> Iterator[Edit]:
    """What parts the digits of one number; bars between the cells of a row."""
    numbers = ((match.start(), match.end(), digits_of(match)) for match in wholes(text))
    return merge(numbers, ((match.start(), match.end(), " ") for match in _BAR.finditer(text)))


def _powers(text: str) -> Iterator[Edit]:
    """A power of ten that is written with the letter `x`, or without being raised: `3 x 10-4` is `3×10^-4`."""
    for match in _POWER.finditer(text):
        yield match.start(), match.end(), "×10" + ("^" if match["flat"] is not None else "")


_BAR = re.compile(r"(?:(?<=\s)|\A)\|(?=\s|\Z)")
_POWER = re.compile(r"(?<=\d)[^\S\t]?[x×][^\S\t]?10(?:(?=\^)|(?P<flat>(?=-\d{1,2}(?![\d.]))))")
_OPERATORS = "<>=±≈~×"
# One space between two words is left alone, and not even looked at: it is what most of a text's white space is.
_SPACES = re.compile(
    rf"\s(?:(?<! )\s*|\s+|(?=[{_OPERATORS}%‰{UNSPACED})\]])|(?<=[{_OPERATORS}{UNSPACED}(\[] )|(?<=\d )(?=[(\[])|(?<=\A )|\Z)"
)
_UNSPACED = re.compile(f"[{UNSPACED}]")


def _spaces(text: str) -> Iterator[Edit]:
    """White space: none at the ends, around operators, within brackets, between these and a number before them, and beside
    letters of unspaced scripts; elsewhere one space.
    """
    for match in _SPACES.finditer(text):
        start, end = match.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        if (
            not before
            or not after
            or before in _OPERATORS
            or after in _OPERATORS
            or before in "(["
            or after in ")]"
            or (after in "%‰([" and before.isdigit())
            or _UNSPACED.match(before)
            or _UNSPACED.match(after)
        ):
            yield start, end, ""
        elif end > start + 1 or text[start] != " ":
            yield start, end, " "


_DECIMALS = re.compile(
    rf"(?<=\d)·(?=\d)(?!10[\^-])|(?<![^\W{UNSPACED}])(?<![.,·])0[.·]\s*[\n\f]\s*(?=\d{{2}})|\+/-(?=\s?\.?\d)"
)
_WRITTEN = {"0": "0.", "+": "±"}


def _decimals(text: str) -> Iterator[Edit]:
    """A point of decimals that is set high, as in `0·913`, and one that ends a line behind a nought; `±` typed as `+/-`."""
    for match in _DECIMALS.finditer(text):
        yield match.start(), match.end(), _WRITTEN.get(match[0][0], ".")


_LIST = re.compile(r"\[\d{1,3}(?: ?[,;-] ?\d{1,3})+\]")


def _lists(text: str) -> Iterator[Edit]:
    """White space in a list of numbers in brackets: `[17, 18]` is `[17,18]`."""
    for match in _LIST.finditer(text):
        for index in range(match.start(), match.end()):
            if text[index] == " ":
                yield index, index + 1, ""


@lru_cache(maxsize=64)
def normalise(source: str) -> Normalised:
    """Return the normal form of `source`, without white space at its ends.

    The last 64 are remembered: a document is asked for as many quotes as its form has items.
    """
    steps: list[_Step] = []
    text, step = _rewrite(source, ((match.start(), match.end(), "−") for match in _MINUS.finditer(source)))
    if step.at:
        steps.append(step)
    text, edits = _characters(text)
    if edits:
        text, step = _rewrite(text, edits)
        steps.append(step)
    for round_ in (_raised, _decimals, _hyphens, _groups, _powers, _spaces, _lists):
        changed, step = _rewrite(text, round_(text))
        if step.at:
            text = changed
            steps.append(step)
    return Normalised(text, tuple(steps))


_BROKEN = re.compile(r"(?<=[^\W\d_])- (?=[^\W\d_])")


@lru_cache(maxsize=64)
def unbroken(source: str) -> Normalised:
    """Return the normal form in which words that a line end parted are one where a blank stands for it: `mil- lion`.

    `pre- and` is one word there too, which is why it is not the normal form.
    """
    normal = normalise(source)
    text, step = _rewrite(normal.text, ((match.start(), match.end(), "") for match in _BROKEN.finditer(normal.text)))
    return Normalised(text, (*normal.steps, step)) if step.at else normal
