"""The machine's answers, shown after a person's own where the protocol says so; what they then changed is counted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Cli
from support.unblinded import around, shown
from support.web_app import SECRET, STAGE, Running, human, record_on, running, small_review

from screener.evaluation.unblinded_changes import changes, count
from screener.ledger.store import Ledger
from screener.protocol.model import Review

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

pytestmark = pytest.mark.slow

CARD = "/screen/abstract/card"
YES = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
NO = {"answer.signal": "no", "answer.training": "yes", "answer.scope": "yes"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The machine keeps every record; people are shown that after their own judgement."""
    small_review(tmp_path / "review")
    shown(tmp_path / "review", "after")
    return tmp_path / "review"


@pytest.fixture
def ada(folder: Path) -> Iterator[Running]:
    with running(folder, "ada") as app:
        yield app.enter()


def test_the_machines_answers_come_after_ones_own_and_not_before(ada: Running) -> None:
    first = record_on(ada.get(CARD).text)
    assert SECRET not in ada.get(CARD).text
    page = ada.post("/screen/abstract/decide", record=first, **NO).text
    assert record_on(page) == first
    assert SECRET in page
    assert page.count("differs</span>") == 1  # on the signal; of the rule it says nothing
    assert SECRET not in ada.get(CARD).text  # the next one


def test_keeping_and_changing_are_recorded_with_what_was_said_before(folder: Path, ada: Running) -> None:
    for name, then in (("r1", NO), ("r2", YES)):
        ada.post("/screen/abstract/decide", record=name, **NO)
        page = ada.post("/screen/abstract/decide", record=name, **then).text
        assert record_on(page) != name
    assert "Changed: include" in page
    assert [blinded for blinded, _ in around(folder)] == ["blind", "open", "blind", "open"]
    kept, changed = around(folder)[1][1], around(folder)[3][1]
    assert kept["seen"] == changed["seen"] == ["embedded"]
    assert (kept["before"], changed["before"]) == (15, 17)
    assert {name: one.decision.value for name, one in human(folder, "ada").items()} == {
        "r1": "exclude",
        "r2": "include",
    }


def test_undoing_after_having_seen_does_not_make_blind_again(folder: Path, ada: Running) -> None:
    ada.post("/screen/abstract/decide", record="r1", **NO)
    assert SECRET not in ada.post("/screen/abstract/undo", record="r1").text
    ada.post("/screen/abstract/decide", record="r1", **YES)
    blinded, said = around(folder)[-1]
    assert (blinded, said["before"]) == ("open", 15)


def test_nothing_is_shown_where_the_protocol_says_never(folder: Path) -> None:
    shown(folder, "never")
    with running(folder, "ada") as ada:
        page = ada.enter().post("/screen/abstract/decide", record="r1", **NO).text
        assert record_on(page) != "r1"
        assert SECRET not in page + ada.get(CARD, record="r1").text
    assert [blinded for blinded, _ in around(folder)] == ["blind"]


@pytest.mark.slow
def test_minds_are_counted_which_way_and_right_or_wrong_by_others(folder: Path, ada: Running, cli: Cli) -> None:
    for name, first, then in (("r1", NO, NO), ("r2", NO, YES), ("r3", YES, NO), ("r4", NO, YES)):
        ada.post("/screen/abstract/decide", record=name, **first)
        ada.post("/screen/abstract/decide", record=name, **then)
    ruled = folder / "ruled.csv"
    ruled.write_text("id,zoe\nr2,include\nr3,include\n")
    assert cli("label", ruled, "--stage", "abstract", "--column", "zoe=zoe:adjudicator", "--review", folder).code == 0
    ledger = Ledger.of(folder / ".screener")
    found = count(changes(ledger, Review(folder), STAGE))
    ledger.close()
    assert (found.answered, found.kept, found.changed) == (4, 1, 3)
    assert (found.to_keep, found.to_exclude, found.towards, found.away) == (2, 1, 2, 1)
    assert (found.better, found.worse, found.untold) == (1, 1, 1)
    assert "were kept" not in ada.get("/").text  # not before ada is through
    for number in range(14):
        ada.post("/screen/abstract/decide", record=f"r{number}", **YES) if number in (0, *range(5, 14)) else None
        ada.post("/screen/abstract/decide", record=f"r{number}", **YES) if number in (0, *range(5, 14)) else None
    text = " ".join(ada.get("/").text.split())
    assert "3 of 14 judgements were changed: 2 to not excluded, 1 to exclude" in text
    assert "1 became right and 1 wrong" in text
    report = folder / "report.html"
    assert cli("report", "--output", report, "--review", folder).code == 0
    told = json.loads(report.read_text().split('id="figures">')[1].split("</script>")[0])
    assert told["stages"]["abstract"]["minds"] == {"shown": "after", **count_of(folder)}
    assert "judgements changed after seeing the machine’s answer" in report.read_text()


def count_of(folder: Path) -> dict[str, int]:
    ledger = Ledger.of(folder / ".screener")
    found = count(changes(ledger, Review(folder), STAGE)).as_json()
    ledger.close()
    return found


def test_agreement_of_people_stands_on_what_they_said_blind(folder: Path, ada: Running) -> None:
    from screener.evaluation.agreement import inter_rater_agreement
    from screener.evaluation.evaluate import evaluate

    ada.post("/screen/abstract/decide", record="r1", **NO)
    ada.post("/screen/abstract/decide", record="r1", **YES)  # after the machine
    with running(folder, "ben") as ben:
        ben.enter().post("/screen/abstract/decide", record="r1", **YES)
    ledger = Ledger.of(folder / ".screener")
    found = inter_rater_agreement(ledger, STAGE, Review(folder).stage(STAGE))
    pairs = [evaluate(ledger, Review(folder), STAGE, *names) for names in (("ada", "ben"), ("ben", "ada"))]
    ledger.close()
    assert found is not None
    assert (found.records, found.counts.same, found.decision.estimates["raw"].value) == (1, 0, 0)
    assert [pair.agreement["raw"].value for pair in pairs] == [0, 0]
    for number in (0, *range(2, 14)):
        ada.post("/screen/abstract/decide", record=f"r{number}", **YES)
    assert "Agreement on 0 of 1" in " ".join(ada.get("/").text.split())


def test_the_setting_is_checked_and_makes_no_judgement_stale(folder: Path, cli: Cli) -> None:
    review = Review(folder)
    stated = review.fingerprint(STAGE, "embedded")
    assert "after their own" in cli("check", "--review", folder).out
    assert cli("check", "--review", folder, "--json").json["show_machine"] == {"abstract": "after"}
    shown(folder, "never")
    assert Review(folder).fingerprint(STAGE, "embedded") == stated
    assert "only adjudicators see its answers" in cli("check", "--review", folder).out
    shown(folder, "never")
    path = folder / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("show_machine: never\n    show_machine: never", "show_machine: before"))
    refused = cli("check", "--review", folder)
    assert refused.code == 2
    assert "people judge before they are shown that" in refused.err
