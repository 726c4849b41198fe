"""Ask the app for all that it must refuse: `python tests/attacks/web_requests.py [--every 10] [--server]`.

Every route by every method, without the token, with a foreign host or origin, under other spellings of its path, and as a
hostile form with all tokens. None may change the ledger that is not the app's own page; none may be answered by 500. `--server` asks the app of `screener serve`, logged in as somebody who has
all roles and administers it.
Prints `kind, tried, survived, lost`; lost is what changed the ledger, got in, or was answered by 500.
"""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from support.attack import Outcome
from support.web_app import small_review

from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.web.app import create_app, review_app
from screener.web.local_door import Session

PORT = 8123
HOST = f"127.0.0.1:{PORT}"
SAFE, UNSAFE = ("GET", "HEAD"), ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SCREEN")
FILLED = {
    "stage": ("abstract", "fulltext", "%00", "..%2f"),
    "sha256": ("0" * 64, "..%2f..%2fledger.db"),
    "page": ("1", "-1", "9" * 30),
    "slug": ("small", "none"),
    "token": ("x", "..%2f"),
    "number": ("1", "-1", "9" * 30),
}
HOSTS = ("evil.example", "127.0.0.1", "127.0.0.1:1", f"evil.example:{PORT}", f"{HOST}.evil.example", f"{HOST}@evil.example",
         f"[::1]:{PORT}", "", f"127.0.0.1:{PORT}\t", f"0.0.0.0:{PORT}")  # fmt: skip
ORIGINS = ("null", "http://evil.example", "http://127.0.0.1:1", f"https://{HOST}", f"http://{HOST}.evil.example", "file://",
           f"http://evil.example#{HOST}", f"http://{HOST} http://evil.example")  # fmt: skip
HOSTILE = ("", "\x00", "r1", "r1\x00", "'; DROP TABLE records;--", "../../etc/passwd", "9" * 400, "-1", "²", "a" * 3_000, "\ud800",
           "<script>", "${7*7}{{7*7}}", "‮", "models[0].identity.name", "models[99999].x", "%", "NaN")  # fmt: skip
FIELDS = ("record", "stage", "answer.signal", "note", "text", "stood", "beyond", "path", "action", "value", "quote", "list", "pair", "place",
          "same", "tag", "on", "q", "page", "which", "choice", "reason", "tick", "plan", "bulk", "n", "share", "sample", "seed", "status",
          "window", "csrf", "names", "side", "decided", "file", "anyway", "again", "kind")  # fmt: skip

VALID = {"record": "r1", "stage": "abstract", "answer.signal": "no", "note": "n", "window": "w", "pair": "1", "choice": "include",
         "which": "all", "reason": "x", "n": "2", "share": "50", "tag": "t"}  # fmt: skip


