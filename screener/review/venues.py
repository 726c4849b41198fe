"""What the venue rules of the sources do with each record, and the venues that wait for a person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger, reads
from ..protocol import Review
from ..stages import VenueStanding, VenueStatus, venue_restrictions, venue_standings


@dataclass(frozen=True)
class RecordVenue:
    """A record, its venue as its rows write it, and what is said of it."""

    id: str
    title: str
    venue: str
    why: str

    @classmethod
    def of(cls, name: str, title: str, standing: VenueStanding) -> "RecordVenue":
        """Return what is shown of a record."""
        return cls(
            name, title, "; ".join(dict.fromkeys(filter(None, (row.venue for row in standing.rows)))), standing.why
        )


@dataclass(frozen=True)
class ListedVenues:
    """The records by what the rules do with them, in the order in which they came.

    `rules` are the rules in words, by source; `missing` those that are not applied; `open_venues` each venue that no list
    settles, with how many records it has and why, the most frequent first.
    """

    rules: Mapping[str, str]
    missing: Sequence[str]
    removed: Sequence[RecordVenue]
    queued: Sequence[RecordVenue]
    kept: Sequence[RecordVenue]
    open_venues: Sequence[tuple[str, int, str]]

    def as_json(self) -> dict[str, Any]:
        """Return what `sources venues --json` prints."""
        return {
            "rules": dict(self.rules),
            "not_applied": list(self.missing),
            "removed": [vars(record) for record in self.removed],
            "queued": [vars(record) for record in self.queued],
            "kept": [vars(record) for record in self.kept],
            "open_venues": [{"venue": v, "records": n, "why": why} for v, n, why in self.open_venues],
        }


def listed_venues(ledger: Ledger, review: Review) -> ListedVenues:
    """Return what the rules do with the records. Raises `BadInput` for a list that cannot be used."""
    standings = venue_standings(ledger, review)
    with ledger.read() as connection:
        records = reads.records(connection, standings.records) if standings.records else []
    by_status = {
        status: [
            RecordVenue.of(record.id, record.shown_title, standing)
            for record in records
            if (standing := standings.records[record.id]).status is status
        ]
        for status in VenueStatus
    }
    queued = by_status[VenueStatus.QUEUED]
    open_venues = Counter((record.venue, record.why) for record in queued)
    return ListedVenues(
        venue_restrictions(review), standings.missing_lines, by_status[VenueStatus.REMOVED], queued, by_status[VenueStatus.KEPT],
        [(venue, count, why) for (venue, why), count in open_venues.most_common()],
    )  # fmt: skip
