"""Where work is done: in this program, or by workers of dask.distributed, on this machine or on others.

What can be spread takes a plain `concurrent.futures.Executor`, or None to do it here. A task is a function of this package
and plain data: no ledger is open in it and no key stands in it. What comes back is entered by this program alone.
"""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from ..core.errors import BadInput

VARIABLE = "SCREENER_EXECUTOR"
"""The environment variable that says where work is done where nothing else does."""
_OWN = re.compile(r"dask(?::([1-9]\d{0,2}))?")


class Workforce:
    """Workers that a program may give tasks to.

    `asking` is for calls of models, which take time and no processor: a call whose worker ended is not sent again by itself.
    `computing` is for work that costs nothing: what a worker had that ended is given to another.
    """

    def __init__(self, asking: Executor, computing: Executor) -> None:
        """Take the executors that tasks are submitted to."""
        self.asking, self.computing = asking, computing
        self.notices: list[str] = []
        """What is to be told of workers, each a sentence."""

    def want(self, check: Callable[..., Any], *arguments: Any) -> None:
        """Have each worker, also one that comes later, run a check before it is given more.

        Raises `BadInput` with what a worker's check raised.
        """


@contextmanager
def workers_at(where: str | None, at_once: int = 1) -> Iterator[Workforce | None]:
    """Yield the workers that `where` names, and let them go afterwards; None stands for this program alone.

    Args:
        where: `local`, `dask` (as many worker processes on this machine as it has cores), `dask:N`, or the address of a
            Dask scheduler; None for what `SCREENER_EXECUTOR` says, and else `local`.
        at_once: how many calls of a model are to be under way at once; worker processes that are started here have
            threads enough for it.

    Raises `BadInput` in one line for what cannot be used: no such scheduler, no worker, another version of the program.
    """
    chosen = where or os.environ.get(VARIABLE, "").strip() or "local"
    if chosen == "local":
        yield None
        return
    own = _OWN.fullmatch(chosen)
    if own is None and not re.match(r"(tcp|tls)://[^\s/]+:\d+$", chosen):
        raise BadInput(
            f"--executor {chosen}: write local, dask, dask:N for N worker processes on this machine, or the address of a "
            "Dask scheduler, such as tcp://10.0.0.5:8786"
        )
    if find_spec("distributed") is None:
        raise BadInput(f'--executor {chosen}: dask.distributed is not installed; pip install "screener[dask]"')
    from .dask_cluster import connected, started_here

    opened = connected(chosen) if own is None else started_here(int(own[1] or os.cpu_count() or 1), at_once)
    with opened as cluster:
        yield cluster
