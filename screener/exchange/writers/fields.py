"""What all writers need: a line of text, the type of a reference, pages, and what a format says of trust in a work."""

import re

from ...records import Integrity, Record, RecordType, integrity_of, ris_type

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def line(text: object) -> str:
    """Return a text on one line, without what would end it in any program."""
    return " ".join(str(text or "").split())


def reference_type(record: Record) -> str:
    """Return RIS's code for a record: its own, else what its publication types, its kind or its place of publication say."""
    known = record.reference_type or ris_type(record.publication_types, "pubmed") or ris_type(record.publication_types)
    if known:
        return known
    if record.type is not RecordType.PUBLICATION:
        return "DATA" if record.type is RecordType.DATASET else "COMP"
    if record.venue or record.issn or record.volume:
        return "JOUR"
    return "BOOK" if record.isbn else "GEN"


def publication_types(record: Record) -> tuple[str, ...]:
    """Return the publication types, and MEDLINE's for a retracted work where nothing else in the record tells it."""
    if record.integrity is not Integrity.RETRACTED:
        return record.publication_types
    bare = record.model_copy(update={"integrity": Integrity.UNMARKED})
    told = integrity_of(bare) is Integrity.RETRACTED
    return record.publication_types if told else (*record.publication_types, "Retracted Publication")


def date_of(record: Record, kind: str) -> str:
    """Return the most precise date of a kind in ISO form, of publication only one of the record's year; empty for none.

    A date of publication that is no more than a year is told by the year.
    """
    dates = [date.value for date in record.dates if date.kind == kind]
    if kind == "published":
        dates = [date for date in dates if len(date) > 4 and date[:4] == str(record.year)]
    return max(dates, key=len, default="")


def first_and_last_page(pages: str) -> tuple[str, str]:
    """Return first and last page; the whole text and nothing where it is no plain range."""
    first, dash, last = pages.partition("–")
    plain = bool(first and last and first != last) and "–" not in last
    return (first, last) if plain and dash else (pages, "")


def hyphened(pages: str) -> str:
    """Return pages with a hyphen between numbers, as most programs write them: `45-67`."""
    return re.sub(r"(?<=\w)–(?=\w)", "-", pages)


def is_article_number(pages: str) -> bool:
    """Return whether what stands for pages is an article number: `e12345`, `105114`, `ARTN 12`."""
    return bool(re.fullmatch(r"(?:[A-Za-z]+[ .]?)?\d{5,}|e\d{2,}|[A-Za-z]{2,}[ .-]?\d{3,}", line(pages)))
