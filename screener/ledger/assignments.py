"""Assignments: which records a person is to judge, and which conflicts they are to resolve.

Rows are never changed: taking an assignment back is another row, and of a record, role and person the newest row counts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select

from ..core.judgement import Stage
from .assignment_tables import assignments
from .parts import FEW, NAMES, among_names, in_parts
from .record_ids import all_ids_of, with_current_ids
from .store import now


@dataclass(frozen=True)
class Assignment:
    """One person's assignment of a record; not `active` takes it back."""

    record_id: str
    reviewer: str
    active: bool = True
    exclusive: bool = False


@dataclass(frozen=True)
class AssigningAct:
    """What somebody assigned at once: how many records, to how many people."""

    id: str
    at: str
    who: str
    stage: Stage
    role: str
    records: int
    people: int


Assigned = dict[str, dict[str, bool]]
"""By record the people who are assigned to it, each with whether that is exclusive."""


def add_assignments(
    connection: Connection, stage: Stage, role: str, who: str, act: str, rows: Iterable[Assignment]
) -> None:
    """Enter assignments that somebody makes or takes back at once; `act` names that."""
    at = now()
    common = {"at": at, "who": who, "act": act, "stage": stage.value, "role": role}
    for part in in_parts(rows, 1_000):
        values = [
            {**common, "record_id": row.record_id, "reviewer": row.reviewer, "active": int(row.active), "exclusive": int(row.exclusive)}
            for row in part
        ]  # fmt: skip
        connection.execute(insert(assignments), values)


def assigned(
    connection: Connection,
    stage: Stage,
    role: str = "human",
    names: Collection[str] | None = None,
    *,
    all_names: Sequence[str] = (),
) -> Assigned:
    """Return who is assigned to which record, by its present id; of some records, where they are given.

    Who knows `all_names` of these gives them, else they are looked up.
    """
    few = names is not None and len(names) <= FEW
    given: dict[str, Any] = {"stage": stage.value, "role": role}
    if names is not None and few:
        given[NAMES] = all_names or all_ids_of(connection, names)
    newest: dict[tuple[str, str], tuple[int, int]] = {}
    for row in connection.execute(_assigned(few=few), given):
        newest[row.name, row.reviewer] = (row.active, row.exclusive)
    people: Assigned = {}
    for (name, reviewer), (active, exclusive) in newest.items():
        if active:
            people.setdefault(name, {})[reviewer] = bool(exclusive)
    return people if names is None else {name: people[name] for name in names if name in people}


@cache
def _assigned(*, few: bool) -> Select[Any]:
    rows, record_id = with_current_ids(assignments)
    c = assignments.c
    query = select(record_id.label("name"), c.reviewer, c.active, c.exclusive).select_from(rows).order_by(c.id)
    query = query.where(c.stage == bindparam("stage"), c.role == bindparam("role"))
    return query.where(among_names(c.record_id)) if few else query


def newest_assignment(connection: Connection, stage: Stage) -> int:
    """Return the number of the newest row of a stage; 0 where there is none."""
    c = assignments.c
    return int(connection.execute(select(func.max(c.id)).where(c.stage == stage.value)).scalar() or 0)


def assigning_acts(connection: Connection, most: int = 10) -> Sequence[AssigningAct]:
    """Return what was assigned last, the newest first."""
    c = assignments.c
    query = select(
        c.act, func.min(c.at).label("at"), c.who, c.stage, c.role, func.count(c.record_id.distinct()).label("records"),
        func.count(c.reviewer.distinct()).label("people"),
    )  # fmt: skip
    query = query.where(c.active == 1).group_by(c.act, c.who, c.stage, c.role).order_by(func.max(c.id).desc())
    return [
        AssigningAct(row.act, row.at, row.who, Stage(row.stage), row.role, row.records, row.people)
        for row in connection.execute(query.limit(most))
    ]


def of_act(connection: Connection, act: str) -> tuple[Stage, str, list[Assignment]] | None:
    """Return the stage, the role and the assignments that were made at once; None where there is no such act."""
    c = assignments.c
    rows = connection.execute(select(assignments).where(c.act == act, c.active == 1).order_by(c.id)).all()
    if not rows:
        return None
    made = [Assignment(row.record_id, row.reviewer, exclusive=bool(row.exclusive)) for row in rows]
    return Stage(rows[0].stage), str(rows[0].role), made
