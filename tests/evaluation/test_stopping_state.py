"""A rule for stopping that was named beforehand, and the recall sample: drawn once, unmarked, and an estimate that is right."""

from pathlib import Path

import numpy as np
import pytest
from support import BroughtOnce, Cli
from support.ranked import EXCLUDE, INCLUDE, STAGE, first_by_hash, name_rule, ranked_review, screen

from screener.adjudication import ensure
from screener.adjudication.queue import Entered, JudgementContext, adjudicate, undo, write_judgements
from screener.core.errors import BadInput
from screener.evaluation import StoppingState, draw_elusion_after_stop, stopping_state
from screener.evaluation.simulation import stops
from screener.evaluation.stopping_rules import RuleName, ask, first_stop
from screener.gold import draw_recall, read_elusion, recall_sample
from screener.ledger import Sample, Snapshot, finished_records, queued
from screener.ledger.amendments import amendments
from screener.ledger.rankings import add_ranking
from screener.ledger.samples import samples
from screener.ledger.store import Ledger
from screener.metrics import FoundCount, clopper_pearson
from screener.protocol import Review
from screener.stages import records_for

KEPT = [f"r{n}" for n in (0, 1, 2, 3, 4, 5, 7, 9, 12, 20, 30, 60, 61, 80, 95)]
SEED = "c"
"""Of a draw of 20 with four records of `KEPT`."""


@pytest.fixture
def undrawn(tmp_path: Path, cli: Cli, brought_once: BroughtOnce) -> Review:
    """Return a review of 100 records with the rule of `ranked.RULE`, whose first queue is yet to be made."""
    folder = tmp_path / "review"
    brought_once("ranked", folder, lambda: ranked_review(folder, cli))
    return Review(folder)


@pytest.fixture
def review(undrawn: Review) -> Review:
    """Return that review with a sample of which some records are kept, the same each time; nobody has screened any."""
    assert draw_recall(Ledger.of(undrawn.hidden), undrawn, STAGE, "anna", seed=SEED) is not None
    return undrawn


def state_of(review: Review) -> StoppingState:
    state = stopping_state(Snapshot(Ledger.of(review.hidden)), review, STAGE, names(review))
    assert state is not None
    return state


def names(review: Review) -> set[str]:
    return {record.id for record in records_for(Ledger.of(review.hidden), review, STAGE, texts=False)}


def drawn(review: Review) -> Sample:
    with Ledger.of(review.hidden).read() as connection:
        sample = recall_sample(connection, STAGE)
    assert sample is not None
    return sample


def test_the_sample_is_drawn_at_random_from_all_records_when_the_first_queue_is_made_and_only_once(
    undrawn: Review,
) -> None:
    review = undrawn
    screen(review, KEPT, 1)
    sample = drawn(review)
    assert (sample.frame, sample.n, sample.drawn, sample.kind) == (100, 20, "random", "recall")
    assert [m.record_id for m in sample.members] == first_by_hash(sample.seed, (f"r{n}" for n in range(100)), 20)
    screen(review, KEPT, 3, "ben")
    with Ledger.of(review.hidden).read() as connection:
        assert [found.id for found in samples(connection, STAGE)] == [sample.id]


def test_a_stage_without_a_rule_has_no_sample(tmp_path: Path, cli: Cli) -> None:
    review = ranked_review(tmp_path, cli, rule="", records=5)
    screen(review, KEPT)
    with Ledger.of(review.hidden).read() as connection:
        assert samples(connection, STAGE) == []


def test_the_sample_is_spread_over_the_ranked_order_and_done_long_before_its_end(review: Review) -> None:
    order = screen(review, KEPT)
    members = [member.record_id for member in drawn(review).members]
    assert sorted(order) == sorted(f"r{n}" for n in range(100))
    assert [name for name in order if name not in members] == [
        name for name in (f"r{n}" for n in range(100)) if name not in members
    ]
    assert 30 < max(order.index(name) for name in members) < 80


