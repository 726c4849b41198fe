"""What the work took, summed by stage and reviewer: calls of models, judgements of people, errors."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, case, func, select

from . import tables as t
from .judgements import PEOPLE, not_withdrawn
from .record_ids import with_current_ids


def calls_by_reviewer(connection: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the number, tokens, cost and mean latency in seconds of the calls, by stage and reviewer.

    `cost_usd` is None where a call's price is not known; `cost_known` is then the part that is.
    """
    c = t.calls.c
    query = select(
        c.stage,
        c.reviewer,
        func.sum(case((c.status.not_in(("cached", "rejected")), 1), else_=0)),
        func.sum(case((c.status == "cached", 1), else_=0)),
        func.sum(case((c.status.in_(("failed", "refused", "unusable")), 1), else_=0)),
        func.sum(c.attempts),
        func.sum(c.input_tokens),
        func.sum(c.output_tokens),
        func.sum(c.cached_tokens),
        func.sum(c.cost_usd),
        func.sum(case((c.cost_usd.is_(None) & c.status.in_(("ok", "unusable")), 1), else_=0)),
        func.avg(c.latency_s),
    ).group_by(c.stage, c.reviewer)
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for row in connection.execute(query):
        (
            stage,
            reviewer,
            calls,
            reused,
            failed,
            attempts,
            input_tokens,
            output_tokens,
            cached,
            cost,
            unpriced,
            latency,
        ) = row
        sums[stage, reviewer] = {
            "calls": int(calls or 0),
            "reused_calls": int(reused or 0),
            "failed_calls": int(failed or 0),
            "attempts": int(attempts or 0),
            "input_tokens": int(input_tokens or 0),
            "output_tokens": int(output_tokens or 0),
            "cached_tokens": int(cached or 0),
            "cost_known": float(cost or 0.0),
            "cost_usd": None if unpriced else float(cost or 0.0),
            "mean_latency_s": None if latency is None else float(latency),
        }
    return sums


def models_called(connection: Connection) -> dict[tuple[str, str], list[str]]:
    """Return the models that answered, by stage and reviewer, sorted by name."""
    c, models = t.calls.c, defaultdict[tuple[str, str], list[str]](list)
    for stage, reviewer, model in connection.execute(select(c.stage, c.reviewer, c.model).distinct()):
        if model:
            models[stage, reviewer].append(model)
    return {key: sorted(names) for key, names in models.items()}


def people_by_stage(connection: Connection) -> list[dict[str, Any]]:
    """Return by stage and person of how many records their judgements are now, and from when to when."""
    rows, record_id = with_current_ids(t.judgements)
    j = t.judgements.c
    query = (
        select(j.stage, j.reviewer, j.role, func.count(record_id.distinct()), func.min(j.at), func.max(j.at))
        .select_from(rows)
        .where(j.role.in_(PEOPLE), not_withdrawn())
        .group_by(j.stage, j.reviewer, j.role)
        .order_by(j.stage, j.role, j.reviewer)
    )
    names = ("stage", "reviewer", "role", "records", "first", "last")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def errors_by_reviewer(connection: Connection) -> list[dict[str, Any]]:
    """Return how many errors of each kind and reviewer were recorded, resolved later or not."""
    e = t.errors.c
    query = select(e.stage, e.reviewer, e.kind, func.count()).group_by(e.stage, e.reviewer, e.kind)
    return [dict(zip(("stage", "reviewer", "kind", "count"), row, strict=True)) for row in connection.execute(query)]
