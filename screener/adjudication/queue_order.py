"""The order in which a reviewer is given records: a table that is made anew when what it was made from has changed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, cast, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import BIT

from ..core.judgement import Stage
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.record_ids import all_ids
from ..ledger.store import Ledger, now
from ..protocol.model import Review
from ..stages.eligible import ready
from ..stages.standing import Status
from ..stages.state import StageState, protocol_fingerprint, stages_of
from .slots import EVERYBODY, judged_by
from .worklist import coming, finished

REBUILD_SECONDS = 30
"""A queue that changes with the decisions of an earlier stage is made anew at most this often."""
Behind = Callable[[Callable[[], None]], object]
"""Does something without anybody waiting for it."""
_MAKING: dict[tuple[str, Stage, str], Lock] = defaultdict(Lock)
"""One lock for each queue of this process, so that no two requests make the same one."""
_SAMPLES = -(10**15)
"""Where samples begin: before all else."""
_ONE_SAMPLE = 10**7
_DIGITS = 13
"""So many hexadecimal digits of a hash are the place in a random order: 52 bits, which every database can hold."""


class Age(StrEnum):
    """How a queue stands to what it was made from."""

    FRESH = "fresh"
    AGEING = "ageing"
    """Decisions of an earlier stage have been made since: what it holds may still be judged, and more may have come."""
    VOID = "void"


def ensure(ledger: Ledger, review: Review, stage: Stage, reviewer: str, behind: Behind | None = None) -> None:
    """Have a queue that can be served. One that is only ageing is made anew `behind` what goes on, where that is given."""
    age = age_of(ledger, review, stage, reviewer)
    if age is Age.FRESH:
        return

    making = _MAKING[str(ledger.engine.url), stage, reviewer]

    def renew() -> None:
        with making:
            if age_of(ledger, review, stage, reviewer) is not Age.FRESH:
                build(ledger, review, stage, reviewer)

    if age is Age.VOID or behind is None:
        renew()
    elif not making.locked():
        behind(renew)


def age_of(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> Age:
    """Whether the reviewer's queue is made from what is there now."""
    b = t.queue_built.c
    with ledger.read() as connection:
        row = connection.execute(select(t.queue_built).where(b.stage == stage.value, b.reviewer == reviewer)).first()
        if row is None:
            return Age.VOID
        then, changing = json.loads(row.signature)
        firm, moving = _signature(connection, review, stage)
    if then != firm:
        return Age.VOID
    since = datetime.now(UTC) - datetime.fromisoformat(row.at)
    return Age.FRESH if changing == moving or since < timedelta(seconds=REBUILD_SECONDS) else Age.AGEING


def _signature(connection: Connection, review: Review, stage: Stage) -> tuple[list[Any], list[Any]]:
    """What a queue depends on: what asks for a new one at once, and what may wait a little."""

    def newest(column: Any, *where: Any) -> int:
        return int(connection.execute(select(func.max(column)).where(*where)).scalar() or 0)

    protocol = review.stage(stage)
    firm: list[Any] = [newest(t.hits.c.id), newest(t.links.c.id), newest(t.samples.c.id), protocol.queue]
    firm += [protocol.decided_by.humans, protocol_fingerprint(review, stage)]
    order = stages_of(review)
    earlier = order[: order.index(stage)]
    moving: list[Any] = []
    if earlier:
        moving += [newest(t.judgements.c.id, t.judgements.c.stage.in_([one.value for one in earlier]))]
        moving += [newest(t.documents.c.id), newest(t.retrievals.c.id), newest(t.withdrawals.c.id)]
        firm += [[rule.humans, *rule.resolvers] for rule in (review.stage(one).decided_by for one in earlier)]
    if protocol.gate is not None or protocol.queue == "ranked":
        ended = (
            select(func.count()).select_from(t.runs).where(t.runs.c.stage == stage.value, t.runs.c.ended.is_not(None))
        )
        moving += [int(connection.execute(ended).scalar_one()), newest(t.looks.c.id)]
    return firm, moving


