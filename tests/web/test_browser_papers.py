"""Full text and extraction in a real browser: the page beside the form, by keyboard, read back from the ledger."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import Desk, needs_browser
from support.web_app import drafts_of, judged_at, running

from screener.core.judgement import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser


pytestmark = [needs_browser, pytest.mark.slow]


@pytest.fixture
def desk(browser: "Browser", papers: Path) -> Iterator[Desk]:
    with running(papers, "ada") as app:
        desk = Desk(browser, app)
        yield desk
        desk.page.context.close()
        assert desk.complaints == []


def shot(desk: Desk, folder: Path, name: str) -> None:
    pictures = Path(os.environ.get("SCREENER_SHOTS", folder / "shots"))
    pictures.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        desk.page.screenshot(path=pictures / f"{name}-{theme}.png")


def test_an_extraction_is_checked_by_keyboard(desk: Desk, papers: Path) -> None:
    desk.go("e", ".item")
    name = desk.page.input_value("form[data-enter] [name=record]")
    desk.keys("v")
    desk.page.wait_for_selector("svg.page-image rect.found")
    shot(desk, papers, "extract")
    open_ = int(desk.page.inner_text("#open-count"))
    for done in range(1, open_ + 1):
        path = desk.page.get_attribute(".item.active", "data-stop")
        accept = desk.page.query_selector(".item.active [data-press=y]")
        desk.keys("y" if accept else "x")
        desk.page.wait_for_function(
            "n => document.querySelector('#open-count').textContent === String(n)", arg=open_ - done
        )
        assert done == open_ or desk.page.get_attribute(".item.active", "data-stop") != path
    desk.keys("Enter")
    desk.page.wait_for_selector("#message:has-text('Saved:')")
    mine, machine = judged_at(papers, Stage.EXTRACTION)[name], judged_at(papers, Stage.EXTRACTION, "machine")[name]
    assert mine.decision == "include"
    taken = [path for path, item in machine.items.items() if item.status == "reported"]
    assert taken
    assert all(mine.items[path] == machine.items[path] for path in taken)


def test_items_are_corrected_by_keyboard_and_typing_is_no_command(desk: Desk, papers: Path) -> None:
    desk.go("e", ".item")
    name = desk.page.input_value("form[data-enter] [name=record]")
    paths = desk.page.eval_on_selector_all("[data-stop]", "all => all.map(one => one.dataset.stop)")
    text = next(path for path in paths if path.endswith("identity.name"))
    many = next(path for path in paths if path.endswith("study.settings"))
    for path, typed in ((many, ("Space",)), (text, ("n", "y", "x"))):
        while desk.page.get_attribute(".item.active", "data-stop") != path:
            there = desk.page.get_attribute(".item.active", "data-stop")
            desk.keys("j" if paths.index(there) < paths.index(path) else "k")
        desk.keys("e", "Tab", "Shift+Tab", *typed)
        desk.page.wait_for_function("() => !document.querySelector('.htmx-request')")  # what was typed is kept
        assert desk.page.get_attribute(".item.active", "data-stop") == path, "and nothing has moved on"
        bottom, foot = desk.page.evaluate(
            "[document.activeElement, document.querySelector('.panel-foot')].map((one) => one.getBoundingClientRect())"
            ".map((box, n) => n ? box.top : box.bottom)"
        )
        assert bottom <= foot, "the field that is typed into is in sight"
        with desk.page.expect_response("**/extract/item"):
            desk.keys("Enter")
        desk.page.wait_for_function("path => document.querySelector('.item.active').dataset.stop !== path", arg=path)
    kept = drafts_of(papers, "ada")[name]["items"]
    assert kept.keys() == {many, text}  # type: ignore[attr-defined]
    assert kept[text]["value"].endswith("nyx")  # type: ignore[index]
    assert desk.page.input_value("form[data-enter] [name=record]") == name


def test_a_full_text_is_searched_and_judged_by_keyboard(desk: Desk, papers: Path) -> None:
    desk.go("f")
    name = desk.record
    desk.keys("/")
    desk.page.keyboard.type("electrocardiogra*")
    desk.keys("Enter")
    desk.page.wait_for_selector(".hits li")
    desk.page.click(".hits li:first-child button")
    desk.page.wait_for_selector("svg.page-image rect.found")
    shot(desk, papers, "fulltext")
    desk.page.focus("main")
    desk.keys("2", "n")
    desk.page.wait_for_selector("#verdict .tag.exclude")
    desk.save()
    assert judged_at(papers, Stage.FULLTEXT)[name].failed() == "pretraining"
