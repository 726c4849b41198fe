"""Numbers in text: digits with separators, powers, words, and the unit that follows or stands in a row's label."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .characters import LINE_END_HYPHENS, UNSPACED
from .grouping import FREE, GROUPED, digits_of, reading_of
from .language import language_of

_ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_MAGNITUDES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_RAISED = "⁰¹²³⁴-⁹"
"""Raised digits, as a part of a character class: behind a word they are no letters of it."""
_OTHER_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬", "01234567890123456789.,")
"""Arabic and Persian digits, and what stands before decimals and between thousands there."""
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

_ones, _tens = "|".join(sorted(_ONES, key=len, reverse=True)), "|".join(_TENS)
_below_hundred = rf"(?:(?:{_tens})(?:[\s\-‐‑]+(?:{_ones}))?|{_ones})"
_WORDS = rf"{_below_hundred}(?:[\s\-]+hundred(?:\s+and\s+{_below_hundred}|[\s\-]+{_below_hundred})?)?|(?:a\s+)?hundred"


def _pattern(digits: str) -> re.Pattern[str]:
    return re.compile(
        rf"""{FREE}(?P<sign>[-−](?=[\d.·]))?(?P<digits>{digits})
    (?:[eE](?P<power>[-−+]?\d{{1,2}})\b | \s?[×x]\s?10(?:\^(?P<raised>[-−+]?\d{{1,2}})|(?P<small>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<flat>[-−]\d{{1,2}})(?![\d.]))
      | \^(?P<own>[-−+]?\d{{1,2}})(?![\d.]) | (?P<over>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[,–⁻][⁰¹²³⁴⁵⁶⁷⁸⁹]+)*))?
    | \b(?P<word>{_WORDS})\b""",
        re.IGNORECASE | re.VERBOSE,
    )


_RUN = r"\d+(?:[.,·]\d+)*+ | [.·]\d+"
_NUMBER = _pattern(f"{GROUPED} | {_RUN}")
_UNGROUPED = _pattern(f"(?P<apart>(?!))?(?P<comma>(?!))?(?:{_RUN})")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)")
_COMMA, _POINT = (
    re.compile(rf"(?<![^\W{UNSPACED}])(?<![.,\[-])\d+{mark}\d{{1,2}}(?!\d|[.,]\d)") for mark in (",", r"\.")
)
"""Numbers with decimals that are nothing else: neither thousands, nor a list, nor a citation on a name."""
_PAIR = re.compile(r"\[\d+,\d{1,2}\]|\(\d+,\d{1,2}\)")
_AFTER = 30
_GAP = r"[\s\-\u2010-\u2015]*"
_PARTED = re.compile(rf"(?<=[^\W\d_])(?:-\s*\n\s*|[{LINE_END_HYPHENS}]\s*)(?=[a-z])")
"""What parts a word at the end of a line."""
_BROKEN = re.compile(r"(?<=[^\W\d_])- (?=[a-z])")
"""The same where a blank stands for the end of the line; it may also be that of `pre- and post-test`."""


@dataclass(frozen=True)
class Number:
    """A number: its value, its place in the text, and the characters that follow it, without hyphens of line ends."""

    value: float
    start: int
    end: int
    after: str
    doubtful: bool = False
    """Whether its comma or point may be meant otherwise, as far as one knows how the text writes its numbers."""

    def followed_by(self, unit: str) -> bool:
        """Return whether a unit follows, with a space, a hyphen or nothing between, and no letter behind it.

        Short units are read as they are written (`M` is million, `m` is not); longer ones in any case and number.
        """
        flags = 0 if len(unit) <= 2 else re.IGNORECASE
        after = [self.after] if len(unit) <= 2 else [self.after, _BROKEN.sub("", self.after)]
        return any(re.match(_GAP + _unit(unit), words, flags) for words in after)

    @property
    def magnitude(self) -> float:
        """Return the factor of a `million` and the like that follows; 1 where none does."""
        return next((factor for word, factor in _MAGNITUDES.items() if self.followed_by(word)), 1.0)

    @property
    def scaled(self) -> float:
        """Return the value with its magnitude: `40 million` is not 40."""
        return _scaled(self.value, self.magnitude)

    @property
    def measured(self) -> bool:
        """Return whether a unit of measurement follows."""
        word = self._next_word
        return word in _UNITS or word.casefold() in _UNIT_WORDS

    @property
    def counted(self) -> bool:
        """Return whether a unit or a noun follows of which it is the number: `24 h`, `500 samples`, `12-lead`."""
        if re.match(r"[-\u2010\u2011][^\W\d_]", self.after):
            return True
        word = self._next_word
        plural = len(word) > 3 and word[-1] in "sS" and word.casefold() not in _NO_PLURAL
        return plural or self.measured or word.casefold() in ("per", *_MAGNITUDES)

    @property
    def _next_word(self) -> str:
        match = re.match(_GAP + rf"(%|[^\W\d_{_RAISED}]+)(?!\d)", self.after)
        return match[1] if match else ""


_UNITS = frozenset({
    "%", "s", "h", "d", "y", "ms", "µs", "μs", "us", "ns", "Hz", "kHz", "MHz", "GHz", "V", "mV", "µV", "μV", "m", "mm",
    "cm", "km", "g", "kg", "mg", "B", "kB", "KB", "MB", "GB", "TB", "W", "kW", "k", "K", "M", "G", "T", "dB", "bpm",
})  # fmt: skip
_UNIT_WORDS = frozenset({
    "sec", "second", "seconds", "min", "minute", "minutes", "hour", "hours", "hr", "hrs", "day", "days", "week", "weeks",
    "month", "months", "year", "years", "hertz", "kilohertz", "percent", "bit", "bits", "byte", "bytes",
})  # fmt: skip
_NO_PLURAL = frozenset({
    "this", "thus", "plus", "minus", "versus", "does", "across", "always", "unless", "whereas", "perhaps", "besides",
    "towards", "afterwards", "less", "previous", "various", "serves", "gives", "makes", "uses", "allows", "yields",
    "remains", "becomes", "corresponds",
})  # fmt: skip


@lru_cache(maxsize=1024)
def _unit(unit: str) -> str:
    """Return the pattern of a unit; of a word, in both numbers."""
    *before, last = unit.split() or [""]
    ends = "|".join(map(re.escape, sorted(_forms(last), key=len, reverse=True)))
    return r"\s+".join([*map(re.escape, before), f"(?:{ends})"]) + _END


_END = rf"(?!⁻|[^\W\d_{_RAISED}]|[²³](?![,–{_RAISED}]))"
"""What follows a unit: no letter and no power of it; the number of a citation may."""
_ENDINGS = (("y", "ies"), ("", "es"), ("", "s"))


def _forms(word: str) -> set[str]:
    """Return a word in singular and plural, and some that are none; what is short or no word has one form."""
    forms = {word}
    if len(word) > 2 and word[-1].isalpha():
        forms |= {word.removesuffix(singular) + plural for singular, plural in _ENDINGS if word.endswith(singular)}
    if len(word) > 3:
        forms |= {word.removesuffix(plural) + singular for singular, plural in _ENDINGS if word.endswith(plural)}
    return forms


def labelled(text: str, unit: str) -> bool:
    """Return whether a unit stands in the label of a row or column, as in `Rate (Hz) 500` and `Recordings [in
    thousands]`.
    """
    flags = 0 if len(unit) <= 2 else re.IGNORECASE
    return re.search(rf"(?:(?<=\s)|^)[(\[](?:in\s+)?{_unit(unit)}\s*[)\]]", text, flags) is not None


Mark = Literal[".", ",", ""]
"""What a text puts before decimals; the empty string where it is not known."""


@lru_cache(maxsize=64)
def decimal_mark(text: str) -> Mark:
    """Return what a text puts before decimals, by its language and by the numbers that can be read in one way only."""
    commas, points = (sum(1 for _ in pattern.finditer(text)) for pattern in (_COMMA, _POINT))
    if language_of(text):  # English
        return "" if commas > points else "."
    if not commas:  # of points, some may number sections
        return "." if points > 1 else ""
    return "," if commas > max(1, points) else ""


def numbers_in(text: str, mark: Mark = ".") -> list[Number]:
    """Return the numbers of a text, in order. `1,234`, `1 234` and `1234` are one number; `3.5e6` and `10⁵` are read as
    they are meant; of `214¹²`, where 12 may be a citation, the 214. What parts the digits of one number (`18, 885`) is
    described in `grouping`.

    `1,234` and `1.234` are read as `mark` says, and in both ways where it says nothing; `12,5` has a decimal comma
    anywhere. Of digits that may be one number or several (cells of a table, `batch size 32, 100 epochs`), both readings
    are given. Digits of another script are digits, and `٠٫٩١` is 0.91.
    """
    text = text if text.isascii() else text.translate(_OTHER_DIGITS)
    return [number for number in _numbers(text, mark) if math.isfinite(number.value)]  # hundreds of digits are none


def _numbers(text: str, mark: Mark) -> Iterator[Number]:
    for match, cells in _matches(text):
        if match["word"] is not None:
            yield _number(text, _of_words(match["word"]), match.start(), match.end())
            continue
        if not (match["apart"] or match["comma"]):
            yield from _of_run(text, match, mark)
            continue
        start = match.start("digits")
        whole = digits_of(match).replace(",", ".")
        yield _number(text, _scaled_by_power(match, whole), match.start(), match.end())
        for part in re.finditer(r"\d+(?:[.,·]\d+)?", match["digits"]) if cells else ():
            sign = "-" if match["sign"] and not part.start() else ""
            value = float(sign + re.sub("[,·]", ".", part.group()))
            yield _number(text, value, start + part.start() - len(sign), start + part.end())


def _matches(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield the numbers, and whether one whose digits something parts may also be several."""
    match = _NUMBER.search(text)
    while match is not None:
        cells = False
        if match["apart"] or match["comma"]:
            reading = reading_of(text, match)
            if reading == "two":
                match = _UNGROUPED.match(text, match.start()) or match
            cells = reading == "either" and " 0" not in match["digits"]
        yield match, cells
        match = _NUMBER.search(text, match.end())


