"""The server as browsers meet it: coming in, roles, what must not be possible."""

import asyncio
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Later
from support.web_app import record_on
from support.web_server import CLIENT, ORIGIN, PASSWORD, SERVER, Browser, Site, served

from screener.core.errors import BadInput, LedgerError
from screener.core.judgement import Stage
from screener.forms.load import load_form
from screener.team.audit import acts
from screener.team.database import Team
from screener.team.reviews import site_review
from screener.team.roles import RIGHTS, May, ReviewRole
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi", reason="the server needs screener[server]")
pytest.importorskip("argon2")

APP, DOOR, RIGHTS_BY_ROUTE = (
    Later("screener.web.app"),
    Later("screener.web.server_door"),
    Later("screener.web.route_rights"),
)
DESK, LEDGER, PROTOCOL = Later("screener.web.desk"), Later("screener.ledger.store"), Later("screener.protocol.model")
LEASES = Later("screener.ledger.leases")
LOCAL_JOBS = Later("screener.web.local_jobs")
OWNER, REVIEWER, ADJUDICATOR, OBSERVER = ReviewRole


def test_an_invited_person_makes_an_account_and_screens(site: Site) -> None:
    anna = site.joined("Anna", REVIEWER)
    assert "Small things" in anna.get("/").text
    page = anna.get("/r/small/screen/abstract")
    assert page.status_code == 200, page.text[:300]
    record = record_on(anna.get("/r/small/screen/abstract/card", part=True).text)
    answer = anna.post("/r/small/screen/abstract/decide", record=record, **{"answer.signal": "no"})
    assert answer.status_code == 200, answer.text[:300]
    ledger = LEDGER.Ledger.of(site.review.folder / ".screener")
    with ledger.read() as connection:
        rows = connection.exec_driver_sql("SELECT reviewer, decision FROM judgements WHERE role = 'human'").all()
    ledger.close()
    assert [tuple(row) for row in rows] == [("Anna", "exclude")]


def test_who_is_not_logged_in_sees_the_page_to_log_in_and_nothing_else(site: Site) -> None:
    stranger = site.browser()
    for path in (
        "/",
        "/r/small/",
        "/r/small/screen/abstract",
        "/account",
        "/people/small",
        "/audit",
        "/r/none/",
        "/new",
    ):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"][:12]) == (303, "/log-in?to=%"), path
        assert stranger.get(path, part=True).headers["HX-Redirect"] == "/log-in"
        assert stranger.post(path).status_code == 401
    assert stranger.get("/static/app.css").status_code == 200
    assert stranger.follow("/r/small/").status_code == 200
    answer = site.browser().get("/log-in", host="evil.example")
    assert answer.status_code == 400


def test_one_comes_back_to_where_one_wanted_to_go_and_to_no_other_site(site: Site) -> None:
    site.joined("Anna", REVIEWER)
    for to, place in (("/r/small/records?q=a", "/r/small/records?q=a"), ("//evil.example", "/"), ("https://evil.example", "/"),
                      ("/\\evil.example", "/"), ("/log-in", "/"), ("/\u3000x", "/"), ("/x\r\nSet-Cookie: a=b", "/")):  # fmt: skip
        browser = site.browser()
        browser.follow("/log-in")
        answer = browser.post("/log-in", login="anna@example.org", password=PASSWORD, to=to)
        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, place)


def test_a_wrong_password_and_a_name_that_nobody_has_are_answered_alike(site: Site) -> None:
    site.joined("Anna", REVIEWER)
    answers = []
    for name, password in (("Anna", "a wrong password"), ("Nobody", PASSWORD)):
        answer = site.browser("198.51.100.1").log_in(name, password)
        answers.append((answer.status_code, answer.text, sorted(answer.headers.items())))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (401, "The log-in name or the password is wrong.")


def test_after_too_many_attempts_one_is_told_to_wait(site: Site) -> None:
    guesser = site.browser("198.51.100.1")
    answers = [guesser.log_in("Anna", "a wrong password") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].text == "Too many attempts. Wait 30 seconds, then try again."
    assert 29 <= int(answers[-1].headers["retry-after"]) <= 31


