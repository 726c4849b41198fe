"""What two entries share that may be the same work: the keys by which others are looked up, also in a ledger."""

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, pairwise

from ..model import Entry
from ..normalise import SIGN, normalise_title
from .notice_links import notice_keys
from .title_forms import LEAST_WORDS, count_words, squeezed
from .traits import Traits, traits_of
from .words import IN_VENUES

KEYS_VERSION = 6
"""Goes up with each change of the keys: keys that another version stored are made anew."""
WORDS = 4
"""Longest words of a title of which each two are a key, with the first author."""
BEGINNING = 22
"""Letters of a title's beginning, and of its end, without vowels, that are a key."""
ABSTRACT = 60
"""Letters of an abstract's beginning that are a key, with the first author."""
_LEAST_LETTERS = 12
_VOWELS = re.compile("(?<=.)[aeiouy]+")
_DOUBLE = re.compile(r"(.)\1+")


def blocking_keys(entry: Entry) -> tuple[int, ...]:
    """Return numbers of which two entries that may be merged, linked or shown as candidates share at least one.

    They follow from the entry alone, whatever else there is, and are the same in every run of one `KEYS_VERSION`. Each is
    a letter for its kind and 48 bits of a hash. To compare an entry as if all others were there, load those that share a
    key with it *and* whatever these are merged with.
    """
    return keys_of(traits_of(entry), entry)


def keys_of(traits: Traits, entry: Entry) -> tuple[int, ...]:
    """Return the keys of an entry with these traits: see `blocking_keys`.

    `i`: an identifier; `t`: a title, in each of its forms; `b` and `e`: a title's beginning and end; `w`: the longest words
    of the title; `p`: see `_place`. With the first author: `a`: two long words of the title; `f` and `l`: its first and
    last words; `s`: the beginning of the abstract.

    A key must say much: what two entries share by chance are comparisons, which grow with the square of their number.
    """
    title = traits.title
    written = [f"i{kind}:{value}" for kind, value in sorted(traits.identifiers)]
    written += [f"iregistry:{number}" for number in sorted(traits.registry)]
    if traits.given_id:
        # Many files number their rows from 1: the beginning of the title keeps those apart.
        written.append(f"igiven_id:{traits.given_id}:{squeezed(title.main)[:4]}")
    written += [f"t{squeezed(form)}" for form in (*title.whole, title.beginning) if form]
    # A notice and its paper meet in the paper's identifiers and title.
    about = [name.partition(":") for name in notice_keys(entry)] if traits.may_be_notice or entry.relations else []
    written += [f"t{value}" if kind == "title" else f"i{kind}:{value}" for kind, _, value in about]
    skeletons = [_skeleton(word) for word in title.main.split()]
    bare = "".join(skeletons)
    if len(bare) >= _LEAST_LETTERS:
        written += [f"b{bare[:BEGINNING]}", f"e{bare[-BEGINNING:]}"]
    words = _longest(title.main)
    if len(words) >= _WHOLE:
        written.append("w" + ":".join(sorted(words[:_WHOLE])))
    author = _skeleton(traits.author)[:5]
    if author:
        early = _longest(title.beginning)[:_WHOLE] if count_words(title.beginning) >= LEAST_WORDS else []
        written += [f"a{author}:{':'.join(some)}" for form in (words, early) for some in _pairs(form)]
        if len(skeletons) >= LEAST_WORDS:
            first, last = skeletons[:LEAST_WORDS], skeletons[-LEAST_WORDS:]
            written += [f"f{author}:{''.join(first)}", f"l{author}:{''.join(last)}"]
        if len(traits.abstract) >= ABSTRACT:
            written.append(f"s{author}:{traits.abstract[:ABSTRACT]}")
    written += _place(traits, author)
    return tuple(map(_number, dict.fromkeys(written)))


_WHOLE = 3
"""Longest words of a title that are one key together."""


def _place(traits: Traits, author: str) -> list[str]:
    """Return what says where an entry is printed.

    First page and first author with the volume, without one with the journal; first and last page with the journal and the
    first author, or with the journal, volume and year.
    """
    pages, journal = traits.pages, _initial(traits.venue)
    if pages is None:
        return []
    written = [f"p{pages.first}:{author}:{traits.volume or journal}"] if author else []
    if pages.last and pages.first > 1:
        # Many volumes have the same pages. Years that are at most one apart have one of these in common.
        years = sorted({later for year in traits.years for later in (year, year + 1)})
        span = f"p{pages.first}:{pages.last}:{journal}"
        written += [f"{span}:{traits.volume}:{year}" for year in years]
        if author:
            written.append(f"{span}:{author}")
    return written


@lru_cache(maxsize=1 << 12)
def _initial(venue: str) -> str:
    """Return the first letter of a journal's name, which abbreviations leave."""
    words = (word for word in normalise_title(venue).split() if word not in IN_VENUES and not word.isdigit())
    return next(words, "")[:1]


def _pairs(words: list[str]) -> Iterable[tuple[str, ...]]:
    """Return each two of some words, the same way round in every title; a single one by itself."""
    return combinations(sorted(words), min(2, len(words))) if words else ()


def _longest(form: str) -> list[str]:
    """Return the longest words of a title as skeletons; of Chinese, Japanese and Korean, pairs of signs."""
    words = {_skeleton(word) for word in form.split()}
    if not form.isascii() and SIGN.search(form):
        signs = "".join(SIGN.findall(form))
        words |= {first + second for first, second in pairwise(signs)}
    return sorted(words, key=lambda word: (-len(word), word))[:WORDS]


@lru_cache(maxsize=1 << 16)
def _skeleton(word: str) -> str:
    """Return what differs least between spellings of a word: "behavioural" and "behavioral", "randomised" and "randomized"."""
    bare = _VOWELS.sub("", word.replace("ph", "f").replace("z", "s").replace("k", "c"))
    return _DOUBLE.sub(r"\1", bare)


def _number(text: str) -> int:
    hashed = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return ord(text[0]) << 48 | int.from_bytes(hashed)
