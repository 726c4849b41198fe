"""Undo takes back what was done last on that screen: a skip, a judgement, a ruling; never one for the other."""

import re
from pathlib import Path

import pytest
from support.web_app import Running, drafts_of, human, record_on, running

from screener.ledger.merges import merge_records
from screener.ledger.store import Ledger

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")

pytestmark = pytest.mark.slow
CARD = "/screen/abstract/card"
YES = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
NO = {"answer.signal": "no"}


def test_undo_after_a_skip_brings_the_skipped_record_back_and_leaves_the_judgement_before(
    folder: Path, ada: Running
) -> None:
    judged = record_on(ada.get(CARD).text)
    skipped = record_on(ada.post("/screen/abstract/decide", record=judged, **NO).text)
    following = record_on(ada.post("/screen/abstract/skip", record=skipped).text)
    assert following != skipped
    back = ada.post("/screen/abstract/undo", record=following)
    assert "Skip undone" in back.text
    assert record_on(back.text) == skipped
    assert human(folder, "ada").keys() == {judged}
    assert "Undone: exclude" in ada.post("/screen/abstract/undo", record=skipped).text
    assert human(folder, "ada") == {}


def test_undo_after_judging_past_a_skip_takes_the_judgement_first(folder: Path, ada: Running) -> None:
    skipped = record_on(ada.get(CARD).text)
    judged = record_on(ada.post("/screen/abstract/skip", record=skipped).text)
    following = record_on(ada.post("/screen/abstract/decide", record=judged, **NO).text)
    assert "Undone: exclude" in ada.post("/screen/abstract/undo", record=following).text
    assert record_on(ada.post("/screen/abstract/undo", record=judged).text) == skipped


def test_a_ruling_and_a_judgement_of_one_person_are_undone_each_on_its_own_screen(folder: Path, ada: Running) -> None:
    with running(folder, "ben") as ben:
        ben.enter().post("/screen/abstract/decide", record="r1", **YES)
    ada.post("/screen/abstract/decide", record="r1", **NO)
    ada.post("/conflicts/resolve", stage="abstract", record="r1", note="it is one", **YES)
    ada.post("/screen/abstract/decide", record="r1", **YES)
    undone = ada.post("/conflicts/undo", stage="abstract").text
    assert "Adjudication undone: include" in undone
    assert human(folder, "ada", "adjudicator") == {}
    assert human(folder, "ada")["r1"].decision == "include"
    ada.post("/screen/abstract/undo", record="r1")
    ada.post("/conflicts/resolve", stage="abstract", record="r1", note="it is one", **YES)
    assert "Undone: exclude" in ada.post("/screen/abstract/undo", record="r1").text
    assert human(folder, "ada", "adjudicator").keys() == {"r1"}


def test_what_a_ruling_had_said_stays_in_the_form_when_it_is_taken_back(folder: Path, ada: Running) -> None:
    with running(folder, "ben") as ben:
        ben.enter().post("/screen/abstract/decide", record="r1", **YES)
    ada.post("/screen/abstract/decide", record="r1", **NO)
    ada.post("/conflicts/resolve", stage="abstract", record="r1", note="a long reason", **YES)
    assert "a long reason</textarea>" in ada.post("/conflicts/undo", stage="abstract").text


def test_a_draft_of_a_ruling_that_comes_after_it_is_not_kept(folder: Path, ada: Running) -> None:
    with running(folder, "ben") as ben:
        ben.enter().post("/screen/abstract/decide", record="r1", **YES)
    ada.post("/screen/abstract/decide", record="r1", **NO)
    ruling = {"stage": "abstract", "record": "r1", "note": "it is one", **YES}
    assert "draft saved" in ada.post("/conflicts/draft", **ruling).text
    assert "Resolved: include" in ada.post("/conflicts/resolve", **ruling).text
    assert "not saved: the conflict is already resolved" in ada.post("/conflicts/draft", **ruling).text
    assert drafts_of(folder, "ada") == {}


def test_a_draft_follows_its_record_into_a_merged_one_and_goes_when_that_is_judged(folder: Path, ada: Running) -> None:
    ada.get(CARD, record="r6")
    ada.post("/screen/abstract/draft", record="r6", note="half a thought", **NO)
    ledger = Ledger.of(folder / ".screener")
    assert merge_records(ledger, "r6", "r1", "ben") == "r1"
    ledger.close()
    begun = ada.get("/records", show="draft").text
    assert re.findall(r'name="tick" value="([^"]+)"', begun) == ["r1"]
    page = ada.get(CARD, record="r6").text
    assert record_on(page) == "r1"
    assert "half a thought</textarea>" in page
    ada.post("/screen/abstract/decide", record="r1", **NO)
    assert drafts_of(folder, "ada") == {}


def test_nobody_judges_a_text_that_changed_while_they_had_it_open(folder: Path, ada: Running) -> None:
    text = text_on(ada.get(CARD, record="r7").text)
    ledger = Ledger.of(folder / ".screener")
    merge_records(ledger, "r7", "r6", "ben")  # it reads as r6 does now
    ledger.close()
    again = ada.post("/screen/abstract/decide", record="r7", text=text, note="of what I read", **NO)
    assert "Not saved: this record has changed since you opened it" in again.text
    assert "of what I read</textarea>" in again.text
    assert human(folder, "ada") == {}
    assert text_on(again.text) != text
    done = ada.post("/screen/abstract/decide", record=record_on(again.text), text=text_on(again.text), **NO)
    assert "Saved: exclude" in done.text
    assert human(folder, "ada").keys() == {"r6"}


def text_on(page: str) -> str:
    """Which text a form is about."""
    found = re.search(r'name="text" value="(\w+)"', page)
    assert found
    return found[1]
