"""The labelling queue: who judges what next, judgements entered and taken back. What the web app stands on.

Every function takes the ledger and commits what it changes before it returns. `holder` is the browser window. Nothing
here tells a reviewer why a record is in the queue: records of a gold or elusion sample come in the sample's own order,
mixed with others, before the rest.

`conflicts` and `progress` are in `progress_counts`, `lease` and `release` in `slots`; they are named here too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..ledger import (
    JudgementContext,
    Ledger,
    NewJudgement,
    add_judgements_with_context,
    adjudicators_since,
    all_ids,
    all_ids_of,
    begun_records,
    current_id,
    drop_drafts,
    drop_leases,
    judged_by,
    leave_queue,
    move_to_end,
    move_to_front,
    newest_judgement,
    open_records,
    queued,
    queued_among,
    reads,
    reports,
    return_to_queues,
    sample_kinds,
    set_draft_aside,
    supersede_parts,
    withdraw,
)
from ..ledger.store import Connection
from ..protocol import RANKED, Review, as_asked, decide
from ..protocol.instructions_hash import instructions_hash
from ..records import Record
from ..stages import check_name, check_resolvers, check_third_person
from .learned_order import note_if_ranked
from .progress_counts import Conflict, Progress, conflict, conflicts, progress
from .queue_order import REBUILD_SECONDS, Age, Behind, age_of, ensure
from .slots import (
    LEASE_SECONDS,
    Role,
    Seat,
    Slots,
    Taken,
    lease,
    release,
    slots_of,
    slots_of_each,
    take,
    waits_for,
)

__all__ = [
    "LEASE_SECONDS",
    "REBUILD_SECONDS",
    "Conflict",
    "JudgementContext",
    "Progress",
    "Role",
    "Slots",
    "Taken",
    "Undone",
    "adjudicate",
    "check_name",
    "conflict",
    "conflicts",
    "enter",
    "lease",
    "next_record",
    "progress",
    "release",
    "skip",
    "slots_of",
    "undo",
    "unskip",
]

_CHUNK = 100
"""How many places of the queue are looked at in one go: a team in one order passes over what is finished or open."""


@dataclass(frozen=True)
class Undone:
    """A judgement that was taken back: the record it is about, and what it had said."""

    judgement_id: int
    record_id: str
    judgement: Judgement


def next_record(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    reviewer: str,
    *,
    holder: str = "",
    seconds: float = LEASE_SECONDS,
    behind: Behind | None = None,
) -> Record | None:
    """Return the next record for a reviewer, with a slot leased to this window; None where nothing is left for them.

    From full text on it is a `Report`. What they have begun and not skipped comes before the rest. Records that other
    people have filled, or that they hold, are passed over; what another window of the same reviewer has open comes last,
    and is then this window's. Call `release`, `skip` or `enter` when done with it. `behind` does what need not be waited
    for (see `order.ensure`).
    """
    ensure(ledger, review, stage, reviewer, behind)
    seat = Seat(reviewer, holder)
    name = _next_name(ledger, review, stage, seat, seconds)
    if name is None and age_of(ledger, review, stage, reviewer, exact=True) is not Age.FRESH:
        # Nobody is told that nothing is left by a queue to which something has come since.
        ensure(ledger, review, stage, reviewer, exact=True)
        name = _next_name(ledger, review, stage, seat, seconds)
    if name is None:
        return None
    with ledger.read() as connection:
        record = reads.find_record(connection, name)
    return record if record is None or stage is Stage.ABSTRACT else reports(ledger, [record])[0]


def _next_name(ledger: Ledger, review: Review, stage: Stage, seat: Seat, seconds: float) -> str | None:
    """Lease the first record of a queue that is free, and return its id."""
    reviewer = seat.reviewer
    name, after = None, None
    while name is None:
        with ledger.write(settles=False) as connection:
            if after is None:
                begun = begun_records(connection, stage, reviewer, _CHUNK)
                name = _first_free(connection, review, stage, seat, begun, seconds)
            if name is not None:
                break
            places = queued(connection, stage, reviewer, after=after, limit=_CHUNK)
            name = _first_free(connection, review, stage, seat, [place[0] for place in places], seconds)
            if name is not None:
                note_if_ranked(connection, stage, reviewer, name, dict(places)[name])
            if name is None and len(places) < _CHUNK:
                own = _own_open(connection, stage, reviewer)
                name = _first_free(connection, review, stage, seat, own, seconds, over=True)
                break
        after = places[-1][1]
    return name


def _own_open(connection: Connection, stage: Stage, reviewer: str) -> list[str]:
    """Return what a reviewer's windows have open of their queue, or had when they were closed without a word."""
    leases = open_records(connection, stage).items()
    names = [name for name, of_record in leases if any(lease.reviewer == reviewer for lease in of_record)]
    return queued_among(connection, stage, reviewer, names)


