"""What stands between a worker and the functions that do its jobs: what one is given, how it says how far it is, how it stops."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class GivenJob:
    """What a function is given to do. `review` says which review it is of, `asked_by` in whose name it is done.

    `keys` are keys that were entered in a page for this job, by the names of their environment variables.
    """

    review: str
    args: Mapping[str, Any]
    asked_by: str
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)


class ReportsProgress(Protocol):
    """How a job says how far it is."""

    def __call__(
        self, done: int, of: int | None = None, sentence: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        """Say that so much is done; it is written a few times a second at most. `details` are JSON, for the job's own page."""


Work = Callable[[GivenJob, ReportsProgress, threading.Event], Any]
"""Does jobs of a kind. The result is JSON. It may be called again with the same arguments at any time."""


class StoppedEarly(Exception):  # noqa: N818 - it is no fault
    """A job has stopped since it was asked to. It can go on later; `result` says what it has done so far."""

    def __init__(self, result: Any = None) -> None:
        """`result` is JSON."""
        super().__init__()
        self.result = result
