"""What is read of records and judgements where only little is needed is the same as in full, but for what is left out."""

from collections.abc import Callable

import pytest

from screener.core.judgement import Answer, Decision, Evidence, Judgement, Stage, Value
from screener.ledger import Snapshot, reads
from screener.ledger.judgements import NewJudgement, add_judgements
from screener.ledger.store import Ledger
from screener.records import Record
from screener.records.model import KnownDate

FULL = Record(
    id="r1",
    title="On hearts",
    abstract="They beat.",
    authors=("Abel, A.",),
    keywords=("heart",),
    year=2020,
    dates=(KnownDate(kind="published", value="2020-03"),),
    venue="Journal",
    volume="7",
    language="English",
    sources=("PubMed",),
    aliases=("part",),
    doi="10.1/x",
)


@pytest.fixture
def work(ledger: Ledger, add_records: Callable[..., None]) -> Ledger:
    add_records(FULL, Record(id="r2", abstract="No title, but an abstract of some length."), merged={"part": "r1"})
    return ledger


def test_a_brief_record_says_the_same_but_for_what_is_left_out(work: Ledger) -> None:
    with work.read() as connection:
        brief, untitled = reads.brief_records(connection)
    left_out = {"abstract": "T", "authors": (), "keywords": (), "volume": "", "sealed": FULL.text_hash}
    for name in Record.model_fields:
        assert getattr(brief, name) == left_out.get(name, getattr(FULL, name)), name
    assert brief.text_hash == FULL.text_hash
    assert untitled.shown_title == "[no title] No title, but an abstract of some length."
    with pytest.raises(AttributeError, match="colour"):
        brief.colour  # type: ignore[attr-defined]  # noqa: B018


def test_brief_records_are_those_that_are_asked_for(work: Ledger) -> None:
    with work.read() as connection:
        assert [record.id for record in reads.brief_records(connection, {"r2"})] == ["r2"]
    for loaded in (False, True):
        snapshot = Snapshot(work)
        if loaded:
            snapshot.all_records()
        assert [record.id for record in snapshot.brief_records({"r1"})] == ["r1"]
        assert [record.authors for record in snapshot.records({"r1"})] == [FULL.authors]


def test_records_come_in_their_order_however_many_are_asked_for(work: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for few in (10, 1, 0):
        monkeypatch.setattr(reads, "_SOUGHT", few)
        with work.read() as connection:
            assert [record.id for record in reads.records(connection, {"r2", "r1"})] == ["r1", "r2"]


@pytest.mark.parametrize("probability", [None, 0.0, 0.25])
def test_a_bare_judgement_keeps_its_decision_its_answers_and_its_probability(
    work: Ledger, probability: float | None
) -> None:
    evidence = Evidence(quote="On hearts", document="title", start=0, end=9)
    said = Judgement(
        decision=Decision.EXCLUDE,
        answers={"beat": Answer(value=Value.NO, reason="as the title says", evidence=(evidence,))},
        probability=probability,
        flags=("short",),
    )
    with work.write() as connection:
        new = NewJudgement("r1", FULL.text_hash, Stage.ABSTRACT, "gpt", "machine", said)
        add_judgements(connection, [new])
    snapshot = Snapshot(work)
    snapshot.all_records()
    (row,) = snapshot.rows(Stage.ABSTRACT, "gpt")
    assert (row.record_id, row.text_hash, row.judgement.decision) == ("r1", FULL.text_hash, Decision.EXCLUDE)
    assert row.judgement.answers == {"beat": Answer(value=Value.NO)}
    assert (row.judgement.probability, row.judgement.flags, row.judgement.items) == (probability, ("short",), {})
    assert row.judgement.failed() == "beat"
    assert snapshot.current_ids == {"r1": "r1", "part": "r1", "r2": "r2"}
