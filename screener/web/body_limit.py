"""How much may be sent to a server in one request: a form is read into memory as a whole, a file goes to the disk."""

import re
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 1_000_000
"""Bytes of a form."""
_FILES = re.compile(r"/r/[a-z0-9-]{1,80}/(import|full-texts)/files")
"""Where a body is a file."""


class BodyLimit:
    """Refuses bodies that are too large: by what they say of themselves, and by what comes."""

    def __init__(self, app: ASGIApp, most: int = MOST, *, file: int = MOST) -> None:
        """Stand before `app`, which is handed bodies of at most `most` bytes, or of `file` bytes where one is a file."""
        self.app, self.form, self.file = app, most, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, or refuse with 413."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said, most = Headers(scope=scope).get("content-length", "0"), self._most(scope)
        if not (said.isascii() and said.isdecimal()) or int(said[:20]) > most:
            await _refuse(most, scope, receive, send)
            return
        came, started = 0, False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _OverLimitError
            return message

        async def passed(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            # What the app says of its broken reading is not what is to be said.
            if came <= most or started:
                started = True
                await send(message)

        with suppress(_OverLimitError):
            await self.app(scope, counted, passed)
        if came > most and not started:
            await _refuse(most, scope, receive, send)

    def _most(self, scope: Scope) -> int:
        return self.file if scope["method"] == "POST" and _FILES.fullmatch(scope["path"]) else self.form


async def _refuse(most: int, scope: Scope, receive: Receive, send: Send) -> None:
    words = f"Not saved. This is too much at once; at most {most / 1e6:g} MB can be sent."
    await PlainTextResponse(words, 413, {"Connection": "close"})(scope, receive, send)


class _OverLimitError(Exception):
    """More came than is taken."""
