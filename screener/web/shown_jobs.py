"""The job that was asked for last, as a page shows it."""

from dataclasses import dataclass

from markupsafe import Markup

from ..team.jobs import Job
from .desk import Desk
from .job_board import OPEN, JobBoard
from .routes.jobs import job_html


@dataclass(frozen=True)
class ShownJob:
    """A job with its part of the page."""

    job: Job
    html: Markup

    @property
    def is_open(self) -> bool:
        """Return whether it waits or runs."""
        return self.job.state in OPEN


def shown_job(desk: Desk, board: JobBoard, kind: str) -> ShownJob | None:
    """Return the job of a kind that was asked for last; None where there is none that this person may see."""
    job = board.newest(kind)
    return None if job is None else ShownJob(job, Markup(job_html(desk, job)))
