"""Lexical ranking of passages: Okapi BM25 over words."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

_WORD = re.compile(r"\w+")
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "with",
        "by",
        "from",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "and",
        "or",
        "not",
        "which",
        "what",
        "how",
        "does",
        "do",
        "did",
        "has",
        "have",
        "had",
        "on",
        "one",
        "each",
        "any",
        "all",
        "than",
        "then",
        "their",
        "there",
        "if",
        "can",
        "may",
    ]
)
K1, B = 1.2, 0.75
"""Saturation of a term's frequency, and how far length counts; the customary values."""


def words(text: str) -> list[str]:
    """Return the words of a text for ranking: lower case, without stop words, a plural `s` dropped."""
    plain = (word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in plain]


class BM25:
    """Scores texts for a query. Robertson & Zaragoza, *The Probabilistic Relevance Framework* (2009), eq. 3.15, with
    idf = ln(1 + (N − n + 0.5)/(n + 0.5)), which is never negative.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts."""
        self._counts = [Counter(words(text)) for text in texts]
        self._lengths = [sum(counts.values()) for counts in self._counts]
        self._mean = sum(self._lengths) / max(len(self._lengths), 1) or 1.0
        self._in: Counter[str] = Counter(word for counts in self._counts for word in counts)

    def scores(self, query: str, weights: Mapping[str, float] | None = None) -> list[float]:
        """Return one score a text, 0 where it has no word of the query.

        `weights` says how much a word counts, as `words` gives it; one that is not there counts 1.
        """
        total = [0.0] * len(self._counts)
        for word in set(words(query)):
            texts_with_word = self._in[word]
            if not texts_with_word:
                continue
            weight = 1.0 if weights is None else weights.get(word, 1.0)
            idf = weight * math.log(1 + (len(self._counts) - texts_with_word + 0.5) / (texts_with_word + 0.5))
            for index, counts in enumerate(self._counts):
                if frequency := counts[word]:
                    norm = K1 * (1 - B + B * self._lengths[index] / self._mean)
                    total[index] += idf * frequency * (K1 + 1) / (frequency + norm)
        return total
