"""Sending requests for a run: stored answers first, then the model, within budget and limits; every call on record.

This is the only place that retries. `limits` keeps the pace, `Calls` keeps the books (see `ledger.calls` for what its
rows mean). `attempts` are the requests since the call's row before, so that all sums are those of the provider.
"""

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.messages import AnswerPending, ChatResponse, Request, Response, UnusableReplyError
from ..ledger import (
    Call,
    Key,
    Ledger,
    RunLease,
    Writer,
    answer_text,
    answered,
    last_parameters,
)
from ..ledger.store import Connection
from ..models import (
    Model,
    ModelError,
    PermanentError,
    RefusedError,
    Reply,
    TransientError,
    UnusableReply,
    Usage,
    cost_usd,
    count_tokens,
    price_known,
    recorded,
    text_tokens,
)
from ..protocol import ChatSpec, ProbabilitySpec
from .commits import Basis, Commits
from .rate_limits import CircuitBreaker, Clock, Limits, Sleep, describe, rejection_reason, shared_failure
from .rate_limits import NotAccepted as NotAccepted
from .remote_model import AnswerLost
from .run_task import OpenRequest
from .stored_answers import model_hash, request_hash, response_from, response_text

ATTEMPTS = 6
"""How often a call is tried in all."""
_RECENT, _FIRST_ANSWER = 50, 300
"""So many of the last answers tell how long the next will be; before any, so many tokens are taken for granted."""
_BACKOFF, _MOST = 0.5, 30.0
_LOOK_S = 0.5
"""Seconds between two looks whether to stop, while nothing may be sent."""
_Answer = tuple[Response, "Future[None]"]
"""An answer and its commit."""


class CallFailed(Exception):  # noqa: N818 - what happened to a call
    """A call that failed after its attempts, or cannot succeed. `refused`: asking again is of no use."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        """`message` never holds a key."""
        super().__init__(message)
        self.refused = refused


class BudgetSpent(Exception):  # noqa: N818 - a reason to stop, not a fault
    """The budget is spent: nothing more is sent. Its text says so."""


class AskedToStop(Exception):  # noqa: N818 - a reason to stop, not a fault
    """Somebody asked the run to stop: nothing more is sent."""


class NotAnswered(AnswerPending):
    """An offline run has no stored answer to this request."""


@dataclass
class Books:
    """Count what a run has spent so far. `cost_usd` is None as soon as one call's price is unknown."""

    calls: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int | None = None
    """Of the input tokens those that the provider had cached; None as long as it says of no call how many."""
    cost_usd: float | None = 0.0
    notices: dict[str, None] = field(default_factory=dict)
    """What models had to say of how they were asked, each sentence once."""

    def add(self, usage: Usage, cost: float | None) -> None:
        """Take one paid call into the books."""
        self.calls += 1
        self.input_tokens += usage.input_tokens or 0
        self.output_tokens += usage.output_tokens or 0
        if usage.cached_input_tokens is not None:
            self.cached_tokens = (self.cached_tokens or 0) + usage.cached_input_tokens
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost


@dataclass(frozen=True)
class _CallContent:
    """Hold the content of an answer, as a row of the ledger has it.

    A cost of None is unknown, or there was no answer.
    """

    text: str | None = None
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    cost: float | None = 0.0


_NO_CONTENT = _CallContent()


@dataclass(frozen=True)
class RunOf:
    """Identify the run that calls belong to."""

    run_id: str
    stage: Stage
    reviewer: str


@dataclass(frozen=True)
class CallOptions:
    """How calls are sent: how many at once, for how much money, whether at all; and the clock that they go by.

    `lease`: nothing is sent without it, nor once `stop` says so.
    """

    concurrency: int
    budget_usd: float | None = None
    offline: bool = False
    lease: RunLease | None = None
    stop: Callable[[], bool] = lambda: False
    clock: Clock = time.monotonic
    sleep: Sleep = asyncio.sleep


