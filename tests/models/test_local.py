"""The embedder behind `send`: few calls, no text twice, bounded memory."""

import asyncio
import threading
import time

import numpy as np
import pytest
from support.models import using

from screener.core.messages import EmbedRequest
from screener.models import PermanentError
from screener.models.local import LocalModel


class Recorder:
    """An embedder that notes its calls; a text's vector is made of its length and first letter."""

    fingerprint = "recorder 1"

    def __init__(self, delay_s: float = 0.0) -> None:
        self.calls: list[list[str]] = []
        self.threads: set[int] = set()
        self.delay_s = delay_s
        self.active = 0

    def embed(self, texts):
        assert self.active == 0, "one call at a time"
        self.active += 1
        time.sleep(self.delay_s)
        self.calls.append(list(texts))
        self.threads.add(threading.get_ident())
        self.active -= 1
        if "bad" in texts:
            raise RuntimeError("no such vector")
        return np.array([[len(t), ord(t[0])] for t in texts], dtype=np.float32)


def vectors(embedder, *requests, **options):
    async def work(model):
        replies = await asyncio.gather(*(model.send(EmbedRequest(r)) for r in requests), return_exceptions=True)
        return [r if isinstance(r, Exception) else r.response.vectors.tolist() for r in replies]

    return using(lambda: LocalModel(embedder, **options), work)


def test_requests_of_one_moment_become_one_call_without_repetitions():
    embedder = Recorder()
    found = vectors(embedder, ("a", "bb"), ("bb", "ccc", "a"), ("a", "a"))
    assert embedder.calls == [["a", "bb", "ccc"]]
    assert found[1] == [[2, 98], [3, 99], [1, 97]]
    assert found[2] == [[1, 97], [1, 97]]
    assert threading.get_ident() not in embedder.threads


def test_a_call_is_of_bounded_size():
    embedder = Recorder()
    vectors(embedder, tuple(f"text {i}" for i in range(25)), batch=10)
    assert [len(call) for call in embedder.calls] == [10, 10, 5]


def test_what_arrives_while_the_embedder_works_waits_for_its_next_call():
    embedder = Recorder(delay_s=0.1)

    async def work(model):
        first = asyncio.create_task(model.send(EmbedRequest(("a",))))
        await asyncio.sleep(0.03)
        later = [asyncio.create_task(model.send(EmbedRequest((t,)))) for t in ("a", "b", "c")]
        await asyncio.gather(first, *later)

    using(lambda: LocalModel(embedder), work)
    assert embedder.calls == [["a"], ["b", "c"]]


def test_the_last_texts_are_remembered_and_older_ones_forgotten():
    embedder = Recorder()

    async def work(model):
        for text in ("a", "b", "a", "c", "a", "b"):
            await model.send(EmbedRequest((text,)))

    using(lambda: LocalModel(embedder, remember=2), work)
    assert embedder.calls == [["a"], ["b"], ["c"], ["b"]]


def test_a_failure_reaches_those_who_asked_and_nobody_later():
    embedder = Recorder()
    first, second = vectors(embedder, ("bad",), ("good",))
    assert type(first) is type(second) is PermanentError
    assert "no such vector" in str(first)
    assert vectors(embedder, ("good",)) == [[[4, 103]]]


def test_one_who_gives_up_does_not_take_the_answer_from_others():
    embedder = Recorder(delay_s=0.1)

    async def work(model):
        one = asyncio.create_task(model.send(EmbedRequest(("a",))))
        other = asyncio.create_task(model.send(EmbedRequest(("a",))))
        await asyncio.sleep(0.02)
        one.cancel()
        return (await other).response.vectors.tolist()

    assert using(lambda: LocalModel(embedder), work) == [[1, 97]]
    assert embedder.calls == [["a"]]


def test_its_fingerprint_is_that_of_the_embedder_and_other_requests_are_mistakes():
    async def work(model):
        with pytest.raises(TypeError):
            await model.send("text")
        return model.fingerprint

    assert using(lambda: LocalModel(Recorder()), work) == {"kind": "embedded", "model": "recorder 1"}
