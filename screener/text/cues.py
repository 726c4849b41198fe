"""Cues: words and phrases with a trailing wildcard, found in text as a database query would find them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_CUE_GAP = r"[\s\-‐-―]+"
# A cue that follows one of these within three words of the same clause is denied. `neither` reaches over commas.
_DENIAL = re.compile(
    r"(?:\b(?:no|not(?!\s+(?:only|just|merely))|without|never|nor|lack(?:s|ing)?|instead\s+of|rather\s+than)\b(?:[\s\-]++[^\s\-,;:.]+(?:-+[^\s\-,;:.]+)*){0,3}"
    r"|\bneither\b[^;:.]{0,60})[\s\-]+$",
    re.IGNORECASE,
)
_ODD = re.compile("[\u0130\u0131]")  # the two letters that a pattern takes for an i, and `casefold` does not
_REACH = 90
"""Characters before a cue in which a denial is looked for."""


_QUOTES = re.compile("[\"“”„«»‹›`]|(?<!\\w)['‘’]")
_NEARNESS = re.compile(
    r"(?<!\S)(?:(?:NEAR|NEXT|ADJ|ONEAR|WITHIN|SAME|SENT|PARA)(?!\S)|(?i:adj|near|next|onear|within)\d+(?!\S)"
    r"|(?i:near|next|adj|onear|pre|within|w|n|p|sent|para)/(?:\d+|s|p)?(?!\S)|(?<=\S )[NW]\d+(?= \S))"
)
_BOOLEAN = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)")
_FIELDS = r"(?:title-abs-key|title-abs|title|abstract|topic|all|keyword|mesh|tiab|tw|ti|ab|ts|kw|kf|mh|mp|hw|de|su|sh|au|so|pt|la|py|dt|tx)"
_FIELD = re.compile(
    rf"\[[^\]]*\]|(?<!\w){_FIELDS}\s*[=:(]|[.:]{_FIELDS}(?:,{_FIELDS})*\.?\s*$|(?<!\w)(?:exp|MH|MeSH)\s.*/",
    re.IGNORECASE,
)
_WILDCARD = re.compile(r"[?#$!]")
_OTHER = re.compile(r"[\[\]{}|^~\\<>;]|\s\(|\)\s")


def cue_problem(cue: str) -> str | None:
    """Return why a cue can never be found, or is more than a word or phrase, with what to write instead; else None.

    Only a `*` at the end stands for something: what else databases know is looked for letter by letter, and not found.
    """
    words = cue.strip()
    inner = words.removesuffix("*")
    if not any(character.isalnum() for character in words):
        return "says nothing; write a word or phrase, or remove it"
    if "*" in inner:
        return "a `*` stands at the end only, for any ending; write each form as a cue of its own"
    if _QUOTES.search(words):
        return "write the phrase without quotation marks; its words are looked for side by side anyway"
    if (match := _NEARNESS.search(words)) is not None:
        return f"`{match[0].strip()}` is a database's nearness; write each phrase as it stands in texts, as a cue of its own"
    if (match := _BOOLEAN.search(words)) is not None:
        return f"`{match[0]}` joins searches; write a cue for each (in a phrase, write `{match[0].lower()}`)"
    if (match := _FIELD.search(words)) is not None:
        return f"`{match[0].strip()}` names a database's field; leave it out: cues are looked for in title and text"
    if (match := _WILDCARD.search(words)) is not None:
        return f"`{match[0]}` stands for no letter; write each spelling as a cue of its own, or end the cue with `*`"
    if (match := _OTHER.search(words)) is not None:
        return f"`{match[0].strip()}` is a database's sign; write words or phrases, each as a cue of its own"
    if not (inner[0].isalnum() and inner[-1:].isalnum()):
        return "a cue begins and ends with a letter or digit (a `*` may follow); anything else is never found"
    return None


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
