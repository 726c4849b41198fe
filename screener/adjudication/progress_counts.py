"""What the human judgements of a stage amount to: progress, agreement, conflicts. All of it is read from the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import (
    Ledger,
    StoredJudgement,
    all_ids,
    built,
    count_queued,
    open_records,
    queued_among,
    reads,
    records_set_aside,
    reports,
)
from ..ledger.store import Connection
from ..protocol import Review
from ..records import Record
from ..stages import (
    AgreementCounts,
    RecordPeople,
    StageState,
    Status,
    blind_conflicts,
    people_counts,
    people_where,
    removed_by_venue,
)
from .slots import EVERYBODY, LEASE_SECONDS, needed_in_samples, slots_of, slots_of_each, waits_for


@dataclass(frozen=True)
class Conflict:
    """A record on which people differ, and their judgements, oldest first."""

    record: Record
    rows: tuple[StoredJudgement, ...]


@dataclass(frozen=True)
class OpenRecord:
    """A record of a reviewer's queue that another reviewer has open, and when they did something with it last."""

    record_id: str
    reviewer: str
    active_at: datetime

    @property
    def minutes(self) -> int:
        """Return how many minutes ago that was."""
        return max(0, int((datetime.now(UTC) - self.active_at).total_seconds() // 60))


@dataclass(frozen=True)
class Remaining:
    """What remains of a reviewer's queue: how many they are given when they go on, and what others have open."""

    left: int
    elsewhere: Sequence[OpenRecord]


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
    """What the reviewer is given when they go on; None before their queue was made."""
    elsewhere: Sequence[OpenRecord] = ()
    """What is in their queue and cannot be given to them now, as others have it open."""


def progress(ledger: Ledger, review: Review, stage: Stage, reviewer: str = "") -> Progress:
    """Return how far the people are, as the ledger has it now."""
    removed = removed_by_venue(ledger, review)
    with ledger.read() as connection:
        counts = people_counts(connection, stage)
        queue = remaining(connection, review, stage, reviewer) if built(connection, stage, reviewer) else None
        total = reads.count_records(connection) - len(records_set_aside(connection) | removed)
        differing = people_where(connection, stage, lambda record: record.differ) if removed else {}
    # Who screened a record must not learn that the second reviewer differs, and cannot resolve it.
    with_machine = [who for who in _with_second_reviewer(ledger, review, stage).values() if reviewer not in who]
    judged = counts.judged
    return Progress(
        stage, total, judged, counts.enough(max(1, review.stage(stage).decided_by.humans)),
        counts.conflicts - len(removed & differing.keys()) + len(with_machine),
        counts.resolved, counts.agreement, judged.get(reviewer, 0),
        queue.left if queue else None, queue.elsewhere if queue else (),
    )  # fmt: skip


def remaining(connection: Connection, review: Review, stage: Stage, reviewer: str) -> Remaining:
    """Return what remains of the reviewer's queue, as the slots of its records stand now.

    A queue is only cleared of what others have finished when it is served; here that counts no more.
    """
    finished = _finished_in_queue(connection, review, stage, reviewer)
    leases = {
        name: [lease for lease in of_record if lease.reviewer != reviewer]
        for name, of_record in open_records(connection, stage).items()
    }
    with_others = [name for name, of_others in leases.items() if of_others and name not in finished]
    waiting = queued_among(connection, stage, reviewer, with_others)
    elsewhere = [
        OpenRecord(name, lease.reviewer, datetime.fromisoformat(lease.until) - timedelta(seconds=LEASE_SECONDS))
        for name, slots in slots_of_each(connection, review, stage, waiting).items()
        if not slots.free_for(reviewer)
        for lease in leases[name]
    ]
    taken = {record.record_id for record in elsewhere}
    return Remaining(count_queued(connection, stage, reviewer) - len(finished) - len(taken), elsewhere)


def _finished_in_queue(connection: Connection, review: Review, stage: Stage, reviewer: str) -> set[str]:
    """Return the records of a reviewer's queue that wait for them no more: others have finished them since it was made."""
    slots = max(1, review.stage(stage).decided_by.humans)

    def enough(record: RecordPeople) -> bool:
        if record.adjudicated:
            return True
        if reviewer in record.people:
            return reviewer not in record.agreement.incomplete
        return len(record.people) >= slots

    records = people_where(connection, stage, enough, queue_of=reviewer)
    needed = needed_in_samples(connection, review, stage) if records else {}

    def finished(name: str, people: Collection[str]) -> bool:
        if name not in needed:
            return True
        if needed[name] >= EVERYBODY and reviewer not in people:
            return False
        return not waits_for(connection, stage, name, slots_of(connection, review, stage, name), reviewer)

    return {name for name, record in records.items() if finished(name, record.people)}


@dataclass(frozen=True)
class SoFar:
    """How many records a reviewer has judged at a stage, how many are left for them, and how many others have open."""

    judged: int
    left: int
    elsewhere: int = 0

    def __str__(self) -> str:
        """Return it in words."""
        words = f"{self.judged:,} done · {self.left:,} left for you"
        return words + (f" · {self.elsewhere:,} open with others" if self.elsewhere else "")

    def after(self, judged: int) -> "SoFar":
        """Return it when the reviewer has judged so many, and others none since."""
        return replace(self, judged=judged, left=max(0, self.left - (judged - self.judged)))


def judged_so_far(connection: Connection, stage: Stage, reviewer: str) -> int:
    """Return how many records the reviewer has judged at a stage."""
    return people_counts(connection, stage).judged.get(reviewer, 0)


def so_far(connection: Connection, review: Review, stage: Stage, reviewer: str) -> SoFar:
    """Return how far the reviewer is at a stage, as it stands now."""
    queue = remaining(connection, review, stage, reviewer)
    elsewhere = len({record.record_id for record in queue.elsewhere})
    return SoFar(judged_so_far(connection, stage, reviewer), queue.left, elsewhere)


def open_elsewhere(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> Sequence[OpenRecord]:
    """Return the records of the reviewer's queue that they are not given, as others have them open."""
    with ledger.read() as connection:
        return remaining(connection, review, stage, reviewer).elsewhere


def wait_for_others(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> int:
    """Return how many records the reviewer has judged that wait for somebody else's judgement.

    A record of a gold sample needs two judgements whatever the protocol asks for.
    """
    slots = max(1, review.stage(stage).decided_by.humans)
    with ledger.read() as connection:
        count = people_counts(connection, stage).wait_for_others(reviewer, slots)
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


def conflicts(ledger: Ledger, stage: Stage, review: Review | None = None) -> dict[str, frozenset[str]]:
    """Return the conflicts that nobody has adjudicated, in the order of import, with who has judged each.

    With a `review`, without those on records that its venue rules remove, and with those between a person and the machine
    that is their second reviewer.
    """
    removed = removed_by_venue(ledger, review) if review is not None else frozenset()
    with ledger.read() as connection:
        records = people_where(connection, stage, lambda record: record.differ)
        judges = {name: frozenset(record.people) for name, record in records.items()}
        judges |= {} if review is None else _with_second_reviewer(ledger, review, stage)
        places = reads.places(connection, list(judges))
    return {name: judges[name] for name in places if name not in removed}


def _with_second_reviewer(ledger: Ledger, review: Review, stage: Stage) -> dict[str, frozenset[str]]:
    """Return the records on which one person and the machine that is their second reviewer differ, with the person."""
    if review.stage(stage).decided_by.second_reviewer is None:
        return {}
    standings = StageState.load(ledger, review, stage, brief=True).standings
    return {
        name: frozenset(standing.people)
        for name, standing in standings.items()
        if standing.status is Status.CONFLICT and len(standing.people) == 1
    }


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
    removed = removed_by_venue(ledger, review)
    with ledger.read() as connection:
        return {
            name: list(rows)
            for name, rows in blind_conflicts(connection, stage, review.stage(stage).decided_by).items()
            if name not in removed
        }
