"""The learned queue: what orders it, what it learns from, and what stays where it is when a new order comes."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import select
from support import Cli
from support.hearts import hearts
from support.learned import CRITERIA, decisions, learning_review, said
from support.waiting import until

from screener.adjudication.learning import is_due, learner_of
from screener.adjudication.queue import adjudicate, enter, next_record, skip, undo
from screener.adjudication.recall_mixed import mixed_in
from screener.core.judgement import Decision, Judgement, Stage
from screener.gold import draw_recall
from screener.ledger import judged_ranked, merge_records, reads, split_record
from screener.ledger import ranking_tables as t
from screener.ledger.intake import add_files
from screener.ledger.judgements import NewJudgement, add_judgements, contexts
from screener.ledger.rankings import RankingRow, add_ranking, newest_ranking, ranked_places
from screener.ledger.samples import Draw, SampleMember, add_sample
from screener.ledger.store import Ledger
from screener.protocol.model import Review
from screener.records import read_file
from screener.running import queue_model
from screener.running.queue_labels import STEP, queue_labels
from screener.running.queue_model import FittedQueue, QueueModel
from screener.running.queue_process import FitEnded, QueueProcess
from screener.running.recall_reach import by_rank
from screener.text import HashedTerms, MiniLM, load_embedder

S = Stage.ABSTRACT
KEEP, DROP = said(Decision.INCLUDE), said(Decision.EXCLUDE)


@dataclass
class Queue:
    """A review with a learned queue, and a model that is fitted here and now."""

    review: Review
    ledger: Ledger
    model: QueueModel

    def fit(self) -> FittedQueue:
        fitted = self.model.fit(self.review, S)
        with self.ledger.write() as connection:
            add_ranking(connection, S, fitted.body, fitted.order)
        return fitted

    def next(self, who: str = "ada") -> str:
        record = next_record(self.ledger, self.review, S, who)
        assert record is not None
        return record.id

    def judge(self, name: str, judgement: Judgement, who: str = "ada") -> int:
        return enter(self.ledger, self.review, S, name, who, judgement)

    def order(self) -> list[str]:
        with self.ledger.read() as connection:
            return [place.record_id for place in ranked_places(connection, S)]

    def newest(self) -> RankingRow:
        with self.ledger.read() as connection:
            newest = newest_ranking(connection, S)
        assert newest is not None
        return newest

    def due(self) -> bool:
        with self.ledger.read() as connection:
            return is_due(connection, self.review, S, newest_ranking(connection, S))


Made = Callable[..., Queue]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Makes a review; without sentence vectors, which take seconds."""

    def make(vectors: bool = False, **given: object) -> Queue:
        if not vectors:
            monkeypatch.setattr(queue_model, "load_embedder", HashedTerms)
        review = learning_review(tmp_path / "review", **given)  # type: ignore[arg-type]
        ledger = Ledger.of(review.hidden)
        return Queue(review, ledger, QueueModel(ledger, review.hidden))

    return make


@pytest.fixture
def queue(made: Made) -> Queue:
    return made(records=40)


def kept_among(names: list[str]) -> int:
    told = decisions()
    return sum(told[name].kept for name in names)


def test_the_first_order_is_by_the_criteria_and_the_next_by_what_was_kept_too(made: Made) -> None:
    queue, told = made(), decisions()
    fitted = queue.fit()
    assert fitted.body["parts"] == ["criteria"]
    assert (fitted.body["labels"], fitted.body["kept"], fitted.body["records"]) == (0, 0, 120)
    assert "expected_yield" not in fitted.body
    assert kept_among([name for name, _ in fitted.order[:20]]) > 2 * 20 * kept_among(list(told)) / 120
    for name, _ in (*fitted.order[:8], *fitted.order[-8:]):
        queue.judge(name, said(told[name]))
    fitted = queue.fit()
    assert fitted.body["parts"] == ["labels", "criteria"]
    assert fitted.body["labels"] == 16
    assert fitted.body["kept"] == kept_among([name for name in told if name not in dict(fitted.order)])
    assert fitted.body["expected_yield"]["next"] == 50
    assert 0 < fitted.body["expected_yield"]["kept"] < 50
    assert len(fitted.order) == 104, "what was judged is not ordered"


