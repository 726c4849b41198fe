"""Cues: words and phrases with a trailing wildcard, found in text as a database query would find them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_CUE_GAP = r"[\s\-‐-―]+"


@lru_cache(maxsize=4096)
def cue_pattern(cue: str) -> re.Pattern[str]:
    """The regular expression of a cue : whole words, any case, hyphen or space alike."""
    words = [re.escape(word) for word in re.split(r"[\s\-]+", cue.rstrip("*").strip()) if word]
    return re.compile(r"\b" + _CUE_GAP.join(words) + (r"\w*" if cue.endswith("*") else r"\b"), re.IGNORECASE)


def cue_spans(text: str, cues: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Every place of every cue in `text`, as (start, end, cue)."""
    for cue in cues:
        for found in cue_pattern(cue).finditer(text):
            yield found.start(), found.end(), cue
