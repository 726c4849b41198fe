"""The app may stand behind a prefix: no address of its pages begins at the root of the server."""

import re
from pathlib import Path

import pytest
from support import Later
from support.web_app import record_on, small_review

from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

APP, LOCAL = Later("screener.web.app"), Later("screener.web.local_door")
CLIENT = Later("starlette.testclient")
WEB = Path(__file__).parents[2] / "screener" / "web"
BASE = "/r/a-review"
ADDRESS = re.compile(r"""\s(?:href|src|action|formaction|hx-[a-z-]+)=["'](?!\{\{ ?(?:base|assets) ?\}\})(/[^"']*)""")
PATHS = (
    "/",
    "/screen/abstract",
    "/screen/abstract/card",
    "/conflicts",
    "/records",
    "/duplicates",
    "/gold",
    "/full-texts",
)
PATHS += (
    "/results",
    "/trust",
    "/screen/fulltext",
    "/screen/fulltext/card",
    "/extract",
    "/extract/card",
    "/tables",
    "/meanings",
    "/models",
)


def test_templates_write_the_prefix_before_every_address() -> None:
    rooted = {path.name: ADDRESS.findall(path.read_text("utf-8")) for path in (WEB / "templates").glob("*.html")}
    assert len(rooted) > 20
    assert {name: found for name, found in rooted.items() if found} == {}


def test_scripts_write_no_address_that_begins_at_the_root() -> None:
    for path in (WEB / "static").glob("*.[jc]s*"):
        if not path.name.startswith("htmx"):
            found = re.findall(
                r"""(?:fetch|sendBeacon|EventSource|open|url)\(\s*["'`]?/[^)]*|location[.a-z]* = ["'`]/""",
                path.read_text("utf-8"),
            )
            assert found == [], path.name


def test_pages_behind_a_prefix_lead_nowhere_else(tmp_path: Path) -> None:
    small_review(tmp_path)
    assert len(addresses(tmp_path)) > 15


@pytest.mark.slow
def test_pages_of_papers_behind_a_prefix_lead_nowhere_else(papers: Path) -> None:
    assert len(addresses(papers)) > 30


def addresses(folder: Path) -> set[str]:
    """All addresses in the pages of a review's app behind a prefix."""
    review = Review(folder)
    ledger, session = Ledger.of(review.hidden), LOCAL.Session(9001)
    seen: set[str] = set()
    with CLIENT.TestClient(
        APP.create_app(ledger, review, "ada", session, BASE), base_url="http://127.0.0.1:9001"
    ) as app:
        app.cookies.set(session.cookie_name, session.cookie)
        for path in PATHS:
            answer = app.get(path)
            if answer.status_code == 200:
                seen.update(re.findall(r"""\s(?:href|src|action|hx-get|hx-post)=["'](/[^"']*)""", answer.text))
        assert [address for address in seen if not address.startswith(BASE + "/")] == []
        stage = "abstract" if "abstract" in {stage.value for stage in review.protocol.stages} else "fulltext"
        record = record_on(app.get(f"/screen/{stage}/card").text)
        saved = app.post(
            f"/screen/{stage}/decide",
            data={"record": record, "answer.signal": "no"},
            headers={"X-CSRF-Token": session.csrf},
        )
        assert saved.headers["HX-Replace-Url"] == f"{BASE}/screen/{stage}"
    ledger.close()
    return seen
