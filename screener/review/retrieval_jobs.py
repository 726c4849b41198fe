"""Retrieval as a job: searches in databases, what records lack, and free full texts."""

from threading import Event
from typing import TYPE_CHECKING, Any

from ..core.job_work import ReportsProgress, StoppedEarly
from ..ledger import Ledger
from ..sources import SearchSnapshot
from .api import OpenReview
from .enriching import EnrichOptions, enrich
from .getting_full_texts import FullTextOptions, ReportSought, get_full_texts
from .retrieving import RetrieveOptions, retrieve

if TYPE_CHECKING:
    from .jobs_of_review import JobReview

SEARCH, LOOK_UP = "search", "look up"
"""What is retrieved: records, or what they lack."""


def retrieve_job(job: "JobReview", progress: ReportsProgress, stop: Event) -> dict[str, Any]:
    """Retrieve `what` for the records of some `sources` or of all; with `dry_run` only ask, or count, how much there is.

    One that was stopped goes on later behind what had come.
    """
    sources, dry_run = tuple(map(str, job.args.get("sources", ()))), bool(job.args.get("dry_run"))
    with job.opened() as opened:
        run = _Retrieval(opened, progress, stop)
        if job.args["what"] == LOOK_UP:
            return {"what": LOOK_UP, **run.look_up(EnrichOptions(dry_run, who=job.who, sources=sources))}
        return {"what": SEARCH, **run.search(sources, RetrieveOptions(dry_run, who=job.who))}


def full_texts_job(job: "JobReview", progress: ReportsProgress, stop: Event) -> dict[str, Any]:
    """Look for the full texts of the reports that are sought, with `supplements` if these are wanted too."""
    with job.opened() as opened:
        options = FullTextOptions(supplements=bool(job.args.get("supplements")))
        return _Retrieval(opened, progress, stop).texts(options)


class _Retrieval:
    """One job: the review, and how it says how far it is."""

    def __init__(self, opened: OpenReview, progress: ReportsProgress, stop: Event) -> None:
        self.review, self._ledger, self._progress, self._stop = opened.review, opened.ledger, progress, stop

    def open_ledger(self) -> Ledger:
        return self._ledger

    def _say(self, done: int, of: int | None, sentence: str) -> None:
        self._progress(done, of, sentence)
        if self._stop.is_set():
            raise StoppedEarly

    def search(self, sources: tuple[str, ...], options: RetrieveOptions) -> dict[str, Any]:
        def page(kept: SearchSnapshot) -> None:
            self._say(kept.received, kept.stated, f"{kept.source}, {kept.query_name}")

        return retrieve(self.review, self.open_ledger, sources, options, page).as_json()

    def look_up(self, options: EnrichOptions) -> dict[str, Any]:
        def request(service: str, place: int, of: int) -> None:
            self._say(place, of, f"{service}: requests answered")

        result = enrich(self.review, self.open_ledger, options, request)
        return {
            "dry_run": result.dry_run, "records": [row.as_json() for row in result.sources],
            "services": [row.as_json() for row in result.services], "refused": len(result.refused),
            "text_changed": result.entered.text_changed, "imports": list(result.entered.imports),
            "requests": result.sent, "errors": list(result.errors),
        }  # fmt: skip

    def texts(self, options: FullTextOptions) -> dict[str, Any]:
        def report(place: int, of: int, _: ReportSought) -> None:
            self._say(place, of, "Reports asked for")

        result = get_full_texts(self.review, self.open_ledger, options, report)
        # Which reports these are is told by the page alone: it knows who asks, and what is hidden from them.
        return {
            "new": [report.record for report in result.reports if report.new],
            "requests": result.requests, "errors": list(result.errors), "remarks": list(result.remarks),
        }  # fmt: skip
