"""Documents: pages as pictures, search in the text, and what became of the search for those that are missing."""

import re
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from ...adjudication.worklist import worklist
from ...core.errors import BadInput
from ...core.judgement import Stage
from ...documents import Report, Retrieval
from ...exchange import CLASSIFICATIONS, attach_full_texts, classify
from ...ledger import attached, kept_file, records_with_file
from ...ledger.classified import classified
from ..desk import Desk
from ..fields import Fields
from ..reader import view

_HASH = re.compile(r"[0-9a-f]{64}")


def router(desk: Desk) -> APIRouter:
    """Return the routes of documents."""
    routes = APIRouter()

    @routes.get("/document/{sha256}/{page}.png")
    def picture(sha256: str, page: int) -> Response:
        drawn = desk.pictures.page(_stored_copy(desk, sha256), page)
        return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})

    @routes.get("/reader")
    def reader(
        record: str, doc: str = "", page: int = 1, q: str = "", start: int | None = None, end: int | None = None
    ) -> HTMLResponse:
        report = desk.record(Stage.FULLTEXT, record)
        assert isinstance(report, Report)
        return desk.part("_reader.html", reader=view(desk, report, doc, page, query=q, start=start, end=end))

    @routes.get("/wanted")
    def missing_texts(request: Request) -> HTMLResponse:
        return _missing_page(desk, request, "")

    @routes.post("/wanted")
    def note(request: Request, fields: Fields) -> HTMLResponse:
        status, record, reason = fields.get("status", ""), fields.get("record", ""), fields.get("reason", "")
        if status in CLASSIFICATIONS:
            classified_report = classify(desk.ledger, desk.review, record, status, reason, desk.reviewer)
            kind = classified_report.kind.replace("_", " ") or "no longer set aside"
            return _missing_page(desk, request, f"Saved: {kind}")
        if status not in (Retrieval.NOT_RETRIEVED, Retrieval.NO_FULL_TEXT, Retrieval.SOUGHT):
            raise BadInput("Choose a status: not retrieved, no full text exists, or still sought.")
        noted = attach_full_texts.note(desk.ledger, record, Retrieval(status), reason, desk.reviewer)
        return _missing_page(desk, request, f"Saved: {noted.status.value.replace('_', ' ')}")

    return routes


def _missing_page(desk: Desk, request: Request, message: str) -> HTMLResponse:
    stage = desk.stage(Stage.FULLTEXT.value)
    missing = [
        record
        for record in worklist(desk.ledger, desk.review, stage, desk.blinding.viewer).records
        if isinstance(record, Report) and not record.complete
    ]
    with desk.ledger.read() as connection:
        set_aside = classified(connection, Stage.FULLTEXT)
    return desk.page(
        request, "missing_texts.html", screen="wanted", heading="Missing full texts", reports=missing,
        set_aside=set_aside, message=message,
    )  # fmt: skip


def _stored_copy(desk: Desk, sha256: str) -> Path:
    """Return the review's own copy of a document that the ledger knows; nothing is served by a path."""
    if not _HASH.fullmatch(sha256):
        raise BadInput("no such document")
    with desk.ledger.read() as connection:
        names = records_with_file(connection, sha256)
        documents = (
            [candidate for copies in attached(connection, names).values() for candidate in copies] if names else []
        )
    document = next((candidate for candidate in documents if candidate.sha256 == sha256), None)
    if document is None:
        raise BadInput("no such document")
    path = kept_file(desk.ledger, desk.review.hidden, document)
    if path is None:
        raise BadInput(f"{Path(document.file).name}: the file is not on this machine")
    return path
