"""Opening the ledger, to read it or to write it in one transaction; `writer` commits many small ones in groups."""

import hashlib
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from ..core.errors import BadInput, LedgerError, LedgerUnavailable
from .failures import UNREADABLE, Trouble, failure, patience_with, place, short, trouble_of, unreadable
from .file_lock import lock_file
from .migrations import is_current, migrate
from .postgres_text import storable_dumper
from .run_leases import RunLease, take_lease

_LOCK = 0x5C4EE4E4
"""The number of the advisory lock that writers of a PostgreSQL ledger take."""
_AGAIN = 0.2
"""Seconds between two attempts to reach a ledger that is locked or away."""
_BUSY_MS = 30_000
"""For how long SQLite itself waits for a lock where it reads."""
_ATTEMPT_MS = 2_000
"""For how long it does in one attempt to begin to write, which Ctrl-C cannot break."""
_NETWORK = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A PostgreSQL server that does not answer is noticed within half a minute, unless the URL says otherwise."""


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
        self.folder = Path(self.engine.url.database).parent if self.is_file and self.engine.url.database else None
        self.waiting = self._reached = False
        self.patient = True
        """Whether to wait for a ledger that is locked or away."""
        self._own = not reading  # while it is opened
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
            if isinstance(error, LedgerUnavailable):
                raise BadInput(str(error)) from None
            if not isinstance(error.__cause__, DatabaseError):
                raise
            reason = short(error.__cause__)
            raise BadInput(f"{place(self.engine)}: cannot be used as a ledger: {reason}") from None
        self._own = False

    @classmethod
    def of(cls, folder: Path) -> "Ledger":
        """Return the ledger kept in a review's `.screener/` folder, made if missing."""
        if url := os.environ.get("SCREENER_LEDGER"):
            ledger = cls(url)
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
        with _failures_named(self.engine, own=self._own), ExitStack() as stack:
            yield self._patiently(
                lambda: stack.enter_context(self.engine.connect().execution_options(screener_read=True))
            )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a transaction that holds the write lock from its first statement.

        `LedgerError` where the database fails. What is kept beside the rows that it changes is made anew before it is
        committed (`keepers`).
        """
        if self.reading:
            raise RuntimeError("this ledger was opened for reading")
        with _failures_named(self.engine, own=self._own), ExitStack() as stack:
            connection = self._patiently(lambda: stack.enter_context(self.engine.begin()))
            yield connection
            for keeper in [*self.keepers, *self.own_keepers]:
                keeper(connection)

    def _patiently(self, enter: Callable[[], Connection]) -> Connection:
        """Return a connection; where another program has locked the ledger or the server is away, wait for it a while.

        A server that was never reached is not waited for: its address is more likely to be wrong.
        """
        started = time.monotonic()
        while True:
            try:
                connection = enter()
            except SQLAlchemyError as error:
                trouble = trouble_of(error)
                hopeless = trouble is Trouble.AWAY and not self._reached
                if hopeless or not self.patient or time.monotonic() - started >= patience_with(trouble):
                    raise
                self.waiting = True
                time.sleep(_AGAIN)
            else:
                self.waiting, self._reached = False, True
                return connection

    @property
    def is_file(self) -> bool:
        """Return whether the ledger is a file, which only the programs of this machine use."""
        return self.engine.dialect.name == "sqlite"

    def within(self, connection: Connection) -> "Ledger":
        """Return the ledger as a transaction sees it, for functions that read; it ends with the transaction."""
        return _Within(self.engine, connection)

    @contextmanager
    def alone(self, name: str, busy: str) -> Iterator[RunLease | None]:
        """Hold a lock of that name, which ends with the process however it ends: on a server a lease, else a file's lock.

        `BadInput(busy)` if another holds it.
        """
        if not self.is_file:
            with _failures_named(self.engine):
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
def _failures_named(engine: Engine, *, own: bool = False) -> Iterator[None]:
    """Raise `LedgerError` in the place of what SQLAlchemy raises, and in a review's own ledger of what a damaged row does."""
    try:
        yield
    except SQLAlchemyError as error:
        raise failure(error, engine) from error
    except UNREADABLE as error:
        if not own:
            raise
        raise unreadable(error, engine) from error


def _engine(url: str, *, reading: bool = False) -> Engine:
    if url.startswith("postgresql:"):
        url = url.replace("postgresql:", "postgresql+psycopg:", 1)
    kind, colon, _ = url.partition(":")
    if colon and kind.partition("+")[0] not in ("sqlite", "postgresql"):
        raise BadInput(f"SCREENER_LEDGER: a ledger can be in postgresql or sqlite, not in `{kind}`")
    options: dict[str, Any] = {}
    try:
        if kind.partition("+")[0] == "postgresql":
            given = make_url(url).query
            network = {name: value for name, value in _NETWORK.items() if name not in given}
            options = {"pool_pre_ping": True, "connect_args": network}
        engine = create_engine(url, **options)
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
        for pragma in (f"busy_timeout = {_BUSY_MS}", *settings):
            connection.execute(f"PRAGMA {pragma}")
        # SQLite itself looks past case in ASCII only.
        connection.create_function("casefold", 1, lambda text: text and text.casefold(), deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock at once avoids the deadlock of two readers that both want to become writers.
        reading = connection.get_execution_options().get("screener_read", False)
        if reading:
            connection.exec_driver_sql("BEGIN")
            return
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_ATTEMPT_MS}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_MS}")

    return engine


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


def _one_writer_at_a_time(engine: Engine) -> None:
    """Have PostgreSQL behave as SQLite does: writers wait for each other, readers see one consistent state."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.adapters.register_dumper(str, storable_dumper())

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("screener_lock", False):
            return
        if options.get("screener_read", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