def test_the_session_is_a_new_one_after_logging_in_and_its_cookie_is_kept_from_scripts(site: Site) -> None:
    site.joined("Anna", REVIEWER)
    browser = site.browser()
    browser.client.cookies.set("screener", "chosen-by-an-attacker")
    browser.follow("/log-in")
    answer = browser.post("/log-in", login="anna@example.org", password=PASSWORD)
    cookies = answer.headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("screener="))
    assert "chosen-by-an-attacker" not in session
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in session.split(";")}
    assert any(cookie.startswith('screener_visit=""') for cookie in cookies)


def test_where_browsers_speak_tls_cookies_are_bound_to_that_and_to_the_name(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "reviews" / "small")
    proxy = {"trusted": ["192.0.2.1"]}
    settings = ServerSettings.model_validate({"url": "https://r.example", "behind_proxy": proxy, "reviews": tmp_path})
    with served(tmp_path, settings) as site:
        client = CLIENT.TestClient(site.app, base_url="https://r.example", client=("192.0.2.1", 4000))
        answer = client.get("/log-in", headers={"X-Forwarded-For": "203.0.113.5"}, follow_redirects=False)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-screener_visit=")
        assert "Secure" in cookie
        Browser(client).follow("/log-in")
        browser = Browser(client)
        browser.follow("/log-in")
        headers = {"X-CSRF-Token": browser.csrf, "X-Forwarded-For": "1.1.1.1, 203.0.113.5"}
        client.post("/log-in", data={"login": "x", "password": "y"}, headers=headers)
        assert [act.address for act in acts(site.team) if act.act == "fail to log in"] == ["203.0.113.5"]


@pytest.mark.parametrize("csrf", ["", "0" * 64])
def test_a_change_without_the_pages_own_token_is_refused_also_when_logging_in(site: Site, csrf: str) -> None:
    anna, other = site.joined("Anna", REVIEWER, OWNER), site.joined("Berta", REVIEWER)
    stranger = site.browser()
    stranger.follow("/log-in")
    for browser, path in ((anna, "/people/small/invite"), (anna, "/log-out"), (stranger, "/log-in")):
        assert browser.post(path, csrf=csrf).status_code == 403
        assert browser.post(path, csrf=other.csrf).status_code == 403  # that of another session
    assert anna.get("/account").status_code == 200


def test_a_link_in_a_mail_leads_in_and_a_form_on_another_site_does_not(site: Site) -> None:
    anna = site.joined("Anna", REVIEWER)
    clicked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    answer = anna.get("/r/small/?a=%22%3E", **clicked)
    assert answer.status_code == 200
    assert 'content="0; url=/r/small/?a=%22%3E"' in answer.text
    assert "Small" not in answer.text
    framed = {**clicked, "sec-fetch-dest": "iframe"}
    assert anna.get("/r/small/", **framed).status_code == 403
    headers = {"sec-fetch-site": "cross-site", "X-CSRF-Token": anna.csrf}
    assert anna.client.post("/log-out", headers=headers).status_code == 403


def test_logging_out_ends_the_session_on_the_server(site: Site) -> None:
    anna = site.joined("Anna", REVIEWER)
    token = anna.client.cookies["screener"]
    assert anna.post("/log-out").headers["hx-redirect"] == "/log-in"
    assert "screener" not in anna.client.cookies
    anna.client.cookies.set("screener", token)
    assert anna.get("/").status_code == 303


def test_one_changes_ones_password_and_ends_ones_sessions(site: Site) -> None:
    anna, elsewhere = site.joined("Anna", REVIEWER), site.browser("198.51.100.9")
    elsewhere.log_in("Anna")
    assert "198.51.100.9" in anna.get("/account").text
    wrong = anna.post("/account/password", old="not it", new="a river under nineteen bridges")
    assert (wrong.status_code, wrong.text) == (401, "The old password is wrong.")
    easy = anna.post("/account/password", old=PASSWORD, new="passwordpassword")
    assert (easy.status_code, easy.text[:30]) == (400, "this password is easily guesse")
    done = anna.post("/account/password", old=PASSWORD, new="a river under nineteen bridges")
    assert "Your password is changed" in done.text
    assert (elsewhere.get("/").status_code, anna.get("/").status_code) == (303, 200)
    elsewhere.log_in("Anna", "a river under nineteen bridges")
    number = re.search(r'"session": (\d+)', anna.get("/account").text)
    assert number is not None
    assert "That session is ended." in anna.post("/account/session", session=number[1]).text
    assert elsewhere.get("/").status_code == 303


