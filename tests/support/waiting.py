"""Waiting for what happens in the background, with an end."""

import time
from collections.abc import Callable

PATIENCE = 300
"""Seconds after which something has not come about, on a slow machine that does much else too."""


def until(true: Callable[[], bool]) -> None:
    """Wait for something that happens in the background."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"it has not come about in {PATIENCE} s")
        time.sleep(0.05)
