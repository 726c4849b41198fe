"""The Cochrane Library's text export: `Record #1 of 2`, then a field a line (`TI: …`). Its RIS has a reader of its own."""

import re

from .. import normalise as n
from ..model import Entry
from ..reference_types import ris_type
from . import values as v
from .accessions import accession_number
from .rows import RowCollector
from .tagged import Grammar, TaggedRecord, parse_tagged

_GRAMMAR = Grammar(
    re.compile(r"^([A-Z]{2,3}): ?(.*)$"),
    frozenset(
        [
            "ID",
            "AN",
            "AU",
            "TI",
            "SO",
            "YR",
            "VL",
            "NO",
            "PG",
            "PM",
            "XR",
            "PT",
            "KY",
            "DOI",
            "AB",
            "US",
            "CC",
            "PB",
            "CY",
            "ISS",
            "SN",
            "LA",
            "DB",
            "ST",
            "CA",
            "CN",
            "TT",
        ]
    ),
    frozenset({"ID", "AN"}),
    "TI",
    prose=frozenset({"AB", "TI"}),
    named=frozenset(
        {"AN", "AU", "TI", "SO", "YR", "VL", "NO", "PT", "PB", "CY", "ISS", "SN", "LA", "CC", "ST", "CA", "CN", "TT"}
    ),
)


def looks_like_cochrane(text: str) -> bool:
    """Return whether a text begins with a record of the Cochrane Library."""
    return bool(
        re.match(
            r"\s*(?:Record #\d+ of \d+\s+)?(?:ID|AN): \S+\s+(?:[A-Z]{2,3}: [^\r\n]*[\r\n]\s*)*?TI: ", text[:20_000]
        )
    )


def read_cochrane(text: str, into: RowCollector) -> list[str]:
    """Read the Cochrane Library's text; return notes."""
    parsed = parse_tagged(text, _GRAMMAR)
    for number, record in enumerate(parsed.records, start=1):
        into.add(number, entry_of(record))
    return parsed.notes()


def entry_of(record: TaggedRecord) -> Entry:
    """Return the entry of one record."""
    types = v.unique(part.strip() for value in record.all("PT") for part in re.split(r"[;,](?! Phase)", value))
    number, url = record.first("ID", "AN"), record.first("US")
    others = " ; ".join(record.all("PM", "XR"))
    embase = re.findall(r"(?i)\bEMBASE\W{1,2}(\d{7,11})\b", others)
    pmids = re.findall(r"(?i)\bPUBMED\W{1,2}(\d{1,8})\b", others) or record.all("PM")
    return Entry(
        title=record.first("TI"),
        abstract=record.joined("AB"),
        authors=v.unique(
            name.strip() for line in record.lines("AU") for name in re.split(r";|, (?=\w+ [A-Z]{1,3}\b)", line)
        ),
        year=n.year(record.first("YR")),
        dates=v.known_dates(n.published(record.first("YR"), None)),
        venue=record.first("SO"),
        volume=record.first("VL"),
        issue=record.first("NO"),
        pages=n.pages(record.first("PG")),
        issn=n.issn(" ; ".join(record.all("ISS", "SN"))),
        publisher=record.first("PB"),
        reference_type=ris_type(types, "pubmed") or ris_type(types) or "JOUR",
        publication_types=types,
        language=record.first("LA"),
        keywords=v.unique(word.strip().lstrip("*") for value in record.all("KY") for word in value.split(";")),
        url=url,
        doi=n.doi(record.first("DOI")),
        pmid=next(filter(None, map(n.pmid, pmids)), None),
        accession=v.unique(
            [accession_number(number, "cochrane"), *(accession_number(f"L{other}", "embase") for other in embase)]
        ),
        registry=n.registry_numbers(" ; ".join([number, *record.all("CC"), *([url] if "trial" in url else [])])),
    )
