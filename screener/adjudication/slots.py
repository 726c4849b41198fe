"""Slots of double review: each record needs so many independent judgements, and nobody fills two of them.

A *lease* holds a slot for some minutes while somebody reads, so that no two people do the work of one. It is held by a
reviewer and by one *holder* (a browser window): a second window of the same person gets another record, unless they ask
for this one by its name. Then the second window holds it, and the first is told so before it can save (see `web/concurrent_edits`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import (
    Lease,
    Ledger,
    all_ids,
    all_ids_of,
    current_id,
    drop_all_leases,
    drop_leases,
    drop_window_leases,
    leases_of,
    put_lease,
    sample_kinds,
)
from ..ledger.assignments import assigned
from ..ledger.judged import OfPerson, judged_each
from ..ledger.leases import leases_of_each
from ..ledger.parts import in_parts
from ..ledger.samples import APART, Kind, sample_kinds_of_each, samples
from ..ledger.store import Connection
from ..protocol import Review
from ..stages import lacking_reason, removed_among

Role = Literal["human", "adjudicator"]
LEASE_SECONDS = 600
"""How long a slot stays taken without a sign of life."""
EVERYBODY = 1_000
"""The slots of a record that all are asked to judge, such as those of a pilot."""
_ADJUDICATOR = -1
"""The number of the one slot for whoever resolves a conflict."""


class Taken(BadInput):
    """The record has no free slot for this person, or is open in another window of theirs."""


@dataclass(frozen=True)
class Slots:
    """The slots of one record at one stage. `filled` and `leased` name the reviewers, oldest first.

    `unblinded` are those who have judged a record of a sample only after they had seen what others say: they fill no slot of
    it, and are not asked again. `assigned` are the people to whom the record is assigned, each with whether exclusively.
    """

    needed: int
    filled: tuple[str, ...]
    leased: tuple[str, ...]
    unblinded: tuple[str, ...] = ()
    adjudicated: bool = False
    assigned: Mapping[str, bool] = field(default_factory=dict)

    @property
    def judged(self) -> tuple[str, ...]:
        """Return who has judged it and is not asked again."""
        return (*self.filled, *self.unblinded)

    def free_for(self, reviewer: str) -> bool:
        """Return whether the reviewer may judge: they have before, they hold a slot, or there is one that nobody has."""
        others = {name for name in (*self.filled, *self.leased) if name != reviewer}
        return reviewer in self.judged or len(others) < self.needed

    def kept_from(self, reviewer: str) -> bool:
        """Return whether the record is assigned to others alone; never one of a pilot, which is for all."""
        return self.needed < EVERYBODY and barred(self.assigned, reviewer, self.needed, self.filled)


def needed_in_samples(connection: Connection, review: Review, stage: Stage) -> dict[str, int]:
    """Return how many judgements the records of samples need, by id; all others need as many as the protocol says."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for sample in samples(connection, stage, *APART):
        # What is mixed into a sample for a second person is read by them too: else all that they get would be the sample.
        twice = _read_twice(review, stage, [sample.kind])
        for member in sample.members if twice else sample.counted:
            kinds[member.record_id].add(sample.kind)
    return {name: _needed(review, stage, drawn_for) for name, drawn_for in kinds.items()}


def _needed(review: Review, stage: Stage, kinds: Collection[str]) -> int:
    usual = max(1, review.stage(stage).decided_by.humans)
    twice = bool({"gold", "update"} & set(kinds)) or _read_twice(review, stage, kinds)
    return EVERYBODY if "pilot" in kinds else max(2, usual) if twice else usual


def _read_twice(review: Review, stage: Stage, kinds: Collection[str]) -> bool:
    """Return whether a sample of exclusions is for a second person: one has screened them, beside a machine."""
    return review.stage(stage).decided_by.second_reviewer is not None and bool({"elusion", "review"} & set(kinds))


def in_a_sample(connection: Connection, stage: Stage, record_id: str) -> bool:
    """Return whether a record is in a sample whose labels a machine is measured by, if only mixed in."""
    return any(kind != "review" for kind, _ in sample_kinds(connection, stage, all_ids(connection, record_id)))


