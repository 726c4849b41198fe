"""Duplicates: each linked pair beside each other, to confirm or to take apart."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from ...adjudication.pairs import apart, pairs, settle_pair
from ...ledger.links import MACHINE
from ...review.changes import after_change
from ..desk import Desk
from ..fields import Fields, whole_number


def router(desk: Desk) -> APIRouter:
    """The routes of the duplicates."""
    routes = APIRouter(prefix="/duplicates")

    @routes.get("")
    def show(request: Request, place: int = 0, decided: int = 0) -> HTMLResponse:
        return _show(desk, request, place, bool(decided), "")

    @routes.post("")
    def settle(request: Request, fields: Fields) -> HTMLResponse:
        number, place = whole_number(fields, "pair"), whole_number(fields, "place")
        said = settle_pair(desk.ledger, number, fields.get("same") == "yes", desk.reviewer)
        after_change(desk.ledger, desk.review)
        return _show(desk, request, place, fields.get("decided") == "1", said)

    return routes


def _show(desk: Desk, request: Request, place: int, decided: bool, said: str) -> HTMLResponse:
    found = pairs(desk.ledger, decided=decided)
    place = max(0, min(place, len(found) - 1))
    pair = found[place] if found else None
    return desk.page(
        request, "duplicates.html", here="duplicates", heading="Duplicates", said=said, pair=pair,
        place=place, count=len(found), decided=decided, apart=apart(desk.ledger, pair) if pair else None, machine=MACHINE,
    )  # fmt: skip
