"""Stopping rules: buscar's test and its ranked variant against buscarpy and scipy, SAFE's steps; what each may claim."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Later

from screener import metrics as m

stats = Later("scipy.stats")

A = np.array([1, 1, 0, 1, 1, 0, 0, 1] + [0] * 92)
B = np.array(([1] * 10 + [0] * 5) * 4 + [0] * 200)
C = ((np.arange(600) % 7 == 0) & (np.arange(600) < 200)).astype(int)


def unscreened(size: int) -> m.Frame:
    return m.Frame("the unscreened records", size, "random")


@given(st.integers(1, 80), st.integers(0, 60), st.sampled_from([0.5, 0.8, 0.95, 1.0]), st.data())
@settings(deadline=None)
def test_buscars_test_is_the_hypergeometric_tail(size: int, before: int, target: float, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, size))
    relevant = data.draw(st.integers(0, n))
    made = m.buscar_test(unscreened(size), n, relevant, before=before, target=target)
    fewest = next(k for k in range(relevant, 10_000) if (before + relevant) * 100 < (before + k) * round(100 * target))
    assert made.hypothesised == fewest
    theirs = stats.hypergeom.cdf(relevant, size, fewest, n) if fewest <= size else 0.0
    assert made.p == pytest.approx(float(theirs), abs=1e-10)
    assert made.stop == (made.p <= 0.05 + 1e-12)


def test_a_target_that_is_met_exactly_is_met() -> None:
    made = m.buscar_test(unscreened(100), 10, 0, before=19, target=0.95)  # 19 of 20 is 0.95
    assert made.hypothesised == 2


def test_buscars_test_rejects_wrongly_no_more_often_than_it_says() -> None:
    rng = np.random.default_rng(2)
    size, before, n = 400, 40, 250
    left = 5  # recall before is 40/45: below 0.95, unless three or more of the five are found
    wrong = 0
    for found in rng.hypergeometric(left, size - left, n, size=2000):
        made = m.buscar_test(unscreened(size), n, int(found), before=before)
        wrong += made.stop and (before + found) / (before + left) < 0.95
    assert wrong / 2000 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 2000)


def test_several_looks_must_pass_a_smaller_p() -> None:
    once = m.buscar_test(unscreened(4000), 1950, 0, before=100)
    often = m.buscar_test(unscreened(4000), 1950, 0, before=100, looks=5)
    assert once.p == often.p
    assert 0.01 < once.p < 0.05
    assert once.stop
    assert not often.stop
    assert "recall has reached 95 % (" in once.sentence
    assert "cannot be said" in often.sentence
    assert "5 looks (Bonferroni)" in often.sentence


@pytest.mark.parametrize(
    ("labels", "total", "target", "p"),
    [  # buscarpy 0.0.2, calculate_h0(labels, total, target), run once
        (A, 200, 0.8, 0.2699607329842932),
        (A, 200, 0.95, 0.5208333333333334),
        (A, 1000, 1.0, 0.907258064516129),
        (B, 400, 0.8, 3.857436106825962e-05),
        (B, 400, 0.95, 0.06597057427622212),
        (B, 2000, 0.95, 0.7158300660839382),
        (C, 1000, 0.8, 0.003658929513106864),
        (C, 1000, 0.95, 0.24782377803933497),
        (C, 1000, 1.0, 0.49813200498132004),
    ],
)
def test_the_ranked_variant_as_buscarpy_computes_it(labels: np.ndarray, total: int, target: float, p: float) -> None:
    made = m.buscar_ranked_heuristic(labels, total, target=target)
    assert made.figure == pytest.approx(p, rel=1e-9)
    assert made.stop == (p < 0.05)


def test_a_rule_on_the_ranked_queue_is_called_descriptive() -> None:
    for made in (m.buscar_ranked_heuristic(B, 400, target=0.8), safe(stop=True), safe(stop=False)):
        assert made.sentence.startswith("Descriptive, no guarantee:")
        assert not hasattr(made, "confidence")


def safe(*, stop: bool = True, **changed: object) -> m.Heuristic:
    arguments: dict[str, object] = {
        "relevant": [True] * 30 + [False] * (250 if stop else 20),
        "total": 1000,
        "random_start": m.FoundCount(20, 1),
        "key_records": m.FoundCount(5, 5),
        "other_model": [True, *[False] * 50],
        "rechecked": [False] * 50,
    }
    return m.safe_heuristic(**(arguments | changed))


def test_safe_stops_when_all_of_its_conditions_are_met() -> None:
    assert safe().stop
    assert all(safe().conditions.values())


@pytest.mark.parametrize(
    ("changed", "open_"),
    [
        ({"random_start": m.FoundCount(5, 1)}, "1 % drawn"),
        ({"random_start": m.FoundCount(20, 0)}, "1 % drawn"),
        ({"key_records": m.FoundCount(5, 4)}, "key records"),
        ({"random_start": m.FoundCount(20, 5)}, "twice the estimated"),
        ({"relevant": [True] * 10 + [False] * 10}, "10 % of all"),
        ({"relevant": [False] * 300 + [True] + [False] * 49}, "A: none relevant among the last 50"),
        ({"other_model": [False] * 49}, "F: none"),
        ({"rechecked": [False] * 49 + [True]}, "E: none"),
    ],
)
def test_safe_goes_on_while_a_condition_is_open(changed: dict[str, object], open_: str) -> None:
    made = safe(**changed)
    assert not made.stop
    assert any(open_ in name for name, met in made.conditions.items() if not met)
    assert "says go on" in made.sentence


def test_without_any_label_no_rule_says_stop() -> None:
    assert not m.safe_heuristic([], 1000, random_start=m.FoundCount(0, 0)).stop
    made = m.buscar_ranked_heuristic([], 1000)
    assert (made.stop, made.figure) == (False, 1.0)
    assert not m.buscar_test(unscreened(1000), 0, 0, before=0).stop


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="must be known"):
        m.buscar_test(m.Frame("all", None, "random"), 10, 0, before=5)
    with pytest.raises(ValueError, match="cannot find"):
        m.buscar_test(unscreened(10), 11, 0, before=5)
    with pytest.raises(ValueError, match="target"):
        m.buscar_test(unscreened(10), 5, 0, before=5, target=1.5)
    with pytest.raises(ValueError, match="were screened of"):
        m.buscar_ranked_heuristic(A, 50)
    with pytest.raises(ValueError, match="cannot have"):
        safe(key_records=m.FoundCount(5, 6))
