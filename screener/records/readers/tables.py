"""Tables: Web of Science full-record sheets, PubMed summary CSV, and plain CSV, TSV and spreadsheets."""

import ast
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from .. import normalise as n
from ..model import Entry, KnownDate
from .rows import RowCollector

Row = Mapping[str, Any]

MOST_UNCLOSED = 50
"""How many unclosed quotation marks a file may have before the rest of it is given up."""
FAULT = "\x00fault"
"""The key under which a row says why it cannot be used. No column can have this name."""

# The names that tools give to a column, as `_plain` has them, in the order in which they are preferred.
COLUMNS: dict[str, tuple[str, ...]] = {
    "given_id": ("id", "record id", "recordid", "accession number", "rayyan id", "covidence #", "key"),
    "title": ("title", "article title", "primary title", "document title", "dc:title", "ti", "t1", "item title",
              "display name"),
    "abstract": ("abstract", "notes abstract", "abstract note", "ab", "n2", "summary"),
    "authors": ("authors", "author", "author(s)", "author/s", "first authors", "author names", "author full names", "au",
                "a1", "authorships.author.display name"),
    "year": ("year", "publication year", "pub year", "py", "y1", "published"),
    "date": ("publication date", "date published", "date", "cover date", "da"),
    "early_access": ("early access date", "epub date"),
    "venue": ("venue", "journal", "source title", "journal/book", "journal title", "publication title", "secondary title",
              "publication", "host venue", "primary location.source.display name", "booktitle", "jo", "t2"),
    "volume": ("volume", "vl"),
    "issue": ("issue", "number", "issue number"),
    "pages": ("pages", "page range", "start page", "page start", "first page", "sp"),
    "last_page": ("end page", "page end", "last page", "ep"),
    "article": ("article number", "art. no.", "article no"),
    "doi": ("doi", "item doi", "digital object identifier", "doi link", "di"),
    "pmid": ("pmid", "pubmed id", "pubmedid", "ids.pmid", "pm"),
    "pmcid": ("pmcid", "pmc id"),
    "arxiv": ("arxiv", "arxiv id"),
    "wos": ("wos id", "wos", "ut (unique wos id)", "ut"),
    "url": ("url", "urls", "link", "external url", "pdf link"),
    "keywords": ("keywords", "author keywords", "index keywords", "mesh terms", "keyword", "de"),
    "language": ("language", "language of original document", "la"),
    "publication_types": ("document type", "publication type", "content type", "item type", "type", "pt", "dt",
                          "type of work"),
}  # fmt: skip


def text_rows(path: Path, text: str) -> tuple[list[str], Sequence[Row]]:
    """Return a CSV or TSV: its column names and its rows; of columns of one name the first counts.

    The delimiter is the one that makes the most known columns of the first row (else the most columns). A row with
    more cells than columns, and one with a quotation mark that is never closed, are marked with a `FAULT`.
    """
    csv.field_size_limit(2**30)
    lines = list(io.StringIO(text.replace("\x00", ""), newline=""))
    while lines and not lines[0].strip():
        del lines[0]
    announced = re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE) if lines else None  # how Excel is told
    if announced:
        del lines[0]
    delimiters = announced.group(1) if announced else ",;\t|"

    def recognised(delimiter: str) -> tuple[int, int]:
        first = next(csv.reader(lines, delimiter=delimiter), [])
        return len(columns_by_field(first)), len(first)

    try:
        delimiter = max(delimiters, key=recognised)
        table = list(_cells(lines, delimiter))
    except csv.Error as error:
        raise BadInput(f"{path}: not a readable table: {error}; export it again") from None
    columns = [name.strip() for name in table[0]] if table and isinstance(table[0], list) else []
    return columns, [_row(columns, cells) for cells in table[1:]]


def _row(columns: Sequence[str], cells: list[str] | str) -> Row:
    if isinstance(cells, str):
        return {FAULT: cells}
    row: dict[str, str] = {}
    for column, cell in zip_longest(columns, cells[: len(columns)], fillvalue=""):
        row.setdefault(column, cell)
    if any(cell.strip() for cell in cells[len(columns) :]):
        row[FAULT] = (
            f"{len(cells)} cells in {len(columns)} columns; put quotation marks around the cell with the delimiter"
        )
    return row


def _cells(lines: Sequence[str], delimiter: str) -> Iterator[list[str] | str]:
    """Yield the rows of a CSV that have any cell. A row with an unclosed quotation mark is told of, and costs one line
    only.

    Read plainly, such a mark would swallow the rest of the file into one cell. A last line that no file has shows
    whether it did: then it is no row of its own.
    """
    last, start = "\x00", 0
    for _ in range(MOST_UNCLOSED):
        begin = start
        reader = csv.reader([*lines[start:], last], delimiter=delimiter)
        for cells in reader:
            end = start + reader.line_num
            if end > len(lines) or (end - begin > 1 and _swallows_rows(lines[begin:end], delimiter)):
                break
            if cells:
                yield cells
            begin = end
        if cells == [last]:
            return
        yield f"a quotation mark in line {begin + 1} is never closed"
        start = begin + 1
    yield f"too many quotation marks are never closed; nothing after line {start} was read"


