"""Intervals: Newcombe's table, statsmodels, scipy, and what the bootstrap promises."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

stats, sm = Later("scipy.stats"), Later("statsmodels.stats.proportion")

proportions = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@pytest.mark.parametrize(
    ("successes", "n", "score", "exact"),
    [  # Newcombe 1998, Stat Med 17:857, Table I: methods 3 (Wilson) and 5 (Clopper–Pearson)
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_newcombes_table(successes: int, n: int, score: tuple[float, float], exact: tuple[float, float]) -> None:
    w, cp = m.wilson(successes, n), m.clopper_pearson(successes, n)
    assert (w.low, w.high) == pytest.approx(score, abs=5.1e-5)
    assert (cp.low, cp.high) == pytest.approx(exact, abs=5.1e-5)
    assert w.value == cp.value == successes / n


@given(proportions, levels)
@settings(deadline=None)
def test_intervals_equal_statsmodels(proportion: tuple[int, int], level: float) -> None:
    x, n = proportion
    for ours, method in ((m.wilson, "wilson"), (m.clopper_pearson, "beta")):
        estimate = ours(x, n, level=level)
        low, high = sm.proportion_confint(x, n, alpha=1 - level, method=method)
        assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)


@given(proportions, levels)
@settings(deadline=None)
def test_one_sided_bounds_equal_scipy(proportion: tuple[int, int], level: float) -> None:
    x, n = proportion
    test = stats.binomtest(x, n, alternative="less").proportion_ci(level, method="exact")
    upper = m.clopper_pearson(x, n, level=level, side="upper")
    assert (upper.low, upper.high) == pytest.approx((test.low, test.high), abs=1e-9)
    test = stats.binomtest(x, n, alternative="greater").proportion_ci(level, method="exact")
    lower = m.clopper_pearson(x, n, level=level, side="lower")
    assert (lower.low, lower.high) == pytest.approx((test.low, test.high), abs=1e-9)


def test_rule_of_three() -> None:
    # Hanley & Lippman-Hand 1983, JAMA 249:1743: none in n, so at most about 3/n (95 %, one-sided).
    assert m.clopper_pearson(0, 300, side="upper").high == pytest.approx(1 - 0.05 ** (1 / 300), abs=1e-12)
    assert m.clopper_pearson(0, 300, side="upper").high == pytest.approx(3 / 300, rel=0.01)


@given(proportions, levels)
def test_intervals_hold_the_value_mirror_and_narrow(proportion: tuple[int, int], level: float) -> None:
    x, n = proportion
    for interval in (m.wilson, m.clopper_pearson):
        e, mirror = interval(x, n, level=level), interval(n - x, n, level=level)
        assert 0 <= e.low <= e.value <= e.high <= 1
        assert not e.flat
        assert (e.low, e.high) == pytest.approx((1 - mirror.high, 1 - mirror.low), abs=1e-9)
        more = interval(10 * x, 10 * n, level=level)
        assert more.high - more.low < e.high - e.low
    exact, score = m.clopper_pearson(x, n, level=level), m.wilson(x, n, level=level)
    assert exact.high - exact.low > score.high - score.low - 0.05


def test_nothing_counted_is_not_defined() -> None:
    for estimate in (m.wilson(0, 0), m.clopper_pearson(0, 0)):
        assert (estimate.value, estimate.low, estimate.high, estimate.n) == (None, None, None, 0)
        assert not estimate.flat


@pytest.mark.parametrize(("x", "n", "level"), [(3, 2, 0.95), (-1, 2, 0.95), (1, math.inf, 0.95), (1, 2, 1), (1, 2, 0)])
def test_bad_proportions_are_refused(x: float, n: float, level: float) -> None:
    with pytest.raises(ValueError, match=r"need|level"):
        m.wilson(x, n, level=level)
    with pytest.raises(ValueError, match=r"need|level"):
        m.clopper_pearson(x, n, level=level)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_effective_n(weights: list[float]) -> None:
    n = m.effective_n(weights)
    assert 1 - 1e-9 <= n <= len(weights) + 1e-9
    assert m.effective_n([w * 3 for w in weights]) == pytest.approx(n)
    assert m.effective_n([4.2] * len(weights)) == pytest.approx(len(weights))


def test_effective_n_by_hand() -> None:
    assert m.effective_n([1, 1, 2]) == pytest.approx(16 / 6)
    assert m.effective_n([]) == 0
    assert m.effective_n([0, 0]) == 0


# --- bootstrap ---------------------------------------------------------------------------------------------------


def one_hot(cells: np.ndarray, k: int = 2) -> np.ndarray:
    return np.eye(k)[cells]


def test_the_bootstrap_of_a_proportion_has_its_binomial_spread() -> None:
    cells = (np.arange(400) < 100).astype(int)
    sums = m.resampled_sums(one_hot(cells), resamples=20_000, seed=3)
    assert (sums.sum(axis=1) == 400).all()
    share = sums[:, 1] / 400
    assert share.mean() == pytest.approx(0.25, abs=0.001)
    assert share.std() == pytest.approx(math.sqrt(0.25 * 0.75 / 400), rel=0.03)
    interval = m.percentile_interval(0.25, share)
    assert (interval.low, interval.high) == pytest.approx(
        stats.binom(400, 0.25).interval(0.95) / np.array(400), abs=0.004
    )


def test_both_engines_agree() -> None:
    rng = np.random.default_rng(5)
    cells = rng.integers(0, 3, 150)
    clusters = rng.integers(0, 40, 150)
    for grouping in ({}, {"clusters": clusters}, {"strata": cells == 0}):
        sums = m.resampled_sums(one_hot(cells, 3), resamples=4000, seed=1, **grouping)
        quick = m.percentile_interval(0.5, (s[1] / s.sum() for s in sums))
        slow = m.bootstrap(lambda index: float((cells[index] == 1).mean()), 150, resamples=4000, seed=2, **grouping)
        assert (quick.low, quick.high) == pytest.approx((slow.low, slow.high), abs=0.015)


def test_scipys_percentile_bootstrap_is_met() -> None:
    sample = np.random.default_rng(7).exponential(size=80)
    ours = m.bootstrap(lambda index: float(np.median(sample[index])), 80, resamples=4000)
    theirs = stats.bootstrap((sample,), np.median, n_resamples=4000, method="percentile", rng=1).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.05)
    assert ours.value == np.median(sample)


def test_clusters_are_drawn_whole() -> None:
    # 20 studies of 10 equal records: the spread is that of 20 records, not of 200.
    clusters = np.repeat(np.arange(20), 10)
    cells = np.repeat((np.arange(20) < 10).astype(int), 10)
    share = m.resampled_sums(one_hot(cells), clusters=clusters, resamples=8000)[:, 1] / 200
    assert share.std() == pytest.approx(math.sqrt(0.25 / 20), rel=0.05)
    for index in m.resampled_indices(200, clusters=clusters, resamples=50):
        assert (np.bincount(clusters[index], minlength=20) % 10 == 0).all()
        assert len(index) == 200


def test_clusters_of_unequal_size_change_the_size_of_a_resample() -> None:
    clusters = np.array(["a", "b", "b", "b"])
    sizes = {len(index) for index in m.resampled_indices(4, clusters=clusters, resamples=200)}
    assert sizes == {2, 4, 6}
    totals = m.resampled_sums(np.ones((4, 1)), clusters=clusters, resamples=200)
    assert set(totals[:, 0]) == {2, 4, 6}


def test_strata_keep_their_sizes() -> None:
    strata = np.array(["old"] * 30 + ["new"] * 70)
    sums = m.resampled_sums(one_hot((strata == "new").astype(int)), strata=strata, resamples=50)
    assert (sums == [30, 70]).all()
    for index in m.resampled_indices(100, strata=strata, resamples=20):
        assert (strata[index] == "old").sum() == 30


def test_the_seed_fixes_the_interval() -> None:
    rows = one_hot(np.arange(50) % 2)
    assert (m.resampled_sums(rows, seed=4) == m.resampled_sums(rows, seed=4)).all()
    assert (m.resampled_sums(rows, seed=4) != m.resampled_sums(rows, seed=5)).any()
    mean = m.bootstrap(lambda index: float(index.mean()), 50, seed=4, resamples=100)
    assert mean == m.bootstrap(lambda index: float(index.mean()), 50, seed=4, resamples=100)
    assert (mean.seed, mean.resamples, mean.method) == (4, 100, "bootstrap")


def test_undefined_resamples_are_left_out_and_too_many_leave_no_interval() -> None:
    few = m.percentile_interval(0.5, [None, *np.linspace(0, 1, 99)])
    assert (few.low, few.high, few.resamples) == (pytest.approx(0.025), pytest.approx(0.975), 99)
    many = m.percentile_interval(0.5, [None] * 11 + [0.5] * 89)
    assert (many.value, many.low, many.high) == (0.5, None, None)
    none = m.percentile_interval(None, [0.1, 0.2])
    assert (none.value, none.low) == (None, None)
    empty = m.bootstrap(lambda index: None, 0)
    assert (empty.value, empty.low, empty.resamples) == (None, None, 0)


def test_an_interval_without_width_says_so() -> None:
    assert m.percentile_interval(1.0, [1.0] * 10).flat
    assert not m.percentile_interval(1.0, [0.9, 1.0] * 10).flat


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_interval_of_a_mean_stays_within_the_data(sample: list[float], seed: int) -> None:
    data = np.array(sample)
    e = m.bootstrap(lambda index: float(data[index].mean()), len(data), resamples=60, seed=seed)
    assert data.min() - 1e-9 <= e.low <= e.high <= data.max() + 1e-9


def test_bad_groupings_are_refused() -> None:
    with pytest.raises(ValueError, match="stratum"):
        m.resampled_sums(np.ones((2, 1)), clusters=[1, 1], strata=[1, 2])
    with pytest.raises(ValueError, match="clusters"):
        m.resampled_sums(np.ones((2, 1)), clusters=[1])
    with pytest.raises(ValueError, match="n × d"):
        m.resampled_sums(np.ones(3))
    with pytest.raises(ValueError, match="level"):
        m.percentile_interval(0.5, [0.5], level=95)
