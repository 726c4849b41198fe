"""Agreement of raters: published tables, statsmodels, scikit-learn, irrCAC and krippendorff values, properties."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

sk, sm = Later("sklearn.metrics"), Later("statsmodels.stats.inter_rater")

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]  # R's irrCAC, cont3x3abstractors
DERMATOLOGISTS = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]  # SAS/STAT, FREQ, SkinCondition
square = st.integers(2, 4).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 25), min_size=k, max_size=k), min_size=k, max_size=k)
)
COEFFICIENTS: list[Callable[..., m.Estimate]] = [m.raw_agreement, m.cohen_kappa, m.pabak, m.gwet_ac1]


def standard_error(e: m.Estimate) -> float:
    return (e.high - e.low) / 2 / 1.959963984540054


def delta_error(statistic: Callable[[np.ndarray], float], table: np.ndarray) -> float:
    """Large-sample standard error from the statistic's numerical gradient in the cell probabilities."""
    n = table.sum()
    p = table / n
    gradient = np.zeros_like(p)
    for cell in np.ndindex(*p.shape):
        step = np.zeros_like(p)
        step[cell] = 1e-6
        gradient[cell] = (statistic(p + step) - statistic(p - step)) / 2e-6
    return math.sqrt(((p * gradient**2).sum() - (p * gradient).sum() ** 2) / n)


# --- two raters --------------------------------------------------------------------------------------------------


def test_cohens_own_example() -> None:
    # Cohen 1960, Educ Psychol Meas 20:37, Table 1: 200 patients, κ = .492.
    assert m.cohen_kappa([[88, 14, 18], [10, 40, 10], [2, 6, 12]]).value == pytest.approx(0.492, abs=5e-4)


def test_kappa_and_its_interval_as_sas_prints_them() -> None:
    e = m.cohen_kappa(DERMATOLOGISTS)
    assert (e.value, e.low, e.high) == pytest.approx((0.3449, 0.2030, 0.4868), abs=5.1e-5)
    # A second SAS printout, kept in statsmodels' tests: simple and (linear) weighted κ, ASE, limits.
    table = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
    e = m.cohen_kappa(table)
    assert (e.value, standard_error(e), e.low, e.high) == pytest.approx((0.4842, 0.1380, 0.2137, 0.7547), abs=5.1e-5)
    e = m.cohen_kappa(table, weights="linear")
    assert (e.value, standard_error(e), e.low, e.high) == pytest.approx((0.4701, 0.1457, 0.1845, 0.7558), abs=5.1e-5)


def test_irrcac_values() -> None:
    # README of R's irrCAC: coefficient and standard error (its intervals use Student's t, ours the normal).
    kappa, ac1 = m.cohen_kappa(ABSTRACTORS), m.gwet_ac1(ABSTRACTORS)
    assert (kappa.value, standard_error(kappa)) == pytest.approx((0.7964094, 0.05891072), abs=1e-7)
    assert (ac1.value, standard_error(ac1)) == pytest.approx((0.8493305, 0.04321747), abs=1e-7)
    assert m.pabak(ABSTRACTORS).value == pytest.approx(0.835, abs=1e-12)  # Brennan–Prediger
    assert m.raw_agreement(ABSTRACTORS).value == pytest.approx(0.89, abs=1e-12)


def test_gwets_example_of_the_kappa_paradox() -> None:
    # Gwet 2002, Statistical Methods for Inter-Rater Reliability Assessment 1: 118, 5, 2, 0 of 125 subjects.
    table = [[118, 5], [2, 0]]
    assert m.cohen_kappa(table).value == pytest.approx(-0.0234, abs=5e-5)
    assert m.gwet_ac1(table).value == pytest.approx(0.9408, abs=5e-5)


