"""What is left of a ranked queue when people stop: the records that nobody has screened."""

from collections.abc import Iterable, Mapping

from ..core.judgement import Stage
from ..ledger import PEOPLE, Ledger, reads
from ..ledger.store import Connection
from ..protocol import Review
from ..stages import Standing, Status


def stops(review: Review, stage: Stage) -> bool:
    """Return whether a stage names a rule by which people stop before the end of its queue."""
    return review.stage(stage).stopping is not None


def closed_pile(ledger: Ledger, stage: Stage, records: Iterable[str]) -> list[str]:
    """Return those of a stage's records that no person has judged."""
    with ledger.read() as connection:
        judged = _judged(connection, stage)
    return [name for name in records if name not in judged]


def found_before(connection: Connection, stage: Stage, standings: Mapping[str, Standing], number: int) -> int:
    """Return how many records people keep by now that somebody had judged by the judgement of this number.

    What people have found since in the pile that was closed then is part of that.
    """
    judged = _judged(connection, stage, number)
    return sum(
        name in judged and standing.status is Status.FINAL and standing.decision is not None and standing.decision.kept
        for name, standing in standings.items()
    )


def _judged(connection: Connection, stage: Stage, number: int | None = None) -> set[str]:
    """Return the records that people have judged, by their present ids; those up to the judgement of a number."""
    current_ids = reads.current_ids(connection)
    return {
        current_ids.get(row.record_id, row.record_id)
        for row in reads.judgements(connection, stage, roles=PEOPLE, bare=True)
        if number is None or row.id <= number
    }
