"""What windows hold: given back when they are left, taken over by their own person, named to others, and never counted twice."""

import re
from pathlib import Path

import pytest
from support import Cli
from support.web_app import STAGE, Running, drafts_of, human, record_on, running

from screener.adjudication.queue import adjudicate
from screener.adjudication.slots import Seat, lease
from screener.core.judgement import Decision, Judgement
from screener.ledger.samples import samples
from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

pytestmark = pytest.mark.slow
CARD, DECIDE, DRAFT = "/screen/abstract/card", "/screen/abstract/decide", "/screen/abstract/draft"
YES = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
NO = {"answer.signal": "no"}


def said(page: str) -> str:
    """The sentence above a page."""
    return re.findall(r'id="message"[^>]*>([^<]*)', page)[0]


def left(app: Running) -> str:
    """What the overview says is left for the reviewer."""
    return re.findall(r"<dt>left for you</dt><dd>([\d,]+)</dd>", app.get("/").text)[0]


def leave(app: Running, **fields: str) -> int:
    """Say that the window's page is left, as a browser can that sends no headers any more."""
    form = {"csrf": app.csrf, "window": app.window, **fields}
    return app.session.post(app.origin + "/leave", data=form, timeout=60).status_code


def test_a_page_that_is_left_gives_its_record_back_and_what_was_begun_there_comes_first(ada: Running) -> None:
    two = ada.other_window()
    first, second = record_on(ada.get(CARD).text), record_on(two.get(CARD).text)
    two.post(DRAFT, record=second, **NO)
    assert leave(two) == leave(ada) == 204
    three = ada.other_window("three")
    page = three.get(CARD).text
    assert (record_on(page), said(page)) == (second, "")
    assert record_on(three.post("/screen/abstract/skip", record=second).text) == first
    assert record_on(three.post("/screen/abstract/undo", record=first).text) == second


def test_a_page_is_left_only_with_the_token_of_a_page_and_for_itself(ada: Running) -> None:
    first = record_on(ada.get(CARD).text)
    two = ada.other_window("two.page")
    for refused in (leave(ada, csrf=""), leave(ada, csrf="x")):
        assert refused == 403
    leave(ada, window="")
    leave(ada, window="two")
    assert record_on(two.get(CARD).text) != first
    # What a page that is loaded again takes is not given back by the one before it, which may be late.
    again = ada.other_window("two.again")
    held = record_on(again.get(CARD).text)
    leave(two, window="two.page")
    # Nor does it hold anything by what it sent before it was left, which may come later still.
    leave(ada)
    two.post(DRAFT, record=first, **NO)
    assert record_on(ada.other_window("four").get(CARD).text) == first
    leave(ada.other_window("four"))
    ada.get(CARD, record=first)
    assert record_on(ada.other_window("three").get(CARD).text) not in (first, held)


def test_what_closed_windows_held_is_given_at_the_end_and_says_so(folder: Path, ada: Running) -> None:
    closed = {record_on(ada.other_window(f"closed {number}").get(CARD).text) for number in range(4)}
    given: list[str] = []
    page = ada.get(CARD).text
    for number in range(14):
        assert ("open in another window of yours" in said(page)) == (number >= 10)
        given.append(record_on(page))
        page = ada.post(DECIDE, record=given[-1], **YES).text
        assert left(ada) == str(13 - number)
    assert set(given[10:]) == closed
    assert len(human(folder, "ada")) == 14
    assert "done for now" in page


@pytest.mark.slow
def test_left_for_you_counts_what_the_queue_gives_and_what_others_hold_is_named(
    folder: Path, ada: Running, ben: Running
) -> None:
    """Ben and Cem fill a record and hold two; for Ada these are not left, and she is told who has them."""
    assert record_on(ada.get(CARD).text)
    leave(ada)
    with running(folder, "cem") as cem:
        for app in (ben, cem.enter()):
            for name in ("r1", "r2"):
                app.other_window(name).get(CARD, record=name)
            app.post(DECIDE, record="r0", **YES)
            leave(app)  # the record that came next
        assert left(ada) == "11"
        page = " ".join(ada.get("/").text.split())
        assert "<dt>open with ben</dt><dd>2</dd>" in page
        assert "Paper 1 on the ECG" in page
        for number in range(11):
            given = record_on(ada.get(CARD).text)
            assert given not in ("r0", "r1", "r2")
            assert f"{11 - number} left for you · 2 open with others" in ada.get(CARD).text
            ada.post(DECIDE, record=given, **NO)
        done = " ".join(ada.get(CARD).text.split())
        assert "done for now" in done
        assert "<bdi>Paper 2 on the ECG</bdi>" in done
        assert "ben, active now" in done
        assert "Agreement and conflicts: shown once you have finished" in ada.get("/").text


