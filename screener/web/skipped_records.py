"""What each window has skipped, so that undo brings it back; the ledger knows nothing of it, as nothing was decided."""

from collections import defaultdict
from dataclasses import dataclass

from ..core.judgement import Stage
from ..ledger.store import now

_KEPT = 20


@dataclass(frozen=True)
class PassedOver:
    """A record that was skipped, and when."""

    record_id: str
    at: str


class Skipped:
    """The records that were skipped since the app was started, by stage and window."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._by: dict[tuple[Stage, str], list[PassedOver]] = defaultdict(list)

    def add(self, stage: Stage, holder: str, record_id: str) -> None:
        """A window has skipped a record."""
        found = self._by[stage, holder]
        found.append(PassedOver(record_id, now()))
        del found[:-_KEPT]

    def last(self, stage: Stage, holder: str, *, since: str) -> PassedOver | None:
        """What a window skipped last, if it did so after `since`."""
        found = self._by[stage, holder]
        return found[-1] if found and found[-1].at > since else None

    def forget(self, stage: Stage, holder: str, one: PassedOver) -> None:
        """It was brought back."""
        self._by[stage, holder] = [other for other in self._by[stage, holder] if other != one]
