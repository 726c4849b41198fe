"""What comes to one reviewer at a stage: never a record that only a machine keeps, where they may still judge it before.

A machine's suggestion to keep takes a record on to the next stage. To whom it is offered there, it tells the suggestion:
whoever may still judge the record at the stage before must not learn of it from a queue, a list or a number.
"""

from collections.abc import Collection
from dataclasses import dataclass

from ..core.judgement import Stage
from ..ledger import Ledger, finished_records
from ..ledger.store import Connection
from ..protocol import Review
from ..records import Record
from ..stages import people_counts, records_for, stages_of, without_reason
from .slots import waiting_in_samples


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks at others' work.

    `judges` are the stages at which their roles let them judge. It is None where there are no roles: then everybody judges
    but whom the protocol names to resolve, until they judge something themselves.
    """

    name: str
    judges: frozenset[Stage] | None = None


@dataclass(frozen=True)
class Worklist:
    """The records that come to a reviewer at a stage, and those that wait for them at an earlier one."""

    records: list[Record]
    waiting_earlier: frozenset[str]
    """Not final at an earlier stage, whatever a machine says there, and the reviewer may still judge them."""


def worklist(ledger: Ledger, review: Review, stage: Stage, viewer: Viewer) -> Worklist:
    """Return what `state.records_for` gives, without what this person is still to judge at an earlier stage.

    There may be records that others have settled, but that are in a sample: what becomes of them would tell how.
    """
    waiting_earlier: set[str] = set()

    def exclude(earlier: Stage, unsettled: Collection[str]) -> Collection[str]:
        names = still_to_judge(ledger, review, earlier, viewer, unsettled)
        waiting_earlier.update(names)
        return names

    records = records_for(ledger, review, stage, exclude=exclude)
    order = stages_of(review)
    for earlier in order[: order.index(stage)]:
        if records and judges(ledger, review, earlier, viewer):
            with ledger.read() as connection:
                names = waiting_in_samples(connection, review, earlier, viewer.name, [record.id for record in records])
            waiting_earlier |= names
            records = [record for record in records if record.id not in names]
    return Worklist(records, frozenset(waiting_earlier))


def still_to_judge(
    ledger: Ledger, review: Review, stage: Stage, viewer: Viewer, names: Collection[str]
) -> frozenset[str]:
    """Return those of some records that the person may still judge: none for whoever does not judge."""
    humans = review.stage(stage).decided_by.humans
    if not humans or not names or not judges(ledger, review, stage, viewer):
        return frozenset()
    with ledger.read() as connection:
        through = done_for(connection, stage, viewer.name, humans)
    return frozenset(name for name in names if name not in through)


def judges(ledger: Ledger, review: Review, stage: Stage, viewer: Viewer) -> bool:
    """Return whether a person judges at a stage: by their roles, or where there are none unless they only resolve."""
    if viewer.judges is not None:
        return stage in viewer.judges
    return not only_resolves(ledger, review, stage, viewer.name)


def only_resolves(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> bool:
    """Return whether the protocol names the reviewer to resolve, and they have judged nothing themselves."""
    if reviewer not in review.stage(stage).decided_by.resolvers:
        return False
    with ledger.read() as connection:
        return reviewer not in people_counts(connection, stage).judged


def done_for(connection: Connection, stage: Stage, reviewer: str, slots: int) -> set[str]:
    """Return the records that wait for the reviewer no more: those that are finished, but for a reason that theirs lacks."""
    return finished_records(connection, stage, reviewer, slots) - without_reason(connection, stage, reviewer)
