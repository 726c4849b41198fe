"""What takes longer than a request, as functions that a worker calls: a kind of jobs each.

A function is given the review with the job's arguments, says how far it is, and stops when it is asked to (`StoppedEarly`).
It may be killed at any moment and called again with the same arguments: what is done is in the ledger. The result is JSON.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.job_work import GivenJob, ReportsProgress
from ..protocol import Review
from .api import OpenReview
from .own_ledger import ledger_to_write


@dataclass(frozen=True)
class JobReview:
    """The review that a job is of. `ledger_url` says where its ledger is; None: in its folder, or as `SCREENER_LEDGER` says.

    `budget_usd` is what all its machine runs may cost together; None: without limit.
    """

    folder: Path
    ledger_url: str | None
    job: GivenJob
    budget_usd: float | None = None

    @property
    def args(self) -> Mapping[str, Any]:
        """Return the job's arguments."""
        return self.job.args

    @property
    def who(self) -> str:
        """Return in whose name the job is done."""
        return self.job.asked_by

    @contextmanager
    def opened(self) -> Iterator[OpenReview]:
        """Open the review with its ledger, to be written, until the block ends."""
        review = Review(self.folder)
        ledger = ledger_to_write(review, url=self.ledger_url)
        try:
            yield OpenReview(review, ledger=ledger)
        finally:
            ledger.close()


ReviewWork = Callable[[JobReview, ReportsProgress, threading.Event], Any]
"""Does jobs of a kind. The result is JSON."""


# Each imports what it needs: the worker is to be there at once.
def _run(review: JobReview, report: ReportsProgress, stop: threading.Event) -> Any:
    from .run_job import run_job

    return run_job(review, report, stop)


def _plan(review: JobReview, report: ReportsProgress, stop: threading.Event) -> Any:
    from .run_job import plan_job

    return plan_job(review, report, stop)


def _import(review: JobReview, report: ReportsProgress, stop: threading.Event) -> Any:
    from .sent_exports import import_sent

    return import_sent(review, report, stop)


def _attach(review: JobReview, report: ReportsProgress, stop: threading.Event) -> Any:
    from .sent_texts import attach_sent

    return attach_sent(review, report, stop)


def _retrieve(review: JobReview, report: ReportsProgress, stop: threading.Event) -> Any:
    from .retrieval_jobs import retrieve_job

    return retrieve_job(review, report, stop)


def _audit(review: JobReview, report: ReportsProgress, stop: threading.Event) -> Any:
    from .audit_job import audit_job

    return audit_job(review, report, stop)


def _full_texts(review: JobReview, report: ReportsProgress, stop: threading.Event) -> Any:
    from .retrieval_jobs import full_texts_job

    return full_texts_job(review, report, stop)


WORKS: Mapping[str, ReviewWork] = {
    "plan": _plan, "run": _run, "import": _import, "attach": _attach, "retrieve": _retrieve, "full_texts": _full_texts,
    "audit": _audit,
}  # fmt: skip
"""The kinds of jobs. What people see of each is in `screener.web.job_kinds`."""
