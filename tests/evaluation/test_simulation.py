"""A simulated review: figures of the order, stopping rules, and means over replays."""

from functools import cache

import numpy as np
import pytest

from screener.evaluation.simulation import simulate, stops, summary
from screener.ranking import Features, Text, features_of

KEPT = np.array([number % 6 == 0 for number in range(60)])


@cache
def features() -> Features:
    """Return the features of 60 records, made when first asked for: scikit-learn takes a second to import."""
    return features_of(
        [Text(f"On {'valves' if keep else 'tax'} {number}", "") for number, keep in enumerate(KEPT)],
        list(map(str, range(60))),
    )


def test_figures_count_the_offered_records_and_not_the_priors() -> None:
    run = simulate(features(), KEPT, seed=1, priors=[0, 1], batch=5)
    assert len(run.labels) == 58
    assert run.labels[:9].all()
    assert run.figures["ranking_loss"] == 0
    assert run.figures["atd"] == 5
    assert run.figures["wss100"] == pytest.approx(1 - 9 / 58)
    assert run.curve["screened"][-1] == 58
    assert run.curve["recall"][-1] == 1


def test_labels_of_one_kind_have_no_loss() -> None:
    run = simulate(features(), np.zeros(60, dtype=bool), seed=1)
    assert set(run.figures.values()) == {None}
    assert run.replay.priors == ()
    assert summary([run])["ranking_loss"] is None


def test_a_rule_is_met_at_the_labels_and_recall_it_would_have_stopped_at() -> None:
    """All 20 relevant come first; buscar needs a long run of others, and stops before the end."""
    labels = np.arange(400) < 20
    rules = stops(labels, 10, seed=3)
    assert rules["buscar"].recall == 1
    assert rules["buscar"].labels is not None
    assert 100 < rules["buscar"].labels < 400
    late = labels.copy()
    late[[19, 390]] = False, True
    assert stops(late, 10, seed=3)["buscar"].recall in (0.95, 1)


def test_safe_needs_a_random_start_with_a_relevant_record() -> None:
    sparse = np.arange(400) < 2
    assert all(stops(sparse, 10, seed)["safe"].labels is None for seed in range(3))
    rules = [stops(np.arange(400) < 120, 10, seed)["safe"] for seed in range(6)]
    fired = [rule for rule in rules if rule.labels is not None]
    assert 0 < len(fired) < 6, "four records at random hold none of the 120 now and then, or too many"
    assert all(rule.labels >= 170 and rule.recall == 1 for rule in fired if rule.labels is not None)


def test_without_relevant_records_a_stop_has_no_recall() -> None:
    assert stops(np.zeros(60, dtype=bool), 10, 1)["buscar"].recall is None


def test_means_are_over_replays() -> None:
    runs = [simulate(features(), KEPT, seed=seed, priors=[], batch=5) for seed in (1, 2, 3)]
    document = summary(runs)
    assert document["ranking_loss"] == pytest.approx(np.mean([run.figures["ranking_loss"] for run in runs]), abs=1e-6)
    assert document["curve"]["recall"][0] == 0
    assert document["curve"]["recall"][-1] == 1
    assert document["stopping"]["buscar"]["runs"] == 3
