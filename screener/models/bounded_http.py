"""HTTP as calls of a model need it: answers of bounded size, from the host that was asked, and known as the wire had them.

The SDKs follow redirects to any host, with the prompt and some with the key, and unpack whatever comes. `bound` takes both
out of a client of `httpx` or `httpx2`, whichever SDK made it.
"""

import json
import zlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .base import PermanentError, UnusableReply

MOST_BYTES = 8_000_000
"""Bytes of one answer, unpacked. The longest that a model writes is some hundred kilobytes."""
MOST_OF_A_FILE = 1_000_000_000
"""Bytes of a file of batch answers."""
_REDIRECTS = 3
_PORTS = {"http": 80, "https": 443}
_ANY_WINDOW = 47
"""zlib's word for gzip or deflate, whichever comes."""


@dataclass
class Exchange:
    """What one attempt sent and got last: the request's body where it is a JSON object, the answer's status and headers."""

    body: dict[str, Any] | None = None
    path: str = ""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    """The answer's body, once it is complete."""


EXCHANGE: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""Where the attempt under way keeps what it sends and gets."""


def bound(client: Any, most: int = MOST_BYTES) -> Any:
    """Let an async client take at most `most` bytes of an answer, and follow redirects only where they stay on its host.

    Returns the client. Its requests raise `UnusableReply` for an answer that is too large or a web page, `PermanentError`
    for a redirect that leads elsewhere. Doing it twice changes nothing.
    """
    if getattr(client, "bounded", False):
        return client
    original = client.send

    async def send(request: Any, *, stream: bool = False, follow_redirects: Any = None, **options: Any) -> Any:
        exchange = EXCHANGE.get() or Exchange()
        exchange.body, exchange.path = _body(request), request.url.path
        exchange.status, exchange.headers, exchange.text = None, {}, ""
        for _ in range(_REDIRECTS + 1):
            request.headers["accept-encoding"] = "gzip"
            answer = await original(request, stream=True, follow_redirects=False, **options)
            try:
                exchange.status = answer.status_code
                exchange.headers = {name.lower(): value for name, value in answer.headers.items()}
                if not answer.has_redirect_location:
                    content = await _content(answer, most)
                    break
                request = _next(request, answer)
            finally:
                await answer.aclose()
        else:
            raise PermanentError(f"the server redirects more than {_REDIRECTS} times; correct base_url")
        headers = [
            (k, v) for k, v in answer.headers.multi_items() if k.lower() not in ("content-encoding", "content-length")
        ]
        whole = type(answer)(answer.status_code, headers=headers, content=content, request=request)
        kind = exchange.headers.get("content-type", "")
        if answer.status_code < 400 and kind.startswith(("text/html", "application/xhtml")):
            raise UnusableReply(web_page(kind), text=whole.text, every_call=True)
        exchange.text = whole.text
        return whole

    client.send = send
    client.bounded = True
    return client


def bound_all(holder: Any, depth: int = 4) -> list[Any]:
    """`bound` every async client that an SDK's object holds, in attributes that have `client` in their names; return them."""
    if any(kind.__name__ == "AsyncClient" and kind.__module__.startswith("httpx") for kind in type(holder).__mro__):
        return [bound(holder)]
    names = {*getattr(holder, "__dict__", ()), *(getattr(holder, "__pydantic_private__", None) or ())}
    if isinstance(getattr(type(holder), "_async_client", None), cached_property):  # one that is made at its first use
        names.add("_async_client")
    inner = (getattr(holder, name, None) for name in names if "client" in name and depth)
    return [client for holder in inner if holder is not None for client in bound_all(holder, depth - 1)]


def web_page(what: str) -> str:
    """Return what is wrong where a server answers with a page for browsers."""
    return f"the server answers with a web page ({what}), not with JSON: is base_url right? It often ends in /v1"


def too_large(most: int) -> str:
    """Return what is wrong with an answer of more than `most` bytes."""
    return f"the answer is larger than {most // 1_000_000} MB, more than any model writes; it was not read to its end"


def _body(request: Any) -> dict[str, Any] | None:
    try:
        body = json.loads(request.content)
    except (ValueError, RuntimeError):  # no JSON, or a file that is read while it is sent
        return None
    return body if isinstance(body, dict) else None


def _next(request: Any, answer: Any) -> Any:
    """Return the request that a redirect asks for; `PermanentError` if it leads to another host or is no plain repetition."""
    following = answer.next_request
    here, there = urlsplit(str(request.url)), urlsplit(str(following.url))
    upgraded = (here.scheme, there.scheme) == ("http", "https") and here.port == there.port is None
    if (
        here.hostname == there.hostname
        and answer.status_code in (307, 308)
        and (upgraded or _origin(here) == _origin(there))
    ):
        return following
    place = f"{there.scheme}://{there.netloc.rpartition('@')[2]}{there.path}"
    raise PermanentError(
        f"the server redirects to {place}, where nothing was sent; if that is the right place, write it as base_url",
        answer.status_code,
        every_call=True,
    )


def _origin(parts: SplitResult) -> tuple[str, int | None]:
    return parts.scheme, parts.port or _PORTS.get(parts.scheme)


async def _content(answer: Any, most: int) -> bytes:
    """Return an answer's body, unpacked piece by piece, so that no piece is larger than what may still come."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate", ""):
        raise UnusableReply(f"the answer is packed as {encoding}, which was not asked for", every_call=True)
    packed = encoding not in ("identity", "")
    unpacker, arrived, content = zlib.decompressobj(_ANY_WINDOW), 0, bytearray()
    async for piece in answer.aiter_raw():
        arrived += len(piece)
        try:
            content += unpacker.decompress(piece, most - len(content) + 1) if packed else piece
        except zlib.error:
            raise UnusableReply(f"the answer cannot be unpacked ({encoding})", every_call=True) from None
        if max(arrived, len(content)) > most:
            raise UnusableReply(too_large(most), every_call=True)
    return bytes(content)
