"""Undo takes back what was done last, also inside a form that is not saved yet; rows that were added can be removed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.web_app import Running, judged_at, record_on, running

from screener.core.judgement import ItemStatus, Stage

pytest.importorskip("fastapi")
pytest.importorskip("pypdfium2")

pytestmark = pytest.mark.slow
NAME, RATE = "models[0].identity.name", "models[0].identity.sampling_rate_hz"


@pytest.fixture
def app(papers: Path) -> Iterator[Running]:
    """The app of Ada, who extracts."""
    with running(papers, "ada") as app:
        yield app.enter()


def said(page: str) -> str:
    """The sentence above a page."""
    return re.findall(r'id="message"[^>]*>([^<]*)', page)[0]


def places(page: str) -> list[str]:
    """The places of a form, in order."""
    return re.findall(r'data-stop="([^"]+)"', page)


def answered(page: str) -> dict[str, str]:
    """What is answered in a form, by place."""
    parts = {part.partition('"')[0]: part.partition("</section")[0] for part in page.split('data-stop="')[1:]}
    found = {path: re.findall(r'<span class="tag \w*">([\w ]+)</span>', part) for path, part in parts.items()}
    return {path: status[0] for path, status in found.items() if status}


def saved(app: Running) -> tuple[str, str]:
    """Save one report; its name, and that of the next."""
    first = record_on(app.get("/extract/card").text)
    following = record_on(app.post("/extract/save", record=first, anyway="1").text)
    assert following != first
    return first, following


def test_undo_in_a_form_takes_back_what_was_done_there_before_a_form_that_was_saved(papers: Path, app: Running) -> None:
    first, name = saved(app)
    say = {"record": name}
    before = places(app.get("/extract/card", **say).text)
    app.post("/extract/item", path=NAME, action="not_reported", **say)
    app.post("/extract/item", path=NAME, action="unclear", **say)
    assert "Models 2" in app.post("/extract/row", list="models", **say).text
    row = app.post("/extract/undo", **say).text
    assert said(row) == "Undone: Models 2 added"
    assert (record_on(row), places(row)) == (name, before)
    unclear = app.post("/extract/undo", **say).text
    assert said(unclear) == "Undone: Name"
    assert answered(unclear) == {NAME: "not reported"}
    assert answered(app.post("/extract/undo", **say).text) == {}
    assert judged_at(papers, Stage.EXTRACTION).keys() == {first}
    older = app.post("/extract/undo", **say).text
    assert said(older) == "Undone"
    assert record_on(older) == first
    assert judged_at(papers, Stage.EXTRACTION) == {}


def test_what_was_begun_before_another_form_was_saved_is_not_what_was_done_last(papers: Path, app: Running) -> None:
    first = record_on(app.get("/extract/card").text)
    other = max(judged_at(papers, Stage.EXTRACTION, "machine"))
    assert other != first
    app.post("/extract/item", path=NAME, action="not_reported", record=other)
    app.post("/extract/save", record=first, anyway="1")
    assert record_on(app.post("/extract/undo", record=other).text) == first
    assert judged_at(papers, Stage.EXTRACTION) == {}
    assert said(app.post("/extract/undo", record=other).text) == "Undone: Name"


def test_a_unit_that_was_added_by_mistake_is_removed_and_leaves_no_row_behind(papers: Path, app: Running) -> None:
    name = record_on(app.get("/extract/card").text)
    say = {"record": name}
    assert "Remove models" not in app.get("/extract/card", **say).text
    for _ in range(2):
        app.post("/extract/row", list="models", **say)
    app.post("/extract/item", path=NAME.replace("0", "1"), action="not_applicable", **say)
    app.post("/extract/item", path=NAME.replace("0", "2"), action="not_reported", **say)
    page = app.post("/extract/row", list="models[1]", action="remove", **say).text
    assert said(page) == "Removed: Models 2"
    assert answered(page) == {NAME.replace("0", "1"): "not reported"}  # what stood behind it has moved up
    back = app.post("/extract/undo", **say).text
    assert said(back) == "Restored: Models 2"
    assert answered(back) == {NAME.replace("0", "1"): "not applicable", NAME.replace("0", "2"): "not reported"}
    for _ in range(2):
        app.post("/extract/row", list="models[1]", action="remove", **say)
    app.post("/extract/save", anyway="1", **say)
    assert not [path for path in judged_at(papers, Stage.EXTRACTION)[name].items if path.startswith("models[1]")]


def test_what_a_machine_proposes_and_the_only_unit_stay(papers: Path, app: Running) -> None:
    machine = judged_at(papers, Stage.EXTRACTION, "machine")
    rows = {
        name: {p.partition("].")[0] + "]" for p in one.items if p.startswith("models[")}
        for name, one in machine.items()
    }
    name = next(iter(rows))
    for row in {*rows[name], "models[0]", "models[7]", "models", "nonsense[0]"}:
        refused = app.post("/extract/row", record=name, list=row, action="remove")
        assert refused.status_code == 400, row
        assert "cannot be removed" in refused.text


def test_a_row_that_was_saved_by_mistake_is_removed_when_the_form_is_opened_again(papers: Path, app: Running) -> None:
    name = record_on(app.get("/extract/card").text)
    app.post("/extract/row", list="models", record=name)
    app.post("/extract/save", anyway="1", record=name)
    assert [path for path in judged_at(papers, Stage.EXTRACTION)[name].items if path.startswith("models[1]")]
    assert "Remove Models 2" in app.get("/extract/card", record=name).text
    app.post("/extract/row", list="models[1]", action="remove", record=name)
    app.post("/extract/save", anyway="1", record=name)
    items = judged_at(papers, Stage.EXTRACTION)[name].items
    assert not [path for path in items if path.startswith("models[1]")]
    assert items[RATE].status == ItemStatus.UNCLEAR