class Calls:
    """Answers requests for one run of one reviewer."""

    def __init__(
        self,
        ledger: Ledger,
        writer: Writer,
        model: Model,
        spec: ChatSpec | ProbabilitySpec,
        run: RunOf,
        options: CallOptions,
    ) -> None:
        """`options.budget_usd` stops sending once so much is spent or expected to be: each call under way is reserved what it
        will probably cost (its own tokens, and as long an answer as the calls before it had), so that only answers
        longer than usual can exceed it.

        Where a server does not say how many tokens a call took, they are estimated for the budget, and for it alone:
        in books and ledger that call's cost stays unknown. `BadInput` for a budget where no price is known.

        `options.offline` sends nothing and collects in `unanswered`, by hash and repeat, what would have been sent.
        """
        if options.budget_usd is not None and not price_known(spec):
            raise BadInput(f"{spec.model}: its price is not known, so no budget can be kept; state it as `price:`")
        self._ledger, self._model, self._spec = ledger, model, spec
        self._row = {"run_id": run.run_id, "stage": run.stage.value, "reviewer": run.reviewer}
        self._budget, self._spent = options.budget_usd, 0.0
        self._sleep, self._offline, self._stop = self._stoppable(options.sleep), options.offline, options.stop
        self._reserved, self._written = 0.0, deque[int](maxlen=_RECENT)
        self.unanswered: dict[Key, OpenRequest] = {}
        self._model_hash = model_hash(model.fingerprint)
        self.books = Books()
        minute = spec.requests_per_minute, spec.tokens_per_minute
        self.limits = Limits(options.concurrency, *minute, clock=options.clock, sleep=self._sleep)
        self.commits = Commits(writer, self.limits, options.lease)
        self._breaker = CircuitBreaker()
        self._parameters = [*spec.parameters, "logprobs"] if isinstance(spec, ChatSpec) else []
        self._asking: dict[Key, asyncio.Future[_Answer]] = {}
        self._uncommitted: dict[Key, _Answer] = {}
        self._used: dict[tuple[str, int], tuple[list[Key], Basis]] = {}
        self.sent = 0
        """Requests that were sent, every attempt counted."""
        self.lost = 0
        """Those of them that were under way when their worker ended: the answer may have been paid for."""
        with ledger.read() as connection:
            self._before = answered(connection)
            self._known = self._served_before(connection)

    def _stoppable(self, sleep: Sleep) -> Sleep:
        """Return how to sleep, but not on once the run is to stop: a server may want to be left alone for minutes."""

        async def by_bits(seconds: float) -> None:
            while seconds > 0:
                if self._stop():
                    raise AskedToStop
                await sleep(min(seconds, _LOOK_S))
                seconds -= _LOOK_S

        return by_bits

    def _served_before(self, connection: Connection) -> bool:
        """Return whether this reviewer's last answer came from this model: then one 403 or 404 concerns one record."""
        name = self._spec.model_name if isinstance(self._spec, ChatSpec) else self._spec.model
        return last_parameters(connection, self._row["reviewer"]).get("model") == name

    def request_hash(self, request: Request) -> str:
        """Identify a request to this model with these parameters: 32 hex digits of SHA-256."""
        return request_hash(self._model_hash, request)

    @contextmanager
    def judging(self, record_id: str, repeat: int, basis: Basis | None = None) -> Iterator[None]:
        """Wrap one judgement, and add to `basis` what it rests on: if it ends in `UnusableReplyError`, the answer that was of no use and its repair are taken back.

        They stay in the ledger, but nobody is answered with them any more: not another reviewer of the same model, nor
        another record of the same text. What the judgement had asked before them was of use, and is not paid for again.
        """
        used: list[Key] = []
        self._used[record_id, repeat] = used, [] if basis is None else basis
        try:
            yield
        except UnusableReplyError:
            for key in used[-2:]:
                if key in self._before:  # not a refusal, nor what another judgement has taken back
                    self._before.discard(key)
                    self._uncommitted.pop(key, None)
                    self._note(record_id, key, "rejected")
            raise
        finally:
            del self._used[record_id, repeat]

    async def ask(self, record_id: str, request: Request, repeat: int, *, earlier: str = "") -> Response:
        """Return the answer to a request: the ledger's where it has one for this repeat, else the model's.

        `earlier` is the hash of a request that asked the same of the record; its answer is taken where it alone has one. Raises `CallFailed`, `BudgetSpent`, `AskedToStop` or `NotAccepted`; `NotAnswered` in an offline run.
        """
        key = (self.request_hash(request), repeat)
        if key not in self._before and (earlier, repeat) in self._before:
            key = (earlier, repeat)
        used, basis = self._used.get((record_id, repeat), ([], []))
        used.append(key)
        await self.commits.writable()
        if (running := self._asking.get(key)) is not None:
            response, noted = await asyncio.shield(running)
            basis.append(noted)
            self._cached(record_id, key)
            return response
        if (uncommitted := self._uncommitted.get(key)) is not None:
            basis.append(uncommitted[1])
        if (stored := uncommitted[0] if uncommitted is not None else self._stored(key)) is not None:
            self._cached(record_id, key)
            return stored
        if self._offline:
            self.unanswered.setdefault(key, OpenRequest(record_id, key[0], repeat, request))
            raise NotAnswered
        future = self._asking[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._send(record_id, request, key)
            future.set_result(answer)
            return answer[0]
        except BaseException as error:
            future.set_exception(error if isinstance(error, Exception) else CallFailed("interrupted"))
            future.exception()  # seen, even if nobody else waits for it
            raise
        finally:
            del self._asking[key]

    def _stored(self, key: Key) -> Response | None:
        if key not in self._before:  # a query of the ledger for each call costs as much as a third of the call
            return None
        with self._ledger.read() as connection:
            text = answer_text(connection, key)
        return None if text is None else response_from(text)

    def _cached(self, record_id: str, key: Key) -> None:
        self.books.cached += 1
        self._note(record_id, key, "cached")

    async def _send(self, record_id: str, request: Request, key: Key) -> _Answer:
        tokens, noted = count_tokens(request), 0
        for attempt in range(1, ATTEMPTS + 1):
            ok, reserved = False, 0.0
            await self.limits.enter(tokens)
            try:
                await self._breaker.enter()
                try:
                    await self.commits.room()
                    # Checked at this point because nothing waits any more between the check and the sending.
                    if self._stop():
                        raise AskedToStop
                    if self._budget is not None:
                        if self._spent + self._reserved >= self._budget:
                            raise BudgetSpent("the budget is spent")
                        reserved = self._expected(tokens)
                        self._reserved += reserved
                    self.sent += 1
                    reply = await self._model.send(request)
                    ok = True
                    self._breaker.on_response()
                    return self._answered(record_id, key, tokens, reply, attempt - noted)
                except ModelError as error:
                    if isinstance(error, AnswerLost):
                        self.lost += 1
                        self._spent += reserved  # for the budget alone, as if it had been answered
                    failure, wait = error, self._after(error, attempt)
                    if wait is None or isinstance(error, UnusableReply):
                        self._failed(record_id, key, tokens, error, attempt - noted)
                        noted = attempt
                finally:
                    self._reserved -= reserved
                    self._breaker.leave()
            finally:
                await self.limits.leave(ok=ok)
            if wait is None:
                if rejection_reason(failure) is not None or shared_failure(failure, self._parameters) is not None:
                    await self._breaker.verdict()
                raise CallFailed(describe(failure), refused=isinstance(failure, RefusedError))
            await self._sleep(wait)
        raise AssertionError("the last attempt raises")

    def _after(self, error: ModelError, attempt: int) -> float | None:
        """Return the seconds until the next attempt, None for no other; inform the limits and the circuit breaker."""
        if error.status == 429:
            self.limits.too_many()
        if (reason := rejection_reason(error)) is not None:
            empty = isinstance(error, PermanentError) and error.account_empty
            at_first = error.status == 401 or (error.status in (403, 404) and not self._known)
            self._breaker.on_rejected(reason, at_once=empty, at_first=at_first)
            return None
        if (shared := shared_failure(error, self._parameters)) is not None:
            self._breaker.on_alike(shared)
        requested_wait = error.retry_after_s if isinstance(error, TransientError) else None
        if requested_wait is not None:
            self.limits.pause(requested_wait)
        if not isinstance(error, TransientError | UnusableReply) or attempt == ATTEMPTS:
            return None
        backoff = min(_MOST, _BACKOFF * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)
        return max(requested_wait or 0.0, backoff)

    def _expected(self, tokens: int) -> float:
        """Estimate what a call will cost: `tokens` is the request's estimate."""
        answer = round(sum(self._written) / len(self._written)) if self._written else _FIRST_ANSWER
        return cost_usd(self._spec, Usage(tokens, answer)) or 0.0

    def _pay(self, usage: Usage, tokens: int, text: str) -> float | None:
        """Enter an answer in the books; return its cost. `tokens` is the request's estimate, `text` the answer."""
        cost = cost_usd(self._spec, usage)
        self.books.add(usage, cost)
        written = text_tokens(text) if usage.output_tokens is None else usage.output_tokens
        self.limits.charge(written)
        self._written.append(written)
        if self._budget is not None:
            input_tokens = tokens if usage.input_tokens is None else usage.input_tokens
            self._spent += cost if cost is not None else cost_usd(self._spec, Usage(input_tokens, written)) or 0.0
        return cost

    def _answered(self, record_id: str, key: Key, tokens: int, reply: Reply, attempts: int) -> _Answer:
        response, text = reply.response, response_text(reply.response)
        cost = self._pay(reply.usage, tokens, text)
        self.books.notices |= dict.fromkeys(reply.notices)
        refusal = isinstance(response, ChatResponse) and response.refusal
        status, row = "refused" if refusal else "ok", _CallContent(text, reply.usage, reply.model, cost)
        noted = self._note(record_id, key, status, attempts, source=reply, row=row)
        if not refusal:  # until it is committed, the ledger cannot answer an identical request
            self._before.add(key)
            self._uncommitted[key] = answer = response, noted

            def settled(_: "Future[None]") -> None:
                if self._uncommitted.get(key) is answer:  # it may have been rejected and asked anew since
                    if noted.exception() is not None:
                        self._before.discard(key)
                    self._uncommitted.pop(key, None)

            noted.add_done_callback(settled)
        return response, noted

    def _failed(self, record_id: str, key: Key, tokens: int, error: ModelError, attempts: int) -> None:
        text = getattr(error, "text", "")
        row = _CallContent(json.dumps({"error": describe(error), "text": text}, ensure_ascii=False), cost=None)
        status = "refused" if isinstance(error, RefusedError) else "failed"
        if isinstance(error, UnusableReply):
            status = "unusable"
            row = _CallContent(row.text, error.usage, error.model, self._pay(error.usage, tokens, text))
        self._note(record_id, key, status, attempts, source=error, row=row)

    def _note(
        self,
        record_id: str,
        key: Key,
        status: str,
        attempts: int = 0,
        *,
        source: Reply | ModelError | None = None,
        row: _CallContent = _NO_CONTENT,
    ) -> "Future[None]":
        """Hand a row to the writer, its text with it. No judgement made from it is committed without it."""
        usage = row.usage
        call = Call(
            **self._row,
            record_id=record_id,
            request=key[0],
            repeat=key[1],
            status=status,
            attempts=attempts,
            model=row.model,
            parameters=recorded(source.parameters, source.structured)
            if source is not None and source.parameters
            else None,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_input_tokens,
            cost_usd=row.cost,
            latency_s=source.latency_s if source is not None else None,
        )
        noted = self.commits.submit(call, row.text)
        if (used := self._used.get((record_id, key[1]))) is not None:
            used[1].append(noted)
        return noted
