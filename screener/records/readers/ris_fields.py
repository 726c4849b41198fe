"""RIS: which tags hold what. The vendors' dialects differ in where journal, dates, identifiers and abstracts stand."""

import re
from functools import lru_cache

from .. import normalise as n
from ..model import Entry, KnownDate
from ..reference_types import CODES, ris_type
from .accessions import accession_number, by_form
from .databases import database_key
from .tagged import TaggedRecord, noted_relations

_TITLES = ("TI", "T1", "CT", "TT", "ST", "BT")
_VENUES = ("T2", "JF", "JO", "BT", "JI", "JA", "J2", "J1", "J9")
_CUSTOM = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "U1", "U2", "U3", "U4", "U5")
_NUMBERED = ("AN", "ID", "SI", "CN", *_CUSTOM)
_ADDRESSES = ("UR", "L2", "L1", "LK", "L3")
# Who provides a record is a database only where the two have one name.
_PROVIDERS = {"nlm": "PubMed", "pubmed": "PubMed"}
# Where reference managers and vendors put a PMID: EndNote and EBSCO in `AN`, Ovid in `ID`, Scopus in `C2`, Embase in `C5`.
_PMID_IN = {"pubmed": ("AN", "ID"), "medline": ("AN", "ID"), "scopus": ("C2",), "embase": ("C5",)}
_REGISTERS = (
    "clinicaltrials.gov", "isrctn", "clinicaltrialsregister", "euclinicaltrials", "anzctr", "drks.de", "chictr", "umin.ac",
    "jrct", "trialregister", "trialsearch.who", "ctri.nic", "irct.", "pactr", "cris.nih.go.kr", "thaiclinicaltrials",
    "ensaiosclinicos", "rpcec", "onderzoekmetmensen",
)  # fmt: skip
_MEDLINE_TYPES = re.compile(
    r"(?:.*\b(?:Article|Review|Trial|Trial, Phase .*|Study|Report|Reports|Letter|Editorial|Comment|Meta-Analysis|Guideline|Protocol"
    r"|Publication|Erratum|News|Conference|Preprint)|Expression of Concern|Research Support, .*)"
)
"""EndNote puts MEDLINE's types of publication among the notes, a line each."""


def database_of(record: TaggedRecord) -> str:
    """Return the database that the record names, as it writes it; or that which its identifiers give away."""
    if named := record.first("DB"):
        return named
    provider = record.first("DP")
    return _PROVIDERS.get(provider.casefold(), "Web of Science" if n.wos(record.first("AN")) else provider)


def entry_of(record: TaggedRecord, *, own_id: bool, source: str = "") -> Entry:
    """Return the entry of a record; its `ID` is its own id only if told so.

    `source` is the database that the user names: whose accession numbers these are where the record does not say it.
    """
    written_id, notes = record.first("ID"), record.lines("N1")
    database = _database_key(database_of(record) or source)
    urls = _addresses(record)
    doi = _doi(record, notes, urls)
    named = [value for value in record.all("M3", "PT", "DT") if "10." not in value or not n.doi(value)]
    types = [name.strip() for value in named for name in value.split(";") if name.strip()]
    if record.first("DP").casefold() == "nlm":
        types += [note for note in notes if len(note) < 80 and _MEDLINE_TYPES.fullmatch(note)]
    described = next(filter(None, map(_DESCRIBED.match, record.all("AN"))), None)
    types += [name.strip() for name in (described["types"] or "").split(",")] if described else []
    serial = " ".join(record.all("SN", "EI", "BN"))
    return Entry(
        title=record.first(*_TITLES),
        abstract=record.joined("AB", "N2"),
        authors=tuple(dict.fromkeys(record.all("FA") or record.all("AU", "A1") or record.all("A2", "ED", "A3"))),
        **_dates(record),
        venue=_venue(record),
        volume=record.first("VL", "VO"),
        issue=record.first("IS", "CP"),
        pages=n.pages(record.first("SP", "BP"), record.first("EP"), _article_number(record)),
        issn=_issn(serial),
        isbn=_isbn(serial),
        publisher=record.first("PB", "PU"),
        reference_type=_reference_type(record.first("TY")),
        publication_types=tuple(dict.fromkeys(types)),
        language=record.first("LA", "LG") or (described["language"] if described else ""),
        keywords=_keywords(record),
        url=urls[0] if urls else "",
        given_id=written_id if own_id and written_id else None,
        doi=doi,
        pmid=_pmid(record, database, notes, urls),
        pmcid=_pmcid(record, notes),
        arxiv=_arxiv(doi, notes, urls),
        wos=next(filter(None, map(n.wos, record.all("AN", "ID", "UT"))), None),
        accession=_accession(record, database, urls),
        registry=_registry(record, urls),
        relations=noted_relations(notes),
    )


