"""Opening the ledger, and the two ways to write it: one transaction, or many small ones committed in groups."""

import hashlib
import os
import queue
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from ..core.errors import BadInput, LedgerError
from .migrations import is_current, migrate

_LOCK = 0x5C4EE4E4
"""The number of the advisory lock that writers of a PostgreSQL ledger take."""
try:
    import fcntl
except ImportError:  # a system without it (Windows) has no such lock
    fcntl = None  # type: ignore[assignment]

GROUP_SECONDS = 0.05
"""How long a commit may wait for company."""


def now() -> str:
    """Return the present time, ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Ledger:
    """A review's ledger: SQLite in `.screener/ledger.db`, or the database that `SCREENER_LEDGER` names.

    `read()` gives a connection that sees only committed rows; `write()` gives one transaction that is committed as a
    whole or not at all.
    """

    keepers: ClassVar[list[Callable[[Connection], None]]] = []
    """What is called at the end of every transaction, to make anew what is kept of the rows that it changed."""

    def __init__(self, url: str, *, reading: bool = False) -> None:
        """Open the ledger at a SQLAlchemy URL and bring it to the present shape; `reading` opens one that has it.

        What is opened for reading refuses to be written: `write()` raises, and so does any statement that would change it.
        """
        self.engine, self.reading = _engine(url, reading=reading), reading
        if not reading:
            _make_private(self.engine)
        self.own_keepers: list[Callable[[Connection], None]] = []
        if reading:
            return
        try:
            with self.read() as connection:
                ready = is_current(connection)
            if not ready:
                with self.write() as connection:
                    migrate(connection)
        except LedgerError as error:
            if not isinstance(error.__cause__, DatabaseError):
                raise
            address = self.engine.url.render_as_string(hide_password=True)
            raise BadInput(f"{address}: cannot be used as a ledger: {_short(error.__cause__)}") from None

    @classmethod
    def of(cls, folder: Path) -> "Ledger":
        """Return the ledger kept in a review's `.screener/` folder, made if missing."""
        if url := os.environ.get("SCREENER_LEDGER"):
            return cls(url)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder / 'ledger.db'}")

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
            try:
                with ledger.read() as connection:
                    if is_current(connection):
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

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that reads one consistent state of the ledger; `LedgerError` where the database fails."""
        with _failures_named(), self.engine.connect().execution_options(screener_read=True) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a transaction that holds the write lock from its first statement.

        `LedgerError` where the database fails. What is kept beside the rows that it changes is made anew before it is
        committed (`keepers`).
        """
        if self.reading:
            raise RuntimeError("this ledger was opened for reading")
        with _failures_named(), self.engine.begin() as connection:
            yield connection
            for keeper in [*self.keepers, *self.own_keepers]:
                keeper(connection)

    def within(self, connection: Connection) -> "Ledger":
        """Return the ledger as a transaction sees it, for functions that read; it ends with the transaction."""
        return _Within(self.engine, connection)

    @contextmanager
    def alone(self, name: str, busy: str) -> Iterator[None]:
        """Hold a lock of that name, which ends with the process however it ends.

        `BadInput(busy)` if another holds it.
        """
        with _locked(self.engine, name) as acquired:
            if not acquired:
                raise BadInput(busy)
            yield

    def close(self) -> None:
        """Release the files."""
        self.engine.dispose()


