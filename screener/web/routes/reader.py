"""Documents: pages as pictures, search in the text, and what became of the search for those that are missing."""

import re
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from ...core.errors import BadInput
from ...core.judgement import Stage
from ...documents import Report
from ...ledger import attached, kept_file, records_with_file
from ..desk import Desk
from ..pictures import FINE, SCALE
from ..reader import HITS, matches, page_view, view

_HASH = re.compile(r"[0-9a-f]{64}")


def router(desk: Desk) -> APIRouter:
    """Return the routes of documents."""
    routes = APIRouter()

    @routes.get("/document/{sha256}/{page}.png")
    def picture(sha256: str, page: int, fine: bool = False) -> Response:
        drawn = desk.pictures.page(_stored_copy(desk, sha256), page, FINE if fine else SCALE)
        return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})

    @routes.get("/reader")
    def reader(
        record: str, doc: str = "", page: int = 1, start: int | None = None, end: int | None = None
    ) -> HTMLResponse:
        return desk.part("_reader.html", reader=view(desk, _report(desk, record, doc), doc, page, start=start, end=end))

    @routes.get("/reader/page")
    def one_page(record: str, page: int, doc: str = "") -> HTMLResponse:
        return desk.part("_page.html", page=page_view(desk, _report(desk, record, doc), doc, page))

    @routes.get("/reader/find")
    def find(record: str, doc: str = "", q: str = "") -> HTMLResponse:
        hits = matches(desk, _report(desk, record, doc), doc, q)
        return desk.part("_hits.html", query=q, hits=hits[:HITS], more=len(hits) > HITS)

    return routes


def _report(desk: Desk, record: str, document: str) -> Report:
    """Return the report with an id; as a study, where the document is that of another of its reports."""
    report = desk.record(Stage.FULLTEXT, record)
    if not desk.blinding.may_see_documents([report.id]):
        raise BadInput("This record's full text is shown here once you have judged its abstract.")
    if document and Stage.EXTRACTION in desk.review.protocol.stages:
        assert isinstance(report, Report)
        if all(attached.name != document for attached in report.attached):
            report = desk.record(Stage.EXTRACTION, record)
    assert isinstance(report, Report)
    return report


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
