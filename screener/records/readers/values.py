"""Values in JSON documents, whose shape no source keeps to, and what readers of metadata share."""

import math
from collections.abc import Iterable
from typing import Any

from .. import normalise as n
from ..model import KnownDate, Relation, RelationKind

LINKS = {
    "commenton": RelationKind.COMMENT_ON,
    "commentin": RelationKind.COMMENT_IN,
    "erratumfor": RelationKind.ERRATUM_FOR,
    "erratumin": RelationKind.ERRATUM_IN,
    "expressionofconcernfor": RelationKind.CONCERN_FOR,
    "expressionofconcernin": RelationKind.CONCERN_IN,
    "retractionof": RelationKind.RETRACTION_OF,
    "retractionin": RelationKind.RETRACTED_IN,
    "partialretractionof": RelationKind.RETRACTION_OF,
    "partialretractionin": RelationKind.RETRACTED_IN,
    "updateof": RelationKind.UPDATE_OF,
    "updatein": RelationKind.UPDATE_IN,
    "republishedfrom": RelationKind.UPDATE_OF,
    "republishedin": RelationKind.UPDATE_IN,
    "correctedandrepublishedfrom": RelationKind.UPDATE_OF,
    "correctedandrepublishedin": RelationKind.UPDATE_IN,
    "retractedandrepublishedfrom": RelationKind.UPDATE_OF,
    "retractedandrepublishedin": RelationKind.RETRACTED_IN,
    "preprintof": RelationKind.UPDATE_IN,
    "preprintin": RelationKind.UPDATE_OF,
    "originalreportin": RelationKind.LINKED,
    "summaryforpatientsin": RelationKind.LINKED,
    "reprintof": RelationKind.LINKED,
    "reprintin": RelationKind.LINKED,
    "associateddataset": RelationKind.LINKED,
    "associatedpublication": RelationKind.LINKED,
}
"""What MEDLINE and Europe PMC call a relation (small letters, no blanks). `cites` is none: it names another work."""


def at(value: Any, *path: str | int) -> Any:
    """Return what stands under a path of keys and places, or None where any of it is missing."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and anything else as a list of one."""
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def dicts(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, or of a single object."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def text(value: Any) -> str:
    """Return a value as clean text: of a list the first that has any, nothing for an object."""
    if isinstance(value, str):
        return n.clean(value)
    if isinstance(value, list):
        return next(filter(None, map(text, value)), "")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return ""
    return str(int(value)) if value == int(value) else str(value)


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a list (or of one value), each once."""
    return unique(text(item) for item in as_list(value))


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that are not empty, each once."""
    return tuple(dict.fromkeys(filter(None, values)))


def paragraphs(value: Any) -> str:
    """Return a list of paragraphs, or one, as one text."""
    return " ".join(texts(value))


def known_dates(*dates: KnownDate | None) -> tuple[KnownDate, ...]:
    """Return the dates that are known, each once."""
    return tuple(dict.fromkeys(date for date in dates if date is not None))


def relation(kind: RelationKind, *, doi: Any = None, pmid: Any = None, citation: Any = None) -> Relation | None:
    """Return a relation to the work with this identifier, else with this citation; None without either."""
    if value := n.doi(doi) if isinstance(doi, str) else None:
        paper = n.arxiv(value)
        return Relation(kind=kind, identifier=f"arxiv:{paper}" if paper else f"doi:{value}")
    if value := n.pmid(text(pmid)):
        return Relation(kind=kind, identifier=f"pmid:{value}")
    written = text(citation)
    return Relation(kind=kind, identifier=written) if written else None


def relations(found: Iterable[Relation | None]) -> tuple[Relation, ...]:
    """Return the relations that are known, each once."""
    return tuple(dict.fromkeys(item for item in found if item is not None))