def routes_of(review_folder: Path, team: Team) -> list[tuple[str, str]]:
    """Every method and path of a review that has all stages, with a stage and a file filled in."""
    from screener.examples import copy_example

    folder = review_folder.parent / "whole"
    copy_example("documents", folder)
    review = PROTOCOL.Review(folder)
    ledger = LEDGER.Ledger.of(review.hidden)
    board = LOCAL_JOBS.LocalJobs(review_folder.parent / "jobs").board(folder, "ada")
    app = APP.review_app(DESK.Desk(review, ledger, "ada", jobs=board))
    found = [
        (
            method,
            path.replace("{stage}", "abstract")
            .replace("{sha256}", "0" * 64)
            .replace("{page}", "1")
            .replace("{number}", "1")
            .replace("{part}", "abstract"),
        )
        for method, path in methods_and_paths(app)
    ]
    ledger.close()
    return sorted(found)


def methods_and_paths(app: Any) -> set[tuple[str, str]]:
    """Every method and path of an app."""
    return {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}


@pytest.mark.slow
def test_every_route_of_a_review_needs_a_right_and_only_who_has_it_gets_there(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each route × each role: refused, or handed on to the review's pages."""
    with monkeypatch.context() as here:
        here.setattr("screener.forms.load._refused", None)
        from screener.protocol import policy

        here.setattr(policy, "_policy", None)
        routes = routes_of(tmp_path, site.team)
    assert len(routes) >= 50
    nobody = [f"{method} {path}" for method, path in routes if RIGHTS_BY_ROUTE.needed_right(method, path) is None]
    assert nobody == [], "routes that nobody can reach; say in route_rights.py what they need"
    reached: list[str] = []

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    everybody = {role: site.joined(role.value.title(), role) for role in ReviewRole}
    outsiders = [site.joined("Ada", administrator=True), site.joined("Emil", administrator=True)]
    monkeypatch.setattr(site.app.app, "app", pages)
    for method, path in routes:
        need = RIGHTS_BY_ROUTE.needed_right(method, path)
        for role, browser in everybody.items():
            status = _ask(browser, method, f"/r/small{path}")
            assert status == (299 if need.may in RIGHTS[role] else 403), (role, method, path)
        for browser in outsiders:
            assert _ask(browser, method, f"/r/small{path}") == 404, (method, path)
        assert _ask(everybody[OWNER], method, f"/r/other{path}") == 404
    assert _ask(everybody[OWNER], "GET", "/r/small/no/such/page") == 403
    assert len(reached) == sum(
        RIGHTS_BY_ROUTE.needed_right(*route).may in RIGHTS[role] for route in routes for role in RIGHTS
    )


def _ask(browser: Browser, method: str, path: str) -> int:
    headers = {"X-CSRF-Token": browser.csrf}
    return int(browser.client.request(method, path, headers=headers, follow_redirects=False).status_code)


def test_who_was_unblinded_gets_to_no_page_of_that_stage(site: Site) -> None:
    owner, rita = site.joined("Olga", OWNER), site.joined("Rita", REVIEWER)
    assert rita.get("/r/small/screen/abstract").status_code == 200
    owner.get("/people/small")
    answer = owner.post("/people/small/unblind", account="2", stage="abstract")
    assert "judges there no more" in answer.text
    assert rita.get("/r/small/screen/abstract").status_code == 403
    assert rita.get("/r/small/").status_code == 200
    for path in (
        "screen/abstract/decide",
        "screen/abstract/undo",
        "records/bulk",
        "records/bulk/sure",
        "records/bulk/undo",
    ):
        assert rita.post(f"/r/small/{path}", stage="abstract").status_code == 403, path
    assert rita.post("/r/small/extract/save").status_code != 403
    owner.get("/people/small")
    owner.post("/people/small/unblind", account="2", stage="extraction")
    assert rita.post("/r/small/extract/save").status_code == 403


@pytest.mark.parametrize("path", ["tables", "tables/file", "meanings"])
def test_who_extracts_sees_what_others_extracted_only_once_unblinded(site: Site, path: str) -> None:
    other = site.joined("Olga", OWNER)
    browser = site.joined("Both", OWNER, OBSERVER, REVIEWER)
    assert other.get(f"/r/small/{path}").status_code != 403
    refused = browser.get(f"/r/small/{path}")
    assert (refused.status_code, "a stage that you judge yourself" in refused.text) == (403, True)
    if path == "meanings":
        assert browser.post("/r/small/meanings").status_code == 403
    other.get("/people/small")
    other.post("/people/small/unblind", account="2", stage="extraction")
    assert browser.get(f"/r/small/{path}").status_code != 403


@pytest.mark.parametrize("path", ["roles", "reset", "unblind"])
def test_an_owner_can_do_nothing_to_who_is_not_in_the_review_and_learns_no_name(site: Site, path: str) -> None:
    owner, stranger = site.joined("Olga", OWNER), site.joined("Ada", administrator=True)
    owner.get("/people/small")
    for account in ("2", "99"):
        answer = owner.post(f"/people/small/{path}", account=account, role="reviewer", stage="abstract")
        assert (answer.status_code, answer.text) == (
            400,
            "this person has no role in the review; new people come in by an invitation",
        )
    assert stranger.get("/r/small/").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/r/small/static/a%0A", "/r/small/%0A", "/r/small/screen/abstract%0A", "/static/%0A", "/%00", "/r/small/a%7F"],
)
def test_no_address_has_a_control_character(site: Site, path: str) -> None:
    for browser in (site.joined("Ada", administrator=True), site.browser()):
        assert browser.get(path).status_code == 400
        assert browser.get("/r/small/static/app.css").status_code in (303, 404)


