"""What a reviewer is sent before their own judgement is the same, to the byte, whether others and a machine have judged or not."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests
from sqlalchemy import delete
from support.web_app import STAGE, Running, judged_at, record_on, running, small_review

from screener.adjudication.queue import enter
from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.gold import draw_gold
from screener.ledger import tables as t
from screener.ledger.store import Ledger
from screener.ledger.tags import set_tag
from screener.protocol.model import Review

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")

pytestmark = pytest.mark.slow
RECORDS = 8
ASKED = ("bens note", "bentag", "embedded", "machine", "0.81", "exclude")
PAGES = (
    "/screen/abstract", "/screen/abstract/card", "/records", "/records?tag=bentag", "/conflicts", "/duplicates",
    "/conflicts?names=shown", "/conflicts?record=r2&names=shown", "/duplicates?decided=1",
    *(f"/records?show={what}" for what in ("mine", "include", "exclude", "unclear", "open", "draft")),
    *(f"/records?q={word}" for word in ASKED),
    *(f"/screen/abstract/card?record=r{number}" for number in range(RECORDS)),
)  # fmt: skip


def made(folder: Path, after: bool, judged: bool) -> Review:
    review = small_review(folder, RECORDS)
    path = review.prompts / "review.yaml"
    if after:
        path.write_text(path.read_text().replace("decided_by:", "show_machine: after\n    decided_by:"))
    review, ledger = Review(folder), Ledger.of(review.hidden)
    draw_gold(ledger, review, STAGE, 4, seed="the same")
    out = Judgement(decision=Decision.EXCLUDE, answers={"signal": Answer(value=Value.NO)}, reason="bens note")
    if not judged:
        with ledger.write() as connection:
            connection.execute(delete(t.judgements))
    for name in (f"r{number}" for number in range(0, RECORDS if judged else 0, 2)):
        enter(ledger, review, STAGE, name, "ben", out)
        with ledger.write() as connection:
            set_tag(connection, STAGE, name, "ben", "bentag")
    ledger.close()
    return review


def sent(app: Running) -> Mapping[str, str]:
    """All that the reviewer can ask for at the first stage."""
    found = {path: app.get(path) for path in PAGES}
    for choice in ("include", "exclude:signal", "unclear", "back"):
        found[choice] = app.post("/records/bulk", stage="abstract", which="all", choice=choice, reason="x")
    for turn in range(3):
        card = record_on(app.get("/screen/abstract/card").text)
        found[f"skip {turn}"] = app.post("/screen/abstract/skip", record=card)
    return plain(found)


def plain(found: Mapping[str, requests.Response]) -> Mapping[str, str]:
    """What came, without the secrets of this start."""
    secret = re.compile(r'name="plan" value="\w+"|X-CSRF-Token": "\w+"')
    volatile = {"date", "content-length"}
    return {
        name: f"{answer.status_code} {sorted(h.lower() for h in answer.headers if h.lower() not in volatile)} {secret.sub('', answer.text)}"
        for name, answer in found.items()
    }


@pytest.mark.parametrize("after", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_nothing_that_a_reviewer_is_sent_tells_of_a_judgement_before_their_own(tmp_path: Path, after: bool) -> None:
    told = {}
    for judged in (True, False):
        with running(made(tmp_path / str(judged) / "review", after, judged).root, "ada") as app:
            told[judged] = sent(app.enter())
    assert [name for name in told[True] if told[True][name] != told[False][name]] == []


LATER = (
    "/", "/screen/fulltext", "/screen/fulltext/card", "/full-texts", "/extract", "/extract/card", "/gold", "/conflicts",
    "/conflicts?stage=fulltext", "/conflicts?stage=extraction", "/records?stage=fulltext", "/records?stage=fulltext&show=open",
)  # fmt: skip
KEPT = Judgement(decision=Decision.INCLUDE, stated=True)


def sent_later(app: Running) -> Mapping[str, str]:
    """All that the reviewer can ask for at the later stages."""
    found = {path: app.get(path) for path in LATER}
    for choice in ("include", "exclude:human_ecg", "unclear", "back"):
        found[choice] = app.post("/records/bulk", stage="fulltext", which="all", choice=choice, reason="x")
    return plain(found)


def complete(folder: Path) -> list[str]:
    """The records with a full text that the machine keeps at both screening stages."""
    kept = judged_at(folder, Stage.EXTRACTION, "machine")
    assert len(kept) > 1
    return sorted(kept)


def judge(folder: Path, stage: Stage, name: str, *people: str) -> None:
    review, ledger = Review(folder), Ledger.of(folder / ".screener")
    for who in people:
        enter(ledger, review, stage, name, who, KEPT)
    ledger.close()


@pytest.mark.slow
def test_what_a_machine_keeps_is_not_told_at_a_later_stage_to_who_is_to_judge_it_before(screened: Path) -> None:
    settled, *_ = complete(screened)
    for stage in (Stage.ABSTRACT, Stage.FULLTEXT):
        judge(screened, stage, settled, "ben", "cem")
    told = {}
    for judged in (True, False):
        if not judged:
            ledger = Ledger.of(screened / ".screener")
            j, b = t.judgements.c, t.queue_built.c
            with ledger.write() as connection:
                connection.execute(delete(t.judgements).where(j.role == "machine", j.stage != "extraction"))
                connection.execute(delete(t.queue_built).where(b.reviewer == "ada"))
            ledger.close()
        with running(screened, "ada") as app:
            told[judged] = sent_later(app.enter())
            assert f'value="{settled}"' in app.get("/extract/card").text
    assert [name for name in told[True] if told[True][name] != told[False][name]] == []


def test_a_record_goes_on_to_who_has_judged_it_and_to_who_only_resolves(screened: Path) -> None:
    name, *_ = complete(screened)
    with running(screened, "ada") as app:
        assert 'name="record"' not in app.enter().get("/screen/fulltext/card").text
    judge(screened, Stage.ABSTRACT, name, "ada")
    ledger = Ledger.of(screened / ".screener")
    with ledger.write() as connection:  # as after the half minute that a queue may lag behind
        connection.execute(delete(t.queue_built))
    ledger.close()
    with running(screened, "ada") as app:
        assert record_on(app.enter().get("/screen/fulltext/card").text) == name
    protocol = screened / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("humans: 2,", "humans: 2, resolvers: [dee],"))
    with running(screened, "dee") as app:
        assert 'name="record"' in app.enter().get("/screen/fulltext/card").text


def test_a_record_that_another_takes_back_does_not_come_to_who_is_still_to_judge_it_before(screened: Path) -> None:
    name, *_ = complete(screened)
    judge(screened, Stage.ABSTRACT, name, "ben")
    judge(screened, Stage.FULLTEXT, name, "ben")
    with running(screened, "ada") as ada, running(screened, "ben") as ben:
        assert 'name="record"' not in ada.enter().get("/screen/fulltext/card").text
        ben.enter().post("/screen/fulltext/undo")
        assert 'name="record"' not in ada.get("/screen/fulltext/card").text
