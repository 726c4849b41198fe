"""Web of Science's lines with tags: "plain text", `.ciw` (EndNote desktop), and ISI's export format before them.

Source: https://images.webofknowledge.com/images/help/WOS/hs_wos_fieldtags.html. Of whole
exports `wosfile` (0.7) reads the same records; it is not used because it reads nothing of a file whose last line (`EF`) or first
lines (`FN`, `VR`) are missing, of files that were joined only the first, and no encoding but UTF-8.
"""

import re

from .. import normalise as n
from ..model import Entry
from ..reference_types import ris_type
from . import values as v
from .rows import RowCollector
from .tagged import Grammar, TaggedRecord, parse_tagged

_TAGS = frozenset(
    [
        "PT",
        "AU",
        "AF",
        "BA",
        "BF",
        "CA",
        "GP",
        "BE",
        "TI",
        "SO",
        "SE",
        "BS",
        "LA",
        "DT",
        "CT",
        "CY",
        "CL",
        "SP",
        "HO",
        "DE",
        "ID",
        "AB",
        "C1",
        "C3",
        "RP",
        "EM",
        "RI",
        "OI",
        "FU",
        "FP",
        "FX",
        "CR",
        "NR",
        "TC",
        "Z1",
        "Z2",
        "Z3",
        "Z4",
        "Z8",
        "Z9",
        "ZB",
        "ZR",
        "ZS",
        "ZA",
        "U1",
        "U2",
        "PU",
        "PI",
        "PA",
        "SN",
        "EI",
        "BN",
        "J9",
        "JI",
        "PD",
        "PY",
        "VL",
        "IS",
        "PN",
        "SU",
        "SI",
        "MA",
        "BP",
        "EP",
        "AR",
        "DI",
        "DL",
        "D2",
        "EA",
        "EY",
        "PG",
        "P2",
        "WC",
        "WE",
        "SC",
        "GA",
        "UT",
        "PM",
        "OA",
        "HC",
        "HP",
        "DA",
        "MH",
        "MQ",
        "MC",
        "CC",
        "DS",
        "GE",
        "OR",
        "TA",
        "TN",
        "MI",
        "PS",
        "PR",
        "SD",
        "FT",
        "FS",
        "RC",
        "DN",
        "X1",
        "X4",
        "XP",
        "BD",
        "AE",
        "PE",
        "AW",
        "LT",
        "CE",
        "BH",
    ]
)
_GRAMMAR = Grammar(
    re.compile(r"^([A-Z][A-Z0-9])(?: (.*)|\s*)$"),
    _TAGS,
    frozenset({"PT"}),
    "TI",
    ends=frozenset({"ER", "EF"}),
    skipped=frozenset({"FN", "VR"}),
    prose=frozenset({"AB", "TI"}),
    named=_TAGS - frozenset({"DE", "ID", "EM", "DI", "D2", "UT", "FU", "FX", "OA", "BP", "EP", "AR", "PD", "ER"}),
)
_KINDS = {"J": "JOUR", "B": "BOOK", "S": "SER", "P": "PAT", "C": "CPAPER"}


def looks_like_wos_tagged(text: str) -> bool:
    """Return whether a text begins like an export of Web of Science."""
    return bool(
        re.match(
            r"\s*(?:FN (?:.*Web of Science|.*Clarivate|.*Thomson|ISI )|VR \d\.\d\s*[\r\n]+PT |PT [JBSPC]\s*[\r\n])",
            text,
        )
    )


def read_wos_tagged(text: str, into: RowCollector) -> list[str]:
    """Read Web of Science's tags; return notes."""
    # A line of text that begins with ER is none: the end of a record stands alone.
    text = re.sub(r"(?m)^(E[RF] +\S)", r"   \1", text)
    parsed = parse_tagged(text, _GRAMMAR)
    for number, record in enumerate(parsed.records, start=1):
        into.add(number, entry_of(record))
    return parsed.notes()


def entry_of(record: TaggedRecord) -> Entry:
    """Return the entry of one record."""
    types = _parts(record, "DT")
    number = re.sub(r"^(?:UNSP|ARTN)\s+", "", record.first("AR"))
    unique_id = record.first("UT")
    database, colon, own = unique_id.partition(":")
    medline = own if database.upper() == "MEDLINE" else ""
    others = f"{database.lower()}:{own}" if colon and database.upper() not in ("WOS", "ISI", "MEDLINE") else ""
    early = n.date("early_access", record.first("EA"))
    return Entry(
        title=record.first("TI"),
        abstract=record.joined("AB"),
        authors=tuple(record.lines("AF") or record.lines("AU") or record.lines("BF", "BA") or record.lines("BE"))
        + v.unique(_parts(record, "CA")),
        year=n.year(record.first("PY")) or (int(early.value[:4]) if early else None),
        dates=v.known_dates(n.published(record.first("PY"), record.first("PD")), early),
        venue=record.first("SO", "J9", "JI", "CT"),
        volume=record.first("VL"),
        issue=record.first("IS"),
        pages=n.pages(record.first("BP"), record.first("EP"), number),
        issn=n.issn(" ; ".join(record.all("SN", "EI"))),
        isbn=n.isbn(" ; ".join(record.lines("BN"))),
        publisher=record.first("PU"),
        reference_type=ris_type(types) or _KINDS.get(record.first("PT"), ""),
        publication_types=types,
        language="; ".join(_parts(record, "LA")),
        keywords=_parts(record, "DE", "ID"),
        doi=n.doi(record.first("DI")),
        pmid=n.pmid(record.first("PM")) or n.pmid(medline),
        arxiv=n.arxiv(n.doi(record.first("DI"))),
        wos=n.wos(unique_id),
        accession=v.unique([others]),
    )


def _parts(record: TaggedRecord, *tags: str) -> tuple[str, ...]:
    return v.unique(part.strip() for value in record.all(*tags) for part in value.split(";"))
