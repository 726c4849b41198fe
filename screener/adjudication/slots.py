"""Slots of double review: each record needs so many independent judgements, and nobody fills two of them.

A *lease* holds a slot for some minutes while somebody reads, so that no two people do the work of one. It is held by a
reviewer and by one *holder* (a browser window): a second window of the same person gets another record, unless they ask
for this one by its name. Then the second window holds it, and the first is told so before it can save (see `windows`).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import tables as t
from ..ledger.record_ids import all_ids, current_id
from ..ledger.store import Ledger, now
from ..protocol.model import Review

Role = Literal["human", "adjudicator"]
LEASE_SECONDS = 600
"""How long a slot stays taken without a sign of life."""
EVERYBODY = 1_000
"""The slots of a record that all are asked to judge, such as those of a pilot."""
_RULING = -1
"""The number of the one slot for whoever resolves a conflict."""


class Taken(BadInput):
    """The record has no free slot for this person, or is open in another window of theirs."""


@dataclass(frozen=True)
class Slots:
    """The slots of one record at one stage. `filled` and `leased` name the reviewers, oldest first.

    `beside` are those who have judged a record of a sample only after they had seen what others say: they fill no slot of
    it, and are not asked again.
    """

    needed: int
    filled: tuple[str, ...]
    leased: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[str, ...]:
        """Who has judged it and is not asked again."""
        return (*self.filled, *self.beside)

    def free_for(self, reviewer: str) -> bool:
        """Whether the reviewer may judge: they have before, they hold a slot, or there is one that nobody has."""
        others = {name for name in (*self.filled, *self.leased) if name != reviewer}
        return reviewer in self.judged or len(others) < self.needed


def judged_by(
    connection: Connection,
    stage: Stage,
    names: Sequence[str],
    role: Role = "human",
    *,
    singly: bool = False,
    blind: bool = False,
) -> list[str]:
    """Who has judged a record (given by all its ids) in a role, oldest first; what was withdrawn does not count.

    With `singly`, what was decided on many records at once does not count either; with `blind`, nor does what was said
    after another's answer had been seen.
    """
    c, around = t.judgements.c, t.judgement_context.c
    query = select(c.reviewer).where(
        c.record_id.in_(names), c.stage == stage.value, c.role == role, c.repeat == 0,
        c.id.not_in(select(t.withdrawals.c.judgement_id)),
    )  # fmt: skip
    if singly:
        query = query.where(~exists().where(around.judgement_id == c.id, around.bulk != ""))
    if blind:
        query = query.where(~exists().where(around.judgement_id == c.id, around.blinded == "open"))
    return list(dict.fromkeys(connection.execute(query.order_by(c.id)).scalars()))


def _sampled(connection: Connection, stage: Stage, names: Sequence[str]) -> tuple[bool, set[str]]:
    """Whether a record is in any sample, if only mixed in; and the kinds of those that it counts for."""
    query = (
        select(t.samples.c.kind, t.sample_members.c.counts)
        .join(t.sample_members, t.sample_members.c.sample_id == t.samples.c.id)
        .where(t.samples.c.stage == stage.value, t.sample_members.c.record_id.in_(names))
    )
    rows = connection.execute(query).all()
    return bool(rows), {row.kind for row in rows if row.counts}


def needed_in_samples(connection: Connection, review: Review, stage: Stage) -> dict[str, int]:
    """How many judgements the records of samples need, by id; all others need as many as the protocol says."""
    s, m, a = t.samples.c, t.sample_members.c, t.aliases.c
    query = (
        select(func.coalesce(a.record_id, m.record_id), s.kind)
        .select_from(t.sample_members.join(t.samples, s.id == m.sample_id).outerjoin(t.aliases, a.alias == m.record_id))
        .where(s.stage == stage.value, m.counts == 1)
    )
    kinds: dict[str, set[str]] = defaultdict(set)
    for name, kind in connection.execute(query):
        kinds[name].add(kind)
    return {name: _needed(review, stage, found) for name, found in kinds.items()}


def _needed(review: Review, stage: Stage, kinds: Collection[str]) -> int:
    least = max(1, review.stage(stage).decided_by.humans)
    return EVERYBODY if "pilot" in kinds else max(2, least) if "gold" in kinds else least


def in_a_sample(connection: Connection, stage: Stage, record_id: str) -> bool:
    """Whether a record is in a sample whose labels a machine is measured by, if only mixed in."""
    m, s = t.sample_members.c, t.samples.c
    query = select(s.id).join(t.sample_members, m.sample_id == s.id).where(
        s.stage == stage.value, s.kind != "review", m.record_id.in_(all_ids(connection, record_id))
    )  # fmt: skip
    return connection.execute(query.limit(1)).first() is not None


def slots_of(connection: Connection, review: Review, stage: Stage, record_id: str) -> Slots:
    """The slots of a record as they stand now: as many as the protocol says, two at least in a gold sample, one for
    everybody in a pilot. A record of a sample is to be judged by itself and blind: a decision on many at once fills no
    slot of it, nor does what is said after another's answer was seen.
    """
    names = all_ids(connection, record_id)
    c = t.leases.c
    live = select(c.reviewer).where(c.stage == stage.value, c.record_id.in_(names), c.until > now(), c.slot != _RULING)
    held = tuple(dict.fromkeys(connection.execute(live.order_by(c.slot)).scalars()))
    drawn, kinds = _sampled(connection, stage, names)
    judged = judged_by(connection, stage, names, singly=drawn)
    filled = judged_by(connection, stage, names, singly=True, blind=True) if drawn else judged
    beside = tuple(name for name in judged if name not in filled)
    return Slots(_needed(review, stage, kinds), tuple(filled), held, beside)


def take(
    connection: Connection,
    review: Review,
    stage: Stage,
    record_id: str,
    reviewer: str,
    *,
    holder: str = "",
    role: Role = "human",
    seconds: float = LEASE_SECONDS,
    over: bool = False,
) -> str | None:
    """Take or keep a slot inside the caller's write transaction; return until when it is held, or None if none is free.

    With `over`, what another window of the same reviewer holds is taken over.
    """
    c = t.leases.c
    here = (c.stage == stage.value) & (c.record_id == record_id)
    connection.execute(delete(t.leases).where(here, c.until <= now()))
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    rows = list(connection.execute(select(t.leases).where(here)).mappings())
    own = next((row for row in rows if row["reviewer"] == reviewer), None)
    if own is not None:
        if own["holder"] != holder and not over:
            return None
        connection.execute(update(t.leases).where(here, c.reviewer == reviewer).values(until=until, holder=holder))
        return until
    used = {row["slot"] for row in rows}
    if role == "adjudicator":
        if _RULING in used:
            return None
        slot = _RULING
    else:
        if not slots_of(connection, review, stage, record_id).free_for(reviewer):
            return None
        slot = next(number for number in range(len(used) + 1) if number not in used)
    row = {"stage": stage.value, "record_id": record_id, "slot": slot, "reviewer": reviewer, "holder": holder}
    connection.execute(insert(t.leases).values(**row, until=until))
    return until


def lease(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    record_id: str,
    reviewer: str,
    *,
    holder: str = "",
    role: Role = "human",
    seconds: float = LEASE_SECONDS,
    over: bool = False,
) -> str:
    """Take a slot of a record, or keep the one that is held; return until when (ISO 8601, UTC).

    `holder` names the browser window. Call it again as a sign of life. Raises `Taken` where no slot is free, or where
    another window of the same reviewer has the record open and this one does not take it `over`.
    """
    with ledger.write() as connection:
        record_id = current_id(connection, record_id)
        until = take(
            connection, review, stage, record_id, reviewer, holder=holder, role=role, seconds=seconds, over=over
        )
    if until is None:
        raise Taken(f"{record_id}: open with others or in another window of yours; take the next record")
    return until


def release(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, *, holder: str | None = None) -> None:
    """Give a slot back; `holder` given, only if it is that window's."""
    c = t.leases.c
    where = (c.stage == stage.value) & (c.record_id == record_id) & (c.reviewer == reviewer)
    if holder is not None:
        where &= c.holder == holder
    with ledger.write() as connection:
        connection.execute(delete(t.leases).where(where))


def release_all(ledger: Ledger, reviewer: str) -> None:
    """Give back all that a reviewer holds: no window of theirs is open any more."""
    with ledger.write() as connection:
        connection.execute(delete(t.leases).where(t.leases.c.reviewer == reviewer))
