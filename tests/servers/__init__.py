"""Servers for tests, each a process of its own: start one with a `with`, and it is always gone afterwards."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Server:
    """A running fake server. `base_url` ends in `/v1`, as an OpenAI client wants it."""

    base_url: str

    @property
    def root(self) -> str:
        """The address without `/v1`, as Anthropic's and systemone clients want it."""
        return self.base_url.removesuffix("/v1")

    def stats(self) -> dict[str, Any]:
        """`calls`, `prompts` (calls by prompt hash), `faults` (by kind), `max_concurrency`, `active`, `cpu_s`."""
        return self._control("/control/stats")

    def log(self) -> list[dict[str, Any]]:
        """The requests so far (`path`, `authorization`, `headers`, `body`, `at` in seconds), where the script says `keep`."""
        return self._control("/control/log")

    def set_script(self, script: dict[str, Any], *, reset: bool = False) -> None:
        """Go on by another script (see faults.py); with `reset`, counts and log begin anew, and there are no batches."""
        self._control("/control?reset" if reset else "/control", script)

    def _control(self, path: str, data: Any = None) -> Any:
        body = None if data is None else json.dumps(data).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy
        with opener.open(urllib.request.Request(self.root + path, data=body), timeout=10) as answer:
            return json.loads(answer.read())


@contextmanager
def openai_server(script: dict[str, Any] | None = None) -> Iterator[Server]:
    """The project's own scriptable server (openai_server.py)."""
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "openai_server.py"), "--tied"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        server = Server(process.stdout.readline().strip())
        if not server.base_url:
            raise RuntimeError("the fake server did not start")
        server.set_script(script or {})
        yield server
    finally:
        _end(process)


@contextmanager
def decision_server() -> Iterator[str]:
    """`dev-double serve --engine mock`, a real systemone server; yields its address."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "dev_double.apps.cli.main", "serve", "--engine", "mock", "--port", str(port)]
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for _ in range(200):
            try:
                opener.open(address + "/health", timeout=1).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("dev-double did not start") from None
                time.sleep(0.1)
        else:
            raise RuntimeError("dev-double did not start")
        yield address
    finally:
        _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
