"""Decisions on many records as they were entered, each undone as a whole: also the one that took others back."""

import json
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, cast, delete, func, insert, select

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.judgements import add_again, not_withdrawn, withdraw
from ..ledger.store import Ledger, now
from ..ledger.tags import UNDONE
from ..protocol.model import Review
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
    """The reviewer's decisions on many records that were not undone, newest first."""
    m = t.ui_events.c
    undone = select(cast(m.body, BigInteger)).where(m.kind == UNDONE)
    query = select(m.id, m.at, m.body).where(
        m.kind == BULK, m.stage == stage.value, m.reviewer == reviewer, m.id.not_in(undone)
    )
    return [Bulk(row.id, at=row.at, **json.loads(row.body)) for row in connection.execute(query.order_by(m.id.desc()))]


def newest(connection: Connection, stage: Stage, reviewer: str) -> Bulk | None:
    """The decision on many records that the reviewer made last; None where what they did last was a single one."""
    c = t.judgements.c
    query = select(c.id, t.judgement_context.c.bulk).outerjoin(t.judgement_context, t.judgement_context.c.judgement_id == c.id).where(
        c.stage == stage.value, c.reviewer == reviewer, c.role == "human",
        not_withdrawn(),
    )  # fmt: skip
    last = connection.execute(query.order_by(c.id.desc()).limit(1)).first()
    made = bulks(connection, stage, reviewer)
    back = next((one for one in made if one.choice == BACK), None)
    if back is not None and (last is None or last.id <= back.last):
        return back
    number = last.bulk if last is not None else None
    return next((one for one in made if one.id == number), None)


def undo_bulk(ledger: Ledger, review: Review, stage: Stage, reviewer: str, number: str) -> str:
    """Undo a decision on many records as a whole; what to say of it. `BadInput` where there is no such decision.

    What it entered is withdrawn. What it took back is entered again as it was, but for records that the reviewer has
    judged anew, that somebody has resolved, or whose places others have filled since.
    """
    with ledger.write() as connection:
        one = next((found for found in bulks(connection, stage, reviewer) if found.id == number), None)
        if one is None:
            raise BadInput("This decision was undone already.")
        row = {"stage": stage.value, "record_id": "", "reviewer": reviewer, "kind": UNDONE, "active": 1}
        connection.execute(insert(t.ui_events).values(**row, body=str(one.mark), at=now()))
        if one.choice == BACK:
            count, missed = _enter_again(connection, review, stage, reviewer, one.taken)
            said = f"Restored: your decision on {count:,} {'record' if count == 1 else 'records'}"
            return f"{said}; {missed:,} skipped, judged again since" if missed else said
        c, around = t.judgements.c, t.judgement_context.c
        query = select(c.id).join(t.judgement_context, around.judgement_id == c.id).where(
            c.id >= one.first, c.stage == stage.value, c.reviewer == reviewer,
            around.bulk == number, not_withdrawn(),
        )  # fmt: skip
        taken = list(connection.execute(query).scalars())
        take_back(connection, stage, reviewer, taken, "a decision on many records, undone as a whole")
    return f"Undone: {one.choice} on {len(taken):,} {'record' if len(taken) == 1 else 'records'}"


def note(connection: Connection, stage: Stage, reviewer: str, body: Mapping[str, Any]) -> None:
    """Write down that a decision on many records was made: what `Bulk` holds but for the mark and the time."""
    mark = {"stage": stage.value, "record_id": "", "reviewer": reviewer, "kind": BULK, "active": 1}
    connection.execute(insert(t.ui_events).values(**mark, body=json.dumps(body), at=now()))


def note_back(connection: Connection, stage: Stage, reviewer: str, taken: Mapping[int, str]) -> None:
    """Write down which judgements are taken back at once, by number with the record, before that is done."""
    if not taken:
        return
    newest_of_all = int(connection.execute(select(func.max(t.judgements.c.id))).scalar_one())
    note(connection, stage, reviewer, {
        "id": secrets.token_hex(6), "choice": BACK, "criterion": "", "reason": "", "count": len(set(taken.values())),
        "first": newest_of_all, "last": newest_of_all, "taken": sorted(taken),
    })  # fmt: skip


def _enter_again(
    connection: Connection, review: Review, stage: Stage, reviewer: str, numbers: Sequence[int]
) -> tuple[int, int]:
    """Enter withdrawn judgements again, with how they came about; on how many records, and on how many not."""
    current_ids, (done, ruled), reading = (
        reads.current_ids(connection),
        judged(connection, stage),
        held(connection, stage),
    )
    needed, least = needed_in_samples(connection, review, stage), max(1, review.stage(stage).decided_by.humans)

    def free(name: str) -> bool:
        if reviewer in done[name] or name in ruled:
            return False
        quiet = len(done[name]) < needed.get(name, least) and name not in reading
        return quiet or slots_of(connection, review, stage, name).free_for(reviewer)

    fits: dict[str, bool] = {}
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        j = t.judgements.c
        rows = connection.execute(select(j.id, j.record_id).where(j.id.in_(some)).order_by(j.id)).all()
        again: list[int] = []
        for number, record_id in rows:
            name = current_ids.get(record_id, record_id)
            if name not in fits:
                fits[name] = free(name)
            if fits[name]:
                again.append(number)
        add_again(connection, again)
        close(connection, stage, reviewer, [record_id for number, record_id in rows if number in set(again)])
    return sum(fits.values()), sum(not fit for fit in fits.values())


def take_back(connection: Connection, stage: Stage, reviewer: str, taken: Sequence[int], why: str) -> None:
    """Take many judgements back, and have the queues made anew."""
    withdraw(connection, taken, reviewer, why)
    # Everybody's queue is made anew: quicker than to put thousands of records back one by one.
    connection.execute(delete(t.queue_built).where(t.queue_built.c.stage == stage.value))


def judged(connection: Connection, stage: Stage) -> tuple[dict[str, set[str]], set[str]]:
    """Who has judged each record, and the records that have a ruling."""
    c, a = t.judgements.c, t.aliases.c
    query = (
        select(func.coalesce(a.record_id, c.record_id), c.reviewer, c.role)
        .select_from(t.judgements.outerjoin(t.aliases, a.alias == c.record_id))
        .where(c.stage == stage.value, c.role.in_(["human", "adjudicator"]), c.repeat == 0,
               not_withdrawn())
    )  # fmt: skip
    done: dict[str, set[str]] = defaultdict(set)
    ruled = set()
    for name, who, role in connection.execute(query):
        if role == "adjudicator":
            ruled.add(name)
        else:
            done[name].add(who)
    return done, ruled


def held(connection: Connection, stage: Stage) -> dict[str, set[tuple[str, str]]]:
    """Who has each record open now, and in which window."""
    c = t.leases.c
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in connection.execute(
        select(c.record_id, c.reviewer, c.holder).where(c.stage == stage.value, c.until > now())
    ):
        found[row.record_id].add((row.reviewer, row.holder))
    return found
