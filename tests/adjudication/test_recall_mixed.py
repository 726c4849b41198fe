"""How the recall sample is spread over a ranked queue: soon done, in no rhythm, and the same wherever the queue is made anew."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from screener.adjudication.recall_mixed import mixed_in
from screener.gold.recall import ONE_IN

RANKED = [f"r{n}" for n in range(400)]
SAMPLE = [f"r{n}" for n in range(399, 0, -7)]


@given(st.lists(st.integers(0, 60), unique=True), st.lists(st.integers(0, 60), unique=True), st.integers(0, 200))
def test_each_record_comes_once(ranked: list[int], sample: list[int], first: int) -> None:
    order = mixed_in([f"r{n}" for n in ranked], [f"r{n}" for n in sample], "seed", first)
    assert sorted(order) == sorted({f"r{n}" for n in [*ranked, *sample]})


def test_the_sample_is_done_after_four_times_as_many_records_and_is_not_all_in_front() -> None:
    order = mixed_in(RANKED, SAMPLE, "seed")
    places = [order.index(name) for name in SAMPLE]
    assert max(places) < ONE_IN * len(SAMPLE)
    assert max(places) > 2 * len(SAMPLE)


def test_the_others_keep_their_order() -> None:
    order = mixed_in(RANKED, SAMPLE, "seed")
    others = [name for name in RANKED if name not in SAMPLE]
    assert [name for name in order if name in others] == others


def test_the_places_of_the_sample_have_no_rhythm_and_differ_by_seed() -> None:
    def steps(seed: str) -> list[int]:
        worst_first = [f"r{n}" for n in range(399, 300, -1)]
        order = mixed_in(RANKED, worst_first, seed)
        places = [order.index(name) for name in worst_first]
        return [after - before for before, after in pairwise(places)]

    assert set(steps("seed")) == {1, 2, 3, 4, 5, 6, 7}
    assert steps("seed") != steps("other")


def test_a_queue_that_is_made_anew_after_each_record_goes_on_in_the_same_pattern() -> None:
    whole = mixed_in(RANKED, SAMPLE, "seed")
    served: list[str] = []
    for judged in range(len(RANKED)):
        ranked = [name for name in RANKED if name not in served]
        served.append(mixed_in(ranked, [name for name in SAMPLE if name not in served], "seed", judged)[0])
    assert served == whole
