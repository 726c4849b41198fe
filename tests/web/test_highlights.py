"""What is marked in a title and an abstract: the protocol's cues, and for who resolves what is Underlined: quoted below."""

import re
from pathlib import Path

import pytest
from sqlalchemy import insert
from support.web_app import STAGE, running, small_review

from screener.adjudication.queue import enter
from screener.core.judgement import Answer, Decision, Evidence, Judgement, Value
from screener.ledger import reads
from screener.ledger import tables as t
from screener.ledger.store import Ledger, now
from screener.protocol.model import Review
from screener.web.highlights import Highlighter, Segment

QUOTE = "a model 1 on ECG recordings"


def test_a_quote_is_marked_through_a_cue_and_both_can_be_told(tmp_path: Path) -> None:
    review = small_review(tmp_path / "review")
    text = "We read the ECG here."
    found = Highlighter(review.stage(STAGE).questions).segments(text, [(3, 18), (3, 7)])
    assert found == [
        Segment("We "), Segment("read", quoted=True), Segment(" the ", quoted=True),
        Segment("ECG", "signal", "supports", quoted=True), Segment(" he", quoted=True) , Segment("re."),
    ]  # fmt: skip
    assert "".join(one.text for one in found) == text
    assert not any(one.quoted for one in Highlighter(review.stage(STAGE).questions).segments(text))


def says(review: Review, ledger: Ledger, name: str, text_hash: str, text: str) -> None:
    """The machine quotes a place in the abstract of a record."""
    start = text.index(QUOTE)
    quote = Evidence(quote=QUOTE, document="abstract", start=start, end=start + len(QUOTE))
    body = Judgement(decision=Decision.INCLUDE, answers={"signal": Answer(value=Value.YES, evidence=(quote,))})
    with ledger.write() as connection:
        connection.execute(
            insert(t.judgements).values(
                run_id="", record_id=name, text_hash=text_hash, stage=STAGE.value, reviewer="embedded", role="machine",
                asked="x", rule="x", repeat=0, at=now(), decision="include", probability=None,
                body=body.model_dump_json(exclude_defaults=True),
            )
        )  # fmt: skip


@pytest.mark.parametrize("present", [True, False])
def test_what_the_machine_quotes_is_marked_in_the_abstract_of_a_conflict(tmp_path: Path, present: bool) -> None:
    review = small_review(tmp_path / "review")
    ledger = Ledger.of(review.hidden)
    with ledger.read() as connection:
        (record,) = reads.records(connection, {"r1"})
    says(review, ledger, "r1", record.text_hash if present else "of another text", record.abstract)
    enter(ledger, review, STAGE, "r1", "ada", Judgement(decision=Decision.INCLUDE, stated=True))
    enter(
        ledger,
        review,
        STAGE,
        "r1",
        "ben",
        Judgement(decision=Decision.EXCLUDE, answers={"signal": Answer(value=Value.NO)}),
    )
    with running(review.root, "ada") as app:
        page = app.enter().get("/conflicts").text
        before = app.get("/screen/abstract/card", record="r2").text
    abstract = re.findall(r'<div class="abstract" dir="auto"[^>]*>(.*?)</div>', page, re.DOTALL)[0]
    marked = "".join(re.findall(r'<mark class="(?:\w+ )?quoted"[^>]*>(.*?)</mark>', abstract))
    assert marked == (QUOTE if present else "")
    assert ("Underlined: quoted below" in page) == present
    assert 'quoted"' not in before
