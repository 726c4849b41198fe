"""A server in this process, and browsers of people with accounts."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screener.team.audit import TERMINAL
from screener.team.database import Team
from screener.team.invitations import invite
from screener.team.reviews import SiteReview, add_review
from screener.team.roles import ReviewRole
from screener.team.settings import ServerSettings
from support import Later

SERVER, PASSWORDS, ARGON2 = Later("screener.web.server"), Later("screener.team.passwords"), Later("argon2")
CLIENT = Later("starlette.testclient")
ORIGIN, PASSWORD = "http://127.0.0.1:8080", "four unrelated words stand here"


@dataclass
class Browser:
    """Somebody's browser; each change carries the token of the page seen last."""

    client: Any
    csrf: str = ""

    def get(self, path: str, part: bool = False, **headers: str) -> Any:
        more = {"HX-Request": "true", "X-CSRF-Token": self.csrf, "X-Window": "w.1"} if part else {}
        answer = self.client.get(path, headers={**more, **headers}, follow_redirects=False)
        if token := re.search(r'"X-CSRF-Token": "(\w+)"', answer.text):
            self.csrf = token[1]
        return answer

    def follow(self, path: str) -> Any:
        answer = self.get(path)
        while answer.status_code == 303:
            answer = self.get(answer.headers["location"])
        return answer

    def post(self, path: str, /, csrf: str | None = None, **fields: Any) -> Any:
        headers = {"X-CSRF-Token": self.csrf if csrf is None else csrf, "HX-Request": "true", "X-Window": "w.1"}
        return self.client.post(path, data=fields, headers=headers, follow_redirects=False)

    def log_in(self, name: str, password: str = PASSWORD) -> Any:
        self.follow("/log-in")
        answer = self.post("/log-in", login=f"{name.lower()}@example.org", password=password)
        if answer.status_code == 204:
            self.follow("/")
        return answer


@dataclass
class Site:
    """A server with a review, and browsers."""

    app: Any
    team: Team
    review: SiteReview
    settings: ServerSettings
    open: ExitStack
    """What ends with the server."""

    def browser(self, address: str = "192.0.2.7") -> Browser:
        return Browser(CLIENT.TestClient(self.app, base_url=ORIGIN, client=(address, 4000)))

    def beside(self, browser: Browser) -> Browser:
        """The same browser, as another process of the server is given its requests."""
        app = SERVER.server_app(self.team, self.settings)
        self.open.enter_context(CLIENT.TestClient(app, base_url=ORIGIN))
        client = CLIENT.TestClient(app, base_url=ORIGIN, client=("192.0.2.7", 4000), cookies=browser.client.cookies)
        return Browser(client, browser.csrf)

    def joined(
        self, name: str, *roles: ReviewRole, administrator: bool = False, review: SiteReview | None = None
    ) -> Browser:
        """Somebody who has come in by an invitation."""
        grants = {(review or self.review).id: roles} if roles else {}
        token = invite(self.team, TERMINAL, grants, administrator=administrator)
        browser = self.browser()
        browser.follow(f"/enter/{token}")
        answer = browser.post(f"/enter/{token}", login=f"{name.lower()}@example.org", name=name, password=PASSWORD)
        assert (answer.status_code, answer.headers.get("hx-redirect")) == (204, "/"), answer.text
        assert browser.follow("/").status_code == 200
        return browser


@contextmanager
def served(folder: Path, settings: ServerSettings) -> Iterator[Site]:
    team = Team.in_file(folder / "team.db")
    review = add_review(team, "small", "Small things", folder / "reviews" / "small")
    cheap = PASSWORDS.Passwords(ARGON2.PasswordHasher.from_parameters(ARGON2.profiles.CHEAPEST))
    with SERVER.on_server(settings):
        app = SERVER.server_app(team, settings, cheap)
        with ExitStack() as stack:
            stack.enter_context(CLIENT.TestClient(app, base_url=ORIGIN))
            yield Site(app, team, review, settings, stack)
    team.close()
