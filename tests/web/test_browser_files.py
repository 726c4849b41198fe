"""Files dropped into the browser: exports that are imported, and papers that find their records."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.axe import looked_at
from support.browser import needs_browser
from support.documents import LOREM
from support.sent import empty_review
from support.web_app import HOSTILE, Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [needs_browser, pytest.mark.slow]

TITLES = ("Detection of things in long recordings of small devices", "A network that was trained on very few of them",
          f"Reading many signals {HOSTILE}")  # fmt: skip
DROP = """([selector, files]) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  const zone = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) zone.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("SCREENER_DATA", str(tmp_path / "data"))
    empty_review(tmp_path / "review")
    with running(tmp_path / "review", "anna") as started:
        yield started


@pytest.fixture
def page(browser: "Browser", app: Running) -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    shown, complaints = context.new_page(), list[str]()
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.goto(app.address)
    shown.wait_for_selector("body.cues-on .stages")
    yield shown
    context.close()
    assert complaints == []


def drop(page: "Page", selector: str, **files: str) -> None:
    page.evaluate(DROP, [selector, [[name.replace("_", ".", 1), text] for name, text in files.items()]])


def test_exports_and_papers_are_dropped_and_find_their_places(app: Running, page: "Page") -> None:
    page.goto(f"{app.origin}/import")
    rows = [(TITLES[0], 2020), (TITLES[1], 2019), (TITLES[1], 2023), (TITLES[2], 2022)]
    table = "\n".join(f'"{title.replace(chr(34), chr(39))}",{year}' for title, year in rows)
    drop(page, "h1", list_csv=f"title,year\n{table}\n\n,2020\n", none_bin="\u0000\u0001\u0002" * 900)
    page.wait_for_selector("text=Import 1 file")
    assert page.locator("tr.unusable").inner_text().startswith("none.bin")
    page.fill("input[name^=source-]", "Scopus")
    page.locator("h2").first.click()
    page.keyboard.press("i")
    page.wait_for_selector("text=4 records in the review after it")
    assert page.inner_text(".told ul").startswith("row 5 rejected")
    assert "Scopus" in page.inner_text(".job table")
    assert looked_at(page, f"{app.origin}/import") == []

    page.goto(f"{app.origin}/full-texts")
    page.set_viewport_size({"width": 1280, "height": 800})
    texts = {f"{name}_txt": "\n\n".join([title, *LOREM]) for name, title in zip("ab", TITLES, strict=False)}
    drop(page, "h1", **texts, c_txt="\n\n".join(["Nobody has this one here", *LOREM]), d_exe="x")
    page.wait_for_selector("#whose-title")
    job = page.inner_text(".job")
    assert [word in job for word in ("1 matched", "1 ambiguous", "1 unmatched", "1 not read")] == [True] * 4
    assert looked_at(page, f"{app.origin}/full-texts") == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator(".whose", has_text="b.txt").locator("button", has_text="It is this one").last.click()
    page.wait_for_selector("#message:has-text('Attached: b.txt')")
    page.fill(".find-record input", "Reading many")
    page.locator(".find-record .to-give button").click()
    page.wait_for_selector("#message:has-text('Attached: c.txt')")
    assert page.locator(".whose").count() == 0
    missing = page.locator(".missing")
    assert missing.count() == 1
    drop(page, ".missing", e_txt="\n\n".join([TITLES[1], *LOREM[::-1]]))
    page.wait_for_selector("text=Every report at this stage has a document.")
    assert page.evaluate("window.taken") is None
