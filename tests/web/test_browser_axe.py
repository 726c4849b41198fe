"""Nothing for axe to find on pages of a review that other tests of browsers do not look at, in any size, light and dark."""

from pathlib import Path

import pytest
from support import Cli
from support.axe import looked_at
from support.browser import Desk, needs_browser
from support.results import judged_review
from support.web_app import running

pytestmark = [pytest.mark.slow, needs_browser]
PAGES = (
    "/screen/abstract", "/conflicts", "/duplicates", "/duplicates/exact", "/models", "/gold", "/setup", "/setup/sources",
    "/nothing",
)  # fmt: skip


def test_axe_finds_nothing_above_minor_on_the_pages_of_a_review(tmp_path: Path, cli: Cli, browser) -> None:  # type: ignore[no-untyped-def]
    judged_review(tmp_path / "review")
    rows = "title,year,doi\nShort naps and the memory of lists in adults,2019,10.1/a\nShort naps and the memory of lists in adults,2019,10.1/a\n"
    (tmp_path / "two.csv").write_text(rows)
    assert cli("import", tmp_path / "two.csv", "--review", tmp_path / "review").code == 0
    with running(tmp_path / "review", "zoe") as app:
        desk = Desk(browser, app)
        found = [line for path in PAGES for line in looked_at(desk.page, app.origin + path)]
        for path in PAGES[:2]:
            desk.page.goto(app.origin + path)
            desk.page.wait_for_selector("#judge")  # and not that nothing is left
        desk.page.goto(f"{app.origin}/duplicates")
        pairs = desk.page.inner_text("main")
        desk.page.context.close()
    assert "not checked yet" in pairs, pairs
    assert found == [], "\n".join(found)
