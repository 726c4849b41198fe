"""Who may speak to the app: who opened its start address on this machine, and for a change the page's own token.

Cookies know no ports, so that every other program that serves on loopback is the same site to a browser: the cookie alone
proves nothing, and a change must carry a token that only our own pages hold.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
LEAVE = "/leave"
"""The one change whose token stands in its form, where its route asks for it."""


@dataclass
class Session:
    """The secrets of the app. `secret`, of which cookie and page token are made, may outlive a restart.

    `token` is that of one start address, and opens the app once: whoever reads the address later gets nowhere by it.
    """

    port: int
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    opened: bool = False
    on_open: Callable[[], object] = field(default=lambda: None, repr=False)
    """What is done when the address has been opened: then the page that leads to it is needed no more."""

    def open(self, token: str) -> bool:
        """Return whether a token is that of the start address, the first time that it comes."""
        if self.opened or not _equal(token, self.token):
            return False
        self.opened = True
        self.on_open()
        return True

    @property
    def address(self) -> str:
        """Return the start address, for the browser of the person who started the app."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return what a browser on this machine may call the app; another name is somebody else's, pointed at us."""
        return tuple(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

    @property
    def cookie_name(self) -> str:
        """Return a name for each port: two reviewers' apps in one browser don't sign each other out."""
        return f"screener_{self.port}"

    @property
    def cookie(self) -> str:
        """Return what the cookie holds."""
        return self._derived("cookie")

    @property
    def csrf(self) -> str:
        """Return what the header `X-CSRF-Token` of a change holds."""
        return self._derived("csrf")

    def is_of_a_page(self, csrf: str) -> bool:
        """Return whether a token is the one that our own pages hold."""
        return _equal(csrf, self.csrf)

    def _derived(self, purpose: str) -> str:
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


# Not a redirect: a browser does not send a strict cookie after one if the address was clicked on another site's page.
_WELCOME = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>screener</title>'
    '<link rel="icon" href="data:,">'
    '<meta http-equiv="refresh" content="0; url=/"><p><a href="/">Open the review</a></p></html>'
)
_NO_ENTRY = (
    "Open the address that `screener adjudicate` printed when it started. It works once, in one browser: "
    "for another one stop the app with Ctrl-C and start it again."
)


class Guard:
    """Middleware that lets nobody else in, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, session: Session) -> None:
        """Guard `app` with the secrets of `session`."""
        self.app, self.session = app, session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Closed before it is accepted: the server answers 403.
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, decorated)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, method = Headers(scope=scope), scope["method"]
        if headers.get("host", "").lower() not in self.session.hosts:
            return PlainTextResponse("This app answers only to this machine.", 400)
        if "websocket" in headers.get("upgrade", "").lower():
            return PlainTextResponse("This app speaks HTTP only.", 400)
        token = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
        if method == "GET" and scope["path"] == "/" and self.session.open(token):
            answer = HTMLResponse(_WELCOME)
            answer.set_cookie(self.session.cookie_name, self.session.cookie, httponly=True, samesite="strict")
            return answer
        cookies = cookie_parser(headers.get("cookie", ""))
        if not _equal(cookies.get(self.session.cookie_name, ""), self.session.cookie):
            return PlainTextResponse(_NO_ENTRY, 403)
        # Also to look at a page changes something: the record that is shown is held. Another program's pages on this
        # machine are sent with our cookie, and browsers say of them that they are another origin.
        own = {f"http://{host}" for host in self.session.hosts}
        elsewhere = headers.get("sec-fetch-site", "none") in ("same-site", "cross-site")
        if elsewhere or headers.get("origin", f"http://{self.session.hosts[0]}") not in own:
            return PlainTextResponse("This request came from another page; open the app in a window of its own.", 403)
        if method in _SAFE:
            return None
        in_form = method == "POST" and scope["path"] == LEAVE
        if not (in_form or self.session.is_of_a_page(headers.get("x-csrf-token", ""))):
            return PlainTextResponse("This request did not come from a page of this app; reload the page.", 403)
        return None


def _equal(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), expected.encode())
