"""Runs of machine reviewers, and what they would cost, as jobs."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput, MissingKey
from ..core.job_work import ReportsProgress, StoppedEarly
from ..core.judgement import Decision, Stage
from ..ledger import Ledger, reads
from ..ledger.calls import spent_usd
from ..ledger.errors import errors
from ..models import connect, entered_keys
from ..protocol import ChatSpec, ProbabilitySpec, Review
from ..protocol.model import OtherReviewer
from ..running import Summary
from .running import RunListener, RunOptions, RunResult

if TYPE_CHECKING:
    from .jobs_of_review import JobReview

_NAMED = 5
"""So many records are named of those that failed for one reason."""
_SURE = 5
"""So many records tell how long the others will take."""


def left_usd(ledger: Ledger, limit: float) -> float:
    """Return what is left of the money that all runs of a review may cost together."""
    with ledger.read() as connection:
        return max(0.0, limit - spent_usd(connection))


def within_limit(ledger: Ledger, budget: float | None, limit: float | None) -> float | None:
    """Return the budget of a run of a review whose runs may all cost so much together; None for no limit."""
    budgets = [budget, None if limit is None else left_usd(ledger, limit)]
    return min((dollars for dollars in budgets if dollars is not None), default=None)


def options_of(review: "JobReview", ledger: Ledger) -> RunOptions:
    """Return the options of a run from a job's arguments, with no larger budget than is left to the review."""
    args = review.args
    budget = within_limit(ledger, args.get("budget"), review.budget_usd)
    return {"limit": args.get("limit"), "budget": budget, "repeats": args.get("repeats") or 1,
            "retry_errors": bool(args.get("retry_errors"))}  # fmt: skip


def plan_job(review: "JobReview", report: ReportsProgress, stop: threading.Event) -> Any:
    """Return what a run would ask and cost, by reviewer, and which keys it lacks."""
    args = review.args
    report(0, None, "Reading the records.")
    listener = RunListener(
        counted=lambda done, of: report(done, of, f"{done:,} of {of:,} records looked at."), stop=stop.is_set
    )
    with review.opened() as opened:
        planned = opened.plan(args["stage"], args["reviewer"], listener=listener, **options_of(review, opened.ledger))
        asking = [name for name, plan in planned.plans.items() if plan.calls]
        variables, problems = _lacking(opened.review, asking)
    return {"cascade": planned.cascade, "waiting": planned.waiting, "lacking_keys": variables, "problems": problems,
            "plans": {name: plan.as_json() for name, plan in planned.plans.items()}}  # fmt: skip


def run_job(review: "JobReview", report: ReportsProgress, stop: threading.Event) -> Any:
    """Run a machine reviewer on what it has not judged yet; return what `run --json` prints, and errors by their reason."""
    args, told = review.args, _RunProgress(report)
    report(0, None, "Reading the records.")
    listener = RunListener(progress=told.progress, stop=stop.is_set)
    with entered_keys(review.job.keys), review.opened() as opened:
        result = opened.run(args["stage"], args["reviewer"], listener=listener, **options_of(review, opened.ledger))
        told_of = {**result.as_json(), "error_groups": _error_groups(opened.ledger, result)}
    told_of.pop("failed")  # it may be long
    if stop.is_set() and result.left:
        raise StoppedEarly(told_of)
    return told_of


class _RunProgress:
    """Says how far a run is."""

    def __init__(self, report: ReportsProgress) -> None:
        self._report = report
        self._began: tuple[float, int, str] | None = None
        """When the present reviewer began, with how many were to be judged."""

    def progress(self, summary: Summary, remaining: int) -> None:
        if self._began is None or self._began[2] != summary.run_id:
            self._began = time.monotonic(), remaining, summary.run_id
        seconds, judged = time.monotonic() - self._began[0], self._began[1] - remaining
        done, of = summary.records, summary.records + remaining
        details = {
            "reviewer": summary.reviewer, "decided": summary.decided, "cached": summary.cached, "errors": summary.errors,
            "decisions": {decision.value: summary.decisions[decision] for decision in Decision},
            "items": dict(summary.items), "calls": summary.calls,
            "tokens": summary.input_tokens + summary.output_tokens, "cost_usd": summary.cost_usd,
            "seconds_left": remaining * seconds / judged if judged >= _SURE else None,
        }  # fmt: skip
        self._report(done, of, f"{done:,} of {of:,} records.", details)


def _lacking(review: Review, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the variables whose keys reviewers lack, and what else keeps their models from being asked."""
    variables, problems = dict[str, None](), dict[str, None]()
    for spec in (review.reviewer(name) for name in names):
        endpoint = spec.model if isinstance(spec, OtherReviewer) else spec
        if not isinstance(endpoint, ChatSpec | ProbabilitySpec):
            continue
        try:
            asyncio.run(connect(endpoint).close())
        except MissingKey as error:
            variables[error.variable] = None
        except BadInput as error:
            problems[str(error)] = None
    return list(variables), list(problems)


def _error_groups(ledger: Ledger, result: RunResult) -> list[dict[str, Any]]:
    """Return why records could not be judged, the most frequent reason first, each with some of its records.

    `asked_again` says whether the next run asks them again by itself.
    """
    stage = Stage(result.stage)
    by_reason: dict[tuple[str, bool], list[str]] = defaultdict(list)
    with ledger.read() as connection:
        useless = (
            {row.record_id for row in errors(connection, stage).values() if row.kind == "reply"}
            if result.failed
            else set()
        )
        for name, reason in result.failed.items():
            by_reason[reason, name not in useless].append(name)
        titles = reads.titles(connection, [name for names in by_reason.values() for name in names[:_NAMED]])
    groups = sorted(by_reason.items(), key=lambda group: -len(group[1]))
    return [
        {"reason": reason, "asked_again": again, "count": len(names),
         "records": [{"id": name, "title": titles.get(name, name)} for name in names[:_NAMED]]}
        for (reason, again), names in groups
    ]  # fmt: skip
