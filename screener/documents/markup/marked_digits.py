"""Marks within a text of what a mark-up raises or lowers, until all of the text is there to tell how that is written."""

import re

from ..pages.superscripts import RAISED, with_marked_digits

RAISE, LOWER, CITE, END = "\ufdd0", "\ufdd1", "\ufdd3", "\ufdd2"
"""Signs, which no text holds: raised or lowered characters begin, a link to a reference or note begins, they end."""
MARKS = re.compile("[\ufdd0-\ufdd3]")
_MARKED = re.compile("([\ufdd0\ufdd1\ufdd3])([^\ufdd0-\ufdd3]*)\ufdd2?")
_NUMBERS = re.compile(r"[-−–+]?\d{1,3}(?:\s?[,–-]\s?\d{1,3})*")
_LETTERS = re.compile(r"[a-pr-z](?:,\s?[a-pr-z])*")
_SMALL = str.maketrans("abcdefghijklmnoprstuvwxyz0123456789", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ⁰¹²³⁴⁵⁶⁷⁸⁹")
_BEHIND = re.compile(r"(?:[^\s(\[{/=<>≤≥~±×+−–-]|[⁰¹²³⁴-⁹](?:\s?[–-]|[,;]\s?))\Z")
"""What a raised mark or exponent stands at: a word, a number, what ends a sentence, or another one."""
_WORD = re.compile(r"(?:[^\W\d_]{2}|\d%?)[)\]”’\"'.,;:]?\Z")
"""What the mark of a note is raised at: a word or a number."""
_OPEN = re.compile(r"[\[(][^\])]*\Z")
_REACH = 80
"""Characters before a link among which the bracket that it stands in is looked for."""


def unmarked(text: str) -> str:
    """Return a text without marks: digits and letters that were raised at a word or number are written as such."""
    if not MARKS.search(text):
        return text
    pieces: list[str] = []
    last = 0
    for match in _MARKED.finditer(text):
        pieces.append(text[last : match.start()])
        before = MARKS.sub("", "".join(pieces[-12:]))[-_REACH:]
        after = MARKS.sub("", text[match.end() : match.end() + 12])[:8]
        pieces.append(_written(match[1], match[2], before, after))
        last = match.end()
    return MARKS.sub("", "".join([*pieces, text[last:]]))


def _written(mark: str, run: str, before: str, after: str) -> str:
    if mark == LOWER:
        return with_marked_digits(before[-3:], run, after, lowered=True)
    if mark == CITE and (not _BEHIND.search(before) or _OPEN.search(before) or not _is_mark(run)):
        return run
    marked = with_marked_digits(before[-3:], run, after)
    if marked == run and _BEHIND.search(before):
        if _NUMBERS.fullmatch(run):
            return run[:1].translate(RAISED) + run[1:].translate(_SMALL)
        if _LETTERS.fullmatch(run) and _WORD.search(before):
            return run.translate(_SMALL)
    return marked


def _is_mark(run: str) -> bool:
    return bool(_NUMBERS.fullmatch(run) or _LETTERS.fullmatch(run))
