"""A PostgreSQL server in a folder of its own, which a test may stop and start."""

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def as_server(*command: str | Path) -> None:
    """Run a program of PostgreSQL, which refuses to be root."""
    given = [str(part) for part in command]
    if os.getuid() == 0:
        given = ["runuser", "-u", "postgres", "--", *given]
    subprocess.run(given, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


class Cluster:
    """A server that listens on a socket in its folder."""

    def __init__(self) -> None:
        """Make and start it."""
        assert BIN is not None
        self.bin = BIN
        self.folder = Path(tempfile.mkdtemp(prefix="screener-pg-", dir="/tmp"))  # a socket's path must be short
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        as_server(self.bin / "initdb", "-D", self.data, "-A", "trust", "-U", "screener", "--no-sync")
        self.start()
        self._numbers = count()

    @property
    def data(self) -> Path:
        """The folder of its data."""
        return self.folder / "data"

    def start(self) -> None:
        """Start it."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        as_server(self.bin / "pg_ctl", "-D", self.data, "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self) -> None:
        """Stop it at once, in the middle of whatever it does."""
        if (self.data / "postmaster.pid").exists():
            as_server(self.bin / "pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def database(self, name: str, like: str = "template1") -> str:
        """Make a database, empty or a copy of another one that nobody uses; the URL as a user would write it."""
        as_server(self.bin / "createdb", "-h", self.folder, "-U", "screener", "-T", like, name)
        return f"postgresql://screener@/{name}?host={self.folder}"

    def new_database(self, like: str = "template1") -> str:
        """Make a database under a name of its own; its URL."""
        return self.database(f"new{next(self._numbers)}", like)

    def drop(self, url: str) -> None:
        """Remove the database at a URL, whoever uses it."""
        name = url.partition("@/")[2].partition("?")[0]
        as_server(self.bin / "dropdb", "-h", self.folder, "-U", "screener", "--force", name)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