@pytest.mark.parametrize(
    ("table", "kappa", "positive", "negative"),
    [  # Feinstein & Cicchetti 1990, J Clin Epidemiol 43:543 and 551: same po = .85, two values of κ
        ([[40, 9], [6, 45]], 0.70, 0.84, 0.86),
        ([[80, 10], [5, 5]], 0.32, 0.91, 0.40),
    ],
)
def test_feinstein_and_cicchettis_examples(
    table: list[list[int]], kappa: float, positive: float, negative: float
) -> None:
    assert m.raw_agreement(table).value == pytest.approx(0.85)
    assert m.pabak(table).value == pytest.approx(0.70)
    assert m.cohen_kappa(table).value == pytest.approx(kappa, abs=5e-3)
    assert m.positive_agreement(table).value == pytest.approx(positive, abs=5e-3)
    assert m.negative_agreement(table).value == pytest.approx(negative, abs=5e-3)


@pytest.mark.parametrize("weights", ["unweighted", "linear", "quadratic"])
@given(square)
@settings(max_examples=60, deadline=None)
def test_kappa_equals_statsmodels_and_scikit_learn(weights: str, rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float)
    e = m.cohen_kappa(table, weights=weights)
    if e.value is None:
        assert table.sum() == 0 or table.max() == table.sum() == np.trace(table)
        return
    with np.errstate(invalid="ignore"):  # its test of κ = 0, where the variance is 0
        theirs = sm.cohens_kappa(table, wt=None if weights == "unweighted" else weights)
    assert e.value == pytest.approx(theirs.kappa, abs=1e-9)
    error = math.sqrt(max(0.0, theirs.var_kappa))
    z = 1.959963984540054
    assert e.low == pytest.approx(max(-1, theirs.kappa - z * error), abs=1e-6)
    assert e.high == pytest.approx(min(1, theirs.kappa + z * error), abs=1e-6)
    first, second = np.repeat(np.argwhere(table + 1), table.ravel().astype(int), axis=0).T
    labels = list(range(len(table)))
    also_theirs = sk.cohen_kappa_score(
        first, second, labels=labels, weights=None if weights == "unweighted" else weights
    )
    assert e.value == pytest.approx(also_theirs, abs=1e-9)


@given(square)
@settings(max_examples=60, deadline=None)
def test_standard_errors_are_those_of_the_delta_method(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float) + 1

    def ac1(p: np.ndarray) -> float:
        pi = (p.sum(axis=0) + p.sum(axis=1)) / 2
        pe = (pi * (1 - pi)).sum() / (len(p) - 1)
        return (np.trace(p) - pe) / (1 - pe)

    def first_category(p: np.ndarray) -> float:
        return 2 * p[0, 0] / (p[0].sum() + p[:, 0].sum())

    for ours, statistic, least in ((m.gwet_ac1, ac1, -1), (lambda t: m.specific_agreement(t, 0), first_category, 0)):
        e, value, error = ours(table), statistic(table / table.sum()), delta_error(statistic, table)
        assert e.value == pytest.approx(value, abs=1e-9)
        assert e.low == pytest.approx(max(least, value - 1.959963984540054 * error), abs=1e-6)
        assert e.high == pytest.approx(min(1, value + 1.959963984540054 * error), abs=1e-6)


@given(square)
def test_agreement_is_symmetric_bounded_and_never_nan(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=float)
    turned = table[::-1, ::-1]
    for coefficient in COEFFICIENTS:
        e = coefficient(table)
        for other in (coefficient(table.T), coefficient(turned)):
            assert other.value == (None if e.value is None else pytest.approx(e.value, abs=1e-9))
            assert other.low == (None if e.low is None else pytest.approx(e.low, abs=1e-6))
        if e.value is not None:
            assert -1 <= e.low <= e.value <= e.high <= 1
    for category in range(len(table)):
        e = m.specific_agreement(table, category)
        assert e.value is None or 0 <= e.low <= e.value <= e.high <= 1


@given(square, st.integers(2, 5))
def test_more_records_narrow_the_interval_and_leave_the_value(rows: list[list[int]], times: int) -> None:
    table = np.array(rows, dtype=float) + 1
    for coefficient in COEFFICIENTS:
        few, many = coefficient(table), coefficient(table * times)
        assert many.value == pytest.approx(few.value, abs=1e-9)
        assert many.high - many.low <= few.high - few.low + 1e-9


