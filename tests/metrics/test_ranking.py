"""Figures of ranked lists: worked examples, scikit-learn, brute force over all orders of ties."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

sk = Later("sklearn.metrics")

labelled = st.lists(st.booleans(), min_size=1, max_size=40)
scored = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40)
both_kinds = scored.filter(lambda records: len({label for label, _ in records}) == 2)
FIGURES = [
    m.auroc,
    m.average_precision,
    m.wss,
    m.tnr,
    m.ranking_loss,
    m.average_time_to_discovery,
    m.records_to_recall,
]


def split(records: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([label for label, _ in records]), np.array([score for _, score in records], dtype=float)


def test_asreviews_worked_example_of_tnr() -> None:
    # ASReview Insights, README, "Work saved over sampling": 2,000 records, 100 relevant, 1,100 read for 95 of them.
    labels = np.zeros(2000, dtype=bool)
    labels[:94] = True
    labels[1099] = True
    labels[-5:] = True
    ranking = m.Ranking.of(labels)
    assert m.records_to_recall(ranking) == 1100
    assert m.tnr(ranking) == pytest.approx(895 / 1900, abs=1e-12)
    assert m.wss(ranking) == pytest.approx((895 + 5) / 2000 - 0.05, abs=1e-12)  # Cohen 2006: (TN+FN)/N − (1−R)


def test_wss_is_that_of_the_ranking_not_of_an_operating_point() -> None:
    labels = [True] * 19 + [False] * 180 + [True]
    ranking = m.Ranking.of(labels)
    assert m.wss(ranking, 0.95) == pytest.approx(1 - 19 / 200 - 0.05)
    assert m.wss(ranking, 1.0) == pytest.approx(1 - 200 / 200)
    assert m.tnr(ranking, 1.0) == 0


def test_asreviews_examples_of_the_loss() -> None:
    # asreview-insights, tests/test_metrics.py, test_loss_value_function.
    for labels, loss in (([1, 0], 0), ([0, 1], 1), ([1, 1, 0, 0, 0], 0), ([0, 0, 0, 1, 1], 1)):
        assert m.ranking_loss(m.Ranking.of(labels)) == pytest.approx(loss, abs=1e-12)


@given(labelled.filter(lambda x: 0 < sum(x) < len(x)))
def test_loss_is_asreviews_formula_and_one_less_auroc(labels: list[bool]) -> None:
    n, p = len(labels), sum(labels)
    formula = (p * (n - (p - 1) / 2) - np.cumsum(labels).sum()) / (p * (n - p))
    ranking = m.Ranking.of(labels)
    assert m.ranking_loss(ranking) == pytest.approx(formula, abs=1e-12)
    assert m.ranking_loss(ranking) == pytest.approx(1 - m.auroc(ranking), abs=1e-12)


def test_time_to_discovery_example() -> None:
    # asreview-insights, tests/test_metrics.py, test_time_to_disc: found at 1, 2 and 4.
    assert m.average_time_to_discovery(m.Ranking.of([1, 1, 0, 1])) == pytest.approx(7 / 3)


def test_hanley_and_mcneils_ratings() -> None:
    # Hanley & McNeil 1982, Radiology 143:29, Table I: 58 normal, 51 abnormal CT images rated 1–5; area 0.893, SE 0.032.
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    scores = np.repeat(np.tile(np.arange(5), 2), normal + abnormal)
    labels = np.repeat([False, True], [58, 51])
    e = m.auroc_delong(m.Ranking.of(labels, scores))
    assert e.value == pytest.approx(0.893, abs=5e-4)
    assert (e.high - e.low) / 2 / 1.96 == pytest.approx(0.032, abs=2e-3)


def test_scikit_learns_example() -> None:
    ranking = m.Ranking.of([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    assert m.auroc(ranking) == pytest.approx(0.75)
    assert m.average_precision(ranking) == pytest.approx(0.8333, abs=5e-5)


@pytest.mark.slow
@given(both_kinds)
@settings(deadline=None)
def test_areas_equal_scikit_learn(records: list[tuple[bool, int]]) -> None:
    labels, scores = split(records)
    ranking = m.Ranking.of(labels, scores)
    assert m.auroc(ranking) == pytest.approx(sk.roc_auc_score(labels, scores), abs=1e-12)
    assert m.average_precision(ranking) == pytest.approx(sk.average_precision_score(labels, scores), abs=1e-12)
    weights = 1 + (np.arange(len(labels)) % 3) / 2
    ranking = m.Ranking.of(labels, scores, weights)
    assert m.auroc(ranking) == pytest.approx(sk.roc_auc_score(labels, scores, sample_weight=weights), abs=1e-12)
    assert m.average_precision(ranking) == pytest.approx(
        sk.average_precision_score(labels, scores, sample_weight=weights), abs=1e-12
    )


@given(both_kinds)
def test_delong_equals_the_variance_of_placement_values(records: list[tuple[bool, int]]) -> None:
    labels, scores = split(records)
    hits, others = scores[labels], scores[~labels]
    won = (hits[:, None] > others[None, :]) + 0.5 * (hits[:, None] == others[None, :])
    e = m.auroc_delong(m.Ranking.of(labels, scores))
    assert e.value == pytest.approx(won.mean(), abs=1e-12)
    if min(won.shape) < 2:
        assert (e.low, e.high) == (None, None)
        return
    variance = won.mean(axis=1).var(ddof=1) / len(hits) + won.mean(axis=0).var(ddof=1) / len(others)
    half = 1.959963984540054 * math.sqrt(variance)
    assert (e.low, e.high) == pytest.approx((max(0, won.mean() - half), min(1, won.mean() + half)), abs=1e-9)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 1)), min_size=2, max_size=6))
@settings(max_examples=60, deadline=None)
def test_ties_give_the_mean_over_all_their_orders(records: list[tuple[bool, int]]) -> None:
    tied = m.Ranking.of(*split(records))
    orders = [
        m.Ranking.of([label for label, _ in order])
        for order in itertools.permutations(records)
        if [score for _, score in order] == sorted((score for _, score in records), reverse=True)
    ]
    for figure in (m.auroc, m.ranking_loss, m.average_time_to_discovery, m.records_to_recall, m.wss, m.tnr):
        value = figure(tied)
        if value is None:
            assert all(figure(order) is None for order in orders)
        else:
            assert value == pytest.approx(np.mean([figure(order) for order in orders]), abs=1e-9), figure.__name__
    screened, recall = m.recall_curve(tied)
    for k, reached in zip(screened, recall, strict=True):
        assert reached == pytest.approx(np.mean([np.interp(k, *m.recall_curve(order)) for order in orders]))


@given(scored, st.randoms())
def test_only_the_order_of_scores_counts(records: list[tuple[bool, int]], random: object) -> None:
    ranking = m.Ranking.of(*split(records))
    shuffled = list(records)
    random.shuffle(shuffled)
    stretched = m.Ranking.of([label for label, _ in shuffled], [math.exp(score) for _, score in shuffled])
    for figure in FIGURES:
        assert figure(stretched) == (None if figure(ranking) is None else pytest.approx(figure(ranking), abs=1e-12))


@given(scored)
def test_figures_are_bounded_and_never_nan(records: list[tuple[bool, int]]) -> None:
    labels, scores = split(records)
    ranking = m.Ranking.of(labels, scores)
    for figure in (m.auroc, m.average_precision, m.tnr, m.ranking_loss):
        value = figure(ranking)
        assert value is None or -1e-12 <= value <= 1 + 1e-12
    if labels.any():
        assert -0.05 - 1e-12 <= m.wss(ranking) <= 0.95
        assert 1 <= m.average_time_to_discovery(ranking) <= len(labels)
        assert m.records_to_recall(ranking, 0.5) <= m.records_to_recall(ranking, 1.0) <= len(labels)


@given(both_kinds)
def test_reversing_the_order_mirrors_the_area(records: list[tuple[bool, int]]) -> None:
    labels, scores = split(records)
    forward, backward = m.Ranking.of(labels, scores), m.Ranking.of(labels, -scores)
    assert m.auroc(forward) + m.auroc(backward) == pytest.approx(1)
    n = len(labels)
    assert m.average_time_to_discovery(forward) + m.average_time_to_discovery(backward) == pytest.approx(n + 1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=15))
def test_a_weight_stands_for_that_many_records(records: list[tuple[bool, int, int]]) -> None:
    labels, scores, weights = (np.array(column) for column in zip(*records, strict=True))
    weighted = m.Ranking.of(labels, scores, weights)
    repeated = m.Ranking.of(np.repeat(labels, weights), np.repeat(scores, weights))
    for figure in FIGURES:
        assert figure(weighted) == (None if figure(repeated) is None else pytest.approx(figure(repeated), abs=1e-12))


@pytest.mark.parametrize("positives", [20, 40, 60, 100, 180, 200])
def test_rounding_does_not_ask_for_one_record_more(positives: int) -> None:
    ranking = m.Ranking.of([True] * positives + [False] * 10)
    for percent in range(5, 101, 5):
        assert m.records_to_recall(ranking, percent / 100) == math.ceil(percent * positives / 100)


def test_a_constant_score_is_no_better_and_no_worse_than_chance() -> None:
    ranking = m.Ranking.of([True] * 50 + [False] * 950, np.zeros(1000))
    assert m.auroc(ranking) == m.ranking_loss(ranking) == 0.5
    assert m.wss(ranking) == pytest.approx(0, abs=0.02)
    assert m.average_precision(ranking) == pytest.approx(0.05)


def test_the_recall_curve() -> None:
    screened, recall = m.recall_curve(m.Ranking.of([1, 0, 1, 0], [4, 3, 3, 1]))
    assert screened.tolist() == [0, 1, 3, 4]
    assert recall.tolist() == [0, 0.5, 1, 1]
    assert [len(x) for x in m.recall_curve(m.Ranking.of([0, 0]))] == [0, 0]


def test_degenerate_lists() -> None:
    for labels in ([], [False, False]):
        assert all(figure(m.Ranking.of(labels)) is None for figure in FIGURES)
    everything = m.Ranking.of([True, True])
    assert m.auroc(everything) is None
    assert m.tnr(everything) is None
    assert m.average_precision(everything) == 1
    assert m.wss(everything) == pytest.approx(-0.05)
    perfect = m.auroc_delong(m.Ranking.of([True, True, False, False]))
    assert (perfect.value, perfect.flat) == (1, True)


def test_bad_rankings_are_refused() -> None:
    for relevant, scores, weights, message in (
        ([1, 0], [1], None, "shape"),
        ([1, 0], [1, math.nan], None, "NaN"),
        ([1, 3], [1, 2], None, "booleans"),
        ([1, 0], [1, 2], [1, -2], "negative"),
    ):
        with pytest.raises(ValueError, match=message):
            m.Ranking.of(relevant, scores, weights)
    for recall in (0, 1.1, 95):
        with pytest.raises(ValueError, match="recall"):
            m.wss(m.Ranking.of([1, 0]), recall)
