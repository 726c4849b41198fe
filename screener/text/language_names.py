"""Languages as databases write them: codes and names of ISO 639, several in one field."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

_BETWEEN = re.compile(r"[;,/|&+\n]|\b(?:and|und|et|y|or)\b", re.IGNORECASE)
_REGION = re.compile(r"([a-z]{2,3})[-_](?:[a-z]{2}|[a-z]{4}|\d{3})(?:[-_]\w+)?")
_ABSTRACT = re.compile(r"\b(?:abstracts?|summar(?:y|ies)|résumés?)\b", re.IGNORECASE)
"""A part that says in what language an abstract is, not the paper."""
_AROUND = re.compile(r"\b(?:(?:article|text|paper|published|written) )?in\b|\blanguage\b|[.:*\[\]\"']", re.IGNORECASE)


@cache
def _codes() -> dict[str, str]:
    """Return the two-letter code of each code and name, in lower case."""
    codes: dict[str, str] = {}
    for line in files(__package__).joinpath("languages.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            names = [_plain(name) for name in line.split(";")]
            codes.update((name, names[0]) for name in names if name not in codes)
    return codes


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def languages_in(field: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the languages that a field names, as two-letter codes of ISO 639, and the parts that name none known.

    `eng`, `English`, `en-GB` and `English (United States)` are one language; `eng; fre` are two. A part about the
    abstract is left out.
    """
    known: set[str] = set()
    unknown: list[str] = []
    whole = re.sub(r"\([^()]*\)", " ", field).strip() or field.strip(" ()")
    for part in [whole] if _plain(whole) in _codes() else _BETWEEN.split(whole):
        plain = _plain(part) if _plain(part) in _codes() else _plain(_AROUND.sub(" ", part))
        if _ABSTRACT.search(part) or not plain:
            continue
        codes = _languages(plain)
        known |= codes
        if not codes:
            unknown.append(part.strip())
    return frozenset(known), tuple(unknown)


def _languages(part: str) -> set[str]:
    codes = _codes()
    if part in codes:
        return {codes[part]}
    if (tag := _REGION.fullmatch(part)) and tag[1] in codes:
        return {codes[tag[1]]}
    words = part.split()
    if all(word in codes for word in words):  # `eng fre`
        return {codes[word] for word in words}
    if len(words[-1]) > 3 and words[-1] in codes:  # `British English`
        return {codes[words[-1]]}
    return set()
