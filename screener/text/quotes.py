"""Finding a quote in the text it is said to come from.

A quote is tried as it is (`exact`), then in normal form (`normalized`), then approximately (`fuzzy`). An approximate
match is a quote with slips, never one that says something else: read side by side, quote and source may differ in

- citation numbers that the quote leaves out, in brackets (`[12]`, `[3, 4]`, `[5-7]`) or raised behind a number that is
  hardly a power (`214¹²`, not `10⁵` or `3²`), never in ones it adds or changes, and likewise marks of footnotes (`0.913ᵃ`, `0.913*`),
- a slip inside a word of five letters or more, or its grammatical ending, where the result is not another word,
- spaces inside words (`to gether`, `ofthe`), accents, and an article (`a`, `an`, `the`) or `that` left out or added,
- punctuation, and a short passage of one sentence that the quote marks as left out by an ellipsis,

and are at least `FUZZY_FROM` alike. Any other difference, and so every other number, sign, comparison, unit, negation
or opposite, makes the quote `missing`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from .characters import INVISIBLE, LINE_END_HYPHENS, UNSPACED
from .citations import cited, notes, without_citations
from .grouping import wholes
from .normalise import Normalised, normalise, unbroken

FUZZY_FROM = 92.0
"""The least similarity (0 to 100, share of characters in order) of an approximate match."""
FUZZY_LENGTH = 20
"""Characters below which a quote, or a part of one with an ellipsis, is not matched approximately."""
LEFT_OUT = 100
"""Most characters that an ellipsis may stand for."""
_TRIES = 4
"""Passages that resemble the quote and say something else, after which the search for one that does not ends."""

Status = Literal["exact", "normalized", "fuzzy", "missing"]
RANK: dict[Status, int] = {"exact": 0, "normalized": 1, "fuzzy": 2, "missing": 3}


@dataclass(frozen=True)
class QuotePlace:
    """Where a quote was found: character offsets into the source, None exactly when `status` is `missing`."""

    status: Status
    start: int | None = None
    end: int | None = None


MISSING = QuotePlace("missing")


def locate(quote: str, source: str) -> QuotePlace:
    """Return the first place of `quote` in `source`, in the strictest way that finds it."""
    quote = quote.strip()
    if not quote:
        return MISSING
    for start in places_of(source, quote):
        if not _in_groups(source, start) and not _in_groups(source, start + len(quote)):
            return QuotePlace("exact", start, start + len(quote))
    forms = spaced_readings(quote)
    for text, normal_form in ((normalise(source), normalise), (unbroken(source), unbroken)):
        for form in [*forms, *_ungrouped(forms)]:
            for start in places_of(text.text, form):
                first, end = text.span(start, start + len(form))
                # Half of an ellipsis sign or of a ligature is no place in the source; nor are, for a comma of thousands
                # in the quote, digits that nothing parts.
                if normal_form.__wrapped__(source[first:end]).text == form and (
                    form in forms or any(True for _ in wholes(source, first, end))
                ):
                    return QuotePlace("normalized", first, end)
    return _tolerant(quote, source)


def locate_in(quote: str, documents: Mapping[str, str]) -> tuple[str, QuotePlace]:
    """Return the document with the strictest match of `quote` (the first named, where several are equal), and the
    place.

    Where no document has it, the first document is named with status `missing`. `documents` must not be empty.
    """
    candidates: list[tuple[str, QuotePlace]] = []
    for name, text in documents.items():
        candidates.append((name, locate(quote, text)))
        if candidates[-1][1].status == "exact":
            return candidates[-1]
    return min(candidates, key=lambda candidate: RANK[candidate[1].status])


# What is read as one: a word with its hyphens (also those at the end of a line) and apostrophes, a number with its
# comparison, sign, decimals, power, per cent, and both ends of a range. A part of it may say the contrary:
# `related` is neither in `unrelated` nor in `non-related`, `can` not in `can't`, `5` not in `0.5` or `-5`.
_CHARACTER = rf"[\w\u0300-\u036f{INVISIBLE}]"
_JOINT = (
    rf"(?:[-‐‑‒–−{LINE_END_HYPHENS}](?:[^\S\r\n\f]*[\r\n\f]\s*)?|['’ʼ]"
    rf"|(?:(?<=[^\w.,·]0)|(?<=[{UNSPACED}]0))[.·]\s*[\n\f]\s*(?=\d{{2}})"
    r"|(?<=\d)(?:[.,:/^·—٫٬]|\s?[×x]\s?(?=10))[-−–]?(?=\d)|\^[-−–]?(?=\d)|(?<=\d)[⁻⁺](?=[⁰¹²³⁴-⁹]))"
)
_SIGNED = r"(?:(?:[<>≤≥≠±~≈]=?|=(?=\s*[-−–]))\s*(?:[-−–]\s)?)?(?:(?<![\w)\]%])[-−–+])?(?:(?<!\w)[.,])?(?=\d)"
_UNIT = rf"(?:{_SIGNED})?{_CHARACTER}+(?:{_JOINT}{_CHARACTER}+)*(?:(?<=\d)\s?[%‰])?"
_ONE = re.compile(_UNIT)
_UNSPACED = re.compile(f"[{UNSPACED}]")
"""Where a quote may begin and end anywhere."""
_NEAR = 60
"""Characters on either side of a place in which a word or number that goes across it is looked for."""


def _parts(text: str, place: int) -> bool:
    """Return whether a word or number of `text` goes across `place`."""
    if not 0 < place < len(text) or _UNSPACED.match(text, place) or _UNSPACED.match(text, place - 1):
        return False
    if text[place - 1].isalnum() and text[place].isalnum():
        return True
    nearby = _ONE.finditer(text, max(0, place - _NEAR), place + _NEAR)
    return any(match.start() < place < match.end() for match in nearby)


def _in_groups(source: str, place: int) -> bool:
    """Return whether a number whose digits something parts goes across `place`. In the normal form nothing parts them."""
    nearby = wholes(source, max(0, place - _NEAR), place + _NEAR)
    return any(match.start() < place < match.end() for match in nearby)


def places_of(text: str, phrase: str, begin: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield the places of `phrase` in `text[begin:end]` that are made of whole words and numbers."""
    # Not one pattern with the quote in it: compiling it would cost more than all the rest of a judgement.
    start = text.find(phrase, begin, end) if phrase else -1
    while start >= 0:
        if not _parts(text, start) and not _parts(text, start + len(phrase)):
            yield start
        start = text.find(phrase, start + 1, end)


