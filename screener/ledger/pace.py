"""When each person judged at a stage, one record at a time: what their pace is told from. Nothing here says how they decided."""

from collections import defaultdict

from sqlalchemy import Connection, select

from ..core.judgement import Stage
from . import tables as t
from .judgements import not_withdrawn


def moments_of_judging(connection: Connection, stage: Stage, reviewer: str | None = None) -> dict[str, list[str]]:
    """Return by person when they judged, oldest first (ISO 8601, UTC); decisions on many at once and from files left out."""
    c, context = t.judgements.c, t.judgement_context.c
    query = select(c.reviewer, c.at).join(t.judgement_context, context.judgement_id == c.id)
    query = query.where(
        c.stage == stage.value, c.role == "human", c.repeat == 0, context.bulk == "", not_withdrawn()
    ).order_by(c.id)
    if reviewer is not None:
        query = query.where(c.reviewer == reviewer)
    moments: dict[str, list[str]] = defaultdict(list)
    for name, at in connection.execute(query):
        moments[name].append(at)
    return dict(moments)