@dataclass
class Browser:
    """Requests to the app in this process, and whether each changed the ledger."""

    folder: Path
    cookie_name: str = ""
    cookie_value: str = ""
    csrf: str = ""
    secret: str = ""

    def __post_init__(self) -> None:
        small_review(self.folder, 4)
        self.open()
        self.watch = sqlite3.connect(self.folder / ".screener" / "ledger.db")
        self.cookie = {"cookie": f"{self.cookie_name}={self.cookie_value}"}
        self.page = {"x-csrf-token": self.csrf, "origin": f"http://{HOST}"}

    def open(self) -> None:
        """Open the app, with what a browser that came in holds."""
        review, session = Review(self.folder), Session(PORT)
        self.ledger = Ledger.of(review.hidden)
        self.app = create_app(self.ledger, review, "ada", session)
        self.cookie_name, self.cookie_value = session.cookie_name, session.cookie
        self.csrf, self.secret = session.csrf, session.secret

    def close(self) -> None:
        """Close the ledger."""
        self.watch.close()
        self.ledger.close()

    def templates(self) -> list[str]:
        """Return the paths of all routes, as they are written in the program."""
        return ["/static/app.js", *_flat(self.app.app.routes)]  # type: ignore[attr-defined]

    def refused(self, method: str, path: str, status: int) -> bool:
        """Return whether an answer is a refusal."""
        return 400 <= status < 500

    def routes(self) -> list[str]:
        """Return the paths of all routes, with each of some values for what they leave open."""
        paths: list[str] = []
        for route in self.templates():
            spelled = [str(route)]
            for name, values in FILLED.items():
                spelled = [
                    p.replace(f"{{{name}}}", value)
                    for p in spelled
                    for value in (values if f"{{{name}}}" in p else ("",))
                ]
            paths += spelled
        return list(dict.fromkeys(paths))

    def version(self) -> int:
        """Return a number that another connection's write to the ledger changes."""
        return int(self.watch.execute("PRAGMA data_version").fetchone()[0])

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", kind: str = "http"
    ) -> int:
        """Return the status of the answer; 500 for an error that nobody caught."""
        raw, _, query = path.partition("?")
        named = {"host": HOST, "content-type": "application/x-www-form-urlencoded", **headers}
        scope = {"type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": kind, "root_path": "",
                 "path": _unquoted(raw), "raw_path": raw.encode("latin-1", "replace"), "query_string": query.encode("latin-1", "replace"),
                 "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
                 "client": ("127.0.0.1", 1), "server": ("127.0.0.1", PORT)}  # fmt: skip
        status = 500 if kind == "http" else 403

        requests = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(requests, {"type": "http.disconnect"})

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            elif message["type"] == "websocket.accept":
                status = 101

        try:
            await self.app(scope, receive, send)  # type: ignore[arg-type]
        except Exception:
            return 500
        return status


class ServerBrowser(Browser):
    """Requests to the app of a server, whose member is owner, reviewer and adjudicator of its review and administers it."""

    def open(self) -> None:
        """Make the server and come in by an invitation."""
        from argon2 import PasswordHasher, profiles

        from screener.team.audit import TERMINAL
        from screener.team.database import Team
        from screener.team.entering import Visitor, take_up
        from screener.team.invitations import invite
        from screener.team.passwords import Passwords
        from screener.team.reviews import add_review
        from screener.team.roles import ReviewRole
        from screener.team.sessions import csrf_token
        from screener.team.settings import ServerSettings
        from screener.web.server import server_app

        settings = ServerSettings(port=PORT, reviews=self.folder.parent)
        self.team, passwords = (
            Team.in_file(self.folder.parent / "team.db"),
            Passwords(PasswordHasher.from_parameters(profiles.CHEAPEST)),
        )
        review = add_review(self.team, "small", "Small", self.folder)
        token = invite(self.team, TERMINAL, {review.id: list(ReviewRole)}, administrator=True)
        names = ("ada@example.org", "Ada")
        self.cookie_value = take_up(
            self.team, passwords, token, names, "four unrelated words stand here", Visitor("127.0.0.1")
        ).token
        self.cookie_name, self.csrf, self.secret = "screener", csrf_token(self.cookie_value), "x"
        self.app = server_app(self.team, settings, passwords)
        self.site = self.app.app.app.app  # type: ignore[attr-defined]  # behind guard, rights and limit
        self.ledger = Ledger.of(self.folder / ".screener")

    def close(self) -> None:
        """Close what is open."""
        asyncio.run(self.site.desks.end())
        super().close()
        self.team.close()

    def templates(self) -> list[str]:
        """Return the paths of all routes, but those that end what the others need: the session, the review."""
        desk = self.site.desks.reviews.open("small", "Ada")
        inner = [f"/r/small{path}" for path in _flat(review_app(desk).routes)]
        return [path for path in (*_flat(self.site.home.routes), *inner) if not path.endswith(("log-out", "archive"))]

    def refused(self, method: str, path: str, status: int) -> bool:
        """Return whether an answer is a refusal, or one that anybody gets: to come in, a page needs script and style."""
        to_all = method in SAFE and path.startswith(("/static/", "/log-in", "/enter/"))
        return 400 <= status < 500 or status == 303 or (to_all and status < 500)


def _flat(routes: Sequence[Any]) -> Iterator[str]:
    for route in routes:
        original = getattr(route, "original_router", None)
        if original is not None:
            yield from _flat(original.routes)
        elif hasattr(route, "methods"):
            yield route.path


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)


