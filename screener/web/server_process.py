"""One of several processes that serve the pages of a server: `python -m screener.web.server_process SOCKET FILE`.

`screener serve` starts it with a socket that it listens at itself, where `server.yaml` asks for `processes`. It ends when its
standard input is closed, as it is when the program that started it ends, however that ends.
"""

import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import BadInput, LedgerError
from ..team.database import Team
from ..team.settings import ServerSettings, open_team, read_settings
from .server import on_server, server_app

if TYPE_CHECKING:
    import uvicorn


def page_server(team: Team, settings: ServerSettings) -> "uvicorn.Server":
    """Return what serves the pages, to be run within `on_server`."""
    import uvicorn

    tls = settings.tls
    return uvicorn.Server(
        uvicorn.Config(
            server_app(team, settings), log_level="warning", access_log=False, server_header=False, ws="none",
            proxy_headers=False, timeout_graceful_shutdown=5,
            ssl_certfile=str(tls.certificate) if tls else None, ssl_keyfile=str(tls.key) if tls else None,
        )
    )  # fmt: skip


def main() -> None:
    """Serve until standard input is closed."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    try:
        settings = read_settings(Path(sys.argv[2]))
        team = open_team(settings)
    except (BadInput, LedgerError) as error:
        sys.exit(f"screener: {error}")
    try:
        with on_server(settings):
            server = page_server(team, settings)

            def end() -> None:
                sys.stdin.read()
                server.should_exit = True

            threading.Thread(target=end, daemon=True).start()
            server.run(sockets=[listener])
    finally:
        team.close()


if __name__ == "__main__":
    main()
