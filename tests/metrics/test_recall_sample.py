"""Recall from a simple random sample: what it takes to show a target, and exact intervals."""

import pytest

from screener import metrics as m


@pytest.mark.parametrize("target", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_the_fewest_kept_records_that_can_show_a_target(target: float) -> None:
    """The interval of k found among k begins at 0.025 ** (1 / k)."""
    k = m.fewest_for_recall(target)
    assert k is not None
    assert 0.025 ** (1 / k) >= target > 0.025 ** (1 / (k - 1))


def test_no_sample_shows_that_nothing_at_all_is_missed() -> None:
    assert m.fewest_for_recall(1) is None
