"""Windows of one reviewer: each has a record of its own, takes one over by name, and is told where another is ahead of it."""

import re
import signal
import sqlite3
from pathlib import Path

import pytest
from support.web_app import Running, drafts_of, human, judged_at, record_on, running

from screener.core.judgement import Stage

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")

pytestmark = pytest.mark.slow
CARD = "/screen/abstract/card"
YES = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
NO = {"answer.signal": "no"}
DECIDE, DRAFT = "/screen/abstract/decide", "/screen/abstract/draft"


def said(page: str) -> str:
    """The sentence above a page."""
    return re.findall(r'id="message"[^>]*>([^<]*)', page)[0]


def form(page: str) -> dict[str, str]:
    """What a form says of its record, and of what it was opened on."""
    return dict(re.findall(r'<input type="hidden" name="(record|text|stood)" value="([^"]*)"', page))


def all_rows(folder: Path) -> int:
    """How many judgements of people stand in the ledger, also such as a later one has replaced."""
    with sqlite3.connect(folder / ".screener" / "ledger.db") as connection:
        return int(connection.execute("SELECT count(*) FROM judgements WHERE role = 'human'").fetchone()[0])


def chosen(page: str) -> set[tuple[str, str]]:
    """The answers that stand in a form."""
    return set(re.findall(r'name="answer\.(\w+)" value="(\w+)"[^>]* checked', page))


def test_a_record_whose_window_was_closed_opens_in_another_with_its_draft(ada: Running) -> None:
    name = record_on(ada.get(CARD).text)
    ada.post(DRAFT, record=name, **NO)
    page = ada.other_window().get(CARD, record=name).text
    assert record_on(page) == name
    assert "Others are judging" not in page
    assert ("signal", "no") in chosen(page)


def test_the_window_that_a_record_was_taken_from_is_told_before_it_saves_and_loses_nothing(
    folder: Path, ada: Running
) -> None:
    two = ada.other_window()
    first = form(ada.get(CARD, record="r5").text)
    second = form(two.get(CARD, record="r5").text)
    two.post(DRAFT, **second, **NO)
    assert "not saved: this record is open in another window" in ada.post(DRAFT, **first, **YES).text
    assert drafts_of(folder, "ada")["r5"]["answers"] == {"signal": "no", "scope": "yes"}
    refused = ada.post(DECIDE, **first, **YES, note="typed here").text
    assert said(refused).startswith("Not saved: this record is open in another window of yours")
    assert human(folder, "ada") == {}
    assert {("signal", "yes"), ("training", "yes")} <= chosen(refused)
    assert "typed here</textarea>" in refused
    assert said(two.post(DECIDE, **second, **NO).text).startswith("Not saved: this record is open")
    again = ada.get(CARD, record="r5").text
    assert said(ada.post(DECIDE, **form(again), **YES).text) == "Saved: include"


def test_a_form_that_was_opened_before_the_record_was_judged_overwrites_that_only_when_told(
    folder: Path, ada: Running
) -> None:
    two = ada.other_window()
    first = form(ada.get(CARD, record="r5").text)
    assert said(two.post(DECIDE, **form(two.get(CARD, record="r5").text), **NO).text) == "Saved: exclude"
    refused = ada.post(DECIDE, **first, **YES).text
    assert said(refused).startswith("Not saved: you have saved or undone this record")
    assert human(folder, "ada")["r5"].decision == "exclude"
    assert said(ada.post(DECIDE, **form(refused), **YES).text) == "Saved: include"
    assert human(folder, "ada")["r5"].decision == "include"


def test_a_judgement_that_is_sent_again_since_its_answer_was_lost_is_entered_once(folder: Path, ada: Running) -> None:
    sent = {**form(ada.get(CARD).text), **YES, "note": "same"}
    assert said(ada.post(DECIDE, **sent).text) == "Saved: include"
    again = ada.post(DECIDE, **sent).text
    assert said(again) == "Saved already: include"
    assert record_on(again) != sent["record"]
    assert all_rows(folder) == 1
    assert said(ada.post(DECIDE, **{**sent, "note": "other"}).text).startswith("Not saved: you have saved")


