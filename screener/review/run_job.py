"""Runs of machine reviewers, and what they would cost, as jobs."""

import threading
from typing import TYPE_CHECKING, Any

from ..core.job_work import ReportsProgress, StoppedEarly
from ..models import entered_keys
from ..running import Summary
from .running import RunListener, RunOptions

if TYPE_CHECKING:
    from .jobs_of_review import JobReview


def options_of(args: Any) -> RunOptions:
    """Return the options of a run from a job's arguments."""
    return {"limit": args.get("limit"), "budget": args.get("budget"), "repeats": args.get("repeats") or 1,
            "retry_errors": bool(args.get("retry_errors")), "fit": bool(args.get("fit"))}  # fmt: skip


def plan_job(review: "JobReview", report: ReportsProgress, stop: threading.Event) -> Any:
    """Return what a run would ask and cost."""
    with review.opened() as opened:
        planned = opened.plan(review.args["stage"], review.args["reviewer"], **options_of(review.args))
    return {"cascade": planned.cascade, "plans": {name: plan.as_json() for name, plan in planned.plans.items()}}


def run_job(review: "JobReview", report: ReportsProgress, stop: threading.Event) -> Any:
    """Run a machine reviewer on what it has not judged yet; the result is what `run --json` prints."""
    told = _Told(report)
    listener = RunListener(progress=told.progress, stop=stop.is_set)
    with entered_keys(review.job.keys), review.opened() as opened:
        result = opened.run(review.args["stage"], review.args["reviewer"], listener=listener, **options_of(review.args))
    if stop.is_set() and result.left:
        raise StoppedEarly(result.as_json())
    return result.as_json()


class _Told:
    def __init__(self, report: ReportsProgress) -> None:
        self._report = report

    def progress(self, summary: Summary, remaining: int) -> None:
        done = summary.records
        self._report(done, done + remaining, f"{done:,} of {done + remaining:,} records")
