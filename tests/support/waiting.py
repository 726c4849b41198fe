"""Waiting for what happens in the background, with an end."""

import sys
import time
from collections.abc import Callable
from traceback import walk_stack

PATIENCE = 300
"""Seconds after which something has not come about, on a slow machine that does much else too."""


def until(true: Callable[[], bool]) -> None:
    """Wait for something that happens in the background."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it has not come about in {PATIENCE} s")
        time.sleep(0.05)


def at_once(function: str) -> int:
    """How many threads are in a function just now."""
    stacks = [walk_stack(frame) for frame in sys._current_frames().values()]
    return sum(any(frame.f_code.co_name == function for frame, _ in stack) for stack in stacks)
