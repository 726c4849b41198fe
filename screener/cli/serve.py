"""`screener serve`: several reviews for several people, on a server."""

import errno
import os
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import console

if TYPE_CHECKING:
    from ..team.database import Team
    from ..team.settings import ServerSettings

_ENDING_S = 6.0
_NOT_HERE = {
    "SCREENER_LEDGER": "all reviews would have that one ledger; `database` in server.yaml says where ledgers are",
    "SCREENER_ALLOW_LOOPBACK": "what a record links to could lead into your own network",
}


def serve(
    config: Annotated[Path, typer.Option(help="The file with the server's settings.")] = Path("server.yaml"),
    invite: Annotated[
        bool,
        typer.Option("--invite", help="Print a link that makes one account which administers the server, and end."),
    ] = False,
    worker: Annotated[
        bool,
        typer.Option("--worker", help="Serve no pages: do the jobs of a server on PostgreSQL, one after the other."),
    ] = False,
) -> None:
    """Serve several reviews to several people with accounts, and print the address.

    `--invite` prints the link for the first administrator; it works once, for a week. Machine runs and whatever else takes
    long is done by `--worker`, a process of its own, or several; a server whose database is a file has its own one. Ctrl-C
    stops the server; what was saved or begun is kept.
    """
    from ..core.errors import BadInput

    for name, why in _NOT_HERE.items():
        if os.environ.get(name):
            raise BadInput(f"{name} is set, and {why}; unset it, then start the server again")
    try:
        import argon2  # noqa: F401 - asked for before anything is begun
        import uvicorn  # noqa: F401
        import zxcvbn  # noqa: F401

        from ..team.audit import TERMINAL
        from ..team.invitations import invite as make_invitation
        from ..team.settings import open_team, read_settings
        from ..web.worker_process import work_on_server
    except ModuleNotFoundError as error:
        raise BadInput(f"the server needs the package {error.name}; pip install 'screener[server]'") from None
    settings = read_settings(config)
    if worker:
        console(stderr=True).print("Does the jobs of the server. Ctrl-C stops it; a job that it is at goes on later.")
        work_on_server(settings)
        return
    team = open_team(settings)
    try:
        if invite:
            token = make_invitation(team, TERMINAL, {}, note="an administrator", administrator=True)
            print(f"{settings.origins[0]}/enter/{token}")
        else:
            _serve_pages(settings, team, config)
    finally:
        team.close()


def _serve_pages(settings: "ServerSettings", team: "Team", config: Path) -> None:
    """Serve until Ctrl-C, with a worker of its own where the database is a file, or the further processes that are asked for."""
    from ..web.own_worker import OwnWorker
    from ..web.server import on_server
    from ..web.server_process import page_server

    file = str(config.resolve())
    with _listening(settings) as listener, on_server(settings), ExitStack() as stack:
        server, at = page_server(team, settings), listener.fileno()
        others = [
            OwnWorker(str(at), file, wanted=lambda: True, module="screener.web.server_process", files=[at])
            for _ in range(settings.processes - 1)
        ]
        if not settings.on_postgresql:
            others.append(OwnWorker("server", file, wanted=lambda: True))
        for other in others:
            stack.callback(other.close)
            other.start()
        print(settings.origins[0], flush=True)
        console(stderr=True).print("Ctrl-C stops the server; what was saved or begun is kept.")
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def _listening(settings: "ServerSettings") -> socket.socket:
    """Return a socket that listens where the settings say; `BadInput` where none can."""
    from ..core.errors import BadInput

    address, port = settings.address, settings.port
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The further processes of a server that was killed end a moment after it.
    until = time.monotonic() + (_ENDING_S if settings.processes > 1 else 0)
    while True:
        try:
            return socket.create_server((address, port), family=family, backlog=2048)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < until:
                time.sleep(0.1)
                continue
            why = (error.strerror or "cannot be used").lower()
            raise BadInput(
                f"{address}, port {port}: {why}; choose another `address` or `port` in server.yaml"
            ) from None
