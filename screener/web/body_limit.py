"""How much may be sent to a server in one request: every form of it is read into memory as a whole."""

from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 1_000_000
"""Bytes of a body. Files are not sent to a server in the browser."""


class BodyLimit:
    """Refuses bodies that are too large: by what they say of themselves, and by what comes."""

    def __init__(self, app: ASGIApp, most: int = MOST) -> None:
        """Stand before `app`, which is handed bodies of at most `most` bytes."""
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, or refuse with 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        if not (said.isascii() and said.isdecimal()) or int(said[:20]) > self.most:
            await self._refuse(scope, receive, send)
            return
        came, started = 0, False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most:
                raise _OverLimitError
            return message

        async def passed(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            # What the app says of its broken reading is not what is to be said.
            if came <= self.most or started:
                started = True
                await send(message)

        with suppress(_OverLimitError):
            await self.app(scope, counted, passed)
        if came > self.most and not started:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        words = f"Not saved. This is too much at once; at most {self.most / 1e6:g} MB can be sent."
        await PlainTextResponse(words, 413, {"Connection": "close"})(scope, receive, send)


class _OverLimitError(Exception):
    """More came than is taken."""