def test_recall_is_the_share_of_the_samples_kept_records_to_which_the_ranking_itself_has_come(review: Review) -> None:
    screened = screen(review, KEPT, 80)
    sample, state = drawn(review), state_of(review)
    members = [member.record_id for member in sample.members]
    assert set(members) <= set(screened)
    assert state.sample is not None
    made = state.sample.estimate
    assert made is not None
    # Of the others, 60 were screened: the ranking has come to whatever stands before the sixtieth of them.
    others = [name for name in screened if name not in members]
    assert len(others) == 60
    last = max(int(name[1:]) for name in others)
    kept = [name for name in members if name in KEPT]
    reached = [name for name in kept if int(name[1:]) < last]
    assert (made.n, made.kept, made.reached) == (20, len(kept), len(reached))
    assert made.recall == clopper_pearson(len(reached), len(kept))
    total, share = made.kept_in_frame, clopper_pearson(len(kept), 20)
    assert (total.value, total.n) == (len(kept) * 5, 20)
    assert share.low is not None
    assert total.low == max(len(kept), 100 * share.low)


def test_before_the_sample_is_all_judged_it_says_nothing_and_not_how_far_it_is(review: Review) -> None:
    screen(review, KEPT, 10)
    before = state_of(review).as_json()["recall_sample"]
    screen(review, KEPT, 20)
    after = state_of(review).as_json()["recall_sample"]
    assert not before["complete"]
    assert before["recall"] is None
    assert before == after


def test_the_samples_records_are_no_part_of_what_the_rule_is_asked_about_and_are_its_random_start_once_all_judged(
    review: Review,
) -> None:
    screened = screen(review, KEPT, 30)
    members = [member.record_id for member in drawn(review).members]
    queue = state_of(review).queue
    assert list(queue.order) == [name for name in screened if name not in members]
    assert (queue.random_n, queue.random_relevant) == (0, 0)
    screen(review, KEPT, 60)
    queue = state_of(review).queue
    assert (queue.random_n, queue.random_relevant) == (20, sum(name in KEPT for name in members))


def test_the_number_of_screened_records_grows_with_each_of_them_so_that_it_tells_no_record_of_the_sample(
    review: Review, cli: Cli
) -> None:
    for count in range(1, 9):
        screen(review, KEPT, 1)
        queue = state_of(review).queue
        assert queue.counts["screened"] == count
        assert queue.counts["kept"] == sum(queue.kept.values())
    assert len(queue.labels) < 8, "some were of the sample"
    printed = " ".join(cli("status", "--review", review.root).out.split())
    assert "8 of 100 records screened in this order" in printed


@pytest.mark.parametrize("rule", ["buscar", "safe"])
def test_nothing_that_is_told_differs_by_whether_the_newest_record_was_of_the_sample(review: Review, rule: str) -> None:
    name_rule(review, f"{{rule: {rule}, target: 0.9, sample: 20}}")
    review = Review(review.root)
    screen(review, KEPT, 13)
    ledger = Ledger.of(review.hidden)
    ensure(ledger, review, STAGE, "anna", exact=True)
    members = {member.record_id for member in drawn(review).members}
    with ledger.read() as connection:
        done = finished_records(connection, STAGE, "anna", 1)
        waiting = [name for name, _ in queued(connection, STAGE, "anna") if name not in done]
    told = []
    for judgement in (INCLUDE, EXCLUDE):
        for of_sample in (True, False):
            name = next(name for name in waiting if (name in members) == of_sample)
            with ledger.write() as connection:
                row = [Entered(name, "", judgement)]
                write_judgements(connection, review, STAGE, "anna", row, JudgementContext(blinded="partly"))
            told.append(state_of(review).as_json())
            undo(ledger, review, STAGE, "anna")
    assert told[0] == told[1]
    assert told[2] == told[3]
    assert told[0] != told[2]
    assert "as of the first 10 records" in told[0]["sentence"]


