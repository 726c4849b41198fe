"""EndNote's lines with tags (`%0`, `.enw`), which follow Refer/BibIX.

Source: EndNote's manual, "Creating a Tagged EndNote Import File".
"""

import re

from .. import normalise as n
from ..model import Entry
from ..reference_types import ris_type
from . import values as v
from .accessions import accession_number
from .databases import database_key
from .rows import RowCollector
from .tagged import Grammar, TaggedRecord, noted_relations, parse_tagged

_SIGNS = "012346789ABCDEFGHIJKLMNOPQRSTUVWXYZ@!#$&()*+,.:;<=>?[]^_`{|}~-/\\"
_GRAMMAR = Grammar(
    re.compile(rf"^\s{{0,3}}(%[{re.escape(_SIGNS)}])(?:[ \t]+(.*))?$"),
    frozenset(f"%{sign}" for sign in _SIGNS),
    frozenset({"%0"}),
    "%T",
    prose=frozenset({"%X", "%Z", "%T"}),
    named=frozenset(f"%{sign}" for sign in "0ABCDEIJNPSTVY68?!"),
)


def looks_like_endnote_tagged(text: str) -> bool:
    """Return whether a text begins with a record in EndNote's tags."""
    return bool(re.match(r"\s*%[0A-Z@] ", text)) and bool(
        re.search(r"^\s{0,3}%T ", text.replace("\r", "\n"), re.MULTILINE)
    )


def read_endnote_tagged(text: str, into: RowCollector) -> list[str]:
    """Read EndNote's tags; return notes."""
    parsed = parse_tagged(text, _GRAMMAR)
    for number, record in enumerate(parsed.records, start=1):
        into.add(number, entry_of(record, into.database), record.first("%~") or None)
    return parsed.notes()


def entry_of(record: TaggedRecord, source: str = "") -> Entry:
    """Return the entry of one record; `source` is the database where the record names none."""
    database = database_key(record.first("%~", "%W") or source)
    number, notes = record.first("%M"), record.lines("%Z")
    urls = [line for line in record.lines("%U", "%>") if "://" in line]
    serial = " ; ".join(record.all("%@"))
    doi = next((doi for value in (*record.all("%R"), *urls) if (doi := n.doi(value))), None)
    keywords = [word for line in record.lines("%K") for word in line.split(";")]
    early = n.date("early_access", record.first("%7")) if re.match(r"\d{4}[/-]", record.first("%7")) else None
    return Entry(
        title=record.first("%T", "%!"),
        abstract=record.joined("%X"),
        authors=v.unique(record.lines("%A") or record.lines("%E", "%Y")),
        year=n.year(record.first("%D")) or n.year(record.first("%8")),
        dates=v.known_dates(n.published(record.first("%D"), record.first("%8")), early),
        venue=record.first("%J", "%B", "%S"),
        volume=record.first("%V"),
        issue=record.first("%N"),
        pages=n.pages(record.first("%P"), article=record.first("%]")),
        issn=n.issn(serial),
        isbn=n.isbn(serial),
        publisher=record.first("%I"),
        reference_type=ris_type([record.first("%0")], "endnote") or ris_type([record.first("%0")]),
        publication_types=v.unique(part.strip() for value in record.all("%9") for part in value.split(";")),
        language=record.first("%G"),
        keywords=v.unique(word.strip().lstrip("*") for word in keywords),
        url=urls[0] if urls else "",
        doi=doi,
        pmid=(n.pmid(number) if database in ("pubmed", "medline") else None)
        or next(filter(None, map(n.pmid, urls)), None),
        pmcid=n.pmcid(record.first("%2")),
        arxiv=next((n.arxiv(value) for value in (doi or "", *urls) if "arxiv" in value), None),
        wos=n.wos(number),
        accession=v.unique(accession_number(value.strip(), database) for value in number.split(";")),
        registry=n.registry_numbers(" ; ".join(record.all("%M", "%1", "%2", "%3", "%4", "%L"))),
        relations=noted_relations(notes),
    )
