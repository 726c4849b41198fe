"""What two entries share that may be the same work: the keys by which others are looked up, also in a ledger."""

import re
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from ..model import Entry
from .notice_links import notice_keys
from .title_forms import LEAST_WORDS, count_words, squeezed
from .traits import Traits, traits_of

KEYS_VERSION = 4
"""Goes up with each change of the keys: keys that another version stored are made anew."""
WORDS = 3
"""Longest words of a title that are keys, each with the first author."""
BEGINNING = 22
"""Letters of a title's beginning, without vowels, that are a key."""
_LEAST_LETTERS = 12
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_VOWELS = re.compile("(?<=.)[aeiouy]+")
_DOUBLE = re.compile(r"(.)\1+")


def blocking_keys(entry: Entry) -> tuple[str, ...]:
    """Return short texts of which two entries that may be merged, linked or shown as candidates share at least one.

    They follow from the entry alone, whatever else there is, and are the same in every run of one `KEYS_VERSION`. Each is
    a letter for its kind and 12 hex digits. To compare an entry as if all others were there, load those that share a key
    with it *and* whatever these are merged with.
    """
    return keys_of(traits_of(entry), entry)


def keys_of(traits: Traits, entry: Entry) -> tuple[str, ...]:
    """Return the keys of an entry with these traits: see `blocking_keys`.

    `i`: an identifier; `t`: a title, in each of its forms; `b`: a title's beginning; `a`: a long word of the title and the
    first author; `w`: the longest words of the title; `p`: first page with the first author and volume or
    last page, or with volume, last page and year.
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
    author = _skeleton(traits.author)[:5]
    bare = "".join(map(_skeleton, title.main.split()))
    if len(bare) >= _LEAST_LETTERS:
        written.append(f"b{bare[:BEGINNING]}")
    words = _longest(title.main)
    if author:
        early = _longest(title.beginning) if count_words(title.beginning) >= LEAST_WORDS else []
        written += [f"a{author}:{word}" for word in dict.fromkeys([*words, *early])]
    if len(words) == WORDS:
        written.append("w" + ":".join(sorted(words)))
    written += _place(traits, author)
    return tuple(dict.fromkeys(f"{text[0]}{_hash(text)}" for text in written))


def _place(traits: Traits, author: str) -> list[str]:
    pages = traits.pages
    if pages is None:
        return []
    written = [f"p{traits.volume}:{pages.first}:{author}"] if author else []
    if pages.last and pages.first > 1:
        # Many volumes have the same pages. Years that are at most one apart have one of these in common.
        years = sorted({later for year in traits.years for later in (year, year + 1)})
        written += [f"p{pages.first}:{pages.last}:{traits.volume}:{year}" for year in years]
        if author:
            written.append(f"p{pages.first}:{pages.last}:{author}")
    return written


def _longest(form: str) -> list[str]:
    """Return the longest words of a title as skeletons; of Chinese, Japanese and Korean, pairs of signs."""
    words = {_skeleton(word) for word in form.split()}
    if not form.isascii() and _CJK.search(form):
        signs = "".join(_CJK.findall(form))
        words |= {first + second for first, second in pairwise(signs)}
    return sorted(words, key=lambda word: (-len(word), word))[:WORDS]


@lru_cache(maxsize=1 << 16)
def _skeleton(word: str) -> str:
    """Return what differs least between spellings of a word: "behavioural" and "behavioral", "randomised" and "randomized"."""
    bare = _VOWELS.sub("", word.replace("ph", "f").replace("z", "s").replace("k", "c"))
    return _DOUBLE.sub(r"\1", bare)


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()
