"""The tutorial up to its ninth step, done in a browser as its page says. `SCREENER_PICTURES=docs/images` has it make the pictures of the page."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import ROOT, Cli, Later
from support.browser import WAIT, needs_browser
from support.web_app import site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

image = Later("PIL.Image")
pytestmark = [needs_browser, pytest.mark.slow]
PAGE = ROOT / "docs" / "tutorial" / "from-search-to-report.md"
PICTURES = ("import", "screen", "conflict")
WIDTH = 1120
Shoot = Callable[[str, int], None]


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": WIDTH, "height": 700})
    shown, complaints = context.new_page(), list[str]()
    shown.set_default_timeout(WAIT)
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    yield shown
    context.close()
    assert complaints == []


def photographer(page: "Page") -> Shoot:
    """Return what takes a picture of the top of the page, where somebody asked for pictures; in 128 colours, to be small."""
    folder = os.environ.get("SCREENER_PICTURES")

    def shoot(name: str, height: int) -> None:
        if folder:
            page.mouse.move(0, 0)
            page.wait_for_timeout(500)  # until what moves stands still
            path = Path(folder) / f"tutorial-{name}.png"
            page.screenshot(path=path, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
            image.open(path).convert("RGB").quantize(128).save(path, optimize=True)

    return shoot


def go(page: "Page", letter: str, wanted: str) -> None:
    """Press `g` and a letter outside of any field, and wait for the page."""
    page.wait_for_selector("body.cues-on")
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("g")
    page.keyboard.press(letter)
    page.wait_for_selector(f"body.cues-on {wanted}")


def run(page: "Page", stage: str, runs: int) -> None:
    """Have the machine judge a stage, after a dry run; `runs` is how many there are then."""
    go(page, "u", "#run-title")
    page.click(f".kinds >> text={stage}")
    page.wait_for_selector(f".kinds [aria-current] >> text={stage}")
    page.click("text=Dry run")
    page.click("text=Start the run")
    page.wait_for_function("n => document.querySelectorAll('#run-history tbody tr').length === n", arg=runs)
    page.wait_for_selector(".said:has-text('Done.')")


def begin(page: "Page", address: str) -> None:
    """Step 1: a name, a copy of the review, and one more cue."""
    page.goto(address)
    page.wait_for_selector("body.cues-on")
    page.fill("input[name=name]", "anna")
    page.keyboard.press("Enter")
    page.locator("form.example", has_text="Tutorial").locator("button").click()
    page.wait_for_selector("body.cues-on .stages")
    go(page, "p", "#setup")
    page.click("nav.kinds a >> text=Titles and abstracts")
    page.click("#e-stages-abstract-criteria-0 > summary")
    page.fill("#f-stages-abstract-criteria-0-cues-supports", "texting")
    page.keyboard.press("Enter")
    page.click("#setup button.main")
    page.wait_for_selector("#message >> text=Saved")


def collect(page: "Page", folder: Path, shoot: Shoot) -> None:
    """Steps 2 to 4: import, the likely duplicate, the sample."""
    go(page, "i", "#drop-title")
    page.set_input_files(
        "input[type=file] >> nth=0", [folder / "exports" / name for name in ("pubmed.nbib", "scopus.csv")]
    )
    page.click("button.main:has-text('Import 2 files')")
    page.wait_for_selector("text=31 records in the review after it")
    shoot("import", 690)
    page.click("text=Decide on 1 likely duplicate")
    page.wait_for_selector("text=Pair 1 of 1")
    page.keyboard.press("y")
    page.wait_for_selector("text=Nothing left to check >> nth=0")
    go(page, "l", ".gold")
    page.fill("#n-abstract", "20")
    page.locator("form", has=page.locator("#n-abstract")).locator("button").click()
    page.wait_for_selector("h3:has-text('Sample 1')")


def screen(page: "Page", label: Callable[[str], None], shoot: Shoot) -> None:
    """Steps 5 and 6: a record, the decisions of two people, and their conflicts."""
    go(page, "s", "#judge")
    assert "30 left for you" in page.inner_text("#main")
    for _ in range(3):
        page.keyboard.press("y")
    page.wait_for_selector("text=draft saved")
    shoot("screen", 640)
    for who in ("ben", "anna"):
        label(who)
    go(page, "c", "textarea#note")
    for left in (2, 1):
        page.wait_for_selector(f"text=Conflict 1 of {left}")
        page.keyboard.press("u")
        page.keyboard.press("a")
        page.wait_for_selector("text=draft saved")
        if left == 2:
            shoot("conflict", 700)
        page.fill("textarea#note", "The text does not say.")
        page.click("button.main:has-text('Resolve')")
    page.wait_for_selector("textarea#note", state="detached")


def check_the_machine(page: "Page") -> None:
    """Step 7: the lock and the run."""
    go(page, "l", ".gold")
    page.check("form.lock input[name=sure]")
    page.click("form.lock button.main")
    page.wait_for_selector("dt:has-text('hash')")
    run(page, "Titles and abstracts", 1)


def read(page: "Page", folder: Path) -> None:
    """Step 8: seven papers find their records, two are not to be had."""
    go(page, "w", "#main")
    page.set_input_files("input[aria-label='Choose full texts']", sorted((folder / "full-texts").iterdir()))
    page.wait_for_selector("text=7 matched")
    for record in ("PMID:99000008", "doi:10.5555/reminders.11"):
        form = page.locator(f"form[aria-label='Outcome of the search for {record}']")
        form.locator("input[name=reason]").fill("no copy was found")
        with page.expect_response("**/full-texts/note"):
            form.locator("button").click()
        page.wait_for_selector("body.cues-on #message")


def extract(page: "Page") -> None:
    """Step 9: suggestions of the machine in the form."""
    run(page, "Extraction", 2)
    go(page, "e", ".item")
    page.wait_for_selector(".item.active")
    for _ in range(3):
        if page.query_selector(".item.active [data-press=y]"):
            break
        page.keyboard.press("j")
    page.wait_for_selector(".item.active [data-press=y]")
    page.keyboard.press("v")
    page.keyboard.press("y")


def test_the_tutorial_leads_from_two_exports_to_an_extraction(
    page: "Page", cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    shoot, folder = photographer(page), tmp_path / "reminders-example"

    def label(who: str, stage: str = "abstract") -> None:
        file = folder / "decisions" / f"{who}{'' if stage == 'abstract' else '-fulltext'}.csv"
        assert cli("label", file, "--review", folder, "--stage", stage, "--reviewer", who).code == 0

    with site(tmp_path) as app:
        begin(page, app.address)
        collect(page, folder, shoot)
        screen(page, label, shoot)
        check_the_machine(page)
        read(page, folder)
        for who in ("ben", "anna"):
            label(who, "fulltext")
        extract(page)
        page.goto("about:blank")  # before the program ends, which an open page would complain of


def test_the_pictures_of_the_tutorial_are_few_and_small_and_each_is_shown() -> None:
    made = sorted((ROOT / "docs" / "images").glob("tutorial-*.png"))
    assert [path.stem.removeprefix("tutorial-") for path in made] == sorted(PICTURES)
    assert [path.name for path in made if path.stat().st_size > 150_000] == []
    text = PAGE.read_text(encoding="utf-8")
    assert [path.name for path in made if f"](../images/{path.name})" not in text] == []
