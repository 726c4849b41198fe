"""What each window has skipped, so that undo brings it back; the ledger knows nothing of it, as nothing was decided."""

from collections import defaultdict
from dataclasses import dataclass

from ..core.judgement import Stage
from ..ledger import now

_KEPT = 20


@dataclass(frozen=True)
class SkippedRecord:
    """A record that was skipped, and when."""

    record_id: str
    at: str


class Skipped:
    """The records that were skipped since the app was started, by stage and window."""

    def __init__(self) -> None:
        """Begin with nothing skipped."""
        self._by: dict[tuple[Stage, str], list[SkippedRecord]] = defaultdict(list)

    def add(self, stage: Stage, holder: str, record_id: str) -> None:
        """Note that a window has skipped a record."""
        records = self._by[stage, holder]
        records.append(SkippedRecord(record_id, now()))
        del records[:-_KEPT]

    def last(self, stage: Stage, holder: str, *, since: str) -> SkippedRecord | None:
        """Return what a window skipped last, if it did so after `since`."""
        records = self._by[stage, holder]
        return records[-1] if records and records[-1].at > since else None

    def forget(self, stage: Stage, holder: str, skipped: SkippedRecord) -> None:
        """Drop a record that was brought back."""
        self._by[stage, holder] = [record for record in self._by[stage, holder] if record != skipped]
