"""Whether two titles that share an identifier are of one work, however tools have written them."""

import re

from rapidfuzz import fuzz

from ..normalise import clean, normalise_title
from .title_forms import LEAST_WORDS, relation_of, title_forms
from .words import NO_TITLE

ALIKE = 85.0
"""Least similarity (rapidfuzz `ratio`, 0 to 100) of two titles beside a shared identifier, letter by letter or word by word."""
TITLES_AGREE = 90.0
"""Least similarity (rapidfuzz `ratio`, 0 to 100) of normalised titles that agree."""
_NUMERALS = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix"})
LEAST_LETTERS = 20
"""Letters of a title that was cut off, of which so many still tell the work."""
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_PARTS = re.compile(r"\s*(?:[:：?？!]|\.\s|\s[-–—|]\s)\s*")
_CUT = re.compile(r"(?:\.\.\.|…)\s*$")
_RETRACTED = re.compile(r"^(?:retracted|withdrawn|retracted article|withdrawn article) ")
_MARKED = re.compile(r"^\W*(?:retracted|withdrawn)(?: article)?\W+", re.IGNORECASE)
_NOTICE = re.compile(
    r"^(?:(?:author|publisher) )?(?:corrections?|erratum|errata|corrigend(?:um|a)|retraction(?: notice| note)?|expression of"
    r" concern|reply|response|comments?|commentary|authors? reply)(?: (?:to|on|for|of|regarding)\b|$)"
)


def same_title(a: str, b: str) -> bool:
    """Return whether two titles may be of one work, where an identifier says that they are.

    Case, accents, markup, a subtitle that was left out, a title that was cut off, a translation or a remark in brackets
    and a misprint make no difference; another number ("part 2") does, and so does a notice about a work beside the work.
    A title that is none ("n/a") contradicts nothing.
    """
    first, second = _forms(a), _forms(b)
    if not first or not second:
        return True
    if any(_is_notice(form) for form in first) != any(_is_notice(form) for form in second):
        return False
    cut = bool(_CUT.search(clean(a))), bool(_CUT.search(clean(b)))
    return any(_agree(x, y, cut) for x in first for y in second)


def _forms(title: str) -> list[str]:
    """Return a title as it may be written, normalised: whole, without what is in brackets, and what is in them alone."""
    text = clean(title)
    outside = _BRACKETS.sub(" ", text)
    written = [text, outside, *(inside for inside in _BRACKETS.findall(text) if len(inside.split()) >= LEAST_WORDS)]
    forms = [_RETRACTED.sub("", normalise_title(form)) for form in written]
    subtitled = [part for form in (text, outside) for part in _PARTS.split(form)[:1] if part != form]
    forms += [f"{normalise_title(part)}:" for part in subtitled]
    return [form for form in dict.fromkeys(forms) if form.rstrip(":") not in NO_TITLE]


def _is_notice(form: str) -> bool:
    return _NOTICE.match(form.rstrip(":")) is not None


def _agree(a: str, b: str, cut: tuple[bool, bool]) -> bool:
    """Compare two forms. One that ends with a colon is a title without its subtitle, and agrees only with a whole one."""
    if a.endswith(":") and b.endswith(":"):
        return False
    if a.endswith(":") or b.endswith(":"):
        return a.rstrip(":") == b.rstrip(":")
    if titles_agree(a, b):
        return True
    short, long = sorted((a, b), key=len)
    if long.startswith(short) and (len(short) >= LEAST_LETTERS or cut[0 if short == a else 1]):
        # Cut off within a word; "part 1" is no beginning of "part 12", nor "part I" of "part II".
        return long[len(short) :][:1].strip() == "" or not _numbers(short.split()[-1], least=1)
    if len(short.split()) >= LEAST_WORDS and long.endswith(f" {short}"):
        return True
    return _numbers(a) == _numbers(b) and (fuzz.ratio(a, b) >= ALIKE or fuzz.token_sort_ratio(a, b) >= ALIKE)


def _numbers(title: str, least: int = 2) -> list[str]:
    """Return the numbers of a title, Roman ones of at least so many letters too."""
    return sorted(word for word in title.split() if word.isdigit() or re.fullmatch(rf"[ivx]{{{least},4}}", word))


def titles_agree(a: str, b: str) -> float:
    """Return the similarity of two normalised titles, 0 to 1, or 0 where they do not agree.

    They agree if they are equal but for blanks, if they are nearly equal letter by letter with the same numbers
    ("part 1" is not "part 2"), or if the shorter one is the beginning of the longer one (a subtitle was left out) and
    says enough by itself.
    """
    if not a or not b:
        return 0.0
    if a.replace(" ", "") == b.replace(" ", ""):
        return 1.0
    score = fuzz.ratio(a, b)
    if score >= TITLES_AGREE and _plain_numbers(a) == _plain_numbers(b):
        return float(score) / 100
    short, long = sorted((a, b), key=len)
    return 0.9 if len(short.split()) >= LEAST_WORDS and long.startswith(short + " ") else 0.0


def one_title(a: str, b: str) -> bool:
    """Return whether two titles are of one work where nothing but titles, authors and years says so.

    They are equal, or spelled otherwise, but for "RETRACTED:" before one: a subtitle may be a reply's or a second part's.
    """
    first, second = (title_forms(_MARKED.sub("", title)) for title in (a, b))
    return relation_of(first, second) in ("equal", "spelling")


def _plain_numbers(title: str) -> list[str]:
    return [word for word in title.split() if word.isdigit() or word in _NUMERALS]