def _of_run(text: str, match: re.Match[str], mark: Mark) -> Iterator[Number]:
    """Yield the numbers of digits that points and commas join: one number, or the members of a list without spaces."""
    digits = match["digits"].replace("·", ".")
    readings, doubtful = _readings(digits, mark)
    # `[6,5]` is a citation and `[12,15]` an interval, except where decimals have a comma.
    pair = mark != "," and doubtful and _PAIR.search(text, max(0, match.start() - 1), match.end() + 1) is not None
    for reading in () if pair and mark else readings:
        yield _number(text, _scaled_by_power(match, reading), match.start(), match.end(), doubtful=doubtful)
    if readings and not pair:
        return
    at = match.start("digits")
    for member in digits.split(","):
        if member.count(".") <= 1:  # else it is a version or a date
            sign = "-" if at == match.start("digits") and match["sign"] else ""
            yield _number(text, float(sign + member), at - len(sign), at + len(member), doubtful=pair)
        at += len(member) + 1


def _readings(digits: str, mark: Mark) -> tuple[list[str], bool]:
    """Return how digits with points and commas can be read as one number, and whether that is in doubt.

    A list in no way.
    """
    marks = re.sub(r"\d", "", digits)
    plain, pointed = re.sub("[.,]", "", digits), digits.replace(",", ".")
    if not marks:
        return [digits], False
    if _GROUPED.fullmatch(digits):
        if len(marks) > 1:
            return [plain], False
        as_written = [plain, pointed] if marks == "," else [pointed, plain]
        return (as_written, True) if not mark else ([pointed if marks == mark else plain], False)
    if marks == ".":
        return [digits], False
    if marks == ",":
        return [pointed], mark != "," and not digits.startswith("0,")
    whole, last, decimals = re.split(r"([.,])(?=\d+\Z)", digits)
    if _GROUPED.fullmatch(whole) and last not in whole:
        return [f"{re.sub('[.,]', '', whole)}.{decimals}"], False
    return [], False


