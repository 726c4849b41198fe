"""Finding a quote in the text it is said to come from.

A quote is tried as it is, then in normal form, then approximately. An approximate match is a quote with slips of
typing, never one that says something else: if its numbers, its negations or the sign of a word (`supervised`,
`unsupervised`) differ from the source, the quote is missing.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from .normalise import Normalised, normalise

FUZZY_FROM = 92.0
"""The least similarity (0 to 100, share of characters in order) of an approximate match."""
FUZZY_LENGTH = 20
"""Characters below which a quote is not matched approximately: short strings resemble too much."""

Status = Literal["exact", "normalized", "fuzzy", "missing"]
_RANK: dict[Status, int] = {"exact": 0, "normalized": 1, "fuzzy": 2, "missing": 3}


@dataclass(frozen=True)
class Place:
    """Where a quote was found: character offsets into the source, None exactly when `status` is `missing`."""

    status: Status
    start: int | None = None
    end: int | None = None


MISSING = Place("missing")


def locate(quote: str, source: str) -> Place:
    """The first place of `quote` in `source`, in the strictest way that finds it."""
    quote = quote.strip()
    if not quote:
        return MISSING
    start = _find(source, quote)
    if start >= 0:
        return Place("exact", start, start + len(quote))
    wanted, text = normalise(quote), normalise(source)
    if not wanted.text:
        return MISSING
    start = _find(text.text, wanted.text)
    if start >= 0:
        return Place("normalized", *text.span(start, start + len(wanted.text)))
    return _approximate(wanted.text, text)


def locate_in(quote: str, documents: Mapping[str, str]) -> tuple[str, Place]:
    """The document with the strictest match of `quote` (the first named, where several are equal), and the place.

    Where no document has it, the first document is named with status `missing`. `documents` must not be empty.
    """
    found: list[tuple[str, Place]] = []
    for name, text in documents.items():
        found.append((name, locate(quote, text)))
        if found[-1][1].status == "exact":
            return found[-1]
    return min(found, key=lambda each: _RANK[each[1].status])


_BEGINS = re.compile(r"(?<!\w)(?<![^\W\d_]-)(?<![^\W\d_]-\n)")
_ENDS = re.compile(r"(?!\w)(?!-\n?[^\W\d_])")


def _find(text: str, wanted: str) -> int:
    """The first place of `wanted` that is made of whole words, or -1.

    `supervised` is neither in `unsupervised` nor in `non-supervised`: a part of a word may say its contrary.
    """
    # Not one pattern with the quote in it: compiling it would cost more than all the rest of a judgement.
    start = text.find(wanted)
    while start >= 0:
        begins = not wanted[0].isalnum() or _BEGINS.match(text, start)
        if begins and (not wanted[-1].isalnum() or _ENDS.match(text, start + len(wanted))):
            return start
        start = text.find(wanted, start + 1)
    return -1


def _approximate(wanted: str, text: Normalised) -> Place:
    if len(wanted) < FUZZY_LENGTH or len(text.text) < len(wanted) // 2:
        return MISSING
    found = fuzz.partial_ratio_alignment(wanted, text.text, score_cutoff=FUZZY_FROM)
    if found is None or found.dest_end <= found.dest_start or found.src_end - found.src_start < len(wanted):
        return MISSING
    start, end = _whole_words(text.text, found.dest_start, found.dest_end)
    # The window of the search is no longer than the quote; what a slip pushed out of it is let in word by word.
    start, end = _tightest(wanted, text.text, start, end)
    window = text.text[start:end]
    if fuzz.ratio(wanted, window) < FUZZY_FROM or not _says_the_same(wanted, window):
        return MISSING
    return Place("fuzzy", *text.span(start, end))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    while start < end and text[start] == " ":
        start += 1
    while start < end and text[end - 1] == " ":
        end -= 1
    return start, end


def _tightest(wanted: str, text: str, start: int, end: int) -> tuple[int, int]:
    """Of the window and its neighbours one word longer or shorter at either end, the one most like the quote."""
    starts = {start, text.rfind(" ", 0, max(start - 1, 0)) + 1, text.find(" ", start, end) + 1 or start}
    longer, shorter = text.find(" ", min(end + 1, len(text))), text.rfind(" ", start, end)
    ends = {end, len(text) if longer < 0 else longer, shorter if shorter > start else end}
    return max(
        ((s, e) for s in sorted(starts) for e in sorted(ends) if s < e),
        key=lambda span: fuzz.ratio(wanted, text[span[0] : span[1]]),
    )


_NUMBER = re.compile(r"(?<![\w.])[-+±<>≤≥=]*\s?\d+(?:[.,]\d+)*%?|\d+(?:[.,]\d+)*%?")
_NUMBER_WORDS = frozenset(
    {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "half"}
)
_NEGATIONS = frozenset(
    {"no", "not", "nor", "none", "never", "neither", "without", "cannot", "non", "lack", "lacks", "failed", "fails"}
)
_SIGNS = ("un", "non", "in", "im", "ir", "dis", "a", "de", "hyper", "hypo", "self", "semi")
_OPPOSITES = (
    {"higher", "lower"}, {"more", "less"}, {"increase", "decrease"}, {"increased", "decreased"}, {"above", "below"},
    {"increases", "decreases"}, {"before", "after"}, {"with", "without"}, {"better", "worse"}, {"included", "excluded"},
    {"superior", "inferior"}, {"positive", "negative"}, {"min", "max"}, {"all", "some"}, {"most", "least"},
    {"public", "private"},
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")


def _numbers(text: str) -> Counter[str]:
    found = [re.sub(r"\s", "", number) for number in _NUMBER.findall(text)]
    return Counter(found + [word for word in _WORD.findall(text) if word in _NUMBER_WORDS])


def _negations(text: str) -> Counter[str]:
    return Counter(word for word in _WORD.findall(text) if word in _NEGATIONS or word.endswith("n't"))


def _says_the_same(quote: str, window: str) -> bool:
    """Whether two similar texts agree in their numbers, negations and the sign of every word."""
    if _numbers(quote) != _numbers(window) or _negations(quote) != _negations(window):
        return False
    here, there = Counter(_WORD.findall(quote)), Counter(_WORD.findall(window))
    only_here, only_there = here - there, there - here
    return not any(_opposed(a, b) for a in only_here for b in only_there)


def _opposed(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return any(long == sign + short for sign in _SIGNS) or {a, b} in _OPPOSITES
