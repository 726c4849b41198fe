"""EndNote's XML, which Zotero, Rayyan and Covidence write too.

Source: the elements that EndNote X9 to 21 export; types are `ref-type` with its name and number.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .. import normalise as n
from ..model import Entry, RecordType
from ..reference_types import ris_type
from . import values as v
from .accessions import accession_number
from .rows import RowCollector
from .xml_documents import BrokenFileError, content, elements, every, first, root_name

_HEAD = re.compile(
    r"<record[\s>](?:(?!<record[\s>]).)*?<(?:titles|contributors|ref-type)[\s>/]", re.DOTALL | re.IGNORECASE
)
_PUBMED = ("pubmed", "medline", "nlm", "ncbi")


def looks_like_endnote_xml(text: str) -> bool:
    """Return whether a text is an EndNote library in XML."""
    return root_name(text).casefold() in ("xml", "records") and bool(_HEAD.search(text, 0, 200_000))


def read_endnote_xml(text: str, into: RowCollector) -> list[str]:
    """Read an EndNote library in XML."""
    row = 0
    try:
        for row, record in enumerate(elements(text, {"record"}), start=1):
            into.add(row, entry_of(record), first(record, "remote-database-name") or None)
    except BrokenFileError as problem:
        into.reject(row + 1, f"{problem}; export the library again")
    return []


def entries_of(document: str) -> Iterator[Entry]:
    """Yield the entries of a document. Raises `BrokenFileError` where it breaks off."""
    return map(entry_of, elements(document, {"record"}))


def entry_of(record: Element) -> Entry:
    """Return the entry of one `record`."""
    kind = record.find("ref-type")
    reference_type = (
        "" if kind is None else ris_type([kind.get("name")], "endnote") or ris_type([content(kind)], "endnote")
    )
    urls = [url for path in ("urls/related-urls/url", "urls/web-urls/url", "urls/text-urls/url", "urls/pdf-urls/url")
            for url in every(record, path)]  # fmt: skip
    web = [url for url in urls if re.match(r"https?://", url)]
    year, dated = first(record, "dates/year"), first(record, "dates/pub-dates/date")
    published = n.published(year, dated)
    number = " ; ".join(every(record, "isbn"))
    return Entry(
        title=first(record, "titles/title", "titles/translated-title", "titles/short-title", "titles/secondary-title"),
        abstract=" ".join(every(record, "abstract")),
        authors=_authors(record),
        year=n.year(year) or n.year(dated),
        dates=v.known_dates(published, n.date("early_access", first(record, "edition")) if "Epub" in first(record, "edition") else None),
        venue=first(record, "periodical/full-title", "titles/secondary-title", "alt-periodical/full-title",
                    "titles/alt-title", "periodical/abbr-1", "titles/tertiary-title"),
        volume=first(record, "volume"),
        issue=first(record, "number", "issue"),
        pages=n.full_pages(first(record, "pages")) or n.pages("", "", first(record, "custom7")),
        issn=n.issn(number),
        isbn=n.isbn(number),
        publisher=first(record, "publisher"),
        type=RecordType.DATASET if reference_type == "DATA" else RecordType.PUBLICATION,
        reference_type=reference_type,
        publication_types=v.unique(every(record, "work-type")),
        language=first(record, "language"),
        keywords=v.unique(word.strip() for text in every(record, "keywords/keyword") for word in re.split(r"[;\r\n]", text)),
        url=next(iter(web), ""),
        **_identifiers(record, web),
        registry=n.registry_numbers(" ; ".join(every(record, "notes") + every(record, "custom1") + every(record, "accession-num"))),
    )  # fmt: skip


def _authors(record: Element) -> tuple[str, ...]:
    """Return the authors, or the editors where there is none. A comma behind a group's name is EndNote's mark of it."""
    for path in ("authors", "secondary-authors"):
        if names := v.unique(name.rstrip(", ") for name in every(record, f"contributors/{path}/author")):
            return names
    return ()


def _identifiers(record: Element, urls: list[str]) -> dict[str, object]:
    """Return identifiers: the accession number is what the database named beside it counts by."""
    accession, notes = first(record, "accession-num"), first(record, "notes")
    database = first(record, "remote-database-name", "remote-database-provider").casefold()
    doi = n.doi(first(record, "electronic-resource-num")) or next(filter(None, map(n.doi, urls)), None)
    named = re.search(r"\bPMID:? *(\d{1,8})\b", f"{notes} {first(record, 'custom1')}")
    wos = n.wos(accession)
    from_pubmed = any(name in database for name in _PUBMED) or (not database and "pubmed" in " ".join(urls))
    pmid = n.pmid(accession) if from_pubmed else None
    other = "" if n.registry_numbers(accession) else accession_number(accession, database)
    return {
        "doi": doi,
        "pmid": pmid or (n.pmid(named[1]) if named else None) or next(filter(None, map(n.pmid, urls)), None),
        "pmcid": n.pmcid(first(record, "custom2")) or next(filter(None, map(n.pmcid, urls)), None),
        "arxiv": n.arxiv(doi) or next(filter(None, map(n.arxiv, urls)), None),
        "wos": wos,
        "accession": v.unique((other,)),
    }