def test_scripts_and_style_come_from_the_server_and_from_no_review(site: Site) -> None:
    anna = site.joined("Anna", REVIEWER)
    page = anna.get("/r/small/screen/abstract").text
    assets = re.findall(r'(?:href|src)="([^"]*/static/[^"]+)"', page)
    assert len(assets) >= 4
    assert {anna.get(asset).status_code for asset in assets} == {200}
    assert anna.get("/r/small/static/app.css").status_code == 403


def test_no_more_than_a_megabyte_is_read_whatever_a_request_says_of_itself(site: Site) -> None:
    anna, stranger = site.joined("Anna", REVIEWER), site.browser()
    stranger.follow("/log-in")
    read: list[int] = []

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            read.append(1)
            yield b"login=" + b"a" * 100_000 + b"&"

    for browser, path in ((stranger, "/log-in"), (anna, "/r/small/screen/abstract/decide")):
        headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "application/x-www-form-urlencoded"}
        for body in (b"login=" + b"a" * 1_000_001, pieces()):
            answer = browser.client.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.text[:39]) == (413, "Not saved. This is too much at once; at")
            assert answer.headers["x-frame-options"] == "DENY"
        fine = browser.client.post(path, content=b"login=" + b"a" * 900_000, headers=headers)
        assert fine.status_code in (400, 401)


