"""Who may speak to the app: whom its door lets in, and for a change the page's own token.

Cookies know no ports, so that every other program that serves on loopback is the same site to a browser: the cookie alone
proves nothing, and a change must carry a token that only our own pages hold.
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..core.errors import LedgerError
from .told_pages import told_on_a_page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_SAFE = ("GET", "HEAD")
_LEAVE = re.compile(r"(/r/[^/]+)?/leave")
"""The one change whose token stands in its form, where its route asks for it."""
_PERSON = "screener.person"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What no address of ours has, and what patterns of addresses are easily wrong about."""
_AWAY = "The database of this server does not answer at present; try again in a moment."


@dataclass(frozen=True)
class Person:
    """Who is there. `name` is empty where it is not known, `csrf` what the header `X-CSRF-Token` of a change holds."""

    name: str
    csrf: str = field(repr=False)

    def wrote(self, token: str) -> bool:
        """Return whether a token is the one that this person's pages hold."""
        return equal(token, self.csrf)


class Door(Protocol):
    """Tells who is there, from the head of a request."""

    @property
    def origins(self) -> Sequence[str]:
        """Return the addresses by which a browser may call the app, without a path: `http://127.0.0.1:8123`."""

    async def person(self, scope: Scope) -> Person | Response:
        """Return who asks, or what to answer instead."""


def person_of(scope: Scope) -> Person:
    """Return whom the guard has let in with a request."""
    person: Person = scope[_PERSON]
    return person


class Guard:
    """Middleware that lets nobody else in, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        """Guard `app`: `door` says who is there."""
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Closed before it is accepted: the server answers 403.
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return

        started, answer = False, told_on_a_page(scope, send)

        async def decorated(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await answer(message)

        try:
            refusal = await self._refusal(scope)
            await (refusal or self.app)(scope, receive, decorated)
        except LedgerError:
            if started:
                raise
            # Not the error's own words: they name the database, to whoever asks.
            await PlainTextResponse(_AWAY, 503, {"Retry-After": "10"})(scope, receive, decorated)

    async def _refusal(self, scope: Scope) -> Response | None:
        headers, method, origins = Headers(scope=scope), scope["method"], self.door.origins
        if headers.get("host", "").lower() not in {origin.partition("://")[2] for origin in origins}:
            return PlainTextResponse("This app does not answer to this name; open the address that it printed.", 400)
        if _CONTROL.search(scope["path"]):
            return PlainTextResponse("There is no such page.", 400)
        if "websocket" in headers.get("upgrade", "").lower():
            return PlainTextResponse("This app speaks HTTP only.", 400)
        person = await self.door.person(scope)
        if isinstance(person, Response):
            return person
        # Also to look at a page changes something: the record that is shown is held. Another program's pages on this
        # machine are sent with our cookie, and browsers say of them that they are another origin.
        elsewhere = headers.get("sec-fetch-site", "none") in ("same-site", "cross-site")
        if elsewhere or headers.get("origin", origins[0]) not in origins:
            return PlainTextResponse("This request came from another page; open the app in a window of its own.", 403)
        scope[_PERSON] = person
        if method in _SAFE:
            return None
        in_form = method == "POST" and _LEAVE.fullmatch(scope["path"])
        if not (in_form or person.wrote(headers.get("x-csrf-token", ""))):
            return PlainTextResponse("This request did not come from a page of this app; reload the page.", 403)
        return None


def equal(sent: str, expected: str) -> bool:
    """Return whether a secret was sent, in a time that tells nothing of it."""
    return hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), expected.encode())
