"""Calibration of probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

sk, sk_calibration, sm = Later("sklearn.metrics"), Later("sklearn.calibration"), Later("statsmodels.api")

forecasts = st.lists(
    st.tuples(st.booleans(), st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]))),
    min_size=1,
    max_size=60,
)


def split(records: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([y for y, _ in records]), np.array([p for _, p in records])


def test_brier_example() -> None:
    # scikit-learn's documented example of brier_score_loss: 0.0375.
    assert m.brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]) == pytest.approx(0.0375)


def test_ece_example() -> None:
    # torchmetrics' documented example of BinaryCalibrationError(n_bins=2, norm="l1"): 0.2900.
    assert m.ece([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75], bins=2) == pytest.approx(0.29)


@given(forecasts)
@settings(deadline=None)
def test_brier_equals_scikit_learn(records: list[tuple[bool, float]]) -> None:
    y, p = split(records)
    weights = 1 + np.arange(len(y)) % 3
    assert m.brier(y, p) == pytest.approx(sk.brier_score_loss(y, p, pos_label=1), abs=1e-12)
    assert m.brier(y, p, weights) == pytest.approx(
        sk.brier_score_loss(y, p, sample_weight=weights, pos_label=1), abs=1e-12
    )


@pytest.mark.parametrize(("binning", "strategy"), [("width", "uniform"), ("count", "quantile")])
@given(forecasts)
@settings(deadline=None)
def test_reliability_equals_scikit_learn(binning: str, strategy: str, records: list[tuple[bool, float]]) -> None:
    y, p = split(records)
    curve = m.reliability_curve(y, p, bins=5, binning=binning)
    observed, predicted = sk_calibration.calibration_curve(y, p, n_bins=5, strategy=strategy)
    assert [b.observed.value for b in curve] == pytest.approx(observed.tolist(), abs=1e-9)
    assert [b.predicted for b in curve] == pytest.approx(predicted.tolist(), abs=1e-9)


@given(forecasts, st.sampled_from(["width", "count"]))
def test_bins_hold_every_record_once(records: list[tuple[bool, float]], binning: str) -> None:
    y, p = split(records)
    curve = m.reliability_curve(y, p, bins=4, binning=binning)
    assert sum(b.n for b in curve) == len(y)
    assert sum(b.n * b.observed.value for b in curve) == pytest.approx(y.sum())
    assert sum(b.n * b.predicted for b in curve) == pytest.approx(p.sum())
    for b in curve:
        assert 0 <= b.low <= b.predicted + 1e-12
        assert b.predicted <= b.high + 1e-12
        assert b.observed.low <= b.observed.value <= b.observed.high
    assert [b.low for b in curve] == sorted(b.low for b in curve)


@given(forecasts, st.sampled_from(["width", "count"]))
def test_scores_are_bounded_and_one_bin_is_the_overall_gap(records: list[tuple[bool, float]], binning: str) -> None:
    y, p = split(records)
    assert 0 <= m.brier(y, p) <= 1
    error = m.ece(y, p, binning=binning)
    assert 0 <= error <= 1
    overall = m.ece(y, p, bins=1, binning=binning)
    assert overall == pytest.approx(abs(p.mean() - y.mean()), abs=1e-9)
    assert overall <= error + 1e-9
    assert m.brier(~y, 1 - p) == pytest.approx(m.brier(y, p), abs=1e-12)


def test_weights_stand_for_records() -> None:
    y, p, w = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.2, 0.1]), np.array([3, 1, 1, 2])
    repeated = np.repeat(y, w), np.repeat(p, w)
    assert m.ece(y, p, weights=w) == pytest.approx(m.ece(*repeated))
    first = m.reliability_curve(y, p, bins=2, weights=w)[1]
    assert (first.n, first.observed.value) == (4, pytest.approx(0.75))
    assert first.observed.n == pytest.approx(16 / 10)  # Kish


def test_perfect_and_hopeless_forecasts() -> None:
    y = np.array([True, False, True])
    assert (m.brier(y, y), m.ece(y, y)) == (0, 0)
    assert (m.brier(y, ~y), m.ece(y, ~y)) == (1, 1)


def test_nothing_forecast_is_not_defined() -> None:
    assert (m.brier([], []), m.ece([], []), m.reliability_curve([], [])) == (None, None, [])
    assert (m.brier([1], [0.5], [0]), m.ece([1], [0.5], weights=[0])) == (None, None)
    single = m.reliability_curve([1, 0], [0.4, 0.4], binning="count")
    assert [(b.n, b.observed.value) for b in single] == [(2, 0.5)]


def test_bad_forecasts_are_refused() -> None:
    for p, message in (([0.5, 1.2], "lie in"), ([0.5, np.nan], "lie in"), ([0.5], "shape")):
        with pytest.raises(ValueError, match=message):
            m.brier([1, 0], p)
    with pytest.raises(ValueError, match="bins"):
        m.ece([1], [0.5], bins=0)
    with pytest.raises(ValueError, match="binning"):
        m.ece([1], [0.5], binning="log")


def regression(y: np.ndarray, p: np.ndarray, w: np.ndarray, **kinds: object) -> tuple[float, float, float]:
    """Mean of the squared errors with its interval, from statsmodels' regression on a constant."""
    fitted = sm.WLS((p - y) ** 2, np.ones(len(y)), weights=w).fit(use_t=False, **kinds)
    low, high = fitted.conf_int()[0]
    return float(fitted.params[0]), float(low), float(high)


