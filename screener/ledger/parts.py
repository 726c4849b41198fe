"""Long lists in parts, since a database takes only so many values in one statement."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_parts(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """Yield the items in their order, `size` at a time."""
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part