_DOTS = re.compile(r"\.(?:\s?\.){2,}")
_AROUND = re.compile(r"""\A(?:[\[(]?\.\.\.[\])]?\s*|["'•*]\s*)++|(?:\s*[\[(]?\.\.\.[\])]?|["'.,;:])++\Z""")
_BROKEN_AT_DIGIT = re.compile(r"(?<=\d)- (?=[^\W\d_])|(?<=[^\W\d_]{2})- (?=\d)")
_FITTED = re.compile(
    r"(?<=\d) ?(?=(?:[kmg]?hz|m?s|h|min|[mµμ]?v|[kmµμ]?g|[cmk]?m|[kmgt]?b|k|bpm|db)\b(?![-.']\w))|(?<=\d) ?/ ?(?=\d)"
)
"""Where a blank may stand or not: between a number and its unit, around the stroke between two numbers."""
_EMPHASIS = re.compile(r"(?<![\w*`])(\*{1,3}|_{1,3}|`{1,2})(?=[^\s*_`]|[*_`]+[^\s*_`])(.{1,300}?)(?<=\S)\1(?![\w*`])")


def _without_emphasis(quote: str) -> str:
    """Return a quote without what makes its words bold, slanted or code in Markdown."""
    before = ""
    while quote != before:
        before, quote = quote, _EMPHASIS.sub(r"\2", quote)
    return quote


def readings(quote: str) -> list[str]:
    """Return the normal forms in which a quote may stand in the source, the most literal first.

    Models copy a word that a line end had parted as `pre- training`, put quotes in quotation marks or between
    ellipses, end with a full stop what is the middle of a sentence, and emphasise words as Markdown does.
    """
    forms: list[str] = []
    for words in dict.fromkeys((quote, _without_emphasis(quote))):
        normal, whole = (_DOTS.sub("...", form(words).text) for form in (normalise, unbroken))
        whole = _BROKEN_AT_DIGIT.sub("-", whole)
        forms += [normal, whole, _AROUND.sub("", normal), _AROUND.sub("", whole)]
    return list(dict.fromkeys(forms))


def spaced_readings(quote: str) -> list[str]:
    """Return the `readings` of a quote, and these with and without blanks before units and around strokes."""
    forms = readings(quote)
    tight = [_FITTED.sub(lambda match: match[0].strip(), form) for form in forms]
    loose = [_FITTED.sub(lambda match: " / " if "/" in match[0] else " ", form) for form in forms]
    return list(dict.fromkeys([*forms, *tight, *loose]))


_THOUSANDS = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])")


def _ungrouped(forms: Sequence[str]) -> list[str]:
    """Return forms with commas between thousands without these: how `18, 885` and `18 885` stand in the normal form."""
    without = [_THOUSANDS.sub(lambda number: number[0].replace(",", ""), form) for form in forms]
    return list(dict.fromkeys(form for form in without if form not in forms))


# `hepatitis A` without its `A` is not `hepatitis`: a capital inside a sentence is no article.
_LABEL = re.compile(r"(?<=[\w,)]\s)A\b")