def test_only_a_file_may_be_larger_and_only_as_far_as_the_administrator_says(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "reviews" / "small")
    settings = ServerSettings.model_validate(
        {"reviews": tmp_path / "reviews", "uploads": {"file_mb": 2, "together_mb": 4}}
    )
    with served(tmp_path, settings) as site:
        owner, rita = site.joined("Olga", OWNER), site.joined("Rita", REVIEWER)

        def send(browser: Browser, path: str, size: int) -> tuple[int, str]:
            body, headers = b"title\n" + b"a" * size, {"X-CSRF-Token": browser.csrf}
            answer = browser.client.post(f"/r/small{path}", content=body, headers=headers)
            return answer.status_code, answer.text

        uploads = site.review.folder / ".screener" / "uploads"
        assert send(rita, "/import/files?name=a.csv", 1_500_000)[0] == 403
        assert send(rita, "/full-texts/match", 1_500_000)[0] == 413
        assert send(owner, "/import/files?name=a.csv", 2_500_000)[0] == 413
        assert list(uploads.rglob("*.csv")) == []
        assert [send(owner, "/import/files?name=a.csv", 1_500_000)[0] for _ in range(2)] == [204, 204]
        assert send(owner, "/import/files?name=a.csv", 1_500_000) == (
            413, "Not saved. At most 4 MB can wait at once; use the files that were sent first.",
        )  # fmt: skip
        assert send(rita, "/full-texts/files?name=a.txt", 1_500_000)[0] == 204
        assert [path.name for path in sorted(uploads.rglob("*.*sv"))] == ["a.csv", "a.csv"]
        assert "Records" in owner.get("/r/small/import").text


def test_a_database_that_is_away_is_told_with_the_usual_headers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = site.joined("Anna", REVIEWER)
    threads: list[bool] = []

    def away(*_: object) -> None:
        threads.append(threading.current_thread() is threading.main_thread() or in_loop())
        raise LedgerError("postgresql://screener@db.internal cannot be reached")

    for place in ("screener.web.server_door.find_session", "screener.web.route_rights.site_review"):
        with monkeypatch.context() as here:
            here.setattr(place, away)
            answer = anna.get("/r/small/")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.text.startswith("The database of this server does not answer")
        assert answer.headers["x-frame-options"] == "DENY"
    assert threads == [False, False], "it would keep everybody else's requests waiting"


def test_a_port_that_is_taken_is_told_before_any_address_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from screener.cli.serve import serve

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (tmp_path / "server.yaml").write_text(f"port: {port}\n")
        with pytest.raises(BadInput, match=rf"127.0.0.1, port {port}: .*; choose another"):
            serve(tmp_path / "server.yaml")
    assert capsys.readouterr().out == ""


