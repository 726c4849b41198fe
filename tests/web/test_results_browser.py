"""Results in a real browser: nothing for axe to find in any size, and the audit ZIP is made, downloaded and holds."""

import json
import zipfile
from pathlib import Path

import pytest
from support import Cli
from support.axe import looked_at
from support.browser import WAIT, Desk, needs_browser
from support.results import judged_review
from support.tables import extract, reported, trials
from support.web_app import running

pytest.importorskip("fastapi")
pytestmark = [pytest.mark.slow, needs_browser]


def test_axe_finds_nothing_above_minor_on_results_trust_and_tables(tmp_path: Path, cli: Cli, browser) -> None:  # type: ignore[no-untyped-def]
    judged_review(tmp_path / "review")
    tables = trials(tmp_path / "tables", cli)
    extract(tables, "ada", "ann", {"arms[0].name.drug": reported("A drug")})
    found: list[str] = []
    for folder, who, paths in (
        (tmp_path / "review", "ben", ("/results", "/trust")),
        (tables, "ann", ("/tables?name=arms&column=id&sort=id",)),
    ):
        with running(folder, who) as app:
            desk = Desk(browser, app)
            for path in paths:
                desk.page.goto(app.origin + path)
                # A name that another page gives something else takes a table apart.
                kinds = "[...new Set([...document.querySelectorAll('main table')].map(one => getComputedStyle(one).display))]"
                assert desk.page.evaluate(kinds) in (["table"], [])
                found += looked_at(desk.page, app.origin + path)
            desk.page.context.close()
            assert desk.complaints == []
    assert found == [], "\n".join(found)


def test_the_audit_is_made_with_progress_and_holds(
    tmp_path: Path,
    cli: Cli,
    browser,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "own"))
    folder = tmp_path / "review"
    judged_review(folder)
    with running(folder, "ben") as app:
        desk = Desk(browser, app)
        page = desk.page
        page.goto(f"{app.origin}/results")
        for texts in (False, True):
            page.set_checked("input[name=texts]", texts)
            page.click("text=Make the audit ZIP")
            page.wait_for_selector(f"a[href='/results/audit.zip{'?texts=yes' * texts}']", timeout=WAIT)
            with page.expect_download() as download:
                page.click("text=Download the audit")
            assert download.value.suggested_filename == f"review-audit{'' if texts else '-without-texts'}.zip"
            download.value.save_as(tmp_path / f"{texts}.zip")
        page.context.close()
        assert desk.complaints == []
    checked = cli("check", "--audit", tmp_path / "False.zip")
    assert checked.code == 0, checked.out + checked.err
    for texts in (False, True):
        with zipfile.ZipFile(tmp_path / f"{texts}.zip") as file:
            assert json.loads(file.read("manifest.json"))["texts"] is texts
