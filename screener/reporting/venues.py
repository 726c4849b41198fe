"""The restriction by venue, as the report states it: the rules, what they removed, and what waits for a person."""

from typing import Any

from ..ledger import Ledger, Snapshot, reads
from ..protocol import Review
from ..stages import VenueStatus, venue_restrictions, venue_standings
from .report_lists import citation


def venue_restriction(source: Ledger | Snapshot, review: Review) -> dict[str, Any] | None:
    """Return the rules in words, the records that they removed and those that are queued; None where there is no rule.

    `rules`: `source`, `restriction`, `applied`. `missing`: rules that are not applied, since their lists are not there. `removed` and
    `queued`: `id`, `citation`, `doi`, `why`, in the order in which they came.
    """
    restrictions = venue_restrictions(review)
    if not restrictions:
        return None
    standings = venue_standings(source, review)
    removed, queued = (standings.with_status(status) for status in (VenueStatus.REMOVED, VenueStatus.QUEUED))
    ledger = source.ledger if isinstance(source, Snapshot) else source
    with ledger.read() as connection:
        lists = [
            [
                {"id": record.id, "citation": citation(record), "doi": record.doi, "why": listed[record.id].why}
                for record in (reads.records(connection, set(listed)) if listed else ())
            ]
            for listed in (removed, queued)
        ]
    rules = [
        {"source": name, "restriction": words, "applied": name not in standings.missing}
        for name, words in restrictions.items()
    ]
    return {"rules": rules, "missing": standings.missing_lines, "removed": lists[0], "queued": lists[1]}
