"""Leases on what runs ask, in a ledger on a server: a run says every few seconds that it still lives.

Whoever comes second watches the lease by a clock of their own, so that the clocks of machines need not agree. A lease that
has moved belongs to a run that lives; one that has not for `EXPIRY` seconds is free, however its run ended.
"""

import threading
import time
import uuid
from contextlib import suppress

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from . import tables as t

BEAT, EXPIRY = 2.0, 15.0
"""Seconds between two signs of life, and after how many without one a run counts as dead."""
_LOOK = 0.5


class RunLease:
    """A lease that is held. It is kept alive by a thread until `release`."""

    def __init__(self, engine: Engine, name: str, holder: str) -> None:
        """Start to keep the lease of that name alive, which `holder` has."""
        self.taken = False
        """Whether another run has taken the lease over, since this one gave no sign of life."""
        self._engine, self._name, self._holder = engine, name, holder
        self._beaten = time.monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="run-lease", daemon=True)
        self._thread.start()

    @property
    def stale(self) -> bool:
        """Return whether the last sign of life is so old that another run may soon take over."""
        return time.monotonic() - self._beaten > EXPIRY / 2

    def release(self) -> None:
        """Stop, and give the lease back."""
        self._end.set()
        self._thread.join()
        c = t.run_leases.c
        with suppress(SQLAlchemyError), _connected(self._engine) as connection:  # else it expires
            connection.execute(delete(t.run_leases).where(c.name == self._name, c.holder == self._holder))

    def _beat(self) -> None:
        c = t.run_leases.c
        statement = update(t.run_leases).where(c.name == self._name, c.holder == self._holder)
        while not self._end.wait(BEAT):
            at = time.monotonic()
            with suppress(SQLAlchemyError), _connected(self._engine) as connection:
                if not connection.execute(statement.values(beat=c.beat + 1)).rowcount:
                    self.taken = True
                    return
                self._beaten = at


def take_lease(engine: Engine, name: str) -> RunLease | None:
    """Return the lease of that name, or None where the run that has it lives.

    It takes a few seconds to see that; `EXPIRY` to see that it does not.
    """
    holder, c = uuid.uuid4().hex, t.run_leases.c
    watched: tuple[str, int] | None = None
    since = time.monotonic()
    while True:
        with _connected(engine) as connection:
            row = connection.execute(select(c.holder, c.beat).where(c.name == name)).first()
            state = None if row is None else (row.holder, row.beat)
            if state is None:
                if _inserted(connection, name, holder):
                    return RunLease(engine, name, holder)
            elif watched is not None and state != watched:
                return None
            elif watched is not None and time.monotonic() - since >= EXPIRY:
                same = (c.name == name, c.holder == state[0], c.beat == state[1])
                if connection.execute(update(t.run_leases).where(*same).values(holder=holder, beat=0)).rowcount:
                    return RunLease(engine, name, holder)
            watched = state
        time.sleep(_LOOK)


def _inserted(connection: Connection, name: str, holder: str) -> bool:
    try:
        connection.execute(insert(t.run_leases).values(name=name, holder=holder, beat=0))
    except IntegrityError:  # another run was quicker
        return False
    return True


def _connected(engine: Engine) -> Connection:
    """Return a connection each statement of which is a transaction that waits for no writer."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT", screener_lock=True)
