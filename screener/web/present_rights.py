"""What the person who asks may do here, as the server's database had it when this request came in.

It is kept for the request and not with a desk, which stays open while roles are given and taken.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from ..adjudication import Viewer
from ..core.judgement import Stage
from ..team.roles import May, ReviewRights


class Reaches(Protocol):
    """Says whether somebody gets to a route."""

    def __call__(self, method: str, path: str, rights: ReviewRights) -> bool:
        """Return it; `path` is that within the review."""


@dataclass(frozen=True)
class PresentRights:
    """The rights of a request's person, and which routes they lead to."""

    rights: ReviewRights
    reaches: Reaches
    who_may: Callable[[May, str], frozenset[str]]
    """Returns the names of the people of the review who may do something at a stage."""

    def may_open(self, path: str) -> bool:
        """Return whether a page is theirs to look at."""
        return self.reaches("GET", path, self.rights)


_PRESENT: ContextVar[PresentRights | None] = ContextVar("present_rights", default=None)


@contextmanager
def holding(present: PresentRights) -> Iterator[None]:
    """Have these rights hold for what is done within."""
    token = _PRESENT.set(present)
    try:
        yield
    finally:
        _PRESENT.reset(token)


def present_rights() -> PresentRights | None:
    """Return the rights of the request's person; None where there are no roles, as on one's own machine."""
    return _PRESENT.get()


def viewer(name: str) -> Viewer:
    """Return a person as whoever looks at others' work. Without roles, or outside a request, they count as one who judges."""
    present = present_rights()
    if present is None:
        return Viewer(name)
    return Viewer(name, frozenset(stage for stage in Stage if present.rights.may(May.JUDGE, stage.value)))
