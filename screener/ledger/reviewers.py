"""Who has judged, in which role and at which stage."""

from sqlalchemy import Connection, select

from ..core.judgement import Stage
from . import tables as t
from .judgements import PEOPLE, not_withdrawn


def reviewers(connection: Connection, stage: Stage | None = None) -> list[tuple[str, str]]:
    """Return who ever judged, each with the role in which they did; at a stage only those whose judgement stands."""
    j = t.judgements.c
    query = select(j.reviewer, j.role).distinct()
    if stage is not None:
        query = query.where(j.stage == stage.value, not_withdrawn())
    return [(reviewer, role) for reviewer, role in connection.execute(query)]


def stages_judged_by_people(connection: Connection) -> set[Stage]:
    """Return the stages at which somebody has judged or adjudicated."""
    j = t.judgements.c
    query = select(j.stage).where(j.role.in_(PEOPLE)).distinct()
    return {Stage(stage) for stage in connection.execute(query).scalars()}


def is_machine(connection: Connection, stage: Stage, reviewer: str) -> bool:
    """Return whether a reviewer has judged at a stage as a machine."""
    j = t.judgements.c
    query = select(j.id).where(j.stage == stage.value, j.reviewer == reviewer, j.role == "machine").limit(1)
    return connection.execute(query).first() is not None
