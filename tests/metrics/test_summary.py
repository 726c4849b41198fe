"""All figures at once, and what the room promises as a whole."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import metrics as m

SCREENING = {
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
    "kappa": lambda c: m.cohen_kappa(c.table).value,
    "pabak": lambda c: m.pabak(c.table).value,
    "ac1": lambda c: m.gwet_ac1(c.table).value,
}
RANKING = {
    "auroc": m.auroc,
    "average_precision": m.average_precision,
    "wss95": m.wss,
    "tnr95": m.tnr,
    "ranking_loss": m.ranking_loss,
}


def sample(n: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.3
    return truth, truth ^ (rng.random(n) < 0.15), np.round(rng.normal(size=n) + 1.5 * truth, 1)


GROUPINGS = {
    "records": {},
    "studies": {"clusters": np.arange(400) // 4},
    "weights": {"weights": np.where(np.arange(400) % 2, 1.0, 5.0)},
    "strata": {"weights": np.where(np.arange(400) < 100, 1.0, 5.0), "strata": np.arange(400) < 100},
}


@pytest.mark.parametrize("grouping", GROUPINGS.values(), ids=GROUPINGS)
def test_values_are_the_metrics_and_lie_in_their_intervals(grouping: dict[str, np.ndarray]) -> None:
    truth, predicted, scores = sample()
    c = m.Confusion.of(truth, predicted, grouping.get("weights"))
    estimates = m.screening_estimates(truth, predicted, m.Design(resamples=300, **grouping))
    assert list(estimates) == list(SCREENING)
    for name, metric in SCREENING.items():
        assert estimates[name].value == pytest.approx(metric(c), abs=1e-12)
        assert estimates[name].low < estimates[name].value < estimates[name].high
    ranking = m.Ranking.of(truth, scores, grouping.get("weights"))
    estimates = m.ranking_estimates(truth, scores, m.Design(resamples=300, **grouping))
    assert list(estimates) == list(RANKING)
    for name, metric in RANKING.items():
        assert estimates[name].value == pytest.approx(metric(ranking), abs=1e-12)
        assert estimates[name].low < estimates[name].value < estimates[name].high


@pytest.mark.parametrize("grouping", GROUPINGS.values(), ids=GROUPINGS)
def test_a_proportion_says_of_how_many_records_it_is(grouping: dict[str, np.ndarray]) -> None:
    truth, predicted, _ = sample()
    estimates = m.screening_estimates(truth, predicted, m.Design(resamples=100, **grouping))
    assert estimates["recall"].n == truth.sum()
    assert estimates["specificity"].n == (~truth).sum()
    assert estimates["precision"].n == predicted.sum()
    assert estimates["npv"].n == (~predicted).sum()
    assert estimates["accuracy"].n == len(truth)


def test_perfect_agreement_has_no_spread_instead_of_an_interval_of_rounding_errors() -> None:
    for relevant in range(10, 51):
        truth = np.arange(60) < relevant
        estimates = m.screening_estimates(truth, truth, m.Design(resamples=300), only=("mcc", "wmcc"))
        assert all((one.value, one.low, one.high, one.flat) == (1, 1, 1, True) for one in estimates.values())


def test_intervals_of_plain_records() -> None:
    truth, predicted, scores = sample()
    c = m.Confusion.of(truth, predicted)
    e = m.screening_estimates(truth, predicted, m.Design(level=0.9))
    assert e["recall"] == m.wilson(c.tp, c.tp + c.fn, level=0.9)
    assert e["specificity"] == m.wilson(c.tn, c.tn + c.fp, level=0.9)
    assert e["precision"] == m.wilson(c.tp, c.tp + c.fp, level=0.9)
    assert e["npv"] == m.wilson(c.tn, c.tn + c.fn, level=0.9)
    assert e["accuracy"] == m.wilson(c.tp + c.tn, c.n, level=0.9)
    assert e["kappa"] == m.cohen_kappa(c.table, level=0.9)
    assert e["ac1"] == m.gwet_ac1(c.table, level=0.9)
    assert (e["f2"].method, e["f2"].seed, e["f2"].resamples, e["f2"].n) == ("bootstrap", 20250101, 2000, 400)
    slow = m.bootstrap(lambda i: m.f2(m.Confusion.of(truth[i], predicted[i])), 400, level=0.9, seed=8)
    assert (e["f2"].low, e["f2"].high) == pytest.approx((slow.low, slow.high), abs=0.01)
    ranked = m.ranking_estimates(truth, scores)
    area = m.auroc_delong(m.Ranking.of(truth, scores))
    assert ranked["auroc"] == area
    assert (ranked["ranking_loss"].low, ranked["ranking_loss"].high) == (1 - area.high, 1 - area.low)
    for name in ("average_precision", "wss95", "tnr95"):
        slow = m.bootstrap(lambda i, f=RANKING[name]: f(m.Ranking.of(truth[i], scores[i])), 400, seed=20250101)
        assert (ranked[name].low, ranked[name].high) == pytest.approx((slow.low, slow.high), abs=1e-9)


def test_clusters_widen_the_interval_of_equal_records() -> None:
    truth, predicted, _ = sample(100)
    truth, predicted, study = np.repeat(truth, 4), np.repeat(predicted, 4), np.repeat(np.arange(100), 4)
    alone = m.screening_estimates(truth, predicted)
    grouped = m.screening_estimates(truth, predicted, m.Design(clusters=study))
    for name in ("recall", "mcc", "kappa"):
        widths = [e[name].high - e[name].low for e in (alone, grouped)]
        assert widths[1] > 1.6 * widths[0]


def test_no_miss_is_no_proof_of_none() -> None:
    truth = np.repeat([True, False], [40, 60])
    grouped = m.screening_estimates(truth, truth, m.Design(clusters=np.arange(100) // 4))
    assert grouped["recall"].value == 1
    assert grouped["recall"].n == pytest.approx(10)  # ten studies, not forty records
    assert grouped["recall"].low == pytest.approx(m.wilson(10, 10).low)
    weighted = m.screening_estimates(truth, truth, m.Design(weights=np.where(np.arange(100) % 2, 1.0, 3.0)))
    assert weighted["recall"].n == pytest.approx(80**2 / (20 * 1 + 20 * 9))
    missed_all = m.screening_estimates(truth, ~truth, m.Design(clusters=np.arange(100) // 4))
    assert (missed_all["recall"].value, missed_all["recall"].low) == (0, 0)
    assert missed_all["recall"].high > 0.2


ANSWERS = ["yes", "unclear", "no"]


def test_a_redrawn_ranking_is_the_ranking_of_the_records_drawn() -> None:
    relevant, _, scores = sample(150, seed=3)
    scores = np.round(scores, 1)  # many ties
    found = m.ranking_estimates(relevant, scores, m.Design(resamples=200))
    for name, metric in (("average_precision", m.average_precision), ("wss95", m.wss), ("tnr95", m.tnr)):
        alone = m.bootstrap(lambda i, f=metric: f(m.Ranking.of(relevant[i], scores[i])), 150, resamples=200)
        assert (found[name].value, found[name].low, found[name].high) == pytest.approx(
            (alone.value, alone.low, alone.high), abs=1e-12
        )


def test_a_figure_asked_for_alone_is_the_one_among_all() -> None:
    truth, predicted, _ = sample()
    for grouping in ({}, {"weights": np.where(truth, 1.0, 4.0)}):
        whole = m.screening_estimates(truth, predicted, m.Design(resamples=200, **grouping))
        for name in whole:
            assert m.screening_estimates(truth, predicted, m.Design(resamples=200, **grouping), only={name}) == {
                name: whole[name]
            }


def test_agreement_at_once_is_each_figure_alone() -> None:
    rng = np.random.default_rng(6)
    first = rng.choice(ANSWERS, 200, p=[0.3, 0.2, 0.5])
    second = np.where(rng.random(200) < 0.8, first, rng.choice(ANSWERS, 200))
    e = m.agreement_estimates(list(first), list(second), ANSWERS)
    table = m.contingency(list(first), list(second), ANSWERS)
    assert list(e) == ["raw", "kappa", "pabak", "ac1", "kappa_linear", "kappa_quadratic"]
    assert e["kappa_linear"] == m.cohen_kappa(table, weights="linear")
    assert e["kappa_quadratic"] == m.cohen_kappa(table, weights="quadratic")
    assert e["ac1"] == m.gwet_ac1(table)
    two = m.agreement_estimates(list(first != "no"), list(second != "no"), [True, False])
    assert list(two) == ["raw", "positive", "negative", "kappa", "pabak", "ac1"]
    assert two["positive"] == m.positive_agreement(
        m.contingency(list(first != "no"), list(second != "no"), [True, False])
    )


def test_agreement_with_weights_or_studies_is_a_bootstrap_that_respects_them() -> None:
    truth, predicted, _ = sample()
    weights = GROUPINGS["weights"]["weights"]
    pair = list(truth), list(predicted), [True, False]
    weighted = m.agreement_estimates(*pair, m.Design(weights=weights))
    table = m.contingency(*pair, weights=weights)
    assert weighted["kappa"].value == pytest.approx(m.cohen_kappa(table).value, abs=1e-12)
    assert {one.method for one in weighted.values()} == {"bootstrap"}
    alone = m.agreement_estimates(*pair)
    again = m.agreement_estimates(*(list(np.repeat(x, 4)) for x in (truth, predicted)), [True, False], m.Design(clusters=np.repeat(np.arange(400), 4)))  # fmt: skip
    for name in ("raw", "kappa", "ac1"):
        assert again[name].value == pytest.approx(alone[name].value)
        assert again[name].high - again[name].low == pytest.approx(alone[name].high - alone[name].low, rel=0.15)


def test_agreement_of_nobody_on_nothing_is_not_defined() -> None:
    for options in ({}, {"weights": []}):
        for one in m.agreement_estimates([], [], ANSWERS, m.Design(**options)).values():
            assert (one.value, one.low, one.high) == (None, None, None)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), max_size=12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_small_sample_gives_numbers_or_none(records: list[tuple[bool, bool, int]], grouped: bool) -> None:
    truth, predicted, scores = (
        np.array([r[i] for r in records], dtype=t) for i, t in ((0, bool), (1, bool), (2, float))
    )
    options = {"clusters": np.arange(len(records)) // 2} if grouped else {}
    estimates = m.screening_estimates(truth, predicted, m.Design(resamples=20, **options))
    estimates |= m.ranking_estimates(truth, scores, m.Design(resamples=20, **options))
    for name, e in estimates.items():
        for figure in (e.value, e.low, e.high):
            assert figure is None or math.isfinite(figure), name
        assert e.value is not None or (e.low is None and e.high is None)
        assert e.low is None or e.low <= e.high


def test_weights_push_no_figure_past_its_bounds_and_perfection_has_no_spread() -> None:
    generator = np.random.default_rng(0)
    truth = generator.random(40) < 0.4
    weights = generator.choice([1.37, 7.3, 40.1], 40)
    design = {"weights": weights, "strata": [str(weight) for weight in weights], "resamples": 500}
    found = m.screening_estimates(truth, truth, m.Design(**design)) | m.ranking_estimates(
        truth, truth * 0.5 + 0.1, m.Design(**design)
    )
    assert found["kappa"].low < 1, "but for rounding it is 1, or this tests nothing"
    agreed = m.agreement_estimates(list(truth), list(truth), [True, False], m.Design(**design))
    for estimate in (found["kappa"], found["ac1"], agreed["kappa"], agreed["ac1"], found["average_precision"]):
        assert (estimate.value, estimate.flat) == (1, True)
    for name in ("auroc", "average_precision", "tnr95", "ranking_loss"):
        assert 0 <= found[name].low <= found[name].value <= found[name].high <= 1
    assert not found["recall"].flat
    assert not found["wss95"].flat


def test_the_room_imports_nothing_of_ours() -> None:
    room = Path(m.__file__).parent
    for file in room.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, file
                assert node.level == 1 or node.module.split(".")[0] in {
                    "collections", "dataclasses", "decimal", "fractions", "functools", "numpy", "scipy", "typing"
                }, file  # fmt: skip


def test_every_public_name_says_what_it_is() -> None:
    assert len(set(m.__all__)) == len(m.__all__)
    for name in m.__all__:
        assert hasattr(m, name)
        if name not in ("ConfusionMetric", "Drawn"):
            assert getattr(m, name).__doc__, name