@pytest.fixture(scope="module")
def many() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(9)
    p = rng.random(300)
    return (rng.random(300) < p).astype(float), p, rng.choice([1.0, 2.0, 5.0], 300)


def test_the_interval_of_the_brier_score_is_that_of_a_mean(many) -> None:
    y, p, w = many
    ones = np.ones(len(y))
    e = m.brier_estimate(y, p)
    assert e.value == pytest.approx(m.brier(y, p), abs=1e-12)
    assert (e.value, e.low, e.high) == pytest.approx(regression(y, p, ones, cov_type="nonrobust"), abs=1e-9)
    e = m.brier_estimate(y, p, m.Design(weights=w))
    assert (e.value, e.low, e.high) == pytest.approx(regression(y, p, w, cov_type="HC1"), abs=1e-9)
    study = np.arange(300) // 5
    e = m.brier_estimate(y, p, m.Design(weights=w, clusters=study))
    robust = regression(y, p, w, cov_type="cluster", cov_kwds={"groups": study})
    assert e.value == pytest.approx(robust[0], abs=1e-12)
    # statsmodels' correction for clusters is G/(G−1)·(n−1)/(n−1) here: one parameter.
    assert (e.low, e.high) == pytest.approx(robust[1:], abs=1e-9)


def test_strata_take_their_differences_out_of_the_spread(many) -> None:
    y, p, _ = many
    errors = (p - y) ** 2
    stratum = errors > np.median(errors)
    alone, within = m.weighted_mean(errors), m.weighted_mean(errors, m.Design(strata=stratum))
    assert within.value == pytest.approx(alone.value)
    assert within.high - within.low < 0.8 * (alone.high - alone.low)
    # Lohr 2022, ch. 3: the variance of a stratified mean is Σ (N_h/N)² s²_h/n_h.
    by_hand = sum(
        (np.mean(stratum == h)) ** 2 * errors[stratum == h].var(ddof=1) / (stratum == h).sum() for h in (0, 1)
    )
    assert (within.high - within.low) / 2 == pytest.approx(1.959963984540054 * np.sqrt(by_hand), rel=1e-9)


def test_a_mean_of_one_record_has_no_interval_and_of_none_no_value() -> None:
    one = m.weighted_mean([0.3])
    assert (one.value, one.low, one.high) == (0.3, None, None)
    assert m.weighted_mean([]).value is None
    assert m.weighted_mean([1.0, 2.0], m.Design(weights=[0, 0])).value is None
    lonely = m.weighted_mean([1.0, 2.0, 3.0], m.Design(strata=["a", "a", "b"]))
    assert (lonely.value, lonely.low) == (2.0, None)
    assert m.brier_estimate([1, 0, 1], [0.0, 1.0, 0.1]).high == 1.0


def brute_force_ece(y: np.ndarray, p: np.ndarray, w: np.ndarray, bins: int) -> float:
    """Bin by bin, record by record."""
    total = 0.0
    for k in range(bins):
        here = [i for i in range(len(y)) if k / bins < p[i] <= (k + 1) / bins or (k == 0 and p[i] == 0)]
        if here:
            mass = sum(w[i] for i in here)
            said, seen = (sum(w[i] * one[i] for i in here) / mass for one in (p, y))
            total += mass * abs(said - seen)
    return total / sum(w)