def test_records_are_offered_in_the_order_of_the_newest_ranking_and_their_scores_are_kept(queue: Queue) -> None:
    before = queue.next()
    fitted = queue.fit()
    first, second = fitted.order[:2]
    assert queue.next("ben") == first[0]
    queue.judge(first[0], KEEP, "ben")
    assert queue.next("ben") == second[0]
    assert queue.next("ben") == second[0], "the same window"
    with queue.ledger.read() as connection:
        rows = connection.execute(select(t.offered_scores)).all()
    assert [(row.record_id, row.reviewer, row.score) for row in rows] == [(*first[:1], "ben", first[1]), (second[0], "ben", second[1])]  # fmt: skip
    assert before not in [row.record_id for row in rows], "what came at random has no score"


def test_what_is_judged_in_this_order_is_partly_blind_and_counts_as_ranked(queue: Queue) -> None:
    queue.fit()
    number = queue.judge(queue.next(), KEEP)
    with queue.ledger.read() as connection:
        assert number in judged_ranked(connection)
        context = contexts(connection, [number])[number]
    assert (context.ordered, context.blinded) == ("learned", "partly")


def test_a_skipped_record_stays_behind_and_one_taken_back_comes_first_whatever_the_new_order(queue: Queue) -> None:
    queue.fit()
    skipped = queue.next()
    skip(queue.ledger, S, skipped, "ada")
    taken_back = queue.next()
    queue.judge(taken_back, DROP)
    for _ in range(3):
        queue.judge(queue.next(), DROP)
    undo(queue.ledger, queue.review, S, "ada", taken_back)
    fitted = queue.fit()
    assert {skipped, taken_back} <= set(dict(fitted.order))
    assert queue.next() == taken_back
    queue.judge(taken_back, DROP)
    rest = []
    while (record := next_record(queue.ledger, queue.review, S, "ada")) is not None:
        rest.append(record.id)
        queue.judge(record.id, DROP)
    assert rest == [name for name, _ in fitted.order if name not in (skipped, taken_back)] + [skipped]


def test_what_is_taken_back_or_skipped_before_the_first_order_stays_first_and_last(queue: Queue) -> None:
    skipped = queue.next()
    skip(queue.ledger, S, skipped, "ada")
    taken_back = [queue.next(), ""]
    queue.judge(taken_back[0], DROP)
    taken_back[1] = queue.next()
    queue.judge(taken_back[1], DROP)
    for _ in taken_back:
        undo(queue.ledger, queue.review, S, "ada")
    queue.fit()
    offered = []
    for _ in range(40):
        offered.append(queue.next())
        queue.judge(offered[-1], DROP)
    assert offered[:2] == taken_back
    assert offered[-1] == skipped


def test_records_of_a_sample_come_in_its_order_and_teach_nothing(queue: Queue) -> None:
    names = sorted(dict(queue.fit().order))
    drawn = [SampleMember(name) for name in (names[30], names[4])]
    add_sample(queue.ledger, "elusion", S, drawn, Draw("seed", "random", 40, {}))
    queue.fit()
    assert [queue.next(), queue.judge(queue.next(), KEEP), queue.next()][::2] == [names[30], names[4]]
    body = queue.fit().body
    assert (body["labels"], body["kept"]) == (0, 0)
    assert names[30] not in queue.order()


def test_the_recall_sample_is_mixed_into_the_order_and_teaches(made: Made) -> None:
    queue = made(sample=20)
    sample = draw_recall(queue.ledger, queue.review, S, "ada", seed="fixed")
    queue.next()
    fitted, told = queue.fit(), decisions()
    assert sample is not None
    drawn, ranked = [member.record_id for member in sample.members], [name for name, _ in fitted.order]
    offered = []
    for _ in range(40):
        offered.append(queue.next())
        queue.judge(offered[-1], said(told[offered[-1]]))
    assert offered == mixed_in(ranked, drawn, sample.seed)[:40]
    assert len(set(offered) & set(drawn)) >= 10
    body = queue.fit().body
    assert body["labels"] == 40


def test_the_sample_keeps_its_one_place_in_four_when_the_order_comes_some_labels_after_its_fit(made: Made) -> None:
    queue, told = made(sample=30), decisions()
    sample = draw_recall(queue.ledger, queue.review, S, "ada", seed="fixed")
    assert sample is not None
    queue.fit()
    members, by_rank, of_sample = {member.record_id for member in sample.members}, 0, 0
    for _ in range(10):
        fitted = queue.model.fit(queue.review, S)
        for label in range(4):
            name = queue.next()
            of_sample += name in members
            by_rank += name in dict(fitted.order[: 4 - label]) and name in members
            queue.judge(name, said(told[name]))
            if label == 2:  # the fit ends while people screen on
                with queue.ledger.write() as connection:
                    add_ranking(connection, S, fitted.body, fitted.order)
    assert of_sample - by_rank <= 10 <= of_sample


