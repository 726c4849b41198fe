"""What is refused to somebody who goes to an address is told on a page, with ways on; scripts are told in a line."""

import re
from html import escape

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>This page cannot be shown – screener</title>
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/app.css">
  <script src="/static/theme.js"></script>
</head>
<body>
  <main id="main">
    <section class="card narrow-page">
      <h1>This page cannot be shown</h1>
      <p class="notice trouble-here" dir="auto">{words}</p>
      <p class="row">{ways}</p>
    </section>
  </main>
</body>
</html>
"""
_OF_REVIEW = re.compile(r"(/r/[a-z0-9-]{1,80}/).+", re.DOTALL)


def told_on_a_page(scope: Scope, send: Send) -> Send:
    """Return a way to answer on which lines of plain text that refuse become a page, where a browser goes to an address."""
    headers = Headers(scope=scope)
    goes = scope["method"] == "GET" and "text/html" in headers.get("accept", "") and "hx-request" not in headers
    start: Message | None = None
    words = b""

    async def as_page(message: Message) -> None:
        nonlocal start, words
        if message["type"] == "http.response.start" and _refuses(message):
            start = message
        elif start is None:
            await send(message)
        else:
            words += message.get("body", b"")
            if not message.get("more_body"):
                body = _page(words.decode("utf-8", "replace"), scope["path"])
                of_page = MutableHeaders(scope=start)
                of_page["Content-Type"], of_page["Content-Length"] = "text/html; charset=utf-8", str(len(body))
                await send(start)
                await send({"type": "http.response.body", "body": body})

    return as_page if goes else send


def _refuses(start: Message) -> bool:
    return start["status"] >= 400 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/plain")


def _page(words: str, path: str) -> bytes:
    of_review = _OF_REVIEW.fullmatch(path)
    ways = f'<a class="button main" href="{of_review[1]}">Overview</a>' if of_review else ""
    ways += f'<a class="button{"" if of_review else " main"}" href="/">Start page</a>'
    return _PAGE.format(words=escape(words), ways=ways).encode()
