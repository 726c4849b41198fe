"""The navigation: every screen is two clicks or two keys away, whatever the size of the window."""

import pytest
from support.browser import needs_browser

pytestmark = [needs_browser, pytest.mark.slow]


def test_menus_open_close_and_lead_on_and_the_title_is_whole(open_desk) -> None:  # type: ignore[no-untyped-def]
    page = open_desk("ada").page
    cut = page.evaluate(
        "(() => { const b = document.querySelector('.brand'); return b.scrollHeight > b.clientHeight; })()"
    )
    assert not cut
    page.click("summary >> text=Records")
    page.click("summary >> text=Review")
    assert page.locator("details.menu[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    assert page.evaluate("document.activeElement.textContent.trim()") == "Review"
    page.keyboard.press("Enter")
    page.click(".menu a >> text=Gold")
    page.wait_for_selector(".menu.current summary >> text=Review")
    assert page.get_attribute("nav [aria-current]", "href") == "/gold"
    page.click("summary >> text=Records")
    page.click("main h1", position={"x": 4, "y": 4})
    assert page.locator("details.menu[open]").count() == 0


def test_on_a_phone_the_screens_are_behind_one_button_and_keys_reach_them_unopened(open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada", "light", (390, 844))
    page = desk.page
    assert not page.is_visible("nav a >> text=Conflicts")
    page.click(".to-screens")
    assert page.get_attribute(".to-screens", "aria-expanded") == "true"
    page.click("nav a >> text=Conflicts")
    page.wait_for_selector("nav a[aria-current][href='/conflicts']", state="attached")
    desk.go("d", "main.screen-duplicates")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