Case = tuple[str, str, Mapping[str, str], bytes]


def strangers(browser: Browser, paths: Sequence[str]) -> Iterator[Case]:
    """Yield requests of somebody who has not opened the start address; some hold the page's token all the same."""
    wrong = {"cookie": f"{browser.cookie_name}={'0' * 64}"}
    other = {"cookie": f"screener_1={browser.cookie_value}"}
    for path in paths:
        for method in (*SAFE, *UNSAFE):
            for headers in ({}, wrong, other, browser.page, {**wrong, **browser.page}, {"authorization": "Bearer x"}):
                yield method, path, headers, b"record=r1&answer.signal=no"
        for token in ("", "x", browser.csrf, browser.secret):
            yield "GET", f"{path}?token={token}", {}, b""


def without_page_token(browser: Browser, paths: Sequence[str]) -> Iterator[Case]:
    """Yield changes with the cookie and without the token that only our own pages hold."""
    form = b"record=r1&answer.signal=no&stage=abstract&csrf=x&window=w"
    tokens = (
        {},
        {"x-csrf-token": ""},
        {"x-csrf-token": browser.cookie_value},
        {"x-csrf-token": browser.csrf[:-1]},
    )
    for path in paths:
        for method in UNSAFE:
            for headers in tokens:
                yield method, path, {**browser.cookie, **headers}, form
        yield (
            "POST",
            f"{path}?x-csrf-token={browser.csrf}&csrf={browser.csrf}",
            browser.cookie,
            b"record=r1",
        )


def foreign(browser: Browser, paths: Sequence[str]) -> Iterator[Case]:
    """Yield requests with cookie and token under a host, or from an origin, that is not ours."""
    full = {**browser.cookie, **browser.page}
    form = f"record=r1&answer.signal=no&window=w&csrf={browser.csrf}".encode()
    for path in paths:
        for method in ("GET", "POST", "DELETE"):
            for host in HOSTS:
                yield method, path, {**full, "host": host}, form
            for origin in ORIGINS:
                yield method, path, {**full, "origin": origin}, form
            for site in ("same-site", "cross-site"):
                yield method, path, {**browser.cookie, "sec-fetch-site": site}, form


def spelled(browser: Browser, paths: Sequence[str]) -> Iterator[Case]:
    """Yield requests of strangers under other spellings of each path."""
    for path in paths:
        for other in (f"/{path}", f"{path}/", f"{path}//", path.upper(), f"/static/..{path}", f"/static/%2e%2e{path}", f"{path}%00", f"{path};x",
                      f"/.{path}", f"{path}%0d%0aX-CSRF-Token:%20x", quote(path, safe=""), f"{path}?_method=POST", f"/static/../..{path}"):  # fmt: skip
            for method in ("GET", "POST"):
                yield method, other, {}, b"record=r1"
                yield method, other, browser.page, b"record=r1"


def hostile_forms(browser: Browser, paths: Sequence[str]) -> Iterator[Case]:
    """Yield forms with all tokens that hold anything, in any shape: these may change something, but break nothing."""
    full = {**browser.cookie, **browser.page, "x-window": "w.p", "hx-request": "true"}
    for path in paths:
        for value in HOSTILE:
            pairs = [(name, value) for name in FIELDS]
            for base in ([], [("record", "r1"), ("stage", "abstract")]):
                body = urlencode([*pairs, *base], errors="surrogatepass").encode()
                yield "POST", path, full, body
            yield "GET", f"{path}?{urlencode(pairs, errors='surrogatepass')}", full, b""
        for kind, body in (("application/json", b'{"record": "r1"}'), ("multipart/form-data", b"--x"), ("text/plain", b"\xff\xfe"),
                           ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="record"; filename="f"\r\n\r\nr1\r\n--x--'),
                           ("application/x-www-form-urlencoded", b"record=%ff%00&=&&&a=b=c"), ("application/x-www-form-urlencoded", b"a=1&" * 2100)):  # fmt: skip
            yield "POST", path, {**full, "content-type": kind}, body


