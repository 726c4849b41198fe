"""What the app counts comes from the ledger: it never contradicts what was judged, undone and resolved."""

import re
from pathlib import Path

import pytest
from support import Cli
from support.hearts import hearts
from support.web_app import Running, running

from screener.adjudication.queue import enter, undo
from screener.adjudication.queue_order import ensure
from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

pytestmark = pytest.mark.slow
CARD, DECIDE = "/screen/abstract/card", "/screen/abstract/decide"
NO = {"answer.signal": "no"}
KEEP = Judgement(decision=Decision.INCLUDE, stated=True)
OUT = Judgement(decision=Decision.EXCLUDE, answers={"heart": Answer(value=Value.NO)})


def done(page: str) -> int:
    """How many records the strip above a record says are done."""
    return int(re.findall(r"(\d+) done · \d+ left", page)[0])


def test_one_undo_takes_one_judgement_back_from_the_count_and_none_where_an_earlier_one_stands(folder: Path) -> None:
    path = folder / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("decided_by:", "show_machine: after\n    decided_by:"))
    with running(folder, "ada") as app:
        app.enter().get(CARD)
        app.post(DECIDE, record="r1", **NO)
        app.post(DECIDE, record="r1", **NO)  # after seeing the machine's answers
        app.post(DECIDE, record="r2", **NO)
        app.post(DECIDE, record="r2", **NO)
        assert done(app.get(CARD).text) == 2
        assert done(app.post("/screen/abstract/undo").text) == 2
        assert done(app.post("/screen/abstract/undo").text) == 1


def test_who_has_judged_is_not_told_that_they_have_not_begun_after_a_bulk_decision_is_undone(ada: Running) -> None:
    for name in ("r1", "r2"):
        ada.post(DECIDE, record=name, **NO)
    bulk = {"stage": "abstract", "choice": "exclude:signal", "reason": "all about mice"}
    plan = re.findall(r'name="plan" value="(\w+)"', ada.post("/records/bulk", **bulk, which="all").text)[0]
    ada.post("/records/bulk/sure", plan=plan)
    ada.post("/records/bulk/undo", stage="abstract")
    page = ada.get("/").text
    assert "Not started yet" not in page
    assert "12 left for you" in page
    assert "<dt>judged by you</dt><dd>2</dd>" in page


def test_the_overview_shows_full_texts_that_have_come_since_it_was_looked_at(tmp_path: Path, cli: Cli) -> None:
    review = hearts(tmp_path / "hearts", cli, "abstract", "fulltext", records=3, humans=1)
    ledger = Ledger.of(review.hidden)
    with running(review.root, "ada") as app:
        app.enter()
        for name in ("r0", "r1", "r2"):
            enter(ledger, review, Stage.ABSTRACT, name, "ada", OUT if name == "r2" else KEEP)
        assert "2 left for you" in app.get("/").text
        for name in ("r0", "r1"):
            enter(ledger, review, Stage.FULLTEXT, name, "ada", OUT)
        assert "left for you" not in app.get("/").text.replace("<dt>left for you</dt>", "")
        undo(ledger, review, Stage.FULLTEXT, "ada", "r0")
        assert "1 left for you" in app.get("/").text
    ledger.close()


def test_the_app_asks_for_the_reason_that_an_exclusion_lacks(tmp_path: Path, cli: Cli) -> None:
    review = hearts(tmp_path / "hearts", cli, "fulltext", humans=1)
    table = tmp_path / "ada.csv"
    table.write_text("id,decision\nr0,exclude\n")
    assert cli("label", table, "--stage", "fulltext", "--reviewer", "ada", "--review", review.root).code == 0
    with running(review.root, "ada") as app:
        assert "1 left for you" in app.enter().get("/").text
        assert "Your exclusion lacks its reason" in app.get("/screen/fulltext/card").text
        saved = app.post("/screen/fulltext/decide", record="r0", **{"answer.heart": "no"}).text
        assert "Saved: exclude" in saved
        assert "Your exclusion lacks its reason" not in saved
        assert "1 left for you" not in app.get("/").text


def test_labels_from_a_file_leave_the_queue_that_was_made_before(folder: Path, cli: Cli, tmp_path: Path) -> None:
    with running(folder, "ada") as app:
        assert "0 done · 14 left for you" in app.enter().get(CARD).text
        table = tmp_path / "ada.csv"
        table.write_text("id,decision\n" + "".join(f"r{n},include\n" for n in range(14)))
        assert cli("label", table, "--stage", "abstract", "--reviewer", "ada", "--review", folder).code == 0
        assert "14 done · 0 left for you" in app.get(f"{CARD}?record=r3").text
        page = app.get("/").text
        assert "<dt>judged by you</dt><dd>14</dd>" in page
        assert "<dt>left for you</dt><dd>0</dd>" in page


def test_who_is_done_is_told_what_waits_for_a_second_reviewer(folder: Path, cli: Cli, tmp_path: Path) -> None:
    ada, bob = tmp_path / "ada.csv", tmp_path / "bob.csv"
    ada.write_text("id,decision\n" + "".join(f"r{n},include\n" for n in range(14)))
    bob.write_text("id,decision\n" + "".join(f"r{n},exclude\n" for n in range(10)))
    label = ("--stage", "abstract", "--review", folder, "--reviewer")
    waits = "4 records wait for a second reviewer."
    with running(folder, "ada") as app:
        app.enter()
        assert cli("label", ada, *label, "ada").code == 0
        assert waits.replace("4", "14") in app.get(CARD).text
        assert cli("label", bob, *label, "bob").code == 0
        assert waits in app.get(CARD).text
        bob.write_text("id,decision\n" + "".join(f"r{n},exclude\n" for n in range(14)))
        assert cli("label", bob, *label, "bob").code == 0
        assert "Nothing else is left for you at this stage." in app.get(CARD).text


def test_a_record_of_a_gold_sample_waits_for_a_second_reviewer_where_one_is_enough_for_others(
    folder: Path, cli: Cli, tmp_path: Path
) -> None:
    path = folder / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("humans: 2", "humans: 1"))
    assert cli("gold", "sample", "--stage", "abstract", "--n", "3", "--review", folder).code == 0
    ada = tmp_path / "ada.csv"
    ada.write_text("id,decision\n" + "".join(f"r{n},include\n" for n in range(14)))
    assert cli("label", ada, "--stage", "abstract", "--review", folder, "--reviewer", "ada").code == 0
    with running(folder, "ada") as app:
        assert "3 records wait for a second reviewer" in app.enter().get(CARD).text


def test_in_a_large_review_ones_own_decision_changes_what_is_left_and_others_do_a_little_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.web import desk

    monkeypatch.setattr(desk, "MANY", 3)
    monkeypatch.setattr(desk, "NEAR_THE_END", 0)
    review = Review(folder)
    ledger = Ledger.of(review.hidden)
    ada = desk.Desk(review, ledger, "ada")

    def said() -> str:
        with ledger.read() as connection:
            return ada.so_far(connection, Stage.ABSTRACT).partition(" left")[0]

    def judge(who: str, name: str) -> None:
        enter(ledger, review, Stage.ABSTRACT, name, who, KEEP)

    ensure(ledger, review, Stage.ABSTRACT, "ada")
    assert said() == "0 done · 14"
    judge("ada", "r1")
    assert said() == "1 done · 13"
    for who in ("ben", "cem"):
        judge(who, "r2")  # two have judged it: it waits for nobody
    assert said() == "1 done · 13"
    monkeypatch.setattr(desk, "RECOUNT_SECONDS", 0.0)
    assert said() == "1 done · 12"
    ledger.close()
