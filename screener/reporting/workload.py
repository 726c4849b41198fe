"""What the work of machines took: calls, tokens, cost and time by reviewer and stage."""

import json
from typing import Any

from ..ledger import calls_by_reviewer, models_called
from ..ledger.runs import runs
from ..ledger.store import Connection


def machine_effort(connection: Connection) -> list[dict[str, Any]]:
    """Return by stage and reviewer: runs, seconds, and of the stored calls their number, tokens, cost and models.

    `cost_usd` is None where a call's price is not known; `cost_known` is then the part that is.
    """
    rows_by_key: dict[tuple[str, str], dict[str, Any]] = {}
    for run in runs(connection):
        row = rows_by_key.setdefault((run["stage"], run["reviewer"]), _empty(run["stage"], run["reviewer"]))
        summary = json.loads(run["summary"] or "{}")
        row["runs"] += 1
        row["unfinished"] += run["ended"] is None
        row["seconds"] += summary.get("seconds") or 0.0
        row["first"], row["last"] = row["first"] or run["at"], run["ended"] or run["at"]
    for key, calls in calls_by_reviewer(connection).items():
        rows_by_key.setdefault(key, _empty(*key)).update(calls)
    for key, models in models_called(connection).items():
        rows_by_key[key]["models"] = models
    return list(rows_by_key.values())


def _empty(stage: str, reviewer: str) -> dict[str, Any]:
    return {
        "stage": stage, "reviewer": reviewer, "runs": 0, "unfinished": 0, "seconds": 0.0, "first": "", "last": "",
        "calls": 0, "reused_calls": 0, "failed_calls": 0, "attempts": 0, "input_tokens": 0, "output_tokens": 0, "cached_tokens": 0,
        "cost_known": 0.0, "cost_usd": 0.0, "mean_latency_s": None, "models": [],
    }  # fmt: skip
