"""What the tests of `screener.models` share: a request like a real one, and a way to send it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from screener.core.messages import ChatRequest, Message
from screener.models import ChatSpec, Model, Reply

T = TypeVar("T")
ABSTRACT = "We trained a transformer on resting electrocardiograms. It was tested on two external cohorts in Norway."
_CRITERION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reason", "quote", "answer"],
    "properties": {
        "reason": {"type": "string"},
        "quote": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "answer": {"type": "string", "enum": ["yes", "no", "unclear"]},
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["ecg", "foundation"],
    "properties": {"ecg": _CRITERION, "foundation": _CRITERION},
}


def chat(title: str = "A record", abstract: str = ABSTRACT) -> ChatRequest:
    user = f"<record>\n<title>{title}</title>\n<abstract>{abstract}</abstract>\n</record>"
    return ChatRequest(
        (Message("system", "You screen records."), Message("user", user)), "screening", json.dumps(SCHEMA)
    )


def spec(base_url: str | None, **more: Any) -> ChatSpec:
    return ChatSpec(**{"model": "openai:gpt-5-mini", "base_url": base_url, "timeout_s": 5, **more})


def using(make: Callable[[], Model], work: Callable[[Model], Awaitable[T]]) -> T:
    """Make a model inside a loop of its own, let `work` use it, close it."""

    async def whole() -> T:
        model = make()
        try:
            return await work(model)
        finally:
            await model.close()

    return asyncio.run(whole())


def ask(make: Callable[[], Model], *requests: Any) -> list[Reply | Exception]:
    """The replies or errors of requests sent at once."""

    async def work(model: Model) -> list[Any]:
        return await asyncio.gather(*(model.send(r) for r in requests), return_exceptions=True)

    return using(make, work)


def everything_said(error: BaseException) -> str:
    """All that a log or a debugger would show of an error, and of those behind it."""
    import traceback

    said, seen = "", error
    while seen is not None:
        said += "".join(traceback.format_exception(seen)) + repr(seen) + repr(vars(seen)) + repr(seen.args)
        seen = seen.__cause__ or seen.__context__
    return said
