"""Nothing for axe to find on pages of a review that other tests of browsers do not look at, in any size, light and dark."""

import json
from pathlib import Path

import pytest
from support import Cli
from support.axe import looked_at, looked_at_now
from support.browser import Desk, needs_browser
from support.results import judged_review
from support.tables import extract, reported, trials
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
        found += previews(desk, app.origin)
        desk.page.context.close()
    assert "not checked yet" in pairs, pairs
    assert found == [], "\n".join(found)


def previews(desk: Desk, origin: str) -> list[str]:
    """What is wrong with what is looked at before it is done: a decision on many, and an assignment."""
    page, found = desk.page, []
    page.goto(f"{origin}/records")
    page.check("input[name=which][value=all]")
    page.select_option("select[name=choice]", "include")
    page.fill("input[name=reason]", "All of them fit.")
    page.press("input[name=reason]", "Enter")
    page.wait_for_selector("#bulk-title")
    found += looked_at_now(page, "a decision on many")
    page.goto(f"{origin}/assignment")
    page.fill("#share-new", "1")
    page.fill("[aria-label='Another person’s name']", "Dora")
    page.click("text=Preview")
    page.wait_for_selector("#assigning-title")
    return found + looked_at_now(page, "an assignment")


def test_axe_finds_nothing_above_minor_where_extractions_differ_and_where_words_may_mean_the_same(
    tmp_path: Path, cli: Cli, browser
) -> None:  # type: ignore[no-untyped-def]
    folder = trials(tmp_path / "review", cli)
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("{humans: 1, machine", "{humans: 2, machine"))
    (folder / "ada.txt").write_text("Low dose aspirin was given in Norway and in Sweden.\n")
    assert cli("attach", "ada", folder / "ada.txt", "--review", folder).code == 0
    (folder / "gold").mkdir()
    (folder / "gold" / "gold.yaml").write_text("name: small\nstatus: provisional\nlevel: final\nsplit: {salt: s}\n")
    gold = {"id": "ada", "path": "arms[0].name.drug", "status": "reported", "value": "low dose aspirin coated tablets"}
    (folder / "gold" / "extraction.jsonl").write_text(f"{json.dumps(gold)}\n")
    machine = {"arms[0].name.drug": reported("low dose aspirin uncoated tablets"), "arms[0].name.code": reported("C1")}
    extract(folder, "ada", "embedded", machine, role="machine")
    for who, drug, code in (("ben", "aspirin", "C1"), ("cara", "low dose aspirin", "C2")):
        answers = {"arms[0].name.drug": reported(drug), "arms[0].name.code": reported(code)}
        extract(folder, "ada", who, {**answers, "trial.countries": reported(["Norway", "Sweden"])})
    with running(folder, "zoe") as app:
        desk = Desk(browser, app)
        found = looked_at(desk.page, f"{app.origin}/conflicts?stage=extraction")
        assert "2 of 2 items open" in desk.page.inner_text(".strip")
        found += looked_at(desk.page, f"{app.origin}/conflicts?stage=extraction&names=shown")
        found += looked_at(desk.page, f"{app.origin}/meanings")
        assert "Pair 1 of 1" in desk.page.inner_text(".strip")
        desk.page.context.close()
    assert found == [], "\n".join(found)
