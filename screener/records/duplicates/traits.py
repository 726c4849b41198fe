"""What is compared of an entry: titles as they may be written, names, place in a journal, abstract, identifiers."""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from sys import intern

from ..model import Bibliographic, Entry, RecordType
from ..normalise import first_author, normalise_title
from ..notices import bare_title, notice
from .title_forms import TitleForms, title_forms
from .words import NOBODY, NOTHING, PARTICLES, REGISTRIES

BEGINNING = 400
"""Letters of an abstract that are compared: databases cut abstracts off, and add rights and sponsors at their ends."""
MOST_NUMBERS = 24
NOTICE = "notice: "
"""How the kind of a notice begins. Its title is that of its paper."""
_UNIQUE = ("wos", "pmid", "doi", "arxiv")
_PAGE = re.compile(r"([a-z]*?)0*(\d+)([a-z]*)", re.IGNORECASE)
_RANGE = re.compile(r"\s*[-–—‐‑−]+\s*")
_MEETING = re.compile(r"\b(?:meeting|conference|congress|proceedings) abstract|\babst\b", re.IGNORECASE)
_REGISTERED = re.compile(
    r"\b(?:trial registry|registered trial|clinical trial regist|study registration)", re.IGNORECASE
)
_DISSERTATIONS = re.compile(r"dissertations? abstracts|proquest dissertations|\b(?:phd|doctoral|master'?s) (?:thesis|dissertation)",
                            re.IGNORECASE)  # fmt: skip
# Prefixes under which preprint servers register: arXiv, bioRxiv and medRxiv (two), Research Square, SSRN,
# Preprints.org, TechRxiv, OSF, JMIR Preprints, ChemRxiv.
_PREPRINT = re.compile(
    r"10\.(?:48550/arxiv|1101/\d{4}\.|1101/\d{6}$|64898/|21203/rs|2139/ssrn|20944/preprints|36227/techrxiv|31219/osf"
    r"|2196/preprints|26434/chemrxiv)"
)
_PREPRINT_VENUE = re.compile(r"(?:arxiv|biorxiv|medrxiv|ssrn|research square|preprints|techrxiv)\b", re.IGNORECASE)
_KINDS = {"THES": "thesis", "BOOK": "book", "EBOOK": "book", "EDBOOK": "book", "CHAP": "chapter", "ECHAP": "chapter",
          "ABST": "meeting abstract", "DATA": "dataset", "COMP": "program", "PAT": "patent"}  # fmt: skip
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = re.compile("(?<![a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?![a-z])", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.·]\d+)?")


@dataclass(frozen=True, slots=True)
class Pages:
    """First and last page as numbers, and the letters before them; `last` is 0 where only one is given."""

    letters: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of an entry; it holds no more of the entry than that, so that many fit into memory."""

    title: TitleForms
    author: str
    """The first author's family name; empty for nobody, and for the registry that CENTRAL names as author."""
    names: tuple[str, ...]
    """All words of the first author's name, and the family names of the next five."""
    years: tuple[int, ...]
    venue: str
    issn: tuple[str, ...]
    volume: str
    issue: str
    pages: Pages | None
    abstract: str
    numbers: tuple[str, ...]
    """The first numbers in the abstract, years and parts of dates among them."""
    kind: str
    identifiers: tuple[tuple[str, str], ...]
    registry: tuple[str, ...]
    given_id: str
    may_be_notice: bool
    row: bytes
    """A hash of all that a row says; empty for a row that says no more than title, authors and year."""

    @property
    def is_notice(self) -> bool:
        """Return whether the entry is about a paper: an erratum, a retraction, a reply."""
        return self.kind.startswith(NOTICE)

    def identifier(self, kind: str) -> str:
        """Return the entry's identifier of a kind of which a work has one, or the empty string."""
        return next((value for name, value in self.identifiers if name == kind), "")


def traits_of(entry: Entry) -> Traits:
    """Return what is compared of an entry."""
    author, names = _names(entry.authors)
    about = notice(entry)
    certain = about is not None and about.certain
    # When a database took a work up says nothing of when it came out.
    dates = [int(date.value[:4]) for date in entry.dates if date.kind not in ("indexed", "updated")]
    years = tuple(sorted({*dates} if entry.year is None else {*dates, entry.year}))
    volume, venue = _plain(entry.volume), _plain(entry.venue)
    pages = pages_of(entry.pages)
    return Traits(
        title=title_forms(about.subject if about and certain else bare_title(entry.title)),
        author=author,
        names=names,
        years=years,
        venue=entry.venue if venue else "",
        issn=entry.issn,
        volume=_volume(volume, years),
        issue=_volume(_plain(entry.issue), ()),
        pages=pages,
        abstract=_squeezed(entry.abstract[: 2 * BEGINNING])[:BEGINNING],
        numbers=tuple(intern(number) for number in dict.fromkeys(_NUMBER.findall(entry.abstract)))[:MOST_NUMBERS],
        kind=f"{NOTICE}{about.kind.value}" if about and certain else kind_of(entry),
        identifiers=identifiers_of(entry),
        registry=entry.registry,
        given_id=entry.given_id or "",
        may_be_notice=about is not None,
        row=_row(entry),
    )


