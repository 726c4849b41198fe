"""Long lists in parts, since a database takes only so many values in one statement."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam

T = TypeVar("T")
FEW = 500
"""Of so many records the rows are looked for by id; of more, all are read."""


def in_parts(items: Iterable[T], size: int = FEW) -> Iterator[list[T]]:
    """Yield the items in their order, `size` at a time."""
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part


NAMES = "names"
"""The parameter of `among_names`."""


def among_names(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a column is among the values of the parameter `NAMES`.

    A question with it is made once. To make one takes longer than to answer it, and a page asks dozens.
    """
    return column.in_(bindparam(NAMES, expanding=True))