def slots_of(connection: Connection, review: Review, stage: Stage, record_id: str) -> Slots:
    """Return the slots of a record as they stand now: as many as the protocol says, two at least in a gold sample, one for
    everybody in a pilot. A record of a sample is to be judged by itself and blind: a decision on many at once fills no
    slot of it, nor does what is said after another's answer was seen.
    """
    return slots_of_each(connection, review, stage, [record_id])[record_id]


def slots_of_each(
    connection: Connection, review: Review, stage: Stage, record_ids: Collection[str]
) -> dict[str, Slots]:
    """Return the slots of each of some records, in as few queries as those of one (for each 500 records)."""
    slots: dict[str, Slots] = {}
    for some in in_parts(record_ids):
        slots |= _slots_of_some(connection, review, stage, some)
    return slots


def _slots_of_some(connection: Connection, review: Review, stage: Stage, record_ids: Sequence[str]) -> dict[str, Slots]:
    names = all_ids_of(connection, record_ids)
    judgements = judged_each(connection, stage, names)
    leases = leases_of_each(connection, stage, names)
    kinds = sample_kinds_of_each(connection, stage, names)
    people = assigned(connection, stage, names=record_ids, all_names=names)
    return {
        name: replace(
            _filled(review, stage, judgements[name], kinds[name]),
            leased=tuple(dict.fromkeys(lease.reviewer for lease in leases[name] if lease.slot != _ADJUDICATOR)),
            assigned=people.get(name, {}),
        )
        for name in record_ids
    }


def _filled(review: Review, stage: Stage, judgements: Sequence[OfPerson], kinds: Sequence[tuple[Kind, bool]]) -> Slots:
    """Return the slots of a record that nobody has open, from people's judgements and the samples that hold it."""
    drawn = bool(kinds)
    human = [one for one in judgements if one.role == "human" and (one.singly or not drawn)]
    judged = list(dict.fromkeys(one.reviewer for one in human))
    filled = list(dict.fromkeys(one.reviewer for one in human if one.blind or not drawn))
    twice = _read_twice(review, stage, [kind for kind, _ in kinds])
    if twice:
        # Who screened it has done so, on many at once or not; the other slot is for somebody else.
        filled = [name for name in judged if name in (judged[0], *filled)]
    unblinded = tuple(name for name in judged if name not in filled)
    counted = [kind for kind, counts in kinds if counts or (twice and kind == "elusion")]
    adjudicated = any(one.role == "adjudicator" for one in judgements)
    return Slots(_needed(review, stage, counted), tuple(filled), (), unblinded, adjudicated)


def waits_for(connection: Connection, stage: Stage, name: str, slots: Slots, reviewer: str) -> bool:
    """Return whether a record still waits for the reviewer: for a judgement, or for the reason that theirs lacks."""
    # A pilot is for all, also what two of them have settled: else the third is given only what is easy.
    if slots.needed < EVERYBODY and slots.adjudicated:
        return False
    if reviewer in slots.judged:
        return stage is Stage.FULLTEXT and reviewer in lacking_reason(connection, stage, all_ids(connection, name))
    return len(slots.filled) < slots.needed and not slots.kept_from(reviewer)


def barred(people: Mapping[str, bool], reviewer: str, needed: int, judged: Collection[str]) -> bool:
    """Return whether a record is kept from a person: others are assigned to it exclusively, and it needs nobody else.

    `people` are those who are assigned, each with whether exclusively; who has `judged` it has filled a place.
    """
    alone = {who for who, exclusive in people.items() if exclusive}
    return reviewer not in people and bool(alone - set(judged)) and len(alone.union(judged)) >= needed


def waiting_in_samples(
    connection: Connection, review: Review, stage: Stage, reviewer: str, names: Collection[str]
) -> set[str]:
    """Return those of some records that are in a sample and still want a blind judgement of a reviewer.

    Of a pilot whatever others have settled.
    """
    waiting = set[str]()
    sampled = needed_in_samples(connection, review, stage).keys() & set(names)
    for name, slots in slots_of_each(connection, review, stage, sampled).items():
        for_all = slots.needed >= EVERYBODY and reviewer not in slots.judged
        if for_all or waits_for(connection, stage, name, slots, reviewer):
            waiting.add(name)
    return waiting