@given(st.tuples(*[st.integers(0, 30)] * 4))
def test_two_by_two_identities(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    table = [[a, b], [c, d]]
    for weights in ("linear", "quadratic"):
        assert m.cohen_kappa(table, weights=weights) == m.cohen_kappa(table)
    raw, adjusted = m.raw_agreement(table), m.pabak(table)
    if raw.value is not None:
        assert adjusted.value == pytest.approx(2 * raw.value - 1)
        assert (adjusted.low, adjusted.high) == pytest.approx((2 * raw.low - 1, 2 * raw.high - 1))
    confusion = m.Confusion(tp=a, fp=b, fn=c, tn=d)
    f1 = m.f1(confusion)
    assert m.positive_agreement(confusion.table).value == (None if f1 is None else pytest.approx(f1))


def test_degenerate_tables() -> None:
    empty, one_category, perfect = [[0, 0], [0, 0]], [[9, 0], [0, 0]], [[4, 0], [0, 6]]
    for coefficient in COEFFICIENTS:
        assert (coefficient(empty).value, coefficient(empty).low) == (None, None)
        assert coefficient(perfect).value == pytest.approx(1)
    assert m.cohen_kappa(one_category).value is None
    assert m.gwet_ac1(one_category).value == 1
    assert m.pabak(one_category).value == 1
    assert m.negative_agreement(one_category).value is None
    assert m.cohen_kappa(perfect).flat
    assert not m.pabak(perfect).flat
    for coefficient in (m.cohen_kappa, m.pabak, m.gwet_ac1):
        assert coefficient([[5]]).value is None
    assert m.cohen_kappa([[0, 5], [5, 0]]).value == pytest.approx(-1)
    # One rater constant: κ is 0, not undefined.
    assert m.cohen_kappa([[5, 0], [3, 0]]).value == pytest.approx(0)


def test_contingency() -> None:
    table = m.contingency(["yes", "no", "no", "unclear"], ["yes", "yes", "no", "no"], ["yes", "no", "unclear"])
    assert table.tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert m.contingency([1, 0], [1, 1], [1, 0], weights=[2, 3.5]).tolist() == [[2, 0], [3.5, 0]]
    assert m.contingency([], [], ["a", "b"]).tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ValueError, match="'maybe'"):
        m.contingency(["maybe"], ["yes"], ["yes", "no"])
    with pytest.raises(ValueError, match="length"):
        m.contingency(["yes"], [], ["yes"])
    with pytest.raises(ValueError, match="repeat"):
        m.contingency([], [], ["yes", "yes"])


@pytest.mark.parametrize("table", [[[1, 2, 3], [1, 2, 3]], [[1, -1], [0, 1]], [[1, math.nan], [0, 1]], [1, 2]])
def test_bad_tables_are_refused(table: list[object]) -> None:
    for coefficient in COEFFICIENTS:
        with pytest.raises(ValueError, match="contingency table"):
            coefficient(table)


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="2 × 2"):
        m.positive_agreement(ABSTRACTORS)
    with pytest.raises(ValueError, match="weights"):
        m.cohen_kappa(ABSTRACTORS, weights="cubic")


# --- many raters -------------------------------------------------------------------------------------------------