_MARK = 4
"""Characters behind a quote in which the mark of a footnote at its end stands."""


def _tolerant(quote: str, source: str) -> QuotePlace:
    """Return the place of a quote that differs from the source only in what is no difference of meaning."""
    text = normalise(without_citations(source))
    normal = readings(without_citations(quote))[-1]
    span = next(((start, start + len(normal)) for start in places_of(text.text, normal)), None)
    span = span or _with_ellipses(normal, text.text) or _approximate(normal, text)
    if span is None:
        return MISSING
    start, end = text.span(*span)
    added = cited(quote) - cited(source, start, end) or notes(quote) - notes(source[start : end + _MARK])
    if added or len(_LABEL.findall(quote)) != len(_LABEL.findall(source[start:end])):
        return MISSING
    return QuotePlace("fuzzy", start, end)


_ELLIPSIS = re.compile(r"\s*[\[(]?\.\.\.[\])]?\s*")
_SENTENCE_END = re.compile(r"[.!?;]\s")


def _with_ellipses(normal: str, text: str) -> tuple[int, int] | None:
    """Return the place of a quote whose parts follow each other in one sentence, with nothing of weight left out."""
    parts = _ELLIPSIS.split(normal)
    if len(parts) < 2 or any(len(part) < FUZZY_LENGTH for part in parts):
        return None
    for start in places_of(text, parts[0]):
        end = start + len(parts[0])
        for part in parts[1:]:
            following = next(places_of(text, part, end, end + LEFT_OUT + len(part)), None)
            if following is None or not _light(text[end:following]):
                break
            end = following + len(part)
        else:
            return start, end
    return None


def _light(passage: str) -> bool:
    """Return whether a passage may be left out of a quotation: it has no number, no clause, and no sentence ends in it."""
    if _SENTENCE_END.search(passage) or passage[-1:] in ".!?;" or re.search(r"\d", passage):
        return False
    return not any(word in _TURNS or is_fixed(word) for word in _ONE.findall(passage))


_ARTICLES = frozenset({
    "a", "an", "the", "that",
})  # fmt: skip
_NEGATIONS = frozenset({
    "no", "not", "nor", "none", "never", "neither", "without", "cannot", "non", "lack", "lacks", "lacked", "fail",
    "fails", "failed",
})  # fmt: skip
_NUMBERS = frozenset({
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "hundreds", "thousand", "thousands", "million",
    "millions", "billion", "billions", "trillion", "half", "third", "thirds", "fourth", "fifth", "sixth", "seventh",
    "eighth", "ninth", "tenth", "quarter", "first", "second", "once", "twice", "thrice", "double", "triple",
})  # fmt: skip
_TURNS = frozenset({
    "and", "or", "but", "except", "unless", "only", "although", "though", "however", "rather", "instead", "while",
    "whereas", "than", "if", "until", "despite", "that", "those", "which", "who", "whose", "where", "is", "are",
    "was", "were", "be", "been", "has", "have", "had", "do", "does", "did", "can", "could", "may", "might", "will",
    "would", "should", "compared", "contrast", "versus", "vs", "against",
})  # fmt: skip
_PREFIXES = frozenset({
    "a", "an", "in", "un", "non", "im", "ir", "il", "dis", "de", "anti", "hyper", "hypo", "re", "no", "not",
})  # fmt: skip
_ENDINGS = frozenset({"", "s", "es", "d", "ed", "ing"})
_SAID = re.compile(rf"{_UNIT}|[<>=±≈~×+%‰^°$€£&]|(?<![^\W_])-(?=[^\W\d_])")
_LOOSE_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})-(?=\d)|(?<=\d)-(?=[^\W\d_])")


def is_fixed(word: str) -> bool:
    """Return whether a word admits no slip: one letter more or less makes it another number or denial."""
    return word in _NEGATIONS or word in _NUMBERS or word.endswith("n't")


def same_stem(word: str, other: str) -> bool:
    """Return whether two words are one, up to a grammatical ending."""
    stem = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    return stem >= 4 and word[stem:] in _ENDINGS and other[stem:] in _ENDINGS


def _is_loose(words: Sequence[str], index: int) -> bool:
    """Return whether a word may be left out: an article, but not that of `a few`, which `few` is not."""
    return words[index] in _ARTICLES and words[index + 1 : index + 2] not in (["few"], ["little"], ["most"])


def _plain(word: str) -> str:
    """Return the word without accents, apostrophes, and the hyphen between its letters and digits (`12-lead`,
    `COVID-19`).
    """
    word = _LOOSE_HYPHEN.sub("", word.replace("'", ""))
    return word if word.isascii() else "".join(character for character in word if not unicodedata.combining(character))