def test_the_page_of_gold_counts_as_left_only_what_the_reviewer_is_given(folder: Path, cli: Cli) -> None:
    assert cli("gold", "sample", "--stage", "abstract", "--n", "4", "--review", folder).code == 0
    review = Review(folder)
    ledger = Ledger.of(review.hidden)
    with ledger.read() as connection:
        held, resolved, *_ = [member.record_id for member in samples(connection, STAGE)[0].counted]
    for who in ("ben", "cem"):
        lease(ledger, review, STAGE, held, Seat(who))
    include = Judgement(decision=Decision.INCLUDE, stated=True)
    adjudicate(ledger, review, STAGE, resolved, "dora", include.model_copy(update={"reason": "it is"}))
    ledger.close()
    with running(folder, "ada") as ada:
        ada.enter().get(CARD)
        assert "<dt>left for you</dt><dd>2</dd>" in ada.get("/gold").text


# -- a judgement beside those that a record needs -------------------------------------------------------------------------


def test_a_record_that_others_fill_or_hold_warns_before_it_takes_a_third_judgement(
    folder: Path, ada: Running, ben: Running
) -> None:
    for app in (ada, ben):
        app.post(DECIDE, record="r1", **YES)
        app.get(CARD, record="r2")
    with running(folder, "cem") as cem:
        cem.enter()
        filled, held = cem.get(CARD, record="r1").text, cem.get(CARD, record="r2").text
        assert (record_on(filled), record_on(held)) == ("r1", "r2")
        assert "This record has its 2 judgements already. Saving would add" in filled
        assert "it has 0 of its 2 judgements, and is open with ada and ben. Saving would add" in held
        assert cem.post(DRAFT, record="r2", **NO).status_code == 200
        for name, why in (("r1", "this record has its 2 judgements already"), ("r2", "others are judging this record")):
            refused = cem.post(DECIDE, record=name, note="kept", **NO).text
            assert said(refused).startswith(f"Not saved: {why}")
            assert said(refused).endswith(f" · Paper {name[1:]} on the ECG")
            assert "data-refused" in refused
            assert 'name="beyond" value="1"' in refused
            assert "kept</textarea>" in refused
            assert human(folder, "cem").keys() == ({"r1"} if name == "r2" else set())
            assert said(cem.post(DECIDE, record=name, beyond="1", **NO).text) == "Saved: exclude"
        assert human(folder, "cem").keys() == {"r1", "r2"}
        again = cem.get(CARD, record="r1").text
        assert "Saving would add" not in again  # to correct one's own is nothing more


def test_whoever_comes_back_too_late_is_warned_and_keeps_the_answers(folder: Path, ada: Running, ben: Running) -> None:
    with running(folder, "cem") as cem:
        assert "Saving would add" not in cem.enter().get(CARD, record="r1").text
        leave(cem)  # as a lease that has run out
        for app in (ada, ben):
            app.post(DECIDE, record="r1", **YES)
        assert said(cem.post(DECIDE, record="r1", **NO).text).startswith("Not saved: this record has its 2 judgements")
        assert human(folder, "cem") == {}
        assert drafts_of(folder, "cem")["r1"]["answers"] == {"signal": "no", "scope": "yes"}
        cem.post(DRAFT, record="r1", note="late", **NO)
        assert drafts_of(folder, "cem")["r1"]["note"] == "late"


def test_a_record_that_was_adjudicated_says_so_before_it_takes_another_judgement(
    folder: Path, ada: Running, ben: Running
) -> None:
    for app, answers in ((ada, YES), (ben, NO)):
        app.post(DECIDE, record="r1", **answers)
    ada.post("/conflicts/resolve", stage="abstract", record="r1", note="it is", **YES)
    with running(folder, "cem") as cem:
        assert "This record has been adjudicated. Saving would add" in cem.enter().get(CARD, record="r1").text
        assert "has been adjudicated" in said(cem.post(DECIDE, record="r1", **NO).text)
        assert human(folder, "cem") == {}