# Fleiss 1971, Psychol Bull 76:378, Table 1: six psychiatrists' diagnoses of 30 patients (as in R's irr, statsmodels).
DIAGNOSES = [
    "444444", "222555", "233335", "555555", "222444", "113333", "333355", "113334", "114444", "555555",
    "144444", "124444", "222333", "144444", "224445", "333335", "111455", "111112", "224444", "133555",
    "555555", "244444", "224555", "114444", "144445", "222224", "111155", "224444", "133333", "555555",
]  # fmt: skip
# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units.
OBSERVERS = ["123321412...", "1233224125.3", ".333234225 1.".replace(" ", ""), "1233244125" + "1."]
KRIPPENDORFF = [[None if r == "." else int(r) for r in unit] for unit in zip(*OBSERVERS, strict=True)]
# R's irrCAC, cac.raw4raters and distrib.6raters.
RAW4 = ["11.1", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", ".555", "..11", "..3."]
SIX = np.array(
    [[0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
     [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
     [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1]]
)  # fmt: skip


def few(figure: Callable[..., m.Estimate], counts: object, **options: object) -> m.Estimate:
    """The figure with few resamples, where only its value is looked at."""
    return figure(counts, resamples=10, **options)


def test_fleiss_psychiatric_diagnoses() -> None:
    counts = m.count_ratings(DIAGNOSES, "12345")
    assert counts[0].tolist() == [0, 0, 0, 6, 0]
    e = m.fleiss_kappa(counts)
    assert e.value == pytest.approx(0.430, abs=5e-4)  # Fleiss 1971
    assert e.value == pytest.approx(0.4302445, abs=5e-8)  # R's irr::kappam.fleiss
    assert 0.25 < e.low < e.value < e.high < 0.6
    assert few(m.fleiss_kappa, SIX).value == pytest.approx(0.4139265, abs=5e-8)  # irrCAC


def test_krippendorffs_example_with_missing_ratings() -> None:
    counts = m.count_ratings(KRIPPENDORFF, [1, 2, 3, 4, 5])
    published = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849}
    # Package krippendorff 0.9.0, alpha(reliability_data, level_of_measurement=…), computed once.
    recorded = {"nominal": 0.743421052631579, "ordinal": 0.8153875037548814, "interval": 0.8491071428571428}
    for scale, value in published.items():
        e = m.krippendorff_alpha(counts, scale=scale, values=[1, 2, 3, 4, 5])
        assert e.value == pytest.approx(value, abs=5e-4)
        assert e.value == pytest.approx(recorded[scale], abs=1e-12)
        assert e.low < e.value < e.high <= 1
        assert e.n == 11  # the twelfth unit has one rating


def test_alpha_as_irrcac_prints_it() -> None:
    raw = m.count_ratings([[None if r == "." else r for r in unit] for unit in RAW4], "12345")
    assert few(m.krippendorff_alpha, raw).value == pytest.approx(0.74342, abs=5e-6)
    assert few(m.krippendorff_alpha, SIX).value == pytest.approx(0.4204384, abs=5e-8)
    pairs = [(i, j) for i in range(3) for j in range(3) for _ in range(ABSTRACTORS[i][j])]
    assert few(m.krippendorff_alpha, m.count_ratings(pairs, range(3))).value == pytest.approx(0.7972585, abs=5e-8)


def by_definition(counts: np.ndarray, difference: Callable[[int, int], float]) -> float | None:
    """α from all pairs of ratings, one by one."""
    units = [[c for c, k in enumerate(row) for _ in range(int(k))] for row in counts]
    units = [u for u in units if len(u) > 1]
    pool = [r for u in units for r in u]
    if not pool:
        return None
    inside = sum(
        difference(a, b) / (len(u) - 1) for u in units for i, a in enumerate(u) for j, b in enumerate(u) if i != j
    ) / len(pool)
    across = sum(difference(a, b) for i, a in enumerate(pool) for j, b in enumerate(pool) if i != j)
    across /= len(pool) * (len(pool) - 1)
    return 1 - inside / across if across > 0 else None


count_rows = st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), max_size=8)


@given(count_rows)
@settings(max_examples=60, deadline=None)
def test_alpha_equals_its_definition(rows: list[list[int]]) -> None:
    counts = np.array(rows, dtype=float).reshape(-1, 3)
    margins = counts[counts.sum(axis=1) > 1].sum(axis=0)
    rules = {
        "nominal": lambda a, b: float(a != b),
        "interval": lambda a, b: float((a - b) ** 2),
        "ordinal": lambda a, b: (
            margins[min(a, b) : max(a, b) + 1].sum() - (margins[a] + margins[b]) / 2
        ) ** 2,
    }  # fmt: skip
    for scale, rule in rules.items():
        expected = by_definition(counts, rule)
        e = few(m.krippendorff_alpha, counts, scale=scale)
        assert e.value == (None if expected is None else pytest.approx(expected, abs=1e-9)), scale
        assert e.value is None or -1 - 1e-9 <= e.value <= 1


