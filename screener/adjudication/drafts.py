"""What a reviewer has put into a form and not yet saved, so that nothing is lost; what they said and were shown before."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from ..core.judgement import Judgement, Stage
from ..ledger import tables as t
from ..ledger.judgements import not_withdrawn
from ..ledger.record_ids import all_ids, current_id
from ..ledger.store import Ledger, now
from .slots import judged_by

RECOUNT_SECONDS = 60.0
SHOWN = "shown"
"""The kind of mark that says that a reviewer has seen the judgements of others on a record."""


@dataclass(frozen=True)
class Past:
    """A reviewer's present judgement of a record, with its number and time."""

    id: int
    at: str
    judgement: Judgement


def keep_draft(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, body: Mapping[str, Any]) -> None:
    """Keep what the form holds now, instead of what it held before."""
    with ledger.write() as connection:
        put_draft(connection, stage, record_id, reviewer, body)


def keep_ruling(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, body: Mapping[str, Any]) -> bool:
    """Keep a ruling in the making; not where the record has a ruling: what was sent before that may come after it."""
    with ledger.write() as connection:
        ruled = bool(judged_by(connection, stage, all_ids(connection, record_id), "adjudicator"))
        if not ruled:
            put_draft(connection, stage, record_id, reviewer, {**body, "ruling": True})
    return not ruled


def put_draft(connection: Connection, stage: Stage, record_id: str, reviewer: str, body: Mapping[str, Any]) -> None:
    """Keep a draft inside the caller's write transaction."""
    d = t.drafts.c
    row = {"stage": stage.value, "record_id": record_id, "reviewer": reviewer, "body": json.dumps(body), "at": now()}
    here = (d.stage == stage.value) & d.record_id.in_(all_ids(connection, record_id)) & (d.reviewer == reviewer)
    connection.execute(delete(t.drafts).where(here))
    connection.execute(insert(t.drafts).values(row))


def draft(
    connection: Connection, stage: Stage, record_id: str, reviewer: str, *, ruling: bool = False
) -> dict[str, Any] | None:
    """What the form held when it was left, also if the record was merged into another since; None where nothing is kept.

    A person's own judgement and their `ruling` on others' are two forms: neither is shown what the other held.
    """
    d, names = t.drafts.c, all_ids(connection, record_id)
    query = select(d.body).where(d.stage == stage.value, d.record_id.in_(names), d.reviewer == reviewer)
    body = connection.execute(query.order_by(d.at.desc()).limit(1)).scalar()
    kept = None if body is None else dict(json.loads(body))
    return kept if kept is not None and bool(kept.get("ruling")) == ruling else None


def own_judgement(
    connection: Connection, stage: Stage, record_id: str, reviewer: str, role: str = "human"
) -> Past | None:
    """What the reviewer says of a record now, or None."""
    c = t.judgements.c
    query = select(c.id, c.at, c.body).where(
        c.record_id.in_(all_ids(connection, record_id)), c.stage == stage.value, c.reviewer == reviewer,
        c.role == role, c.repeat == 0, not_withdrawn(),
    )  # fmt: skip
    row = connection.execute(query.order_by(c.id.desc()).limit(1)).first()
    return None if row is None else Past(int(row.id), str(row.at), Judgement.model_validate_json(row.body))


def blind_judgement(connection: Connection, stage: Stage, record_id: str, reviewer: str) -> int | None:
    """The number of what the reviewer said last of a record before they saw what others say, taken back or not."""
    c, around = t.judgements.c, t.judgement_context.c
    query = (
        select(c.id)
        .select_from(t.judgements.outerjoin(t.judgement_context, around.judgement_id == c.id))
        .where(c.record_id.in_(all_ids(connection, record_id)), c.stage == stage.value, c.reviewer == reviewer,
               c.role == "human", c.repeat == 0, func.coalesce(around.blinded, "") != "open")
    )  # fmt: skip
    return connection.execute(query.order_by(c.id.desc()).limit(1)).scalar()


