"""What a reviewer is shown of a record beside title and abstract: when, where and as what it was published."""

from collections.abc import Sequence

from ..core.messages import Readable
from ..protocol import RecordDetails
from ..records import Record, RecordType

LONGEST_DETAIL = 1_000
"""Characters that are shown of a venue, of the types or of the keywords."""


def details_of(record: Readable) -> RecordDetails:
    """Return year, venue, type and keywords, each in one line, as far as they are known."""
    if not isinstance(record, Record):
        return RecordDetails()
    years = [record.year] if record.year is not None else sorted(int(date.value[:4]) for date in record.dates)
    kinds = [*([record.type.value] if record.type is not RecordType.PUBLICATION else []), *record.publication_types]
    return RecordDetails(
        year=str(years[0]) if years else "",
        venue=_line([record.venue]),
        type=_line(kinds),
        keywords=_line(record.keywords),
    )


def shown_details(record: Readable) -> list[str]:
    """Return those of the details that are words of a source."""
    details = details_of(record)
    return [text for text in (details.venue, details.type, details.keywords) if text]


def _line(texts: Sequence[str]) -> str:
    return "; ".join(" ".join(text.split()) for text in texts if text.strip())[:LONGEST_DETAIL]