def test_what_was_adjudicated_as_excluded_is_no_kept_record_of_the_sample(review: Review) -> None:
    screen(review, KEPT, 80)
    before, ledger = state_of(review), Ledger.of(review.hidden)
    member = next(m.record_id for m in drawn(review).members if m.record_id in KEPT)
    adjudicate(ledger, review, STAGE, member, "zoe", EXCLUDE)
    after = state_of(review)
    assert before.sample is not None
    assert before.sample.estimate is not None
    assert after.sample is not None
    assert after.sample.estimate is not None
    assert after.sample.estimate.kept == before.sample.estimate.kept - 1
    assert after.queue.given_kept == before.queue.given_kept - 1
    adjudicate(ledger, review, STAGE, member, "zoe", INCLUDE)
    assert state_of(review).as_json() == before.as_json()


def test_records_that_come_later_are_outside_its_frame_and_that_is_said(review: Review, cli: Cli) -> None:
    screen(review, KEPT, 80)
    (review.root / "more.csv").write_text("id,title,year\nr150,A heart that came later than all others,2021\n")
    assert cli("import", review.root / "more.csv", "--review", review.root).code == 0
    state = state_of(review)
    assert state.sample is not None
    assert (state.sample.frame, state.sample.later) == (100, 1)
    assert "It says nothing of 1 record that came later." in state.sample.sentence


def test_the_rule_is_kept_as_it_was_named_beforehand_and_a_change_is_a_dated_amendment(review: Review) -> None:
    screen(review, KEPT, 1)
    assert "before anybody screened" in state_of(review).named_words
    name_rule(review, "{rule: safe, target: 0.8, sample: 20}")
    changed = Review(review.root)
    assert "changed since" in state_of(changed).named_words
    screen(changed, KEPT, 2)
    with Ledger.of(review.hidden).read() as connection:
        (amendment,) = amendments(connection, STAGE)
    assert "buscar, recall 0.9, is now safe, recall 0.8" in amendment.note
    state = state_of(changed)
    assert [(rule.rule, rule.target) for rule in state.named] == [("buscar", 0.9), ("safe", 0.8)]
    assert f"changed on {amendment.at[:10]}" in state.named_words


def test_a_rule_that_is_named_when_screening_has_begun_says_so(tmp_path: Path, cli: Cli) -> None:
    review = ranked_review(tmp_path, cli, rule="")
    screen(review, KEPT, 7)
    name_rule(review, "{rule: buscar, sample: 20}")
    screen(Review(tmp_path), KEPT, 1)
    assert "after 7 records had been judged" in state_of(Review(tmp_path)).named_words


def test_safe_is_asked_for_the_steps_that_one_ranking_can_take_and_says_which_it_cannot(
    tmp_path: Path, cli: Cli
) -> None:
    review = ranked_review(tmp_path, cli, rule="{rule: safe, sample: 20}")
    screen(review, KEPT)
    state = state_of(review)
    assert {name[0] for name in state.says.conditions} == {"S", "A"}
    assert "steps F" in state.sentence
    assert "no guarantee" in state.sentence


def test_status_and_report_show_only_the_named_rule_with_what_the_sample_says(review: Review, cli: Cli) -> None:
    screen(review, KEPT)
    told = cli("status", "--review", review.root, "--json").json["stages"]["abstract"]["ranked_queue"]
    assert cli("report", "--review", review.root, "--json").json["stages"]["abstract"]["stopping"] == told
    assert (told["rule"], told["target"], told["says_stop"]) == ("buscar", 0.9, True)
    assert told["fired_after"] is not None
    assert told["recall_sample"]["recall"]["value"] == 1.0
    printed = " ".join(cli("status", "--review", review.root).out.split())
    assert "Rule for stopping: buscar, recall 0.9." in printed
    assert "SAFE" not in printed
    page = review.root / "report.html"
    assert cli("report", "--review", review.root, "--output", page).code == 0
    shown = " ".join(page.read_text().split())
    assert f"It first said stop after {told['fired_after']} labels." in shown
    assert "partly unblinded" in shown


