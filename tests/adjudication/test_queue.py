"""The labelling queue: slots, leases, order, undo, conflicts, and what two people at once do to each other."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import ROOT, Cli

from screener.adjudication.queue import (
    JudgementContext,
    Taken,
    adjudicate,
    conflict,
    conflicts,
    enter,
    lease,
    next_record,
    progress,
    release,
    skip,
    undo,
)
from screener.adjudication.slots import Seat
from screener.core.errors import BadInput
from screener.core.judgement import Answer, Decision, Judgement, Stage, Value
from screener.ledger import newest_id, reads
from screener.ledger.store import Ledger
from screener.protocol.model import Review

ABSTRACT = Stage.ABSTRACT
KEEP, DROP = Judgement(decision=Decision.INCLUDE, stated=True), Judgement(decision=Decision.EXCLUDE, stated=True)
PROTOCOL = """\
title: Heart
questions: ["What of the heart?"]
stages:
  abstract:
    question: Is it about the heart?
    template: abstract.md
    decided_by: {humans: 2, machine: embedded, resolvers: [zoe]}
    criteria:
      - {id: heart, question: "Is it about the heart?"}
      - {id: adults, question: "Are they adults?"}
reviewers:
  embedded: {kind: embedded}
"""


@pytest.fixture
def review(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Review:
    """Eight records, two judgements a record."""
    return made(tmp_path / "heart", cli, monkeypatch, 8)


def made(folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, count: int) -> Review:
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "review.yaml").write_text(PROTOCOL)
    (folder / "prompts" / "abstract.md").write_text((ROOT / "prompts" / "abstract.md").read_text())
    rows = "".join(f"r{n},Hearts of group number {n} and how they beat all day,2020\n" for n in range(count))
    (folder / "records.csv").write_text("id,title,year\n" + rows)
    monkeypatch.chdir(folder)
    assert cli("import", "records.csv").code == 0
    return Review(folder)


@pytest.fixture
def ledger(review: Review) -> Ledger:
    return Ledger.of(review.hidden)


def judge_all(ledger: Ledger, review: Review, who: str, judgement: Judgement = KEEP) -> list[str]:
    """Judge whatever the queue gives; the ids in the order in which they came."""
    names = []
    while (record := next_record(ledger, review, ABSTRACT, who)) is not None:
        enter(ledger, review, ABSTRACT, record.id, who, judgement)
        names.append(record.id)
    return names


def test_everybody_is_given_each_record_once_in_one_random_order(ledger: Ledger, review: Review) -> None:
    anna, ben = judge_all(ledger, review, "anna"), judge_all(ledger, review, "ben")
    assert sorted(anna) == sorted(f"r{n}" for n in range(8))
    assert ben == anna != sorted(anna)


def test_a_third_person_is_given_nothing_that_two_have_filled(ledger: Ledger, review: Review) -> None:
    judge_all(ledger, review, "anna")
    first = next_record(ledger, review, ABSTRACT, "ben")
    assert first is not None
    enter(ledger, review, ABSTRACT, first.id, "ben", KEEP)
    assert first.id not in judge_all(ledger, review, "carl")
    with pytest.raises(Taken, match="judged it already"):
        enter(ledger, review, ABSTRACT, first.id, "carl", KEEP)


def test_two_people_may_hold_one_record_and_a_third_may_not(ledger: Ledger, review: Review) -> None:
    for who in ("anna", "ben"):
        lease(ledger, review, ABSTRACT, "r1", Seat(who))
    with pytest.raises(Taken):
        lease(ledger, review, ABSTRACT, "r1", Seat("carl"))
    release(ledger, ABSTRACT, "r1", "ben")
    assert lease(ledger, review, ABSTRACT, "r1", Seat("carl"))


def test_two_windows_of_one_person_are_given_different_records(ledger: Ledger, review: Review) -> None:
    one = next_record(ledger, review, ABSTRACT, "anna", holder="left")
    two = next_record(ledger, review, ABSTRACT, "anna", holder="right")
    assert one is not None
    assert two is not None
    assert one.id != two.id
    again = next_record(ledger, review, ABSTRACT, "anna", holder="left")
    assert again is not None
    assert again.id == one.id  # a reload shows what was open


def test_a_lease_that_has_run_out_gives_the_slot_back(ledger: Ledger, review: Review) -> None:
    lease(ledger, review, ABSTRACT, "r1", Seat("anna"))
    lease(ledger, review, ABSTRACT, "r1", Seat("ben"), seconds=0.01)
    time.sleep(0.05)
    assert lease(ledger, review, ABSTRACT, "r1", Seat("carl"))
    with pytest.raises(Taken):  # who comes back too late finds the slot taken, and is told
        enter(ledger, review, ABSTRACT, "r1", "ben", KEEP)


def test_two_people_at_once_fill_each_slot_once_and_lose_nothing(ledger: Ledger, review: Review) -> None:
    given: dict[str, list[str]] = {}
    failed: list[BaseException] = []

    def work(who: str) -> None:
        try:
            given[who] = judge_all(ledger, review, who)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in ("anna", "ben", "carl", "dora")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    with ledger.read() as connection:
        rows = list(reads.judgements(connection, ABSTRACT, roles=("human",)))
    by_record = {
        name: sorted(row.reviewer for row in rows if row.record_id == name) for name in (r.record_id for r in rows)
    }
    assert {len(set(who)) for who in by_record.values()} == {2} == {len(who) for who in by_record.values()}
    assert len(by_record) == 8
    assert sum(map(len, given.values())) == 16


def test_what_was_undone_comes_back_first_and_stays_in_the_ledger_as_withdrawn(ledger: Ledger, review: Review) -> None:
    first = judge_all(ledger, review, "anna")[0]
    back = undo(ledger, review, ABSTRACT, "anna", first)
    assert back is not None
    assert back.judgement.decision is Decision.INCLUDE
    again = next_record(ledger, review, ABSTRACT, "anna")
    assert again is not None
    assert again.id == first
    with ledger.read() as connection:
        assert first not in {row.record_id for row in reads.judgements(connection, ABSTRACT)}
        assert connection.exec_driver_sql("SELECT count(*) FROM judgements").scalar() == 8
    assert undo(ledger, review, ABSTRACT, "carl") is None


def test_undoing_a_correction_brings_the_first_judgement_back(ledger: Ledger, review: Review) -> None:
    enter(ledger, review, ABSTRACT, "r1", "anna", KEEP)
    enter(ledger, review, ABSTRACT, "r1", "anna", DROP)
    undo(ledger, review, ABSTRACT, "anna")
    with ledger.read() as connection:
        assert reads.latest(connection, ABSTRACT, "anna")["r1"].judgement == KEEP


def test_a_freed_slot_is_offered_to_others_who_had_passed_it_over(ledger: Ledger, review: Review) -> None:
    first = judge_all(ledger, review, "anna")[0]
    enter(ledger, review, ABSTRACT, first, "ben", KEEP)
    assert first not in judge_all(ledger, review, "carl")
    undo(ledger, review, ABSTRACT, "ben")
    assert judge_all(ledger, review, "carl") == [first]


def test_what_is_skipped_comes_last(ledger: Ledger, review: Review) -> None:
    first = next_record(ledger, review, ABSTRACT, "anna")
    assert first is not None
    skip(ledger, ABSTRACT, first.id, "anna")
    assert judge_all(ledger, review, "anna")[-1] == first.id


def test_a_conflict_is_listed_until_one_who_may_resolve_it_has(ledger: Ledger, review: Review) -> None:
    enter(ledger, review, ABSTRACT, "r1", "anna", KEEP)
    enter(ledger, review, ABSTRACT, "r1", "ben", DROP)
    enter(ledger, review, ABSTRACT, "r2", "anna", KEEP)
    enter(ledger, review, ABSTRACT, "r2", "ben", KEEP)
    assert conflicts(ledger, ABSTRACT) == {"r1": {"anna", "ben"}}
    assert [row.reviewer for row in conflict(ledger, ABSTRACT, "r1").rows] == ["anna", "ben"]
    now = progress(ledger, review, ABSTRACT, "anna")
    assert (now.conflicts, now.enough, now.agreement.records, now.agreement.same, now.judged_by_me) == (1, 2, 2, 1, 2)
    with pytest.raises(BadInput, match="zoe"):
        adjudicate(ledger, review, ABSTRACT, "r1", "anna", DROP)
    adjudicate(ledger, review, ABSTRACT, "r1", "zoe", DROP.model_copy(update={"reason": "mice"}))
    assert conflicts(ledger, ABSTRACT) == {}
    assert progress(ledger, review, ABSTRACT).resolved == 1
    undo(ledger, review, ABSTRACT, "zoe", role="adjudicator")
    assert len(conflicts(ledger, ABSTRACT)) == 1


def test_taking_a_ruling_back_gives_nobody_more_to_judge(ledger: Ledger, review: Review) -> None:
    enter(ledger, review, ABSTRACT, "r1", "anna", KEEP)
    enter(ledger, review, ABSTRACT, "r1", "ben", DROP)
    assert next_record(ledger, review, ABSTRACT, "carl") is not None
    assert progress(ledger, review, ABSTRACT, "carl").left == 7
    adjudicate(ledger, review, ABSTRACT, "r1", "zoe", DROP.model_copy(update={"reason": "mice"}))
    undo(ledger, review, ABSTRACT, "zoe", role="adjudicator")
    assert progress(ledger, review, ABSTRACT, "carl").left == 7
    enter(ledger, review, ABSTRACT, "r2", "anna", KEEP)
    adjudicate(ledger, review, ABSTRACT, "r2", "zoe", DROP.model_copy(update={"reason": "mice"}))
    undo(ledger, review, ABSTRACT, "zoe", role="adjudicator")
    assert "r2" in judge_all(ledger, review, "carl")


def test_a_decision_that_its_criteria_do_not_give_is_refused(ledger: Ledger, review: Review) -> None:
    answers = {"heart": Answer(value=Value.YES), "adults": Answer(value=Value.NO)}
    with pytest.raises(BadInput, match="the criteria give exclude"):
        enter(ledger, review, ABSTRACT, "r1", "anna", Judgement(decision=Decision.INCLUDE, answers=answers))
    with pytest.raises(BadInput, match="not the name of a human"):
        enter(ledger, review, ABSTRACT, "r1", "Embedded", KEEP)


def test_a_ranked_queue_is_recorded_as_partly_unblinded(ledger: Ledger, review: Review, cli: Cli) -> None:
    number = enter(ledger, review, ABSTRACT, "r1", "anna", KEEP, judgement_context=JudgementContext(seconds=3))
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("    decided_by", "    queue: ranked\n    decided_by"))
    assert cli("run", "--stage", "abstract").code == 0
    ranked = Review(review.root)
    first = next_record(ledger, ranked, ABSTRACT, "anna")
    assert first is not None
    with ledger.read() as connection:
        scores = {
            n: row.judgement.probability or 0 for n, row in reads.latest(connection, ABSTRACT, "embedded").items()
        }
    assert scores[first.id] == max(score for name, score in scores.items() if name != "r1")
    later = enter(ledger, ranked, ABSTRACT, first.id, "anna", KEEP)
    with ledger.read() as connection:
        said = connection.exec_driver_sql("SELECT judgement_id, blinded, ordered FROM circumstances").all()
    assert [tuple(row) for row in said] == [(number, "blind", "random"), (later, "partly", "ranked")]


def test_a_queue_that_learns_is_recorded_as_partly_unblinded(ledger: Ledger, review: Review) -> None:
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("    decided_by", "    queue: learned\n    decided_by"))
    learned = Review(review.root)
    assert sorted(judge_all(ledger, learned, "anna")) == [f"r{n}" for n in range(8)]
    with ledger.read() as connection:
        said = connection.exec_driver_sql("SELECT DISTINCT blinded, ordered FROM circumstances").all()
    assert [tuple(row) for row in said] == [("partly", "learned")]


def test_records_that_are_imported_later_reach_the_queue(ledger: Ledger, review: Review, cli: Cli) -> None:
    judge_all(ledger, review, "anna")
    (review.root / "more.csv").write_text("id,title,year\nr99,A heart that nobody had found before this day,2021\n")
    cli("import", "more.csv")
    assert judge_all(ledger, review, "anna") == ["r99"]


def test_a_changed_wording_lists_what_it_makes_stale_until_it_is_recorded(ledger: Ledger, review: Review) -> None:
    from screener.ledger.amendments import amendments
    from screener.stages.amendments import amend, unrecorded

    enter(ledger, review, ABSTRACT, "r1", "anna", KEEP)
    with pytest.raises(BadInput, match="nothing to amend"):
        amend(ledger, review, ABSTRACT, "zoe", "why not")
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("Are they adults?", "Are they over 17?"))
    changed = Review(review.root)
    enter(ledger, changed, ABSTRACT, "r2", "anna", KEEP)
    found = unrecorded(ledger, changed, ABSTRACT)
    assert found is not None
    assert (found.people, found.records) == ({"anna": 1}, ("r1",))
    done = amend(ledger, changed, ABSTRACT, "zoe", "the guide said adults, meant was 18")
    assert done.stale["people"] == {"anna": 1}
    assert unrecorded(ledger, changed, ABSTRACT) is None
    with ledger.read() as connection:
        assert amendments(connection, ABSTRACT) == [done]


def test_an_amendment_counts_what_people_judged_in_files_before_it(ledger: Ledger, review: Review, cli: Cli) -> None:
    from screener.stages.amendments import amend, stale, unrecorded

    def label(reviewer: str, *records: str) -> None:
        (review.root / "labels.csv").write_text("id,decision\n" + "".join(f"{name},include\n" for name in records))
        assert cli("label", "labels.csv", "--stage", "abstract", "--reviewer", reviewer).code == 0

    enter(ledger, review, ABSTRACT, "r1", "anna", KEEP)
    label("ben", "r1", "r2", "r3")
    assert unrecorded(ledger, review, ABSTRACT) is None, "a file by itself shows no change of wording"
    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("Are they adults?", "Are they over 17?"))
    changed = Review(review.root)
    found = unrecorded(ledger, changed, ABSTRACT)
    assert found is not None
    assert (found.people, found.from_files, len(found.records)) == ({"anna": 1, "ben": 3}, 3, 3)
    done = amend(ledger, changed, ABSTRACT, "zoe", "meant was 18")
    assert (done.stale["people"], done.stale["from_files"]) == ({"anna": 1, "ben": 3}, 3)
    label("cleo", "r2")
    assert stale(ledger, changed, ABSTRACT).people == {"anna": 1, "ben": 3}, (
        "what comes later was judged by the new wording"
    )


def test_who_changes_their_mind_after_seeing_the_machine_is_counted_right_or_wrong(
    ledger: Ledger, review: Review
) -> None:
    from screener.evaluation.unblinded_changes import changes

    first = enter(ledger, review, ABSTRACT, "r1", "anna", KEEP)
    seen = JudgementContext(blinded="open", seen=("embedded",), before=first)
    enter(ledger, review, ABSTRACT, "r1", "anna", DROP, judgement_context=seen)
    (change,) = changes(ledger, review, ABSTRACT)
    assert (change.changed, change.before, change.after, change.right) == (True, KEEP.decision, DROP.decision, None)
    adjudicate(ledger, review, ABSTRACT, "r1", "zoe", KEEP)
    assert [one.right for one in changes(ledger, review, ABSTRACT)] == [False]


def test_a_new_queue_holds_nothing_that_is_finished(ledger: Ledger, review: Review) -> None:
    for who in ("anna", "ben"):
        enter(ledger, review, ABSTRACT, "r1", who, KEEP)
    adjudicate(ledger, review, ABSTRACT, "r2", "zoe", KEEP)
    enter(ledger, review, ABSTRACT, "r3", "carl", KEEP)
    assert next_record(ledger, review, ABSTRACT, "carl") is not None
    assert progress(ledger, review, ABSTRACT, "carl").left == 5
    assert next_record(ledger, review, ABSTRACT, "dora") is not None
    assert progress(ledger, review, ABSTRACT, "dora").left == 6


def test_a_queue_that_is_only_ageing_is_served_while_it_is_made_anew(
    ledger: Ledger, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screener.adjudication import queue_order

    next_record(ledger, review, ABSTRACT, "anna")
    later: list[Callable[[], None]] = []
    monkeypatch.setattr(queue_order, "age_of", lambda *_, **__: queue_order.Age.AGEING)
    built: list[str] = []
    monkeypatch.setattr(queue_order, "build", lambda *_: built.append("anew"))
    assert next_record(ledger, review, ABSTRACT, "anna", behind=later.append) is not None
    assert (built, len(later)) == ([], 1)
    later[0]()
    assert built == ["anew"]
    assert next_record(ledger, review, ABSTRACT, "anna") is not None  # nobody behind: it is waited for
    assert built == ["anew", "anew"]


def test_nobody_is_told_that_nothing_is_left_by_a_young_queue_to_which_something_has_come(
    ledger: Ledger, review: Review, cli: Cli
) -> None:
    alone = (review.prompts / "review.yaml").read_text(encoding="utf-8").replace("{humans: 2", "{humans: 1")
    stage = alone.partition("  abstract:\n")[2].partition("reviewers:")[0]
    two_stages = alone.replace("reviewers:\n", f"  fulltext:\n{stage}reviewers:\n")
    (review.prompts / "review.yaml").write_text(two_stages, encoding="utf-8")
    review = Review(review.root)
    assert next_record(ledger, review, Stage.FULLTEXT, "anna") is None
    record = next_record(ledger, review, ABSTRACT, "anna")
    assert record is not None
    enter(ledger, review, ABSTRACT, record.id, "anna", KEEP)
    texts = review.root / "texts"
    texts.mkdir()
    (texts / f"{record.id}.txt").write_text(f"{record.title}\n\nThey beat all day.\n" * 20, encoding="utf-8")
    assert cli("import", "--pdfs", texts, "--review", review.root).code == 0
    come = next_record(ledger, review, Stage.FULLTEXT, "anna", behind=lambda work: None)
    assert come is not None
    assert come.id == record.id


def test_a_person_alone_is_not_their_own_judge_of_right_and_wrong(ledger: Ledger, review: Review) -> None:
    from screener.evaluation.unblinded_changes import changes

    path = review.prompts / "review.yaml"
    path.write_text(path.read_text().replace("humans: 2", "humans: 1"))
    alone = Review(review.root)
    first = enter(ledger, alone, ABSTRACT, "r1", "anna", KEEP)
    seen = JudgementContext(blinded="open", seen=("embedded",), before=first)
    enter(ledger, alone, ABSTRACT, "r1", "anna", DROP, judgement_context=seen)
    assert [one.right for one in changes(ledger, alone, ABSTRACT)] == [None]


def test_of_two_who_resolve_one_conflict_at_the_same_moment_the_second_is_told(ledger: Ledger, review: Review) -> None:
    judge_all(ledger, review, "anna")
    judge_all(ledger, review, "ben", DROP)
    with ledger.read() as connection:
        since = newest_id(connection, "judgements")  # both have the page open
    looked = JudgementContext(blinded="open", since=since)
    adjudicate(ledger, review, ABSTRACT, "r1", "zoe", KEEP, judgement_context=looked)
    adjudicate(ledger, review, ABSTRACT, "r1", "zoe", DROP, judgement_context=looked)  # a second thought of one's own
    (review.prompts / "review.yaml").write_text(
        (review.prompts / "review.yaml").read_text().replace("resolvers: [zoe]", "resolvers: [zoe, max]")
    )
    with pytest.raises(Taken, match="resolved it meanwhile"):
        adjudicate(ledger, Review(review.root), ABSTRACT, "r1", "max", KEEP, judgement_context=looked)
    with ledger.read() as connection:
        rulings = [row.reviewer for row in reads.judgements(connection, ABSTRACT, roles=("adjudicator",))]
    assert set(rulings) == {"zoe"}
