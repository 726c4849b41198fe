"""Sending requests for a run: stored answers first, then the model, within budget and limits; every call on record.

This is the only place that retries. `Limits` keeps the pace, `Calls` keeps the books.
"""

import asyncio
import hashlib
import json
import random
import time
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from .endpoints import ChatSpec, ProbabilitySpec
from .exchange import ChatResponse, ProbabilityResponse, Request, Response
from .judgement import Stage
from .ledger import tables as t
from .ledger.store import Ledger, Writer, now
from .models.base import Model, ModelError, RefusedError, Reply, TransientError, UnusableReply, Usage
from .models.prices import cost_usd
from .models.tokens import count_tokens
from .tasks import Open

ATTEMPTS = 6
"""How often a call is tried in all."""
LONGEST_WAIT = 300.0
"""Seconds; a server that asks for more than this is waited for no longer, and the call fails."""
_BACKOFF, _MOST = 0.5, 30.0


class CallFailed(Exception):  # noqa: N818 - what happened to a call
    """A call that failed after its attempts, or cannot succeed. `refused`: asking again is of no use."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        """`message` never holds a key."""
        super().__init__(message)
        self.refused = refused


class BudgetSpent(Exception):  # noqa: N818 - a reason to stop, not a fault
    """The budget is spent: nothing more is sent."""


class NotAnswered(Exception):  # noqa: N818 - a state, not a fault
    """An offline run has no stored answer to this request."""


class NotAccepted(Exception):  # noqa: N818 - see the docstring
    """The provider accepts no call at all (a bad key, no such model): the run stops before it fails on every record."""


class Limits:
    """How many calls may be under way, and how many requests and tokens may go out in a minute.

    The number under way is cut by a quarter when a server says "too many requests" and grows back by about one for each round of
    successes. In any 60 seconds at most `requests` and `tokens` go out.
    """

    def __init__(self, concurrency: int, requests: int | None = None, tokens: int | None = None) -> None:
        """All limits are positive; None is no limit."""
        self.most, self.allowed, self.active = concurrency, float(concurrency), 0
        self._buckets = [_Bucket(limit) if limit else None for limit in (requests, tokens)]
        self._room = asyncio.Condition()
        self._reduced = 0.0

    async def enter(self, tokens: int) -> None:
        """Wait for a place, then for the minute's allowance."""
        async with self._room:
            await self._room.wait_for(lambda: self.active < max(1, int(self.allowed)))
            self.active += 1
        try:
            for bucket, amount in zip(self._buckets, (1, tokens), strict=True):
                if bucket is not None:
                    await bucket.take(amount)
        except BaseException:
            await self.leave(ok=False)
            raise

    async def leave(self, *, ok: bool) -> None:
        """Give the place back."""
        async with self._room:
            self.active -= 1
            if ok and self.allowed < self.most:
                self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)
            self._room.notify(2)

    def too_many(self) -> None:
        """The server said so: cut by a quarter, but once for a burst of such answers."""
        if time.monotonic() - self._reduced > 1.0:
            self._reduced = time.monotonic()
            self.allowed = max(1.0, self.allowed * 0.75)


class _Bucket:
    """A leaky bucket: a tenth of the minute's limit at once, the rest evenly, so that no minute exceeds the limit."""

    def __init__(self, per_minute: int) -> None:
        self.burst = max(1.0, per_minute / 10)
        self.rate = max(per_minute - self.burst, per_minute / 2) / 60
        self.level, self.at = self.burst, time.monotonic()

    async def take(self, amount: float) -> None:
        amount = min(amount, self.burst)
        at = time.monotonic()
        self.level = min(self.burst, self.level + (at - self.at) * self.rate) - amount
        self.at = at
        if self.level < 0:
            # The debt is this caller's to wait for; the next one finds it on the books already.
            await asyncio.sleep(-self.level / self.rate)


@dataclass
class Books:
    """What a run has spent so far. `cost_usd` is None as soon as one call's price is unknown."""

    calls: int = 0
    cached: int = 0
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def add(self, usage: Usage, cost: float | None) -> None:
        """Take one paid call into the books."""
        self.calls += 1
        self.input_tokens += usage.input_tokens or 0
        self.output_tokens += usage.output_tokens or 0
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost


