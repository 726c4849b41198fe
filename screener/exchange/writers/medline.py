"""MEDLINE's lines with tags (`.nbib`), as PubMed writes them and reference managers import them.

Source: https://www.nlm.nih.gov/bsd/mms/medlineelements.html. Numbers of other databases than PubMed, PMC and arXiv have no tag.
"""

from collections.abc import Iterator, Sequence

from ...records import Record, RelationKind, ris_type, type_name
from ..other_tools import ToolRecord
from .fields import MONTHS, date_of, hyphened, line, publication_types, reference_type

_RELATIONS = {
    RelationKind.ERRATUM_FOR: "EFR",
    RelationKind.ERRATUM_IN: "EIN",
    RelationKind.RETRACTION_OF: "ROF",
    RelationKind.RETRACTED_IN: "RIN",
    RelationKind.CONCERN_FOR: "ECF",
    RelationKind.CONCERN_IN: "ECI",
    RelationKind.COMMENT_ON: "CON",
    RelationKind.COMMENT_IN: "CIN",
    RelationKind.UPDATE_OF: "UOF",
    RelationKind.UPDATE_IN: "UIN",
}
_REGISTERS = {"NCT": "ClinicalTrials.gov", "ISRCTN": "ISRCTN", "ACTRN": "ANZCTR", "EUCTR": "EudraCT"}


def as_nbib(records: Sequence[ToolRecord]) -> str:
    """Return a record each. One without a PMID begins with an empty `PMID`."""
    return "\n".join("".join(f"{tag:<4}- {value}\n" for tag, value in _tags(record)) for record in records)


def _tags(tool_record: ToolRecord) -> Iterator[tuple[str, str]]:
    record = tool_record.record
    yield "PMID", record.pmid or ""
    for tag, value in (*_description(record), *_numbers(record)):
        if text := line(value):
            yield tag, text
    if tool_record.final is not None:
        yield "GN", f"Screening: {line(f'{tool_record.final.value}; {tool_record.reason}').rstrip('; ')}"


def _description(record: Record) -> Iterator[tuple[str, object]]:
    early = date_of(record, "early_access")
    yield from (
        ("TI", record.shown_title),
        ("DP", _day(date_of(record, "published") or str(record.year or ""))),
        ("DEP", early.replace("-", "") if len(early) == 10 else ""),
        ("CRDT", date_of(record, "indexed").replace("-", "/")),
        ("JT", record.venue),
        ("VI", record.volume),
        ("IP", record.issue),
        ("PG", hyphened(record.pages)),
        ("PB", record.publisher),
        ("AB", record.abstract),
    )
    yield from (("LA", language) for language in record.language.split("; "))
    yield from (("FAU", author) for author in record.authors)
    yield from (("PT", kind) for kind in _types(record))
    yield from (("OT", keyword) for keyword in record.keywords)


def _day(written: str) -> str:
    """Return a date as MEDLINE has it: `2024 Mar 19`."""
    year, month, day = (*written.split("-"), "", "")[:3]
    return line(f"{year} {MONTHS[int(month) - 1] if month else ''} {int(day) if day else ''}")


def _types(record: Record) -> tuple[str, ...]:
    """Return the publication types, and one for the type of the reference where they don't tell it."""
    types, code = publication_types(record), reference_type(record)
    if (ris_type(types, "pubmed") or ris_type(types) or "JOUR") == code:
        return types or ("Journal Article",)
    name = type_name(code, "pubmed")
    return (*types, name if ris_type([name], "pubmed") == code else type_name(code, "databases"))


def _numbers(record: Record) -> Iterator[tuple[str, object]]:
    yield from (("IS", number) for number in record.issn)
    yield from (("ISBN", number) for number in record.isbn)
    yield "AID", f"{record.doi} [doi]" if record.doi else ""
    yield "AID", f"arXiv:{record.arxiv} [pii]" if record.arxiv else ""
    yield from (("PMC", record.pmcid), ("UR", record.url))
    for number in record.registry:
        register = next((name for prefix, name in _REGISTERS.items() if number.startswith(prefix)), "")
        yield "SI", f"{register}/{number}" if register else number
    for relation in record.relations:
        if tag := _RELATIONS.get(relation.kind):
            yield tag, relation.identifier.replace("pmid:", "PMID: ")
