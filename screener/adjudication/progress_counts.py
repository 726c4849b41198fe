"""What the human judgements of a stage amount to: progress, agreement, conflicts. All of it is read from the ledger."""

from dataclasses import dataclass

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold import blind_conflicts
from ..ledger import Ledger, StoredJudgement, all_ids, built, count_queued, reads, reports
from ..ledger.store import Connection
from ..protocol import Review
from ..records import Record
from ..stages import AgreementCounts, people_counts, people_where
from .slots import EVERYBODY, needed_in_samples


@dataclass(frozen=True)
class Conflict:
    """A record on which people differ, and their judgements, oldest first."""

    record: Record
    rows: tuple[StoredJudgement, ...]


@dataclass(frozen=True)
class Progress:
    """How far the people are at a stage. `records` are all after merging; `judged_by_me` and `left` are the reviewer's."""

    stage: Stage
    records: int
    judged: dict[str, int]
    """How many records each person has judged."""
    enough: int
    """Records with as many judgements as the protocol asks for, or an adjudication."""
    conflicts: int
    resolved: int
    """Records with an adjudication."""
    agreement: AgreementCounts
    judged_by_me: int = 0
    left: int | None = None
    """What is left in the reviewer's queue; None before it was made."""


def progress(ledger: Ledger, review: Review, stage: Stage, reviewer: str = "") -> Progress:
    """Return how far the people are, as the ledger has it now."""
    with ledger.read() as connection:
        counts = people_counts(connection, stage)
        left = count_queued(connection, stage, reviewer) if built(connection, stage, reviewer) else None
        total = reads.count_records(connection)
    judged = counts.judged
    return Progress(
        stage, total, judged, counts.enough(max(1, review.stage(stage).decided_by.humans)), counts.conflicts,
        counts.resolved, counts.agreement, judged.get(reviewer, 0), left,
    )  # fmt: skip


def so_far(connection: Connection, stage: Stage, reviewer: str) -> str:
    """Return how many records the reviewer has judged at a stage, and how many are left in their queue, in words."""
    judged = people_counts(connection, stage).judged.get(reviewer, 0)
    left = count_queued(connection, stage, reviewer)
    return f"{judged:,} done · {left:,} left for you"


def open_elsewhere(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> int:
    """Return how many records are open where this reviewer can do nothing now.

    They are in the reviewer's queue but open in other windows, or the reviewer has judged them and they wait for a
    second reviewer. A record of a gold sample needs two judgements whatever the protocol asks for.
    """
    slots = max(1, review.stage(stage).decided_by.humans)
    with ledger.read() as connection:
        count = count_queued(connection, stage, reviewer)
        count += people_counts(connection, stage).wait_for_others(reviewer, slots)
        needed = needed_in_samples(connection, review, stage)
        twice = {name for name, people in needed.items() if slots < people < EVERYBODY}
        if twice:
            alone = people_where(
                connection,
                stage,
                lambda record: reviewer in record.people and slots <= len(record.people) < 2 and not record.adjudicated,
            )
            count += len(twice & alone.keys())
    return count


def conflicts(ledger: Ledger, stage: Stage) -> dict[str, frozenset[str]]:
    """Return the conflicts that nobody has adjudicated, in the order of import, with who has judged each."""
    with ledger.read() as connection:
        records = people_where(connection, stage, lambda record: record.differ)
        places = reads.places(connection, list(records))
    return {name: frozenset(records[name].people) for name in places}


def conflict(ledger: Ledger, stage: Stage, name: str) -> Conflict:
    """Return a record on which people differ, with the present judgements of each; `BadInput` for an id that no record has."""
    with ledger.read() as connection:
        record = reads.find_record(connection, name)
        if record is None:
            raise BadInput(f"{name}: no record has this id")
        named = all_ids(connection, record.id)
        rows = list(reads.judgements(connection, stage, roles=("human",), repeat=0, named=named))
    newest = {(row.reviewer, row.record_id): row for row in rows}
    current: Record = record if stage is Stage.ABSTRACT else reports(ledger, [record])[0]
    return Conflict(current, tuple(sorted(newest.values(), key=lambda row: row.id)))


def sample_conflicts(ledger: Ledger, review: Review, stage: Stage) -> dict[str, list[StoredJudgement]]:
    """Return the records of gold and elusion samples whose labels wait for an adjudication, with the blind judgements.

    Also those on which people have come to agree since: a judgement made after seeing another's answer is no label.
    """
    with ledger.read() as connection:
        return {
            name: list(rows)
            for name, rows in blind_conflicts(connection, stage, review.stage(stage).decided_by).items()
        }
