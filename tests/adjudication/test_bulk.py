"""One decision on many records: said before it is done, only where the reviewer may judge, undone as a whole."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select
from support import Cli
from support.web_app import Running, drafts_of, human, record_on, running

from screener.ledger import tables as t
from screener.ledger.store import Ledger

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

pytestmark = pytest.mark.slow

PAPER_1 = '"paper 1"'
CARD = "/screen/abstract/card"
YES = {"answer.signal": "yes", "answer.training": "yes", "answer.scope": "yes"}
OUT = {"stage": "abstract", "choice": "exclude:signal", "reason": "all about mice"}


def token(page: str) -> str:
    return re.findall(r'name="plan" value="(\w+)"', page)[0]


def decide(app: Running, **fields: str) -> str:
    return app.post("/records/bulk/sure", plan=token(app.post("/records/bulk", **{**OUT, **fields}).text)).text


def withdrawn(folder: Path) -> int:
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        count = len(connection.execute(select(t.withdrawals)).all())
    ledger.close()
    return count


def test_all_that_match_are_decided_on_after_a_second_look(folder: Path, ada: Running) -> None:
    page = ada.post("/records/bulk", **OUT, which="all", q=PAPER_1).text  # 1 and 10 to 13
    assert "Exclude 5 records?" in page
    assert "Is the electrocardiogram an input?" in page
    assert human(folder, "ada") == {}
    assert "Excluded: 5 records" in ada.post("/records/bulk/sure", plan=token(page)).text
    mine = human(folder, "ada")
    assert sorted(mine) == ["r1", "r10", "r11", "r12", "r13"]
    assert {(one.decision, one.failed(), one.reason, one.stated) for one in mine.values()} == {
        ("exclude", "signal", "all about mice", False)
    }
    assert ada.post("/records/bulk/sure", plan=token(page)).status_code == 400  # not twice


def test_ticked_records_are_decided_on_and_a_reason_is_asked_for(folder: Path, ada: Running) -> None:
    def sent(**fields: object) -> str:
        headers = {**ada.headers(), "X-CSRF-Token": ada.csrf}
        return ada.session.post(ada.origin + "/records/bulk", data=fields, headers=headers, timeout=60).text

    ticks = {"which": "ticked", "tick": ["r2", "r4"]}
    assert "Give a reason" in sent(**{**OUT, "reason": " "}, **ticks)
    assert "Select records first" in sent(**OUT, which="ticked")
    assert "Choose a decision" in sent(**{**OUT, "choice": "exclude:nothing"}, **ticks)
    kept = sent(**{**OUT, "reason": ""}, **ticks)
    assert kept.count('name="tick"') - kept.count("checked>") >= 0
    assert re.search(r'value="r4"[^>]* checked', kept)
    ada.post("/records/bulk/sure", plan=token(sent(**OUT, **ticks)))
    assert sorted(human(folder, "ada")) == ["r2", "r4"]


def test_what_the_reviewer_may_not_judge_is_left_out_with_the_reason(folder: Path, ada: Running, ben: Running) -> None:
    ada.post("/screen/abstract/decide", record="r1", **YES)
    for who in ("ben", "cem"):
        with running(folder, who) as other:
            other.enter().post("/screen/abstract/decide", record="r2", **YES)
    page = ada.post("/records/bulk", **OUT, which="all").text
    assert "Exclude 12 records?" in page
    assert "<strong>1</strong>: judged by you already" in page
    assert "<strong>1</strong>: judged by others, or open with them now" in page
    assert "Exclude 13 records?" in ada.post("/records/bulk", **OUT, which="all", again="1").text
    ada.post("/records/bulk/sure", plan=token(page))
    mine = human(folder, "ada")
    assert len(mine) == 13
    assert "r2" not in mine
    assert mine["r1"].decision == "include"


def test_a_record_that_went_to_others_meanwhile_is_not_entered(folder: Path, ada: Running) -> None:
    page = ada.post("/records/bulk", **OUT, which="all", q="paper 5").text
    for who in ("ben", "cem"):
        with running(folder, who) as other:
            other.enter().post("/screen/abstract/decide", record="r5", **YES)
    assert "1 skipped, judged by others meanwhile" in ada.post("/records/bulk/sure", plan=token(page)).text
    assert human(folder, "ada") == {}


def test_a_rule_that_says_no_keeps_a_record_out_of_an_inclusion(folder: Path, ada: Running) -> None:
    from screener.ledger.intake import add_files
    from screener.records import read_file

    (folder / "old.csv").write_text("id,title,abstract,year\nold,An ancient paper,On hearts,1999\n", encoding="utf-8")
    add_files(Ledger.of(folder / ".screener"), [read_file(folder / "old.csv")])
    page = ada.post("/records/bulk", stage="abstract", choice="include", reason="the same group", which="all").text
    assert "Include 14 records?" in page
    assert "<strong>1</strong>: excluded by a rule of the protocol" in page


def test_it_is_undone_as_a_whole_and_says_what_it_was(folder: Path, ada: Running) -> None:
    decide(ada, which="all", q=PAPER_1)
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        said = list(connection.execute(select(t.judgement_context.c.bulk)).scalars())
    ledger.close()
    assert len(set(said)) == 1
    assert len(said) == 5
    ada.post("/screen/abstract/decide", record="r1", **YES)  # one of them is thought over
    done = ada.post("/records/bulk/undo", stage="abstract").text
    assert "Undone: exclude on 5 records" in done
    assert {name: one.decision.value for name, one in human(folder, "ada").items()} == {"r1": "include"}
    assert withdrawn(folder) == 5
    assert "No bulk decision" in ada.post("/records/bulk/undo", stage="abstract").text


def test_undo_on_the_card_takes_the_last_decision_back_whether_of_one_or_many(folder: Path, ada: Running) -> None:
    first = record_on(ada.get(CARD).text)
    ada.post("/screen/abstract/decide", record=first, **YES)
    decide(ada, which="all")
    assert len(human(folder, "ada")) == 14
    assert "done for now" in ada.get(CARD).text
    assert "Undone: exclude on 13 records" in ada.post("/screen/abstract/undo").text
    assert sorted(human(folder, "ada")) == [first]
    assert "Undone: include" in ada.post("/screen/abstract/undo").text


def test_own_decisions_are_reopened_and_their_answers_stay_in_the_form(folder: Path, ada: Running) -> None:
    ada.post("/screen/abstract/decide", record="r5", note="hm", **YES)
    page = ada.post("/records/bulk", stage="abstract", choice="back", which="all").text
    assert "Withdraw your decision on 1 record?" in page
    assert "<strong>13</strong>: not judged by you" in page
    ada.post("/records/bulk/sure", plan=token(page))
    assert human(folder, "ada") == {}
    card = ada.get(CARD, record="r5").text
    assert card.count(" checked") == 3
    assert "hm</textarea>" in card


def back(app: Running, words: str) -> None:
    page = app.post("/records/bulk", stage="abstract", choice="back", which="all", q=words).text
    assert ": 1 record" in app.post("/records/bulk/sure", plan=token(page)).text


@pytest.mark.parametrize("screen", ["/records/bulk/undo", "/screen/abstract/undo"])
def test_reopening_is_undone_before_the_decision_that_it_took_back(folder: Path, ada: Running, screen: str) -> None:
    decide(ada, which="all", q=PAPER_1)
    before = human(folder, "ada")
    back(ada, '"paper 10"')
    assert sorted(human(folder, "ada")) == ["r1", "r11", "r12", "r13"]
    assert "Restored: your decision on 1 record" in ada.post(screen, stage="abstract").text
    assert human(folder, "ada") == before
    assert drafts_of(folder, "ada") == {}
    assert "Undone: exclude on 5 records" in ada.post(screen, stage="abstract").text
    assert human(folder, "ada") == {}


def test_what_was_done_after_reopening_is_undone_before_it(folder: Path, ada: Running) -> None:
    ada.post("/screen/abstract/decide", record="r10", note="hm", **YES)
    back(ada, '"paper 10"')
    ada.post("/screen/abstract/decide", record="r2", **YES)
    assert "Undone: include" in ada.post("/screen/abstract/undo").text
    assert human(folder, "ada") == {}
    assert "Restored: your decision on 1 record" in ada.post("/screen/abstract/undo").text
    assert [(name, one.reason) for name, one in human(folder, "ada").items()] == [("r10", "hm")]
    again = circumstances_of(folder)
    assert again[1] == again[3]  # a judgement that stands again came about as it did at first
    assert "Undone: include" in ada.post("/screen/abstract/undo").text
    assert human(folder, "ada") == {}


def test_what_was_reopened_does_not_stand_again_where_it_was_decided_on_since(folder: Path, ada: Running) -> None:
    decide(ada, which="all", q='"paper 10"')
    back(ada, '"paper 10"')
    for who in ("ben", "carl"):
        with running(folder, who) as other:
            other.enter().post("/screen/abstract/decide", record="r10", **YES)
    done = ada.post("/records/bulk/undo", stage="abstract").text
    assert "Restored: your decision on 0 records; 1 skipped, judged again since" in done
    assert human(folder, "ada") == {}


def circumstances_of(folder: Path) -> dict[int, tuple[str, ...]]:
    """How each judgement came about, by its number."""
    ledger = Ledger.of(folder / ".screener")
    with ledger.read() as connection:
        rows = connection.execute(select(t.judgement_context)).all()
    ledger.close()
    least = min(row.judgement_id for row in rows) - 1
    return {row.judgement_id - least: tuple(row)[1:] for row in rows}


def test_a_drawn_record_is_to_be_judged_by_itself_and_no_bulk_label_becomes_gold(
    folder: Path, ada: Running, cli: Cli
) -> None:
    decide(ada, which="all")
    done = cli("gold", "sample", "--stage", "abstract", "--n", "4", "--review", folder, "--json").json
    names = {one["id"] for one in done["records"]}
    refused = cli("gold", "lock", "--stage", "abstract", "--review", folder, "--json")
    assert refused.json["lacking"] == dict.fromkeys(names, 0)
    given = set()
    page = ada.get(CARD).text  # they come again, one by one
    while 'name="record"' in page and "done for now" not in page:
        given.add(record_on(page))
        page = ada.post("/screen/abstract/decide", record=record_on(page), **YES).text
    assert given > names
    assert len(given) == 5  # another one is among them, and nothing tells which
    with running(folder, "ben") as ben:
        page = ben.enter().post("/records/bulk", **OUT, which="all").text
    assert "Exclude 9 records?" in page
    assert "<strong>5</strong>: must be judged one by one" in page
    assert not any(f">{name}<" in page for name in given)