_DESCRIBED = re.compile(
    r"[\w-]{4,40}\. Language: (?P<language>[^.]+)\.(?:.*?Publication Type: (?P<types>[^.;]+))?", re.IGNORECASE
)
"""EBSCO puts more behind CINAHL's number: `107865432. Language: English. Entry Date: … Publication Type: Journal Article, research.`"""
_NAMED_PMID = re.compile(r"\b(?:PubMed|PMID)\W{1,2}(\d{1,8})\b", re.IGNORECASE)
_NOTED_DOI = re.compile(r"(?:doi\W{0,2}\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/", re.IGNORECASE)
_NOTED_PMCID = re.compile(r"(?:PMCID:?\s*)?PMC\d+", re.IGNORECASE)
_IN_CENTRAL = re.compile(r"\bEMBASE\W{1,2}(\d{7,11})\b", re.IGNORECASE)
_EID = re.compile(r"\b2-s2\.0-\d{8,30}")
_LENS = re.compile(r"lens\.org/((?:\d{3}-){4}\d{2}[\dX])")
_ARTICLE = re.compile(r"(?:Art(?:icle)?\.?(?: No\.?)? ?)?((?:e|ARTN )?\d[\w.-]{2,14}|[a-z]+\d{3,10})", re.IGNORECASE)
# Few different values come again and again in a file.
_published, _date, _year = lru_cache(4096)(n.published), lru_cache(4096)(n.date), lru_cache(4096)(n.year)
_issn, _isbn = lru_cache(4096)(n.issn), lru_cache(4096)(n.isbn)
_database_key = lru_cache(256)(database_key)


@lru_cache(256)
def _reference_type(written: str) -> str:
    return written.upper() if written.upper() in CODES else ris_type([written], "endnote") or ris_type([written])


def _dates(record: TaggedRecord) -> dict[str, object]:
    """Return year and dates. "PY 2020" beside "Y1 4-8 Aug. 2020" or "DA 2020/08//": the most precise of the year counts."""
    written = record.first("PY")
    year = _year(written) or _year(record.first("Y1")) or _year(record.first("DA"))
    candidates = (_published(written, record.first(tag)) for tag in ("DA", "Y1"))
    same_year = [date for date in candidates if date and date.value[:4] == str(year)]
    published = max(same_year, key=lambda date: len(date.value), default=None)
    if published is None and year:
        published = KnownDate(kind="year", value=str(year))
    edition = record.first("ET")  # where EndNote puts PubMed's date of electronic publication
    early = _date("early_access", edition) if re.match(r"\d{4}[/-]\d{1,2}", edition) else None
    return {"year": year, "dates": tuple(date for date in (published, early) if date)}


def _venue(record: TaggedRecord) -> str:
    title = record.first(*_TITLES)
    return next((name for tag in _VENUES for name in record.all(tag) if name != title), "")


def _article_number(record: TaggedRecord) -> str:
    """Return the number that stands for pages: `C7` (Scopus, EndNote), `AR`, or `M1` where it is a number and no remark."""
    other = record.first("M1")
    fitting = _ARTICLE.fullmatch(other)
    return record.first("C7", "AR") or (fitting[1] if fitting and other != record.first("IS") else "")


