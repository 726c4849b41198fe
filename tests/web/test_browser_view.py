"""How the pages are looked at in a real browser: sizes, density, keys of one's own, and the questions on a phone."""

from typing import TYPE_CHECKING

import pytest
from support.axe import looked_at, violations
from support.browser import Desk, needs_browser

if TYPE_CHECKING:
    pass

pytestmark = [needs_browser, pytest.mark.slow]


def answers(desk: Desk) -> list[str]:
    found: list[str] = desk.page.eval_on_selector_all("#judge input:checked", "all => all.map(one => one.value)")
    return found


def signs(desk: Desk) -> list[str]:
    """The counts of questions out of sight, above and below."""
    found: list[str] = desk.page.eval_on_selector_all(
        ".panel-in .more", "all => all.filter(one => !one.hidden).map(one => one.textContent)"
    )
    return found


def test_pages_of_documents_are_accessible_in_all_sizes_and_colours(desk: Desk) -> None:
    origin = "/".join(desk.page.url.split("/")[:3])
    found = looked_at(desk.page, f"{origin}/extract")
    assert desk.page.query_selector(".item"), "there is a form to fill"
    found += looked_at(desk.page, f"{origin}/screen/fulltext")
    assert desk.page.query_selector(".page-lines > span"), "the text of a page is there for all to read"
    assert found == []
    desk.page.click("[data-action=keys]")
    desk.page.click("[data-keys=change]")
    assert violations(desk.page) == []


def test_keys_are_changed_switched_off_and_kept(desk: Desk) -> None:
    desk.go("f")
    before = answers(desk)
    desk.keys("?")
    desk.page.click("[data-keys=change]")
    desk.page.click("#keys dt kbd[data-key=y]")
    desk.keys("i")
    assert "i does now what y did" in desk.page.inner_text("#keys-note")
    desk.keys("Escape")
    desk.page.wait_for_selector("#keys", state="hidden")
    desk.keys("y")
    assert answers(desk) == before
    desk.keys("i")
    assert answers(desk) == ["yes", *before]
    desk.page.reload()
    desk.page.wait_for_selector("#judge")
    desk.page.click("[data-action=keys]")
    assert desk.page.inner_text("#keys dt kbd[data-key=y] >> nth=0") == "i"
    desk.page.click("[data-keys=reset]")
    desk.page.check("[name=view-keys][value=off]")
    desk.page.click("#keys form button")
    desk.page.reload()
    desk.page.wait_for_selector("#judge")
    desk.page.wait_for_selector("#verdict .saved:text('draft saved')")
    desk.keys("2", "n")
    assert answers(desk) == ["yes", *before]
    desk.keys("ArrowDown")
    assert desk.page.get_attribute(".criterion.active", "data-stop") != "development"


def test_questions_out_of_sight_are_counted_and_a_phone_has_them_at_its_bottom_edge(desk: Desk) -> None:
    desk.go("f")
    assert signs(desk) == []
    desk.page.set_viewport_size({"width": 1280, "height": 560})
    desk.page.wait_for_selector(".more.below:not([hidden])")
    assert signs(desk)[0].startswith("↓")
    desk.page.click(".more.below")
    desk.page.wait_for_selector(".more.above:not([hidden])")
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.page.wait_for_function("innerWidth === 390")
    low = desk.page.locator("#judge").bounding_box()
    assert low is not None
    assert low["y"] + low["height"] == pytest.approx(844, abs=1)
    pages = desk.page.locator(".scroller").bounding_box()
    assert pages is not None
    assert pages["height"] > 200
    assert pages["y"] + pages["height"] <= low["y"] + 1, "the sheet covers no page"
    desk.page.click("[data-raise]")
    desk.page.wait_for_function(
        "top => document.querySelector('#judge').getBoundingClientRect().top < top", arg=low["y"]
    )


def test_text_size_and_density_are_kept_in_the_browser(desk: Desk) -> None:
    desk.go("s")
    height = "document.querySelector('.criterion').offsetHeight"
    usual = desk.page.evaluate(height)
    desk.page.click(".menu.view summary")
    desk.page.check("[name=view-density][value=compact]")
    compact = desk.page.evaluate(height)
    assert compact < usual
    desk.page.check("[name=view-text][value=larger]")
    assert desk.page.evaluate(height) > compact
    desk.page.reload()
    desk.page.wait_for_selector("#judge")
    assert desk.page.evaluate("[document.documentElement.dataset.text, document.documentElement.dataset.density]") == [
        "larger",
        "compact",
    ]
