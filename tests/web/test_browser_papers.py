"""Full text and extraction in a real browser: the page beside the form, by keyboard, read back from the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import Desk, needs_browser
from support.web_app import drafts_of, judged_at

from screener.core.judgement import Stage

if TYPE_CHECKING:
    pass


pytestmark = [needs_browser, pytest.mark.slow]


def select_line(desk: Desk, words: str) -> None:
    """Draw the pointer over the line of the page that begins with some words, as a hand does: not quite from its first letter."""
    line = desk.page.locator(".page-lines > span", has_text=words).first
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    desk.page.mouse.move(box["x"] + 9, middle)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] + box["width"] - 6, middle, steps=4)
    desk.page.mouse.up()


def test_an_extraction_is_checked_by_keyboard(desk: Desk, papers: Path) -> None:
    desk.go("e", ".item")
    name = desk.page.input_value("form[data-enter] [name=record]")
    desk.keys("v")
    desk.page.wait_for_selector(".marks .found")
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
    desk.page.wait_for_selector(".marks .hit.now")
    assert desk.page.inner_text(".found-count").startswith("1 of ")
    desk.keys("n")  # in the pages it goes to the next match, and answers nothing
    desk.page.wait_for_function("() => document.querySelector('.found-count').textContent.startsWith('2 of ')")
    assert desk.page.query_selector("#judge [value=no]:checked") is None
    desk.keys("Escape")
    desk.page.wait_for_selector(".found-bar", state="hidden")
    width = "document.querySelector('.leaf').offsetWidth"
    usual = desk.page.evaluate(width)
    desk.keys("=")
    larger = desk.page.evaluate(width)
    assert larger > usual
    desk.page.reload()
    desk.page.wait_for_selector(".leaf img")
    assert desk.page.evaluate(width) == larger, "the size is kept in the browser"
    desk.keys("f", "f")
    assert desk.page.evaluate(width) < larger, "a whole page is in view"
    desk.page.focus("main")
    desk.keys("2", "n")
    desk.page.wait_for_selector("#verdict .tag.exclude")
    desk.save()
    assert judged_at(papers, Stage.FULLTEXT)[name].failed() == "pretraining"


def test_what_is_selected_on_the_page_is_the_quote_of_the_question_and_of_the_item(desk: Desk, papers: Path) -> None:
    desk.go("f")
    name = desk.record
    desk.page.wait_for_selector(".page-lines > span")
    panel = desk.page.evaluate("(box => box.scrollHeight - box.clientHeight)(document.querySelector('#judge'))")
    assert panel <= 0, "all criteria are in view beside the page"
    select_line(desk, "Abstract")
    desk.page.wait_for_selector("#quote-this:not([hidden])")
    desk.keys("2", "q")
    desk.page.wait_for_selector("[data-stop=pretraining] .own-quote:not([hidden])")
    desk.page.wait_for_selector(".marks .found")
    desk.page.wait_for_selector("#verdict .saved:text('draft saved')")
    desk.page.reload()
    desk.page.wait_for_selector("[data-stop=pretraining] .own-quote:not([hidden])")
    desk.keys("]", "2", "v")  # the quote is shown again where it stands
    desk.page.wait_for_selector(".leaf[data-number='1'] .marks .found")
    desk.keys("n")
    desk.page.wait_for_selector("#verdict .tag.exclude")
    desk.save()
    (quote,) = judged_at(papers, Stage.FULLTEXT)[name].answers["pretraining"].evidence
    assert (quote.document, quote.page, quote.status) == ("main", 1, "exact")
    assert quote.quote.startswith("Abstract. ")
    assert "\n" not in quote.quote, "a line, from its first whole word to its last"
    desk.go("e", ".item")
    name = desk.page.input_value("form[data-enter] [name=record]")
    paths = desk.page.eval_on_selector_all("[data-stop]", "all => all.map(one => one.dataset.stop)")
    path = next(path for path in paths if path.endswith("identity.name"))
    while desk.page.get_attribute(".item.active", "data-stop") != path:
        desk.keys("j")
    desk.page.wait_for_selector(".page-lines > span")
    select_line(desk, "Abstract")
    desk.page.wait_for_selector("#quote-this:not([hidden])")
    desk.keys("q")  # opens the item's form and goes to its value
    desk.page.keyboard.type("X")
    with desk.page.expect_response("**/extract/item"):
        desk.keys("Enter")
    kept = drafts_of(papers, "ada")[name]["items"][path]  # type: ignore[index]
    assert kept["evidence"][0]["quote"].startswith("Abstract. ")
    assert kept["evidence"][0]["status"] == "exact"