def test_what_others_have_finished_uses_up_no_place_of_the_sample(made: Made) -> None:
    queue, told = made(sample=30), decisions()
    sample = draw_recall(queue.ledger, queue.review, S, "ada", seed="fixed")
    assert sample is not None
    queue.next("ben")
    drawn = [member.record_id for member in sample.members]
    for name in drawn[:10]:
        queue.judge(name, said(told[name]))
    fitted = queue.fit()
    offered = []
    for _ in range(12):
        offered.append(queue.next("ben"))
        queue.judge(offered[-1], DROP, "ben")
    assert offered == mixed_in([name for name, _ in fitted.order], drawn[10:], sample.seed)[:12]


def test_the_ranked_places_stay_when_somebody_has_begun_the_last_of_them(made: Made) -> None:
    queue = made(humans=2, records=40, sample=10)
    sample = draw_recall(queue.ledger, queue.review, S, "ada", seed="fixed")
    assert sample is not None
    ranked = [name for name, _ in queue.fit().order]
    queue.judge(ranked[-1], DROP)
    offered = []
    for _ in range(8):
        offered.append(queue.next("ben"))
        queue.judge(offered[-1], DROP, "ben")
    wanted = [ranked[-1], *ranked[:-1]]
    assert offered == mixed_in(wanted, [member.record_id for member in sample.members], sample.seed)[:8]


def test_of_the_sample_is_reached_what_a_fit_puts_next_by_itself(made: Made) -> None:
    queue, told = made(sample=30), decisions()
    recall = draw_recall(queue.ledger, queue.review, S, "ada", seed="fixed")
    queue.next()
    assert recall is not None
    sample = {member.record_id for member in recall.members}
    for _ in range(12):  # judged before anything is ranked
        name = queue.next()
        queue.judge(name, said(told[name]))
    judged = queue_labels(queue.ledger, queue.review, S).kept
    first = queue.fit()
    reached = set(first.body["reached"])
    assert reached <= sample
    assert reached - judged.keys() == {name for name, _ in first.order[: by_rank(12, STEP, waiting=True)]} & sample
    for name, _ in first.order[:20]:
        queue.judge(name, said(told[name]))
    later = set(queue.fit().body["reached"])
    assert reached <= later
    assert kept_among(list(later)) / len(later) > kept_among(list(sample)) / len(sample)


def test_what_one_person_keeps_is_kept_until_somebody_adjudicates(made: Made) -> None:
    queue = made(humans=2, records=10)
    queue.fit()
    name = queue.next()
    queue.judge(name, KEEP)
    queue.judge(name, DROP, "ben")
    assert queue_labels(queue.ledger, queue.review, S).kept == {name: True}
    adjudicate(queue.ledger, queue.review, S, name, "zoe", DROP)
    assert queue_labels(queue.ledger, queue.review, S).kept == {name: False}


def test_the_second_person_gets_what_the_first_has_judged_in_that_order(made: Made) -> None:
    queue = made(humans=2, records=30)
    queue.fit()
    judged = []
    for number in range(5):
        judged.append(queue.next())
        queue.judge(judged[-1], KEEP if number % 2 else DROP)
    fitted = queue.fit()
    others = []
    for _ in range(7):
        others.append(queue.next("ben"))
        queue.judge(others[-1], DROP, "ben")
    assert others == [*judged, *(name for name, _ in fitted.order[:2])]


def test_votes_of_machines_order_by_their_newest_judgement(made: Made) -> None:
    queue = made(records=20)
    names = sorted(dict(queue.fit().order))
    with queue.ledger.read() as connection:
        texts = {record.id: record.text_hash for record in reads.records(connection)}
    rows = [NewJudgement(name, texts[name], S, "chat", "machine", DROP) for name in names]
    rows += [NewJudgement(name, texts[name], S, "chat", "machine", KEEP) for name in names[:3]]
    with queue.ledger.write() as connection:
        add_judgements(connection, rows)
    fitted = queue.fit()
    assert fitted.body["parts"] == ["criteria", "votes"]
    assert {name for name, _ in fitted.order[:3]} == set(names[:3])