@pytest.mark.slow
@pytest.mark.parametrize("grouping", ["none", "clusters", "strata", "both"])
def test_the_interval_of_ece_is_that_of_records_drawn_one_by_one(many, grouping: str) -> None:
    y, p, w = (one[:120] for one in many)
    p = p**2  # no longer calibrated
    study, stratum = np.arange(120) // 3, np.arange(120) // 30
    units = study if grouping in ("clusters", "both") else np.arange(120)
    parts = stratum if grouping in ("strata", "both") else np.zeros(120, dtype=int)
    rng, drawn = np.random.default_rng(3), []
    for _ in range(1500):
        index: list[int] = []
        for part in set(parts):
            names = sorted(set(units[parts == part]))
            for name in rng.choice(names, len(names)):
                index += np.flatnonzero(units == name).tolist()
        drawn.append(brute_force_ece(y[index], p[index], w[index], 5))
    value = brute_force_ece(y, p, w, 5)
    low, high = 2 * value - np.quantile(drawn, 0.975), 2 * value - np.quantile(drawn, 0.025)
    given = {"clusters": study} if grouping in ("clusters", "both") else {}
    given |= {"strata": stratum} if grouping in ("strata", "both") else {}
    e = m.ece_estimate(y, p, m.Design(weights=w, **given), bins=5)
    assert e.value == pytest.approx(value, abs=1e-12)
    assert e.value == pytest.approx(m.ece(y, p, bins=5, weights=w), abs=1e-12)
    # Two bootstraps of 1,500 and 2,000 resamples: their limits differ by chance, far less than the interval is wide.
    assert (e.low, e.high) == pytest.approx((low, high), abs=0.08 * (high - low))
    assert (e.method, e.n, e.seed, e.resamples) == ("basic bootstrap", 120, 20250101, 2000)
    assert e == m.ece_estimate(y, p, m.Design(weights=w, **given), bins=5), "the same seed gives the same interval"
    assert e != m.ece_estimate(y, p, m.Design(weights=w, seed=1, **given), bins=5)


@pytest.mark.slow
def test_the_interval_of_ece_takes_the_bias_off_instead_of_doubling_it() -> None:
    """Coarse forecasts with a known error of 0.06: percentile intervals mostly miss it, basic ones mostly hold it."""
    rng, held, doubled = np.random.default_rng(5), 0, 0
    for _ in range(100):
        p = rng.choice(np.arange(0.15, 1.0, 0.1), 200)
        y = rng.random(200) < p - 0.06
        e = m.ece_estimate(y, p, m.Design(resamples=300))
        held += e.low is not None and e.low <= 0.06 <= e.high
        index = m.bootstrap(lambda i, y=y, p=p: m.ece(y[i], p[i]), 200, resamples=300)
        doubled += index.low <= 0.06 <= index.high
    assert held >= 85
    assert held > doubled + 10


def test_ece_without_variation_has_no_interval_and_is_never_nan() -> None:
    def limits(*args: object, **kinds: object) -> tuple[float | None, float | None, float | None]:
        e = m.ece_estimate(*args, m.Design(**kinds))
        return e.value, e.low, e.high

    assert limits([], []) == (None, None, None)
    assert limits([1], [0.3], weights=[0]) == (None, None, None)
    assert limits([1], [0.25]) == (0.75, None, None)
    assert limits([1, 0, 1], [1.0, 0.0, 1.0]) == (0, None, None), "all resamples are 0"
    assert limits([1, 0] * 10, [0.9, 0.1] * 10) == (pytest.approx(0.1), None, None), "they differ by rounding alone"
    assert limits([1, 0, 1], [0.3, 0.3, 0.9], strata=["a", "a", "b"])[1:] == (None, None)
    assert limits([1, 0, 1, 0], [0.5] * 4) == (0, None, None), "all of the mirrored interval lies below 0"
    e = m.ece_estimate([1, 0, 1, 1, 0, 1], [0.1, 0.8, 0.3, 0.9, 0.95, 0.2])
    assert 0 <= e.low < e.high <= 1
    with pytest.raises(ValueError, match="bins"):
        m.ece_estimate([1], [0.5], bins=0)


@pytest.mark.slow
def test_of_many_records_fewer_resamples_are_drawn_and_the_estimate_says_how_many() -> None:
    rng = np.random.default_rng(3)
    for n, drawn in ((500, 2000), (40_000, 500)):
        p = rng.random(n)
        assert m.ece_estimate(rng.random(n) < p, p).resamples == drawn
