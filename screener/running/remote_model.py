"""A model that workers ask: the request goes to one of them, which has the key, and the reply comes back.

Stored answers, budget, limits, retries and the ledger stay with the program that runs: a worker makes the one attempt that
it is told to make, so whatever holds for a run holds over all workers.
"""

import asyncio
import threading
from concurrent.futures import Executor
from functools import cache
from typing import Any

from ..core.errors import BadInput, WorkerEnded
from ..core.messages import Request
from ..models import Model, ModelError, OfflineModel, Reply, TransientError, connect
from ..protocol import ChatSpec, ProbabilitySpec

_Failed = tuple[type[ModelError], dict[str, Any]]
"""A failure as plain data: exceptions with fields do not survive the way by themselves."""


class AnswerLost(TransientError):  # noqa: N818 - what happened to the answer
    """A worker ended while it waited for an answer, which may have been paid for."""


class RemoteModel:
    """Sends each request by one of an executor's workers, once."""

    def __init__(self, spec: ChatSpec | ProbabilitySpec, executor: Executor) -> None:
        """No key is read here: workers have theirs in their environment."""
        self._spec, self._executor = spec, executor
        self.fingerprint: dict[str, Any] = OfflineModel(spec).fingerprint

    async def send(self, request: Request) -> Reply:
        """Ask once. Raises what the model raises, and `AnswerLost` where the worker ended."""
        future = self._executor.submit(answer, self._spec, request)
        try:
            outcome: Reply | _Failed = await asyncio.wrap_future(future)
        except WorkerEnded as error:
            raise AnswerLost(str(error)) from None
        if isinstance(outcome, Reply):
            return outcome
        kind, fields = outcome
        failure = kind.__new__(kind)
        vars(failure).update(fields)
        raise failure

    async def close(self) -> None:
        """Leave the connections to the workers."""


def check_model(spec: ChatSpec | ProbabilitySpec) -> None:
    """Raise `BadInput` where this worker cannot ask a model: no key in its environment, no package."""
    try:
        _connected(spec)
    except BadInput as error:  # its kinds have more to say than survives the way
        raise BadInput(str(error)) from None


def answer(spec: ChatSpec | ProbabilitySpec, request: Request) -> Reply | _Failed:
    """Ask a model once, on a worker, and wait for the reply; connections are kept for the next request."""
    model = _connected(spec)
    with _LOCK:
        loop = _loop()
    return asyncio.run_coroutine_threadsafe(_attempt(model, request), loop).result()


async def _attempt(model: Model, request: Request) -> Reply | _Failed:
    try:
        return await model.send(request)
    except ModelError as error:
        return type(error), vars(error)


_LOCK = threading.Lock()
_MODELS: dict[str, Model] = {}


def _connected(spec: ChatSpec | ProbabilitySpec) -> Model:
    """Return the model of a spec, connected once in this worker."""
    key = spec.model_dump_json()
    with _LOCK:
        if key not in _MODELS:
            _MODELS[key] = connect(spec)
        return _MODELS[key]


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop in which this worker's calls wait, in a thread of its own."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model-calls", daemon=True).start()
    return loop
