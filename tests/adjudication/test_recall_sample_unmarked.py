"""A record of the recall sample is judged like any other: nothing is asked, kept or refused of it that is not of all."""

from pathlib import Path

from support import Cli
from support.ranked import EXCLUDE, STAGE, ranked_review

from screener.adjudication import ensure
from screener.adjudication.queue import Entered, JudgementContext, enter, slots_of, write_judgements
from screener.adjudication.slots import in_a_sample, needed_in_samples
from screener.gold import recall_sample
from screener.ledger import finished_records, held_back, queued
from screener.ledger.store import Ledger


def test_its_records_are_judged_like_all_others(tmp_path: Path, cli: Cli) -> None:
    review = ranked_review(tmp_path, cli, rule="{rule: buscar, sample: 4}", records=12)
    ledger = Ledger.of(review.hidden)
    ensure(ledger, review, STAGE, "anna", exact=True)
    with ledger.read() as connection:
        sample = recall_sample(connection, STAGE)
        assert sample is not None
        one, many, *_ = [member.record_id for member in sample.members]
        other = next(f"r{n}" for n in range(12) if f"r{n}" not in {member.record_id for member in sample.members})
        assert not in_a_sample(connection, STAGE, one)
        assert needed_in_samples(connection, review, STAGE) == {}
        assert not held_back(connection, STAGE)
        assert queued(connection, STAGE, "anna")[0][1] == 0, "none is put before the queue"
    # How its judgement is recorded is that of the order: whoever reads the file finds no difference.
    for name in (one, other):
        enter(ledger, review, STAGE, name, "anna", EXCLUDE)
    with ledger.read() as connection:
        said = connection.exec_driver_sql("SELECT DISTINCT blinded, ordered FROM circumstances").all()
    assert [tuple(row) for row in said] == [("partly", "ranked")]
    # A decision on many at once is a decision: a record that came again after it would be known for one of the sample.
    with ledger.write() as connection:
        write_judgements(connection, review, STAGE, "anna", [Entered(many, "", EXCLUDE)], JudgementContext(bulk="b"))
    with ledger.read() as connection:
        assert slots_of(connection, review, STAGE, many).filled == ("anna",)
        assert many in finished_records(connection, STAGE, "anna", 1)
