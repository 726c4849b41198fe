"""Decisions on many records as they were entered, each undone as a whole: also the one that took others back."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import (
    Ledger,
    add_again,
    add_event,
    bulk_of,
    events,
    in_parts,
    judgement_records,
    newest_id,
    newest_judgement,
    open_records,
    reads,
    records_of,
    undo_event,
    void_queues,
    who_judged,
    withdraw,
)
from ..ledger.store import Connection
from ..protocol import Review
from .queue import close
from .slots import needed_in_samples, slots_of

BULK, BACK = "bulk", "back"


@dataclass(frozen=True)
class Bulk:
    """A decision on many records as it was entered.

    `first` and `last` are the numbers of its judgements. Of one that took decisions back (`choice` is `back`) they are the
    number of the newest judgement then, and `taken` those that it withdrew.
    """

    mark: int
    id: str
    at: str
    choice: str
    criterion: str
    reason: str
    count: int
    first: int
    last: int
    taken: Sequence[int] = ()


def bulks(connection: Connection, stage: Stage, reviewer: str) -> list[Bulk]:
    """Return the reviewer's decisions on many records that were not undone, newest first."""
    return [
        Bulk(event.id, at=event.at, **json.loads(event.body)) for event in events(connection, BULK, stage, reviewer)
    ]


def newest(connection: Connection, stage: Stage, reviewer: str) -> Bulk | None:
    """Return the decision on many records that the reviewer made last; None where what they did last was a single one."""
    last = newest_judgement(connection, stage, reviewer)
    decisions = bulks(connection, stage, reviewer)
    reopening = next((decision for decision in decisions if decision.choice == BACK), None)
    if reopening is not None and (last is None or last.id <= reopening.last):
        return reopening
    number = bulk_of(connection, last.id) if last is not None else None
    return next((decision for decision in decisions if decision.id == number), None)


def undo_bulk(ledger: Ledger, review: Review, stage: Stage, reviewer: str, number: str) -> str:
    """Undo a decision on many records as a whole; what to say of it. `BadInput` where there is no such decision.

    What it entered is withdrawn. What it took back is entered again as it was, but for records that the reviewer has
    judged anew, that somebody has resolved, or whose places others have filled since.
    """
    with ledger.write() as connection:
        undone = next((bulk for bulk in bulks(connection, stage, reviewer) if bulk.id == number), None)
        if undone is None:
            raise BadInput("This decision was undone already.")
        undo_event(connection, stage, reviewer, undone.mark)
        if undone.choice == BACK:
            count, missed = _enter_again(connection, review, stage, reviewer, undone.taken)
            message = f"Restored: your decision on {count:,} {'record' if count == 1 else 'records'}"
            return f"{message}; {missed:,} skipped, judged again since" if missed else message
        withdrawn = list(judgement_records(connection, stage, reviewer, bulk=number, since=undone.first))
        take_back(connection, stage, reviewer, withdrawn, "a decision on many records, undone as a whole")
    return f"Undone: {undone.choice} on {len(withdrawn):,} {'record' if len(withdrawn) == 1 else 'records'}"


def note(connection: Connection, stage: Stage, reviewer: str, body: Mapping[str, Any]) -> None:
    """Write down that a decision on many records was made: what `Bulk` holds but for the mark and the time."""
    add_event(connection, BULK, stage, reviewer, json.dumps(body))


def note_back(connection: Connection, stage: Stage, reviewer: str, withdrawn: Mapping[int, str]) -> None:
    """Write down which judgements are taken back at once, by number with the record, before that is done."""
    if not withdrawn:
        return
    newest_of_all = newest_id(connection, "judgements")
    note(connection, stage, reviewer, {
        "id": secrets.token_hex(6), "choice": BACK, "criterion": "", "reason": "", "count": len(set(withdrawn.values())),
        "first": newest_of_all, "last": newest_of_all, "taken": sorted(withdrawn),
    })  # fmt: skip


def _enter_again(
    connection: Connection, review: Review, stage: Stage, reviewer: str, numbers: Sequence[int]
) -> tuple[int, int]:
    """Enter withdrawn judgements again, with how they came about; on how many records, and on how many not."""
    current_ids, (judged_by, adjudicated), reading = (
        reads.current_ids(connection),
        who_judged(connection, stage),
        open_records(connection, stage),
    )
    needed, usual = needed_in_samples(connection, review, stage), max(1, review.stage(stage).decided_by.humans)

    def free(name: str) -> bool:
        if reviewer in judged_by[name] or name in adjudicated:
            return False
        quiet = len(judged_by[name]) < needed.get(name, usual) and name not in reading
        return quiet or slots_of(connection, review, stage, name).free_for(reviewer)

    fits: dict[str, bool] = {}
    restored: dict[int, str] = {}
    for number, record_id in records_of(connection, numbers).items():
        name = current_ids.get(record_id, record_id)
        if name not in fits:
            fits[name] = free(name)
        if fits[name]:
            restored[number] = record_id
    add_again(connection, restored)
    for some in in_parts(list(restored.values())):
        close(connection, stage, reviewer, some)
    return sum(fits.values()), sum(not fit for fit in fits.values())


def take_back(connection: Connection, stage: Stage, reviewer: str, numbers: Sequence[int], why: str) -> None:
    """Take many judgements back, and have the queues made anew."""
    withdraw(connection, numbers, reviewer, why)
    # Everybody's queue is made anew: quicker than to put thousands of records back one by one.
    void_queues(connection, stage)
