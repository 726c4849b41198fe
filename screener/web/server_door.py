"""The door of a server: lets in who has a session, and strangers to the pages by which one comes in."""

import re
import secrets
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Scope

from ..team.accounts import Account, account
from ..team.database import Team
from ..team.entering import Visitor
from ..team.sessions import LONGEST_SESSION, csrf_token, find_session
from ..team.settings import ServerSettings
from .security import Person

LOG_IN = "/log-in"
_STATIC = re.compile(r"/static/.*", re.DOTALL)
_FOR_STRANGERS = re.compile(r"/log-in|/enter/[A-Za-z0-9_-]{1,100}")
# Not a redirect: a browser does not send a strict cookie after one if the address was clicked on another site's page.
_WELCOME = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>screener</title><link rel="icon" href="data:,">'
    '<meta http-equiv="refresh" content="0; url={place}"><p><a href="{place}">Go on</a></p></html>'
)


@dataclass(frozen=True)
class Member(Person):
    """Somebody with an account, in a session."""

    account: Account
    session: int
    visitor: Visitor


@dataclass(frozen=True)
class Stranger(Person):
    """Somebody who is not logged in, on a page by which one comes in."""

    visitor: Visitor


class ServerDoor:
    """Tells who has which session. Cookies are bound to the server's name, and to TLS where browsers speak that."""

    def __init__(self, team: Team, settings: ServerSettings) -> None:
        """Ask `team` who has a session."""
        self.team, self.settings = team, settings
        prefix = "__Host-" if settings.is_secure else ""
        self.cookie, self.visit_cookie = f"{prefix}screener", f"{prefix}screener_visit"

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the addresses by which browsers may call the server."""
        return self.settings.origins

    async def person(self, scope: Scope) -> Person | Response:
        """Return who asks: a `Member`, or a `Stranger` where one may be; else where to log in."""
        return await run_in_threadpool(self._person, scope)  # the database may keep it waiting

    def _person(self, scope: Scope) -> Person | Response:
        headers = Headers(scope=scope)
        visitor = Visitor(self._address(scope, headers), headers.get("user-agent", ""))
        if _STATIC.fullmatch(scope["path"]):
            return Stranger("", "", visitor)
        if _was_clicked_elsewhere(scope, headers):
            return HTMLResponse(_WELCOME.format(place=escape(_whole_path(scope))))
        cookies = cookie_parser(headers.get("cookie", ""))
        if (member := self._member(cookies.get(self.cookie, ""), visitor)) is not None:
            return member
        if _FOR_STRANGERS.fullmatch(scope["path"]):
            return self._stranger(scope, cookies.get(self.visit_cookie, ""), visitor)
        return _to_log_in(scope, headers)

    def let_in(self, answer: Response, token: str) -> Response:
        """Give an answer the cookie of a new session."""
        self._set(answer, self.cookie, token, int(LONGEST_SESSION.total_seconds()))
        answer.delete_cookie(self.visit_cookie, secure=self.settings.is_secure, httponly=True, samesite="strict")
        return answer

    def let_out(self, answer: Response) -> Response:
        """Take the cookie of a session that has ended."""
        answer.delete_cookie(self.cookie, secure=self.settings.is_secure, httponly=True, samesite="strict")
        return answer

    def _member(self, token: str, visitor: Visitor) -> Member | None:
        session = find_session(self.team, token) if token else None
        found = account(self.team, session.account) if session else None
        if session is None or found is None:
            return None
        return Member(found.name, csrf_token(token), found, session.id, visitor)

    def _stranger(self, scope: Scope, visit: str, visitor: Visitor) -> Person | Response:
        """Return a stranger, whose pages carry a token too: nobody is logged in to another's account by another's page."""
        if visit:
            return Stranger("", csrf_token(visit), visitor)
        if scope["method"] != "GET":
            return PlainTextResponse("This page is too old; reload it. The server needs cookies.", 403)
        if b"cookies=needed" in scope["query_string"]:
            return PlainTextResponse("This server needs cookies; allow them for this page, and reload it.", 403)
        joint = "&" if scope["query_string"] else "?"
        answer = RedirectResponse(f"{_whole_path(scope)}{joint}cookies=needed", 303)
        self._set(answer, self.visit_cookie, secrets.token_urlsafe(32), 24 * 3600)
        return answer

    def _set(self, answer: Response, name: str, value: str, seconds: int) -> None:
        answer.set_cookie(
            name, value, max_age=seconds, path="/", secure=self.settings.is_secure, httponly=True, samesite="strict"
        )

    def _address(self, scope: Scope, headers: Headers) -> str:
        peer = str(scope["client"][0]) if scope.get("client") else ""
        proxy = self.settings.behind_proxy
        return peer if proxy is None else proxy.client(peer, ", ".join(headers.getlist(proxy.client_header)))


def _was_clicked_elsewhere(scope: Scope, headers: Headers) -> bool:
    """Return whether a link on another site's page, such as that of a mail, leads here: our own page then asks again."""
    return (
        scope["method"] == "GET"
        and headers.get("sec-fetch-site", "none") in ("same-site", "cross-site")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _to_log_in(scope: Scope, headers: Headers) -> Response:
    if scope["method"] not in ("GET", "HEAD"):
        return PlainTextResponse("Not saved. You are logged out; log in in another window, then try again.", 401)
    if headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": LOG_IN})
    return RedirectResponse(f"{LOG_IN}?to={quote(_whole_path(scope), safe='')}", 303)


def _whole_path(scope: Scope) -> str:
    """Return the path and query that were asked for; never another site's address."""
    path = "/" + quote(scope["path"].lstrip("/"), safe="/")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def own_path(to: str) -> str:
    """Return where to go after logging in: a path of this server, else its start page."""
    fine = to.startswith("/") and not to.startswith(("//", "/\\", LOG_IN, "/enter/")) and "\\" not in to
    return to if fine and to.isascii() and to.isprintable() else "/"
