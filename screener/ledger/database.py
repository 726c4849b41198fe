"""How a database of the program is opened, read and written: SQLite in a file, or PostgreSQL.

The ledger is one, and so is the team's (`team/`). Each has tables and migrations of its own.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import get_ident
from typing import Any, ClassVar

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from ..core.errors import BadInput, LedgerError, LedgerUnavailable
from .dialects import COMPILED
from .failures import NOUN, SETTING, UNREADABLE, Trouble, failure, patience_with, place, short, trouble_of, unreadable
from .migrating import Migration, is_current, migrate
from .postgres_text import storable_dumper
from .remembered import ANSWERS

_LOCK = 0x5C4EE4E4
"""The number of the advisory lock that writers of a PostgreSQL database take."""
_ONE_WRITER = f"""SELECT pg_advisory_xact_lock(
    CASE WHEN current_schema() = 'public' THEN {_LOCK} ELSE hashtextextended(current_schema(), {_LOCK}) END)"""
"""Writers wait for those of their own schema: a schema a review, and reviews do not wait for each other."""
_AGAIN = 0.2
"""Seconds between two attempts to reach a database that is locked or away."""
_BUSY_MS = 30_000
"""For how long SQLite itself waits for a lock where it reads."""
_ATTEMPT_MS = 2_000
"""For how long it does in one attempt to begin to write, which Ctrl-C cannot break."""
_NETWORK = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A PostgreSQL server that does not answer is noticed within half a minute, unless the URL says otherwise."""


def now() -> str:
    """Return the present time, ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Database:
    """A database that is brought to the present shape when it is opened.

    `read()` gives a connection that sees only committed rows; `write()` gives one transaction that is committed as a
    whole or not at all.
    """

    noun: ClassVar[str]
    """What messages call it."""
    setting: ClassVar[str]
    """Where its address is written, for messages."""
    migrations: ClassVar[Sequence[Migration]]

    def __init__(self, url: str, *, reading: bool = False) -> None:
        """Open what is at a SQLAlchemy URL and bring it to the present shape; `reading` opens one that has it.

        What is opened for reading refuses to be written: `write()` raises, and so does any statement that would change it.
        """
        self.engine, self.reading = new_engine(url, self.noun, self.setting, reading=reading), reading
        if not reading:
            _make_private(self.engine)
        self.waiting = self._reached = False
        self.patient = True
        """Whether to wait for a database that is locked or away."""
        self._own = not reading  # while it is opened
        if reading:
            return
        try:
            with self.read() as connection:
                ready = is_current(connection, self.migrations)
            if not ready:
                with self.write() as connection:
                    migrate(connection, self.migrations, self.noun)
        except LedgerError as error:
            if isinstance(error, LedgerUnavailable):
                raise BadInput(str(error)) from None
            if not isinstance(error.__cause__, DatabaseError):
                raise
            reason = short(error.__cause__)
            raise BadInput(f"{place(self.engine)}: cannot be used as a {self.noun}: {reason}") from None
        self._own = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that reads one consistent state; `LedgerError` where the database fails."""
        shared = self._shared()
        with self._consistent() if shared is None else shared.read() as connection:
            yield connection

    def _consistent(self, **options: Any) -> AbstractContextManager[Connection]:
        """Return what `read` gives where nothing is shared."""
        # On a server the transaction is begun with both in one go; a statement of its own would be one more way there and back.
        server = {} if self.is_file else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return self.connected(screener_read=True, **server, **options)

    @contextmanager
    def read_together(self) -> Iterator[None]:
        """Have all that this thread reads meanwhile read one state, on one connection, until it writes: then the newer one.

        A request that asks a dozen things begins and ends one transaction, not a dozen.
        """
        if self._shared() is not None:
            yield
            return
        shared = _SharedRead(self)
        token = _SHARED.set(shared)
        try:
            yield
        finally:
            _SHARED.reset(token)
            shared.end()

    def _shared(self) -> "_SharedRead | None":
        """Return what this thread's reads of this database share."""
        shared = _SHARED.get()
        return shared if shared is not None and shared.of == (self, get_ident()) else None

    @contextmanager
    def connected(self, **options: Any) -> Iterator[Connection]:
        """Yield a connection with these options; `LedgerError` where the database fails."""
        with failures_named(self.engine, own=self._own), ExitStack() as stack:
            yield self._patiently(lambda: stack.enter_context(self.engine.connect().execution_options(**options)))

    @contextmanager
    def write(self, *, settles: bool = True) -> Iterator[Connection]:
        """Yield a transaction that holds the write lock from its first statement; `LedgerError` where the database fails.

        One that `settles` nothing writes only what nothing else is made from, such as leases and drafts: `before_commit` is
        left out.
        """
        if self.reading:
            raise RuntimeError(f"this {self.noun} was opened for reading")
        shared = self._shared()
        if shared is not None:
            shared.renew()
        try:
            with failures_named(self.engine, own=self._own), ExitStack() as stack:
                connection = self._patiently(lambda: stack.enter_context(self.engine.begin()))
                yield connection
                if settles:
                    self.before_commit(connection)
        finally:
            if shared is not None:
                shared.renew()  # what was read meanwhile is the state before

    def before_commit(self, connection: Connection) -> None:
        """Do what belongs to the end of every transaction."""

    def _patiently(self, enter: Callable[[], Connection]) -> Connection:
        """Return a connection; where another program has locked the database or the server is away, wait for it a while.

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
        """Return whether the database is a file, which only the programs of this machine use."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Release the files."""
        self.engine.dispose()


