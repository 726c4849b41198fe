"""How a question or rule is worded in English: its content words, its definite noun phrases, its denials.

Rules of thumb of grammar, without a subject's vocabulary and without a parser: they serve advice on wording, and nothing is
decided by them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .stems import stem

_WORD = re.compile(r"[^\W\d_][\w]*(?:[-‐‑'’][^\W_][\w]*)*")
_FUNCTION = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "such", "it", "its", "they", "them", "their", "he", "she",
    "his", "her", "we", "our", "i", "you", "your", "one", "ones", "there", "here", "and", "or", "but", "nor", "so",
    "yet", "if", "whether", "either", "neither", "both", "of", "in", "on", "at", "by", "for", "from", "to", "with",
    "without", "into", "onto", "upon", "about", "above", "below", "over", "under", "between", "among", "during",
    "before", "after", "since", "until", "within", "across", "through", "against", "per", "via", "as", "than",
    "like", "unless", "except", "is", "are", "was", "were", "be", "been", "being", "am", "do", "does", "did",
    "done", "has", "have", "had", "having", "can", "could", "may", "might", "must", "shall", "should", "will",
    "would", "not", "no", "never", "only", "also", "too", "very", "more", "most", "less", "least", "much", "many",
    "any", "all", "some", "each", "every", "other", "another", "same", "own", "who", "whom", "whose", "which",
    "what", "when", "where", "why", "how", "then", "thus", "out", "up", "off", "again", "else", "just", "even",
    "still",
})  # fmt: skip
"""Words that carry grammar and no content."""
_GENERIC = frozenset({
    "study", "studies", "paper", "papers", "article", "articles", "report", "reports", "reported", "record",
    "records", "publication", "research", "work", "author", "authors", "text", "abstract", "title", "describe",
    "describes", "described", "present", "presents", "presented", "use", "uses", "used", "using", "include",
    "includes", "included", "including", "concern", "concerns", "type", "kind", "least", "main", "original",
})  # fmt: skip
"""Words of content that stand in the criteria of any review, so that sharing them says nothing."""
_AUXILIARY = frozenset({
    "is", "are", "was", "were", "be", "been", "do", "does", "did", "has", "have", "had", "can", "could", "may",
    "might", "must", "shall", "should", "will",
})  # fmt: skip
_PHRASE_ENDS = (_FUNCTION - {"other", "same", "own", "most", "more", "very"}) | _AUXILIARY
_IRREGULAR = frozenset({
    "given", "shown", "made", "taken", "found", "kept", "held", "known", "written", "drawn", "built", "done",
    "seen", "chosen", "put", "meant", "set", "left", "cut", "led", "brought", "sent", "lost", "taught", "bought",
    "read",
})  # fmt: skip
_NO_PARTICIPLE = frozenset({
    "need", "seed", "breed", "speed", "feed", "bed", "red", "indeed", "embed", "hundred", "thing", "something",
    "nothing", "king",
})  # fmt: skip


@dataclass(frozen=True)
class Word:
    """A word and its place in the text."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """Return it in lower case."""
        return self.text.lower()


def words_of(text: str) -> list[Word]:
    """Return the words of a text; what a hyphen joins is one."""
    return [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]


def content_of(text: str, *, generic: bool = False) -> frozenset[str]:
    """Return the stems of the words of content in a text; those that any review's criteria have only if `generic`."""
    return frozenset(
        stem(word.text)
        for word in words_of(text)
        if word.lower not in _FUNCTION and (generic or word.lower not in _GENERIC)
    )


def alike(first: frozenset[str], second: frozenset[str]) -> float:
    """Return the share of the content words of two texts that both have (Jaccard), from 0 to 1; 0 where both are empty."""
    return len(first & second) / len(first | second) if first | second else 0.0


def is_participle(word: str) -> bool:
    """Return whether a word has the form of a participle (`trained`, `training`, `given`)."""
    lower = word.lower()
    return lower in _IRREGULAR or (len(lower) > 4 and lower.endswith(("ed", "ing")) and lower not in _NO_PARTICIPLE)


_DEFINITE = re.compile(r"\b(?:the|this|these|those|such(?!\s+as\b)(?:\s+an?)?)\s+", re.IGNORECASE)
_INDEFINITE = re.compile(r"\ban?\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: its words behind the article, and its text with the article."""

    text: str
    start: int
    words: tuple[str, ...]


def definite_phrases(text: str) -> list[Phrase]:
    """Return the noun phrases that take their noun for known: those with `the`, `this`, `these`, `those`, `such (a)`.

    A phrase ends before a word of grammar, a mark, or a participle behind its noun (`the model trained on …`).
    """
    return list(_phrases(text, _DEFINITE))


def indefinite_phrases(text: str) -> list[Phrase]:
    """Return the noun phrases with `a` or `an`, which bring something up."""
    return [
        phrase for phrase in _phrases(text, _INDEFINITE) if not re.search(r"\bsuch\s+$", text[: phrase.start], re.I)
    ]


def _phrases(text: str, article: re.Pattern[str]) -> Iterator[Phrase]:
    words = words_of(text)
    for match in article.finditer(text):
        inside: list[Word] = []
        last = match.end()
        for word in (word for word in words if word.start >= match.end()):
            between = text[last : word.start]
            noun = any(not is_participle(earlier.text) and not earlier.lower.endswith("ly") for earlier in inside)
            if between.strip() or word.lower in _PHRASE_ENDS or (noun and is_participle(word.text)) or len(inside) == 5:
                break
            inside.append(word)
            last = word.end
        if inside:
            yield Phrase(text[match.start() : last], match.start(), tuple(word.text for word in inside))


_TURNED = r"(?:un(?!der|til|it|iq|ion|iv|less|if|an)\w{3,}|non-?\w{4,}|in(?:eligible|adequate|complete|appropriate|active|valid|frequent|consistent|sufficient)\w*|im(?:possible|proper)\w*|irrelevant)"
_LACKING = r"(?:exclud\w+|lack(?:s|ed|ing)?|fail(?:s|ed|ing|ure)?|absen(?:t|ce)|missing|without|unless|ruled?\s+out|neither|none|never)"
_DOUBLE = re.compile(
    rf"\b(?:not|never|no|cannot|\w+n['’]t|without)\s+(?:(?:an?|the|been|be|\w+ly)\s+)?{_TURNED}\b"
    rf"|\b(?:not|never|no|cannot|\w+n['’]t)\s+(?!only\b)(?:(?!and\b|or\b|but\b)[\w-]+\s+){{0,3}}{_LACKING}\b"
    r"|\bwithout\s+(?!and\b|or\b)(?:(?!and\b|or\b|but\b)[\w-]+\s+){0,4}(?:no|not|never|none)\b",
    re.IGNORECASE,
)


def double_denial(text: str) -> str | None:
    """Return the first words of a text that deny twice within one clause (`not uncontrolled`, `not … without`)."""
    match = _DOUBLE.search(text)
    return match[0] if match else None


_DENIES = re.compile(
    r"\b(?:no|not|never|without|neither|nor|none|nothing|only|alone|lacks?|\w+n['’]t)\b", re.IGNORECASE
)


def denies(text: str) -> bool:
    """Return whether a text denies or restricts something."""
    return _DENIES.search(text) is not None
