"""`screener adjudicate`: the local web app to label, resolve and check."""

import socket
import sys
import threading
import webbrowser
from typing import Annotated

import typer

from .common import JoinOption, ReviewOption, console, open_review, writing_ledger


def adjudicate(
    reviewer: Annotated[str, typer.Option(help="Your name; your judgements are saved under it.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    join: JoinOption = False,
    review: ReviewOption = None,
) -> None:
    """Start the web app on this computer only and print its address. Ctrl-C stops it; nothing is lost."""
    from ..core.errors import BadInput

    try:
        import uvicorn

        from ..stages import canonical_reviewer_name, check_name
        from ..web.app import create_app
        from ..web.security import Session
    except ModuleNotFoundError as error:
        raise BadInput(f"adjudicate: needs the package {error.name}; pip install 'screener[ui]'") from None
    opened_review = open_review(review)
    check_name(opened_review, reviewer)
    ledger = writing_ledger(opened_review, join)
    name = canonical_reviewer_name(ledger, opened_review, [reviewer])[reviewer]
    listener = _listen(port)
    session = Session(listener.getsockname()[1])
    app = create_app(ledger, opened_review, name, session)
    # Other programs wait for this line: the socket listens already, so that nobody knocks too early.
    print(session.address, flush=True)
    console(stderr=True).print(
        f"{opened_review.protocol.title}\nYou are {name}. Ctrl-C stops the app; everything is saved."
    )
    if browser:
        threading.Timer(0.5, webbrowser.open, [session.address]).start()
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    uvicorn.Server(config).run(sockets=[listener])
    ledger.close()


def _listen(port: int) -> socket.socket:
    from ..core.errors import BadInput

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
