"""Tables: any with a column of titles, whatever tool wrote it, and PubMed's summary CSV."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from .. import normalise as n
from ..model import Entry, Integrity, KnownDate, RecordType, Relation, RelationKind
from ..placeholders import without_placeholders
from ..reference_types import CODES, ris_type
from .accessions import accession
from .cells import flat, glued_names, keywords, names, split_values
from .columns import ALL_COLUMNS, LEFT_OUT, Row, columns_by_field, has_known_column, layout_of, plain_name
from .delimited import FAULT
from .embase import in_citation
from .rows import RowCollector
from .shown_titles import from_shown_title

__all__ = ["format_of", "is_pubmed", "is_table", "plain_entry", "read_plain", "read_pubmed"]

MOST_NAMED = 12
"""Columns that are named when they are not used."""
_COLLECTIONS = {"conferences": "CPAPER", "journals": "JOUR", "magazines": "MGZN", "books": "CHAP", "standards": "STAND"}
_TRUE = frozenset({"true", "1", "yes", "y"})


def is_table(columns: Sequence[str]) -> bool:
    """Return whether any of these columns holds something that is known."""
    return has_known_column(columns)


def is_pubmed(columns: Sequence[str]) -> bool:
    """Return whether these are the columns of PubMed's "summary" CSV."""
    return {"PMID", "Title", "Journal/Book", "Create Date"} <= set(columns)


def format_of(columns: Sequence[str]) -> str:
    """Return what `import` calls a table of these columns: the tool that wrote it, where it is known."""
    layout = layout_of(columns)
    return layout.name if layout else "table"


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

    _add_rows(rows, lambda row: (entry(row), None), into)


def _in_citation(citation: str) -> dict[str, Any]:
    """Return volume, issue and pages of PubMed's citation: `…2022 Feb;141(2):105-14. doi: …`."""
    match = re.search(r";([\w. -]*?)(?:\(([^)]*)\))?:([\w-]+)\.", citation)
    if match is None:
        return {}
    return {"volume": n.clean(match[1]), "issue": n.clean(match[2]), "pages": n.pages(match[3])}


def read_plain(path: Path, columns: Sequence[str], rows: Iterable[Row], into: RowCollector) -> list[str]:
    """Any table with a title column. Returns notes: which columns were not understood."""
    by_field, layout = columns_by_field(columns), layout_of(columns)
    if "title" not in by_field:
        shown = ", ".join(filter(None, columns[:8])) or "none"
        raise BadInput(f"{path}: no column is a title (columns: {shown}); name one `title`")
    if layout and layout.source:
        into.name_source(layout.source)

    def entry(row: Row) -> tuple[Entry, str | None]:
        fields = _fields(row, by_field)
        if layout and layout.name == "SpringerLink":
            fields["authors"] = glued_names(fields.get("authors"))
        if layout and layout.name == "Zotero":
            fields = _in_extra(n.clean(row.get("Extra"))) | {name: value for name, value in fields.items() if value}
        if layout and layout.name == "Europe PMC":
            named = {plain_name(column): cell for column, cell in row.items()}
            if n.clean(named.get("source")) == "MED":  # its numbers are PubMed's
                fields["pmid"] = fields.get("pmid") or named.get("extid") or named.get("id")
        if layout and layout.name == "Embase":
            fields |= in_citation(n.clean(fields.get("venue")), fields)
        source = n.clean(fields.get("database")) or None
        numbers = [
            number
            for column in by_field.get("accession", ())
            for text in split_values(row.get(column))
            if (number := accession(text, column, source or into.database))
        ]
        return plain_entry(fields | {"accession": numbers}), source

    _add_rows(rows, entry, into)
    used = {column for found in by_field.values() for column in found}
    ignored = [
        column
        for column in columns
        if column and column not in used and not (layout and plain_name(column) in LEFT_OUT)
    ]
    more = f" and {len(ignored) - MOST_NAMED:,} more" if len(ignored) > MOST_NAMED else ""
    return [f"columns not used: {', '.join(ignored[:MOST_NAMED])}{more}"] if ignored else []


def _in_extra(extra: str) -> dict[str, Any]:
    """Return the identifiers in Zotero's field Extra, where it keeps those that it has no field for: `PMID: 30000001`."""
    return {
        name.casefold(): match[1]
        for name, number in (("PMID", r"\d{1,8}"), ("PMCID", r"PMC\d+"), ("arXiv", r"\S+"), ("DOI", r"10\.\S+"))
        if (match := re.search(rf"\b{name}: ?({number})", extra, re.IGNORECASE))
    }


