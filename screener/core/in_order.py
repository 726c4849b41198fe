"""Results of many tasks in the order in which they were asked, while only some of them are under way."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")

AHEAD = 64
"""Tasks that are under way or done before their turn: what they hold is in memory."""


def in_order(executor: Executor, function: Callable[..., T], tasks: Iterable[tuple[Any, ...]]) -> Iterator[T]:
    """Yield what `function` returns for each task's arguments, in their order; at most `AHEAD` of them are begun ahead.

    What a task raises is raised in its turn; those behind it are taken back, as they are where nobody wants more.
    """
    under_way = deque[Future[T]]()
    try:
        for arguments in tasks:
            under_way.append(executor.submit(function, *arguments))
            if len(under_way) >= AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()
