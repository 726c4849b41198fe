"""One attempt at a model: its time limit, its clock and its errors, the same for models of every kind."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import BadInput
from ..core.messages import ChatResponse, Response
from .base import ModelError, Reply, TransientError, UnusableReply, Usage
from .bounded_http import EXCHANGE, MOST_BYTES, Exchange, too_large
from .secrets import Scrub

_LONGEST_NAME = 200
"""Characters of a model's name, which is the server's own word."""
Said = tuple[Response, str | None, Usage]
"""The answer, the snapshot that gave it, and its usage."""


@dataclass
class Sent:
    """What goes over the wire, noted before it does, so that a failure has it too (see `Reply` for the fields)."""

    parameters: dict[str, Any] = field(default_factory=dict)
    structured: str | None = None
    notices: tuple[str, ...] = ()
    exchange: Exchange = field(default_factory=Exchange)


async def attempt(
    timeout_s: float,
    sort: Callable[[Exception], ModelError | BadInput],
    hide: Scrub,
    work: Callable[[Sent], Awaitable[Said]],
) -> Reply:
    """Do the work once; whatever goes wrong is raised as what `sort` makes of it, with what is known of the call.

    `hide` takes the key out of an answer: a server may say anything back.
    """
    sent = Sent()
    EXCHANGE.set(sent.exchange)
    failure: ModelError | BadInput
    started = time.perf_counter()
    try:
        # The libraries' own timeouts start anew with every byte received, so a server that trickles would never end.
        async with asyncio.timeout(timeout_s):
            response, model, usage = await work(sent)
        if isinstance(response, ChatResponse) and len(response.text) > MOST_BYTES:
            raise UnusableReply(too_large(MOST_BYTES), usage=usage, model=model, every_call=True)
        if isinstance(response, ChatResponse):
            refusal, finish = (part and hide(part) for part in (response.refusal, response.finish_reason))
            text = hide(response.text)  # of a text that was changed no place is right any more
            response = ChatResponse(text, refusal, finish, response.choices if text == response.text else None)
        model = model and hide(model)[:_LONGEST_NAME]
        latency = time.perf_counter() - started
        return Reply(response, model, usage, sent.parameters, latency, sent.structured, sent.notices)
    except TimeoutError:
        failure = TransientError(f"no complete answer within {timeout_s:g} s")
    except Exception as error:
        failure = sort(error)
    if isinstance(failure, ModelError):
        failure.latency_s = time.perf_counter() - started
        failure.parameters, failure.structured = sent.parameters, sent.structured
        if isinstance(failure, UnusableReply):
            failure.model = failure.model and hide(failure.model)[:_LONGEST_NAME]
    raise failure  # out here, so that no context can show the request's headers
