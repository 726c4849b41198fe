"""Opening the ledger, to read it or to write it in one transaction; `writer` commits many small ones in groups."""

import hashlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine

from ..core.errors import BadInput, LedgerError
from .database import Database, failures_named
from .database import now as now
from .file_lock import lock_file
from .migrating import is_current
from .migrations import MIGRATIONS
from .run_leases import RunLease, take_lease


class Ledger(Database):
    """A review's ledger: SQLite in `.screener/ledger.db`, or the database that `SCREENER_LEDGER` names.

    `read()` gives a connection that sees only committed rows; `write()` gives one transaction that is committed as a
    whole or not at all.
    """

    noun, setting, migrations = "ledger", "SCREENER_LEDGER", MIGRATIONS
    keepers: ClassVar[list[Callable[[Connection], None]]] = []
    """What is called at the end of every transaction, to make anew what is kept of the rows that it changed."""

    def __init__(self, url: str, *, reading: bool = False) -> None:
        """Open the ledger at a SQLAlchemy URL and bring it to the present shape; `reading` opens one that has it.

        What is opened for reading refuses to be written: `write()` raises, and so does any statement that would change it.
        """
        self.own_keepers: list[Callable[[Connection], None]] = []
        self.in_memory: dict[type, Any] = {}
        """What is made of its rows and kept for all who have it open, by the class of it: freed with the ledger."""
        super().__init__(url, reading=reading)
        self.folder = Path(self.engine.url.database).parent if self.is_file and self.engine.url.database else None

    @classmethod
    def of(cls, folder: Path, url: str | None = None) -> "Ledger":
        """Return the ledger kept in a review's `.screener/` folder, made if missing, or at an address that is given."""
        if address := url or os.environ.get("SCREENER_LEDGER"):
            ledger = cls(address)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            ledger = cls(f"sqlite:///{folder / 'ledger.db'}")
        ledger.folder, ledger._own = ledger.folder or folder, True
        return ledger

    @classmethod
    def for_reading(cls, folder: Path) -> "Ledger":
        """Return the same ledger for a command that only reads, from which nothing is written.

        It is empty where there is none. A ledger of an earlier program is brought to the present shape first. Where
        that cannot be, since file or folder are read-only, a copy is read, which ends with the ledger.
        """
        url = os.environ.get("SCREENER_LEDGER")
        file = folder / "ledger.db"
        if url is None and not file.is_file():
            return cls._copied(None)
        for address in [url] if url else _addresses(file):
            ledger = cls(address, reading=True)
            ledger._own = True
            try:
                with ledger.read() as connection:
                    if is_current(connection, cls.migrations):
                        return ledger
            except LedgerError:
                continue
            finally:
                ledger.close()
        if url is None and not _writable(file):
            return cls._copied(file)
        cls(url or _addresses(file)[0]).close()
        return cls(url or _addresses(file)[0], reading=True)

    @classmethod
    def _copied(cls, file: Path | None) -> "Ledger":
        """Return a ledger in a folder of its own, empty or as in the file.

        The folder goes when nobody holds the ledger.
        """
        folder = Path(tempfile.mkdtemp(prefix="screener-ledger-"))
        for name in ("ledger.db", "ledger.db-wal") if file is not None else ():
            if file is not None and (source := file.with_name(name)).is_file():
                shutil.copyfile(source, folder / name)
        url = f"sqlite:///{folder / 'ledger.db'}"
        cls(url).close()
        ledger = cls(url, reading=True)
        weakref.finalize(ledger, shutil.rmtree, folder, ignore_errors=True)
        return ledger

    @staticmethod
    def exists(folder: Path) -> bool:
        """Return whether `of` would open a ledger that exists."""
        return bool(os.environ.get("SCREENER_LEDGER")) or (folder / "ledger.db").is_file()

    def before_commit(self, connection: Connection) -> None:
        """Make anew what is kept beside the rows that a transaction changes (`keepers`)."""
        for keeper in [*self.keepers, *self.own_keepers]:
            keeper(connection)

    def within(self, connection: Connection) -> "Ledger":
        """Return the ledger as a transaction sees it, for functions that read; it ends with the transaction."""
        return _Within(self.engine, connection)

    @contextmanager
    def alone(self, name: str, busy: str) -> Iterator[RunLease | None]:
        """Hold a lock of that name, which ends with the process however it ends: on a server a lease, else a file's lock.

        `BadInput(busy)` if another holds it.
        """
        if not self.is_file:
            with failures_named(self.engine):
                lease = take_lease(self.engine, name)
            if lease is None:
                raise BadInput(busy)
            try:
                yield lease
            finally:
                lease.release()
            return
        with _locked(self.engine, name) as acquired:
            if not acquired:
                raise BadInput(busy)
            yield None


class _Within(Ledger):
    """A ledger of which one transaction reads what it has itself written."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self.engine, self.reading, self._connection = engine, True, connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._connection


def _addresses(file: Path) -> list[str]:
    """Return the URLs by which a ledger's file can be read.

    Where its folder is read-only, it is opened as one that nobody changes. SQLite keeps a log beside the file. While that holds
    anything, the file alone is not the whole ledger.
    """
    log = file.with_name(f"{file.name}-wal")
    fixed = [] if log.is_file() and log.stat().st_size else [f"file:{quote(str(file))}?mode=ro&immutable=1&uri=true"]
    return [f"sqlite:///{place}" for place in (str(file), *fixed)]


def _writable(file: Path) -> bool:
    """Return whether a file can be opened for writing and its folder takes new files; neither is changed."""
    try:
        with file.open("r+b"):
            pass
        with tempfile.TemporaryFile(dir=file.parent):
            return True
    except OSError:
        return False


@contextmanager
def _locked(engine: Engine, name: str) -> Iterator[bool]:
    """Yield whether the operating system's lock for that name was free."""
    if not engine.url.database:
        yield True
        return
    folder = Path(engine.url.database).with_name("locks")
    folder.mkdir(exist_ok=True)
    with (folder / hashlib.sha256(name.encode()).hexdigest()[8:16]).open("wb") as file:
        yield lock_file(file)
