"""Limits on how fast calls go out, and a circuit breaker for a provider that takes none."""

import asyncio
import random
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from ..models import ModelError, PermanentError, TransientError

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more than this is waited for no longer."""
IN_A_ROW = 10
"""So many rejected calls with no success between them mean that the provider takes none any more."""
ALIKE = 5
"""So many calls in a row that fail for one and the same reason, which is not the record's, end a run."""
_MINUTE = 60.1
"""Seconds, with a little for the way to the server, whose clock decides."""
_OF_THE_REQUEST = (307, 308, 301, 302, 303, 400, 405, 406, 410, 411, 415, 421, 422, 426)
_TOO_MUCH_TEXT = re.compile(r"context|too (long|large|many tokens)|token limit|maximum .*tokens|exceeds", re.IGNORECASE)
"""What a server says of one long record."""
_ID = re.compile(r"\b(?=\w*\d)[\w-]{8,}\b")


class NotAccepted(Exception):  # noqa: N818 - see the docstring
    """Raised where the provider takes no call (a bad key, no such model, an empty account): nothing more is asked."""


class Limits:
    """Limit how many calls may be under way, and how many requests and tokens may go out in a minute.

    The number under way is cut by a quarter when a server says "too many requests" and grows back by about one for each round of
    successes. In any 60 seconds at most `requests` and `tokens` go out; a tenth of them at once, the rest evenly. Calls go out
    in the order in which they came, and one that is larger than a whole minute's tokens goes alone.

    Tokens are those that a request is estimated to hold. What a model will write is not known beforehand: it is charged
    by `charge` when the answer is there, and holds back later calls.
    """

    def __init__(
        self,
        concurrency: int,
        requests: int | None = None,
        tokens: int | None = None,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """All limits are positive; None is no limit."""
        self.most, self.allowed, self.active = concurrency, float(concurrency), 0
        self._clock, self._sleep = clock, sleep
        self._requests, self._tokens = (_Minute(limit, clock()) if limit else None for limit in (requests, tokens))
        self._room = asyncio.Condition()
        self._turn = asyncio.Lock()
        self._reduced = self._paused_until = float("-inf")

    async def enter(self, tokens: int) -> None:
        """Wait for a place, for the end of a pause and for the minute's allowance; the call goes out at once then."""
        async with self._room:
            await self._room.wait_for(lambda: self.active < max(1, int(self.allowed)))
            self.active += 1
        try:
            if self._requests is None and self._tokens is None:
                while (remaining := self._paused_until - self._clock()) > 0:
                    # Not all at once, or the first second after the pause brings the next one.
                    await self._sleep(remaining + random.uniform(0.0, min(1.0, remaining / 10)))
                return
            async with self._turn:  # small requests must not keep a large one waiting for ever
                while (remaining := self._wait(tokens)) > 1e-6:
                    await self._sleep(remaining)
                moment = self._clock()
                for minute, amount in ((self._requests, 1), (self._tokens, tokens)):
                    if minute is not None:
                        minute.take(amount, moment)
        except BaseException:
            await self.leave(ok=False)
            raise

    def _wait(self, tokens: int) -> float:
        moment = self._clock()
        waits = [self._paused_until - moment]
        if self._requests is not None:
            waits.append(self._requests.wait(1, moment))
        if self._tokens is not None:
            waits.append(self._tokens.wait(tokens, moment))
        return max(waits)

    async def leave(self, *, ok: bool) -> None:
        """Free the call's place."""
        async with self._room:
            self.active -= 1
            if ok and self.allowed < self.most:
                self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)
            self._room.notify(2)

    def charge(self, tokens: int) -> None:
        """Charge the tokens that a model wrote to the minute's allowance."""
        if self._tokens is not None and tokens:
            self._tokens.take(tokens, self._clock())

    def too_many(self) -> None:
        """Cut the calls under way by a quarter after a "too many requests", once for a burst of such answers."""
        if self._clock() - self._reduced > 1.0:
            self._reduced = self._clock()
            self.allowed = max(1.0, self.allowed * 0.75)

    def pause(self, seconds: float) -> None:
        """Send nothing for the seconds that the server asked for; that holds for other calls too."""
        self._paused_until = max(self._paused_until, self._clock() + min(seconds, LONGEST_WAIT))


class _Minute:
    """Compute what may go out in a minute, by two rules.

    A bucket that holds a tenth of the limit and fills evenly spreads the calls; a request larger than it waits for a full
    one and leaves a debt of its whole size. The sum of the last minute's requests is what keeps the limit to the token.
    """

    def __init__(self, limit: int, moment: float) -> None:
        self._limit, self._burst, self._rate = limit, max(1.0, limit / 10), 0.9 * limit / 60
        self._level, self._at = self._burst, moment
        self._taken: deque[tuple[float, int]] = deque()
        self._sum = 0

    def wait(self, amount: int, moment: float) -> float:
        """Return the seconds until a request of this size may go out if nothing else does."""
        while self._taken and moment - self._taken[0][0] >= _MINUTE:
            self._sum -= self._taken.popleft()[1]
        free_at, used = moment, self._sum
        for taken_at, size in self._taken:
            if used + amount <= self._limit:
                break
            free_at, used = taken_at + _MINUTE, used - size
        missing = min(float(amount), self._burst) - self._filled(moment)
        return max(free_at - moment, missing / self._rate)

    def take(self, amount: int, moment: float) -> None:
        self._level, self._at = self._filled(moment) - amount, moment
        self._taken.append((moment, amount))
        self._sum += amount

    def _filled(self, moment: float) -> float:
        return min(self._burst, self._level + (moment - self._at) * self._rate)


