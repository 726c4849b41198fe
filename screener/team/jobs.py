"""Jobs: what takes longer than a request, as rows that a worker takes one by one.

A worker holds the job that it runs by a lease, which it renews; the lease of a worker that was killed ends, and the job goes to
the next one. What a job has done by then is in the review's ledger, so that it goes on from there: a function that does jobs
may be called again with the same arguments at any time.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, select, update

from ..core.errors import BadInput
from . import tables as t
from .audit import Actor, add_act
from .database import Team, add_row, written

ONE_BY_ONE = ("run",)
"""Kinds of which a review has one job under way: what one spends is known to the next."""
MOST_FRUITLESS = 3
"""So often in a row a job may lose its worker without having got on; then it is called failed, and not begun again."""

KEYS = "keys_of_job"
"""The argument that names the keys which were entered for a job. The keys themselves stand in no table."""


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


OPEN = (JobState.WAITING.value, JobState.RUNNING.value)


class LeaseState(Enum):
    """What a worker learns when it renews its lease."""

    HELD = "held"
    STOP = "stop"
    """It is held, and somebody asked the job to stop."""
    LOST = "lost"
    """Another worker has taken the job over: what this one does no longer counts."""


@dataclass(frozen=True)
class JobProgress:
    """How much is done, `of` how much (None: not known yet), and a sentence for people."""

    done: int = 0
    of: int | None = None
    sentence: str = ""
    begun_at: int = 0
    """What was done when the present worker took the job."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What more its page shows, as its kind has it."""


@dataclass(frozen=True)
class Job:
    """A job. `problem` is one line for people where it failed; `stopping`: it was asked to stop and has not yet."""

    id: int
    kind: str
    review: str
    args: Mapping[str, Any]
    state: JobState
    progress: JobProgress
    result: Any
    problem: str
    asked_by: str
    asked: str
    began: str | None
    ended: str | None
    stopping: bool
    tries: int
    wants_key: bool = field(default=False)
    """It failed since its worker does not have the key that was entered for it; `again` with a new one."""


def ask(
    team: Team, by: Actor, kind: str, review: str, args: Mapping[str, Any], name_keys: Callable[[], str] | None = None
) -> Job:
    """Put a job into the table; where the same one is open, it is returned instead. `args` are JSON, without any key.

    `name_keys` gives a new job the name under which its worker has the keys that were entered for it; empty where none were.
    """
    wanted, j = _body(args), t.jobs.c
    with team.write() as connection:
        open_jobs = select(t.jobs).where(j.kind == kind, j.review == review, j.state.in_(OPEN), j.stop == 0)
        for job in map(_job, connection.execute(open_jobs.order_by(j.id))):
            if _body(without_keys(job.args)) == wanted:
                return job
        body = _body({**args, KEYS: name}) if name_keys is not None and (name := name_keys()) else wanted
        values = {
            "kind": kind,
            "review": review,
            "args": body,
            "state": JobState.WAITING.value,
            "progress": "{}",
            "problem": "",
            "asked_by": by.name,
            "asked": team.now(connection),
            "holder": "",
            "until": "",
            "stop": 0,
            "tries": 0,
            "fruitless": 0,
        }
        number = add_row(connection, t.jobs, values)
        add_act(team, connection, by, f"start {kind}", review=review, object=f"job {number}")
        return _job(connection.execute(select(t.jobs).where(j.id == number)).one())


