"""What the work took: calls, tokens, cost and time by reviewer and stage, and what humans judged."""

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, case, func, select

from ..ledger import tables as t


def machine_effort(connection: Connection) -> list[dict[str, Any]]:
    """By stage and reviewer: runs, seconds, and of the stored calls their number, tokens, cost and models.

    `cost_usd` is None where a call's price is not known; `cost_known` is then the part that is.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for run in connection.execute(select(t.runs).order_by(t.runs.c.at)).mappings():
        row = found.setdefault((run["stage"], run["reviewer"]), _empty(run["stage"], run["reviewer"]))
        summary = json.loads(run["summary"] or "{}")
        row["runs"] += 1
        row["unfinished"] += run["ended"] is None
        row["seconds"] += summary.get("seconds") or 0.0
        row["first"], row["last"] = row["first"] or run["at"], run["ended"] or run["at"]
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
    for row_ in connection.execute(query):
        stage, reviewer, calls, reused, failed, attempts, read, written, cached, cost, unpriced, latency = row_
        row = found.setdefault((stage, reviewer), _empty(stage, reviewer))
        row |= {
            "calls": int(calls or 0),
            "reused_calls": int(reused or 0),
            "failed_calls": int(failed or 0),
            "attempts": int(attempts or 0),
            "input_tokens": int(read or 0),
            "output_tokens": int(written or 0),
            "cached_tokens": int(cached or 0),
            "cost_known": float(cost or 0.0),
            "cost_usd": None if unpriced else float(cost or 0.0),
            "mean_latency_s": None if latency is None else float(latency),
        }
    models: dict[tuple[str, str], list[str]] = defaultdict(list)
    for stage, reviewer, model in connection.execute(select(c.stage, c.reviewer, c.model).distinct()):
        if model:
            models[stage, reviewer].append(model)
    for key, names in models.items():
        found[key]["models"] = sorted(names)
    return list(found.values())


def _empty(stage: str, reviewer: str) -> dict[str, Any]:
    return {
        "stage": stage, "reviewer": reviewer, "runs": 0, "unfinished": 0, "seconds": 0.0, "first": "", "last": "",
        "calls": 0, "reused_calls": 0, "failed_calls": 0, "attempts": 0, "input_tokens": 0, "output_tokens": 0, "cached_tokens": 0,
        "cost_known": 0.0, "cost_usd": 0.0, "mean_latency_s": None, "models": [],
    }  # fmt: skip


def human_effort(connection: Connection) -> list[dict[str, Any]]:
    """By stage and human: how many records their judgements are of now, and from when to when; withdrawn ones left out."""
    j, a = t.judgements.c, t.aliases.c
    record = func.coalesce(a.record_id, j.record_id)
    query = (
        select(j.stage, j.reviewer, j.role, func.count(record.distinct()), func.min(j.at), func.max(j.at))
        .select_from(t.judgements.outerjoin(t.aliases, a.alias == j.record_id))
        .where(j.role.in_(("human", "adjudicator")), j.id.not_in(select(t.withdrawals.c.judgement_id)))
        .group_by(j.stage, j.reviewer, j.role)
        .order_by(j.stage, j.role, j.reviewer)
    )
    names = ("stage", "reviewer", "role", "records", "first", "last")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def open_errors(connection: Connection) -> list[dict[str, Any]]:
    """How many errors of each kind and reviewer were recorded, resolved later or not."""
    e = t.errors.c
    query = select(e.stage, e.reviewer, e.kind, func.count()).group_by(e.stage, e.reviewer, e.kind)
    return [dict(zip(("stage", "reviewer", "kind", "count"), row, strict=True)) for row in connection.execute(query)]