def _keywords(record: TaggedRecord) -> tuple[str, ...]:
    words = record.lines("KW")
    if len(words) == 1:
        words = [word.strip() for word in re.split(r"[;|]", words[0])]
    return tuple(dict.fromkeys(word for word in (each.lstrip("* ") for each in words) if word))


def _addresses(record: TaggedRecord) -> list[str]:
    """Return the web addresses. Their parameters (`&doi=…`) are no entities: they stay as they are."""
    written = [line for tag in _ADDRESSES for value in record.fields.get(tag, ()) for line in value.split("\n")[:3]]
    return ["".join(line.replace("&amp;", "&").split()) for line in written if "://" in line or "www." in line]


def _doi(record: TaggedRecord, notes: list[str], urls: list[str]) -> str | None:
    """Return the DOI: in its field, or where a vendor puts it. A note counts only where it is nothing else."""
    values = (*record.all("DO", "DI"), *record.lines("L3", "M3", "M2"), *urls, *record.all("AN"))
    if found := next((doi for value in values if "10." in value and (doi := n.doi(value))), None):
        return found
    return next((n.doi(note) for note in notes if "10." in note and _NOTED_DOI.match(note)), None)


def _pmid(record: TaggedRecord, database: str, notes: list[str], urls: list[str]) -> str | None:
    named = record.all("PM", *_PMID_IN.get(database, ()))
    # Cochrane: `C3  - PUBMED 12345678,EMBASE 2001234567`. Zotero: a note `PMID: 12345678`.
    for text in (*record.all("AN", *_CUSTOM, "XR"), *(note for note in notes if note[:4].upper() == "PMID")):
        if not text.isdigit():
            named += _NAMED_PMID.findall(text)
    named += [url for url in urls if "pubmed" in url]
    return next((pmid for text in named if (pmid := n.pmid(text))), None)


def _pmcid(record: TaggedRecord, notes: list[str]) -> str | None:
    places = [*record.all("C2", "U2", "AN"), *notes]
    return next((n.pmcid(text) for text in places if _NOTED_PMCID.match(text)), None)


def _arxiv(doi: str | None, notes: list[str], urls: list[str]) -> str | None:
    """Return the arXiv id. Zotero: a note `arXiv: 2101.00001 [cs]`."""
    noted = (match[1] for note in notes if (match := re.match(r"(arxiv: ?\S+)(?: \[\S+\])?$", note, re.IGNORECASE)))
    texts = (doi or "", *noted, *urls)
    return next((paper for text in texts if "arxiv" in text.lower() and (paper := n.arxiv(text))), None)


def _accession(record: TaggedRecord, database: str, urls: list[str]) -> tuple[str, ...]:
    numbers = [
        accession_number(number, database)
        for value in record.all("AN", *(("U2",) if database == "embase" else ()))
        for number in re.split(r"\s*[;,]\s*", value if not _DESCRIBED.match(value) else value.partition(".")[0])
    ] + [by_form(record.first("ID"))]
    for text in record.all("C3", "XR"):
        numbers += [accession_number(f"L{number}", "embase") for number in _IN_CENTRAL.findall(text)]
    numbers += [f"scopus:{eid}" for url in urls if "2-s2.0-" in url for eid in _EID.findall(url)]
    numbers += [f"lens:{lens}" for url in urls if "lens.org" in url for lens in _LENS.findall(url)]
    return tuple(dict.fromkeys(filter(None, numbers)))


def _registry(record: TaggedRecord, urls: list[str]) -> tuple[str, ...]:
    """Return the registration numbers of the trial. Those in title and abstract may be of other trials."""
    places = [value for value in record.all(*_NUMBERED) if not value.isdigit()]
    places += [value for value in record.all("AU", "A1") if value[-1:].isdigit() or value[-2:-1].isdigit()]
    places += [url for url in urls if any(name in url.lower() for name in _REGISTERS)]
    if "ISRCTN" in record.first("DO").upper():
        places.append(record.first("DO"))
    return n.registry_numbers(" ; ".join(places)) if places else ()
