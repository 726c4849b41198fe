"""The order in which a reviewer is given records: a table that is made anew when what it was made from has changed."""

import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from ..gates import gate_open
from ..judgement import Stage
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.standing import Status, standings
from ..ledger.store import Ledger, now
from ..protocol import Review
from ..runner import present, ready, records_for
from .slots import EVERYBODY

REBUILD_SECONDS = 30
"""A queue that changes with the decisions of an earlier stage is made anew at most this often."""
_SAMPLES = -(10**15)
"""Where samples begin: before all else."""
_ONE_SAMPLE = 10**7


def is_current(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> bool:
    """Whether the reviewer's queue is made from what is there now."""
    b = t.queue_built.c
    with ledger.read() as connection:
        row = connection.execute(select(t.queue_built).where(b.stage == stage.value, b.reviewer == reviewer)).first()
        if row is None:
            return False
        then, changing = json.loads(row.signature)
        firm, moving = _signature(connection, review, stage)
    if then != firm:
        return False
    age = datetime.now(UTC) - datetime.fromisoformat(row.at)
    return changing == moving or age < timedelta(seconds=REBUILD_SECONDS)


def _signature(connection: Connection, review: Review, stage: Stage) -> tuple[list[Any], list[Any]]:
    """What a queue depends on: what asks for a new one at once, and what may wait a little."""

    def newest(column: Any, *where: Any) -> int:
        return int(connection.execute(select(func.max(column)).where(*where)).scalar() or 0)

    protocol = review.stage(stage)
    firm: list[Any] = [newest(t.hits.c.id), newest(t.links.c.id), newest(t.samples.c.id), protocol.queue]
    firm += [protocol.decided_by.humans, present(review, stage)]
    earlier = [one for one in Stage if one in review.protocol.stages]
    earlier = earlier[: earlier.index(stage)]
    moving: list[Any] = []
    if earlier:
        moving += [newest(t.judgements.c.id, t.judgements.c.stage.in_([one.value for one in earlier]))]
        moving += [newest(t.documents.c.id), newest(t.retrievals.c.id)]
    if protocol.gate is not None or protocol.queue == "ranked":
        ended = (
            select(func.count()).select_from(t.runs).where(t.runs.c.stage == stage.value, t.runs.c.ended.is_not(None))
        )
        moving += [int(connection.execute(ended).scalar_one()), newest(t.looks.c.id)]
    return firm, moving


def build(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> None:
    """Make the reviewer's queue anew: samples first, then all that humans may still have to judge."""
    eligible = _eligible(ledger, review, stage)
    slots = max(1, review.stage(stage).decided_by.humans)
    with ledger.read() as connection:
        moved = reads.aliases(connection)
        samples = _samples(connection, stage, moved)
        done: dict[str, set[str]] = defaultdict(set)
        ruled: set[str] = set()
        c = t.judgements.c
        query = select(c.record_id, c.reviewer, c.role).where(
            c.stage == stage.value, c.role.in_(["human", "adjudicator"]), c.repeat == 0,
            c.id.not_in(select(t.withdrawals.c.judgement_id)),
        )  # fmt: skip
        for row in connection.execute(query):
            name = moved.get(row.record_id, row.record_id)
            if row.role == "adjudicator":
                ruled.add(name)
            else:
                done[name].add(row.reviewer)
        ranks = _ranks(connection, review, stage, moved) if review.stage(stage).queue == "ranked" else {}
        signature = json.dumps(_signature(connection, review, stage))
    places: dict[str, int] = {}
    for name, given in eligible.items():
        places[name] = _place(review, stage, name, given, ranks)
    needed = {name: max(slots, wanted) for name, (_, wanted) in samples.items()}
    places |= {name: position for name, (position, _) in samples.items()}
    rows = [
        {"stage": stage.value, "reviewer": reviewer, "record_id": name, "position": position}
        for name, position in places.items()
        if name not in ruled and reviewer not in done[name] and len(done[name]) < needed.get(name, slots)
    ]
    q, b = t.queue.c, t.queue_built.c
    with ledger.write() as connection:
        connection.execute(delete(t.queue).where(q.stage == stage.value, q.reviewer == reviewer))
        connection.execute(delete(t.queue_built).where(b.stage == stage.value, b.reviewer == reviewer))
        if rows:
            connection.execute(insert(t.queue), rows)
        built = {"stage": stage.value, "reviewer": reviewer, "signature": signature, "at": now()}
        connection.execute(insert(t.queue_built).values(built))


def _eligible(ledger: Ledger, review: Review, stage: Stage) -> dict[str, int]:
    """The records of the stage on which no machine's decision is final, with their place in the order of import."""
    first = next(one for one in Stage if one in review.protocol.stages)
    protocol = review.stage(stage)
    opened = gate_open(ledger, review, stage, protocol.decided_by.machine)
    if stage is first and stage is Stage.ABSTRACT and not opened:
        with ledger.read() as connection:
            return {row.id: row.position for row in connection.execute(select(t.records.c.id, t.records.c.position))}
    records = records_for(ledger, review, stage)
    if stage is not Stage.ABSTRACT:
        records = ready(records)[0]
    with ledger.read() as connection:
        found = standings(
            connection, stage, protocol.decided_by, records, protocol=present(review, stage), gate_open=opened
        )
    names = [record.id for record in records if found[record.id].status is not Status.FINAL]
    return {name: position for position, name in enumerate(names)}


def _samples(connection: Connection, stage: Stage, moved: dict[str, str]) -> dict[str, tuple[int, int]]:
    """The records of samples, fillers too: place and least number of slots."""
    query = (
        select(t.sample_members, t.samples.c.kind)
        .join(t.samples, t.samples.c.id == t.sample_members.c.sample_id)
        .where(t.samples.c.stage == stage.value)
    )
    found: dict[str, tuple[int, int]] = {}
    for row in connection.execute(query.order_by(t.samples.c.id)):
        name = moved.get(row.record_id, row.record_id)
        wanted = {"pilot": EVERYBODY, "gold": 2}.get(row.kind, 1)
        place, before = found.get(name, (_SAMPLES + row.sample_id * _ONE_SAMPLE + row.position, 0))
        found[name] = (place, max(before, wanted))
    return found


def _ranks(connection: Connection, review: Review, stage: Stage, moved: dict[str, str]) -> dict[str, int]:
    """The place of each record by the machine's newest probability of inclusion, the highest first."""
    c = t.judgements.c
    query = select(c.record_id, c.probability).where(
        c.stage == stage.value, c.reviewer == review.stage(stage).decided_by.machine, c.role == "machine",
        c.repeat == 0, c.probability.is_not(None),
    )  # fmt: skip
    found = {
        moved.get(row.record_id, row.record_id): row.probability for row in connection.execute(query.order_by(c.id))
    }
    return {name: rank for rank, name in enumerate(sorted(found, key=lambda name: -found[name]))}


def _place(review: Review, stage: Stage, name: str, given: int, ranks: dict[str, int]) -> int:
    """The place in the queue. A random order is the same for all, so that records are finished, not only begun."""
    order = review.stage(stage).queue
    if order == "given":
        return given
    if order == "ranked":
        return ranks.get(name, len(ranks) + given)
    return int(hashlib.sha256(f"{review.protocol.title}:{stage}:{name}".encode()).hexdigest()[:13], 16)
