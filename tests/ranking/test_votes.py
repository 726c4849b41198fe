"""Votes of other reviewers: how much they are worth comes from the review itself."""

import numpy as np
import pytest

from screener.ranking import UNLABELLED, Ranker, Text, features_of
from screener.ranking.votes import vote_evidence

KEPT = np.arange(100) < 10
NONE = np.zeros(0, dtype=int)


def evidence(vote: np.ndarray, labelled: np.ndarray = NONE) -> np.ndarray:
    return vote_evidence({"gpt": vote.astype(float)}, labelled, KEPT[labelled], 100)


def good() -> np.ndarray:
    return np.where(np.arange(100) < 25, 1.0, 0.0)


def test_a_yes_speaks_for_a_record_and_a_no_against_it() -> None:
    said = evidence(good())
    assert said[0] > 0 > said[99]
    assert said[0] == pytest.approx(np.log(0.9 / (26 / 102)))  # nine of ten expected, and 25 of 100 said yes


def test_unclear_lies_between_and_no_vote_says_nothing() -> None:
    vote = good()
    vote[50], vote[51] = 0.5, np.nan
    said = evidence(vote)
    assert said[99] < said[50] <= said[0]
    assert said[51] == 0


def test_a_reviewer_that_says_yes_to_all_comes_to_be_worth_nothing() -> None:
    said = evidence(np.ones(100), np.arange(20))
    assert np.abs(said).max() == pytest.approx(0, abs=0.05)


def test_a_reviewer_that_misses_kept_records_is_trusted_less() -> None:
    vote = good()
    vote[:6] = 0
    labelled = np.arange(10)
    assert evidence(vote, labelled)[99] > evidence(good(), labelled)[99]
    assert evidence(vote, labelled)[20] < evidence(good(), labelled)[20]


def test_reviewers_that_agree_count_as_one() -> None:
    both = vote_evidence({"a": good(), "b": good()}, NONE, KEPT[NONE], 100)
    assert both == pytest.approx(evidence(good()))


def test_probabilities_rank_and_are_bounded() -> None:
    vote = np.linspace(0, 1, 100)
    said = evidence(vote)
    assert (np.diff(said) >= 0).all()
    assert np.abs(said).max() <= 4
    assert np.isfinite(said).all()


def test_votes_rank_before_any_label_and_weigh_less_with_every_kept_record() -> None:
    texts = [Text(f"record {number}", "") for number in range(100)]
    vote = np.where(np.arange(100) == 70, 1.0, 0.0)
    features = features_of(texts, [str(number) for number in range(100)], votes={"gpt": vote})
    labels = np.full(100, UNLABELLED)
    before = Ranker().fit(features, labels)
    assert before.next(1).tolist() == [70]
    labels[:30] = np.arange(30) < 20
    after = Ranker(vote_decay=1e-9).fit(features, labels)
    without = Ranker().fit(features_of(texts, [str(number) for number in range(100)], prior=np.zeros(100)), labels)
    assert after.scores_ == pytest.approx(without.scores_, abs=1e-6)
