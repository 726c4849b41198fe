"""What is said of a job."""

from datetime import UTC, datetime
from typing import Any

from ..team.jobs import Job, JobState, jobs
from .desk import Desk
from .job_board import OPEN
from .job_kinds import JOB_KINDS

_LONG_S = 15
"""Seconds after which a job that nobody has taken is said to wait for a worker."""


def job_context(desk: Desk, job: Job) -> dict[str, Any]:
    """Return what the template of a job is given."""
    progress = job.progress
    share = min(1.0, progress.done / progress.of) if progress.of else None
    lacking = desk.jobs.lacking_keys(job) if desk.jobs and job.state in (JobState.STOPPED, JobState.FAILED) else []
    return {"job": job, "job_kind": JOB_KINDS[job.kind], "open": job.state in OPEN, "share": share,
            "said": _said(desk, job), "lacking": lacking}  # fmt: skip


def _said(desk: Desk, job: Job) -> str:
    """Return how a job stands, in a sentence."""
    if job.state is JobState.WAITING:
        return _waiting(desk, job)
    if job.stopping:
        return "Stopping: what is under way is finished first."
    if job.state is JobState.RUNNING:
        return job.progress.sentence or "It has begun."
    ended = {JobState.DONE: "Done.", JobState.STOPPED: "Stopped. What was done is kept.", JobState.FAILED: "It failed."}
    return ended[job.state]


def _waiting(desk: Desk, job: Job) -> str:
    if desk.jobs is None:
        return ""
    before = [other for other in jobs(desk.jobs.place.team, only_open=True) if other.id < job.id]
    if before:
        return f"It waits for {len(before):,} other {'job' if len(before) == 1 else 'jobs'}."
    asked = datetime.fromisoformat(job.asked)
    if not desk.jobs.place.takes_keys and (datetime.now(UTC) - asked).total_seconds() > _LONG_S:
        return "No worker has taken it yet; the administrator starts one with `screener serve --worker`."
    return "It begins in a moment."