def _number(text: str, value: float, start: int, end: int, *, doubtful: bool = False) -> Number:
    return Number(value, start, end, _PARTED.sub("", text[end : end + _AFTER]), doubtful)


def _scaled_by_power(match: re.Match[str], digits: str) -> float:
    small = (match["small"] or "").translate(_SUPERSCRIPT)
    sign = "-" if match["sign"] else ""
    if match["own"] or (match["over"] and digits == "10"):
        # Raised digits are the exponent of a ten; behind another number they are as likely a citation, and so is a `^`
        # behind one that is hardly a base.
        digits_above = re.match(r"[-−+]?\d+", match["own"] or match["over"].translate(_SUPERSCRIPT))
        exponent = digits_above[0].replace("−", "-") if digits_above else "1"
        if digits == "10":
            return float(f"{sign}1e{exponent}")
        if digits.isdigit() and len(digits) < 3 and float(digits):
            return float(f"{sign}{float(digits) ** int(exponent)}")
    power = (match["power"] or match["raised"] or match["flat"] or small or "0").replace("−", "-")
    # Through text, so that 1.04e6 is the same number as 1040000.
    return float(f"{sign}{digits.replace('·', '.')}e{power}")


def _of_words(words: str) -> float:
    value = 0.0
    for word in re.findall(r"[a-z]+", words.lower()):
        value = (value or 1) * 100 if word == "hundred" else value + {**_ONES, **_TENS}.get(word, 0)
    return value


def in_unit(number: Number, units: Mapping[str, float], text: str = "") -> list[float]:
    """Return what a number may mean in a field's own unit; `units` are those it is written in, with their factors to
    it.

    The unit that follows counts, else the one in a label of `text`, else the bare number in the unit `""` or, where
    there is none, in the field's own. `40 million` is not 40; a number in another unit (`24 h`) means nothing, and
    without `""` neither does the number of something (`500 samples`).
    """
    named = [unit for unit in units if unit and number.followed_by(unit)]
    if named:
        return [_scaled(number.value, units[max(named, key=len)])]
    labels = [unit for unit in units if unit and labelled(text, unit)]
    if labels and not number.counted:
        return [_scaled(number.value, units[unit]) for unit in labels]
    if "" in units:
        return [] if number.measured else [_scaled(number.scaled, units[""])]
    return [] if number.counted else [number.scaled]


def _scaled(value: float, factor: float) -> float:
    """Return the product without the noise of binary fractions: 0.112 billion are 112 million, not 112.00000000000001."""
    return float(f"{value * factor:.12g}")
