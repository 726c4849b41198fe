"""Assignment in the browser: split by shares, looked at before it is done, taken back; axe finds nothing."""

from collections.abc import Callable

import pytest
from support.axe import looked_at
from support.browser import Desk, needs_browser

pytestmark = [pytest.mark.slow, needs_browser]


def test_records_are_assigned_and_taken_back(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk("ada")
    page = desk.page
    address = "/".join(page.url.split("/")[:3]) + "/assignment"
    page.goto(address)
    page.get_by_label("Another person’s name").fill("Dee O'Hara")
    page.get_by_label("Their share").fill("2")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Assign 14 records?").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Assigned last").wait_for()
    row = page.get_by_role("row", name="Dee O'Hara")
    assert row.get_by_role("cell").nth(0).inner_text() == "14"
    assert looked_at(page, address) == []
    page.get_by_role("button", name="Take back what was assigned").click()
    page.get_by_text("Taken back: 28 assignments").wait_for()
    assert row.count() == 0
