"""Tables: Web of Science full-record sheets, PubMed summary CSV, and plain CSV, TSV and spreadsheets."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadInput
from . import normalise as n
from .model import Entry, KnownDate
from .reading import Rows

Row = Mapping[str, Any]

# The names that tools give to a column, lower case, in the order in which they are preferred.
COLUMNS: dict[str, tuple[str, ...]] = {
    "given_id": ("id", "record_id", "record id", "recordid", "accession number", "rayyan_id", "covidence #", "key"),
    "title": ("title", "article title", "primary_title", "document title", "dc:title", "ti", "t1", "item title"),
    "abstract": ("abstract", "notes_abstract", "abstract note", "abstract_note", "ab", "n2", "summary"),
    "authors": ("authors", "author", "author(s)", "first_authors", "author names", "author full names", "au", "a1"),
    "year": ("year", "publication year", "publication_year", "pub year", "py", "y1", "published", "publication date", "date"),
    "venue": ("venue", "journal", "source title", "journal/book", "journal title", "publication title", "secondary_title",
              "publication", "host_venue", "booktitle", "source", "jo", "t2"),
    "doi": ("doi", "digital object identifier", "doi link", "di"),
    "pmid": ("pmid", "pubmed id", "pubmed_id", "pubmedid", "pm"),
    "pmcid": ("pmcid", "pmc id"),
    "arxiv": ("arxiv", "arxiv_id", "arxiv id"),
    "wos": ("wos_id", "wos", "ut (unique wos id)", "ut"),
    "url": ("url", "urls", "link", "pdf link"),
    "keywords": ("keywords", "author keywords", "index keywords", "mesh terms", "keyword", "de"),
    "language": ("language", "language of original document", "la"),
    "publication_types": ("document type", "publication type", "item type", "type", "pt", "dt", "type_of_work"),
}  # fmt: skip


def sheet_rows(path: Path) -> tuple[list[str], list[Row]]:
    """The first sheet of an Excel file: its column names and its rows. All cells as text, empty ones as ""."""
    import pandas as pd

    try:
        frame = pd.read_excel(path, engine="calamine", dtype=str, na_filter=False)
    except Exception as error:
        said = " ".join(str(error).split())[:150]
        raise BadInput(f"{path}: cannot be read as a spreadsheet ({said}); export it again, or as CSV") from None
    return [str(column) for column in frame.columns], frame.to_dict("records")


def text_rows(path: Path, text: str) -> tuple[list[str], list[Row]]:
    """A CSV or TSV: its column names and its rows. The delimiter is the one that splits the first line most."""
    head = text.lstrip("\n").split("\n", 1)[0]
    delimiter = max(",;\t|", key=head.count)
    csv.field_size_limit(2**30)
    # A NUL cannot be part of a CSV; it becomes a blank here and is dropped with the other control characters.
    reader = csv.DictReader(io.StringIO(text.replace("\x00", " "), newline=""), delimiter=delimiter, strict=False)
    try:
        rows = [{k: v for k, v in row.items() if k is not None} for row in reader]
    except csv.Error as error:
        raise BadInput(f"{path}:{reader.line_num}: not a readable table: {error}") from None
    return [name or "" for name in reader.fieldnames or ()], rows


def is_wos(columns: Sequence[str]) -> bool:
    """Whether these are the columns of a Web of Science full record."""
    return {"Article Title", "UT (Unique WOS ID)"} <= set(columns)


def is_pubmed(columns: Sequence[str]) -> bool:
    """Whether these are the columns of PubMed's "summary" CSV."""
    return {"PMID", "Title", "Journal/Book", "Create Date"} <= set(columns)


def read_wos(rows: Iterable[Row], into: Rows) -> None:
    """Web of Science, `Full Record`, Excel."""

    def entry(row: Row) -> Entry:
        dates = (n.date("published", row.get("Publication Year"), row.get("Publication Date")),
                 n.date("early_access", row.get("Early Access Date")))  # fmt: skip
        return Entry(
            title=n.clean(row["Article Title"]),
            abstract=n.clean(row.get("Abstract")),
            authors=_split(row.get("Author Full Names") or row.get("Authors")),
            year=n.year(row.get("Publication Year")),
            dates=_known(dates),
            venue=n.clean(row.get("Source Title")),
            publication_types=_split(row.get("Document Type")),
            language=n.clean(row.get("Language")),
            keywords=_split(row.get("Author Keywords")),
            doi=n.doi(row.get("DOI")),
            pmid=n.pmid(row.get("Pubmed Id")),
            wos=n.wos(row["UT (Unique WOS ID)"]),
        )

    _each(rows, entry, into)


