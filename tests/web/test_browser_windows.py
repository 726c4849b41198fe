"""Windows in a real browser: one that is closed gives its record back, and what was refused stays until it is dismissed."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import Desk, needs_browser
from support.web_app import Running, drafts_of, human, running, small_review

from screener.web.private_files import start_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [needs_browser, pytest.mark.slow]
NO = {"answer.signal": "no"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One app for all tests of this file."""
    folder = small_review(tmp_path_factory.mktemp("windows") / "review").root
    with running(folder, "ada") as app:
        yield app


@pytest.fixture(scope="module")
def desk(browser: "Browser", app: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Ada's browser, opened by the private page, and in `app` the same person in another window."""
    page = tmp_path_factory.mktemp("start") / "start.html"
    start_page(page, app.address)
    desk = Desk(browser, replace(app, address=page.as_uri()))
    assert desk.page.url == f"{app.origin}/"
    for cookie in desk.page.context.cookies():
        app.session.cookies.set(cookie["name"], cookie["value"])
    app.csrf = desk.page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRF-Token']")
    yield desk
    desk.page.context.close()
    assert desk.complaints == []


def shots(folder: Path) -> Path:
    """The folder of the screenshots."""
    pictures = Path(os.environ.get("SCREENER_SHOTS", folder / "shots"))
    pictures.mkdir(parents=True, exist_ok=True)
    return pictures


def test_a_window_that_is_closed_gives_its_record_back_with_what_was_begun(desk: Desk) -> None:
    desk.go("s")
    other = desk.page.context.new_page()
    other.goto(desk.page.url)
    other.wait_for_selector("#judge")
    begun = other.input_value("#judge [name=record]")
    assert begun != desk.record
    other.keyboard.press("n")
    other.wait_for_selector("#verdict .tag.exclude")
    other.close()
    first = desk.record
    desk.keys("s")
    desk.page.wait_for_function("name => document.querySelector('#judge [name=record]')?.value !== name", arg=first)
    assert desk.record == begun
    assert desk.page.is_checked("input[name='answer.signal'][value=no]")


def test_a_page_that_is_loaded_again_keeps_its_record(desk: Desk) -> None:
    desk.go("s")
    name = desk.record
    desk.page.reload()
    desk.page.wait_for_selector("#judge")
    assert desk.record == name


def test_a_refusal_stays_until_it_is_dismissed_and_covers_no_button(desk: Desk, app: Running, tmp_path: Path) -> None:
    desk.go("s")
    app.get("/screen/abstract/card", record=desk.record)
    desk.keys("n", "Enter")
    desk.page.wait_for_selector(".refusal:has-text('open in another window of yours')")
    desk.page.screenshot(path=shots(tmp_path) / "refusal.png")
    refusal, save = desk.page.locator(".refusal").bounding_box(), desk.page.locator("button.main").bounding_box()
    assert refusal is not None
    assert save is not None
    assert refusal["y"] + refusal["height"] < save["y"]
    assert desk.page.inner_text("#message") == ""
    desk.save()
    desk.go("r", "table")
    assert desk.page.locator(".refusal").count() == 1
    desk.keys("Escape")
    assert desk.page.locator(".refusal").count() == 0
    desk.go("s")
    assert desk.page.locator(".refusal").count() == 0


@pytest.mark.slow
def test_what_is_typed_while_the_app_is_gone_is_kept_and_offered_again(
    browser: "Browser", folder: Path, tmp_path: Path
) -> None:
    with running(folder, "ada") as first:
        desk = Desk(browser, first)
        page = desk.page
        desk.go("s")
        name = desk.record
        desk.keys("n", "m")
        page.keyboard.type("sent")
        page.wait_for_selector("#verdict .saved:text-is('draft saved')")
        first.process.kill()
        first.process.wait(10)
        page.keyboard.type(" and not")
        page.wait_for_selector("#verdict .saved:text-is('not sent; kept in this browser')")
        assert "is kept in this browser" in page.inner_text("#trouble")
        page.screenshot(path=shots(tmp_path) / "gone.png")
        with running(folder, "ada") as again:
            assert again.origin == first.origin
            page.reload()
            page.wait_for_selector(".unsent")
            page.screenshot(path=shots(tmp_path) / "offered.png")
            assert desk.record == name
            assert page.input_value("#note") == "sent"
            desk.keys("r")
            page.wait_for_selector("#verdict .saved:text-is('draft saved')")
            assert page.input_value("#note") == "sent and not"
            assert page.locator(".unsent").count() == 0
            desk.save()
            assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent'))") == []
    assert human(folder, "ada")[name].reason == "sent and not"
    page.context.close()


@pytest.mark.slow
def test_what_is_typed_into_an_item_while_the_app_is_gone_is_offered_in_that_item(
    browser: "Browser", papers: Path, tmp_path: Path
) -> None:
    with running(papers, "ada") as first:
        desk = Desk(browser, first)
        page = desk.page
        desk.go("e", ".item")
        path = page.get_attribute(".item.active", "data-stop")
        field = f"form[id='edit-{path}'] [name=quote]"
        desk.keys("e")
        first.process.kill()
        first.process.wait(10)
        page.fill(field, "typed in vain?")
        page.wait_for_selector("#trouble:not([hidden])")
        with running(papers, "ada"):
            page.reload()
            page.wait_for_selector(f"form[id='edit-{path}']:not([hidden]) .unsent")
            page.screenshot(path=shots(tmp_path) / "item.png")
            page.click(".unsent button:has-text('Restore')")
            assert page.input_value(field) == "typed in vain?"
            page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('unsent'))")
            (draft,) = drafts_of(papers, "ada").values()
            assert draft["typed"][path]["quote"] == "typed in vain?"
    page.context.close()
