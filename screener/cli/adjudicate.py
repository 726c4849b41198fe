"""`screener adjudicate`: the local web app to label, resolve and check."""

import socket
import sys
import tempfile
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import JoinOption, ReviewOption, console, open_review, writing_ledger

if TYPE_CHECKING:
    from ..web.local_door import Session


def adjudicate(
    reviewer: Annotated[str, typer.Option(help="Your name; your judgements are saved under it.")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes that of last time, or a free one.")
    ] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    join: JoinOption = False,
    review: ReviewOption = None,
) -> None:
    """Start the web app on this computer only and print its address. Ctrl-C stops it; open pages go on after a restart."""
    from ..core.errors import BadInput

    try:
        import uvicorn

        from ..stages import canonical_reviewer_name, check_name
        from ..web.app import create_app
        from ..web.local_door import Session
        from ..web.private_files import KeptSession, keep_session, read_session, session_file
    except ModuleNotFoundError as error:
        raise BadInput(f"adjudicate: needs the package {error.name}; pip install 'screener[ui]'") from None
    opened_review = open_review(review)
    check_name(opened_review, reviewer)
    ledger = writing_ledger(opened_review, join)
    name = canonical_reviewer_name(ledger, opened_review, [reviewer])[reviewer]
    file = session_file(opened_review.hidden, name)
    kept = read_session(file)
    listener = _listen(port, kept.port if kept else 0)
    bound = listener.getsockname()[1]
    # Whoever has the port of last time may have been sent what proves who an open page is: then all is made anew.
    session = Session(bound, kept.secret) if kept is not None and kept.port == bound else Session(bound)
    try:
        keep_session(file, KeptSession(bound, session.secret))
    except OSError as error:
        why = error.strerror or str(error)
        console(stderr=True).print(f"{file.parent}: {why}; after a restart open the address that is printed then.")
    app = create_app(ledger, opened_review, name, session)
    # Other programs wait for this line: the socket listens already, so that nobody knocks too early.
    print(session.address, flush=True)
    console(stderr=True).print(
        f"{opened_review.protocol.title}\nYou are {name}. Ctrl-C stops the app; what you saved or began is kept."
    )
    config = uvicorn.Config(
        app, log_level="error", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=3
    )
    if browser:
        _open_browser(file.with_suffix(".html"), session)
    uvicorn.Server(config).run(sockets=[listener])
    ledger.close()


def _open_browser(beside: Path, session: "Session") -> None:
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
