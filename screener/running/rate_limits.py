"""Limits on how fast calls go out, and a circuit breaker for a provider that takes none."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable

from ..models import ModelError, PermanentError, TransientError

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more than this is waited for no longer."""
IN_A_ROW = 10
"""So many rejected calls with no success between them mean that the provider takes none any more."""
_MINUTE = 60.1
"""Seconds, with a little for the way to the server, whose clock decides."""


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
    open it. An empty account opens it at once.

    No call passes an open breaker, and it is reported only when no call is under way any more: the run ends with it, and
    would throw away the answers that are on their way.
    """

    def __init__(self) -> None:
        """Start closed: calls pass."""
        self._under_way = self._rejected = 0
        self._succeeded = False
        self._doubt = self._reason = ""
        self._changed = asyncio.Event()

    async def enter(self) -> None:
        """Start a call. Raises `NotAccepted` if the breaker is open."""
        await self.verdict()
        self._under_way += 1

    def on_response(self) -> None:
        """Note that a call was answered."""
        self._succeeded, self._rejected, self._doubt = True, 0, ""

    def on_rejected(self, reason: str, *, at_once: bool = False, at_first: bool = False) -> None:
        """Note a rejected call: it opens the breaker at once, or while none has succeeded, or as one of a row."""
        self._rejected += 1
        if at_once:
            self._reason = self._reason or reason
        elif at_first and not self._succeeded:
            self._doubt = self._doubt or reason
        elif self._rejected >= IN_A_ROW:
            self._reason = self._reason or f"{self._rejected} calls in a row were rejected, the last with {reason}"

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


def describe(error: ModelError) -> str:
    """Return the error's message, with how long the server asks to wait where that is too long."""
    if not isinstance(error, TransientError) or not _too_long(error):
        return str(error)
    return f"{error} (the server asks to wait {error.retry_after_s:,.0f} s; {LONGEST_WAIT:.0f} s is the most)"


def _too_long(error: ModelError) -> bool:
    return isinstance(error, TransientError) and (error.retry_after_s or 0.0) > LONGEST_WAIT