def in_loop() -> bool:
    """Whether this thread is the one that serves all requests."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


SITE_ROUTES = {
    ("GET", "/people/small"): May.INVITE,
    ("POST", "/people/small/invite"): May.INVITE,
    ("POST", "/people/small/withdraw"): May.INVITE,
    ("POST", "/people/small/roles"): May.INVITE,
    ("POST", "/people/small/reset"): May.INVITE,
    ("POST", "/people/small/unblind"): May.UNBLIND,
    ("POST", "/people/small/archive"): May.INVITE,
    ("POST", "/people/small/bring-back"): May.INVITE,
    ("GET", "/audit/small"): May.SEE_AUDIT,
    **dict.fromkeys(
        [("GET", "/accounts"), ("POST", "/accounts/invite"), ("POST", "/accounts/withdraw"), ("POST", "/accounts/reset"),
         ("POST", "/accounts/state"), ("GET", "/audit"), ("GET", "/new"), ("POST", "/new")],
        None,
    ),
}  # fmt: skip
"""The routes around the reviews and what each needs; None: to administer the site."""
FREE = {
    "/",
    "/log-in",
    "/log-out",
    "/enter/{token}",
    "/account",
    "/account/password",
    "/account/session",
    "/account/leave",
}


@pytest.mark.slow
def test_pages_around_a_review_are_for_who_may_see_them(site: Site) -> None:
    paths = {(method, path.replace("{slug}", "small")) for method, path in methods_and_paths(site.app.app.app.app.home)}
    assert {path for path in paths if path[1] not in FREE} == set(SITE_ROUTES)
    everybody: dict[Any, Browser] = {role: site.joined(role.value.title(), role) for role in ReviewRole}
    everybody[None] = site.joined("Ada", administrator=True)
    for (method, path), need in SITE_ROUTES.items():
        for role, browser in everybody.items():
            allowed = need is role is None or (role is not None and need in RIGHTS[role])
            status = _ask(browser, method, path)
            assert (status != 403) == allowed, (role, method, path, status)
            if need is not None:
                assert _ask(browser, method, path.replace("small", "other")) == 403


def test_an_owner_invites_by_an_address_that_is_shown_once(site: Site) -> None:
    owner = site.joined("Olga", OWNER)
    owner.get("/people/small")
    page = owner.post("/people/small/invite", role=["reviewer", "adjudicator"], note="<b>Rita</b>")
    address = re.search(rf"{ORIGIN}(/enter/[\w-]+)", page.text)
    assert address is not None
    assert "&lt;b&gt;Rita&lt;/b&gt;" in page.text
    assert "/enter/" not in owner.get("/people/small").text
    rita = site.browser()
    assert "Small things" in rita.follow(address[1]).text
    rita.post(address[1], login="rita@example.org", name="<img src=x onerror=alert(1)>", password=PASSWORD)
    again = rita.follow(address[1])
    assert (again.status_code, "has been used" in again.text) == (404, True)
    for path in ("/people/small", "/audit/small"):
        assert "<img src=x" not in owner.get(path).text
    assert owner.get("/people/small").text.count(" checked>") >= 3


def test_an_administrator_makes_a_review_which_keeps_to_what_a_server_allows(site: Site, tmp_path: Path) -> None:
    ada = site.joined("Ada", administrator=True)
    ada.get("/new")
    answer = ada.post(
        "/new", title="Naps", questions="Do they help?", stage=[stage.value for stage in Stage], slug="naps"
    )
    assert (answer.status_code, answer.headers.get("hx-redirect")) == (204, "/r/naps/"), answer.text
    assert ada.follow("/r/naps/").status_code == 200
    review = site_review(site.team, "naps")
    assert review is not None
    protocol = review.folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("sources:", "sources: ../../../team.db #", 1))
    if "team.db" not in protocol.read_text():
        protocol.write_text(protocol.read_text() + "\nsources: ../../../team.db\n")
    page = ada.get("/r/naps/")
    assert page.status_code == 400
    assert "is not in the folder of the protocol" in page.text
    for slug in ("../out", "naps", "a/b"):
        ada.get("/new")
        refused = ada.post("/new", title="Other", questions="Q?", stage=["abstract"], slug=slug)
        assert refused.status_code == 400, slug
    assert sorted(path.name for path in (tmp_path / "reviews").iterdir()) == ["naps", "small"]


def test_a_disabled_account_is_out_at_once(site: Site) -> None:
    anna, ada = site.joined("Anna", REVIEWER), site.joined("Ada", administrator=True)
    ada.get("/accounts")
    assert "is disabled" in ada.post("/accounts/state", account="1", state="disabled").text
    assert anna.get("/r/small/").status_code == 303
    assert site.browser().log_in("Anna").status_code == 401


@pytest.mark.usefixtures("site")
def test_no_form_that_is_a_program_is_run_while_the_server_runs(tmp_path: Path) -> None:
    (tmp_path / "form.py").write_text(f"open({str(tmp_path / 'was run')!r}, 'w')\n")
    with pytest.raises(BadInput, match="is a program, which is not run here"):
        load_form(tmp_path / "form.py")
    assert not (tmp_path / "was run").exists()


def test_an_archived_review_is_off_every_list_until_an_owner_brings_it_back(site: Site) -> None:
    owner, rita = site.joined("Olga", OWNER), site.joined("Rita", REVIEWER)
    assert owner.post("/people/small/archive").headers["hx-redirect"] == "/"
    assert rita.get("/r/small/").status_code == 404
    assert "Small things" not in rita.get("/").text
    assert rita.post("/people/small/bring-back").status_code == 403
    assert "Bring back Small things" in owner.get("/").text
    owner.post("/people/small/bring-back")
    assert rita.get("/r/small/").status_code == 200


def test_one_leaves_a_review_by_oneself_but_not_as_its_last_owner(site: Site) -> None:
    owner, rita = site.joined("Olga", OWNER), site.joined("Rita", REVIEWER)
    assert "Small things" in rita.get("/account").text
    assert "You have left" in rita.post("/account/leave", review="small").text
    assert rita.get("/r/small/").status_code == 404
    assert "last owner" in owner.post("/account/leave", review="small").text
    assert owner.get("/r/small/").status_code == 200
    assert rita.post("/account/leave", review="small").status_code == 400


def test_an_address_that_leads_nowhere_is_told_in_words(site: Site) -> None:
    rita = site.joined("Rita", REVIEWER)
    for path in ("/nowhere", "/r/small/screen/abstract/nowhere"):
        answer = rita.get(path)
        assert answer.status_code in (403, 404)
        assert answer.headers["content-type"].startswith("text/plain")


def test_a_review_whose_address_is_taken_leaves_no_folder(site: Site, tmp_path: Path) -> None:
    boss = site.joined("Ada", administrator=True)
    boss.get("/new")
    answer = boss.post("/new", title="Twice", slug="a--", questions="Why?", stage="abstract")
    assert answer.status_code == 400
    assert sorted(path.name for path in (tmp_path / "reviews").iterdir()) == ["small"]


def test_a_wrong_old_password_stands_in_the_audit(site: Site) -> None:
    rita = site.joined("Rita", REVIEWER)
    rita.get("/account")
    assert rita.post("/account/password", old="not that one", new="four other words stand here").status_code == 401
    assert [(act.act, act.who) for act in acts(site.team, most=1)] == [("fail to change password", "Rita")]


def test_people_on_one_review_share_its_connections_and_a_closed_page_takes_none_from_others(site: Site) -> None:
    rita, sam = site.joined("Rita", REVIEWER), site.joined("Sam", REVIEWER)
    reviews = site.app.app.app.app.desks.reviews  # guard, rights, limit, site
    for browser in (rita, sam):
        assert browser.get("/r/small/").status_code == 200
    [(_, ledger)] = reviews._ledgers.values()
    assert {room.desk.ledger for room in site.app.app.app.app.desks._rooms.values()} == {ledger}
    rita.post("/log-out")
    assert sam.get("/r/small/screen/abstract").status_code == 200


def test_what_somebody_has_open_stays_theirs_while_one_of_several_servers_ends(site: Site) -> None:
    rita = site.joined("Rita", REVIEWER)
    second = SERVER.server_app(site.team, site.app.door.settings)
    with CLIENT.TestClient(second, base_url=ORIGIN) as other:
        here, rita.client = rita.client, other
        other.cookies = here.cookies
        held = record_on(rita.get("/r/small/screen/abstract/card", part=True).text)
    here.get("/r/small/", headers={"X-Window": "w.2"})  # the first server opens her desk after that
    ledger = LEDGER.Ledger.for_reading(site.review.folder / ".screener")
    with ledger.read() as connection:
        assert [lease.reviewer for lease in LEASES.open_records(connection, Stage.ABSTRACT)[held]] == ["Rita"]
    ledger.close()


def test_an_owner_gets_to_people_and_audit_from_every_page_of_the_review_and_others_do_not(site: Site) -> None:
    olga, otto = site.joined("Olga", OWNER), site.joined("Otto", OBSERVER)
    for path in ("/people/small", "/audit/small"):
        assert f'href="{path}"' in olga.get("/r/small/records").text
        assert f'href="{path}"' not in otto.get("/r/small/records").text


def test_the_overview_of_a_server_names_no_file_of_its_machine(site: Site, tmp_path: Path) -> None:
    boss = site.joined("Ada", administrator=True)
    boss.get("/new")
    assert boss.post("/new", title="Naps", questions="Why?", stage="abstract").status_code == 204
    page = boss.get("/r/naps/").text
    assert "places are" in page
    assert str(tmp_path) not in page
    assert 'href="/r/naps/import"' in page


def test_why_a_review_cannot_be_opened_names_no_folder_of_the_machine(site: Site, tmp_path: Path) -> None:
    rita = site.joined("Rita", ReviewRole.REVIEWER)
    protocol = site.review.folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text() + "colour: red\n")
    for told in (rita.get("/r/small/").text, rita.post("/r/small/leave").text):
        assert "the protocol, line " in told
        assert str(tmp_path) not in told
