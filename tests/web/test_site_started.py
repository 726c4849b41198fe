"""`screener` and `screener open` as programs: the address, what a kill leaves, and a first label in three keys."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from support.axe import looked_at
from support.browser import WAIT, needs_browser
from support.web_app import Running, human, record_on, site, small_review

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-c", "from screener.cli.main import main; main()"]
SAVED = "#message:not(:empty)"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a review in it, and nothing remembered of its user."""
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    small_review(tmp_path / "work" / "small")
    return tmp_path / "work"


def named(app: Running, name: str = "ada") -> Running:
    """Enter, say a name and go on with the token of the page."""
    assert app.enter().post("/name", name=name).status_code == 204
    return app.enter_again()


def opened(app: Running, folder: Path) -> str:
    """Open a folder; the address of its review, without the last slash."""
    return app.post("/open", folder=str(folder)).headers["HX-Redirect"].rstrip("/")


@pytest.fixture
def program(work: Path) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(COMMAND, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "BROWSER": "true"})  # fmt: skip
    yield started
    started.terminate()
    started.communicate(timeout=30)


def test_without_a_command_the_program_serves_its_start_page(program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    address = program.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:")
    assert requests.get(address.partition("?")[0], timeout=30).status_code == 403
    session = requests.Session()
    assert session.get(address, timeout=30).status_code == 200
    assert "What is your name?" in session.get(address.partition("?")[0], timeout=30).text


def test_help_still_helps_and_without_the_apps_packages_one_line_says_what_to_install(work: Path) -> None:
    told = subprocess.run([*COMMAND, "--help"], cwd=work, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0
    assert "adjudicate" in told.stdout
    hidden = [sys.executable, "-c", f"import sys; sys.modules['fastapi'] = None; {COMMAND[2]}"]
    for more in ([], ["open"]):
        told = subprocess.run([*hidden, *more], cwd=work, capture_output=True, text=True, timeout=60)
        assert told.returncode == 2
        assert "pip install 'screener[ui]'" in told.stderr
        assert len(told.stderr.splitlines()) == 1
        assert told.stdout == ""


def test_in_a_review_the_address_leads_to_it_and_a_folder_that_is_not_there_is_told(work: Path) -> None:
    with site(work / "small") as app:
        assert "/r/small-" in app.address
        named(app)
        page = app.session.get(app.address.partition("?")[0], timeout=30)
        assert "small" in page.text
        assert "Next: titles and abstracts" in page.text
    told = subprocess.run([*COMMAND, "open", "nowhere"], cwd=work, capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stdout) == (2, "")
    assert "nowhere: no such folder" in told.stderr


def test_after_a_kill_the_open_page_goes_on_and_name_and_list_are_there(work: Path) -> None:
    with site(work) as app:
        base = opened(named(app), work / "small")
        name = record_on(app.get(f"{base}/screen/abstract/card").text)
        app.process.kill()
        app.process.wait(10)
        with site(work) as again:
            assert again.origin == app.origin
            saved = app.post(f"{base}/screen/abstract/decide", record=name, **{"answer.signal": "no"})
            assert saved.status_code == 200
            assert f'href="{base}/"' in app.get("/").text
    assert human(work / "small", "ada").keys() == {name}


@needs_browser
def test_a_review_opened_before_gets_its_first_label_with_three_keys(work: Path, browser) -> None:  # type: ignore[no-untyped-def]
    with site(work) as app:
        base = opened(named(app), work / "small")
        assert app.get(f"{base}/").status_code == 200
    with site(work) as app:
        page = browser.new_page()
        page.set_default_timeout(WAIT)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        begun, keys = time.monotonic(), 0
        page.goto(app.address)
        for key, wanted in (("Enter", "#judge"), ("n", "#verdict .tag.exclude"), ("Enter", SAVED)):
            page.wait_for_selector("body.cues-on")
            page.keyboard.press(key)
            page.wait_for_selector(wanted, state="attached")
            keys += 1
        print(f"from the start address to the first label: {keys} keys, {time.monotonic() - begun:.2f} s")
        page.close()
        assert complaints == []
    assert len(human(work / "small", "ada")) == 1
    assert keys <= 3


@needs_browser
def test_two_tabs_work_on_two_reviews_and_a_new_one_is_made_by_keyboard(work: Path, browser) -> None:  # type: ignore[no-untyped-def]
    small_review(work / "second")
    with site(work) as app:
        context = browser.new_context()
        context.set_default_timeout(WAIT)
        first, second = context.new_page(), context.new_page()
        first.goto(app.address)
        first.wait_for_selector("body.cues-on #name:focus")
        first.keyboard.type("Ada")
        first.keyboard.press("Enter")
        for page, folder in ((first, "small"), (second, "second")):
            if page is second:
                page.goto(app.origin)
            page.wait_for_selector("body.cues-on .start")
            page.keyboard.press("o")
            page.wait_for_selector("#folder")
            page.keyboard.type(folder)
            page.keyboard.press("Enter")
            page.wait_for_selector("body.cues-on .stages")
            page.keyboard.press("Enter")
            page.wait_for_selector("body.cues-on #judge")
        for page in (first, second):
            page.keyboard.press("n")
            page.wait_for_selector("#verdict .tag.exclude")
            page.keyboard.press("Enter")
            page.wait_for_selector(SAVED, state="attached")
        second.keyboard.press("g")
        second.keyboard.press("h")
        second.wait_for_selector("body.cues-on .start")
        second.keyboard.press("n")
        second.wait_for_selector("#title")
        second.keyboard.type("Exercise for adults")
        second.keyboard.press("Tab")
        second.keyboard.type("Does it help?")
        second.click("text=Create the review")
        second.wait_for_selector("text=Set up this review")
        context.close()
    assert [len(human(work / name, "Ada")) for name in ("small", "second")] == [1, 1]
    assert (work / "exercise-for-adults" / "prompts" / "review.yaml").is_file()


@needs_browser
def test_axe_finds_nothing_above_minor_on_the_pages_around_reviews(work: Path, browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    found: list[str] = []
    with site(work) as app:
        entered = named(app)
        base = opened(entered, work / "small")
        gone = opened(entered, work / "small")
        made = entered.post("/new", title="T", questions="Q?", stage="abstract", parent=".").headers["HX-Redirect"]
        paths = ("/", "/?name=change", "/new", "/open", "/r/gone-1/", f"{gone}/", made)
        cookies = [{"name": c.name, "value": c.value or "", "url": app.origin} for c in app.session.cookies]
        context = browser.new_context()
        context.add_cookies(cookies)
        page = context.new_page()
        for path in paths:
            found += looked_at(page, app.origin + path)
        context.close()
        assert base in paths[5]
    assert found == []