class Calls:
    """Answers requests for one run of one reviewer."""

    def __init__(
        self,
        ledger: Ledger,
        writer: Writer,
        model: Model,
        spec: ChatSpec | ProbabilitySpec,
        *,
        run_id: str,
        stage: Stage,
        reviewer: str,
        concurrency: int,
        budget_usd: float | None = None,
        offline: bool = False,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        """`budget_usd` stops sending once so much is spent; only calls already under way can exceed it.

        `offline` sends nothing and collects in `unanswered`, by hash and repeat, what would have been sent.
        """
        self._ledger, self._writer, self._model, self._spec = ledger, writer, model, spec
        self._row = {"run_id": run_id, "stage": stage.value, "reviewer": reviewer}
        self._budget, self._sleep, self._offline = budget_usd, sleep, offline
        self.unanswered: dict[tuple[str, int], Open] = {}
        self._model_hash = json.dumps(model.fingerprint, sort_keys=True, ensure_ascii=False)
        self.books = Books()
        self.limits = Limits(concurrency, spec.requests_per_minute, spec.tokens_per_minute)
        self._asking: dict[tuple[str, int], asyncio.Future[Response]] = {}
        self._uncommitted: dict[tuple[str, int], Response] = {}
        with ledger.read() as connection:
            query = select(t.calls.c.request, t.calls.c.repeat).where(t.calls.c.status == "ok")
            self._before = {(request, number) for request, number in connection.execute(query)}

    def request_hash(self, request: Request) -> str:
        """Identifies a request to this model with these parameters: 32 hex digits of SHA-256."""
        return request_hash(self._model_hash, request)

    async def ask(self, record_id: str, request: Request, repeat: int, *, fresh: bool = False) -> Response:
        """The answer to a request: the ledger's where it has one for this repeat (unless `fresh`), else the model's.

        Raises `CallFailed`, `BudgetSpent` or `NotAccepted`.
        """
        key = (self.request_hash(request), repeat)
        if (running := self._asking.get(key)) is not None:
            response = await asyncio.shield(running)
            self._cached(record_id, key)
            return response
        if not fresh and (stored := self._uncommitted.get(key) or self._stored(key)) is not None:
            self._cached(record_id, key)
            return stored
        if self._offline:
            self.unanswered.setdefault(key, Open(record_id, key[0], repeat, request))
            raise NotAnswered
        future = self._asking[key] = asyncio.get_running_loop().create_future()
        try:
            response = await self._send(record_id, request, key)
            future.set_result(response)
            return response
        except BaseException as error:
            future.set_exception(error if isinstance(error, Exception) else CallFailed("interrupted"))
            future.exception()  # seen, even if nobody else waits for it
            raise
        finally:
            del self._asking[key]

    def _stored(self, key: tuple[str, int]) -> Response | None:
        if key not in self._before:  # a look into the ledger for each call costs as much as a third of the call
            return None
        query = (
            select(t.texts.c.body)
            .join(t.calls, t.calls.c.response == t.texts.c.hash)
            .where(t.calls.c.request == key[0], t.calls.c.repeat == key[1], t.calls.c.status == "ok")
            .order_by(t.calls.c.id.desc())
            .limit(1)
        )
        with self._ledger.read() as connection:
            body = connection.execute(query).scalar()
        return None if body is None else response_from(zlib.decompress(body).decode("utf-8", "surrogatepass"))

    def _cached(self, record_id: str, key: tuple[str, int]) -> None:
        self.books.cached += 1
        self._note(record_id, key, "cached", attempts=0, cost=0.0)

    async def _send(self, record_id: str, request: Request, key: tuple[str, int]) -> Response:
        tokens = count_tokens(request)
        for attempt in range(1, ATTEMPTS + 1):
            if self._budget is not None and (self.books.cost_usd is None or self.books.cost_usd >= self._budget):
                raise BudgetSpent
            await self.limits.enter(tokens)
            ok, wait = False, None
            self.books.attempts += 1
            try:
                reply = await self._model.send(request)
                ok = True
            except ModelError as error:
                wait = self._after(error, attempt)
                if isinstance(error, UnusableReply):
                    self.books.add(error.usage, cost_usd(self._spec, error.usage))
                if wait is None:
                    refused = isinstance(error, RefusedError)
                    self._note(record_id, key, "refused" if refused else "failed", attempts=attempt, error=error)
                    if error.status in (401, 403, 404):
                        raise NotAccepted(str(error)) from None
                    raise CallFailed(str(error), refused=refused) from None
            finally:
                await self.limits.leave(ok=ok)
            if ok:
                return self._answered(record_id, key, reply, attempt)
            await self._sleep(wait or 0.0)
        raise AssertionError("the last attempt raises")

    def _after(self, error: ModelError, attempt: int) -> float | None:
        """How many seconds to wait before the next attempt, or None where there is none."""
        if not isinstance(error, TransientError | UnusableReply) or attempt == ATTEMPTS:
            return None
        if error.status == 429:
            self.limits.too_many()
        told = error.retry_after_s if isinstance(error, TransientError) else None
        if told is not None and told > LONGEST_WAIT:
            return None
        backoff = min(_MOST, _BACKOFF * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)
        return max(told or 0.0, backoff)

    def _answered(self, record_id: str, key: tuple[str, int], reply: Reply, attempts: int) -> Response:
        cost = cost_usd(self._spec, reply.usage)
        self.books.add(reply.usage, cost)
        refusal = isinstance(reply.response, ChatResponse) and reply.response.refusal
        status = "refused" if refusal else "ok"
        if not refusal:  # until it is committed, the ledger cannot answer an identical request
            self._before.add(key)
            self._uncommitted[key] = reply.response
        noted = self._note(record_id, key, status, attempts=attempts, cost=cost, reply=reply)
        noted.add_done_callback(lambda _: self._uncommitted.pop(key, None))
        return reply.response

    def _note(
        self,
        record_id: str,
        key: tuple[str, int],
        status: str,
        *,
        attempts: int,
        cost: float | None = None,
        reply: Reply | None = None,
        error: ModelError | None = None,
    ) -> "Future[None]":
        """Hand the call to the writer, its answer with it. It is committed before any judgement made from it."""
        text = response_text(reply.response) if reply else None
        if error is not None:
            text = json.dumps({"error": str(error), "text": getattr(error, "text", "")}, ensure_ascii=False)
        hash_ = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if text is not None else None
        usage = reply.usage if reply else getattr(error, "usage", Usage())
        row = {
            **self._row,
            "record_id": record_id,
            "request": key[0],
            "repeat": key[1],
            "status": status,
            "response": hash_,
            "model": reply.model if reply else None,
            "parameters": json.dumps(reply.parameters, sort_keys=True, ensure_ascii=False) if reply else None,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cached_tokens": usage.cached_input_tokens,
            "cost_usd": cost,
            "latency_s": reply.latency_s if reply else None,
            "attempts": attempts,
            "at": now(),
        }

        def work(connection: Connection) -> None:
            if text is not None:
                keep_text(connection, str(hash_), text)
            connection.execute(insert(t.calls), row)

        return self._writer.submit(work)


def keep_text(connection: Connection, hash_: str, text: str) -> None:
    """Store a large text once, compressed, by its hash."""
    if connection.execute(select(t.texts.c.hash).where(t.texts.c.hash == hash_)).first() is None:
        body = zlib.compress(text.encode("utf-8", "surrogatepass"), 6)
        connection.execute(insert(t.texts).values(hash=hash_, body=body))


def request_hash(model: str, request: Request) -> str:
    """The hash of a request to a model; `model` is its fingerprint as canonical JSON."""
    said = json.dumps([type(request).__name__, asdict(request)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{model}\x00{said}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def response_text(response: Response) -> str:
    """A response as the ledger keeps it."""
    if not isinstance(response, ChatResponse | ProbabilityResponse):
        raise TypeError(f"{type(response).__name__} is not kept")
    return json.dumps({"kind": type(response).__name__, **asdict(response)}, ensure_ascii=False)


def response_from(text: str) -> Response:
    """A response from the ledger's text."""
    fields = json.loads(text)
    if fields.pop("kind") == "ChatResponse":
        return ChatResponse(**fields)
    return ProbabilityResponse(tuple((name, p) for name, p in fields["probabilities"]))