def without_keys(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments without the name under which a worker has keys."""
    return {name: value for name, value in args.items() if name != KEYS}


def job(team: Team, number: int) -> Job | None:
    """Return a job by its number."""
    with team.read() as connection:
        row = connection.execute(select(t.jobs).where(t.jobs.c.id == number)).first()
    return None if row is None else _job(row)


def numbered(team: Team, numbers: Collection[int]) -> dict[int, Job]:
    """Return the jobs of these numbers, those that there are."""
    with team.read() as connection:
        rows = connection.execute(select(t.jobs).where(t.jobs.c.id.in_(numbers))).all()
    return {row.id: _job(row) for row in rows}


def jobs(
    team: Team, review: str | None = None, *, kind: str | None = None, only_open: bool = False, most: int = 50
) -> list[Job]:
    """Return the newest jobs, newest first: those of a review, of a kind, and only those that wait or run."""
    j = t.jobs.c
    query = select(t.jobs).order_by(j.id.desc()).limit(most)
    if review is not None:
        query = query.where(j.review == review)
    if kind is not None:
        query = query.where(j.kind == kind)
    if only_open:
        query = query.where(j.state.in_(OPEN))
    with team.read() as connection:
        return [_job(row) for row in connection.execute(query)]


def take(
    team: Team, holder: str, kinds: Collection[str], lease: timedelta, *, not_of: Collection[str] = ()
) -> Job | None:
    """Return a job of these kinds that waits or whose worker is gone, held from now on; None if there is none.

    Reviews take turns: the one with the fewest jobs under way comes first, then the one whose last job began longest ago, and
    of its jobs the oldest. Runs of one review come one after the other. `not_of` are reviews that have to wait. However many
    workers ask at once, one gets a job.
    """
    while True:
        with team.read() as connection:  # nobody waits for who only looks
            if connection.execute(_takeable(team, connection, kinds, not_of)).first() is None:
                return None
        with team.write() as connection:
            row = connection.execute(
                _takeable(team, connection, kinds, not_of).with_for_update(skip_locked=True)
            ).first()
            if row is not None and (taken := _taken(team, connection, row, holder, lease)):
                return taken


def renew(team: Team, holder: str, number: int, lease: timedelta, progress: JobProgress | None = None) -> LeaseState:
    """Hold a job for longer, and write how far it is."""
    j = t.jobs.c
    with team.rows() as connection:
        values = {"until": team.now(connection, plus=lease)}
        if progress is not None:
            values["progress"] = json.dumps(vars(progress))
        held = update(t.jobs).where(j.id == number, j.holder == holder, j.state == JobState.RUNNING.value)
        stop = connection.execute(held.values(values).returning(j.stop)).scalar()
    return LeaseState.LOST if stop is None else LeaseState.STOP if stop else LeaseState.HELD


def end(
    team: Team,
    holder: str,
    number: int,
    state: JobState,
    *,
    result: Any = None,
    problem: str = "",
    progress: JobProgress | None = None,
) -> bool:
    """Write what became of a job; `WAITING` gives it back unharmed. False where another worker has taken it over."""
    j = t.jobs.c
    values: dict[str, Any] = {"state": state.value, "problem": problem, "holder": "", "until": ""}
    if progress is not None:
        values["progress"] = json.dumps(vars(progress))
    if result is not None:
        values["result"] = json.dumps(result)
    with team.rows() as connection:
        if state is not JobState.WAITING:
            values["ended"] = team.now(connection)
        held = update(t.jobs).where(j.id == number, j.holder == holder, j.state == JobState.RUNNING.value)
        return bool(connection.execute(held.values(values)).rowcount)


def stop(team: Team, by: Actor, number: int) -> None:
    """Ask a job to stop: one that waits is stopped at once, one that runs when it next looks."""
    j = t.jobs.c
    with team.write() as connection:
        open_job = update(t.jobs).where(j.id == number, j.state.in_(OPEN))
        row = connection.execute(open_job.values(stop=1).returning(j.review, j.kind)).first()
        if row is None:
            raise BadInput("this job has ended already")
        waiting = update(t.jobs).where(j.id == number, j.state == JobState.WAITING.value)
        connection.execute(waiting.values(state=JobState.STOPPED.value, ended=team.now(connection)))
        add_act(team, connection, by, f"stop {row.kind}", review=row.review, object=f"job {number}")


def again(team: Team, by: Actor, number: int, args: Mapping[str, Any] | None = None) -> None:
    """Have a job that was stopped or failed go on; with other arguments if they are given."""
    j = t.jobs.c
    values: dict[str, Any] = {"state": JobState.WAITING.value, "stop": 0, "fruitless": 0, "problem": "", "ended": None}
    if args is not None:
        values["args"] = _body(args)
    with team.write() as connection:
        over = update(t.jobs).where(j.id == number, j.state.in_((JobState.STOPPED.value, JobState.FAILED.value)))
        row = connection.execute(over.values({**values, "result": None}).returning(j.review, j.kind)).first()
        if row is None:
            raise BadInput("only a job that was stopped or that failed can go on")
        add_act(team, connection, by, f"go on with {row.kind}", review=row.review, object=f"job {number}")


def settle(team: Team) -> None:
    """Call stopped what is still open; to be called where it is known that no worker lives."""
    j = t.jobs.c
    with team.write() as connection:
        values = {"state": JobState.STOPPED.value, "holder": "", "until": "", "ended": team.now(connection)}
        connection.execute(update(t.jobs).where(j.state.in_(OPEN)).values(values))


def _takeable(team: Team, connection: Connection, kinds: Collection[str], not_of: Collection[str]) -> Select[Any]:
    j, others, now = t.jobs.c, t.jobs.alias(), team.now(connection)
    o = others.c
    held = (o.review == j.review) & (o.state == JobState.RUNNING.value) & (o.until >= now)
    under_way = select(func.count()).select_from(others).where(held).scalar_subquery()
    last_began = select(func.max(o.began)).where(o.review == j.review).scalar_subquery()
    alone = j.kind.not_in(ONE_BY_ONE) | ~exists().select_from(others).where(held, o.kind == j.kind)
    left = (j.state == JobState.RUNNING.value) & (j.until < now)
    query = select(t.jobs).where(j.kind.in_(kinds), (j.state == JobState.WAITING.value) | left, alone)
    query = query.where(j.review.not_in(not_of)) if not_of else query
    return query.order_by(under_way, func.coalesce(last_began, ""), j.id).limit(1)


def _taken(team: Team, connection: Connection, row: Row, holder: str, lease: timedelta) -> Job | None:  # type: ignore[type-arg]
    """Give a job to a worker, or end it: where it was to stop, or has lost too many workers."""
    j = t.jobs.c
    now, left = team.time(connection), row.state == JobState.RUNNING.value
    progress = _progress(row.progress)
    fruitless = 0 if not left or progress.done > progress.begun_at else row.fruitless + 1
    ended = {"holder": "", "until": "", "ended": written(now)}
    if left and row.stop:
        values: dict[str, Any] = {"state": JobState.STOPPED.value, **ended}
    elif fruitless >= MOST_FRUITLESS:
        problem = (
            f"its worker ended {fruitless} times in a row without getting on; see the worker's log, and its memory"
        )
        values = {"state": JobState.FAILED.value, "problem": problem, **ended}
    else:
        begun = replace(progress, begun_at=progress.done)
        values = {"state": JobState.RUNNING.value, "holder": holder, "until": written(now + lease)}
        values |= {"tries": row.tries + 1, "fruitless": fruitless, "began": row.began or written(now)}
        values["progress"] = json.dumps(vars(begun))
    changed = connection.execute(update(t.jobs).where(j.id == row.id).values(values).returning(t.jobs)).one()
    return _job(changed) if changed.state == JobState.RUNNING.value else None


def _body(args: Mapping[str, Any]) -> str:
    return json.dumps(dict(args), sort_keys=True)


def _progress(body: str) -> JobProgress:
    return JobProgress(**json.loads(body))


def _job(row: Row) -> Job:  # type: ignore[type-arg]
    result = None if row.result is None else json.loads(row.result)
    wants_key = row.state == JobState.FAILED.value and result == WANTS_KEY
    return Job(
        id=row.id,
        kind=row.kind,
        review=row.review,
        args=json.loads(row.args),
        state=JobState(row.state),
        progress=_progress(row.progress),
        result=None if wants_key else result,
        problem=row.problem,
        asked_by=row.asked_by,
        asked=row.asked,
        began=row.began,
        ended=row.ended,
        stopping=bool(row.stop) and row.state == JobState.RUNNING.value,
        tries=row.tries,
        wants_key=wants_key,
    )


WANTS_KEY = {"wants_key": True}
"""The result of a job whose worker does not have its key."""
