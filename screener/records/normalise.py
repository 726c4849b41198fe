"""Canonical forms: identifiers, titles, names and dates, from what the sources write."""

import html
import re
import unicodedata

from .model import KnownDate

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_ARXIV = re.compile(r"(?:arxiv[:./]\s*|abs/|pdf/)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|i|b|u|em|strong|sub|sup|br|h\d|span|div|sec|title|italic|bold|jats:\w+|inf|sc|abstract|ul|li)\b[^<>]*>",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
    for name in (names,)
}
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d|2100)(?!\d)")


def clean(text: object) -> str:
    """`text` on one line: entities and markup resolved, control characters and runs of white space gone.

    Only tags that publishers write are markup; "p < 0.05 and x > 3" stays as it is.
    """
    if text is None or text != text:  # NaN is the one value that differs from itself
        return ""
    said = str(text)
    if "&" in said:
        said = html.unescape(said)
    if "<" in said:
        said = re.sub(r"</?(?:sub|sup|inf|i|b|em|sc|italic|bold|u)\b[^<>]*>", "", said, flags=re.IGNORECASE)
        said = _TAG.sub(" ", said)
    return " ".join(_CONTROL.sub(" ", said).split())


def doi(text: object) -> str | None:
    """A DOI in lower case without resolver or trailing punctuation, or None."""
    found = _DOI.search(clean(text).replace("%2F", "/").lower())
    if not found:
        return None
    value = found.group().rstrip(".,;'")
    # A bracket that was opened outside the DOI belongs to the sentence around it.
    while value.endswith(")") and value.count("(") < value.count(")"):
        value = value[:-1].rstrip(".,;")
    return value


def pmid(text: object) -> str | None:
    """A PubMed id: one to eight digits, or None."""
    found = re.fullmatch(r"(?:pmid:?\s*)?(\d{1,8})(?:\.0)?", clean(text), re.IGNORECASE)
    return found.group(1).lstrip("0") or None if found else None


def pmcid(text: object) -> str | None:
    """A PubMed Central id with its prefix, or None."""
    found = re.search(r"PMC\d+", clean(text), re.IGNORECASE)
    return found.group().upper() if found else None


def arxiv(text: object) -> str | None:
    """An arXiv id without version, or None; a bare number counts only as `dddd.ddddd`."""
    said = clean(text)
    found = _ARXIV.fullmatch(said.split("arxiv.org/")[-1]) if said else None
    return found.group(1).lower() if found else None


def wos(text: object) -> str | None:
    """A Web of Science accession number with its `WOS:` prefix, or None."""
    found = re.search(r"\b(?:WOS|ISI):?\s*(\w{15})\b", clean(text), re.IGNORECASE)
    return f"WOS:{found.group(1).upper()}" if found else None


def year(text: object) -> int | None:
    """The first plausible year (1800 to 2100) in a text or number, or None."""
    found = _YEAR.search(clean(text))
    return int(found.group()) if found else None


def date(kind: str, *texts: object) -> KnownDate | None:
    """A date from what a source writes, as precise as it is plain; None if there is not even a year.

    The parts may come apart ("2025", "MAR 19"). A season or a range of months gives the year alone.
    """
    said = " ".join(filter(None, (clean(text) for text in texts)))
    if iso := re.search(r"(?<!\d)(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?!\d)", said):
        return _known(kind, int(iso.group(1)), int(iso.group(2)), int(iso.group(3) or 0))
    found = year(said)
    if found is None:
        return None
    months = [_MONTHS[word.lower()[:3]] for word in re.findall(r"[A-Za-z]{3,}", said) if word.lower()[:3] in _MONTHS]
    day = re.search(r"(?<!\d)(\d{1,2})(?!\d)", said.replace(str(found), " ", 1))
    if len(months) != 1 or re.search(r"spring|summer|autumn|fall|winter", said, re.IGNORECASE):
        return _known(kind, found, 0, 0)
    return _known(kind, found, months[0], int(day.group(1)) if day else 0)


def _known(kind: str, year_: int, month: int, day: int) -> KnownDate | None:
    if not 1800 <= year_ <= 2100:
        return None
    if not 1 <= month <= 12:
        return KnownDate(kind=kind, value=f"{year_}")
    if not 1 <= day <= 31:
        return KnownDate(kind=kind, value=f"{year_}-{month:02}")
    return KnownDate(kind=kind, value=f"{year_}-{month:02}-{day:02}")


def normalise_title(title: str) -> str:
    """A title for comparing: compatibility forms, accents dropped, case folded, letters and digits only."""
    plain = unicodedata.normalize("NFKD", clean(title)).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def first_author(authors: tuple[str, ...]) -> str:
    """The first author's family name for comparing, or the empty string.

    "Zhu, XD" and "Zhu XD" and "Xiao-Dong Zhu" all give `zhu`: the part before a comma; else the last word that is
    longer than initials.
    """
    if not authors:
        return ""
    name = authors[0]
    family = name.split(",")[0] if "," in name else name
    words = normalise_title(family).split()
    if "," not in name and len(words) > 1:
        last_is_initials = name.split()[-1].rstrip(".").isupper() and len(words[-1]) <= 3
        words = words[:-1] if last_is_initials else words[-1:]
    return "".join(words)