class _Within(Ledger):
    """A ledger of which one transaction reads what it has itself written."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self.engine, self.reading, self._connection = engine, True, connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._connection


def _make_private(engine: Engine) -> None:
    """Make the file of a new SQLite ledger such that only its owner reads it; SQLite gives its log the same mode.

    A file that exists keeps its mode: its owner may have shared it.
    """
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:" or name.startswith("file:"):
        return
    with suppress(OSError):  # the file exists, or its folder is missing or read-only: SQLite names that
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


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
def _failures_named() -> Iterator[None]:
    """Raise `LedgerError` in the place of what SQLAlchemy raises."""
    try:
        yield
    except SQLAlchemyError as error:
        raise LedgerError(f"{type(error).__name__}: {error}") from error


def _engine(url: str, *, reading: bool = False) -> Engine:
    if url.startswith("postgresql:"):
        url = url.replace("postgresql:", "postgresql+psycopg:", 1)
    kind, colon, _ = url.partition(":")
    if colon and kind.partition("+")[0] not in ("sqlite", "postgresql"):
        raise BadInput(f"SCREENER_LEDGER: a ledger can be in postgresql or sqlite, not in `{kind}`")
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise BadInput(f"SCREENER_LEDGER: needs the package {error.name}; pip install 'screener[postgres]'") from None
    except ArgumentError as error:
        raise BadInput(f"SCREENER_LEDGER: not a database URL ({error}); e.g. postgresql://user@host/name") from None
    if engine.dialect.name == "postgresql":
        _one_writer_at_a_time(engine)
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        # The driver's own transaction handling is switched off: `_begin` says when a transaction starts.
        connection.isolation_level = None
        settings = ("query_only = 1",) if reading else ("journal_mode = WAL", "synchronous = NORMAL")
        for pragma in ("busy_timeout = 30000", *settings):
            connection.execute(f"PRAGMA {pragma}")
        # SQLite itself looks past case in ASCII only.
        connection.create_function("casefold", 1, lambda text: text and text.casefold(), deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock at once avoids the deadlock of two readers that both want to become writers.
        reading = connection.get_execution_options().get("screener_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _locked(engine: Engine, name: str) -> Iterator[bool]:
    """Yield whether the lock was free. A database server has locks of its own.

    For a file the operating system's locks are used.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT", screener_lock=True) as connection:
            acquired = bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({number})").scalar())
            try:
                yield acquired
            finally:
                if acquired:
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({number})")
        return
    if fcntl is None or not engine.url.database:
        yield True
        return
    folder = Path(engine.url.database).with_name("locks")
    folder.mkdir(exist_ok=True)
    with (folder / f"{number & 0xFFFFFFFF:08x}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _one_writer_at_a_time(engine: Engine) -> None:
    """Have PostgreSQL behave as SQLite does: writers wait for each other, readers see one consistent state."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("screener_lock", False):
            return
        if options.get("screener_read", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _short(error: DatabaseError) -> str:
    return " ".join(str(error.orig).split())


Work = Callable[[Connection], None]


class Writer:
    """One thread that commits what others hand to it, in groups of at most `GROUP_SECONDS`.

    A future that `submit` returns is done when its work is on disk. Work that fails fails alone: the others of its
    group are committed.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Start the thread."""
        self._ledger = ledger
        self._queue: queue.Queue[tuple[Work, Future[None]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._loop, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> "Future[None]":
        """Have `work(connection)` committed soon."""
        future: Future[None] = Future()
        self._queue.put((work, future))
        return future

    def close(self) -> None:
        """Commit what is waiting and stop."""
        self._queue.put(None)
        self._thread.join()

    def __enter__(self) -> "Writer":
        """Return the writer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _loop(self) -> None:
        going = True
        while going:
            first = self._queue.get()
            if first is None:
                return
            group = [first]
            deadline = time.monotonic() + GROUP_SECONDS
            while (remaining := deadline - time.monotonic()) > 0:
                try:
                    item = self._queue.get(timeout=remaining)
                except queue.Empty:
                    break
                if item is None:
                    going = False
                    break
                group.append(item)
            self._commit(group)

    def _commit(self, group: list[tuple[Work, "Future[None]"]]) -> None:
        try:
            with self._ledger.write() as connection:
                for work, _ in group:
                    work(connection)
        except Exception as error:
            if len(group) == 1:
                group[0][1].set_exception(error)
            else:
                for item in group:
                    self._commit([item])
            return
        for _, future in group:
            future.set_result(None)
