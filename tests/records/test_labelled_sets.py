"""Real searches whose duplicates people have labelled. `tests/benchmarks/dedup_sets.py` prints the whole table."""

import pytest
from support.dedup_sets import labelled_set, match_all
from support.records import needs_shared


@needs_shared
@pytest.mark.parametrize("name", ["haematology", "respiratory", pytest.param("digital_work", marks=pytest.mark.slow)])
def test_no_work_is_merged_away_and_hardly_a_pair_is_neither_merged_nor_listed(name: str) -> None:
    entries, pairs = labelled_set(name)
    found = match_all(entries)
    assert found.merged - pairs == set()
    assert len(found.unlisted(pairs)) <= 0.01 * len(pairs)
    assert len(found.candidates) <= 0.03 * len(entries)
    assert 2 * sum(found.is_labelled(pair, pairs) for pair in found.candidates) > len(found.candidates)


@needs_shared
@pytest.mark.slow
def test_in_another_order_the_same_is_merged() -> None:
    entries, _ = labelled_set("respiratory")
    turned = dict(reversed(entries.items()))
    assert match_all(entries).merged == match_all(turned).merged
