"""The embedded sentence model in the clothes of any other model: asked through `send`, worked in a thread."""

import asyncio
import time
from collections import OrderedDict
from typing import Any

import numpy as np

from ..core.messages import Embedder, EmbedRequest, EmbedResponse, Request, Vectors
from .base import PermanentError, Reply, Usage

Vector = Vectors
"""One row, shape (dimensions,)."""


class LocalModel:
    """Turns concurrent requests for vectors into few calls of an `Embedder`.

    Requests that arrive while the embedder works wait together and go in its next call, each text once and at most
    `batch` texts a call; the last `remember` texts are not embedded again. There is one call at a time, in a thread.
    """

    def __init__(self, embedder: Embedder, *, batch: int = 256, remember: int = 10_000) -> None:
        """`batch`: texts a call, at least 1. `remember`: vectors kept, about 2 kB each beside their texts."""
        self._embedder = embedder
        self._batch = batch
        self._remember = remember
        self._known: OrderedDict[str, Vector] = OrderedDict()
        self._waiting: dict[str, asyncio.Future[Vector]] = {}
        self._queue: list[str] = []
        self._worker: asyncio.Task[None] | None = None

    @property
    def fingerprint(self) -> dict[str, Any]:
        """Return the embedder's own, which names model and tokenizer by content."""
        return {"kind": "embedded", "model": self._embedder.fingerprint}

    async def send(self, request: Request) -> Reply:
        """Return the vectors of the request's texts. `PermanentError` if the embedder fails.

        TypeError for other requests.
        """
        if not isinstance(request, EmbedRequest):
            raise TypeError(f"an embedder cannot answer a {type(request).__name__}")
        started = time.perf_counter()
        rows: dict[str, Vector] = {}
        futures: dict[str, asyncio.Future[Vector]] = {}
        for text in request.texts:
            if text in self._known:
                self._known.move_to_end(text)
                rows[text] = self._known[text]
            elif text not in futures:
                futures[text] = self._future(text)
        if futures:
            await asyncio.wait(futures.values())  # unlike gather, a cancelled asker leaves the others' futures alone
            for text, future in futures.items():
                rows[text] = future.result()
        vectors = np.stack([rows[text] for text in request.texts]) if rows else np.empty((0, 0), dtype=np.float32)
        latency = time.perf_counter() - started
        return Reply(EmbedResponse(vectors), self._embedder.fingerprint, Usage(), {}, latency)

    def _future(self, text: str) -> asyncio.Future[Vector]:
        future = self._waiting.get(text)
        if future is None:
            future = self._waiting[text] = asyncio.get_running_loop().create_future()
            self._queue.append(text)
            if self._worker is None or self._worker.done():
                self._worker = asyncio.create_task(self._work())
        return future

    async def _work(self) -> None:
        # A task starts in the next turn of the loop: by then all requests of this moment are in the queue.
        while self._queue:
            texts, self._queue = self._queue[: self._batch], self._queue[self._batch :]
            try:
                vectors = await asyncio.to_thread(self._embedder.embed, texts)
            except Exception as error:
                failure = PermanentError(f"the embedder failed: {type(error).__name__}: {error}")
                for text in texts:
                    future = self._waiting.pop(text)
                    future.set_exception(failure)
                    future.exception()  # read once, so that an abandoned future does not complain
                continue
            for text, vector in zip(texts, vectors, strict=True):
                self._known[text] = vector
                self._waiting.pop(text).set_result(vector)
            while len(self._known) > self._remember:
                self._known.popitem(last=False)

    async def close(self) -> None:
        """Wait for the call under way, if any; what still waits behind it is cancelled."""
        for text in self._queue:
            self._waiting.pop(text).cancel()
        self._queue.clear()
        if self._worker is not None:
            await asyncio.wait([self._worker])
