"""One loopback server for any number of APIs: it takes requests apart, logs them, and fails as a test wants it to.

An API is an object with the `Service` it stands for and a function from what is asked to what is answered:

    class Echo:
        service = ZENODO

        def answer(self, asked: Asked) -> Reply:
            return json_reply({"path": asked.path, "q": asked.params.get("q")})

    with serving(Echo()) as server:
        monkeypatch.setenv(ZENODO.setting, server.url(ZENODO))

In tests the fixture `serve` does both: `server = serve(Echo())`.
"""

import json
import random
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from screener.sources.services import Service


@dataclass(frozen=True)
class Asked:
    """A request: the service's name, the method, the path below the service's root, parameters of address and form."""

    service: str
    method: str
    path: str
    lists: Mapping[str, list[str]]
    """All values of each parameter."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    at: float = 0.0
    """When it came, in seconds of `time.monotonic`."""

    @property
    def params(self) -> dict[str, str]:
        """The first value of each parameter."""
        return {name: values[0] for name, values in self.lists.items()}


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Api(Protocol):
    """What speaks for a service."""

    service: Service

    def answer(self, asked: Asked) -> Reply:
        """Answer a request to a path below the service's root."""


@dataclass(frozen=True)
class Fault:
    """How one request fails. What is not set is as the API answers it.

    `status`: the API is not asked, an error is answered, with `headers` and `body`. `body` alone takes the place of the
    body (malformed). `delay_s` passes before anything is sent, `pieces_s` before each byte of the body. `share` of the body is sent before the connection is
    closed; with 0 not even the status.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay_s: float = 0.0
    share: float = 1.0
    pieces_s: float = 0.0


USUAL = (
    Fault(503),
    Fault(429, {"Retry-After": "0"}),
    Fault(500, body=b"<html>Internal Server Error</html>", headers={"Content-Type": "text/html"}),
    Fault(share=0.0),
    Fault(share=0.5),
)
"""What passes when it is tried again."""


def json_reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})


class Services:
    """The running server."""

    def __init__(self, *apis: Api) -> None:
        self.apis = {api.service.name.lower(): api for api in apis}
        self.requests: list[Asked] = []
        """What was asked, in order, that which failed among it."""
        self.failed = 0
        """How many requests failed because a test wants it."""
        self._faults: deque[Fault | None] = deque()
        self._random, self._share, self._kinds = random.Random(0), 0.0, USUAL
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.services = self

    @property
    def root(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def url(self, service: Service) -> str:
        """The address of a service, for its setting in the environment."""
        return f"{self.root}/{service.name.lower()}"

    def fail(self, *faults: Fault | None) -> None:
        """The next requests fail like this, one after the other; None lets one pass."""
        self._faults.extend(faults)

    def fail_often(self, share: float, *, seed: int = 1, kinds: tuple[Fault, ...] = USUAL) -> None:
        """This share of all requests fails, always the same ones for a seed."""
        self._random, self._share, self._kinds = random.Random(seed), share, kinds

    def asked(self, path: str = "", service: Service | None = None) -> list[Asked]:
        """The requests whose path ends so, to one service or to all."""
        name = service.name.lower() if service else ""
        return [one for one in self.requests if one.path.endswith(path) and name in ("", one.service)]

    def take(self, asked: Asked) -> tuple[Reply, Fault]:
        """Log a request and return what is answered, and how it fails."""
        with self._lock:
            self.requests.append(asked)
            fault = self._faults.popleft() if self._faults else None
            if fault is None and self._share and self._random.random() < self._share:
                fault = self._random.choice(self._kinds)
            self.failed += fault is not None
        fault = fault or Fault()
        if fault.status:
            return Reply(fault.body or b"", fault.status, fault.headers), fault
        api = self.apis.get(asked.service)
        reply = Reply(b"no such service", 404) if api is None else api.answer(asked)
        body = reply.body if fault.body is None else fault.body
        return Reply(body, reply.status, {**reply.headers, **fault.headers}), fault

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    services: Services
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_HEAD = do_GET  # noqa: N815 (the name that the library calls)

    def _answer(self, body: bytes) -> None:
        address = urlsplit(self.path)
        _, name, path = (*address.path.split("/", 2), "")[:3]
        api = self.server.services.apis.get(name)
        path = f"/{path}".removeprefix(api.service.root if api else "")
        lists = parse_qs(address.query, keep_blank_values=True)
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            lists |= parse_qs(body.decode(), keep_blank_values=True)
        headers = {key.lower(): value for key, value in self.headers.items()}
        asked = Asked(name, self.command, path, lists, headers, body, time.monotonic())
        reply, fault = self.server.services.take(asked)
        time.sleep(fault.delay_s)
        lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(reply.body)}"]
        lines += [f"{key}: {value}" for key, value in reply.headers.items()]
        if fault.share < 1:
            self.close_connection = True
        if fault.share > 0:
            sent = b"" if self.command == "HEAD" else reply.body[: int(len(reply.body) * fault.share)]
            head = "\r\n".join([*lines, "", ""]).encode("latin-1")
            if fault.pieces_s:
                self._drip(head, sent, fault.pieces_s)
            else:
                self.wfile.write(head + sent)

    def _drip(self, head: bytes, body: bytes, pause_s: float) -> None:
        """Send a body byte by byte, until who asked has enough."""
        self.close_connection = True
        with suppress(OSError):
            self.wfile.write(head)
            for place in range(len(body)):
                time.sleep(pause_s)
                self.wfile.write(body[place : place + 1])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(*apis: Api) -> Iterator[Services]:
    """Run the server in a thread of this process, for as long as the block lasts."""
    services = Services(*apis)
    services.start()
    try:
        yield services
    finally:
        services.stop()
