"""The start page and the reviews behind it: names, folders, new reviews, and what must not be possible."""

import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import Later
from support.web_app import record_on

from screener.core.judgement import Stage
from screener.ledger import reads
from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")
pytest.importorskip("uvicorn")

HOME, DOOR, REVIEWS = Later("screener.web.home"), Later("screener.web.local_door"), Later("screener.web.local_reviews")
SECURITY, SETTINGS, OPENED = (
    Later("screener.web.security"),
    Later("screener.web.own_settings"),
    Later("screener.web.opened"),
)
CLIENT = Later("starlette.testclient")
ORIGIN = "http://127.0.0.1:9001"
ELSEWHERE = (
    "../out",
    "a/b",
    "a\\b",
    "..",
    ".",
    ".hidden",
    "~",
    "con",
    "nul.txt",
    "x" * 81,
    "a\x00b",
    "a\nb",
    "C:",
    "small",
    "link",
)
EVIL = "<script>window.taken=1</script>\"'{{7*7}}"


@dataclass
class Browser:
    """A browser that has opened the start address; each change carries the token of the page seen last."""

    client: Any
    home: Any
    csrf: str = ""

    def get(self, path: str, part: bool = False) -> Any:
        headers = {"HX-Request": "true", "X-CSRF-Token": self.csrf, "X-Window": "w.1"} if part else {}
        answer = self.client.get(path, headers=headers, follow_redirects=False)
        if token := re.search(r'"X-CSRF-Token": "(\w+)"', answer.text):
            self.csrf = token[1]
        return answer

    def post(self, path: str, csrf: str | None = None, **fields: Any) -> Any:
        headers = {"X-CSRF-Token": self.csrf if csrf is None else csrf, "HX-Request": "true", "X-Window": "w.1"}
        return self.client.post(path, data=fields, headers=headers)

    def named(self, name: str) -> "Browser":
        self.get("/")
        assert self.post("/name", name=name).status_code == 204
        self.get("/")
        return self

    def opened(self, folder: Path) -> str:
        """Open a folder; the address of its review, without the last slash."""
        answer = self.post("/open", folder=str(folder))
        assert answer.status_code == 204, answer.text
        return str(answer.headers["HX-Redirect"]).rstrip("/")


