"""A title as sources may write it: without remarks, translated, without its subtitle, spelled otherwise."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ..normalise import SIGN, clean, normalise_title
from .words import DENYING, LANGUAGES, NEGATING, NO_TITLE, NUMBERED, OPPOSED, SAY_NOTHING, SMALL

LEAST_WORDS = 4
"""Titles of fewer words are too common to identify a work, whoever wrote it and when."""
NEAR = 90.0
"""Least similarity (rapidfuzz `ratio` or `token_sort_ratio`, 0 to 100) of two titles that are nearly one."""
LEAST_MISSPELLED = 7
"""Letters of a word from which on one letter too many, or two in the wrong order, is a misprint and no other word."""
LEAST_CUT_OFF = 150
"""Letters of a title from which on it may have been cut off within its last word."""
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
    if form.isascii() or not (signs := len(SIGN.findall(form))):
        return words
    return max(words, len(SIGN.sub(" ", form).split()) + signs // 2)


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
    """Return how two titles agree: `equal`, `spelling`, `subtitle`, `near`, `other word`, or the empty string if they do not.

    `equal`: one form of each, letter by letter but for blanks. `spelling`: nearly so, each other word is spelled otherwise.
    `subtitle`: one is the other's beginning, or its end, and says enough by itself. `near`: nearly so, with more words or
    in another order.
    `other word`: nearly so, but where one has a word the other has another ("Austria", "Australia"): see `has_other_word`.
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


_ORDER = ("", "other word", "near", "subtitle", "spelling")


def _near(a: str, b: str) -> str:
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if (long.startswith(f"{short} ") or long.endswith(f" {short}")) and count_words(short) >= LEAST_WORDS:
        if long.startswith(short):
            rest = long.removeprefix(short).split()
            beside = rest[0]
        else:
            rest = long.removesuffix(short).split()
            beside = rest[-1]
        if beside in DENYING:
            return "other word"
        return "" if is_generic(short) or rest[0].isdigit() else "subtitle"
    if len(short) < 0.8 * len(long) or numbers_of(a) != numbers_of(b):
        return ""
    if not fuzz.ratio(a, b, score_cutoff=NEAR) and not fuzz.token_sort_ratio(a, b, score_cutoff=NEAR):
        return ""
    cut, whole = sorted((squeezed(short), squeezed(long)), key=len)
    if len(short) >= LEAST_CUT_OFF and whole.startswith(cut):
        return "spelling"
    if has_other_word(a, b):
        return "other word"
    nearly = any(_only_in_one(a.split(), b.split())) or not _in_one_order(a.split(), b.split())
    return "near" if nearly else "spelling"


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


def has_other_word(a: str, b: str) -> bool:
    """Return whether one of two forms has a word where the other has another, or denies what the other says.

    "Austria" and "Australia", "early" and "late", "with" and "without" are other words; "tumour" and "tumor" are one, and
    so are two long words of which one misses a letter.
    """
    only_a, only_b = _only_in_one(a.split(), b.split())
    if only_a and only_b:
        return True
    return not DENYING.isdisjoint((*only_a, *only_b)) or says_contrary(a.split(), b.split())


def _only_in_one(a: list[str], b: list[str]) -> tuple[list[str], list[str]]:
    """Return the words that only one of two titles has, however spelled or parted; small words do not count."""
    only_a, only_b = ([w for w in x if w not in y and w not in SMALL] for x, y in ((a, b), (b, a)))
    if "".join(map(_spelling, only_a)) == "".join(map(_spelling, only_b)):
        return [], []
    left = list(only_b)
    unmatched = []
    for word in only_a:
        match = next((other for other in left if _one_word(word, other)), None)
        if match is None:
            unmatched.append(word)
        else:
            left.remove(match)
    return unmatched, left


def _in_one_order(a: list[str], b: list[str]) -> bool:
    """Return whether the words that two titles share follow one another alike: unlike "sleep after stroke", "stroke after sleep"."""
    return [w for w in a if w in b and w not in SMALL] == [w for w in b if w in a and w not in SMALL]


def _one_word(x: str, y: str) -> bool:
    """Return whether two words are one, spelled as elsewhere, or with a letter too many or two in the wrong order."""
    plain_x, plain_y = _spelling(x), _spelling(y)
    if plain_x == plain_y:
        return True
    if x[0] != y[0] or max(len(x), len(y)) < LEAST_MISSPELLED or OSA.distance(plain_x, plain_y, score_cutoff=1) > 1:
        return False
    # Another letter in the place of one often makes another word: "abduction", "adduction".
    return len(x) != len(y) or sorted(x) == sorted(y)


@lru_cache(maxsize=1 << 14)
def _spelling(word: str) -> str:
    """Return what is the same in British and American spellings of a word, and in its singular and plural."""
    for pattern, plain in _SPELLINGS:
        word = pattern.sub(plain, word)
    return word


_SPELLINGS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"^(?:vs?|versus)$", "vs"), (r"ae|oe(?!u)", "e"), ("oeu", "eu"), ("ph", "f"), ("ou(?=[lr])", "o"), ("z", "s"), ("k", "c"),
        (r"([^\W\d_])\1", r"\1"), ("(?<=...)s$", ""), ("(?<=[^aeiou])re$", "er"), ("ogue$", "og"), ("ame$", "am"),
        ("ence$", "ense"), ("ie$", "y"), ("(?<=g)ment", "ement"), ("geing$", "ging"),
    )
)  # fmt: skip
