"""RIS: a line a value, as reference managers, Rayyan, ASReview and Covidence read it.

Source: the RIS specification of 2011, and what reference managers make of its tags: `C2` is PubMed Central's number and `C7`
an article number in EndNote, a note `PMID: …` or `arXiv: …` is Zotero's, a note `Erratum in: …` EndNote's.
"""

from collections.abc import Iterator, Sequence

from ...records import Record, RelationKind, accession
from ..other_tools import ToolRecord, rayyan_note
from .fields import date_of, first_and_last_page, is_article_number, line, publication_types, reference_type

RELATIONS = {
    RelationKind.ERRATUM_FOR: "Erratum for",
    RelationKind.ERRATUM_IN: "Erratum in",
    RelationKind.RETRACTION_OF: "Retraction of",
    RelationKind.RETRACTED_IN: "Retraction in",
    RelationKind.CONCERN_FOR: "Expression of concern for",
    RelationKind.CONCERN_IN: "Expression of concern in",
    RelationKind.COMMENT_ON: "Comment on",
    RelationKind.COMMENT_IN: "Comment in",
    RelationKind.UPDATE_OF: "Update of",
    RelationKind.UPDATE_IN: "Update in",
}
"""How a note names a relation, in the words of MEDLINE. For works that are merely linked there are none."""


def as_ris(records: Sequence[ToolRecord]) -> str:
    """Return an RIS record each, with the notes in which Rayyan and ASReview keep decisions."""
    return "".join(
        f"{tag}  - {value}\n" if tag != "ER" else "ER  - \n\n" for record in records for tag, value in _tags(record)
    )


def _tags(tool_record: ToolRecord) -> Iterator[tuple[str, str]]:
    record = tool_record.record
    yield "TY", reference_type(record)
    yield "ID", record.id
    for tag, value in (*_description(record), *_numbers(record)):
        if text := line(value):
            yield tag, text
    for note in filter(None, (rayyan_note(tool_record), tool_record.note)):
        yield "N1", note
    final = tool_record.final
    yield "N1", f"ASReview_{'not_seen' if final is None else 'relevant' if final.kept else 'irrelevant'}"
    yield "ER", ""


def _description(record: Record) -> Iterator[tuple[str, object]]:
    first, last = first_and_last_page(record.pages)
    published = date_of(record, "published")
    yield from (("AU", author) for author in record.authors)
    yield from (
        ("TI", record.title),
        ("T2", record.venue),
        ("PY", record.year),
        ("DA", published.replace("-", "/")),
        ("ET", date_of(record, "early_access").replace("-", "/")),
        ("VL", record.volume),
        ("IS", record.issue),
        ("SP", first),
        ("EP", last),
        ("C7", record.pages if is_article_number(record.pages) else ""),
        ("PB", record.publisher),
        ("LA", record.language),
        ("AB", record.abstract),
    )
    yield from (("M3", kind) for kind in publication_types(record))
    yield from (("KW", keyword) for keyword in record.keywords)


def _numbers(record: Record) -> Iterator[tuple[str, object]]:
    yield from (("SN", number) for number in (*record.issn, *record.isbn))
    yield from (("DO", record.doi), ("UR", record.url), ("AN", record.wos))
    # A number whose form tells its database stands as reference managers write it, any other with the database's name.
    for number in record.accession:
        bare = number.partition(":")[2]
        yield "AN", bare if accession(bare) == number else number
    yield "C2", record.pmcid
    yield from (("U1", number) for number in record.registry)
    yield "N1", f"PMID: {record.pmid}" if record.pmid else ""
    yield "N1", f"arXiv: {record.arxiv}" if record.arxiv else ""
    for relation in record.relations:
        if name := RELATIONS.get(relation.kind):
            yield "N1", f"{name}: {relation.identifier.replace('pmid:', 'PMID: ')}"