def _swallows_rows(lines: Sequence[str], delimiter: str) -> bool:
    """Return whether the lines of one row are several: a stray quotation mark in one was closed by another's.

    Read strictly, the second mark is a mistake; or the lines between the two have as many cells as the whole.
    """
    try:
        whole = next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    inner = list(csv.reader(lines[1:], delimiter=delimiter))[:-1]
    alike = sum(len(cells) == len(whole) for cells in inner)
    return len(whole) > 2 and bool(inner) and 3 * alike >= 2 * len(inner)


def has_known_column(columns: Sequence[str]) -> bool:
    """Return whether any of these columns holds something that is known."""
    return bool(columns_by_field(columns))


def identifying(columns: Sequence[str]) -> dict[str, str]:
    """Return which columns hold what a record can be known by, as `plain_entry` names it."""
    fields = ("given_id", "doi", "pmid", "arxiv", "wos", "url", "title")
    return {field: column for field, column in columns_by_field(columns).items() if field in fields}


def is_wos(columns: Sequence[str]) -> bool:
    """Return whether these are the columns of a Web of Science full record."""
    return {"Article Title", "UT (Unique WOS ID)"} <= set(columns)


def is_pubmed(columns: Sequence[str]) -> bool:
    """Return whether these are the columns of PubMed's "summary" CSV."""
    return {"PMID", "Title", "Journal/Book", "Create Date"} <= set(columns)


def read_wos(rows: Iterable[Row], into: RowCollector) -> None:
    """Web of Science, `Full Record`, Excel."""

    def entry(row: Row) -> Entry:
        dates = (n.published(row.get("Publication Year"), row.get("Publication Date")),
                 n.date("early_access", row.get("Early Access Date")))  # fmt: skip
        return Entry(
            title=n.clean(row["Article Title"]),
            abstract=n.clean(row.get("Abstract")),
            authors=_split(row.get("Author Full Names") or row.get("Authors")),
            year=n.year(row.get("Publication Year")),
            dates=_known_dates(dates),
            venue=n.clean(row.get("Source Title")),
            volume=n.clean(row.get("Volume")),
            issue=n.clean(row.get("Issue")),
            pages=n.pages(*(row.get(name) for name in ("Start Page", "End Page", "Article Number"))),
            publication_types=_split(row.get("Document Type")),
            language=n.clean(row.get("Language")),
            keywords=_split(row.get("Author Keywords")),
            doi=n.doi(row.get("DOI")),
            pmid=n.pmid(row.get("Pubmed Id")),
            wos=n.wos(row["UT (Unique WOS ID)"]),
        )

    _add_rows(rows, entry, into)


def read_pubmed(rows: Iterable[Row], into: RowCollector) -> None:
    """PubMed, `Save`, format CSV. It has no abstracts."""

    def entry(row: Row) -> Entry:
        citation = n.clean(row.get("Citation"))
        # "Comput Biol Med. 2022 Feb;141:105114. doi: …. Epub 2021 Dec 18."
        printed = re.search(r"\. (\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)[;.:]", citation)
        early = re.search(r"\bEpub (\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)", citation)
        when = n.published(row.get("Publication Year"), printed.group(1) if printed else None)
        if when and "Online ahead of print" in citation:  # the one date there is, is that of the online version
            when = KnownDate(kind="early_access", value=when.value)
        dates = (when,
                 n.date("early_access", early.group(1)) if early else None,
                 n.date("indexed", row.get("Create Date")))  # fmt: skip
        return Entry(
            title=n.clean(row["Title"]),
            authors=tuple(filter(None, re.split(r"[,;] ", n.clean(row.get("Authors")).rstrip(".")))),
            year=n.year(row.get("Publication Year")),
            dates=_known_dates(dates),
            venue=n.clean(row.get("Journal/Book")),
            **_in_citation(citation),
            doi=n.doi(row.get("DOI")),
            pmid=n.pmid(row.get("PMID")),
            pmcid=n.pmcid(row.get("PMCID")),
        )

    _add_rows(rows, entry, into)


def _in_citation(citation: str) -> dict[str, Any]:
    """Return volume, issue and pages of PubMed's citation: `…2022 Feb;141(2):105-14. doi: …`."""
    match = re.search(r";([\w. -]*?)(?:\(([^)]*)\))?:([\w-]+)\.", citation)
    if match is None:
        return {}
    return {"volume": n.clean(match[1]), "issue": n.clean(match[2]), "pages": n.pages(match[3])}


