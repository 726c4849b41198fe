"""The list of records and the page of one in a browser: facets keep the keyboard, Back leads back, nothing is out of reach."""

from pathlib import Path

import pytest
from support.axe import looked_at
from support.browser import needs_browser
from support.web_app import STAGE

from screener.adjudication.queue import enter
from screener.core.judgement import Answer, Decision, Judgement, Value
from screener.ledger import Ledger, add_files
from screener.protocol.model import Review
from screener.records import Entry, FileRead, Hit

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")
pytestmark = [pytest.mark.slow, needs_browser]


def test_a_facet_narrows_and_back_widens_and_a_note_is_written_by_keyboard(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    answers = {"signal": Answer(value=Value.NO)}
    enter(ledger, review, STAGE, "r0", "ada", Judgement(decision=Decision.EXCLUDE, answers=answers))
    hit = Hit(source="Base", row=1, entry=Entry(title="An older paper", given_id="old", year=1999))
    add_files(ledger, [FileRead(path="b", format="csv", source="Base", sha256="b", hits=(hit,), rejected=())])
    ledger.close()
    desk = open_desk("ada")
    page = desk.page
    desk.go("r", "table")
    page.check("[name=show][value=open]")
    page.wait_for_url("**show=open**")
    assert page.evaluate("document.activeElement.value") == "open"  # the keyboard is still on what was ticked
    page.check("[name=year][value='2020']")
    page.wait_for_url("**year=2020**")
    page.go_back()
    page.wait_for_function("() => !document.querySelector('[name=year][value=\"2020\"]').checked")
    assert page.is_checked("[name=show][value=open]")
    page.focus("main")
    desk.keys("j", "Enter")
    page.wait_for_selector("#note-text")
    desk.keys("m")
    page.keyboard.type("Same cohort?")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".note-text:has-text('Same cohort?')")
    desk.keys("p")
    page.wait_for_selector("[name=show][value=open]:checked")


def test_axe_finds_nothing_above_minor_on_records_and_the_page_of_one(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    page = open_desk("ada").page
    origin = "/".join(page.url.split("/")[:3])
    found = looked_at(page, f"{origin}/records?q=paper&year=2020") + looked_at(page, f"{origin}/records/r3")
    assert found == []
