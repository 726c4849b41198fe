"""What services say in the headers of their answers of how much may be asked: how long to wait, how often, what a day allows.

Sources: RFC 9110 (`Retry-After`), https://huggingface.co/docs/hub/rate-limits (`RateLimit: "api";r=0;t=55`),
https://developers.zenodo.org/#rate-limiting (`X-RateLimit-Reset`, seconds since 1970),
https://developers.openalex.org/api-reference/authentication (`X-RateLimit-Reset`, seconds from now, with credits),
https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/ (`X-Rate-Limit-Limit`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MOST_PER_SECOND = 10.0
"""Requests a second that are sent at most, whatever a service allows."""
_DATES_FROM = 1_000_000_000
"""A number of seconds from here on is a date."""
_MOST = 100_000_000_000.0
"""Larger numbers are read as this one: as seconds since 1970 it is still a date, some thousand years from now."""


@dataclass(frozen=True)
class Budget:
    """What a service gives today, in its own unit: what is left of how much, what the last request cost, when there is more."""

    left: float
    total: float
    cost: float
    resets: datetime

    @property
    def is_spent(self) -> bool:
        """Return whether another request as the last one is too much."""
        return self.left < self.cost and datetime.now(UTC) < self.resets


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait, at least 0; None where it does not say. Names are in lower case."""
    if "retry-after" in headers:
        header = headers["retry-after"].strip()
        seconds = _number(header.removeprefix("-"))
        if seconds is not None:
            return 0.0 if header.startswith("-") else seconds
        try:
            wait = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
            return min(max(wait, 0.0), _MOST)
        except (ValueError, TypeError):
            return 1.0
    if match := re.search(r";\s*t=(\d+)", headers.get("ratelimit", "")):
        return float(match[1])
    return _seconds_to_reset(headers)


def rate_of(headers: Mapping[str, str]) -> float | None:
    """Return the requests a second that an answer allows; None where it does not say."""
    interval = re.fullmatch(r"(\d+)(ms|s|m)?", headers.get("x-rate-limit-interval", "").strip())
    limit = _number(headers.get("x-rate-limit-limit"))
    if not interval or not limit:
        return None
    seconds = int(interval[1]) * {"ms": 0.001, "m": 60.0}.get(interval[2], 1.0)
    return min(limit / seconds, MOST_PER_SECOND) if seconds else None


def budget_of(headers: Mapping[str, str]) -> Budget | None:
    """Return what an answer says of the day's budget; None where it does not say."""
    left, cost = _number(headers.get("x-ratelimit-remaining")), _number(headers.get("x-ratelimit-credits-used"))
    wait = _seconds_to_reset(headers)
    if left is None or cost is None or wait is None:
        return None
    total = _number(headers.get("x-ratelimit-limit"))
    return Budget(left, left if total is None else total, cost, datetime.now(UTC) + timedelta(seconds=wait))


def _seconds_to_reset(headers: Mapping[str, str]) -> float | None:
    reset = _number(headers.get("x-ratelimit-reset"))
    if reset is None:
        return None
    return max(reset - datetime.now(UTC).timestamp(), 0.0) if reset >= _DATES_FROM else reset


def _number(text: str | None) -> float | None:
    """Return a number from 0 up to `_MOST`; None for what is none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return min(value, _MOST) if 0 <= value < float("inf") else None
