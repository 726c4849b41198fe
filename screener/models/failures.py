"""Sorts whatever a provider's library raises into the few errors that the runner knows."""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from .base import RAW_LIMIT, ModelError, PermanentError, RefusedError, TransientError, UnusableReply
from .bounded_http import EXCHANGE, Exchange
from .secrets import Scrub

# Each of these statuses says of itself that asking again may help: timeout, conflict of locks, too early, too many.
_TRANSIENT = frozenset({408, 409, 425, 429})
_CONNECTION = re.compile(r"timeout|timedout|connect|network|protocol|read|write|closed|endofstream", re.IGNORECASE)
_FILTER = re.compile(
    r"content[_ ]filter|content[_ ]policy|responsible_ai|safety (system|filter)|input was flagged|flagged_input", re.I
)
_NO_FORM = re.compile(
    r"response[_ ]?format|json[_ ]schema|json[_ ]object|structured[_ ]output|output_config"
    r"|endpoints found that support|tool_choice|tools?\b.{0,30}not support|not support.{0,30}\btools?\b|function.calling.{0,30}not support",
    re.I,
)
"""A server that cannot be asked in this way; DeepSeek, Qwen and Anthropic take no forced tool while the model thinks."""
_NO_SCHEMA = re.compile(
    r"\bgrammars?\b|xgrammar|llguidance|unable to generate parser|json.schema (error at|conversion)"
    r"|schema contains features|unimplemented keys|too many states"
    r"|(invalid|unrecognized|unsupported) (json )?schema|schema (is )?too (complex|large|deep|many)|'type' must be a string"
    r"|format\.schema|failed to (compile|parse|convert) .{0,30}schema",
    re.I,
)
"""A server that cannot make a grammar of this schema: the words of llama.cpp, vLLM, SGLang, LM Studio, Ollama, OpenAI,
Anthropic and Gemini."""
_NO_IMAGES = re.compile(
    r"image|vision|multi-?modal|mmproj|content.{0,40}(must be|should be|expected|valid|invalid type).{0,30}str", re.I
)
"""The words in which servers without eyes refuse: OpenAI's, vLLM's, llama.cpp's (`mmproj`), Ollama's, DeepSeek's."""
_GENERATED = re.compile(r"json_validate_failed|tool_use_failed|failed_generation")
"""Groq's words for an answer that does not fit: the request was fine, the answer is in the error."""
_EMPTY = re.compile(
    r"insufficient_quota|credit balance is too low|insufficient[_ ](balance|credits?|funds)|billing_hard_limit", re.I
)
_DELAY = re.compile(r"""retryDelay['"\\]*\s*:\s*['"\\]*(\d+(?:\.\d+)?)s""")
_LIMIT = 1_000
"""Characters kept of an error's text."""


def sort_failure(error: BaseException, scrub: Scrub) -> ModelError:
    """Return the error that `error` is for us; its text is scrubbed, and it does not refer to the original."""
    if (ours := _of_ours(error)) is not None:
        ours.message = scrub(ours.message)[:_LIMIT]
        if isinstance(ours, UnusableReply):
            ours.text = scrub(ours.text)[:RAW_LIMIT]
        return ours.with_traceback(None)
    whole = scrub(describe(error))
    text = whole[:_LIMIT]
    exchange = EXCHANGE.get() or Exchange()
    status = _status(error) or (exchange.status if (exchange.status or 0) >= 400 else None)
    if status is not None:
        response = getattr(error, "response", None)
        headers = getattr(response, "headers", None) or exchange.headers
        return sort_status(status, text, headers, body=f"{whole} {exchange.text}")
    if _FILTER.search(text):
        return RefusedError(text, text=text)
    if _is_connection(error):
        return TransientError(f"{type(error).__name__}: {text}")
    if getattr(error, "is_retryable", False):  # LangChain's own word on it
        return TransientError(text)
    return PermanentError(f"{type(error).__name__}: {text}")


def sort_status(status: int, text: str, headers: Mapping[str, str], *, body: str = "") -> ModelError:
    """Return the error for an HTTP status. `text` must be scrubbed already; `body` is all that the server wrote."""
    if status == 402 or (status in (400, 403, 429) and _EMPTY.search(text)):
        return PermanentError(text, status, account_empty=True)  # waiting does not fill it
    if status in _TRANSIENT or status >= 500:
        return TransientError(text, status, retry_after(headers, body or text))
    if _FILTER.search(text):
        return RefusedError(text, status, text=text)
    if status == 400 and _GENERATED.search(text):
        return UnusableReply("the answer does not fit its form: " + text, status, text=body or text)
    return PermanentError(text, status)


def without_images(error: ModelError, model: str) -> ModelError:
    """Return the failure of a request with page images in words for the user, where the server takes none; else as it is."""
    if error.status in (400, 404, 415, 422, 500, 501) and _NO_IMAGES.search(error.message):
        said = " ".join(error.message.split())[:200]
        words = f"{model} takes no page images: remove `page_images` or name another model (the server says: {said})"
        return PermanentError(words, error.status, every_call=True)
    return error


def refused_form(error: ModelError) -> Literal["form", "schema"] | None:
    """Return what a server refuses: to be asked for this form of answer, or this schema; None for any other failure.

    Servers say so with a status of 400 or its like, Ollama with a 500, OpenRouter in the body of a 200.
    """
    if error.status not in (400, 404, 415, 422, 500, 501, None) or _GENERATED.search(error.message):
        return None
    if _NO_SCHEMA.search(error.message):
        return "schema"
    return "form" if error.status not in (500, None) and _NO_FORM.search(error.message) else None


def retry_after(headers: Mapping[str, str], body: str = "") -> float | None:
    """Return the seconds that the server asks to wait.

    It says so in `retry-after-ms`, in `retry-after` (seconds or a date), or as Google does in the body's `retryDelay`.
    Return None if it does not say.
    """
    delay = _DELAY.search(body)
    seconds = float(delay[1]) if delay else None
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except (ValueError, TypeError):
                continue
        break
    return max(0.0, seconds) if seconds is not None and math.isfinite(seconds) else None


def describe(error: BaseException) -> str:
    """Return what an exception says, in one line; an HTTP error's body too, where its message leaves it out."""
    text = str(error) or type(error).__name__
    body = getattr(error, "body", None)
    if isinstance(body, str | dict | list) and body and str(body) not in text:
        text = f"{text} {body}"
    return " ".join(text.split())


def _status(error: BaseException) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "code", "http_status"):
            status: Any = getattr(holder, name, None)
            if isinstance(status, int) and 400 <= status < 600:
                return status
    return None


def _of_ours(error: BaseException | None) -> ModelError | None:
    """Return the error that this room raised itself, wherever an SDK has put it behind one of its own."""
    for _ in range(8):
        if isinstance(error, ModelError):
            return error
        error = error and (error.__cause__ or error.__context__)
    return None


def _is_connection(error: BaseException) -> bool:
    """Return whether an error without a status is one of the line, by its type: providers share no base class."""
    if isinstance(error, TimeoutError | ConnectionError):
        return True
    libraries = ("openai", "anthropic", "httpx", "httpcore", "httpx2", "httpcore2", "requests", "aiohttp", "langchain")
    return any(
        kind.__module__.split(".")[0].startswith(libraries) and _CONNECTION.search(kind.__name__)
        for kind in type(error).__mro__
    )
