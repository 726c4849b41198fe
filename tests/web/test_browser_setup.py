"""Setup in a real browser: chips, messages beside their fields, saving, and what is not lost."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.axe import looked_at
from support.browser import needs_browser
from support.web_app import PROTOCOL

pytestmark = [needs_browser, pytest.mark.slow]
CRITERION = "#e-stages-abstract-criteria-0"
FORM = 'form: {study: {help: The study., items: {people: {help: "How many?", type: count}}}}\n'


def test_a_criterion_is_rewritten_by_hand_with_its_mistakes_told_at_the_field(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    page = desk.page
    desk.keys("g", "p")
    page.click("nav.kinds a >> text=Titles and abstracts")
    page.click(f"{CRITERION} > summary")
    cue = page.locator("#f-stages-abstract-criteria-0-cues-supports")
    cue.fill("trac?ng")
    cue.press("Enter")
    page.wait_for_selector(f"{CRITERION} .chip.bad >> text=trac?ng")
    assert "stands for no letter" in page.inner_text(f"{CRITERION} .wrong")
    page.click("#setup-check li button")
    page.click(f"{CRITERION} .chip.bad button")
    page.wait_for_selector("#setup-check .fine")
    page.click("text=Add a question")
    page.wait_for_function("() => document.activeElement.name === 'stages.abstract.criteria.3.label'")
    page.keyboard.type("from <b>people</b>")
    page.fill("[name='stages.abstract.criteria.3.question']", "Are they: human?")
    page.wait_for_selector("#setup-check .fine")
    page.click("button.main >> text=Save")
    page.wait_for_selector("summary >> text=from <b>people</b>")
    criteria = yaml.safe_load((folder / "prompts" / "review.yaml").read_text())["stages"]["abstract"]["criteria"]
    assert (criteria[3]["label"], criteria[3]["question"]) == ("from <b>people</b>", "Are they: human?")
    assert criteria[0]["cues"]["supports"] == ["ECG*"]
    desk.keys("g", "o")
    page.wait_for_selector(".stages")


def test_a_slow_save_is_not_overtaken_by_the_check_of_what_was_typed_before_it(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    def slowly(route: Any) -> None:
        if "act=save" in (route.request.post_data or ""):
            time.sleep(1.2)  # the check of what was typed begins meanwhile
        route.continue_()

    page = open_desk("ada").page
    page.goto("/".join(page.url.split("/")[:3]) + "/setup/abstract")
    page.route("**/setup/abstract", slowly)
    page.fill("#f-stages-abstract-question", "Second?")
    with page.expect_response(lambda answer: answer.headers.get("x-saved") == "1", timeout=10_000):
        page.click("button.main >> text=Save")
    page.wait_for_selector("#message >> text=Saved")
    assert page.locator(".refusal").count() == 0
    assert "Second?" in (folder / "prompts" / "review.yaml").read_text()


def test_what_is_typed_beside_a_change_of_the_file_stays_on_the_page(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk("ada")
    desk.keys("g", "p")
    desk.page.wait_for_selector("#f-title")
    file = folder / "prompts" / "review.yaml"
    file.write_text(file.read_text().replace("small", "other"), "utf-8")
    desk.page.fill("#f-title", "Mine")
    desk.page.click("button.main >> text=Save")
    desk.page.wait_for_selector(".refusal >> text=What you typed is still here")
    assert desk.page.input_value("#f-title") == "Mine"
    assert "Mine" not in file.read_text()
    desk.complaints.clear()  # the browser logs the 409
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.keys("Escape")


def test_the_pages_of_setup_are_accessible_and_fit_each_size(folder: Path, open_desk) -> None:  # type: ignore[no-untyped-def]
    stage = "  extraction:\n    question: What?\n    template: abstract.md\n    form: form.yaml\nreviewers:"
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL.replace("reviewers:", stage, 1), "utf-8")
    (folder / "prompts" / "form.yaml").write_text(FORM, "utf-8")
    page = open_desk("ada").page
    origin = "/".join(page.url.split("/")[:3])
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.querySelectorAll('main details').forEach(d => d.open = true))"
    )
    assert looked_at(page, f"{origin}/setup/abstract") == []
    assert looked_at(page, f"{origin}/form") == []
