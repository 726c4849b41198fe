"""Windows: what a page has open is given back when it is left."""

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from ...adjudication import release_window
from ..desk import Desk
from ..fields import Fields
from ..security import person_of


def router(desk: Desk) -> APIRouter:
    """Return the route by which a page says that it is left."""
    routes = APIRouter()

    @routes.post("/leave")
    def leave(request: Request, fields: Fields) -> Response:
        # A page that is left can send a form, but no headers: the token of the page is in the form.
        if not person_of(request.scope).wrote(fields.get("csrf", "")):
            return PlainTextResponse("This request did not come from a page of this app.", 403)
        if window := fields.get("window", "")[:64]:
            desk.left_pages.append(window)
            release_window(desk.ledger, desk.reviewer, window)
        return Response(status_code=204)

    return routes
