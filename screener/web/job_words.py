"""What is said of a job."""

from datetime import UTC, datetime
from typing import Any

from ..core.words import counted
from ..team.jobs import Job, JobState, jobs
from .desk import Desk
from .job_board import NAMES, OPEN
from .job_kinds import JOB_KINDS
from .present_rights import present_rights
from .results_board import ResultsBoard

_LONG_S = 15
"""Seconds after which a job that nobody has taken is said to wait for a worker."""


def job_context(desk: Desk, job: Job, blind: bool | None = None) -> dict[str, Any]:
    """Return what the template of a job is given; `blind` says whether decisions are hidden, where that is known already."""
    if blind is None:
        blind = hides_decisions(desk, str(job.args.get("stage", "")))
    progress = job.progress
    share = min(1.0, progress.done / progress.of) if progress.of else None
    lacking = desk.jobs.lacking_keys(job) if desk.jobs and job.state in (JobState.STOPPED, JobState.FAILED) else []
    return {"job": job, "job_kind": JOB_KINDS[job.kind], "open": job.state in OPEN, "share": share,
            "said": _said(desk, job), "lacking": lacking, "names_of_keys": job.args.get(NAMES, ()),
            "problem": job.problem, "blind": blind, "may_show": present_rights() is None,
            "entered": desk.jobs.place.entered if desk.jobs else {}, "usd": usd, "span": span,
            "takes_keys": desk.jobs is not None and desk.jobs.place.takes_keys}  # fmt: skip


def hides_decisions(desk: Desk, stage: str) -> bool:
    """Return whether what a machine decided at a stage is not told: it would colour what the person at a desk still judges there."""
    listed = next((one for one in desk.review.protocol.stages if one.value == stage), None)
    return (
        listed is not None
        and desk.review.stage(listed).shows_machine != "before"
        and not ResultsBoard(desk).is_shown(listed)
    )


def usd(amount: float | None) -> str:
    """Return US dollars as they are read."""
    if amount is None:
        return "not known"
    return f"US$ {amount:,.2f}" if amount >= 1 or not amount else f"US$ {amount:.4f}"


def span(seconds: float) -> str:
    """Return a time as people say it."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


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
    own = sum(other.review == job.review for other in before)
    if own:
        also = ", and for other work of this server" if own < len(before) and desk.on_server else ""
        return f"It waits for {counted(own, 'other job')} of this review{also}."
    if before:
        return f"It waits for other work {'of this server' if desk.on_server else 'of the program, on another review'}."
    asked = datetime.fromisoformat(job.asked)
    if not desk.jobs.place.takes_keys and (datetime.now(UTC) - asked).total_seconds() > _LONG_S:
        return "No worker has taken it yet; the administrator has to start one."
    return "It begins in a moment."
