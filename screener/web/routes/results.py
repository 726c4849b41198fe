"""Results: flow, reasons, agreement, accuracy, extracted data and figures, all of it also as files; and what they stand on."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...review.results import picture_of, plot_of, wording
from ...review.trust import read_trust
from ..desk import Desk
from ..fields import Fields
from ..results_board import ResultsBoard
from . import results_files
from .jobs import job_html

ITEMS_OPEN = 6
"""Up to so many drawings of items are shown at once; more are folded."""


def router(desk: Desk) -> APIRouter:
    """Return the routes of results."""
    routes, board = APIRouter(), ResultsBoard(desk)

    @routes.get("/results")
    def show(request: Request) -> HTMLResponse:
        return _page(desk, board, request)

    @routes.post("/results/anew")
    def anew(request: Request) -> HTMLResponse:
        board.anew()
        return _page(desk, board, request, message="Counted anew")

    @routes.post("/results/shown")
    def shown(request: Request, fields: Fields) -> HTMLResponse:
        board.show()
        page = _trust if fields.get("back") == "trust" else _page
        return page(desk, board, request, message="All figures are shown; this is recorded")

    @routes.get("/trust")
    def trust(request: Request) -> HTMLResponse:
        return _trust(desk, board, request)

    routes.include_router(results_files.routes_of(desk, board))
    return routes


def _page(desk: Desk, board: ResultsBoard, request: Request, message: str = "") -> HTMLResponse:
    results, hidden = board.counted(), board.hidden()
    if results is None:
        return _counting(desk, request, "results", "Results")
    return desk.page(
        request, "results.html", screen="results", heading="Results", message=message, results=results.without(hidden),
        d=results.document, hidden=hidden, may_show=board.may_show, w=wording, picture_of=picture_of, plot_of=plot_of,
        audit=_audit(desk), may_export=desk.jobs is None or desk.jobs.may("audit"), exports=results_files.EXPORTS, items_open=ITEMS_OPEN,
    )  # fmt: skip


def _audit(desk: Desk) -> str | None:
    """Return how far the audit ZIP is that was asked for last, as a part of the page; None where there are no jobs."""
    if desk.jobs is None:
        return None
    job = desk.jobs.newest("audit")
    return job_html(desk, job) if job is not None else ""


def _trust(desk: Desk, board: ResultsBoard, request: Request, message: str = "") -> HTMLResponse:
    results, hidden = board.counted(), board.hidden()
    if results is None:
        return _counting(desk, request, "trust", "Can I trust it?")
    return desk.page(
        request, "trust.html", screen="trust", heading="Can I trust it?", message=message,
        trust=read_trust(results, desk.review, hidden), results=results, hidden=hidden, may_show=board.may_show,
        hrefs={screen.id: screen.href for screen in desk.reachable()},
    )  # fmt: skip


def _counting(desk: Desk, request: Request, screen: str, heading: str) -> HTMLResponse:
    """Return the page that asks again until all is counted."""
    return desk.page(request, "counting.html", screen=screen, heading=heading)