def before(connection: Connection, stage: Stage, reviewer: str, record_id: str | None) -> str | None:
    """The record that the reviewer judged before the given one, or last of all; None where there is none."""
    c = t.judgements.c
    query = select(c.record_id).where(
        c.stage == stage.value, c.reviewer == reviewer, c.role == "human", c.repeat == 0,
        not_withdrawn(),
    )  # fmt: skip
    if record_id is not None:
        here = own_judgement(connection, stage, record_id, reviewer)
        query = query.where(c.record_id.not_in(all_ids(connection, record_id)))
        if here is not None:
            query = query.where(c.id < here.id)
    found = connection.execute(query.order_by(c.id.desc()).limit(1)).scalar()
    return None if found is None else current_id(connection, found)


def last_judged(connection: Connection, stage: Stage, reviewer: str) -> str:
    """When the reviewer gave the newest judgement that they have not taken back; empty where there is none."""
    c = t.judgements.c
    query = select(c.at).where(
        c.stage == stage.value, c.reviewer == reviewer, c.role == "human",
        not_withdrawn(),
    )  # fmt: skip
    return str(connection.execute(query.order_by(c.id.desc()).limit(1)).scalar() or "")


class Pace:
    """How far a reviewer is: counted now and then, and in between by what they do. Counting a long queue takes a while."""

    def __init__(self, reviewer: str) -> None:
        """Nothing is counted yet."""
        self.reviewer = reviewer
        self._known: dict[Stage, tuple[float, int, int]] = {}

    def step(self, stage: Stage, records: int = 1) -> None:
        """So many more records are done."""
        if stage in self._known:
            at, done, left = self._known[stage]
            self._known[stage] = (at, done + records, max(0, left - records))

    def forget(self) -> None:
        """Count anew next time."""
        self._known.clear()

    def text(self, connection: Connection, stage: Stage) -> str:
        """How many records the reviewer has judged at a stage, and how many are left in their queue, in words."""
        at, done, left = self._known.get(stage, (0.0, 0, 0))
        if not at or time.monotonic() - at > RECOUNT_SECONDS:
            c, q = t.judgements.c, t.queue.c
            made = select(func.count(c.record_id.distinct())).where(
                c.stage == stage.value, c.reviewer == self.reviewer, c.role == "human", c.repeat == 0,
                not_withdrawn(),
            )  # fmt: skip
            waiting = select(func.count()).select_from(t.queue)
            waiting = waiting.where(q.stage == stage.value, q.reviewer == self.reviewer)
            done, left = connection.execute(made).scalar_one(), connection.execute(waiting).scalar_one()
            self._known[stage] = (time.monotonic(), done, left)
        return f"{done:,} done · {left:,} left for you"


def note_shown(ledger: Ledger, stage: Stage, record_id: str, reviewer: str, whose: Sequence[str]) -> None:
    """Remember that the reviewer has been shown what others say of a record: a later judgement is not blind."""
    with ledger.write() as connection:
        known = shown(connection, stage, record_id, reviewer)
        fresh = [name for name in whose if name not in known and name != reviewer]
        if fresh:
            row = {"stage": stage.value, "record_id": record_id, "reviewer": reviewer, "kind": SHOWN, "active": 1}
            connection.execute(insert(t.ui_events).values(**row, body=json.dumps(fresh), at=now()))


def shown(connection: Connection, stage: Stage, record_id: str, reviewer: str) -> tuple[str, ...]:
    """Whose judgements of a record the reviewer has been shown."""
    m = t.ui_events.c
    query = select(m.body).where(
        m.stage == stage.value, m.record_id.in_(all_ids(connection, record_id)), m.reviewer == reviewer,
        m.kind == SHOWN,
    )  # fmt: skip
    seen = [name for body in connection.execute(query).scalars() for name in json.loads(body)]
    return tuple(dict.fromkeys(seen))