def read_pubmed(rows: Iterable[Row], into: Rows) -> None:
    """PubMed, `Save`, format CSV. It has no abstracts."""

    def entry(row: Row) -> Entry:
        citation = n.clean(row.get("Citation"))
        # "Comput Biol Med. 2022 Feb;141:105114. doi: …. Epub 2021 Dec 18."
        printed = re.search(r"\. (\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)[;.:]", citation)
        early = re.search(r"\bEpub (\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)", citation)
        dates = (n.date("published", printed.group(1) if printed else row.get("Publication Year")),
                 n.date("early_access", early.group(1)) if early else None,
                 n.date("indexed", row.get("Create Date")))  # fmt: skip
        return Entry(
            title=n.clean(row["Title"]),
            authors=_split((row.get("Authors") or "").rstrip(". "), ","),
            year=n.year(row.get("Publication Year")),
            dates=_known(dates),
            venue=n.clean(row.get("Journal/Book")),
            doi=n.doi(row.get("DOI")),
            pmid=n.pmid(row.get("PMID")),
            pmcid=n.pmcid(row.get("PMCID")),
        )

    _each(rows, entry, into)


def read_plain(path: Path, columns: Sequence[str], rows: Iterable[Row], into: Rows) -> list[str]:
    """Any table with a title column. Returns notes: which columns were not understood."""
    found = _columns(columns)
    if "title" not in found:
        shown = ", ".join(columns[:8]) or "none"
        raise BadInput(f"{path}: no column is a title (columns: {shown}); name one `title`")
    _each(rows, lambda row: plain_entry({field: row.get(column) for field, column in found.items()}), into)
    ignored = [column for column in columns if column not in found.values()]
    return [f"columns not used: {', '.join(ignored)}"] if ignored else []


def plain_entry(row: Row) -> Entry:
    """An entry from our field names with the values as a source wrote them; unknown fields are ignored."""
    given, dated = n.clean(row.get("given_id")), row.get("year")
    title = n.clean(row.get("title"))
    # Our own `id` comes first, but an accession number there is also the identifier that it is.
    return Entry(
        title=title,
        abstract=n.clean(row.get("abstract")),
        authors=_split(row.get("authors")),
        year=n.year(dated),
        dates=_known((n.date("published", dated),)),
        venue=n.clean(row.get("venue")),
        publication_types=_split(row.get("publication_types")),
        language=n.clean(row.get("language")),
        keywords=_split(row.get("keywords")),
        url=n.clean(row.get("url")),
        given_id=given or None,
        doi=n.doi(row.get("doi")) or n.doi(row.get("url")),
        pmid=n.pmid(row.get("pmid")),
        pmcid=n.pmcid(row.get("pmcid")),
        arxiv=n.arxiv(row.get("arxiv")),
        wos=n.wos(row.get("wos")) or n.wos(given),
    )


def _columns(columns: Sequence[str]) -> dict[str, str]:
    """Which column holds which field: of several that could, the one preferred in `COLUMNS`; each used once."""
    by_name = {column.strip().lower(): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field, names in COLUMNS.items():
        known = [by_name[name] for name in names if name in by_name and by_name[name] not in found.values()]
        if known:
            found[field] = known[0]
    return found


def _each(rows: Iterable[Row], entry: Callable[[Row], Entry], into: Rows) -> None:
    for number, row in enumerate(rows, start=1):
        if not any(n.clean(value) for value in row.values() if not isinstance(value, list)):
            into.reject(number, "the row is empty")
            continue
        into.add(number, entry(row))


def _known(dates: Iterable[KnownDate | None]) -> tuple[KnownDate, ...]:
    return tuple(dict.fromkeys(date for date in dates if date is not None))


def _split(text: object, by: str = ";") -> tuple[str, ...]:
    """A cell with several values. Names with commas inside are divided at semicolons only."""
    if isinstance(text, list | tuple):
        parts = [n.clean(part) for part in text]
    else:
        parts = [part.strip() for part in n.clean(text).split(by)]
    return tuple(part for part in parts if part)
