import pytest

from screener.ledger.parts import in_parts


@pytest.mark.parametrize(
    ("items", "parts"),
    [([], []), ([1, 2], [[1, 2]]), ([1, 2, 3], [[1, 2], [3]]), ({"a": 1, "b": 2}.values(), [[1, 2]])],
)
def test_a_long_list_comes_in_parts_and_in_order(items: list[int], parts: list[list[int]]) -> None:
    assert list(in_parts(items, 2)) == parts