def hostile_fields(browser: Browser, paths: Sequence[str]) -> Iterator[Case]:
    """Yield forms with all tokens in which one field holds anything and the others what they should."""
    full = {**browser.cookie, **browser.page, "x-window": "w.p", "hx-request": "true"}
    for path in paths:
        for number, name in enumerate(FIELDS):
            for place, value in enumerate(HOSTILE):
                if (number + place) % 4 == 0 and "%" not in path:
                    form = {**VALID, "csrf": browser.csrf, name: value}
                    yield "POST", path, full, urlencode(form, errors="surrogatepass").encode()


ATTACKS = {"strangers": strangers, "no page token": without_page_token, "foreign host or origin": foreign,
           "other spellings": spelled}  # fmt: skip


async def _refused(browser: Browser, kind: str, cases: Iterator[Case]) -> Outcome:
    outcome, tried = Outcome(kind), []
    for method, path, headers, body in cases:
        before = browser.version()
        status = await browser.ask(method, path, headers, body)
        outcome.tried += 1
        held = browser.refused(method, path, status) and browser.version() == before
        outcome.survived += held
        if not held:
            tried.append(f"{method} {path} {dict(headers)}: {status}")
    return _with_lost(outcome, tried)


async def _unbroken(browser: Browser, kind: str, cases: Iterator[Case]) -> Outcome:
    outcome, tried = Outcome(kind), []
    for method, path, headers, body in cases:
        status = await browser.ask(method, path, headers, body)
        outcome.tried += 1
        outcome.survived += status < 500
        if status >= 500:
            tried.append(f"{method} {path[:200]} {body[:200]!r}: {status}")
    return _with_lost(outcome, tried)


async def _sockets(browser: Browser, paths: Sequence[str]) -> Outcome:
    outcome, tried = Outcome("web sockets"), []
    for path in paths:
        for headers in ({}, browser.cookie, {**browser.cookie, **browser.page}):
            upgrade = {**headers, "connection": "Upgrade", "upgrade": "websocket"}
            statuses = [await browser.ask("GET", path, upgrade, kind=kind) for kind in ("http", "websocket")]
            outcome.tried += 2
            held = [400 <= status < 500 for status in statuses]
            outcome.survived += sum(held)
            tried += [] if all(held) else [f"{path}: {statuses}"]
    return _with_lost(outcome, tried)


def _with_lost(outcome: Outcome, tried: list[str]) -> Outcome:
    outcome.lost = outcome.tried - outcome.survived
    if tried:
        outcome.more = {"such as": tried[:5]}
    return outcome


def attack(folder: Path, every: int = 1, kind: type[Browser] = Browser) -> list[Outcome]:
    """Return what became of each kind; of its requests every so manieth is sent."""
    browser = kind(folder)

    async def all_kinds() -> list[Outcome]:
        paths = browser.routes()
        for page in (path.removesuffix("leave") for path in paths if path.endswith("/leave")):
            await browser.ask("GET", page, browser.cookie)  # what opening a review writes is no attack's doing
        outcomes = [
            await _refused(browser, kind, _thinned(cases(browser, paths), every)) for kind, cases in ATTACKS.items()
        ]
        outcomes.append(await _sockets(browser, paths[::every] or paths))
        outcomes.append(await _unbroken(browser, "hostile forms", _thinned(hostile_forms(browser, paths), every)))
        outcomes.append(await _unbroken(browser, "hostile fields", _thinned(hostile_fields(browser, paths), 5 * every)))
        return outcomes

    try:
        return asyncio.run(all_kinds())
    finally:
        browser.close()


def _thinned(cases: Iterator[Case], every: int) -> Iterator[Case]:
    return (case for number, case in enumerate(cases) if number % every == 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="send only every so manieth request")
    parser.add_argument("--server", action="store_true", help="ask the app of a server")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        lines = attack(Path(place) / "review", arguments.every, ServerBrowser if arguments.server else Browser)
    print("kind, tried, survived, lost")
    for line in lines:
        print(line.line())
    sys.exit(any(line.lost for line in lines))
