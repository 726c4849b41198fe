"""The bibliographic columns of a table."""

from typing import Any

from ...records import Record
from .fields import date_of

COLUMNS = (
    "authors", "abstract", "venue", "volume", "issue", "pages", "issn", "isbn", "publisher", "reference_type",
    "publication_types", "language", "keywords", "date", "early_access", "indexed", "updated", "url", "pmid", "pmcid", "arxiv", "wos", "accession",
    "registry", "integrity", "relations", "open_access", "record_type",
)  # fmt: skip
"""Behind the columns with what stands; each is read back under its name."""


def bibliographic(record: Record) -> dict[str, Any]:
    """Return what a record says of its work, by column; several values are a list."""
    values: dict[str, Any] = {}
    for name in COLUMNS:
        value = getattr(record, name, "") or ""
        values[name] = list(value) if isinstance(value, tuple) else str(value)
    return values | {
        "date": date_of(record, "published"),
        "early_access": date_of(record, "early_access"),
        "indexed": date_of(record, "indexed"),
        "updated": date_of(record, "updated"),
        "relations": [f"{relation.kind.value} {relation.identifier}" for relation in record.relations],
        "record_type": record.type.value,
    }
