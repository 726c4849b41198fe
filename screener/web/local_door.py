"""The door of an app that serves one person on their own machine: its start address opens it once, then a cookie does."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Scope

from .security import Person, equal


@dataclass
class Session:
    """The secrets of the app. `secret`, of which cookie and page token are made, may outlive a restart.

    `token` is that of one start address, and opens the app once: whoever reads the address later gets nowhere by it.
    """

    port: int
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    start: str = "/"
    """The path that the start address leads to."""
    opened: bool = False
    on_open: Callable[[], object] = field(default=lambda: None, repr=False)
    """What is done when the address has been opened: then the page that leads to it is needed no more."""

    def open(self, token: str) -> bool:
        """Return whether a token is that of the start address, the first time that it comes."""
        if self.opened or not equal(token, self.token):
            return False
        self.opened = True
        self.on_open()
        return True

    @property
    def address(self) -> str:
        """Return the start address, for the browser of the person who started the app."""
        return f"http://127.0.0.1:{self.port}{self.start}?token={self.token}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Return what a browser on this machine may call the app; another name is somebody else's, pointed at us."""
        return tuple(f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

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
        """Return what the header `X-CSRF-Token` of a change holds where the app has one reviewer."""
        return self.csrf_of("")

    def csrf_of(self, name: str) -> str:
        """Return what it holds in the pages that were made for a person of that name."""
        return self._derived(f"csrf:{name}" if name else "csrf")

    def _derived(self, purpose: str) -> str:
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


# Not a redirect: a browser does not send a strict cookie after one if the address was clicked on another site's page.
_WELCOME = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>screener</title>'
    '<link rel="icon" href="data:,">'
    '<meta http-equiv="refresh" content="0; url={place}"><p><a href="{place}">Open the review</a></p></html>'
)
_NO_ENTRY = (
    "Open the address that `{command}` printed when it started. It works once, in one browser: "
    "for another one stop the app with Ctrl-C and start it again."
)


class LocalDoor:
    """Lets in who opened the start address. `name` is what this person is called, empty where nobody has asked.

    The token of a page holds for the name that it was made for: what a page still shows of somebody else cannot be saved
    under another name. `command` is how the app was started.
    """

    def __init__(self, session: Session, command: str, name: str = "") -> None:
        """Nobody has come in yet."""
        self.session, self.command, self.name = session, command, name

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the addresses of the app."""
        return self.session.origins

    async def person(self, scope: Scope) -> Person | Response:
        """Return who asks; whoever brings the token of the start address gets the cookie, and others a refusal."""
        headers, session = Headers(scope=scope), self.session
        token = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
        if scope["method"] == "GET" and scope["path"] == session.start and session.open(token):
            answer = HTMLResponse(_WELCOME.format(place=escape(session.start)))
            answer.set_cookie(session.cookie_name, session.cookie, httponly=True, samesite="strict")
            return answer
        cookies = cookie_parser(headers.get("cookie", ""))
        if not equal(cookies.get(session.cookie_name, ""), session.cookie):
            return PlainTextResponse(_NO_ENTRY.format(command=self.command), 403)
        return Person(self.name, session.csrf_of(self.name))