def test_a_draft_that_comes_after_its_record_was_judged_is_not_kept(folder: Path, ada: Running) -> None:
    opened = form(ada.get(CARD, record="r5").text)
    assert said(ada.post(DECIDE, **opened, **NO).text) == "Saved: exclude"
    late = ada.post(DRAFT, **opened, **NO)
    assert late.status_code == 200
    assert drafts_of(folder, "ada") == {}
    assert re.findall(r'name="tick" value="([^"]+)"', ada.get("/records", show="draft").text) == []


def test_undo_says_what_it_took_back_also_of_a_record_that_is_open_elsewhere(folder: Path, ada: Running) -> None:
    ada.post(DECIDE, record="r5", **NO)
    assert record_on(ada.post("/screen/abstract/back").text) == "r5"
    undone = ada.other_window().post("/screen/abstract/undo").text
    assert said(undone) == "Undone: exclude"
    assert record_on(undone) == "r5"
    assert human(folder, "ada") == {}


def test_what_an_app_held_is_free_when_it_was_stopped(folder: Path) -> None:
    with running(folder, "ben") as ben, running(folder, "carl") as carl, running(folder, "dora") as dora:
        for app in (ben, carl):
            assert record_on(app.enter().get(CARD, record="r5").text) == "r5"
        assert "Others are judging" in dora.enter().get(CARD, record="r5").text
        carl.process.kill(signal.SIGTERM)
        carl.process.wait(10)
        assert record_on(dora.get(CARD, record="r5").text) == "r5"


def test_what_an_app_held_that_was_killed_is_free_when_it_starts_again(folder: Path) -> None:
    with running(folder, "ben") as ben, running(folder, "carl") as carl, running(folder, "dora") as dora:
        for app in (ben, carl):
            app.enter().get(CARD, record="r5")
        carl.process.kill()
        carl.process.wait(10)
        assert "Others are judging" in dora.enter().get(CARD, record="r5").text
        with running(folder, "carl") as again:
            again.enter()
            assert record_on(dora.get(CARD, record="r5").text) == "r5"


def test_a_form_of_items_that_another_window_is_ahead_of_is_shown_as_it_stands_with_what_was_typed(
    papers: Path,
) -> None:
    pytest.importorskip("pypdfium2")
    name = min(judged_at(papers, Stage.EXTRACTION, "machine"))
    one, two = (f"models[0].identity.{item}" for item in ("sampling_rate_hz", "window_s"))
    with running(papers, "ada") as app:
        other, here = app.enter().other_window(), {"record": name, "stood": "0"}
        assert "&#34;stood&#34;: &#34;0&#34;" in app.get("/extract/card", record=name).text.replace('"', "&#34;")
        other.get("/extract/card", record=name)
        other.post("/extract/item", path=one, action="not_reported", **here)
        refused = app.post("/extract/item", path=two, action="correct", value="ten", **here)
        assert refused.headers["HX-Retarget"] == "#main"
        assert said(refused.text).startswith("Not saved: this record is open in another window of yours")
        assert 'value="ten"' in refused.text
        assert "not reported" in refused.text.partition(f'data-stop="{one}"')[2].partition("<section")[0]
        assert "alert" not in app.post("/extract/item", path=two, action="unclear", **here).text
        late = other.post("/extract/save", anyway="1", **here)
        assert said(late.text).startswith("Not saved: this record is open")
        assert judged_at(papers, Stage.EXTRACTION) == {}
        assert said(other.post("/extract/save", anyway="1", **here).text).startswith("Saved")
        assert said(app.post("/extract/save", anyway="1", **here).text).startswith(
            "Not saved: you have saved or undone"
        )
        assert judged_at(papers, Stage.EXTRACTION)[name].items[two].status == "unclear"
