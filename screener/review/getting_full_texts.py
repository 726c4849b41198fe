"""`screener retrieve --pdfs`: the full texts of the reports that are sought are looked for where they are free, and attached."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..documents import Failure, Report, Retrieval, Role, Workers
from ..exchange import count_by_status, files_in, import_folder
from ..exchange.attach_retrieved import RetrievedFiles, note_still_sought
from ..exchange.exported_files import attach_named_files
from ..ledger import Ledger, now
from ..ledger.full_text_searches import FullTextSearch, add_full_text_search, full_text_searches
from ..protocol import Review
from ..sources import Client, OutOfBudgetError
from ..sources.full_text_outcome import Outcome, Supplement
from ..sources.full_texts import NOT_FETCHED, FullTextFinder
from ..stages import records_for
from .changes import after_change

NOT_ASKED = "not asked yet"


@dataclass(frozen=True)
class FullTextOptions:
    """How to look for full texts. `folder` is one that a reference manager exported; `supplements` are fetched too."""

    sources: tuple[str, ...] = ()
    """Only reports of these sources; empty for all."""
    dry_run: bool = False
    most_requests: int | None = None
    supplements: bool = False
    folder: Path | None = None


class FullTextKeywords(TypedDict, total=False):
    """The fields of `FullTextOptions`, as `OpenReview.retrieve_full_texts` takes them."""

    dry_run: bool
    most_requests: int | None
    supplements: bool
    folder: Path | None


@dataclass(frozen=True)
class ReportSought:
    """What is known of the search for one report's full text. `asked` are the places that are asked for it, in order."""

    record: str
    title: str
    status: Retrieval
    source: str = ""
    """Where the text is from: `arXiv`, `PubMed Central`, a host, or how a person attached it."""
    url: str = ""
    why: str = ""
    """Why there is none, or what is to be looked at in the one that there is."""
    at: str = ""
    new: bool = False
    """Whether this call found it."""
    asked: tuple[str, ...] = ()
    attempts: tuple[Mapping[str, Any], ...] = ()
    supplements: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as `retrieve --pdfs --json` lists it."""
        return {
            "record": self.record, "title": self.title, "status": self.status.value, "new": self.new, "source": self.source or None,
            "url": self.url or None, "why": self.why or None, "at": self.at or None, "asked": list(self.asked),
            "attempts": [dict(attempt) for attempt in self.attempts],
            "supplements": dict(self.supplements or {"status": "not looked for", "files": []}),
        }  # fmt: skip


@dataclass(frozen=True)
class FullTextsResult:
    """What came of the search: every report at full text, the requests that were sent, and what keeps it from its end."""

    reports: tuple[ReportSought, ...]
    requests: int = 0
    errors: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Return how many reports have each status, and how many were found now."""
        count = Counter(report.status.value for report in self.reports)
        return {"reports": len(self.reports), "new": sum(report.new for report in self.reports),
                **{status.value: count[status.value] for status in Retrieval}}  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return what `retrieve --pdfs --json` prints."""
        return {"dry_run": self.dry_run, "counts": self.counts, "requests": self.requests, "errors": list(self.errors),
                "remarks": list(self.remarks), "reports": [report.as_json() for report in self.reports]}  # fmt: skip


Progress = Callable[[int, int, ReportSought], None]
"""Told after each report: its place among those that are asked for, how many these are, and what came of it."""


def get_full_texts(
    review: Review,
    open_ledger: Callable[[], Ledger],
    options: FullTextOptions = FullTextOptions(),
    progress: Progress = lambda *_: None,
) -> FullTextsResult:
    """Look for the full texts of the reports that are sought, and attach what is found; each report is entered at once.

    Reports with a document, and those of which people ended the search, are not asked for, except for supplements that
    are not there yet. A search that was stopped goes on with those that it had not come to; after its end the next one asks
    for all that are missing. `BadInput` for a protocol without full texts, an unknown source, and no such folder.
    """
    if Stage.FULLTEXT not in review.protocol.stages:
        raise BadInput("the protocol has no stage `fulltext`: no report is sought; add it to `stages:` in review.yaml")
    ledger = open_ledger()
    client = Client(review.hidden / "http", most_requests=options.most_requests)
    run = _Run(review, ledger, options, client, FullTextFinder(client, supplements=options.supplements), {})
    changed = run.folder() if options.folder is not None and not options.dry_run else 0
    reports = run.reports()
    errors = () if options.dry_run else run.ask(reports, progress)
    if changed or run.found or run.changed:
        after_change(ledger, review)
    listed = run.listed(run.reports() if changed or run.found or run.changed else reports)
    remarks = run.left
    if not client.contact and any(report.doi for report in reports if report.retrieval is Retrieval.SOUGHT):
        remarks += ("Unpaywall was not asked: it wants an e-mail address in SCREENER_EMAIL",)
    return FullTextsResult(tuple(listed), client.requests, errors, remarks, options.dry_run)


@dataclass
class _Run:
    """One call of `get_full_texts`; `found` are the reports whose text it attached, by id."""

    review: Review
    ledger: Ledger
    options: FullTextOptions
    client: Client
    finder: FullTextFinder
    found: dict[str, str]
    changed: bool = False
    """Whether it attached a supplement to a report that had its text."""
    left: tuple[str, ...] = ()
    """What is to be said of documents of the folder that were not attached."""

    def reports(self) -> list[Report]:
        """Return the reports at full text, of the sources that are wanted."""
        reports = [
            record for record in records_for(self.ledger, self.review, Stage.FULLTEXT) if isinstance(record, Report)
        ]
        wanted = {name.casefold() for name in self.options.sources}
        known = {name.casefold(): name for report in reports for name in report.sources}
        for name in self.options.sources:
            if reports and name.casefold() not in known:
                raise BadInput(
                    f"retrieve --pdfs: no report at full text is from {name}; there are: {', '.join(sorted(known.values()))}"
                )
        return [report for report in reports if not wanted or wanted & {name.casefold() for name in report.sources}]

    def folder(self) -> int:
        """Attach what a folder holds, first what its lists of references name; return how many files."""
        assert self.options.folder is not None
        files_in(self.options.folder)
        named = attach_named_files(self.ledger, self.review, self.options.folder)
        matched = import_folder(self.ledger, self.review, self.options.folder)
        counts = {status: count for status, count in count_by_status(matched).items() if count and status != "matched"}
        if counts:
            told = ", ".join(f"{count:,} {status}" for status, count in counts.items())
            self.left = (
                f"{told} of {len(matched):,} documents in {self.options.folder}: `screener import --pdfs` with it lists them",
            )
        return len(named) + sum(file.status == "matched" and not file.attached_before for file in matched)

    def ask(self, reports: Sequence[Report], progress: Progress) -> tuple[str, ...]:
        """Ask for every report that is sought and was not come to in this round; return what kept it from its end."""
        sought = [report for report in reports if report.retrieval is Retrieval.SOUGHT]
        with self.ledger.read() as connection:
            searches = full_text_searches(connection, {report.id for report in sought})
        newest = max((search.round for search in searches.values()), default="")
        left = [report for report in sought if not _is_done(searches.get(report.id), newest)]
        if not left or not newest:
            left, newest = sought, now()
        with Workers(1) as workers:
            files = RetrievedFiles(self.ledger, self.review, reports, workers)
            errors = self.texts(files, left, newest, progress)
            if self.options.supplements and not errors:
                errors = self.supplements(files, [r for r in reports if r.retrieval is Retrieval.RETRIEVED])
        errors += [f"{service}: {problem}" for service, problem in self.finder.down.items()]
        return tuple(errors)

    def texts(self, files: RetrievedFiles, left: Sequence[Report], newest: str, progress: Progress) -> list[str]:
        """Ask for the text of one report after the other; return why it ended before the last, if it did."""
        for place, report in enumerate(left, 1):
            try:
                outcome = self.finder.find(report, partial(files.refused, report))
            except OutOfBudgetError as error:
                return [f"{error}; {len(left) - place + 1:,} of {len(left):,} reports are left"]
            told = self.enter(files, report, outcome, newest)
            progress(place, len(left), told)
        return []

    def supplements(self, files: RetrievedFiles, reports: Sequence[Report]) -> list[str]:
        """Ask for the supplements of reports that had their text before; return why it ended before the last, if it did."""
        with self.ledger.read() as connection:
            searches = full_text_searches(connection, {report.id for report in reports})
        for report in reports:
            search = searches.get(report.id, FullTextSearch(report.id, now(), said={"finished": False, "attempts": []}))
            if not _may_have_more(search):
                continue
            try:
                found = self.finder.beside(report)
            except OutOfBudgetError as error:
                return [f"{error}; supplements of some reports were not looked for"]
            if found.status == "not looked for":
                continue
            beside = [self.supplement(files, report, supplement) for supplement in found.files]
            said = {**search.said, "supplements": {"status": found.status, "files": beside}}
            self.changed |= any(file["document"] for file in beside)
            with self.ledger.write() as connection:
                add_full_text_search(connection, replace(search, said=said, who="screener"))
        return []

    def enter(self, files: RetrievedFiles, report: Report, outcome: Outcome, search_round: str) -> ReportSought:
        """Attach what was found, or note why nothing was."""
        file, remark = outcome.file, ""
        if file is not None:
            name = f"{report.id}{file.suffix}"
            attached = files.attach(report, file.body, name, Role.MAIN, f"{file.source} ({file.url})")
            failed = isinstance(
                attached, Failure
            )  # it was read before it was taken, but somebody else may work here too
            remark = attached.reason if isinstance(attached, Failure) else files.remark(file.body)
            self.found |= {} if failed else {report.id: remark}
        else:
            note_still_sought(self.ledger, report, outcome.why)
        beside = [self.supplement(files, report, supplement) for supplement in outcome.supplements.files]
        said = {
            "finished": outcome.finished, "why": outcome.why or remark, "source": file.source if file else "",
            "url": file.url if file else "", "attempts": [vars(attempt) for attempt in outcome.attempts],
            "supplements": {"status": outcome.supplements.status, "files": beside},
        }  # fmt: skip
        search = FullTextSearch(report.id, search_round, said=said, who="screener")
        with self.ledger.write() as connection:
            add_full_text_search(connection, search)
        status = Retrieval.SOUGHT if file is None else Retrieval.RETRIEVED
        return _sought(report, replace(search, at=now()), status)

    def supplement(self, files: RetrievedFiles, report: Report, supplement: Supplement) -> dict[str, Any]:
        """Attach a supplement that was fetched; return what is noted of it."""
        noted = {"name": supplement.name, "url": supplement.url, "document": "", "why": supplement.why}
        if supplement.body:
            attached = files.attach(report, supplement.body, supplement.name, Role.SUPPLEMENT, supplement.url)
            if isinstance(attached, Failure):
                return noted | {"why": attached.reason}
            noted["document"] = attached.document
        return noted

    def listed(self, reports: Sequence[Report]) -> list[ReportSought]:
        """Return what is known of every report."""
        with self.ledger.read() as connection:
            searches = full_text_searches(connection, {report.id for report in reports})
        rows = list[ReportSought]()
        for report in reports:
            sought = report.retrieval is Retrieval.SOUGHT
            asked = tuple(self.finder.places(report)) if sought else ()
            row = _sought(report, searches.get(report.id), report.retrieval)
            rows.append(replace(row, asked=asked, new=report.id in self.found))
        return rows


def _may_have_more(search: FullTextSearch) -> bool:
    """Return whether supplements were not looked for, or known and not fetched."""
    told = search.said.get("supplements") or {"status": "not looked for"}
    return told["status"] == "not looked for" or any(file["why"] == NOT_FETCHED for file in told.get("files", ()))


def _is_done(search: FullTextSearch | None, newest: str) -> bool:
    return search is not None and search.finished and search.round == newest


def _sought(report: Report, search: FullTextSearch | None, status: Retrieval) -> ReportSought:
    said = search.said if search is not None else {}
    by_us = bool(said.get("source"))
    main = next((document for document in report.attached if document.role is Role.MAIN), None)
    source, url, at = said.get("source", ""), said.get("url", ""), search.at if search is not None else ""
    why = said.get("why", "") if search is not None else NOT_ASKED
    if main is not None and url not in main.how:
        by_us = False
    if status is Retrieval.RETRIEVED and main is not None and not by_us:
        source, url, why, at = main.how, "", "", main.at
    elif status is not Retrieval.RETRIEVED and report.retrieval_reason:
        source, url, why, at = "", "", report.retrieval_reason, report.retrieval_at
    return ReportSought(
        report.id, report.shown_title, status, source, url, why, at,
        attempts=tuple(said.get("attempts", ())), supplements=said.get("supplements"),
    )  # fmt: skip
