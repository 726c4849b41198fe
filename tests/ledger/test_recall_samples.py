"""The recall sample in the ledger: one a stage, whoever draws at the same time, and no record is asked for as one of a sample."""

from threading import Barrier, Thread

from screener.core.judgement import Stage
from screener.ledger.samples import Draw, SampleMember, add_first_sample, add_sample, sample_kinds, samples
from screener.ledger.store import Ledger

STAGE = Stage.ABSTRACT


def test_of_two_that_draw_at_once_one_sample_is_kept(ledger: Ledger) -> None:
    drawn: list[int | None] = []
    ready = Barrier(2)

    def draw(name: str) -> None:
        ready.wait()
        drawn.append(add_first_sample(ledger, "recall", STAGE, [SampleMember(name)], Draw(name, "random", 9, {})))

    threads = [Thread(target=draw, args=(name,)) for name in ("r1", "r2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledger.read() as connection:
        (kept,) = samples(connection, STAGE, "recall")
    assert sorted(drawn, key=str) == sorted([kept.id, None], key=str)
    assert [member.record_id for member in kept.members] == [kept.seed]
    assert add_first_sample(ledger, "recall", Stage.FULLTEXT, [], Draw("s", "random", 9, {})) is not None


def test_a_record_of_the_recall_sample_is_in_no_sample_that_is_treated_apart(ledger: Ledger) -> None:
    add_first_sample(ledger, "recall", STAGE, [SampleMember("r1"), SampleMember("r2")], Draw("s", "random", 9, {}))
    add_sample(ledger, "gold", STAGE, [SampleMember("r2")], Draw("s", "random", 9, {}))
    with ledger.read() as connection:
        assert sample_kinds(connection, STAGE, ["r1"]) == []
        assert sample_kinds(connection, STAGE, ["r2"]) == [("gold", True)]