class _SharedRead:
    """A connection that several reads of one thread share. What is read after a write is read from the state that it left."""

    def __init__(self, database: Database) -> None:
        self.of, self._database, self._held = (database, get_ident()), database, ExitStack()
        self._connection: Connection | None = None
        self._readers = 0

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield the connection."""
        if self._connection is None:
            self._connection = self._held.enter_context(self._database._consistent(**{ANSWERS: {}}))
        self._readers += 1
        try:
            with failures_named(self._database.engine, own=self._database._own):
                yield self._connection
        except LedgerError:
            self._connection = None  # a transaction that has failed answers no more
            raise
        finally:
            self._readers -= 1

    def renew(self) -> None:
        """Have the next read begin anew; who is still reading goes on as before."""
        self._connection = None
        if not self._readers:
            self.end()

    def end(self) -> None:
        """Give back what is held."""
        self._held.close()


_SHARED: ContextVar[_SharedRead | None] = ContextVar("shared", default=None)


def _make_private(engine: Engine) -> None:
    """Make the file of a new SQLite database such that only its owner reads it; SQLite gives its log the same mode.

    A file that exists keeps its mode: its owner may have shared it.
    """
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:" or name.startswith("file:"):
        return
    with suppress(OSError):  # the file exists, or its folder is missing or read-only: SQLite names that
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


@contextmanager
def failures_named(engine: Engine, *, own: bool = False) -> Iterator[None]:
    """Raise `LedgerError` in the place of what SQLAlchemy raises, and in the program's own database of what a damaged row does."""
    try:
        yield
    except SQLAlchemyError as error:
        raise failure(error, engine) from error
    except UNREADABLE as error:
        if not own:
            raise
        raise unreadable(error, engine) from error


def new_engine(url: str, noun: str, setting: str, *, reading: bool = False) -> Engine:
    """Return the engine for a URL; `BadInput` for one that is none. `noun` and `setting` are for messages."""
    kind, colon, _ = url.partition(":")
    if colon and kind.partition("+")[0] not in ("sqlite", "postgresql"):
        raise BadInput(f"{setting}: a {noun} can be in postgresql or sqlite, not in `{kind}`")
    options: dict[str, Any] = {"execution_options": {NOUN: noun, SETTING: setting, "compiled_cache": COMPILED}}
    try:
        address = make_url(url)
        if kind in ("sqlite", "postgresql"):
            address = address.set(drivername=f"{kind}+screener")
        if address.get_backend_name() == "postgresql":
            network = {name: value for name, value in _NETWORK.items() if name not in address.query}
            options |= {"pool_pre_ping": True, "connect_args": network}
        engine = create_engine(address, **options)
    except ModuleNotFoundError as error:
        raise BadInput(f"{setting}: needs the package {error.name}; pip install 'screener[postgres]'") from None
    except ArgumentError as error:
        raise BadInput(f"{setting}: not a database URL ({error}); e.g. postgresql://user@host/name") from None
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


def _one_writer_at_a_time(engine: Engine) -> None:
    """Have PostgreSQL behave as SQLite does: writers wait for each other, readers see one consistent state (`read`)."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.adapters.register_dumper(str, storable_dumper())

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("screener_lock", False) and not options.get("screener_read", False):
            connection.exec_driver_sql(_ONE_WRITER)
