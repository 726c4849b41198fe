"""Confusion table and its figures: published examples, scikit-learn, properties, degenerate tables."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

sk = Later("sklearn.metrics")

counts = st.integers(0, 60)
tables = st.builds(m.Confusion, counts, counts, counts, counts)
FIGURES = {
    "recall": m.recall,
    "specificity": m.specificity,
    "precision": m.precision,
    "npv": m.npv,
    "accuracy": m.accuracy,
    "balanced_accuracy": m.balanced_accuracy,
    "f1": m.f1,
    "f2": m.f2,
    "mcc": m.mcc,
    "wmcc": m.wmcc,
}
SIGNED = {"mcc", "wmcc"}


def arrays(c: m.Confusion) -> tuple[np.ndarray, np.ndarray]:
    """Records that make the table."""
    cells = [(True, True, c.tp), (False, True, c.fp), (True, False, c.fn), (False, False, c.tn)]
    truth = np.concatenate([np.full(int(k), t) for t, _, k in cells])
    predicted = np.concatenate([np.full(int(k), p) for _, p, k in cells])
    return truth.astype(bool), predicted.astype(bool)


def test_occult_blood_screening_example() -> None:
    # Wikipedia, "Sensitivity and specificity", worked example of faecal occult blood screening (2,030 people).
    c = m.Confusion(tp=20, fp=180, fn=10, tn=1820)
    assert m.recall(c) == pytest.approx(2 / 3)
    assert m.specificity(c) == pytest.approx(0.91)
    assert m.precision(c) == pytest.approx(0.10)
    assert m.npv(c) == pytest.approx(0.9945, abs=5e-5)
    assert m.accuracy(c) == pytest.approx(0.9064, abs=5e-5)
    assert m.f1(c) == pytest.approx(0.174, abs=5e-4)


def test_chicco_example_of_f1_and_mcc() -> None:
    # Chicco 2017, BioData Mining 10:35, tip 8: TP 90, FP 4, TN 1, FN 5.
    c = m.Confusion(tp=90, fp=4, fn=5, tn=1)
    assert m.accuracy(c) == pytest.approx(0.91)
    assert m.f1(c) == pytest.approx(0.9524, abs=5e-5)
    assert m.mcc(c) == pytest.approx(0.14, abs=5e-3)


def test_f2_is_5pr_over_4p_plus_r() -> None:
    c = m.Confusion(tp=30, fp=70, fn=10, tn=890)
    p, r = 0.3, 0.75
    assert m.f2(c) == pytest.approx(5 * p * r / (4 * p + r), abs=1e-12)


def test_wmcc_is_equation_6_of_madeyski() -> None:
    # The table is that of R's reproducer::compute_wmcc (Felizardo et al. SLR2); the value is its documented definition
    # (every positive weighs w, then MCC) worked out by hand: 1280, 68, 200, 232.
    c = m.Confusion(tp=128, fp=68, fn=20, tn=232)
    by_hand = (1280 * 232 - 68 * 200) / math.sqrt((1280 + 68) * (1280 + 200) * (232 + 68) * (232 + 200))
    assert m.wmcc(c) == pytest.approx(by_hand, abs=1e-12)
    assert m.wmcc(c, weight=1) == pytest.approx(m.mcc(c), abs=1e-12)
    truth, predicted = arrays(c)
    assert m.wmcc(c) == pytest.approx(sk.matthews_corrcoef(truth, predicted, sample_weight=np.where(truth, 10, 1)))


def test_a_missed_study_costs_wmcc_more_than_one_kept_in_vain() -> None:
    assert m.wmcc(m.Confusion(18, 0, 2, 180)) < m.wmcc(m.Confusion(20, 2, 0, 178))


@pytest.mark.slow
@given(tables)
@settings(deadline=None)
def test_figures_equal_scikit_learn(c: m.Confusion) -> None:
    truth, predicted = arrays(c)
    expected = {}
    if c.n:
        expected["accuracy"] = sk.accuracy_score(truth, predicted)
        expected["f1"] = sk.f1_score(truth, predicted, zero_division=np.nan)
        expected["f2"] = sk.fbeta_score(truth, predicted, beta=2, zero_division=np.nan)
        expected["recall"] = sk.recall_score(truth, predicted, zero_division=np.nan)
        expected["precision"] = sk.precision_score(truth, predicted, zero_division=np.nan)
        expected["specificity"] = sk.recall_score(~truth, ~predicted, zero_division=np.nan)
        expected["npv"] = sk.precision_score(~truth, ~predicted, zero_division=np.nan)
    if min(c.tp + c.fp, c.tp + c.fn, c.tn + c.fp, c.tn + c.fn) > 0:
        expected["mcc"] = sk.matthews_corrcoef(truth, predicted)
        expected["wmcc"] = sk.matthews_corrcoef(truth, predicted, sample_weight=np.where(truth, 10, 1))
    if c.tp + c.fn and c.tn + c.fp:
        expected["balanced_accuracy"] = sk.balanced_accuracy_score(truth, predicted)
    for name, value in expected.items():
        ours = FIGURES[name](c)
        assert (ours is None) == math.isnan(value), name
        assert ours is None or ours == pytest.approx(value, abs=1e-12), name


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.1, 20)), min_size=1, max_size=40))
@settings(deadline=None)
def test_sampling_weights_equal_scikit_learn(records: list[tuple[bool, bool, float]]) -> None:
    truth, predicted, weights = (np.array(column) for column in zip(*records, strict=True))
    c = m.Confusion.of(truth, predicted, weights)
    tn, fp, fn, tp = sk.confusion_matrix(truth, predicted, labels=[False, True], sample_weight=weights).ravel()
    assert (c.tp, c.fp, c.fn, c.tn) == pytest.approx((tp, fp, fn, tn))
    value = m.f2(c)
    expected = sk.fbeta_score(truth, predicted, beta=2, sample_weight=weights, zero_division=np.nan)
    assert math.isnan(expected) if value is None else value == pytest.approx(expected)


@given(tables)
def test_figures_are_bounded_and_never_nan(c: m.Confusion) -> None:
    for name, figure in FIGURES.items():
        value = figure(c)
        assert value is None or (-1 if name in SIGNED else 0) <= value <= 1, name


@given(tables)
def test_swapping_the_classes(c: m.Confusion) -> None:
    swapped = m.Confusion(tp=c.tn, fp=c.fn, fn=c.fp, tn=c.tp)
    assert m.recall(swapped) == m.specificity(c)
    assert m.precision(swapped) == m.npv(c)
    assert m.mcc(swapped) == (None if m.mcc(c) is None else pytest.approx(m.mcc(c), abs=1e-12))
    assert m.balanced_accuracy(swapped) == m.balanced_accuracy(c)


@given(tables)
def test_f_scores_lie_between_precision_and_recall(c: m.Confusion) -> None:
    p, r = m.precision(c), m.recall(c)
    if p is not None and r is not None:
        for beta in (0.5, 1, 2):
            assert min(p, r) - 1e-12 <= m.fbeta(c, beta) <= max(p, r) + 1e-12


@given(tables, st.integers(2, 9))
def test_figures_do_not_change_when_all_records_are_repeated(c: m.Confusion, times: int) -> None:
    more = m.Confusion(c.tp * times, c.fp * times, c.fn * times, c.tn * times)
    for name, figure in FIGURES.items():
        assert figure(more) == (None if figure(c) is None else pytest.approx(figure(c), abs=1e-12)), name


@pytest.mark.parametrize("filled", [f for k in range(5) for f in itertools.combinations(range(4), k)])
def test_degenerate_tables_give_a_number_or_none(filled: tuple[int, ...]) -> None:
    c = m.Confusion(*(7 if i in filled else 0 for i in range(4)))
    for name, figure in FIGURES.items():
        value = figure(c)
        assert value is None or math.isfinite(value), name
    if not filled:
        assert all(figure(c) is None for figure in FIGURES.values())


def test_what_is_not_defined_is_none() -> None:
    nothing_relevant = m.Confusion(tp=0, fp=3, fn=0, tn=7)
    assert m.recall(nothing_relevant) is None
    assert m.precision(nothing_relevant) == 0
    assert m.mcc(nothing_relevant) is None
    assert m.wmcc(nothing_relevant) is None
    nothing_kept = m.Confusion(tp=0, fp=0, fn=3, tn=7)
    assert m.precision(nothing_kept) is None
    assert m.f2(nothing_kept) == 0
    perfect = m.Confusion(tp=3, fp=0, fn=0, tn=7)
    assert (m.recall(perfect), m.f2(perfect), m.mcc(perfect), m.wmcc(perfect)) == (1, 1, pytest.approx(1), 1)


def test_counts_are_ints_without_weights_and_floats_with_them() -> None:
    c = m.Confusion.of([1, 1, 0, 0, 0], [1, 0, 1, 0, 0])
    assert (c.tp, c.fp, c.fn, c.tn, c.n) == (1, 1, 1, 2, 5)
    assert isinstance(c.tp, int)
    assert m.Confusion.of([1, 0], [1, 1], weights=[2.5, 4]) == m.Confusion(2.5, 4.0, 0.0, 0.0)
    assert c.table.tolist() == [[1, 1], [1, 2]]


@pytest.mark.parametrize(
    ("truth", "predicted", "weights", "message"),
    [
        ([1, 0], [1], None, "length"),
        ([1, 2], [1, 0], None, "booleans"),
        (["yes", "no"], [1, 0], None, "booleans"),
        ([1, np.nan], [1, 0], None, "booleans"),
        ([[1, 0]], [[1, 0]], None, "dimension"),
        ([1, 0], [1, 0], [1, -1], "negative"),
        ([1, 0], [1, 0], [1, np.inf], "finite"),
        ([1, 0], [1, 0], [1], "shape"),
    ],
)
def test_bad_input_is_refused(truth: object, predicted: object, weights: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        m.Confusion.of(truth, predicted, weights)


def test_bad_parameters_are_refused() -> None:
    c = m.Confusion(1, 1, 1, 1)
    with pytest.raises(ValueError, match="beta"):
        m.fbeta(c, 0)
    with pytest.raises(ValueError, match="weight"):
        m.wmcc(c, 0)
    with pytest.raises(ValueError, match="tp"):
        m.Confusion(-1, 0, 0, 0)
    with pytest.raises(ValueError, match="tn"):
        m.Confusion(0, 0, 0, math.nan)
