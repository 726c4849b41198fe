"""Missing full texts: files that are dropped and matched, those that wait for a person, and reports that have none yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from ...adjudication.worklist import worklist
from ...core.errors import BadInput, LedgerError
from ...core.judgement import Stage
from ...core.words import counted
from ...documents import Report, Retrieval, Role
from ...exchange import CLASSIFICATIONS, FullText, classify
from ...exchange import note as note_search
from ...ledger import attached, reads
from ...ledger.classified import classified
from ...records import Record
from ...review.sent_texts import ENDINGS, GivenText, HeldText, discard_text, give_text, held_texts
from ...review.uploads import Uploads
from ..desk import Desk
from ..fields import Fields, whole_number
from ..job_board import JobBoard
from ..receiving import TooMuchSent, read_aside, receive
from ..search import SearchQuery, page_of
from ..shown_jobs import shown_job

PAGE, FOUND, SHOWN = 40, 8, 30
"""So many missing reports on a page, records that a search for one offers, and files that wait for a person."""


@dataclass(frozen=True)
class _Waiting:
    """A file that waits, with the records that it may belong to; `mains` are the files that these have already, by id."""

    text: HeldText
    records: Sequence[Record]
    mains: Mapping[str, str]


def router(desk: Desk) -> APIRouter:
    """Return the routes of missing full texts."""
    routes, texts = APIRouter(prefix="/full-texts"), _Texts(desk)

    @routes.get("")
    def show(request: Request, page: int = 0) -> HTMLResponse:
        return texts.page(request, page=page)

    @routes.get("/find")
    def find(request: Request, drop: str, number: int, q: str = "") -> HTMLResponse:
        return texts.find(drop, number, q)

    @routes.post("/files")
    async def take(request: Request) -> Response:
        record = request.query_params.get("record", "")
        drop = texts.for_records if record else texts.drop
        try:
            sent = await receive(request, texts.uploads, drop, desk.limits)
        except TooMuchSent as error:
            return PlainTextResponse(str(error), 413, headers={"Connection": "close"})
        if record:
            return PlainTextResponse(await read_aside(texts.give_at_once, sent.number, record))
        return Response(status_code=204)

    @routes.post("/match")
    def match(request: Request) -> HTMLResponse:
        texts.match()
        return texts.page(request)

    @routes.post("/give")
    async def give(request: Request, fields: Fields) -> HTMLResponse:
        return await read_aside(lambda: texts.page(request, texts.give(fields)))

    @routes.post("/discard")
    def discard(request: Request, fields: Fields) -> HTMLResponse:
        drop = texts.uploads.of_job(fields.get("drop", ""))
        return texts.page(request, f"Discarded: {discard_text(drop, whole_number(fields, 'number'))}")

    @routes.post("/note")
    def note(request: Request, fields: Fields) -> HTMLResponse:
        return texts.page(request, texts.note(fields), page=whole_number(fields, "page"))

    @routes.post("/retrieve")
    def retrieve(request: Request, fields: Fields) -> HTMLResponse:
        if desk.jobs is None:
            raise BadInput("Start the program with `screener` to look for full texts from here.")
        desk.jobs.ask("full_texts", {"supplements": fields.get("supplements") == "1"})
        return texts.page(request)

    return routes


class _Texts:
    """What the routes have in common."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.uploads = Uploads(desk.review.hidden)
        self.drop = self.uploads.drop("texts", desk.reviewer)
        self.for_records = self.uploads.drop("for-records", desk.reviewer)

    def match(self) -> None:
        """Hand the files that were sent over to a job."""
        if self.desk.jobs is None:
            raise BadInput("Start the program with `screener` to have files matched from here.")
        self.have_back(self.desk.jobs)
        if not self.drop.files():
            raise BadInput("There is no file to match; drop some first.")
        with self.uploads.handed_over(self.drop) as name:
            self.desk.jobs.ask("attach", {"drop": name})

    def have_back(self, board: JobBoard) -> None:
        """Have the files back with which no job is done, nor will be."""
        self.uploads.give_back_unasked(self.drop, lambda: board.drops("attach"))

    def give_at_once(self, number: int, record: str) -> str:
        """Attach a file that was sent for a record; nothing is left of one that cannot be read."""
        drop, given = self.for_records, GivenText(record, self.desk.reviewer)
        sent = drop.one(number)
        try:
            return _given(give_text(self.desk.review, self.desk.ledger, drop, number, given), sent.name)
        except LedgerError:  # it is kept among those that wait to be matched
            self.drop.take(sent.path, sent.name)
            raise
        finally:
            drop.remove(number)

    def give(self, fields: dict[str, str]) -> str:
        """Attach a file that waits to the record that a person chose; return what to say."""
        drop, number = self.uploads.of_job(fields.get("drop", "")), whole_number(fields, "number")
        role = Role.SUPPLEMENT if fields.get("role") == Role.SUPPLEMENT else Role.MAIN
        given = GivenText(fields.get("record", ""), self.desk.reviewer, role, fields.get("password", ""))
        name = drop.one(number).name
        return _given(give_text(self.desk.review, self.desk.ledger, drop, number, given), name)

    def find(self, drop: str, number: int, words: str) -> HTMLResponse:
        """Return the records that have some words, to give a file to one of them."""
        stage = next(iter(self.desk.review.protocol.stages))
        matches = page_of(self.desk, SearchQuery(stage, words[:500]), 0) if words.strip() else None
        records = [found.record for found in matches.records[:FOUND]] if matches else []
        return self.desk.part(
            "_records_to_give.html", records=records, mains=self._mains(records), drop=drop, number=number,
            more=matches is not None and matches.total > FOUND, words=words.strip(),
            encrypted=bool(self.uploads.of_job(drop).one(number).known.get("encrypted")),
        )  # fmt: skip

    def note(self, fields: dict[str, str]) -> str:
        """Enter what became of the search for a report; return what to say."""
        desk = self.desk
        status, record, reason = fields.get("status", ""), fields.get("record", ""), fields.get("reason", "")
        if status in CLASSIFICATIONS:
            classified_report = classify(desk.ledger, desk.review, record, status, reason, desk.reviewer)
            return f"Saved: {classified_report.kind.replace('_', ' ') or 'no longer set aside'}"
        if status not in (Retrieval.NOT_RETRIEVED, Retrieval.NO_FULL_TEXT, Retrieval.SOUGHT):
            raise BadInput("Choose a status: not retrieved, no full text exists, or still sought.")
        noted = note_search(desk.ledger, record, Retrieval(status), reason, desk.reviewer)
        return f"Saved: {noted.status.value.replace('_', ' ')}"

    def page(self, request: Request, message: str = "", page: int = 0) -> HTMLResponse:
        """Return the page."""
        desk = self.desk
        if desk.jobs is not None:
            self.have_back(desk.jobs)
        reports = self._reports()
        missing = [report for report in reports if not report.complete]
        page = max(0, min(page, (len(missing) - 1) // PAGE)) if missing else 0
        with desk.ledger.read() as connection:
            set_aside = classified(connection, Stage.FULLTEXT)
        held = held_texts(desk.review)
        jobs = {kind: shown_job(desk, desk.jobs, kind) if desk.jobs else None for kind in ("attach", "full_texts")}
        return desk.page(
            request, "full_texts.html", screen="full-texts", heading="Missing full texts", message=message,
            reports=missing[page * PAGE : (page + 1) * PAGE], count=len(missing), reached=len(reports), page_number=page, page_size=PAGE,
            set_aside=set_aside, waiting=self._waiting(held[:SHOWN]), held=len(held), sent=self.drop.files() if desk.jobs else (), limits=desk.limits,
            endings=", ".join(ending.removeprefix(".") for ending in ENDINGS), attach_job=jobs["attach"],
            retrieve_job=jobs["full_texts"], may_attach=desk.jobs is None or desk.jobs.may("attach"), may_match=desk.jobs is not None and desk.jobs.may("attach"),
            may_retrieve=desk.jobs is not None and desk.jobs.may("full_texts"),
            has_stage=Stage.FULLTEXT in desk.review.protocol.stages,
        )  # fmt: skip

    def _reports(self) -> list[Report]:
        """Return the reports that come to this reviewer."""
        desk = self.desk
        if Stage.FULLTEXT not in desk.review.protocol.stages:
            return []
        records = worklist(desk.ledger, desk.review, Stage.FULLTEXT, desk.blinding.viewer).records
        return [record for record in records if isinstance(record, Report)]

    def _waiting(self, texts: Sequence[HeldText]) -> list[_Waiting]:
        """Return files that wait for a person, each with the records to choose from."""
        waiting = []
        for text in texts:
            with self.desk.ledger.read() as connection:
                records = [
                    record for name in text.candidates[:FOUND] if (record := reads.find_record(connection, name))
                ]
            waiting.append(_Waiting(text, records, self._mains(records)))
        return waiting

    def _mains(self, records: Sequence[Record]) -> dict[str, str]:
        if not records:
            return {}
        with self.desk.ledger.read() as connection:
            documents = attached(connection, [record.id for record in records])
        return {
            name: document.file.rpartition("/")[2]
            for name, several in documents.items()
            for document in several
            if document.role is Role.MAIN
        }


def _given(text: FullText, name: str) -> str:
    """Return what to say of a file that was attached."""
    scan = "; it is a scan without text" if text.scan else ""
    return f"Attached: {name}, {counted(text.pages, 'page')}{scan}"