@dataclass(frozen=True)
class _Reading:
    """What a quote and a passage say, word for word, side by side; `text` is the whole text of the passage."""

    quote: Sequence[str]
    passage: Sequence[str]
    text: str

    def end_of_quote(self, begin: int) -> int | None:
        """Return where the quote ends in the passage if it begins at its word `begin` and says the same, else None."""
        visited: set[tuple[int, int]] = set()
        positions = [(0, begin)]
        while positions:
            quote_index, passage_index = positions.pop()
            if quote_index == len(self.quote):
                return passage_index
            if (quote_index, passage_index) not in visited:
                visited.add((quote_index, passage_index))
                positions += self._steps(quote_index, passage_index)
        return None

    def _steps(self, quote_index: int, passage_index: int) -> Iterator[tuple[int, int]]:
        """Yield how the reading may go on, the likeliest last."""
        word = self.quote[quote_index]
        if _is_loose(self.quote, quote_index):
            yield quote_index + 1, passage_index
        if passage_index >= len(self.passage):
            return
        other = self.passage[passage_index]
        if quote_index and _is_loose(self.passage, passage_index):
            yield quote_index, passage_index + 1
        if word != other and _plain(word) != _plain(other):
            yield from self._as_one_word(quote_index, passage_index)
        if word == other or _plain(word) == _plain(other) or self._is_slip(word, other):
            yield quote_index + 1, passage_index + 1

    def _as_one_word(self, quote_index: int, passage_index: int) -> Iterator[tuple[int, int]]:
        """Yield the next words on both sides that are the same letters, where spaces were lost or added."""
        quote_words = passage_words = 1
        while quote_index + quote_words <= len(self.quote) and passage_index + passage_words <= len(self.passage):
            quoted, printed = (
                _joined(self.quote[quote_index : quote_index + quote_words]),
                _joined(self.passage[passage_index : passage_index + passage_words]),
            )
            if quoted is None or printed is None:
                return
            if quoted == printed:
                yield quote_index + quote_words, passage_index + passage_words
                return
            if quoted.startswith(printed):
                passage_words += 1
            elif printed.startswith(quoted):
                quote_words += 1
            else:
                return

    def _is_slip(self, word: str, other: str) -> bool:
        """Return whether the quote's word is the passage's with a slip or another ending, and not another word."""
        word, other = _plain(word), _plain(other)
        if word[:1] != other[:1] or not (word + other).isalpha():
            return False
        if is_fixed(word) or is_fixed(other) or _UNSPACED.search(word + other):
            return False
        if same_stem(word, other):
            return True
        if max(len(word), len(other)) < 5 or OSA.distance(word, other, score_cutoff=1) > 1:
            return False
        # Two words that the text knows are two words: the source's own slip stands there once, and not in the quote.
        return not (self._times(word) and (self._times(other) > 1 or other in self.quote))

    def _times(self, word: str) -> int:
        """Return how often the text has a word, up to 2."""
        return sum(1 for _ in zip(places_of(self.text, word), range(2), strict=False))


def _joined(words: Sequence[str]) -> str | None:
    """Return the words written as one, or None where that would make another number or turn the meaning of a word."""
    for left, right in pairwise(words):
        if left[-1].isdigit() and right[0].isdigit():
            return None
        if left in _PREFIXES and len(right) > 3:
            return None
    return "".join(map(_plain, words))


def _approximate(normal: str, text: Normalised) -> tuple[int, int] | None:
    """Return the place of the first passage that is like the quote and says the same."""
    if len(normal) < FUZZY_LENGTH or not all(number in text.text for number in set(re.findall(r"\d+", normal))):
        return None
    quote = _SAID.findall(normal)
    # A passage that is longer than the quote resembles it less as long as it is seen through a window of its length.
    least = 2 * FUZZY_FROM - 100
    slack = int(len(normal) * (100 - least) / 100) + 1
    left = text.text
    for _ in range(_TRIES):
        window = _most_alike(normal, left, least)
        if window is None:
            return None
        words = list(_SAID.finditer(text.text, max(0, window[0] - slack), window[1] + slack))
        reading = _Reading(quote, [word.group() for word in words], text.text)
        for first, word in enumerate(words):
            last = reading.end_of_quote(first)
            if last is not None and last > first:
                start, end = word.start(), words[last - 1].end()
                if fuzz.ratio(normal, text.text[start:end]) >= FUZZY_FROM and not _cut(text.text, start, end):
                    return start, end
        left = left[: window[0]] + "\0" * (window[1] - window[0]) + left[window[1] :]
    return None


def _most_alike(normal: str, text: str, least: float) -> tuple[int, int] | None:
    alignment = fuzz.partial_ratio_alignment(normal, text, score_cutoff=least)
    return (
        (alignment.dest_start, alignment.dest_end) if alignment and alignment.dest_end > alignment.dest_start else None
    )


def _cut(text: str, start: int, end: int) -> bool:
    return _parts(text, start) or _parts(text, end)
