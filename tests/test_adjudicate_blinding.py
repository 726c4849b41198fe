"""What a reviewer is sent before their own judgement is the same, to the byte, whether others and a machine have judged or not."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from adjudicate_support import STAGE, Running, record_on, running, small_review
from sqlalchemy import delete

from screener.adjudication.queue import enter
from screener.goldset import draw_gold
from screener.judgement import Answer, Decision, Judgement, Value
from screener.ledger import tables as t
from screener.ledger.store import Ledger
from screener.ledger.tags import set_tag
from screener.protocol import Review

pytest.importorskip("fastapi", reason="the web app needs screener[ui]")
RECORDS = 14
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
    """All that the reviewer can ask for, without the secrets of this start."""
    found = {path: app.get(path) for path in PAGES}
    for choice in ("include", "exclude:signal", "unclear", "back"):
        found[choice] = app.post("/records/bulk", stage="abstract", which="all", choice=choice, reason="x")
    for turn in range(3):
        card = record_on(app.get("/screen/abstract/card").text)
        found[f"skip {turn}"] = app.post("/screen/abstract/skip", record=card)
    secret = re.compile(r'name="plan" value="\w+"|X-CSRF-Token": "\w+"')
    volatile = {"date", "content-length"}
    return {
        name: f"{answer.status_code} {sorted(h.lower() for h in answer.headers if h.lower() not in volatile)} {secret.sub('', answer.text)}"
        for name, answer in found.items()
    }


@pytest.mark.parametrize("after", [False, True])
def test_nothing_that_a_reviewer_is_sent_tells_of_a_judgement_before_their_own(tmp_path: Path, after: bool) -> None:
    told = {}
    for judged in (True, False):
        with running(made(tmp_path / str(judged) / "review", after, judged).root, "ada") as app:
            told[judged] = sent(app.enter())
    assert [name for name in told[True] if told[True][name] != told[False][name]] == []