def build(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> None:
    """Make the reviewer's queue anew: samples first, then all that humans may still have to judge."""
    places, held = _places(ledger, review, stage, reviewer)
    slots = max(1, review.stage(stage).decided_by.humans)
    with ledger.read() as connection:
        samples = _samples(connection, stage)
        signature = json.dumps(_signature(connection, review, stage))
        through = finished(stage, reviewer, slots)
        if places is not None:
            done = set(connection.execute(through).scalars())
            places = {name: position for name, position in places.items() if name not in done}
        first = [
            {"stage": stage.value, "reviewer": reviewer, "record_id": name, "position": position}
            for name, (position, wanted) in samples.items()
            if name not in held and _wanted(connection, stage, name, reviewer, max(slots, wanted))
        ]
    q, b = t.queue.c, t.queue_built.c
    with ledger.write() as connection:
        connection.execute(delete(t.queue).where(q.stage == stage.value, q.reviewer == reviewer))
        connection.execute(delete(t.queue_built).where(b.stage == stage.value, b.reviewer == reviewer))
        if places is None:
            _fill(connection, review, stage, reviewer, through)
        elif places:
            fixed = {"stage": stage.value, "reviewer": reviewer}
            connection.execute(
                insert(t.queue), [{**fixed, "record_id": name, "position": at} for name, at in places.items()]
            )
        for start in range(0, len(samples), 500):
            names = list(samples)[start : start + 500]
            here = (q.stage == stage.value) & (q.reviewer == reviewer) & q.record_id.in_(names)
            connection.execute(delete(t.queue).where(here))
        if first:
            connection.execute(insert(t.queue), first)
        built = {"stage": stage.value, "reviewer": reviewer, "signature": signature, "at": now()}
        connection.execute(insert(t.queue_built).values(built))


def _places(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str
) -> tuple[dict[str, int] | None, Collection[str]]:
    """The place of each record that may be judged, and the records that wait for the reviewer at an earlier stage.

    The places are None where these are simply all records, so that the database can fill in.
    """
    order = review.stage(stage).queue
    given, held = _eligible(ledger, review, stage, reviewer)
    if given is None and order != "ranked":
        return None, held
    with ledger.read() as connection:
        if given is None:
            given = {row.id: row.position for row in connection.execute(select(t.records.c.id, t.records.c.position))}
        ranks = _ranks(connection, review, stage, reads.current_ids(connection)) if order == "ranked" else {}
    return {name: _place(review, stage, name, position, ranks) for name, position in given.items()}, held


def _fill(connection: Connection, review: Review, stage: Stage, reviewer: str, through: Select[Any]) -> None:
    """Put all records that are not finished into the queue: a second for 100,000 of them, as no row leaves the database."""
    r = t.records.c
    place: ColumnElement[int] = r.position
    if review.stage(stage).queue == "random":
        salt = _salt(review, stage)
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.create_function("screener_place", 1, lambda name: _random(salt, name), deterministic=True)
            place = func.screener_place(r.id)
        else:
            digest = func.encode(func.sha256(func.convert_to(literal(salt) + r.id, "UTF8")), "hex")
            place = cast(cast(literal("x") + func.substr(digest, 1, _DIGITS), BIT(4 * _DIGITS)), BigInteger)
    rows = select(literal(stage.value), literal(reviewer), r.id, place).where(r.id.not_in(through))
    connection.execute(insert(t.queue).from_select(["stage", "reviewer", "record_id", "position"], rows))


def _wanted(connection: Connection, stage: Stage, name: str, reviewer: str, needed: int) -> bool:
    """Whether a record of a sample waits for the reviewer."""
    names = all_ids(connection, name)
    filled = judged_by(connection, stage, names, singly=True, blind=True)
    mine = reviewer in judged_by(connection, stage, names, singly=True)
    ruled = needed < EVERYBODY and judged_by(connection, stage, names, "adjudicator")
    return not mine and len(filled) < needed and not ruled


def _eligible(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str
) -> tuple[dict[str, int] | None, Collection[str]]:
    """The records of the stage on which no machine's decision is final, with their place in the order of import; None
    where these are all records. And the records that wait for the reviewer at an earlier stage.
    """
    if (
        stage is stages_of(review)[0]
        and stage is Stage.ABSTRACT
        and not StageState.of(ledger, review, stage, ()).gate_open_since
    ):
        return None, ()
    come = coming(ledger, review, stage, reviewer)
    records = come.records
    if stage is not Stage.ABSTRACT:
        records = ready(records)[0]
    state = StageState.of(ledger, review, stage, records)
    open_ = state.with_status(*(status for status in Status if status is not Status.FINAL))
    return {record.id: position for position, record in enumerate(open_)}, come.held


def _samples(connection: Connection, stage: Stage) -> dict[str, tuple[int, int]]:
    """The records of samples, fillers too: place and least number of slots."""
    m, a = t.sample_members, t.aliases
    query = (
        select(
            m.c.sample_id,
            m.c.position,
            m.c.counts,
            t.samples.c.kind,
            func.coalesce(a.c.record_id, m.c.record_id).label("name"),
        )
        .join(t.samples, t.samples.c.id == m.c.sample_id)
        .outerjoin(a, a.c.alias == m.c.record_id)
        .where(t.samples.c.stage == stage.value)
    )
    found: dict[str, tuple[int, int]] = {}
    for row in connection.execute(query.order_by(t.samples.c.id)):
        name = row.name
        wanted = {"pilot": EVERYBODY, "gold": 2}.get(row.kind, 1) if row.counts else 1
        place, before = found.get(name, (_SAMPLES + row.sample_id * _ONE_SAMPLE + row.position, 0))
        found[name] = (place, max(before, wanted))
    return found


def _ranks(connection: Connection, review: Review, stage: Stage, current_ids: dict[str, str]) -> dict[str, int]:
    """The place of each record by the machine's newest probability of inclusion, the highest first."""
    c = t.judgements.c
    query = select(c.record_id, c.probability).where(
        c.stage == stage.value, c.reviewer == review.stage(stage).decided_by.machine, c.role == "machine",
        c.repeat == 0, c.probability.is_not(None),
    )  # fmt: skip
    found = {
        current_ids.get(row.record_id, row.record_id): row.probability
        for row in connection.execute(query.order_by(c.id))
    }
    return {name: rank for rank, name in enumerate(sorted(found, key=lambda name: -found[name]))}


def _place(review: Review, stage: Stage, name: str, given: int, ranks: dict[str, int]) -> int:
    """The place in the queue. A random order is the same for all, so that records are finished, not only begun."""
    order = review.stage(stage).queue
    if order == "given":
        return given
    if order == "ranked":
        return ranks.get(name, len(ranks) + given)
    return _random(_salt(review, stage), name)


def _salt(review: Review, stage: Stage) -> str:
    return f"{review.protocol.title}:{stage}:"


def _random(salt: str, name: str) -> int:
    return int(hashlib.sha256(f"{salt}{name}".encode()).hexdigest()[:_DIGITS], 16)