def identifiers_of(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Return the identifiers that prove two entries to be one, as (kind, value)."""
    values = [(kind, value) for kind in (*_UNIQUE, "pmcid") if (value := getattr(entry, kind))]
    if entry.arxiv is None and entry.doi and entry.doi.startswith("10.48550/arxiv."):
        values.append(("arxiv", entry.doi.removeprefix("10.48550/arxiv.")))
    return tuple(dict.fromkeys(values + [("accession", number) for number in entry.accession]))


def kind_of(entry: Bibliographic) -> str:
    """Return what class of report an entry is, as far as two of one title may be told apart by it; empty for a paper."""
    if entry.type is not RecordType.PUBLICATION:
        return entry.type.value
    kinds = " ".join((*entry.publication_types, entry.reference_type))
    if entry.reference_type == "THES" or "dissertation" in kinds.casefold() or _DISSERTATIONS.search(entry.venue):
        return "thesis"
    if _MEETING.search(kinds):
        return "meeting abstract"
    if _REGISTERED.search(kinds) or (entry.authors and normalise_title(entry.authors[0]) in REGISTRIES):
        return "registration"
    if "preprint" in kinds.casefold() or _PREPRINT.match(entry.doi or "") or _PREPRINT_VENUE.match(entry.venue):
        return "preprint"
    if entry.arxiv and not entry.doi and not entry.venue:
        return "preprint"
    return _KINDS.get(entry.reference_type, "")


@lru_cache(maxsize=1024)
def pages_of(written: str) -> Pages | None:
    """Return pages for comparing: `105-14` is 105 to 114, `S12–S15` is 12 to 15 of S, `e123` is 123 of e; None for none."""
    if _plain(written) in NOTHING:
        return None
    # A spreadsheet makes dates of pages: "01-Aug" was 1 to 8.
    text = _MONTH.sub(lambda match: str(_MONTHS.index(match.group().casefold()) // 3 + 1), written)
    parts = [_PAGE.search(part) for part in _RANGE.split(re.split("[,;]", text)[0], maxsplit=1)]
    if not parts or parts[0] is None:
        return None
    first, last = int(parts[0].group(2)[:18]), 0
    if len(parts) > 1 and parts[1] is not None:
        digits, whole = parts[1].group(2), str(first)
        last = int((whole[: -len(digits)] + digits if len(digits) < len(whole) else digits)[:18])
        last = 0 if last <= first else last
    return Pages(parts[0].group(1).casefold(), first, last)


def _volume(text: str, years: tuple[int, ...]) -> str:
    """Return a volume's first number; a year in its place says nothing of the volume."""
    match = re.search(r"\d+", text)
    if match is None:
        return "" if text in NOTHING else text
    number = match.group().lstrip("0")[:9]
    return (
        "" if number.isdigit() and len(number) == 4 and any(abs(int(number) - year) <= 1 for year in years) else number
    )


def _names(authors: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the first author's family name without particles, and the words of names that may be it."""
    if not authors:
        return "", ()
    words = normalise_title(authors[0]).split()
    if not words or "".join(words) in NOBODY or words[0] in REGISTRIES:
        return "", ()
    family = _without_particles(first_author(authors), authors[0])
    others = (_without_particles(first_author((name,)), name) for name in authors[1:6])
    long = (word for word in words if len(word) > 2 and word not in PARTICLES)
    return family, tuple(map(intern, dict.fromkeys(filter(None, (family, *long, *others)))))


def _without_particles(family: str, written: str) -> str:
    """Return a family name as it is without "van de" before it."""
    words = normalise_title(written.partition(",")[0]).split()
    while len(words) > 1 and words[0] in PARTICLES:
        family, words = family.removeprefix(words[0]), words[1:]
    return family


def _plain(text: str) -> str:
    plain = text.strip().casefold() if text.isascii() else normalise_title(text)
    return "" if plain in NOTHING else plain


def _squeezed(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _row(entry: Entry) -> bytes:
    more = (
        entry.venue,
        entry.volume,
        entry.issue,
        entry.pages,
        entry.abstract,
        entry.url,
        *entry.issn,
        *entry.registry,
    )
    if not entry.title or not any(more):
        return b""
    told = (entry.title, *entry.authors, str(entry.year), *more, entry.reference_type, *entry.publication_types)
    return blake2b("\x00".join(told).casefold().encode(), digest_size=8).digest()