class CircuitBreaker:
    """Decide from the calls that the provider rejects whether it takes any of them.

    Before any call has succeeded, a rejected one (a bad key, no such model) opens the breaker, unless another that
    is under way succeeds: then the problem is that record's own. Later only `IN_A_ROW` of them with no success between
    open it. An empty account opens it at once; so do `ALIKE` failures in a row for one reason that is no record's own.

    No call passes an open breaker, and it is reported only when no call is under way any more: the run ends with it, and
    would throw away the answers that are on their way.
    """

    def __init__(self) -> None:
        """Start closed: calls pass."""
        self._under_way = self._rejected = 0
        self._succeeded = False
        self._doubt = self._reason = self._repeated = ""
        self._times = 0
        self._changed = asyncio.Event()

    async def enter(self) -> None:
        """Start a call. Raises `NotAccepted` if the breaker is open."""
        await self.verdict()
        self._under_way += 1

    def on_response(self) -> None:
        """Note that a call was answered."""
        self._succeeded, self._rejected, self._doubt = True, 0, ""
        self._repeated, self._times = "", 0

    def on_rejected(self, reason: str, *, at_once: bool = False, at_first: bool = False) -> None:
        """Note a rejected call: it opens the breaker at once, or while none has succeeded, or as one of a row."""
        self._rejected += 1
        if at_once:
            self._reason = self._reason or reason
        elif at_first and not self._succeeded:
            self._doubt = self._doubt or reason
        elif self._rejected >= IN_A_ROW:
            self._reason = self._reason or f"{self._rejected} calls in a row were rejected, the last with {reason}"

    def on_alike(self, failure: "SharedFailure") -> None:
        """Note a failure that does not depend on the record: it opens the breaker as one of a row of its like."""
        self._times = self._times + 1 if failure.kind == self._repeated else 1
        self._repeated = failure.kind
        if self._times >= ALIKE:
            self._reason = self._reason or failure.remedy

    def leave(self) -> None:
        """End a call, after its outcome was noted."""
        self._under_way -= 1
        if self._doubt and not self._under_way:
            self._reason = self._reason or self._doubt
        self._changed.set()

    async def verdict(self) -> None:
        """Wait while in doubt. Raises `NotAccepted` if the breaker is open."""
        while (self._doubt and not self._reason) or (self._reason and self._under_way):
            self._changed.clear()
            await self._changed.wait()
        if self._reason:
            raise NotAccepted(self._reason)


def rejection_reason(error: ModelError) -> str | None:
    """Return why the provider rejected a call, where that concerns the provider more than the call; else None."""
    if isinstance(error, PermanentError) and error.account_empty:
        return f"the account is exhausted: {error}"
    if isinstance(error, PermanentError) and error.status in (401, 403, 404):
        return str(error)
    return describe(error) if _too_long(error) else None


@dataclass(frozen=True)
class SharedFailure:
    """A failure whose cause is the server or the settings. `kind` is the same for failures of one cause."""

    kind: str
    remedy: str
    """What is wrong and what to do, for the one line in which the run ends."""


def shared_failure(error: ModelError, parameters: Collection[str]) -> SharedFailure | None:
    """Return what is wrong with the server or the settings, None where it may be the record; `parameters` are the user's.

    A refusal in the same words whatever the record concerns what all requests share; words that differ only in the ids of
    requests are the same.
    """
    if error.every_call:
        return SharedFailure(error.message, f"{error}; nothing else came, so the run was stopped")
    if (
        not isinstance(error, PermanentError)
        or error.status not in _OF_THE_REQUEST
        or _TOO_MUCH_TEXT.search(str(error))
    ):
        return None
    where = "in prompts/review.yaml"
    for name in parameters:
        if re.search(rf"\b{re.escape(name)}\b", error.message):
            return SharedFailure(
                name,
                f"the server refuses `{name}` each time; correct or remove it under `parameters` {where} ({error})",
            )
    words = _ID.sub("", error.message)
    return SharedFailure(
        words, f"the server refuses each request in the same words; correct the reviewer {where} ({error})"
    )


def describe(error: ModelError) -> str:
    """Return the error's message, with how long the server asks to wait where that is too long."""
    if not isinstance(error, TransientError) or not _too_long(error):
        return str(error)
    return f"{error} (the server asks to wait {error.retry_after_s:,.0f} s; {LONGEST_WAIT:.0f} s is the most)"


def _too_long(error: ModelError) -> bool:
    return isinstance(error, TransientError) and (error.retry_after_s or 0.0) > LONGEST_WAIT
