"""Canonical forms: identifiers, titles, names and dates, from what the sources write."""

import html
import re
import unicodedata
from calendar import monthrange
from functools import lru_cache
from urllib.parse import unquote

from .model import KnownDate

# Of a DOI's marks only blanks and quotation marks end it, and angle brackets but for those of old Wiley DOIs:
# 10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2.
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/(?:[^\s\"<>]|<\d[^\s<>]*>)+")
_ARXIV = re.compile(
    r"(?:arxiv[:./]\s*|abs/|pdf/|10\.48550/arxiv\.)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?",
    re.IGNORECASE,
)
# A tag is only what publishers write, with nothing but attributes in it: "p <i and x> 3" is no tag.
_ATTRIBUTES = r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?>"""
_FONT = "i|b|u|em|strong|italic|bold|underline"
_INLINE = re.compile(rf"</?(?:jats:)?(?:sub|sup|inf|sc|scp|tt|span|a|font|small|{_FONT}){_ATTRIBUTES}", re.IGNORECASE)
_FORMULA = re.compile(rf"</?(?:mml:\w+|math|m[inor]|msu[bp]|mrow|inline-formula){_ATTRIBUTES}", re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:(?:jats:)?(?:p|br|hr|div|sec|title|label|list|list-item|abstract|abstracttext|h[1-6])|ul|ol|li|table|t[rdh]"
    rf"|jats:[\w-]+){_ATTRIBUTES}|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
# Some publishers drop the blanks around a word in italics ("of<i>Salmonella</i>on"): two letters on each side are two
# words, a single letter in italics ("<i>p</i>53") is part of one.
_GLUED = re.compile(rf"(?<=[^\W\d_])<(?:jats:)?({_FONT})>([^\W\d_]{{3,}}[^<>]*)</(?:jats:)?\1>", re.IGNORECASE)
_GLUED_AFTER = re.compile(rf"(?<=[^\W\d_]{{3}})</(?:jats:)?(?:{_FONT})>(?=[^\W\d_]{{2}})", re.IGNORECASE)
# What cannot be seen, or cannot be stored: NUL, soft hyphens, zero-width marks, halves of surrogate pairs.
_INVISIBLE = re.compile("[\x00\u00ad\u200b\u200c\u200d\u2060\ufeff\ud800-\udfff]")
_CONTROL = re.compile(r"[\x01-\x1f\x7f-\x9f]")
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi"
    " psi omega"
)
_GREEK = dict(zip(map(ord, "αβγδεζηθικλμνξοπρστυφχψω"), _GREEK_NAMES.split(), strict=True))
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "}
)
_PARTICLE_NAMES = "van von der den de del della di da dos du la le el al bin ten ter zu zur"
_PARTICLES = frozenset(_PARTICLE_NAMES.split())
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_MONTH_WORD = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?"
    "|dec(ember)?"
)
_SEASONS = frozenset({"spring", "spr", "summer", "sum", "autumn", "fall", "fal", "winter", "win"})
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d|2100)(?!\d)")


def clean(text: object) -> str:
    """Return `text` on one line: entities and markup resolved, control characters and runs of white space gone.

    Only tags that publishers write are markup; "p < 0.05 and x > 3" stays as it is.
    """
    if text is None or text != text:  # NaN is the one value that differs from itself
        return ""
    line = _INVISIBLE.sub("", str(text))
    if "&" in line:
        # Twice, because some exports escape what was escaped already ("&amp;lt;").
        line = html.unescape(html.unescape(line))
    if "<" in line:
        line = _GLUED_AFTER.sub(" ", _GLUED.sub(r" <\1>\2</\1>", line))
        line = _BLOCK.sub(" ", _FORMULA.sub("", _INLINE.sub("", line)))
    return " ".join(_CONTROL.sub(" ", line).split())


def doi(text: object) -> str | None:
    """Return a DOI in lower case without resolver, query string or trailing punctuation, or None."""
    lowered = _INVISIBLE.sub("", "" if text is None else html.unescape(str(text)))
    lowered = unquote(lowered).lower()
    match = _DOI.search(lowered)
    if not match:
        return None
    value = re.split(r"[;,]10\.\d{4,9}/", match.group())[0]
    if "://" in lowered or "doi=" in lowered:  # what follows the DOI in an address is not part of it
        value = re.split(r"[&?#]", value)[0]
    value = value.rstrip(".,;:'")
    # A bracket that was opened outside the DOI belongs to the sentence around it.
    while value.endswith(")") and value.count("(") < value.count(")"):
        value = value[:-1].rstrip(".,;")
    return value


def pmid(text: object) -> str | None:
    """Return a PubMed id: one to eight digits, or None. An address at PubMed or NCBI is read too."""
    written = re.sub(r"^https?://\S*?(?:pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/(\d+)/?$", r"\1", clean(text))
    match = re.fullmatch(r"(?:pmid:?\s*)?(\d{1,8})(?:\.0)?", written, re.IGNORECASE)
    return match.group(1).lstrip("0") or None if match else None


def pmcid(text: object) -> str | None:
    """Return a PubMed Central id with its prefix, or None."""
    match = re.search(r"PMC\d+", clean(text), re.IGNORECASE)
    return match.group().upper() if match else None


def arxiv(text: object) -> str | None:
    """Return an arXiv id without version, or None; a bare number counts only as `dddd.ddddd`."""
    written = clean(text)
    match = _ARXIV.fullmatch(re.split(r"arxiv\.org/|doi\.org/", written)[-1]) if written else None
    return match.group(1).lower() if match else None


def wos(text: object) -> str | None:
    """Return a Web of Science accession number with its `WOS:` prefix, or None."""
    match = re.search(r"\b(?:WOS|ISI):?\s*(\w{15})\b", clean(text), re.IGNORECASE)
    return f"WOS:{match.group(1).upper()}" if match else None


def year(text: object) -> int | None:
    """Return the first plausible year (1800 to 2100) in a text or number, or None."""
    match = _YEAR.search(clean(text))
    return int(match.group()) if match else None


def date(kind: str, *texts: object) -> KnownDate | None:
    """Return a date from what a source writes, as precise as it is plain; None if there is not even a year.

    The parts may come apart ("2025", "MAR 19"). A season or a range of months gives the year alone.
    """
    parts = [part for part in map(clean, texts) if part]
    # The part that has both a year and a month speaks for itself: an early-access row may name two years.
    whole = next((part for part in parts if year(part) and re.search(r"[A-Za-z]{3}", part)), None)
    written = whole or " ".join(parts)
    if iso := re.search(r"(?<!\d)(\d{4})([-/.]?)(\d{2})\2(\d{2})(?!\d)", written):
        return _calendar_date(kind, int(iso.group(1)), int(iso.group(3)), int(iso.group(4)))
    if iso := re.search(r"(?<!\d)(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?![-\d])", written):
        return _calendar_date(kind, int(iso.group(1)), int(iso.group(2)), int(iso.group(3) or 0))
    first_year = year(written)
    if first_year is None:
        return None
    words = [word.lower() for word in re.findall(r"[A-Za-z]{3,}", written)]
    months = [_MONTHS[word[:3]] for word in words if re.fullmatch(_MONTH_WORD, word)]
    if len(months) != 1 or not _SEASONS.isdisjoint(words):
        return _calendar_date(kind, first_year, 0, 0)
    day = re.search(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?![\d:])", written.replace(str(first_year), " "))
    return _calendar_date(kind, first_year, months[0], int(day.group(1)) if day else 0)


def published(year_: object, date_: object) -> KnownDate | None:
    """Return the publication date from a year and perhaps a finer date.

    Of kind `year` where no more than that is known.
    """
    exact = date("published", year_, date_)
    return KnownDate(kind="year", value=exact.value) if exact and len(exact.value) == 4 else exact


def _calendar_date(kind: str, year_: int, month: int, day: int) -> KnownDate | None:
    """Return as much of a date as there is in the calendar: 30 February is February."""
    if not 1800 <= year_ <= 2100:
        return None
    if not 1 <= month <= 12:
        return KnownDate(kind=kind, value=f"{year_}")
    if not 1 <= day <= monthrange(year_, month)[1]:
        return KnownDate(kind=kind, value=f"{year_}-{month:02}")
    return KnownDate(kind=kind, value=f"{year_}-{month:02}-{day:02}")


@lru_cache(maxsize=8192)
def normalise_title(title: str) -> str:
    """Return a title for comparing.

    Compatibility forms, no accents, case folded, Greek letters by name, words and digits.
    """
    plain = unicodedata.normalize("NFKD", clean(title)).casefold().translate(_STROKES)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_GREEK)
    # An apostrophe joins ("Crohn's"), all other punctuation parts.
    return " ".join(re.findall(r"\w+", re.sub(r"(?<=\w)['’ʼ](?=\w)", "", plain).replace("_", " ")))


def first_author(authors: tuple[str, ...]) -> str:
    """Return the first author's family name for comparing, or the empty string.

    "Zhu, XD" and "Zhu XD" and "Xiao-Dong Zhu" all give `zhu`: the part before a comma; else what is left without
    initials at the end; else the last word, with the particles before it ("Rens van de Schoot").
    """
    if not authors:
        return ""
    family, comma, _ = authors[0].partition(",")
    words = family.split()
    if not comma and len(words) > 1:
        names = list(words)
        while len(names) > 1 and re.fullmatch(r"(?:[^\W\d_][.-]{0,2}){1,3}", names[-1]) and names[-1].isupper():
            names.pop()
        if len(names) == len(words):
            first = len(words) - 1
            while first > 1 and words[first - 1].casefold() in _PARTICLES:
                first -= 1
            names = words[first:]
        words = names
    return normalise_title(" ".join(words)).replace(" ", "")


def pages(first: object, last: object = "", article: object = "") -> str:
    """Return first and last page as `45–67`, or the one page, or the article number; empty for nothing."""
    start, end = clean(first), clean(last)
    written = f"{start}–{end}" if start and end and end != start else start or end or clean(article)
    return re.sub(r"(?<=\w) ?--? ?(?=\w)", "–", written)
