"""MEDLINE's lines with tags, as PubMed (`.nbib`, format "PubMed") and ERIC write them.

Source: https://www.nlm.nih.gov/bsd/mms/medlineelements.html. Of whole exports Biopython's
`Bio.Medline` (1.88) reads the same text. It is not used because it makes one text of all `LID` or `IS` of a record and several
values of a citation, type or identifier that goes on for lines, takes a line that is not indented for a tag, and ends a record
at any empty line.
"""

import re

from .. import normalise as n
from ..model import Entry, RelationKind
from ..reference_types import ris_type
from . import values as v
from .accessions import accession_number
from .rows import RowCollector
from .tagged import Grammar, Tagged, TaggedRecord, cited, parse_tagged

_TAG = re.compile(r"^(?:(?=.{4}-)([A-Z][A-Z0-9]{1,3}) *|(ISSN|ISBN) )-(?: (.*))?$")
"""The tag is filled up to four signs; only ERIC's ISSN has a blank behind them."""
_TAGS = frozenset(
    [
        "PMID",
        "OWN",
        "STAT",
        "DA",
        "DCOM",
        "LR",
        "PUBM",
        "IS",
        "ISSN",
        "ISBN",
        "VI",
        "IP",
        "DP",
        "TI",
        "PG",
        "LID",
        "AB",
        "OAB",
        "OABL",
        "AD",
        "AU",
        "FAU",
        "AUID",
        "CN",
        "FIR",
        "IR",
        "IRAD",
        "LA",
        "PT",
        "PL",
        "TA",
        "JT",
        "JID",
        "SB",
        "MH",
        "OT",
        "OTO",
        "CI",
        "COIS",
        "CIN",
        "CON",
        "CRI",
        "CRF",
        "DDIN",
        "DRIN",
        "EIN",
        "EFR",
        "ECI",
        "ECF",
        "ORI",
        "RPI",
        "RPF",
        "RIN",
        "ROF",
        "RRI",
        "RRF",
        "SPIN",
        "UIN",
        "UOF",
        "PRIN",
        "PROF",
        "PPIN",
        "PPOF",
        "SI",
        "GR",
        "GS",
        "GN",
        "RF",
        "RN",
        "NM",
        "EDAT",
        "MHDA",
        "CRDT",
        "PHST",
        "PST",
        "SO",
        "AID",
        "PMC",
        "PMCR",
        "DEP",
        "TT",
        "BTI",
        "CTI",
        "CTDT",
        "ED",
        "FED",
        "EN",
        "FPS",
        "PS",
        "MID",
        "OCI",
        "OID",
        "PB",
        "VTI",
        "URLS",
        "DRDT",
        "EFT",
        "NI",
        "CDAT",
        "BOOK",
        "CTI",
        "SFM",
        "DDOC",
        "PYR",
        "YR",
        "UR",
        "DB",
    ]
)
_PROSE = frozenset({"AB", "OAB"})
_NAMED = frozenset({"TI", "TT", "TA", "JT", "DP", "VI", "IP"})
_LINKS = {
    "CIN": "commentin", "CON": "commenton", "EIN": "erratumin", "EFR": "erratumfor", "RIN": "retractionin", "ROF": "retractionof",
    "PRIN": "partialretractionin", "PROF": "partialretractionof", "ECI": "expressionofconcernin", "ECF": "expressionofconcernfor",
    "UIN": "updatein", "UOF": "updateof", "RPI": "republishedin", "RPF": "republishedfrom", "CRI": "correctedandrepublishedin",
    "CRF": "correctedandrepublishedfrom", "RRI": "retractedandrepublishedin", "RRF": "retractedandrepublishedfrom",
    "ORI": "originalreportin", "SPIN": "summaryforpatientsin", "DDIN": "associatedpublication", "DRIN": "associateddataset",
}  # fmt: skip


_HEADED = re.compile(r"(?:[^\r\n\t\"{<@%;]{0,200}(?:\r\n?|\n)){1,6}PMID- ?\d+[ ]*[\r\n]+[A-Z]{2,4} *- ")