def test_the_elusion_sample_is_refused_before_the_rule_says_stop_and_drawn_once_from_what_nobody_has_screened(
    review: Review,
) -> None:
    ledger = Ledger.of(review.hidden)
    screened = screen(review, KEPT, 30)
    with pytest.raises(BadInput, match=r"does not say stop yet.*--early"):
        draw_elusion_after_stop(ledger, review, STAGE, 10)
    sample = draw_elusion_after_stop(ledger, review, STAGE, 10, before_stop=True)
    pile = {f"r{n}" for n in range(100)} - set(screened)
    assert sample.frame == 70
    assert {member.record_id for member in sample.members} <= pile
    with pytest.raises(BadInput, match="still holds"):
        draw_elusion_after_stop(ledger, review, STAGE, 10, before_stop=True)
    # The pile is that of the draw, whoever screens on in it.
    screen(review, KEPT, 25)
    with pytest.raises(BadInput, match="still holds"):
        draw_elusion_after_stop(ledger, review, STAGE, 10, before_stop=True)


def test_the_two_samples_are_never_pooled(review: Review) -> None:
    ledger = Ledger.of(review.hidden)
    screened = screen(review, KEPT, 80)
    before = state_of(review).sample
    assert before is not None
    assert before.estimate is not None
    draw_elusion_after_stop(ledger, review, STAGE, 8, before_stop=True, seed="s")
    elusion = first_by_hash("s", [f"r{n}" for n in range(100) if f"r{n}" not in screened], 8)
    assert set(screen(review, KEPT, 8)) == set(elusion)
    after, audit = state_of(review), read_elusion(ledger, review, STAGE, target=0.9)
    # Neither counts in the other: not its records, not its kept ones.
    assert after.sample is not None
    assert after.sample.estimate == before.estimate
    assert after.queue.random_n == 20
    assert not set(elusion) & set(after.queue.order)
    assert (audit.sample.n, audit.labelled, audit.sample.frame) == (8, 8, 20)
    assert list(audit.hits) == [name for name in elusion if name in KEPT]
    assert audit.test is not None
    assert audit.test.before == sum(name in KEPT for name in screened)
    assert audit.strata == {}
    assert audit.review == ()


def test_of_a_learned_queue_recall_counts_what_its_fits_have_come_to_and_the_yield_is_that_of_the_newest(
    review: Review,
) -> None:
    screen(review, KEPT, 80)
    name_rule(review, "{rule: buscar, target: 0.9, sample: 20}", "learned")
    learned = Review(review.root)
    members = [member.record_id for member in drawn(review).members]
    kept = [name for name in members if name in KEPT]
    unfitted = state_of(learned).sample
    assert unfitted is not None
    assert unfitted.estimate is not None
    assert (unfitted.estimate.kept, unfitted.estimate.recall) == (len(kept), None)
    reached = kept[:1] + [name for name in members if name not in KEPT][:2]
    with Ledger.of(review.hidden).write() as connection:
        fitted = {"labels": 80, "kept": 9, "reached": reached, "expected_yield": {"next": 50, "kept": 3.2}}
        add_ranking(connection, STAGE, fitted, [])
    state = state_of(learned)
    assert state.sample is not None
    assert state.sample.estimate is not None
    assert state.sample.estimate.recall == clopper_pearson(1, len(kept))
    assert state.as_json()["expected_yield"] == {"next": 50, "kept": 3.2}
    assert "learned from 80 labels, 9 of them kept" in state.ranking_sentence


@pytest.mark.parametrize("rule", ["buscar", "safe"])
def test_a_replay_and_the_queue_ask_the_same_rules(rule: RuleName) -> None:
    labels = np.array([True] * 120 + [False] * 300)
    (replayed,) = [stop for name, stop in stops(labels, 10, 1).items() if name == rule]
    assert replayed.labels is not None
    drawn_first = np.random.default_rng(1).choice(420, 5, replace=False) if rule == "safe" else np.zeros(0, dtype=int)
    start = FoundCount(len(drawn_first), int(labels[drawn_first].sum()))
    rest = np.setdiff1d(np.arange(420), drawn_first)
    fired = first_stop(lambda n: ask(rule, labels[rest[rest < n]], 420, random_start=start).stop, 420, 420, 10)
    assert fired is not None
    assert replayed.labels == fired + int((drawn_first >= fired).sum())