def _first_free(
    connection: Connection,
    review: Review,
    stage: Stage,
    seat: Seat,
    names: Sequence[str],
    seconds: float,
    *,
    over: bool = False,
) -> str | None:
    reviewer, done = seat.reviewer, list[str]()
    found = None
    for name, slots in slots_of_each(connection, review, stage, names).items():
        if not waits_for(connection, stage, name, slots, reviewer):
            done.append(name)
        elif slots.free_for(reviewer) and take(connection, stage, name, slots, seat, seconds=seconds, over=over):
            found = name
            break
    # Whoever takes a judgement back puts the record into the queues again.
    leave_queue(connection, stage, reviewer, done)
    return found


def _open(connection: Connection, review: Review, stage: Stage, name: str, reviewer: str) -> bool:
    return slots_of(connection, review, stage, name).free_for(reviewer)


def skip(ledger: Ledger, stage: Stage, record_id: str, reviewer: str) -> None:
    """Put a record at the end of the reviewer's queue and give its slot back; what was begun on it waits there too."""
    with ledger.write(settles=False) as connection:
        move_to_end(connection, stage, reviewer, record_id)
        set_draft_aside(connection, stage, record_id, reviewer, aside=True)
        drop_leases(connection, reviewer, stage, [record_id])


def unskip(ledger: Ledger, stage: Stage, record_id: str, reviewer: str) -> None:
    """Put a record that was skipped at the front of the reviewer's queue again."""
    with ledger.write(settles=False) as connection:
        move_to_front(connection, stage, reviewer, record_id)
        set_draft_aside(connection, stage, record_id, reviewer, aside=False)


def enter(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    record_id: str,
    reviewer: str,
    judgement: Judgement,
    *,
    judgement_context: JudgementContext | None = None,
) -> int:
    """Enter a person's judgement and give the slot back; return the judgement's id.

    A judgement of one's own on the same record is superseded (and comes back by `undo`); those of what was merged into it
    since are withdrawn. Raises `Taken` where others have filled or hold all slots and the context does not say
    that it is one `beyond` these, `BadInput` for an unknown record, a name
    that is no human's, or a decision that does not follow from its criteria.
    """
    reviewer = check_name(review, reviewer)
    entered = _entered(ledger, review, stage, record_id, judgement)
    context = judgement_context or JudgementContext()
    with ledger.write() as connection:
        name = current_id(connection, record_id)
        if not context.beyond and not _open(connection, review, stage, name, reviewer):
            raise Taken(f"{name}: others have judged it already; take the next record")
        return _write(connection, review, stage, Seat(reviewer), replace(entered, record_id=name), context)


def adjudicate(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    record_id: str,
    reviewer: str,
    judgement: Judgement,
    *,
    judgement_context: JudgementContext | None = None,
) -> int:
    """Enter an adjudicator's judgement, which outranks all others; return its id.

    Only those may whom the protocol names, and beside a machine as second reviewer only somebody who has not judged the
    record. Raises `Taken` where somebody else has adjudicated the record since the conflict was looked at, and `BadInput` as
    `enter` does.
    """
    reviewer = check_name(review, reviewer)
    check_resolvers(review, stage, [reviewer])
    entered = _entered(ledger, review, stage, record_id, judgement)
    context = judgement_context or JudgementContext()
    with ledger.write() as connection:
        entered = replace(entered, record_id=current_id(connection, record_id))
        names = all_ids(connection, entered.record_id)
        check_third_person(review, stage, reviewer, judged_by(connection, stage, names))
        if context.since is not None and adjudicators_since(connection, stage, names, context.since) - {reviewer}:
            raise Taken(f"{entered.record_id}: somebody has resolved it meanwhile")
        return _write(connection, review, stage, Seat(reviewer, role="adjudicator"), entered, context)