@given(st.integers(2, 5), st.data())
@settings(max_examples=60, deadline=None)
def test_fleiss_kappa_equals_statsmodels(raters: int, data: st.DataObject) -> None:
    unit = st.lists(st.integers(0, 2), min_size=raters, max_size=raters)
    ratings = data.draw(st.lists(unit, min_size=1, max_size=12))
    counts = m.count_ratings(ratings, range(3))
    e = few(m.fleiss_kappa, counts)
    if (counts.sum(axis=0) > 0).sum() == 1:
        assert e.value is None
    else:
        assert e.value == pytest.approx(sm.fleiss_kappa(counts), abs=1e-9)
        # α is Fleiss' κ with a small-sample correction: 1 − α = (1 − κ)(1 − 1/n), n ratings (Krippendorff 2011).
        alpha = few(m.krippendorff_alpha, counts).value
        assert 1 - alpha == pytest.approx((1 - e.value) * (1 - 1 / counts.sum()), abs=1e-9)


@pytest.mark.slow
def test_bootstrap_intervals_draw_units() -> None:
    for scale in ("nominal", "ordinal"):
        quick = m.krippendorff_alpha(SIX, scale=scale, resamples=4000)
        slow = m.bootstrap(lambda i, s=scale: few(m.krippendorff_alpha, SIX[i], scale=s).value, 15, resamples=1500)
        assert (quick.low, quick.high) == pytest.approx((slow.low, slow.high), abs=0.03)
    counts = m.count_ratings(DIAGNOSES, "12345")
    quick = m.fleiss_kappa(counts, resamples=4000)
    slow = m.bootstrap(lambda i: few(m.fleiss_kappa, counts[i]).value, 30, resamples=1500, seed=9)
    assert (quick.low, quick.high) == pytest.approx((slow.low, slow.high), abs=0.02)
    assert m.fleiss_kappa(counts, seed=4) == m.fleiss_kappa(counts, seed=4)


def test_degenerate_ratings() -> None:
    nothing = np.zeros((0, 3))
    lonely = [[1, 0, 0], [0, 1, 0]]
    unanimous_one = [[3, 0, 0]] * 4
    unanimous = [[3, 0, 0], [0, 3, 0], [0, 0, 3]]
    assert m.krippendorff_alpha(nothing).value is None
    assert m.fleiss_kappa(nothing).value is None
    assert m.krippendorff_alpha(lonely).value is None
    for figure in (m.krippendorff_alpha, m.fleiss_kappa):
        assert (figure(unanimous_one).value, figure(unanimous_one).low) == (None, None)
        assert figure(unanimous).value == pytest.approx(1)
    for scale in ("nominal", "ordinal", "interval"):
        assert few(m.krippendorff_alpha, unanimous, scale=scale).value == pytest.approx(1)


def test_bad_ratings_are_refused() -> None:
    with pytest.raises(ValueError, match="krippendorff_alpha"):
        m.fleiss_kappa([[2, 0], [3, 0]])
    with pytest.raises(ValueError, match="two or more"):
        m.fleiss_kappa([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="whole"):
        m.krippendorff_alpha([[0.5, 1]])
    with pytest.raises(ValueError, match="units × categories"):
        m.krippendorff_alpha([1, 2])
    with pytest.raises(ValueError, match="scale"):
        m.krippendorff_alpha([[1, 1]], scale="ratio")
    with pytest.raises(ValueError, match="values"):
        m.krippendorff_alpha([[1, 1]], scale="interval", values=[1])
    with pytest.raises(ValueError, match="'x'"):
        m.count_ratings(["x"], "ab")
    with pytest.raises(ValueError, match="repeat"):
        m.count_ratings(["a"], "aa")


def test_missing_ratings_are_not_counted() -> None:
    assert m.count_ratings([["a", None], [math.nan, "b"]], ["a", "b"]).tolist() == [[1, 0], [0, 1]]
