"""What the commands that serve pages share: the socket, the session that outlives a restart, and how the browser is opened."""

import socket
import sys
import tempfile
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import console

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ..web.local_door import Session

PortOption = Annotated[
    int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes that of last time, or a free one.")
]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")]


def listening(port: int, file: Path, start: str = "/") -> tuple[socket.socket, "Session"]:
    """Return a socket that listens on a port, and the session there: that of last time, in `file`, where it is the same port.

    `start` is the path that the start address leads to.
    """
    from ..web.local_door import Session
    from ..web.private_files import KeptSession, keep_session, read_session

    kept = read_session(file)
    listener = _listen(port, kept.port if kept else 0)
    bound = listener.getsockname()[1]
    # Whoever has the port of last time may have been sent what proves who an open page is: then all is made anew.
    same = kept is not None and kept.port == bound
    session = Session(bound, kept.secret, start=start) if kept is not None and same else Session(bound, start=start)
    try:
        keep_session(file, KeptSession(bound, session.secret))
    except OSError as error:
        why = error.strerror or str(error)
        console(stderr=True).print(f"{file.parent}: {why}; after a restart open the address that is printed then.")
    return listener, session


def serve(app: "ASGIApp", listener: socket.socket) -> None:
    """Serve an app until Ctrl-C."""
    import uvicorn

    config = uvicorn.Config(
        app, log_level="error", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=3
    )
    uvicorn.Server(config).run(sockets=[listener])


def open_browser(beside: Path, session: "Session") -> None:
    """Open the browser by a page that only its owner can read: everybody on the machine sees what a browser is started with."""
    from ..web.private_files import start_page

    page = beside
    try:
        start_page(page, session.address)
    except OSError:  # beside the ledger first: some browsers cannot read the folder for temporary files
        page = Path(tempfile.mkdtemp(prefix="screener-")) / "start.html"
        start_page(page, session.address)
    session.on_open = lambda: page.unlink(missing_ok=True)
    threading.Timer(0.5, webbrowser.open, [page.resolve().as_uri()]).start()


def _listen(port: int, last: int) -> socket.socket:
    """Return a socket that listens on a port; for 0 on that of last time, so that open pages go on, else on a free one."""
    from ..core.errors import BadInput

    if not port and last:
        with suppress(BadInput):
            return _listen(last, 0)

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise BadInput(
            f"--port {port}: {(error.strerror or 'cannot be used').lower()}; leave it out to get a free one"
        ) from None
    listener.listen(64)
    return listener
