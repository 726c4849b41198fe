"""How fast calls may go out, and whether the provider takes them at all."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable

from ..models.base import ModelError, PermanentError, TransientError

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more than this is waited for no longer."""
IN_A_ROW = 10
"""So many calls turned away with no success between them mean that the provider takes none any more."""
_MINUTE = 60.1
"""Seconds, with a little for the way to the server, whose clock decides."""


class NotAccepted(Exception):  # noqa: N818 - see the docstring
    """The provider takes no call (a bad key, no such model, an empty account): nothing more is asked."""


class Limits:
    """How many calls may be under way, and how many requests and tokens may go out in a minute.

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
                while (left := self._paused_until - self._clock()) > 0:
                    # Not all at once, or the first second after the pause brings the next one.
                    await self._sleep(left + random.uniform(0.0, min(1.0, left / 10)))
                return
            async with self._turn:  # small requests must not keep a large one waiting for ever
                while (left := self._wait(tokens)) > 1e-6:
                    await self._sleep(left)
                at = self._clock()
                for minute, amount in ((self._requests, 1), (self._tokens, tokens)):
                    if minute is not None:
                        minute.take(amount, at)
        except BaseException:
            await self.leave(ok=False)
            raise

    def _wait(self, tokens: int) -> float:
        at = self._clock()
        waits = [self._paused_until - at]
        if self._requests is not None:
            waits.append(self._requests.wait(1, at))
        if self._tokens is not None:
            waits.append(self._tokens.wait(tokens, at))
        return max(waits)

    async def leave(self, *, ok: bool) -> None:
        """Give the place back."""
        async with self._room:
            self.active -= 1
            if ok and self.allowed < self.most:
                self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)
            self._room.notify(2)

    def charge(self, tokens: int) -> None:
        """Put what a model wrote on the minute's account."""
        if self._tokens is not None and tokens:
            self._tokens.take(tokens, self._clock())

    def too_many(self) -> None:
        """The server said so: cut by a quarter, but once for a burst of such answers."""
        if self._clock() - self._reduced > 1.0:
            self._reduced = self._clock()
            self.allowed = max(1.0, self.allowed * 0.75)

    def pause(self, seconds: float) -> None:
        """The server asked to be left alone for so long, which is meant for the neighbours of that call too."""
        self._paused_until = max(self._paused_until, self._clock() + min(seconds, LONGEST_WAIT))


class _Minute:
    """What may go out in a minute, by two rules.

    A bucket that holds a tenth of the limit and fills evenly spreads the calls; a request larger than it waits for a full
    one and leaves a debt of its whole size. The sum of the last minute's requests is what keeps the limit to the token.
    """

    def __init__(self, limit: int, at: float) -> None:
        self._limit, self._burst, self._rate = limit, max(1.0, limit / 10), 0.9 * limit / 60
        self._level, self._at = self._burst, at
        self._taken: deque[tuple[float, int]] = deque()
        self._sum = 0

    def wait(self, amount: int, at: float) -> float:
        """Seconds until a request of this size may go out if nothing else does."""
        while self._taken and at - self._taken[0][0] >= _MINUTE:
            self._sum -= self._taken.popleft()[1]
        until, left = at, self._sum
        for taken_at, size in self._taken:
            if left + amount <= self._limit:
                break
            until, left = taken_at + _MINUTE, left - size
        missing = min(float(amount), self._burst) - self._filled(at)
        return max(until - at, missing / self._rate)

    def take(self, amount: int, at: float) -> None:
        self._level, self._at = self._filled(at) - amount, at
        self._taken.append((at, amount))
        self._sum += amount

    def _filled(self, at: float) -> float:
        return min(self._burst, self._level + (at - self._at) * self._rate)


class Door:
    """Whether the provider takes our calls at all, judged by those that it turns away.

    Before any call has succeeded, one that is turned away (a bad key, no such model) closes the door, unless another that
    is under way succeeds: then it is that record's trouble. Later only `IN_A_ROW` of them with no success between close it.
    An empty account closes it at once.

    Nothing goes through a closed door, and it is told only when nothing is under way any more: the run ends with it, and
    would throw away the answers that are on their way.
    """

    def __init__(self) -> None:
        """Open, and nothing known."""
        self._under_way = self._turned_away = 0
        self._succeeded = False
        self._doubt = self._closed = ""
        self._moved = asyncio.Event()

    async def enter(self) -> None:
        """Start a call. Raises `NotAccepted` if the door is closed."""
        await self.verdict()
        self._under_way += 1

    def succeeded(self) -> None:
        """A call was answered."""
        self._succeeded, self._turned_away, self._doubt = True, 0, ""

    def turned_away(self, reason: str, *, at_once: bool = False, at_first: bool = False) -> None:
        """A call was not taken: this closes the door at once, or while none has succeeded, or as one of a row."""
        self._turned_away += 1
        if at_once:
            self._closed = self._closed or reason
        elif at_first and not self._succeeded:
            self._doubt = self._doubt or reason
        elif self._turned_away >= IN_A_ROW:
            self._closed = (
                self._closed or f"{self._turned_away} calls in a row were turned away, the last with {reason}"
            )

    def leave(self) -> None:
        """End a call, after what came of it was told."""
        self._under_way -= 1
        if self._doubt and not self._under_way:
            self._closed = self._closed or self._doubt
        self._moved.set()

    async def verdict(self) -> None:
        """Wait where there is doubt. Raises `NotAccepted` if the door is closed."""
        while (self._doubt and not self._closed) or (self._closed and self._under_way):
            self._moved.clear()
            await self._moved.wait()
        if self._closed:
            raise NotAccepted(self._closed)


def turned_away(error: ModelError) -> str | None:
    """Why the provider did not take a call, where that says more of the provider than of the call; else None."""
    if isinstance(error, PermanentError) and error.account_empty:
        return f"the account is exhausted: {error}"
    if isinstance(error, PermanentError) and error.status in (401, 403, 404):
        return str(error)
    return told(error) if _too_long(error) else None


def told(error: ModelError) -> str:
    """What to say of an error; how long the server asks to wait, where that is too long."""
    if not isinstance(error, TransientError) or not _too_long(error):
        return str(error)
    return f"{error} (the server asks to wait {error.retry_after_s:,.0f} s; {LONGEST_WAIT:.0f} s is the most)"


def _too_long(error: ModelError) -> bool:
    return isinstance(error, TransientError) and (error.retry_after_s or 0.0) > LONGEST_WAIT
