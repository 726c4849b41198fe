"""Cues: words and phrases with a trailing wildcard, found in text as a database query would find them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_CUE_GAP = r"[\s\-‐-―]+"
# A cue that follows one of these within three words of the same clause is denied. `neither` reaches over commas.
_DENIAL = re.compile(
    r"(?:\b(?:no|not(?!\s+(?:only|just|merely))|without|never|nor|lack(?:s|ing)?|instead\s+of|rather\s+than)\b(?:[\s\-]+[^\s,;:.]+){0,3}"
    r"|\bneither\b[^;:.]{0,60})[\s\-]+$",
    re.IGNORECASE,
)
_ODD = re.compile("[\u0130\u0131]")  # the two letters that a pattern takes for an i, and `casefold` does not
_REACH = 90
"""Characters before a cue in which a denial is looked for."""


def _words(cue: str) -> list[str]:
    return [word for word in re.split(r"[\s\-]+", cue.rstrip("*").strip()) if word]


@lru_cache(maxsize=4096)
def cue_pattern(cue: str) -> re.Pattern[str]:
    """Return the regular expression of a cue : whole words, any case, hyphen or space alike."""
    return re.compile(
        r"\b" + _CUE_GAP.join(map(re.escape, _words(cue))) + (r"\w*" if cue.endswith("*") else r"\b"), re.IGNORECASE
    )


def cue_spans(text: str, cues: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield every place of every cue in `text`, as (start, end, cue)."""
    # Most cues are not there, and a plain search says so many times quicker than a pattern that minds no case.
    folded = None if _ODD.search(text) else text.casefold()
    for cue in cues:
        if folded is None or _longest_word(cue) in folded:
            for match in cue_pattern(cue).finditer(text):
                yield match.start(), match.end(), cue


@lru_cache(maxsize=4096)
def _longest_word(cue: str) -> str:
    """Return what `casefold` of a text must hold for the cue to be there; nothing where that cannot be said."""
    return "" if _ODD.search(cue) else max(_words(cue), key=len, default="").casefold()


def denied(text: str, start: int) -> bool:
    """Return whether the cue that begins at `start` is denied by a negation before it (`without pre-training`).

    A rule of thumb: it sees the near and plain cases, and is meant for not counting a cue, never for a `no`.
    """
    return _DENIAL.search(text, max(0, start - _REACH), start) is not None
