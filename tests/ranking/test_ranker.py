"""The ranking: what labels, criteria and votes do to the order, and what decides where nothing does."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from screener.exchange.labelled_sets import read_labelled_set
from screener.ranking import UNLABELLED, Features, Ranker, Text, draw_priors, features_of, replay

WORDS = ("valves", "bridges", "poems", "soil", "tax", "glass")


def records(count: int = 60) -> tuple[list[Text], np.ndarray]:
    """Every sixth record is about valves, and kept."""
    texts = [
        Text(f"On {WORDS[number % 6]} number {number}", f"We look at {WORDS[number % 6]} again.")
        for number in range(count)
    ]
    return texts, np.array([number % 6 == 0 for number in range(count)])


def features(count: int = 60, **more: object) -> Features:
    texts, _ = records(count)
    return features_of(texts, [str(number) for number in range(count)], **more)  # type: ignore[arg-type]


def labelled(count: int, known: dict[int, int]) -> np.ndarray:
    labels = np.full(count, UNLABELLED)
    labels[list(known)] = list(known.values())
    return labels


def test_records_like_the_kept_one_come_first() -> None:
    _, kept = records()
    rows = Ranker().fit(features(), labelled(60, {0: 1, 1: 0})).next(9)
    assert kept[rows].all()
    assert not {0, 1} & set(rows.tolist()), "labelled records are not offered again"


def test_without_labels_criteria_decide_alone() -> None:
    prior = np.arange(60.0)
    assert Ranker().fit(features(prior=prior), labelled(60, {})).next(3).tolist() == [59, 58, 57]


@pytest.mark.parametrize(("kept", "weight"), [(1, 10 / 11), (8, 10 / 18)])
def test_criteria_weigh_less_with_every_kept_record(kept: int, weight: float) -> None:
    labels = labelled(60, {6 * number: 1 for number in range(kept)} | {1: 0})
    with_criteria = Ranker().fit(features(prior=np.arange(60.0)), labels)
    without = Ranker().fit(features(prior=np.zeros(60)), labels)
    prior = with_criteria.features_.prior
    assert prior is not None
    assert with_criteria.scores_ - without.scores_ == pytest.approx(weight * prior)


def test_records_with_the_same_score_come_in_the_order_of_a_hash_and_not_of_the_file() -> None:
    texts = [Text("the same", "in all")] * 40
    keys = [str(number) for number in range(40)]
    order = Ranker().fit(features_of(texts, keys), labelled(40, {0: 1, 1: 0})).next(38)
    turned = Ranker().fit(features_of(texts, keys[::-1]), labelled(40, {39: 1, 38: 0})).next(38)
    assert order.tolist() != sorted(order.tolist())
    assert [keys[row] for row in order] == [keys[::-1][row] for row in turned]


@pytest.mark.parametrize(
    "texts",
    [
        [Text("", "")] * 4,
        [Text("a", "")] * 4,
        [Text("title alone", ""), Text("", "abstract alone"), Text("", ""), Text("x y", "z")],
    ],
)
def test_records_without_words_are_ranked_too(texts: list[Text]) -> None:
    ranker = Ranker().fit(features_of(texts, ["a", "b", "c", "d"]), labelled(4, {0: 1, 1: 0}))
    assert sorted(ranker.next().tolist()) == [2, 3]
    assert np.isfinite(ranker.scores_).all()


def test_a_single_record_and_none_are_ranked() -> None:
    one = features_of([Text("alone", "")], ["a"])
    assert Ranker().fit(one, [UNLABELLED]).next().tolist() == [0]
    assert Ranker().fit(features_of([], []), []).next().tolist() == []


def test_probabilities_of_labelled_records_are_of_fits_that_have_not_seen_their_label() -> None:
    known = {6 * n: 1 for n in range(5)} | {6 * n + 1: 0 for n in range(10)}
    right = Ranker().fit(features(), labelled(60, known))
    wrong = Ranker().fit(features(), labelled(60, known | {2: 1}))  # one of another kind is kept
    odd = wrong.predict_proba(wrong.features_)[2, 1]
    assert odd < min(wrong.predict_proba(wrong.features_)[row, 1] for row in (0, 6, 12, 18, 24))
    probabilities = right.predict_proba(right.features_)
    assert probabilities.shape == (60, 2)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(60))
    assert probabilities[30, 1] > probabilities[31, 1], "the next record about valves is likelier than one on bridges"
    assert 0 < right.expected_yield(5) <= 5


def test_the_expected_yield_of_a_good_ranking_is_more_than_chance() -> None:
    known = {6 * n: 1 for n in range(5)} | {6 * n + 1: 0 for n in range(10)}
    ranker = Ranker().fit(features(), labelled(60, known))
    assert ranker.expected_yield(5) > 5 * 5 / 45


def test_a_ranking_says_nothing_of_other_records() -> None:
    ranker = Ranker().fit(features(), labelled(60, {0: 1, 1: 0}))
    with pytest.raises(ValueError, match="other records"):
        ranker.predict_proba(features())


@pytest.mark.parametrize("labels", [np.zeros(3), np.full(60, 2), np.full((60, 1), 0)])
def test_labels_that_cannot_be_are_refused(labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="labels must"):
        Ranker().fit(features(), labels)


def test_a_replay_offers_every_record_once_and_finds_the_kept_ones_early() -> None:
    _, kept = records()
    done = replay(features(), kept, priors=(0, 1), batch=5)
    assert sorted((*done.priors, *done.order)) == list(range(60))
    assert kept[list(done.order[:9])].all()
    assert done.random == 0


def test_a_replay_without_priors_and_criteria_begins_at_random_until_both_kinds_are_known() -> None:
    _, kept = records()
    first, again, other = (replay(features(), kept, batch=2, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.order != other.order
    seen = kept[list(first.order[: first.random])]
    assert seen.any()
    assert not seen.all()
    assert not seen[:-2].any() or seen[:-2].all(), "no batch more than it takes"


@pytest.mark.parametrize("label", [lambda n: n < 0, lambda n: n >= 0])
def test_labels_of_one_kind_are_replayed_too(label: Callable[[int], bool]) -> None:
    kept = np.array([label(number) for number in range(12)])
    assert sorted(replay(features(12), kept).order) == list(range(12))
    with pytest.raises(ValueError, match="all labels are the same"):
        draw_priors(kept, 1)


def test_what_was_not_read_yet_changes_nothing_of_what_is_offered() -> None:
    """The labels of records that come later are turned over: up to there the order is the same."""
    _, kept = records()
    for prior in (None, np.arange(60.0)):
        done = replay(features(prior=prior), kept, priors=(0, 1), batch=2)
        for seen in (2, 6, 8):
            later = list(done.order[seen:])
            turned = kept.copy()
            turned[later] = ~turned[later]
            assert replay(features(prior=prior), turned, priors=(0, 1), batch=2).order[:seen] == done.order[:seen]


@pytest.mark.parametrize("more", [{"batch": 0}, {"priors": (60,)}, {"priors": (-1,)}])
def test_replays_that_cannot_be_are_refused(more: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"batch|priors"):
        replay(features(), records()[1], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("more", [{"prior_decay": 0}, {"vote_decay": -1}, {"prior_decay": np.nan}])
def test_a_weight_that_is_never_halved_is_refused(more: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Ranker(**more)


def test_priors_are_one_of_each_kind_and_the_same_for_a_seed() -> None:
    _, kept = records()
    pairs = [draw_priors(kept, seed) for seed in range(20)]
    assert all(kept[one] and not kept[other] for one, other in pairs)
    assert pairs[3] == draw_priors(kept, 3)
    assert len(set(pairs)) > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Cohen_2006_UrinaryIncontinence", "Cohen_2006_Triptans", "SLR_on_TCP"])
def test_about_as_many_are_found_as_were_expected(shared: Path, name: str) -> None:
    """Of human-labelled sets, at eight times of a replay taken together; without those not read yet it was 48 of 17 in the first."""
    found = read_labelled_set(shared / "screening" / f"{name}.csv").records
    kept = np.array([record.kept for record in found])
    known = features_of([Text(record.title, record.abstract, record.year) for record in found], [r.id for r in found])
    done = replay(known, kept, priors=draw_priors(kept, 1), batch=20)
    expected = actual = 0.0
    for seen in range(40, 321, 40):
        labels = np.full(len(kept), UNLABELLED)
        read = [*done.priors, *done.order[:seen]]
        labels[read] = kept[read]
        ranker = Ranker().fit(known, labels)
        expected += ranker.expected_yield(50)
        actual += kept[ranker.next(50)].sum()
    assert actual / 1.6 < expected < actual * 1.6