def read_plain(path: Path, columns: Sequence[str], rows: Iterable[Row], into: RowCollector) -> list[str]:
    """Any table with a title column. Returns notes: which columns were not understood."""
    column_of = columns_by_field(columns)
    if "title" not in column_of:
        names = ", ".join(columns[:8]) or "none"
        raise BadInput(f"{path}: no column is a title (columns: {names}); name one `title`")
    _add_rows(rows, lambda row: plain_entry({field: row.get(column) for field, column in column_of.items()}), into)
    ignored = [column for column in columns if column not in column_of.values()]
    return [f"columns not used: {', '.join(ignored)}"] if ignored else []


def plain_entry(row: Row) -> Entry:
    """Return an entry from our field names with the values as a source wrote them; unknown fields are ignored."""
    given_id, dated = n.clean(row.get("given_id")), row.get("year")
    doi = n.doi(row.get("doi")) or n.doi(row.get("url"))
    # Our own `id` comes first, but an accession number there is also the identifier that it is.
    return Entry(
        title=n.clean(row.get("title")),
        abstract=n.clean(row.get("abstract")),
        authors=_names(row.get("authors")),
        year=n.year(dated) or n.year(row.get("date")),
        dates=_known_dates((n.published(dated, row.get("date")), n.date("early_access", row.get("early_access")))),
        venue=n.clean(row.get("venue")),
        volume=n.clean(row.get("volume")),
        issue=n.clean(row.get("issue")),
        pages=n.pages(row.get("pages"), row.get("last_page"), row.get("article")),
        publication_types=_split(row.get("publication_types")),
        language=n.clean(row.get("language")),
        keywords=_split(row.get("keywords")),
        url=n.clean(row.get("url")),
        given_id=given_id or None,
        doi=doi,
        pmid=n.pmid(row.get("pmid")) or n.pmid(row.get("url")),
        pmcid=n.pmcid(row.get("pmcid")),
        arxiv=n.arxiv(row.get("arxiv")) or n.arxiv(doi) or n.arxiv(row.get("url")),
        wos=n.wos(row.get("wos")) or n.wos(given_id),
    )


def _plain(column: str) -> str:
    return " ".join(column.replace("_", " ").lower().split())


def columns_by_field(columns: Sequence[str]) -> dict[str, str]:
    """Return which column holds which field: of several that could, the one preferred in `COLUMNS`; each used once."""
    by_name = {_plain(column): column for column in reversed(columns)}
    column_of: dict[str, str] = {}
    for field, names in COLUMNS.items():
        for name in (*names, _plain(field)):
            if name in by_name and by_name[name] not in column_of.values():
                column_of.setdefault(field, by_name[name])
    return column_of


def _add_rows(rows: Iterable[Row], entry: Callable[[Row], Entry], into: RowCollector) -> None:
    for number, row in enumerate(rows, start=1):
        if FAULT in row:
            into.reject(number, row[FAULT])
            continue
        if not any(n.clean(value) for value in row.values() if not isinstance(value, list)):
            into.reject(number, "the row is empty")
            continue
        try:
            into.add(number, entry(row))
        except (ValueError, TypeError, RecursionError) as error:  # what JSON can nest may be no text
            into.reject(number, f"it cannot be read ({type(error).__name__})")


def _known_dates(dates: Iterable[KnownDate | None]) -> tuple[KnownDate, ...]:
    return tuple(dict.fromkeys(date for date in dates if date is not None))


def _split(text: object) -> tuple[str, ...]:
    """Return a cell with several values, divided at semicolons or bars.

    A list may also be written as JSON or Python has it.
    """
    written = "" if isinstance(text, list | tuple) else n.clean(text)
    if written.startswith("[") and written.endswith("]"):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            text = ast.literal_eval(written)
    if isinstance(text, list | tuple):
        parts = [n.clean(part.get("name") if isinstance(part, Mapping) else part) for part in text]
    else:
        parts = [part.strip() for part in re.split(r"[;|]", written)]
    return tuple(part for part in parts if part)


def _names(text: object) -> tuple[str, ...]:
    """Return the authors in a cell. Commas divide names only where both sides of each are whole names.

    "Zhu XD, Shen WY" and "Ana Zhu, Wei Shen" are two, "Zhu, Xiao-Dong" is one.
    """
    names = _split(text)
    if len(names) != 1:
        return names
    parts = [part.strip() for part in re.split(r",| and ", names[0].rstrip(". ,")) if part.strip()]
    return tuple(parts) if len(parts) > 1 and all(" " in part for part in parts) else names
