"""Paired comparisons of two reviewers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

stats, sm = Later("scipy.stats"), Later("statsmodels.stats.contingency_tables")


def test_fays_example() -> None:
    # Fay 2010, vignette "Exact McNemar's Test" of R's exact2x2: table 21, 9, 2, 12; exact two-sided p = 0.06543.
    assert m.mcnemar(9, 2).p == pytest.approx(0.06543, abs=5e-6)
    assert m.mcnemar(9, 2).p == pytest.approx(134 / 2048, abs=1e-12)


@given(st.integers(0, 300), st.integers(0, 300))
@settings(deadline=None)
def test_mcnemar_equals_statsmodels_and_scipy(b: int, c: int) -> None:
    p = m.mcnemar(b, c).p
    assert p == pytest.approx(sm.mcnemar([[5, b], [c, 5]], exact=True).pvalue if b + c else 1.0, abs=1e-12)
    if b + c:
        assert p == pytest.approx(stats.binomtest(b, b + c).pvalue, abs=1e-12)
    assert p == m.mcnemar(c, b).p
    assert 0 < p <= 1


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_discordant_records_are_those_only_one_got_right(records: list[tuple[bool, bool, bool]]) -> None:
    truth, first, second = (list(column) for column in zip(*records, strict=True))
    result = m.mcnemar_of(truth, first, second)
    assert result.first_only == sum(a == t != b for t, a, b in records)
    assert result.second_only == sum(b == t != a for t, a, b in records)
    swapped = m.mcnemar_of(truth, second, first)
    assert (swapped.first_only, swapped.second_only, swapped.p) == (result.second_only, result.first_only, result.p)


def test_no_discordant_record_gives_p_1() -> None:
    assert m.mcnemar(0, 0).p == 1
    with pytest.raises(ValueError, match="negative"):
        m.mcnemar(-1, 3)
    with pytest.raises(ValueError, match="lengths"):
        m.mcnemar_of([1], [1, 0], [1, 0])


@pytest.fixture(scope="module")
def reviewers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    truth = rng.random(600) < 0.4
    return truth, truth ^ (rng.random(600) < 0.10), truth ^ (rng.random(600) < 0.25)


def test_the_difference_of_accuracies_has_the_spread_of_paired_proportions(reviewers) -> None:
    truth, first, second = reviewers
    e = m.paired_difference(m.accuracy, truth, first, second, m.Design(resamples=8000))
    pairs = m.mcnemar_of(truth, first, second)
    b, c, n = pairs.first_only, pairs.second_only, len(truth)
    assert e.value == pytest.approx((b - c) / n, abs=1e-12)
    error = np.sqrt(b + c - (b - c) ** 2 / n) / n  # Agresti 2013, Categorical Data Analysis, §11.1
    assert (e.high - e.low) / 2 == pytest.approx(1.96 * error, rel=0.05)


def test_the_difference_of_any_metric(reviewers) -> None:
    truth, first, second = reviewers
    e = m.paired_difference(m.wmcc, truth, first, second)
    one, two = (m.wmcc(m.Confusion.of(truth, x)) for x in (first, second))
    assert e.value == pytest.approx(one - two, abs=1e-12)
    assert 0 < e.low < e.value < e.high
    assert (e.method, e.resamples, e.n) == ("bootstrap", 2000, 600)
    back = m.paired_difference(m.wmcc, truth, second, first)
    assert back.value == pytest.approx(-e.value, abs=1e-12)
    weights = np.where(truth, 1.0, 4.0)
    weighted = m.paired_difference(m.precision, truth, first, second, m.Design(weights=weights))
    one, two = (m.precision(m.Confusion.of(truth, x, weights)) for x in (first, second))
    assert weighted.value == pytest.approx(one - two, abs=1e-12)


def test_clusters_and_strata_count_in_the_difference(reviewers) -> None:
    truth, first, second = (np.repeat(x, 4) for x in reviewers)
    alone = m.paired_difference(m.f2, truth, first, second)
    grouped = m.paired_difference(m.f2, truth, first, second, m.Design(clusters=np.arange(2400) // 4))
    assert grouped.value == alone.value
    assert grouped.high - grouped.low > 1.6 * (alone.high - alone.low)
    agreed = m.paired_difference(
        m.accuracy, truth, first, second, m.Design(strata=(first == truth) * 2 + (second == truth))
    )
    assert agreed.low == pytest.approx(agreed.high, abs=1e-12)


def test_a_reviewer_does_not_differ_from_itself(reviewers) -> None:
    truth, first, _ = reviewers
    e = m.paired_difference(m.mcc, truth, first, first)
    assert (e.value, e.low, e.high) == (0, 0, 0)
    assert e.flat


def test_a_difference_that_is_not_defined() -> None:
    e = m.paired_difference(m.recall, [0, 0], [1, 0], [0, 0])
    assert (e.value, e.low, e.high) == (None, None, None)


@pytest.mark.parametrize(("n", "limit"), [(18, 0.17588), (3, 0.56150), (1000, 0.003827)])
def test_no_discordant_pair_leaves_room_for_a_difference(n: int, limit: float) -> None:
    e = m.no_discordant_pair(n)
    assert (e.value, e.n, e.method) == (0, n, "score")
    assert (e.low, e.high) == (pytest.approx(-limit, rel=1e-4), pytest.approx(limit, rel=1e-4))
    assert e.high == pytest.approx(m.wilson(0, n).high, abs=1e-12)  # of none in n the upper limit is the same
    assert m.no_discordant_pair(0).value is None
