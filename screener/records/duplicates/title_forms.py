"""A title as sources may write it: without remarks, translated, without its subtitle, spelled otherwise."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from ..normalise import clean, normalise_title
from .words import LANGUAGES, NEGATING, NO_TITLE, NUMBERED, OPPOSED, SAY_NOTHING, SMALL

LEAST_WORDS = 4
"""Titles of fewer words are too common to identify a work, whoever wrote it and when."""
NEAR = 90.0
"""Least similarity (rapidfuzz `ratio` or `token_sort_ratio`, 0 to 100) of two titles that are nearly one."""
_BRACKETS = re.compile(r"\[([^\[\]]*)\]|【([^【】]*)】")
_ROUND_AT_END = re.compile(r"\s*\(([^()]*)\)\s*\.?\s*$")
_REMARK = re.compile(
    r"\b(?:erratum|errata|corrigend\w+|corrected|comments?|retract\w+|republished|updated?|see|summary|reviewe?d?|refs?|references?"
    r"|multiple letters|letter|letters|editorial|abstract|article|paper|correspondence|in press|no abstract|original)\b"
    r"|^\s*\d*\s*$",
    re.IGNORECASE,
)
# What Embase writes behind a correction or a letter: "… (Lancet (2009) 360 (542-544))".
_CITATION = re.compile(r"\s*\([A-Z][^()]*\([^()]*\b(?:19|20)\d\d\)(?:[^()]|\([^()]*\))*\)?\s*\.?\s*$")
_ACRONYM = re.compile(r"([^()]{4,160}?[^\s()])\s*\(([A-Za-z]{2,8})\)")
_PARTS = re.compile(r"\s*(?:[:：?？!]|\.\s|\s[-–—|]\s|——)\s*")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivx]{2,4}")


@dataclass(frozen=True, slots=True)
class TitleForms:
    """The forms of one title, normalised (see `normalise_title`).

    `main` is the title without remarks; empty where there is none. `others` are the title as it stands, and what is in
    brackets (a translation). `beginning` is what stands before its subtitle, empty where it has none. `numbers` are those
    that tell parts and types from one another.
    """

    main: str
    others: tuple[str, ...]
    beginning: str
    numbers: tuple[str, ...]

    @property
    def whole(self) -> tuple[str, ...]:
        """Return the forms that name the work in full."""
        return (self.main, *self.others)


@lru_cache(maxsize=4096)
def title_forms(written: str) -> TitleForms:
    """Return the forms of a title."""
    text = clean(written)
    inside = [first or second for first, second in _BRACKETS.findall(text)] if "[" in text or "【" in text else []
    outside = _BRACKETS.sub(" ", text) if inside else text
    if outside.rstrip(" .").endswith(")") and "(" in outside:
        outside = _CITATION.sub("", outside)
    while (match := _ROUND_AT_END.search(outside)) and _is_remark(match.group(1)):
        outside = outside[: match.start()]
    translations = [
        part for part in inside if not _is_remark(part) and count_words(normalise_title(part)) >= LEAST_WORDS
    ]
    main = normalise_title(outside)
    if translations and count_words(main) < LEAST_WORDS:
        outside, main, translations = translations[0], normalise_title(translations[0]), translations[1:]
    if main in NO_TITLE:
        main = ""
    whole = normalise_title(written)
    others = [normalise_title(part) for part in translations] + [whole] * (whole not in NO_TITLE)
    if "(" in outside and (short := _with_acronyms(outside)) != outside:
        others.insert(0, normalise_title(short))
    parts = [part for part in _PARTS.split(outside) if part.strip()]
    beginning = normalise_title(parts[0]) if len(parts) > 1 else ""
    return TitleForms(
        main, tuple(form for form in dict.fromkeys(others) if form != main), beginning if beginning != main else "",
        numbers_of(main),
    )  # fmt: skip


def _with_acronyms(text: str) -> str:
    """Return a title with "aHUS" in the place of "atypical hemolytic uremic syndrome (aHUS)"."""

    def shortened(match: re.Match[str]) -> str:
        acronym, words = match.group(2), re.split(r"(?<=[\s-])", match.group(1))
        for first in range(len(words) - len(acronym), len(words)):
            told = [word for word in words[max(first, 0) :] if word.strip(" -")]
            if "".join(word[0] for word in told).casefold() == acronym.casefold():
                return "".join(words[: max(first, 0)]) + acronym
        return match.group()

    return _ACRONYM.sub(shortened, text)


def _is_remark(text: str) -> bool:
    words = normalise_title(text).split()
    return (len(words) <= 3 and not LANGUAGES.isdisjoint(words)) or (
        bool(_REMARK.search(text))
        and (len(words) <= 3 or bool(re.match(r"\W*(?:erratum|corr|comment|retract|see|repub|update)", text, re.I)))
    )


def squeezed(form: str) -> str:
    """Return a form without blanks, so that "fine tuning" is "finetuning"."""
    return form.replace(" ", "")


def count_words(form: str) -> int:
    """Return how many words a form has; each two signs of Chinese, Japanese and Korean count as a word."""
    words = len(form.split())
    return words if form.isascii() else max(words, len(_CJK.findall(form)) // 2)


def is_generic(form: str) -> bool:
    """Return whether a title identifies nothing by itself: it is short, or of words that many carry."""
    return count_words(form) < LEAST_WORDS or says_nothing(form)


def says_nothing(form: str) -> bool:
    """Return whether a title is one that many works carry, as "Letter to the editor" is."""
    return SAY_NOTHING.issuperset(word for word in form.split() if not word.isdigit())


def numbers_of(form: str) -> tuple[str, ...]:
    """Return the numbers in a form, Roman ones too, and what stands behind "part", "type" or "phase", sorted."""
    words = form.split()
    numbers = _DIGITS.findall(form) + [word for word in words if _ROMAN.fullmatch(word)]
    numbers += [word for before, word in pairwise(words) if before in NUMBERED and len(word) == 1]
    return tuple(sorted(_ARABIC.get(word, word) for word in numbers))


_ARABIC = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
           "one": "1", "two": "2", "three": "3"}  # fmt: skip


def relation_of(a: TitleForms, b: TitleForms) -> str:
    """Return how two titles agree: `equal`, `spelling`, `subtitle`, `near`, or the empty string where they do not.

    `equal`: one form of each, letter by letter but for blanks. `spelling`: nearly so, each other word is spelled otherwise.
    `subtitle`: one is the other's beginning, or its end, and says enough by itself. `near`: nearly so, with other words.
    All but the first need the same numbers: "part 1" is not "part 2".
    """
    if not a.main or not b.main:
        return ""
    whole_a, whole_b = {squeezed(form) for form in a.whole}, {squeezed(form) for form in b.whole}
    if not whole_a.isdisjoint(whole_b):
        return "equal"
    for long, short in ((a, b), (b, a)):
        if (
            long.beginning
            and not is_generic(long.beginning)
            and squeezed(long.beginning) in {squeezed(f) for f in short.whole}
        ):
            return "subtitle"
    return max((_near(x, y) for x in (a.main, *a.others[:1]) for y in (b.main, *b.others[:1])), key=_ORDER.index)


_ORDER = ("", "near", "subtitle", "spelling")


def _near(a: str, b: str) -> str:
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if (long.startswith(f"{short} ") or long.endswith(f" {short}")) and count_words(short) >= LEAST_WORDS:
        rest = long.removeprefix(short) if long.startswith(short) else long.removesuffix(short)
        return (
            ""
            if is_generic(short) or (numbers_of(f"{short.split()[-1]} {rest}") and rest.split()[0].isdigit())
            else "subtitle"
        )
    if len(short) < 0.8 * len(long) or numbers_of(a) != numbers_of(b):
        return ""
    if fuzz.ratio(a, b, score_cutoff=NEAR):
        return "spelling" if _spelled_otherwise(a.split(), b.split()) else "near"
    return "near" if fuzz.token_sort_ratio(a, b, score_cutoff=NEAR) else ""


def says_contrary(a: list[str], b: list[str]) -> bool:
    """Return whether a word that only one of two titles has is the contrary of one of the other's: "stable", "unstable"."""
    return any(_contrary(x, y) for x in {*a} - {*b} for y in {*b} - {*a})


def _contrary(x: str, y: str) -> bool:
    short, long = sorted((x, y), key=len)
    # "aetiology" is no contrary of "etiology".
    if len(short) >= 4 and long.endswith(short) and not long.startswith("ae"):
        return long.removesuffix(short) in NEGATING
    return any(
        (x.startswith(p) and y == q + x.removeprefix(p)) or (x.startswith(q) and y == p + x.removeprefix(q))
        for p, q in OPPOSED
    )


def _spelled_otherwise(a: list[str], b: list[str]) -> bool:
    """Return whether each word that only one of two titles has is one of the other's, spelled or parted otherwise."""
    only_a, only_b = ([w for w in x if w not in y and w not in SMALL] for x, y in ((a, b), (b, a)))
    if not only_a and not only_b:
        return True
    if says_contrary(a, b):
        return False
    if fuzz.ratio("".join(only_a), "".join(only_b)) >= 85:
        return True
    if len(only_a) != len(only_b):
        return False
    return all(any(x[0] == y[0] and fuzz.ratio(x, y) >= 75 for y in only_b) for x in only_a)
