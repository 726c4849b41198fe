"""Plain text: normalising, sentences, cues, quotes, embeddings."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from .sentences import sentences
from .stems import stems

if TYPE_CHECKING:
    from .bm25 import BM25
    from .cues import cue_problem, cue_spans, denied
    from .embeddings import HashedTerms, MiniLM, load_embedder
    from .hostile import SUSPICIOUS, hostile_flags
    from .language import language_of
    from .language_names import languages_in
    from .numbers import Mark, decimal_mark, in_unit, labelled, numbers_in
    from .phrases import SMALL, stands_in, tokens
    from .quotes import QuotePlace, locate, locate_in
    from .sentences import MAX_LENGTH, Sentence
    from .stems import stem
    from .wording import (
        Phrase,
        alike,
        content_of,
        definite_phrases,
        denies,
        double_denial,
        indefinite_phrases,
        is_participle,
        words_of,
    )
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "BM25",
    "MAX_LENGTH",
    "SMALL",
    "SUSPICIOUS",
    "HashedTerms",
    "Mark",
    "MiniLM",
    "Phrase",
    "QuotePlace",
    "Sentence",
    "alike",
    "content_of",
    "cue_problem",
    "cue_spans",
    "decimal_mark",
    "definite_phrases",
    "denied",
    "denies",
    "double_denial",
    "hostile_flags",
    "in_unit",
    "indefinite_phrases",
    "is_participle",
    "labelled",
    "language_of",
    "languages_in",
    "load_embedder",
    "locate",
    "locate_in",
    "numbers_in",
    "sentences",
    "stands_in",
    "stem",
    "stems",
    "tokens",
    "words_of",
]
