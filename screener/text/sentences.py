"""Sentences with their places, for prose as abstracts and papers have it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LENGTH = 1000
"""Characters after which a sentence is cut at a space: text without full stops must stay readable and bounded."""


@dataclass(frozen=True)
class Sentence:
    """A sentence: `text` is `source[start:end]`, without white space at its ends."""

    text: str
    start: int
    end: int


# A possible end: a stop, closing marks, then white space and something that can begin a sentence. Or a stop glued
# to the next sentence, as databases produce it (`…of labels.Results show…`). Or an empty line.
_END = re.compile(
    r"""[.!?]+['"”’)\]]*(?=\s+["'“‘(\[]?[^\W_a-z])"""
    r"""|(?<=[a-z]{2})[.](?=[A-Z][a-z]{2})"""
    r"""|(?=\s*\n\s*\n)"""
)
# Words whose stop does not end a sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:e\.g|i\.e|vs|cf|viz|al|resp|approx|ca|etc(?=\.\s+[a-z(])|fig|figs|eq|eqs|eqn|ref|refs|tab|sec|no"
    r"|nos|vol|pp|p|ed|eds|dr|prof|mr|mrs|ms|st|inc|ltd|co|dept|univ|jr|sr|incl|min|max|avg|spp|u\.s|u\.k|ph\.d)\.$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?:^|[\s(\[.])[A-Z]\.$")
# `no.`, `p.` and the like are abbreviations only before a number; `al.` and `co.` never before a new sentence's verb,
# which cannot be told apart here, so they stay abbreviations.
_ONLY_BEFORE_NUMBER = re.compile(r"(?:^|[\s(\[])(?:no|nos|p|pp|sec|tab|ed|min|max|st|ref|refs|ms|co)\.$", re.IGNORECASE)


def _continues(before: str, after: str) -> bool:
    """Return whether the stop at the end of `before` belongs to a word rather than to a sentence."""
    if _ONLY_BEFORE_NUMBER.search(before):
        return after.lstrip()[:1].isdigit()
    return bool(_ABBREVIATION.search(before) or _INITIAL.search(before))


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        head = text[max(0, match.start() - 12) : match.start() + 1]
        if match.end() > match.start() and _continues(head, text[match.end() : match.end() + 12]):
            continue
        yield match.end()
    yield len(text)


def sentences(text: str, max_length: int = MAX_LENGTH) -> list[Sentence]:
    """Return the sentences of `text` in order; together they cover all of it but white space.

    A label (`Methods: …`) stays with the sentence it opens. A sentence longer than `max_length` characters is cut at
    the last space before the limit (at the limit where there is none).
    """
    result: list[Sentence] = []
    start = 0
    for end in _ends(text):
        while start < end:
            stop = end
            if stop - start > max_length:
                space = text.rfind(" ", start + 1, start + max_length)
                stop = space if space > start else start + max_length
            body = text[start:stop].strip()
            if body:
                offset = text.index(body, start)
                result.append(Sentence(body, offset, offset + len(body)))
            start = stop
    return result