def looks_like_medline(text: str) -> bool:
    """Return whether a text begins with a record in MEDLINE's tags, or with a few lines of heading above one."""
    return bool(re.match(r"\s*(?:PMID- ?(?:\d|\r?\n[A-Z]{2,4} *- )|OWN *- |STAT- )", text) or _HEADED.match(text))


def read_medline(text: str, into: RowCollector) -> list[str]:
    """Read MEDLINE's tags; return notes. Who owns a record (`OWN`) says whether it is PubMed's or ERIC's."""
    parsed = parse_medline(text)
    for number, record in enumerate(parsed.records, start=1):
        into.add(number, entry_of(record), "ERIC" if record.first("OWN") == "ERIC" else "PubMed")
    return parsed.notes()


def parse_medline(text: str) -> Tagged:
    """Return the records of a text, and what is in none."""
    begins = "PMID" if re.search(r"^PMID- ?(?:\d|$)", text.replace("\r", "\n"), re.MULTILINE) else "OWN"
    return parse_tagged(text, Grammar(_TAG, _TAGS, frozenset({begins}), "TI", prose=_PROSE, named=_NAMED))


def _address(record: TaggedRecord) -> str:
    """Return the web address; that of a DOI in `LID` is the DOI."""
    placed = (value for value in record.all("LID") if not n.doi(value))
    return next((value for value in (*record.all("URLS", "UR"), *placed) if "://" in value), "")


def entry_of(record: TaggedRecord) -> Entry:
    """Return the entry of one record."""
    types = record.all("PT")
    placed = [value for value in record.all("LID", "AID") if "[pii]" not in value]
    written, online = record.first("DP"), n.date("early_access", record.first("DEP"))
    printed = n.published(None, written)
    entered = n.date("indexed", (record.first("CRDT") or record.first("EDAT"))[:10])
    title = record.first("TI")
    if not title or re.fullmatch(r"\[?not available\W*", title, re.IGNORECASE):
        title = record.first("TT", "BTI") or title
    return Entry(
        title=title,
        abstract=record.joined("AB") or record.joined("OAB"),
        authors=tuple(record.all("FAU") or record.all("AU")) + tuple(record.all("CN"))
        or tuple(record.all("FED", "ED")),
        year=n.year(written) or (int(online.value[:4]) if online else None),
        dates=v.known_dates(printed, online, entered),
        venue=record.first("JT", "TA") or (record.first("BTI") if title != record.first("BTI") else ""),
        volume=record.first("VI"),
        issue=record.first("IP"),
        pages=n.pages(record.first("PG")),
        issn=n.issn(" ; ".join(value.removeprefix("ISSN-") for value in record.all("IS", "ISSN"))),
        isbn=n.isbn(" ; ".join(record.all("ISBN"))),
        publisher=record.first("PB"),
        reference_type=ris_type(types, "pubmed") or ris_type(types) or ("BOOK" if record.first("BTI") else "JOUR"),
        publication_types=v.unique(types),
        language="; ".join(v.unique(record.all("LA"))),
        keywords=v.unique(word.replace("*", "") for word in record.all("MH", "OT")),
        url=_address(record),
        doi=next((doi for value in placed if (doi := n.doi(value))), None),
        pmid=n.pmid(record.first("PMID")),
        pmcid=n.pmcid(record.first("PMC")),
        # PubMed gives the number of a preprint as that of a publisher: `arXiv:2101.00001v1 [pii]`.
        arxiv=next(
            filter(
                None, (n.arxiv(value.split(" ")[0]) for value in record.all("AID", "LID") if "arxiv" in value.lower())
            ),
            None,
        ),
        accession=v.unique(
            accession_number(value, "ERIC") for value in record.all("OID") if record.first("OWN") == "ERIC"
        ),
        registry=n.registry_numbers(" ; ".join(record.all("SI"))),
        relations=v.relations(
            cited(v.LINKS.get(name, RelationKind.LINKED), value)
            for tag, name in _LINKS.items()
            for value in record.all(tag)
        ),
    )
