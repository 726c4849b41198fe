"""Which records of the recall sample a ranking comes to by itself: its own label takes no record there."""

import numpy as np
from scipy.sparse import csr_matrix

from screener.ranking import UNLABELLED, Features, Ranker
from screener.ranking.features import tie_numbers
from screener.running.recall_reach import Ranked, by_rank, reached


def ranked(labels: dict[int, int], count: int = 40) -> Ranked:
    """Record 0 is like no other, 1 to 9 are like one another, the rest are like one another."""
    topic = np.array([0] + [1] * 9 + [2] * (count - 10))
    features = Features(
        words=csr_matrix(np.eye(3)[topic]), style=np.zeros((count, 1), np.float32),
        ties=tie_numbers([str(row) for row in range(count)]), vectors=None, prior=None, votes={},
    )  # fmt: skip
    known = np.full(count, UNLABELLED, dtype=np.int8)
    known[list(labels)] = list(labels.values())
    unjudged = [row for row in Ranker().fit(features, known).next(count).tolist() if row not in labels]
    return Ranked(features, known, unjudged)


def test_one_place_in_four_is_the_samples_while_it_waits() -> None:
    assert [by_rank(judged, 1, True) for judged in range(8)] == [1, 1, 1, 0] * 2
    assert sum(by_rank(judged, 5, True) for judged in range(0, 100, 5)) == 75
    assert by_rank(3, 5, False) == 5


def test_a_judged_record_is_reached_if_the_other_labels_put_it_among_the_next() -> None:
    labels = {0: 1, 1: 1, 2: 1, 3: 1, 30: 0, 31: 0, 32: 0}
    members = [0, 1, 30]
    assert reached(ranked(labels), members, 6) == {1}
    assert reached(ranked({**labels, 1: 0}), [1], 6) == {1}, "whatever was said of it"


def test_a_record_that_nobody_has_judged_is_reached_at_its_place() -> None:
    given = ranked({1: 1, 30: 0})
    assert reached(given, [*range(40)], 3) >= set(given.unjudged[:3])
    assert reached(given, [given.unjudged[3]], 3) == set()
    assert reached(given, given.unjudged, 0) == set()


def test_without_labels_that_tell_records_apart_none_is_reached() -> None:
    assert reached(ranked({0: 1, 30: 0}), [0], 5) == set(), "the only kept one is its own label"
