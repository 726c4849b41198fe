"""Results and “Can I trust it?” in the browser: the report's figures, hidden while somebody judges, and files to save."""

import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Later
from support.results import STAGE, judged_review

from screener.ledger import events
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.team.roles import ReviewRole
from screener.team.settings import ServerSettings

pytest.importorskip("fastapi")

APP, LOCAL, CLIENT = Later("screener.web.app"), Later("screener.web.local_door"), Later("starlette.testclient")
WEB_SERVER = Later("support.web_server")
BOARD = Later("screener.web.results_board")
ORIGIN = "http://127.0.0.1:9001"


class Window:
    """Somebody's window on a review, in this process."""

    def __init__(self, folder: Path, name: str, patch: pytest.MonkeyPatch) -> None:
        review = Review(folder)
        self.ledger, session = Ledger.of(review.hidden), LOCAL.Session(9001)
        patch.setenv("SCREENER_DATA", str(folder / "own"))
        self.client = CLIENT.TestClient(APP.create_app(self.ledger, review, name, session), base_url=ORIGIN)
        self.client.cookies.set(session.cookie_name, session.cookie)
        self._csrf = session.csrf

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(path, params=query or None)

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data=fields, headers={"X-CSRF-Token": self._csrf, "HX-Request": "true"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("results") / "small review"
    judged_review(made)
    return made


@pytest.fixture
def zoe(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """Somebody who has judged nothing, of whom two records wait for an answer."""
    window = Window(folder, "zoe", monkeypatch)
    with window.client:
        yield window
    window.ledger.close()


@pytest.fixture
def ben(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """Somebody who has judged all."""
    window = Window(folder, "ben", monkeypatch)
    with window.client:
        yield window
    window.ledger.close()


FILES = (
    ("/results/file?what=report", "small_review-report.html", "text/html; charset=utf-8"),
    ("/results/file?what=figures", "small_review-figures.json", "application/json"),
    ("/results/drawing?name=flow&format=svg", "flow.svg", "image/svg+xml"),
    ("/results/decisions?stage=abstract&format=csv", "small_review-abstract.csv", "text/csv; charset=utf-8"),
    ("/results/decisions?stage=abstract&format=ris&only=kept", "small_review-abstract-kept.ris", "application/x-research-info-systems; charset=utf-8"),
)  # fmt: skip


def test_files_have_their_names_and_types_and_are_never_opened_in_the_app(ben: Window) -> None:
    for path, name, kind in FILES:
        answer = ben.get(path)
        assert answer.status_code == 200, (path, answer.text[:200])
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["content-type"] == kind
    for path in (
        "/results/file?what=x",
        "/results/drawing?name=../x&format=svg",
        "/results/decisions?stage=abstract&format=exe",
    ):
        assert ben.get(path).status_code == 400, path


@pytest.mark.slow
def test_all_drawings_come_as_svg_and_png_in_a_zip(ben: Window) -> None:
    answer = ben.get("/results/file?what=drawings")
    assert answer.headers["content-disposition"] == 'attachment; filename="small_review-drawings.zip"'
    drawings = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"flow.svg", "flow-narrow.svg", "recall-abstract-embedded.svg", "flow.png"} <= set(drawings)


def test_the_page_has_the_figures_of_the_report_and_escapes_titles(ben: Window) -> None:
    page, told = ben.get("/results").text, json.loads(ben.get("/results/file?what=figures").content)
    assert "Hidden while you judge" not in page
    [one] = [one for one in told["stages"]["abstract"]["accuracy"] if one["evaluation"]["reviewer"] == "embedded"]
    recall = one["estimates"]["recall"]
    assert (
        f"<b>{recall['value']:.2f}</b><span>{recall['low']:.2f}–{recall['high']:.2f}</span><span>n {recall['n']}</span>"
        in page
    )
    kappa = told["stages"]["abstract"]["agreement"]["humans"]["decision"]["estimates"]["kappa"]
    assert f"<b>{kappa['value']:.2f}</b><span>{kappa['low']:.2f}–{kappa['high']:.2f}</span>" in page
    excluded = {box["id"]: box["count"] for box in told["flow"]["boxes"]}["excluded"]
    assert re.search(rf"Records excluded</text>\s*<text[^>]*>n = {excluded}<", page)
    assert all(
        f'aria-labelledby="p-{name}-t p-{name}-d"' in page
        for name in ("flow", "flow-narrow", "recall-abstract-embedded")
    )
    assert page.count("PROVISIONAL") >= 4
    assert "Review of <b>" not in page
    assert "window.taken" not in ben.get("/trust").text
    assert "What is missing most: gold labels (titles and abstracts)" in ben.get("/trust").text


def test_what_comes_next_leads_to_screens_that_there_are(ben: Window) -> None:
    page = ben.get("/trust").text
    leads = re.findall(r'class="do" href="([^"#]*)', page)
    assert len(leads) >= 6
    assert {path: ben.get(path).status_code for path in leads} == dict.fromkeys(leads, 200)
    assert "Next: " not in page  # what only the terminal does has its command


def test_who_still_judges_sees_no_figure_and_gets_no_file(zoe: Window) -> None:
    page = zoe.get("/results").text
    assert "titles and abstracts (2 left for you)" in page
    for tell in ("Cohen", "<b>1.00</b>", "Conflict between reviewers", "What only the machine", "/results/file"):
        assert tell not in page, tell
    assert "Records excluded" in page
    assert "κ" not in zoe.get("/trust").text
    for path in (*(path for path, *_ in FILES), "/results/audit.zip"):
        answer = zoe.get(path)
        assert answer.status_code == 400, path
        assert "which you still judge" in answer.text
    assert zoe.post("/results/audit").status_code == 400


def test_on_ones_own_machine_figures_are_shown_all_the_same_and_that_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged_review(tmp_path)
    zoe = Window(tmp_path, "zoe", monkeypatch)
    with zoe.client:
        assert "Hidden while you judge" in zoe.get("/trust").text
        shown = zoe.post("/results/shown", back="trust").text
        assert "Can I trust it?" in shown
        assert "κ" in shown
        assert "Hidden while you judge" not in zoe.get("/results").text
        with zoe.ledger.read() as connection:
            assert len(events(connection, BOARD.SHOWN, STAGE, "zoe")) == 1
    zoe.ledger.close()


def test_in_a_large_ledger_figures_are_counted_aside_and_come_by_themselves(
    ben: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screener.web.desk.MANY", 3)
    first = ben.get("/results").text
    assert "Counting …" in first
    assert 'hx-get="/results"' in first
    for _ in range(200):
        if "Counting …" not in (page := ben.get("/results").text):
            break
        time.sleep(0.05)
    assert "Flow of records" in page
    assert "Counting …" in ben.post("/results/anew").text


def test_on_a_server_roles_say_who_sees_results_and_an_owner_who_judges_unblinds_nobody_by_themselves(
    tmp_path: Path,
) -> None:
    pytest.importorskip("argon2")
    judged_review(tmp_path / "reviews" / "small")
    with WEB_SERVER.served(tmp_path, ServerSettings(reviews=tmp_path / "reviews")) as site:
        owner, reviewer, _, observer = ReviewRole
        oda, rita = site.joined("Oda", owner, reviewer), site.joined("Rita", reviewer)
        otto, olga = site.joined("Otto", observer), site.joined("Olga", owner)
        assert [
            rita.get(f"/r/small/{path}").status_code for path in ("results", "trust", "results/file?what=report")
        ] == [403] * 3
        assert "κ" in otto.get("/r/small/trust").text
        assert "Make the audit ZIP" not in otto.get("/r/small/results").text
        decisions, report = "/r/small/results/decisions?stage=abstract&format=csv", "/r/small/results/file?what=report"
        assert [who.get(decisions).status_code for who in (otto, olga, oda)] == [403, 200, 400]
        assert [who.get(report).status_code for who in (otto, olga, oda)] == [200, 200, 400]
        page = oda.get("/r/small/results").text
        assert "Hidden while you judge" in page
        assert "Show all the same" not in page
        refused = oda.post("/r/small/results/shown")
        assert (refused.status_code, "an owner of the review unblinds people" in refused.text) == (400, True)
        assert "Hidden while you judge" in oda.get("/r/small/results").text
        assert oda.post("/r/small/results/audit", texts="yes").status_code == 400