def test_an_empty_review_and_one_record_have_an_order(made: Made) -> None:
    queue = made(records=0)
    assert queue.fit().order == ()
    assert next_record(queue.ledger, queue.review, S, "ada") is None
    learning_review(queue.review.root.parent / "other", records=1)
    add_files(queue.ledger, [read_file(queue.review.root.parent / "other" / "records.csv")])
    assert queue.due()
    assert len(queue.fit().order) == 1
    queue.judge(queue.next(), KEEP)
    assert queue.fit().order == ()


def test_labels_that_are_all_the_same_leave_the_order_to_the_criteria(queue: Queue) -> None:
    before = [name for name, _ in queue.fit().order]
    for name in before[:5]:
        queue.judge(name, DROP)
    fitted = queue.fit()
    assert fitted.body["parts"] == ["criteria"]
    assert [name for name, _ in fitted.order] == before[5:]


def test_merged_and_parted_records_are_ordered_as_they_are_now(queue: Queue) -> None:
    first, second = (name for name, _ in queue.fit().order[:2])
    merged = merge_records(queue.ledger, first, second, "ada")
    assert queue.due()
    assert len(queue.fit().order) == 39
    assert queue.next() in queue.order()[:1]
    assert {first, second} & set(queue.order()) == {merged}
    split_record(queue.ledger, merged, "ada")
    assert queue.due()
    assert len(queue.fit().order) == 40


def test_what_was_reached_is_known_of_records_that_were_merged_and_parted_again(made: Made) -> None:
    queue = made(records=12, sample=6)
    sample = draw_recall(queue.ledger, queue.review, S, "ada", seed="fixed")
    assert sample is not None
    member = sample.members[0].record_id
    with queue.ledger.write() as connection:
        add_ranking(connection, S, {"labels": 0, "reached": [member], "made_from": {}}, ())
    other = next(name for name in decisions() if name not in {m.record_id for m in sample.members})
    merged = merge_records(queue.ledger, member, other, "ada")
    assert {member, merged} <= set(queue.fit().body["reached"])
    split_record(queue.ledger, merged, "ada")
    assert member in queue.fit().body["reached"]


def test_a_model_is_fitted_after_each_of_the_first_labels_and_then_after_three(queue: Queue) -> None:
    assert queue.due()
    queue.fit()
    fits = []
    for _ in range(25):
        assert not queue.due() or queue.fit()
        queue.judge(queue.next(), DROP)
        fits.append(queue.due())
    assert [number for number, due in enumerate(fits, start=1) if due] == [*range(1, 11), 13, 16, 19, 22, 25]


def test_a_change_of_wording_asks_for_a_new_fit(queue: Queue) -> None:
    queue.fit()
    assert not queue.due()
    path = queue.review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("large data", "very large data"))
    queue.review = Review(queue.review.root)
    assert queue.due()


def test_a_fit_that_failed_is_not_tried_at_once_and_leaves_the_order(queue: Queue) -> None:
    queue.fit()
    order, made_from = queue.order(), queue.newest().body["made_from"]
    with queue.ledger.write() as connection:
        add_ranking(connection, S, {"failed": "no memory", "made_from": made_from}, None)
    assert queue.newest().failed == "no memory"
    assert not queue.due()
    assert queue.next() == order[0]
    for name in order[:3]:
        assert not queue.due()
        queue.judge(name, DROP)
    assert queue.due()


@pytest.mark.parametrize("records", [0, 1])
def test_a_review_of_no_record_or_of_one_is_no_failure(made: Made, records: int) -> None:
    queue = made(vectors=True, records=records)
    queue.model.prepare()
    while queue.model.work_ahead():
        pass
    fitted = queue.fit()
    assert [name for name, _ in fitted.order] == ["ecg-0001"][:records]
    assert fitted.body["records"] == records


def test_at_full_text_the_records_that_came_so_far_are_ordered(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_model, "load_embedder", HashedTerms)
    review = hearts(tmp_path, cli, "abstract", "fulltext", records=6, humans=1)
    before, _, full = (path := review.prompts / "review.yaml").read_text().partition("  fulltext:\n")
    path.write_text(f"{before}  fulltext:\n    queue: learned\n{full}")
    review, ledger = Review(tmp_path), Ledger.of(review.hidden)
    for name in ("r0", "r1", "r2", "r3"):
        enter(ledger, review, S, name, "ada", KEEP if name != "r1" else DROP)
    fitted = QueueModel(ledger, review.hidden).fit(review, Stage.FULLTEXT)
    assert {name for name, _ in fitted.order} == {"r0", "r2", "r3"}
    assert (fitted.body["records"], fitted.body["labels"]) == (3, 0), "what was said of the abstract is no label here"
    with ledger.write() as connection:
        add_ranking(connection, Stage.FULLTEXT, fitted.body, fitted.order)
    record = next_record(ledger, review, Stage.FULLTEXT, "ada")
    assert record is not None
    assert record.id == fitted.order[0][0]