def _fields(row: Row, by_field: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the values of a row by field: those of all its columns together, or of the first that has one."""
    fields: dict[str, Any] = {}
    for field, columns in by_field.items():
        if field in ALL_COLUMNS and len(columns) > 1:
            split = keywords if field == "keywords" else split_values
            fields[field] = flat([split(row.get(column)) for column in columns])
        else:
            cells = (row.get(column) for column in columns)
            fields[field] = next((cell for cell in cells if isinstance(cell, list) or n.clean(cell)), None)
    return fields


def plain_entry(row: Row) -> Entry:
    """Return an entry from our field names with the values as a source wrote them; unknown fields are ignored.

    `accession` are numbers with their databases.
    """
    given_id, dated = n.clean(row.get("given_id")), row.get("year")
    doi = n.doi(row.get("doi")) or n.doi(row.get("url"))
    published = n.published(dated, _day(row))
    # Our own `id` comes first, but an accession number there is also the identifier that it is.
    entry = Entry(
            title=n.clean(row.get("title")),
            abstract=n.clean(row.get("abstract")),
            authors=names(row.get("authors")),
            year=n.year(dated) or n.year(row.get("date")) or (int(published.value[:4]) if published else None),
            dates=_known_dates((published, n.date("early_access", row.get("early_access")),
                                n.date("indexed", row.get("indexed")), n.date("updated", row.get("updated")))),
            venue=n.clean(row.get("venue")),
            volume=n.clean(row.get("volume")),
            issue=n.clean(row.get("issue")),
            pages=n.pages(row.get("pages") or row.get("first_page"), row.get("last_page"), row.get("article")),
            issn=_all(n.issn, row.get("issn")),
            isbn=_all(n.isbn, row.get("isbn") or row.get("issn")),  # a "standard number" may be either
            publisher=n.clean(row.get("publisher")),
            reference_type=_reference_type(row),
            publication_types=split_values(row.get("publication_types")),
            language=n.clean(row.get("language")),
            keywords=keywords(row.get("keywords")),
            url=n.url(row.get("url")),
            given_id=given_id or None,
            doi=doi,
            pmid=n.pmid(row.get("pmid")) or n.pmid(row.get("url")),
            pmcid=n.pmcid(row.get("pmcid")),
            arxiv=n.arxiv(row.get("arxiv")) or n.arxiv(doi) or n.arxiv(row.get("url")),
            wos=n.wos(row.get("wos")) or n.wos(given_id) or next(filter(None, map(n.wos, _texts(row.get("accession")))), None),
            accession=tuple(number for number in _texts(row.get("accession")) if ":" in number and not n.wos(number)),
            registry=_all(n.registry_numbers, row.get("registry")),
            integrity=_integrity(row.get("integrity")),
            relations=_relations(row.get("relations")),
            # Others say by which way a text is open, in words.
            open_access=tuple(text for text in _texts(row.get("open_access")) if text.startswith("http")),
            type=_record_type(row.get("record_type")),
        )  # fmt: skip
    return without_placeholders(from_shown_title(entry))


def _texts(value: object) -> tuple[str, ...]:
    return split_values(value)


def _all(read: Callable[[object], tuple[str, ...]], value: object) -> tuple[str, ...]:
    return flat([read(text) for text in split_values(value)])


def _day(row: Row) -> object:
    """Return a row's date, put together where day and month stand in columns of their own."""
    if n.clean(row.get("date")) or not n.clean(row.get("month")):
        return row.get("date")
    month, day, year = (n.clean(row.get(name)).removesuffix(".0") for name in ("month", "day", "year"))
    if not month.isdigit():
        return f"{month} {day}"
    found = n.year(year)
    return "-".join([f"{found}", f"{int(month):02}", *([f"{int(day):02}"] if day.isdigit() else [])]) if found else None


def _reference_type(row: Row) -> str:
    code = n.clean(row.get("reference_type")).upper()
    types = [
        name for types in split_values(row.get("publication_types")) for name in (types, *types.split("/")) if name
    ]
    # "IEEE Conferences", "MIT Press Journals": IEEE Xplore names the collection.
    collected = (_COLLECTIONS.get(name.split()[-1].casefold(), "") for name in types)
    return code if code in CODES else ris_type(types) or next(filter(None, collected), "")


def _relations(value: object) -> tuple[Relation, ...]:
    """Return relations as our own export writes them: `erratum_in doi:10.1000/1`."""
    named = (text.partition(" ") for text in _texts(value))
    kinds = {kind.value: kind for kind in RelationKind}
    return tuple(Relation(kind=kinds[kind], identifier=work) for kind, _, work in named if kind in kinds and work)


def _record_type(value: object) -> RecordType:
    text = n.clean(value).casefold()
    return next((kind for kind in RecordType if kind.value == text), RecordType.PUBLICATION)


def _integrity(value: object) -> Integrity:
    """Return the mark that a column `integrity` names, or retracted where a column `is retracted` is true."""
    text = n.clean(value).casefold()
    if text in _TRUE:
        return Integrity.RETRACTED
    return next((mark for mark in Integrity if mark.value == text), Integrity.UNMARKED)


def _add_rows(rows: Iterable[Row], read: Callable[[Row], tuple[Entry, str | None]], into: RowCollector) -> None:
    for number, row in enumerate(rows, start=1):
        if FAULT in row:
            into.reject(number, row[FAULT])
            continue
        if not any(n.clean(value) for value in row.values() if not isinstance(value, list)):
            into.reject(number, "the row is empty")
            continue
        try:
            entry, source = read(row)
            into.add(number, entry, source)
        except (ValueError, TypeError, RecursionError) as error:  # what JSON can nest may be no text
            into.reject(number, f"it cannot be read ({type(error).__name__})")


def _known_dates(dates: Iterable[KnownDate | None]) -> tuple[KnownDate, ...]:
    return tuple(dict.fromkeys(date for date in dates if date is not None))
