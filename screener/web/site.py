"""The site: a start page at `/`, and under `/r/NAME/` the pages of each review, for whoever its door lets in."""

import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..core.errors import BadInput, LedgerError
from .opened import GoneError, OpenDesks
from .security import Person, person_of

_REVIEW = re.compile(r"(/r/([a-z0-9-]{1,80}))(/.*)?", re.DOTALL)
GONE = "The folder of this review is gone, holds no review any more, or is no longer on your list."

Problem = Callable[[Request, str, int], Response]
"""Makes the page that says why a review cannot be opened, with its status."""


class Site:
    """Hands each request on: to the start page, or to the pages of the review that it names, for the person who asks."""

    def __init__(self, home: ASGIApp, desks: OpenDesks, problem: Problem, told: Callable[[Exception], str]) -> None:
        """`home` is the app of the start page, which also has scripts and style; `told` words what cannot be done."""
        self.home, self.desks, self.problem, self.words = home, desks, problem, told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        named = _REVIEW.fullmatch(scope["path"])
        if named is None:
            await self.home(scope, receive, send)
            return
        base, slug, path = named.groups()
        inner = {**scope, "root_path": scope.get("root_path", "") + base}
        if path is None:
            await RedirectResponse(f"{base}/", 307)(scope, receive, send)
        elif (answer := _not_yet(scope, slug, person_of(scope))) is not None:
            await answer(scope, receive, send)
        else:
            await self._in_review(slug, inner, receive, send)

    async def _in_review(self, slug: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self.desks.using(slug, person_of(scope).name) as pages:
                await pages(scope, receive, send)
            return
        except GoneError:
            told, status = GONE, 410
        except (BadInput, LedgerError) as error:
            told, status = self.words(error), 400 if isinstance(error, BadInput) else 503
        await self._told(scope, told, status)(scope, receive, send)

    def _told(self, scope: Scope, told: str, status: int) -> Response:
        """Return why a review cannot be opened: as a page, or as a line where the browser wants a part of one."""
        request = Request(scope)
        wants_part = scope["method"] != "GET" or request.headers.get("hx-request") == "true"
        return (
            PlainTextResponse(f"Not saved. {told}" if scope["method"] != "GET" else told, status)
            if wants_part
            else self.problem(request, told, status)
        )

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.desks.end()
                await run_in_threadpool(self.desks.reviews.close)
                await send({"type": "lifespan.shutdown.complete"})
                return


def _not_yet(scope: Scope, slug: str, person: Person) -> Response | None:
    """Return what to answer where nobody has a name, or a page still shows another one's; None where all is well."""
    headers = Headers(scope=scope)
    part = headers.get("hx-request") == "true"
    if not person.name:
        address = f"/?to={slug}"
        return Response(status_code=204, headers={"HX-Redirect": address}) if part else RedirectResponse(address, 303)
    if scope["method"] == "GET" and part and not person.wrote(headers.get("x-csrf-token", person.csrf)):
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return None