def crowded(connection: Connection, review: Review, stage: Stage, record_id: str, reviewer: str) -> str:
    """Return why a judgement of the reviewer's would be one too many, in a sentence; empty where it would not.

    To correct a judgement of one's own is always free.
    """
    record_id = current_id(connection, record_id)
    if removed_among(connection, review, [record_id]):
        return "This record was removed before screening, by the rule on venues"
    slots = slots_of(connection, review, stage, record_id)
    if reviewer in slots.judged:
        return ""
    if slots.needed < EVERYBODY and slots.adjudicated:
        return "This record has been adjudicated"
    if slots.free_for(reviewer) and slots.kept_from(reviewer):
        return "This record is assigned to somebody else"
    if slots.free_for(reviewer):
        return ""
    of_them = "its judgement" if slots.needed == 1 else f"its {slots.needed} judgements"
    if len(slots.filled) >= slots.needed:
        return f"This record has {of_them} already"
    have = f"{len(slots.filled)} of {of_them}"
    return f"Others are judging this record now: it has {have}, and is open with {_people(slots, reviewer)}"


def _people(slots: Slots, reviewer: str) -> str:
    names = [name for name in slots.leased if name != reviewer and name not in slots.filled]
    return " and ".join(names)


@dataclass(frozen=True)
class Seat:
    """Who asks for a slot: a reviewer, in which window of theirs, and whether to judge or to resolve a conflict."""

    reviewer: str
    holder: str = ""
    role: Role = "human"


def take(
    connection: Connection,
    stage: Stage,
    record_id: str,
    slots: Slots,
    seat: Seat,
    *,
    seconds: float = LEASE_SECONDS,
    over: bool = False,
) -> str | None:
    """Take or keep a slot inside the caller's write transaction; return until when it is held, or None if none is free.

    `slots` are those of the record as they stand in this transaction. With `over`, what another window of the same reviewer holds is taken over.
    """
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    leases = leases_of(connection, stage, [record_id])
    own_lease = next((lease for lease in leases if lease.reviewer == seat.reviewer), None)
    if own_lease is not None:
        if not own_lease.in_window(seat.holder) and not over:
            return None
        put_lease(connection, stage, record_id, replace(own_lease, holder=seat.holder, until=until))
        return until
    used = {lease.slot for lease in leases}
    if seat.role == "adjudicator":
        if _ADJUDICATOR in used:
            return None
        slot = _ADJUDICATOR
    else:
        if not slots.free_for(seat.reviewer):
            return None
        slot = next(number for number in range(len(used) + 1) if number not in used)
    put_lease(connection, stage, record_id, Lease(slot, seat.reviewer, seat.holder, until))
    return until


def lease(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    record_id: str,
    seat: Seat,
    *,
    seconds: float = LEASE_SECONDS,
    over: bool = False,
) -> str:
    """Take a slot of a record, or keep the one that is held; return until when (ISO 8601, UTC).

    Call it again as a sign of life. Raises `Taken` where no slot is free, or where
    another window of the same reviewer has the record open and this one does not take it `over`.
    """
    with ledger.write(settles=False) as connection:
        record_id = current_id(connection, record_id)
        slots = slots_of(connection, review, stage, record_id)
        until = take(connection, stage, record_id, slots, seat, seconds=seconds, over=over)
    if until is None:
        raise Taken(f"{record_id}: open with others or in another window of yours; take the next record")
    return until


def release(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, *, holder: str | None = None) -> None:
    """Give a slot back; `holder` given, only if it is that window's."""
    with ledger.write(settles=False) as connection:
        drop_leases(connection, reviewer, stage, [record_id], holder=holder)


def release_window(ledger: Ledger, reviewer: str, holder: str) -> None:
    """Give back what one page of a reviewer's window holds: it was closed, or shows something else now."""
    with ledger.write(settles=False) as connection:
        drop_window_leases(connection, reviewer, holder)


def release_all(ledger: Ledger, reviewer: str) -> None:
    """Give back all that a reviewer holds: no window of theirs is open any more."""
    with ledger.write(settles=False) as connection:
        drop_all_leases(connection, reviewer)