def test_only_learned_queues_are_fitted(queue: Queue) -> None:
    path = queue.review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("queue: learned", "queue: random"))
    with learner_of(queue.ledger, queue.review.hidden) as learner:
        assert not learner.renew(Review(queue.review.root), S)
        assert learner.pid is None


@pytest.mark.slow
def test_sentence_vectors_are_made_between_fits_and_taken_in_when_all_are_there(made: Made) -> None:
    if not isinstance(load_embedder(), MiniLM):
        pytest.skip("the sentence model is not installed")
    queue = made(vectors=True, records=12, criteria=CRITERIA)
    assert queue.fit().body["vectors"] == [0, 12]
    assert queue.model.work_ahead()  # words and style
    assert queue.model.work_ahead()
    part = queue.fit().body
    assert 0 < part["vectors"][0] < 12
    assert part["parts"] == ["criteria"]
    while queue.model.work_ahead():
        pass
    whole = queue.fit().body
    assert (whole["vectors"], whole["parts"]) == ([12, 12], ["criteria", "sentence vectors"])


@pytest.mark.slow
def test_of_two_programs_one_fits_at_a_time(database: str, queue: Queue) -> None:
    """On SQLite and on PostgreSQL."""
    ledger, other = Ledger.of(queue.review.hidden), Ledger.of(queue.review.hidden)
    if not ledger.is_file:
        add_files(ledger, [read_file(queue.review.root / "records.csv")])
    with learner_of(ledger, queue.review.hidden) as learner:
        with other.alone(f"ranking {S}", "busy"):
            assert not learner.renew(queue.review, S)
            assert learner.pid is None
        assert learner.renew(queue.review, S)
    with other.read() as connection:
        assert len(ranked_places(connection, S)) == 40
    here = next_record(other, queue.review, S, "ben")
    assert here is not None
    with other.read() as connection:
        assert here.id == ranked_places(connection, S)[0].record_id


@pytest.mark.slow
def test_a_process_that_has_nothing_to_do_ends_and_the_next_fit_starts_one(queue: Queue) -> None:
    process = QueueProcess(queue.ledger, queue.review.hidden, idle_s=0.2)
    try:
        first = process.fit(queue.review, S)
        until(lambda: process.pid is None)
        assert process.fit(queue.review, S).order == first.order
    finally:
        process.close()
    with pytest.raises(FitEnded):
        process.fit(queue.review, S)


@pytest.mark.slow
def test_the_process_that_fits_is_one_for_all_and_is_replaced_when_it_dies(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, send = threading.Event(), Connection.send

    def and_note(pipe: Connection, what: object) -> None:
        send(pipe, what)
        sent.set()

    monkeypatch.setattr(Connection, "send", and_note)
    with (
        learner_of(queue.ledger, queue.review.hidden) as learner,
        learner_of(queue.ledger, queue.review.hidden) as same,
    ):
        assert same is learner
        assert learner.renew(queue.review, S)
        assert not learner.renew(queue.review, S), "nothing is new"
        pid, order = learner.pid, queue.order()
        assert pid is not None
        queue.judge(queue.next(), KEEP)
        os.kill(pid, signal.SIGSTOP)
        sent.clear()
        learner.look(queue.review, S)
        until(sent.is_set)
        assert queue.next() == order[1], "the next record waits for no fit"
        os.kill(pid, signal.SIGKILL)
        until(lambda: not learner.busy and queue.newest().id > 1)
        assert "signal 9" in queue.newest().failed
        assert queue.order() == order
        for _ in range(STEP):
            queue.judge(queue.next(), DROP)
        assert learner.renew(queue.review, S)
        assert learner.pid not in (None, pid)
        assert queue.newest().failed == ""
    assert learner.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of a terminal")
def test_ctrl_c_does_not_end_the_process_that_fits_while_it_starts(queue: Queue) -> None:
    process = QueueProcess(queue.ledger, queue.review.hidden)
    asked = threading.Thread(target=process.prepare, args=(queue.review,))
    asked.start()
    until(lambda: process.pid is not None)
    pid = process.pid
    assert pid is not None

    def interrupted() -> bool:
        os.kill(pid, signal.SIGINT)
        return not asked.is_alive()

    try:
        until(interrupted)
        assert process.pid == pid
    finally:
        process.close()
