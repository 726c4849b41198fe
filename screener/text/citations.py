"""Citations in a text: numbers that belong to the list of references and not to what is said."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from heapq import merge

# A citation stands after a word or a mark, in brackets, its numbers whole, small and rising. `CI [12, 15]`, `in [12]`
# and `45 [12, 60]` are none: they are part of what is said.
_CITATION = re.compile(r"\[\s?([1-9]\d{0,2}(?:\s?[,;–-]\s?[1-9]\d{0,2})*)\s?\](?![\w%^])")
_BEFORE_CITATION = re.compile(r"(?:([^\W\d_]{2,})|[.,;:)\"'”’])\Z")
_ASIDE = 20
"""Characters in which a citation before or after a quote is looked for."""
_NO_CITATION_AFTER = frozenset({
    "ci", "cri", "interval", "intervals", "range", "ranges", "ranging", "iqr", "quartile", "quartiles", "percentile",
    "percentiles", "min", "max", "mean", "median", "average", "sd", "limits", "bounds", "between", "from", "to", "of",
    "in", "by", "for", "at", "on", "with", "and", "or", "see", "ref", "refs", "reference", "references", "than",
    "level", "levels", "grade", "grades", "age", "aged", "years", "score", "scores", "is", "are", "was", "were",
    "equals", "index", "set", "vector", "list", "value", "values", "lead", "leads", "length", "lengths", "size",
    "sizes", "duration", "dose", "doses",
})  # fmt: skip


_RAISED = re.compile(
    r"(?<=[\d.,;:!?)%\]\"'”’]|[^\W\d_⁰¹²³⁴-⁹])"
    r"[¹²³⁴-⁹][⁰¹²³⁴-⁹]{0,2}(?:[,–⁻-][¹²³⁴-⁹][⁰¹²³⁴-⁹]{0,2})*(?![\w⁻,–-]*[⁰¹²³⁴-⁹])"
)
_NO_BASE = re.compile(r"(?<!\d)(?:\d|10*|\d*[×x^]\s?\d*)\Z")
"""What raised digits may be the power of."""
_WORD = re.compile(
    r"(?:[^\W\d_]{4,}|(?!(?:[cdkmnpµμ]?m|in|ft|log|exp|sin|cos|tan|sec|min)\b)\b[^\W\d_]{2,3}"
    r"|[^\W\d_]{2}[)\"'”’]?[.,;:!?])\Z"
)
"""What raised digits are no power of: a word that is no unit of length and no function."""
_SQUARE = ((2,), (3,))


_GLUED = re.compile(r"(?<=[a-zA-Z.])[1-9]\d?(?:[,–-][1-9]\d?)*(?![\w%^,–-]|\.\d)")
_MARKED = re.compile(
    r"(?<![\w-])(?!series|species|always)(?:[a-z]{2,}(?:[^\Wsui]s|ed|ing|ly)|work|elsewhere|before|earlier|literature)\Z"
    r"|\d\s?(?:[kMG]?Hz|[mµμ]V|dB)\Z"
)
"""What digits stand behind that are the mark of a citation, set like all others: a word in the plural or with another
ending, and the unit of a number. `type2` and `ResNet50` have none."""
_ENDED = re.compile(
    r"(?:(?<![\w-])(?!(?:figs?|secs?|refs?|vol|tab|nos|eqn?s|approx|chap)\b)[^\W\d_]{3,}|[a-z][)\]\"'”’])\.\Z"
)
_BEGINS = re.compile(r"\s+[\"“(]?[A-Z]|\s*\Z")
"""The end of one sentence, before a citation, and the beginning of the next one."""
_NOTES = re.compile(
    r"(?:(?<=[^\W\d_]{3})|(?<=\d[.,]\d)|(?<=[.,]\d\d)|(?<=\d{3})|(?<=[)\]%]))"
    r"(?:[ᵃᵇᶜᵈᵉᶠ](?:,?[ᵃᵇᶜᵈᵉᶠ])*(?!\w)|[*†‡§¶]+(?=[\s.,;:)]|\Z))"
)
"""Marks of footnotes: behind a word or a number that has decimals or three digits, which is hardly the base of a power."""


def citations(text: str) -> Iterator[tuple[int, int, list[int]]]:
    """Return the citations, in order: where they begin (with the space before them) and end, and their numbers."""
    return merge(_bracketed(text), _raised(text), _glued(text))


def _glued(text: str) -> Iterator[tuple[int, int, list[int]]]:
    for match in _GLUED.finditer(text):
        numbers = [int(number) for number in re.findall(r"\d+", match[0])]
        start, end = match.span()
        before = text[max(0, start - 30) : start]
        marked = _MARKED.search(before) or (_BEGINS.match(text, end) and _ENDED.search(before))
        if marked and numbers == sorted(set(numbers)):
            yield start, end, numbers


def _raised(text: str) -> Iterator[tuple[int, int, list[int]]]:
    for match in _RAISED.finditer(text):
        numbers = [int(number) for number in re.findall(r"\d+", unicodedata.normalize("NFKC", match[0]))]
        before = text[max(0, match.start() - 20) : match.start()]
        power = _NO_BASE.search(before) or (tuple(numbers) in _SQUARE and not _WORD.search(before))
        if not power and numbers == sorted(set(numbers)):
            yield match.start(), match.end(), numbers


def _bracketed(text: str) -> Iterator[tuple[int, int, list[int]]]:
    last = -1
    for match in _CITATION.finditer(text):
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        start = max(last, 0) + len(text[max(last, 0) : match.start()].rstrip())
        before = _BEFORE_CITATION.search(text, max(0, start - 30), start)
        is_citation = before is not None and (before[1] or "").lower() not in _NO_CITATION_AFTER
        if (is_citation or start in (0, last)) and numbers == sorted(set(numbers)):
            last = match.end()
            yield start, last, numbers


def notes(text: str) -> Counter[str]:
    """Return the marks of footnotes in a text."""
    return Counter(_NOTES.findall(text))


@lru_cache(maxsize=64)
def without_citations(text: str) -> str:
    """Return the text of the same length in which word joiners stand for citations and marks of footnotes: the normal
    form leaves them out.
    """
    pieces: list[str] = []
    last = 0
    for start, end in merge(
        ((start, end) for start, end, _ in citations(text)), map(re.Match.span, _NOTES.finditer(text))
    ):
        if start < last:
            continue
        pieces += text[last:start], "\u2060" * (end - start)
        last = end
    return "".join([*pieces, text[last:]]) if pieces else text


def cited(text: str, start: int = 0, end: int | None = None) -> Counter[int]:
    """Return the numbers cited in `text[start:end]`, or directly before or after it."""
    end = len(text) if end is None else end
    first = max(0, start - _ASIDE)
    nearby = citations(text[first : end + _ASIDE])
    return Counter(
        number
        for begin, stop, numbers in nearby
        if begin + first <= end and not text[stop + first : start].strip()
        for number in numbers
    )
