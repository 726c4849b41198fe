"""How fast people judge: counts and times alone. Nothing of what they decided is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import ceil

PAUSE = timedelta(minutes=15)
"""After so long without a judgement somebody was not at work; the next one begins another session."""
FEWEST = 3
"""Of fewer judgements no pace is told."""
SHORTEST = timedelta(minutes=10)
"""Of less active time neither: a few quick ones say nothing of an hour."""
DAYS = 7
"""By what was judged in so many days the end is expected."""


@dataclass(frozen=True)
class Pace:
    """How fast a person judges. Rates are judgements per hour of active time; None where there are too few.

    `hours` is the active time in all. `left` waits for them, None where that is not known. `per_day` is the mean of the last
    seven days.
    """

    judged: int
    left: int | None
    hours: float
    overall: float | None
    last_session: float | None
    last_at: str
    per_day: float
    today: date

    @property
    def hours_left(self) -> float | None:
        """Return how many hours of work are left at the pace of all sessions."""
        return self.left / self.overall if self.left is not None and self.overall else None

    @property
    def end(self) -> date | None:
        """Return the day on which they are done, if they go on as in the last seven days; None where they judged nothing."""
        if not self.left or not self.per_day:
            return None
        return self.today + timedelta(days=min(3_650, ceil(self.left / self.per_day)))


def pace_of(moments: Sequence[str], judged: int, left: int | None, at: datetime | None = None) -> Pace:
    """Return a person's pace from when they judged, oldest first (ISO 8601, UTC).

    Active time is what lies between judgements of a session; the first one of each took as long as the others on average.
    """
    moment = at or datetime.now(UTC)
    times = sorted(datetime.fromisoformat(text) for text in moments)
    sessions = _sessions(times)
    recent = sum(time > moment - timedelta(days=DAYS) for time in times)
    hours = sum(map(_hours, sessions))
    return Pace(
        judged, left, hours, _rate(len(times), hours),
        _rate(len(sessions[-1]), _hours(sessions[-1])) if sessions else None,
        moments[-1] if moments else "", recent / DAYS, moment.date(),
    )  # fmt: skip


def _sessions(times: Sequence[datetime]) -> list[list[datetime]]:
    sessions: list[list[datetime]] = [[times[0]]] if times else []
    for before, after in pairwise(times):
        if after - before > PAUSE:
            sessions.append([])
        sessions[-1].append(after)
    return sessions


def _hours(session: Sequence[datetime]) -> float:
    between = (session[-1] - session[0]).total_seconds() / 3_600
    return between * len(session) / (len(session) - 1) if len(session) > 1 else 0.0


def _rate(count: int, hours: float) -> float | None:
    return count / hours if count >= FEWEST and hours >= SHORTEST.total_seconds() / 3_600 else None
