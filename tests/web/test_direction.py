"""Words of a record or of a person are read in the direction of their own script, whatever stands around them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support import Cli
from support.report import VOID
from support.web_app import Running, human, judged_at, record_on, running

from screener.core.judgement import Stage

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")
pytestmark = pytest.mark.slow
TITLE, TEXT = "تأثير النموذج (2024) على الدقة.", "استخدمنا ECG: 12-lead (n = 120)."
VENUE, NOTE = "مجلة القلب", "ملاحظة (1)."
ARABIC = re.compile("[\u0600-\u06ff]")


class _Words(HTMLParser):
    """The Arabic words of a page, each with whether something around them lets them go their own way."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = tag == "bdi" or dict(attrs).get("dir") == "auto"
        if tag not in VOID:
            self.open.append((tag, own))
        elif tag == "input" and ARABIC.search(dict(attrs).get("value") or "") and dict(attrs).get("type") == "text":
            self.found.append((dict(attrs)["value"] or "", own))

    def handle_endtag(self, tag: str) -> None:
        while self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if ARABIC.search(data):
            self.found.append((data.strip(), any(own for _, own in self.open)))


def words(page: str) -> set[str]:
    """The Arabic words of a page, of which none may stand in the direction of the English around them."""
    reader = _Words()
    reader.feed(page)
    astray = [text for text, own in reader.found if not own]
    assert astray == []
    return {text for text, _ in reader.found}


@pytest.fixture
def arabic(folder: Path, cli: Cli) -> Path:
    """The small review with an Arabic paper that two databases gave."""
    for name, title in (("one", TITLE), ("two", TITLE.removesuffix("."))):
        rows = f'title,abstract,authors,year,journal\n{title},{TEXT},"Doe, J",2020,{VENUE}\n'
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    assert cli("import", folder / "one.csv", folder / "two.csv", "--review", folder).code == 0
    return folder


def test_titles_abstracts_venues_and_notes_of_the_screens_have_their_own_direction(arabic: Path) -> None:
    decide = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes", "note": NOTE}
    with running(arabic, "ada") as app, running(arabic, "ben") as ben:
        app.enter()
        listed = app.get("/records", q="القلب").text
        assert {TITLE, VENUE} <= words(listed)
        name = re.findall(r'name="tick" value="([^"]+)"', listed)[0]
        app.post("/tags/abstract", record=name, tag="قلب")
        app.post("/screen/abstract/draft", record=name, note=NOTE)
        card = words(app.get("/screen/abstract/card", record=name).text)
        assert {TITLE, VENUE, NOTE, "قلب"} <= card
        assert "استخدمنا" in " ".join(card)
        assert {TITLE, TITLE.removesuffix(".")} <= words(app.get("/duplicates").text)
        asked = {"stage": "abstract", "choice": "exclude:signal", "reason": NOTE, "which": "all", "q": "القلب"}
        page = app.post("/records/bulk", **asked).text
        assert {TITLE, NOTE} <= words(page)
        app.post("/records/bulk/sure", plan=re.findall(r'name="plan" value="(\w+)"', page)[0])
        assert NOTE in words(app.get("/records").text)
        ben.enter().post("/screen/abstract/decide", record=name, **decide)
        assert {TITLE, NOTE} <= words(app.get("/conflicts", stage="abstract").text)
        assert human(arabic, "ada")[name].reason == NOTE


def test_values_and_notes_of_papers_have_their_own_direction(papers: Path) -> None:
    pytest.importorskip("pypdfium2")
    path = "models[0].identity.name"
    with running(papers, "ada") as app, running(papers, "bob") as bob:
        fulltext = record_on(app.enter().get("/screen/fulltext/card").text)
        app.post("/screen/fulltext/draft", record=fulltext, note=NOTE)
        assert words(app.get("/screen/fulltext/card", record=fulltext).text) == {NOTE}
        name = min(judged_at(papers, Stage.EXTRACTION, "machine"))
        say = {"record": name, "path": path}
        assert words(app.post("/extract/typing", value=TITLE, **say).text) == set()
        assert words(app.get("/extract/card", record=name).text) == {TITLE}
        app.post("/extract/item", action="correct", value=TITLE, **say)
        assert TITLE in words(app.get("/extract/card", record=name).text)
        app.post("/extract/save", record=name, anyway="1")
        bob.enter().post("/extract/item", action="not_reported", **say)
        bob.post("/extract/save", record=name, anyway="1")
        assert TITLE in words(app.get("/conflicts", stage="extraction").text)
        own = app.post("/conflicts/items/choose", action="correct", value=NOTE, **say).text
        assert {TITLE, NOTE} <= words(own)


def test_every_title_and_abstract_stands_in_an_element_of_its_own_direction(folder: Path, ada: Running) -> None:
    """Where a page shows a record, the element that holds its words says so, also where these are English."""
    page = ada.get("/screen/abstract/card", record="r5").text
    assert '<h1 id="record-title" dir="auto">' in page
    assert '<div class="abstract" dir="auto"' in page
    styles = ada.get("/static/app.css").text
    assert re.search(r"\.abstract[^{]*\{[^}]*unicode-bidi: plaintext", styles)