@pytest.fixture
def small(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    return Path(shutil.copytree(made, tmp_path / "work" / "small"))


@contextmanager
def started(start: Path) -> Iterator[Browser]:
    session, reviews = DOOR.Session(9001), REVIEWS.LocalReviews()
    door = DOOR.LocalDoor(session, "screener", reviews.name)
    home = HOME.Home(reviews, door, start)
    with CLIENT.TestClient(SECURITY.Guard(home.site(), door), base_url=ORIGIN) as client:
        client.cookies.set(session.cookie_name, session.cookie)
        yield Browser(client, home)


@pytest.fixture
def ada(small: Path) -> Iterator[Browser]:
    with started(small.parent) as browser:
        yield browser.named("Ada")


def test_a_start_of_the_program_waits_while_another_changes_the_settings_and_loses_nothing_of_it(small: Path) -> None:
    other = Path(shutil.copytree(small, small.parent / "other"))
    first, second = REVIEWS.LocalReviews(), REVIEWS.LocalReviews()
    with ThreadPoolExecutor(1) as pool:
        with SETTINGS.settings_alone():
            late = pool.submit(second.remember, small)
            with pytest.raises(TimeoutError):
                late.result(0.2)
            kept = SETTINGS.read_settings()
            SETTINGS.keep_settings(kept.with_review(SETTINGS.KnownReview(other.resolve(), "Other", "2026-01-01")))
        late.result(20)
    assert {review.folder for review in first.known()} == {small.resolve(), other.resolve()}


# -- the name ---------------------------------------------------------------------------------------------------------


def test_the_name_is_asked_once_before_any_review_is_shown(small: Path) -> None:
    with started(small.parent) as browser:
        assert "What is your name?" in browser.get("/").text
        slug = browser.opened(small).removeprefix("/r/")
        answer = browser.get(f"/r/{slug}/")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/?to={slug}")
        assert browser.get(f"/r/{slug}/records", part=True).headers["HX-Redirect"] == f"/?to={slug}"
        for name in ("", "   ", "gold", "x" * 81, "machine:human"):
            assert browser.post("/name", name=name).status_code == 400
        assert browser.post("/name", name=" Ada\u200b  Lovelace ", to=slug).headers["HX-Redirect"] == f"/r/{slug}/"
    with started(small.parent) as again:
        assert "Ada Lovelace" in again.get("/").text
        assert "Reviews" in again.get(f"/r/{slug}/").text


def test_where_the_name_leads_is_only_ever_a_review_of_the_list(small: Path) -> None:
    with started(small.parent) as browser:
        browser.get("/")
        for to in ("//evil.example", "../../x", "http://evil.example/", "small"):
            assert browser.post("/name", name="Ada", to=to).headers["HX-Redirect"] == "/"
            browser.get("/")


def test_another_name_is_another_desk_and_an_open_page_saves_nothing_under_it(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    record = record_on(ada.get(f"{base}/screen/abstract/card", part=True).text)
    ada.get(f"{base}/")
    before = ada.csrf
    assert ada.post("/name", name="Ben").status_code == 204
    stale = ada.post(f"{base}/screen/abstract/decide", csrf=before, record=record, **{"answer.signal": "no"})
    assert stale.status_code == 403
    ada.csrf = before
    assert ada.get(f"{base}/screen/abstract/card", part=True).headers["HX-Refresh"] == "true"
    page = ada.get(f"{base}/")
    assert "Ben" in page.text
    assert "Ada" not in page.text
    saved = ada.post(f"{base}/screen/abstract/decide", record=record, **{"answer.signal": "no"})
    assert saved.status_code == 200
    assert judged(small) == {("Ben", record)}


@pytest.mark.slow
def test_the_name_of_a_machine_is_refused_where_its_review_is_opened(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    ada.named("embedded")
    page = ada.get(f"{base}/")
    assert page.status_code == 400
    assert "`embedded` is not the name of a human" in page.text
    assert "--reviewer" not in page.text
    assert "Change your name" in page.text


# -- folders ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_folders_are_opened_by_path_and_listed_the_last_one_first(ada: Browser, small: Path) -> None:
    other = Path(shutil.copytree(small, small.parent / "other" / "small"))
    addresses = {ada.opened(Path(spelled)) for spelled in ("small", str(small), f'"{small}/prompts/review.yaml"')}
    (base,) = addresses
    second = ada.opened(other)
    assert second != base
    for address in (base, second, base):
        assert ada.get(f"{address}/").status_code == 200
    page = ada.get("/").text
    assert page.index(f"{second}/") < page.index(f"{base}/")
    assert "6 left" in ada.get(f"/state?review={base.removeprefix('/r/')}", part=True).text
    found = ada.get("/open").text
    assert str(other) in found
    assert str(small) in found


def test_what_is_no_review_is_refused_in_one_line(ada: Browser, small: Path) -> None:
    (small.parent / "plain").mkdir()
    for folder in ("", "plain", "nothing-here", "\x00", "~nobody-of-this-name/x", "small/records.csv", "x" * 5_000):
        answer = ada.post("/open", folder=folder)
        assert answer.status_code == 400, folder
        assert "\n" not in answer.text
        assert len(answer.text) < 400


def test_a_link_to_a_review_is_that_review_and_links_are_not_followed_in_search(ada: Browser, small: Path) -> None:
    (small.parent / "link").symlink_to(small)
    (small.parent / "loop").symlink_to(small.parent)
    assert ada.opened(small.parent / "link") == ada.opened(small)
    assert "loop" not in ada.get("/open").text


def test_a_folder_that_is_gone_is_shown_so_and_can_be_removed(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    shutil.rmtree(small)
    assert "The folder is gone" in ada.get("/").text
    page = ada.post("/forget", review=base.removeprefix("/r/")).text
    assert "No review opened yet" in page
    assert ada.get(f"{base}/").status_code == 410


@pytest.mark.slow
def test_a_folder_deleted_while_it_is_open_takes_nothing_and_does_not_come_back(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    record = record_on(ada.get(f"{base}/screen/abstract/card", part=True).text)
    shutil.rmtree(small)
    answer = ada.post(f"{base}/screen/abstract/decide", record=record, **{"answer.signal": "no"})
    assert answer.status_code == 410
    assert answer.text.startswith("Not saved.")
    assert "cannot be opened" in ada.get(f"{base}/").text
    assert not small.exists()


@pytest.mark.slow
def test_a_ledger_that_was_put_in_the_place_of_another_is_the_one_that_is_written(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    record = record_on(ada.get(f"{base}/screen/abstract/card", part=True).text)
    copy = small.parent / "copy"
    shutil.copytree(small, copy)
    shutil.rmtree(small)
    shutil.copytree(copy, small)
    ada.get(f"{base}/")
    assert ada.post(f"{base}/screen/abstract/decide", record=record, **{"answer.signal": "no"}).status_code == 200
    assert judged(small) == {("Ada", record)}


@pytest.mark.slow
def test_a_protocol_that_was_changed_is_read_again_and_a_faulty_one_is_told_by_its_line(
    ada: Browser, small: Path
) -> None:
    base = ada.opened(small)
    assert "small" in ada.get(f"{base}/").text
    protocol = small / "prompts" / "review.yaml"
    text = protocol.read_text()
    protocol.write_text(text.replace("small</b> things", "quite other things"))
    assert "quite other things" in ada.get(f"{base}/").text
    protocol.write_text(text.replace("questions:", "qestions:"))
    page = ada.get(f"{base}/")
    assert page.status_code == 400
    assert re.search(r"review\.yaml:\d+: .*qestions", page.text)
    protocol.write_text(text)
    assert ada.get(f"{base}/").status_code == 200


@pytest.mark.slow
def test_a_locked_ledger_is_told_and_the_review_opens_once_it_is_free(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    ledger = Ledger.of(small / ".screener")
    with ledger.write():
        page = ada.get(f"{base}/")
        assert page.status_code == 503
        assert "keeps the ledger locked" in page.text
    ledger.close()
    assert ada.get(f"{base}/").status_code == 200


@pytest.mark.slow
def test_settings_that_cannot_be_read_or_written_stop_nothing(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text('{"name": 3, "reviews": [1]}')
    with started(small.parent) as browser:
        assert "What is your name?" in browser.get("/").text
        monkeypatch.setenv("SCREENER_DATA", str(small / "records.csv"))  # a file: nothing can be kept in it
        base = browser.named("Ada").opened(small)
        assert browser.get(f"{base}/").status_code == 200
        assert "This list cannot be kept" in browser.get("/").text


@pytest.mark.slow
def test_only_the_last_desks_are_kept_and_what_somebody_reads_stays_theirs(ada: Browser, small: Path) -> None:
    ada.home.desks.most = 1
    base = ada.opened(small)
    ada.get(f"{base}/screen/abstract/card", part=True)
    assert leases(small) == 1
    other = ada.opened(shutil.copytree(small, small.parent / "second"))
    assert ada.get(f"{other}/").status_code == 200
    assert list(ada.home.desks._rooms) == [(other.removeprefix("/r/"), "Ada")]
    assert leases(small) == 1
    assert ada.get(f"{base}/").status_code == 200


# -- new reviews ------------------------------------------------------------------------------------------------------


def test_a_new_review_is_a_valid_folder_and_its_overview_says_what_to_do(ada: Browser, small: Path) -> None:
    answer = ada.post(
        "/new", title=EVIL, questions="Does it help?\n\nDoes it harm?", stage=["abstract", "fulltext"], parent="."
    )
    base = answer.headers["HX-Redirect"].rstrip("/")
    (folder,) = [path for path in small.parent.iterdir() if path != small]
    review = Review(folder)
    assert review.protocol.title == EVIL
    assert review.protocol.questions == ("Does it help?", "Does it harm?")
    assert list(review.protocol.stages) == [Stage.ABSTRACT, Stage.FULLTEXT]
    page = ada.get(f"{base}/").text
    assert "Set up this review" in page
    assert "Write the criteria" in page
    assert f'href="{base}/import"' in page
    for text in (page, ada.get("/").text):
        assert "<script>window" not in text
        assert "&lt;script&gt;window" in text


def test_the_name_of_a_new_folder_leads_nowhere_else(ada: Browser, small: Path) -> None:
    (small.parent / "link").symlink_to(small.parent.parent)
    before = sorted(small.parent.parent.rglob("*"))
    new = {"title": "T", "questions": "Q?", "stage": "abstract"}
    for name in ELSEWHERE:
        for path, fields in (("/new", new), ("/example", {"example": "documents"})):
            answer = ada.post(path, name=name, parent=str(small.parent), **fields)
            assert answer.status_code == 400, name
    assert sorted(small.parent.parent.rglob("*")) == before


def test_a_new_review_without_what_it_needs_is_refused_and_leaves_nothing(ada: Browser, small: Path) -> None:
    for missing in ("title", "questions", "stage", "parent"):
        fields = {"title": "T", "questions": "Q?", "stage": "abstract", "parent": ".", missing: "\x00 "}
        assert ada.post("/new", name="fresh", **fields).status_code == 400
    assert [path.name for path in small.parent.iterdir()] == ["small"]


def test_a_place_that_cannot_be_written_is_told_and_no_example_is_guessed(ada: Browser, small: Path) -> None:
    fields = {"title": "T", "questions": "Q?", "stage": "abstract"}
    assert "no such folder" in ada.post("/new", name="x", parent="/nowhere/at-all", **fields).text
    assert "cannot be made" in ada.post("/new", name="x", parent="/proc", **fields).text.replace(
        "no folder can be", "cannot be"
    )
    assert ada.post("/example", name="x", parent=".", example="../../etc").status_code == 400
    assert [path.name for path in small.parent.iterdir()] == ["small"]


def test_an_example_is_copied_with_its_records_and_can_be_screened_at_once(ada: Browser, small: Path) -> None:
    base = ada.post("/example", example="documents", name="my copy", parent=".").headers["HX-Redirect"].rstrip("/")
    ledger = Ledger.for_reading(small.parent / "my copy" / ".screener")
    with ledger.read() as connection:
        assert reads.count_records(connection) == 14
    assert ada.get(f"{base}/continue").headers["Location"] == f"{base}/screen/abstract"


@pytest.mark.slow
def test_the_gold_sample_of_an_example_is_one_click_away_for_the_first_person_and_the_second(
    ada: Browser, small: Path
) -> None:
    assert 'value="label">Label the gold sample' in ada.get("/").text
    sent = ada.post("/example", example="ecg", name="gold", parent=".", do="label")
    base, queue = sent.headers["HX-Redirect"].split("/screen/")
    assert queue == "abstract"
    assert "Gold sample: 669 of 669 left for you" in ada.get(f"{base}/").text
    ada.post("/name", name="Bob")
    assert "Gold sample: 669 of 669 left for you" in ada.get(f"{base}/").text
    assert ada.get(f"{base}/screen/abstract").status_code == 200


def test_a_copy_without_it_offers_the_sample_on_its_overview(ada: Browser, small: Path) -> None:
    base = ada.post("/example", example="documents", name="copy", parent=".").headers["HX-Redirect"].rstrip("/")
    assert "Label the gold sample" not in ada.get(f"{base}/").text
    gold = small.parent / "copy" / "gold"
    (gold / "sample.yaml").write_text(
        "stage: abstract\nfile: sample.csv\nseed: s\nframe: 14\nn: 5\nabout: <i>why</i>\n"
    )
    shutil.copy(gold / "records.csv", gold / "sample.csv")
    page = ada.get(f"{base}/").text
    assert "5 of 14 records, drawn at random" in page
    assert "&lt;i&gt;why&lt;/i&gt;" in page
    assert ada.post(f"{base}/gold/ready").headers["HX-Redirect"] == f"{base}/screen/abstract"
    assert "Gold sample: 5 of 5 left for you" in ada.get(f"{base}/").text
    (gold / "sample.yaml").write_text("stage: nonsense\n")
    assert ada.get(f"{base}/").status_code == 200


def test_new_reviews_are_made_beside_the_review_that_the_program_was_started_in(small: Path) -> None:
    with started(small / "prompts") as browser:
        browser.named("Ada")
        assert f'value="{small.parent}"' in browser.get("/new").text


# -- who gets in ------------------------------------------------------------------------------------------------------


def test_another_sites_page_or_name_changes_nothing_and_sees_nothing(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    ada.get(f"{base}/")
    before = sorted(os.walk(small.parent.parent))
    for path in ("/name", "/open", "/new", "/example", "/forget", f"{base}/screen/abstract/decide", f"{base}/leave"):
        fields = {
            "name": "x",
            "folder": str(small),
            "title": "T",
            "questions": "Q?",
            "stage": "abstract",
            "parent": ".",
        }
        for headers in (
            {},
            {"X-CSRF-Token": "x"},
            {"X-CSRF-Token": ada.csrf, "Origin": "http://evil.example"},
            {"X-CSRF-Token": ada.csrf, "Origin": "null"},
            {"X-CSRF-Token": ada.csrf, "Sec-Fetch-Site": "same-site"},
        ):
            assert ada.client.post(path, data=fields, headers=headers).status_code == 403, (path, headers)
        assert (
            ada.client.post(path, data=fields, headers={"X-CSRF-Token": ada.csrf, "Host": "evil.example"}).status_code
            == 400
        )
    for path in ("/", "/new", "/open", "/state?review=x", f"{base}/", "/static/app.css"):
        assert CLIENT.TestClient(ada.client.app, base_url=ORIGIN).get(path).status_code == 403
    assert sorted(os.walk(small.parent.parent)) == before


def test_pages_of_the_site_hold_only_scripts_of_its_own_and_no_address_beyond_it(ada: Browser, small: Path) -> None:
    base = ada.opened(small)
    for path in ("/", "/new", "/open", "/?name=change", f"{base}/", f"{base}/records", "/r/gone-1/"):
        page = ada.get(path)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.text.count("<script") == len(re.findall(r'<script src="/static/[a-z0-9.-]+"', page.text)) > 0
        assert " style=" not in page.text
        within = re.findall(r'\s(?:href|src|action|hx-get|hx-post)="(/[^"]*)"', page.text)
        if path.startswith(base):
            assert {address for address in within if not address.startswith((f"{base}/", "/static/"))} == {
                "/",
                f"/?name=change&amp;to={base.removeprefix('/r/')}",
            }


def judged(folder: Path) -> set[tuple[str, str]]:
    """Who has judged which record."""
    ledger = Ledger.for_reading(folder / ".screener")
    with ledger.read() as connection:
        rows = {(row.reviewer, row.record_id) for row in reads.judgements(connection, Stage.ABSTRACT, roles=("human",))}
    ledger.close()
    return rows


def leases(folder: Path) -> int:
    """How many records are open with anybody."""
    from screener.ledger import open_records

    ledger = Ledger.for_reading(folder / ".screener")
    with ledger.read() as connection:
        count = sum(len(of_record) for of_record in open_records(connection, Stage.ABSTRACT).values())
    ledger.close()
    return count
