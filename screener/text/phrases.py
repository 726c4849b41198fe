"""Whether a text says what a name or phrase says.

A phrase stands in a text where its normal form does, from word to word. Where it was put a little differently, all
its words but small ones are looked for in the text's order, close to each other. Words of the text may be passed over,
but never a number, a negation, a single letter (`hepatitis A`) or a word with a capital: with another one of these it
is another statement. A number is one with its sign and its comparison.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .citations import without_citations
from .normalise import normalise
from .numbers import Mark, numbers_in
from .quotes import is_fixed, places_of, readings, same_stem

APART = 10
"""Most words of a text between two words of a phrase that follow each other."""
MOST = 200_000
"""Most words of a part of a phrase, times those of a text, that are looked for one by one."""
SMALL = frozenset({
    "a", "an", "the", "of", "and", "or", "in", "on", "for", "with", "to", "by", "from", "at", "is", "are", "was",
    "were", "be", "been", "has", "have", "had", "that", "which", "who",
})  # fmt: skip
"""Words that may be missing on either side."""
_TURNS = frozenset({
    "but", "except", "excluding", "unless", "rather", "instead",
    "nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "ohne", "weder", "ausser", "pas", "sans", "ni", "sauf",
    "sin", "nunca", "ningun", "ninguna", "excepto", "senza", "mai", "nessun", "nessuna", "nao", "sem", "niet", "geen",
    "zonder", "inte", "ikke", "utan", "uden", "uten",
})  # fmt: skip
"""What turns a statement, beside the English denials: in the languages that studies come in most, without accents."""
_TOKEN = re.compile(
    r"""(?P<sign>(?:[<>]=?|!=|[±~≈])?(?:(?<![\w)\]%])[-+])?)(?P<digits>\d+(?:[.,·]\d+)*|(?<![\w.·])[.·]\d+)
        (?P<power>\^[-+]?\d+|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)?
    | (?P<word>[^\W\d][\w\u0300-\u036f]*(?:'[^\W\d]+)*(?:\.\d+)*)
    | (?P<unit>[%‰°$€£])""",
    re.VERBOSE,
)
_WORD_AFTER, _NOUN_AFTER = re.compile(r"\s\w"), re.compile(r"\s(?:[^\W\d]|\d+-)")
"""What follows an article, and one with a capital: `A 12-month trial` has one, the row `A 5 mg` has none."""
_LETTER_BEFORE = re.compile(r"[\w,)]\s\Z")
_NO_ARTICLE = re.compile(r"\s(?:and|or|vs|versus)\b")
_PARTS = re.compile(r"[,;:()\[\]]|\.\s|\b(?:and|or)\b")


@dataclass(frozen=True)
class Token:
    """A word, a number with its sign and comparison, or a sign of measurement, and its place in the normal form."""

    text: str
    start: int
    end: int
    sign: str = ""
    values: frozenset[float] = frozenset()
    named: bool = False
    """Whether it is a word with a capital."""

    @property
    def number(self) -> bool:
        """Return whether it has a digit."""
        return any(character.isdigit() for character in self.text)

    @property
    def telling(self) -> bool:
        """Return whether a statement with it and one without are two statements."""
        return self.named or self.number or is_fixed(self.text) or self.text in _TURNS

    def same(self, other: "Token") -> bool:
        """Return whether both are one word, up to its ending, or one number."""
        if self.sign != other.sign:
            return False
        return self.text == other.text or bool(self.values & other.values) or same_stem(self.text, other.text)


def tokens(text: str, mark: Mark = "") -> list[Token]:
    """Return what carries the meaning of a text, in order, without small words. `mark` is what it puts before decimals."""
    normal = normalise(text)
    result: list[Token] = []
    for match in _TOKEN.finditer(normal.text):
        start, end = match.span()
        if match["digits"] is not None:
            result += _numbers(match, mark)
            continue
        word = re.sub("[\u0300-\u036f]", "", match.group())
        first, _ = normal.span(start, start + 1)
        capital = text[first].isupper()
        if word in SMALL and not (word == "a" and _is_label(normal.text, start, capital)):
            continue
        # An abbreviation in brackets of its own repeats what stands before it.
        aside = len(word) > 1 and normal.text[start - 1 : start] == "(" and normal.text[end : end + 1] == ")"
        result.append(Token(word, start, end, named=(capital or word == "a") and not aside))
    return result


def _numbers(match: re.Match[str], mark: Mark) -> Iterator[Token]:
    """Yield the number of a token, or the numbers of a list without spaces (`0.85,0.92`)."""
    (start, end), digits, power = match.span(), match["digits"], match["power"] or ""
    numbers = [] if power else numbers_in(digits, mark)
    places = sorted({(number.start, number.end) for number in numbers})
    if len(places) < 2:
        # `1.2.3` is a version and no number, whatever numbers are in it; a power is compared as it is written.
        values = frozenset(number.value for number in numbers if number.end - number.start == len(digits))
        yield Token(digits.replace("·", ".") + power, start, end, match["sign"], values)
        return
    for first, last in places:
        values = frozenset(number.value for number in numbers if number.start == first)
        at, sign = match.start("digits") + first, match["sign"] if first == 0 else ""
        yield Token(digits[first:last].replace("·", "."), at, at + last - first, sign, values)


def _is_label(text: str, start: int, capital: bool) -> bool:
    """Return whether an `a` is the letter and no article: a capital inside a sentence, or one that no word follows."""
    if _NO_ARTICLE.match(text, start + 1) or not (_NOUN_AFTER if capital else _WORD_AFTER).match(text, start + 1):
        return True
    return capital and _LETTER_BEFORE.search(text, max(0, start - 2), start) is not None


def stands_in(phrase: str, texts: Sequence[str], mark: Mark = "") -> list[list[tuple[int, int]]]:
    """Return the places of a phrase, or of each of its parts, as (number of the text, offset); a part without any is
    not there.

    The parts of a list may stand anywhere; the words and numbers inside a part in their order. Without words or
    numbers there are no parts.
    """
    # Who quotes a text may put a point for its comma, but nothing else for its point.
    phrase_tokens = tokens(phrase, "." if mark == "." else "")
    if not phrase_tokens:
        return []
    whole = [(number, start) for number, text in enumerate(texts) for start in _whole(phrase, phrase_tokens, text)]
    if whole:
        return [whole]
    read_texts = [(normalise(cleared), tokens(cleared, mark)) for cleared in map(without_citations, texts)]
    return [
        [
            (number, normal.span(words[first].start, words[first].end)[0])
            for number, (normal, words) in enumerate(read_texts)
            for first in _in_words(part, words)
        ]
        for part in _parts(phrase, phrase_tokens)
    ]


def _whole(phrase: str, phrase_tokens: Sequence[Token], text: str) -> Iterator[int]:
    """Yield where a text holds a phrase from word to word; in scripts without spaces, from letter to letter."""
    normal = normalise(text)
    letters = [token.start for token in tokens(text) if token.text == "a"]
    for reading in readings(phrase):
        for start in places_of(normal.text, reading):
            end = start + len(reading)
            # `hepatitis A` is not in `hepatitis, a disease`.
            if sum(start <= letter < end for letter in letters) == sum(token.text == "a" for token in phrase_tokens):
                yield normal.span(start, end)[0]


def _parts(phrase: str, phrase_tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the words of a phrase by the parts of its list; numbers without a word belong to the part beside them.

    A phrase that denies or counts has only one part: what it denies would be taken apart from its denial.
    """
    if any(is_fixed(token.text) for token in phrase_tokens):
        return [list(phrase_tokens)]
    text = normalise(phrase).text
    parts: list[list[Token]] = [[]]
    for before, token in zip([None, *phrase_tokens], phrase_tokens, strict=False):
        worded = any(earlier.text[0].isalpha() for earlier in parts[-1])
        if before is not None and worded and _PARTS.search(text, before.end, token.start):
            parts.append([])
        parts[-1].append(token)
    if len(parts) > 1 and not any(token.text[0].isalpha() for token in parts[-1]):
        last = parts.pop()
        parts[-1] += last
    return parts


def _in_words(part: Sequence[Token], words: Sequence[Token]) -> list[int]:
    """At which words of a text a part of a phrase begins. What is too long for that is not looked for."""
    if len(part) * len(words) > MOST:
        return []
    # From the end: where the rest of the part may begin, so that no way through the text is gone twice.
    begins: list[set[int]] = [set() for _ in part]
    for index in reversed(range(len(part))):
        for position in range(len(words)):
            for next_index, next_position in _meet(part, words, index, position):
                if next_index == len(part) or any(
                    further in begins[next_index] for further in _next_words(words, next_position)
                ):
                    begins[index].add(position)
    return sorted(begins[0])


def _next_words(words: Sequence[Token], first: int) -> Iterator[int]:
    """Yield the words with which a phrase may go on: up to the first one that must not be passed over."""
    for further in range(first, min(first + 1 + APART, len(words))):
        yield further
        if words[further].telling:
            return


def _meet(part: Sequence[Token], words: Sequence[Token], index: int, position: int) -> Iterator[tuple[int, int]]:
    """Yield what comes next on both sides where they go on with the same word; `double-blind` may be two on one side."""
    if part[index].same(words[position]):
        yield index + 1, position + 1
    if _joined(part[index : index + 2]) == words[position].text:
        yield index + 2, position + 1
    if _joined(words[position : position + 2]) == part[index].text:
        yield index + 1, position + 2


def _joined(two: Sequence[Token]) -> str | None:
    """Return two words written as one; None where there are not two."""
    return (
        "".join(token.text for token in two) if len(two) == 2 and all(token.text.isalpha() for token in two) else None
    )
