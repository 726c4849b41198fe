"""Duplicates: each linked pair beside each other, to confirm or to take apart."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication import apart, settle_pair, undo_pair
from ...adjudication.pairs import pairs
from ...ledger import MACHINE
from ...review.changes import after_change
from ..desk import Desk
from ..fields import Fields, whole_number


def router(desk: Desk) -> APIRouter:
    """Return the routes of the duplicates."""
    routes = APIRouter(prefix="/duplicates")

    @routes.get("")
    def show(request: Request, place: int = 0, decided: int = 0) -> HTMLResponse:
        return _page(desk, request, place, bool(decided), "")

    @routes.post("")
    def settle(request: Request, fields: Fields) -> HTMLResponse:
        number, place = whole_number(fields, "pair"), whole_number(fields, "place")
        message = settle_pair(desk.ledger, number, fields.get("same") == "yes", desk.reviewer)
        after_change(desk.ledger, desk.review)
        return _page(desk, request, place, fields.get("decided") == "1", message)

    @routes.post("/undo")
    def undo(request: Request, fields: Fields) -> HTMLResponse:
        place = whole_number(fields, "place")
        message = undo_pair(desk.ledger, desk.reviewer)
        after_change(desk.ledger, desk.review)
        return _page(desk, request, place, fields.get("decided") == "1", message)

    return routes


def _page(desk: Desk, request: Request, place: int, decided: bool, message: str) -> HTMLResponse:
    listed = pairs(desk.ledger, decided=decided)
    place = max(0, min(place, len(listed) - 1))
    pair = listed[place] if listed else None
    return desk.page(
        request, "duplicates.html", screen="duplicates", heading="Duplicates", message=message, pair=pair,
        place=place, count=len(listed), decided=decided, apart=apart(desk.ledger, pair) if pair else None, machine=MACHINE,
    )  # fmt: skip