def _entered(ledger: Ledger, review: Review, stage: Stage, record_id: str, judgement: Judgement) -> "Entered":
    """Return a judgement with the text of its record; `BadInput` for a record or a decision that cannot be."""
    protocol = review.stage(stage)
    unknown = [name for name in judgement.answers if name not in {criterion.id for criterion in protocol.criteria}]
    if unknown:
        raise BadInput(f"{unknown[0]}: {stage.label.lower()} has no such criterion")
    judgement = as_asked(protocol, judgement)
    if judgement.answers and not judgement.stated and decide(protocol, judgement.answers) is not judgement.decision:
        follows = decide(protocol, judgement.answers)
        raise BadInput(f"the decision is {judgement.decision}, but the criteria give {follows}")
    with ledger.read() as connection:
        present = reads.find_record(connection, current_id(connection, record_id))
    if present is None:
        raise BadInput(f"{record_id}: no record has this id")
    record = present if stage is Stage.ABSTRACT else reports(ledger, [present])[0]
    return Entered(present.id, record.text_hash, judgement)


def _write(
    connection: Connection, review: Review, stage: Stage, seat: Seat, entered: "Entered", context: JudgementContext
) -> int:
    """Write one judgement; of a ranked queue people know what a machine thinks, so none of its records is judged blind."""
    ranked = review.stage(stage).queue in RANKED and not _sampled(connection, stage, entered.record_id)
    if ranked and context.blinded == "blind":
        context = replace(context, blinded="partly")
    return write_judgements(connection, review, stage, seat.reviewer, [entered], context, role=seat.role)[0]


@dataclass(frozen=True)
class Entered:
    """A judgement as it is written: of which record, and of which text of it."""

    record_id: str
    text_hash: str
    judgement: Judgement


def write_judgements(
    connection: Connection,
    review: Review,
    stage: Stage,
    reviewer: str,
    entered: Sequence[Entered],
    context: JudgementContext,
    *,
    role: Role = "human",
) -> list[int]:
    """Write a person's judgements of different records with their context; what they had open of them is closed.

    Whether they may is the caller's to ask. Returns the judgements' numbers, in the same order.
    """
    context = replace(context, protocol=instructions_hash(review, stage), ordered=review.stage(stage).queue)
    rows = [NewJudgement(new.record_id, new.text_hash, stage, reviewer, role, new.judgement) for new in entered]
    numbers = add_judgements_with_context(connection, rows, context)
    names = [new.record_id for new in entered]
    supersede_parts(connection, stage, reviewer, role, names)
    close(connection, stage, reviewer, names)
    return numbers


def close(connection: Connection, stage: Stage, reviewer: str, names: Sequence[str]) -> None:
    """Take judged records out of the reviewer's queue, give their slots back and delete their drafts."""
    all_names = all_ids_of(connection, names)
    leave_queue(connection, stage, reviewer, all_names)
    drop_leases(connection, reviewer, stage, all_names)
    drop_drafts(connection, stage, reviewer, all_names)


def _sampled(connection: Connection, stage: Stage, name: str) -> bool:
    """Return whether the record came in the order of a sample, which is random whatever the queue is."""
    return bool(sample_kinds(connection, stage, all_ids(connection, name)))


def undo(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    reviewer: str,
    record_id: str | None = None,
    *,
    role: Role = "human",
    reason: str = "",
) -> Undone | None:
    """Take back the reviewer's newest judgement in a role, or their newest of one record; None where there is none.

    It stays in the ledger as withdrawn; the judgement before it, if any, counts again. The record goes to the front of
    the queue of everybody for whom it waits again: nobody's, where an adjudication is taken back and enough have judged.
    """
    with ledger.write() as connection:
        names = None if record_id is None else all_ids(connection, current_id(connection, record_id))
        row = newest_judgement(connection, stage, reviewer, role, names=names)
        if row is None:
            return None
        withdraw(connection, [row.id], reviewer, reason)
        name = current_id(connection, row.record_id)
        slots = slots_of(connection, review, stage, name)
        return_to_queues(connection, stage, reviewer, name, lambda who: waits_for(connection, stage, name, slots, who))
    return Undone(row.id, name, row.judgement)
