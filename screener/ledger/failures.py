"""What can befall a database of the program, told apart: which failures pass, and what to do about the others."""

import shutil
import zlib
from enum import Enum
from json import JSONDecodeError
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from ..core.errors import LedgerError, LedgerUnavailable


class Trouble(Enum):
    """A state of the database in which it takes nothing, whoever asks."""

    LOCKED = "locked"
    AWAY = "away"
    FULL = "full"
    DAMAGED = "damaged"
    READ_ONLY = "read-only"
    DISK = "disk"


PATIENCE = {Trouble.LOCKED: 300.0, Trouble.AWAY: 30.0}
"""For how many seconds a state that may pass is waited for; the others do not pass by themselves."""

_PLAIN = {
    Trouble.LOCKED: "The database is locked by another program; try again in a moment.",
    Trouble.AWAY: "The database cannot be reached now; try again in a moment.",
    Trouble.FULL: "The disk is full, so nothing more can be saved; what was stored before is whole.",
    Trouble.DAMAGED: "The database is damaged and has to be restored from a backup.",
    Trouble.READ_ONLY: "The database cannot be written.",
    Trouble.DISK: "The disk of the database cannot be read or written.",
}
"""What people are told who cannot see to the database, and are not to know where it is."""

_SQLITE = {
    "SQLITE_BUSY": Trouble.LOCKED,
    "SQLITE_LOCKED": Trouble.LOCKED,
    "SQLITE_FULL": Trouble.FULL,
    "SQLITE_CORRUPT": Trouble.DAMAGED,
    "SQLITE_NOTADB": Trouble.DAMAGED,
    "SQLITE_READONLY": Trouble.READ_ONLY,
    "SQLITE_CANTOPEN": Trouble.READ_ONLY,
    "SQLITE_PERM": Trouble.READ_ONLY,
    "SQLITE_IOERR": Trouble.DISK,
}
# By the classes of SQLSTATE; the longest prefix that fits counts.
_POSTGRES = {
    "08": Trouble.AWAY,
    "57P": Trouble.AWAY,
    "53": Trouble.AWAY,
    "531": Trouble.FULL,
    "40001": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "55P03": Trouble.LOCKED,
    "25006": Trouble.READ_ONLY,
    "58030": Trouble.DISK,
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}
UNREADABLE = (zlib.error, UnicodeDecodeError, JSONDecodeError, ValidationError)
"""What is raised where a stored row is not what was written: SQLite keeps no checksums."""
NOUN, SETTING = "screener_noun", "screener_setting"
"""The options of an engine that say what messages call the database, and where its address is written."""
_LITTLE_ROOM = 1 << 16
"""With fewer free bytes than this, a failure to write is taken for a full disk."""
_LONGEST = 300
"""So many characters of what a database says are told."""


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what befell the database, or None where the statement itself was at fault."""
    if not isinstance(error, DBAPIError):
        return None
    if (name := getattr(error.orig, "sqlite_errorname", None)) is not None:
        return next((trouble for start, trouble in _SQLITE.items() if name.startswith(start)), None)
    if str(error.orig).startswith("Could not decode to UTF-8"):  # of SQLite's driver, not of SQLite
        return Trouble.DAMAGED
    state = getattr(error.orig, "sqlstate", None) or ""
    fitting = [start for start in _POSTGRES if state.startswith(start)]
    if fitting:
        return _POSTGRES[max(fitting, key=len)]
    # A connection that breaks, or cannot be made in time, has no state to tell of.
    broken = error.connection_invalidated or (not state and isinstance(error, OperationalError))
    return Trouble.AWAY if broken and hasattr(error.orig, "sqlstate") else None


def patience_with(trouble: Trouble | None) -> float:
    """Return for how many seconds to wait for the end of a state; 0 for what does not pass."""
    return 0.0 if trouble is None else PATIENCE.get(trouble, 0.0)


def place(engine: Engine) -> str:
    """Return where a database is: the path of its file, or the address without the password."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        return engine.url.database
    return engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=True)


def failure(error: Exception, engine: Engine) -> LedgerError:
    """Return what to raise in the place of what SQLAlchemy raised."""
    trouble = trouble_of(error)
    if trouble is None:
        return LedgerError(f"{type(error).__name__}: {short(error)}")
    if trouble is Trouble.DISK and _is_full(engine):
        trouble = Trouble.FULL
    message = f"{place(engine)}: {_told(trouble, engine, short(error))}"
    return LedgerUnavailable(message, patience=patience_with(trouble), plain=_PLAIN[trouble])


def unreadable(error: Exception, engine: Engine) -> LedgerError:
    """Return what to raise where a stored row cannot be read."""
    return LedgerUnavailable(
        f"{place(engine)}: {_told(Trouble.DAMAGED, engine, f'a row cannot be read: {short(error)}')}",
        plain=_PLAIN[Trouble.DAMAGED],
    )


def _told(trouble: Trouble, engine: Engine, reason: str) -> str:
    words = engine.get_execution_options()
    noun, setting = words.get(NOUN, "ledger"), words.get(SETTING, "SCREENER_LEDGER")
    match trouble:
        case Trouble.LOCKED:
            return f"another program keeps the {noun} locked ({reason}); end it, then run the command again"
        case Trouble.AWAY:
            return (
                f"cannot be used as a {noun} now: no connection to the database ({reason}); "
                f"see that its server runs and that {setting} names it, then run the command again"
            )
        case Trouble.FULL:
            return (
                f"the disk is full ({reason}); make room, then run the command again: what was stored before is whole"
            )
        case Trouble.READ_ONLY:
            return f"the {noun} cannot be written ({reason}); see to the permissions of the file and of its folder"
        case Trouble.DISK:
            return f"the {noun} cannot be read or written ({reason}); see to the disk, then run the command again"
        case Trouble.DAMAGED:
            return f"cannot be used as a {noun}: it is damaged ({reason}); {_mending(engine)}"


def _mending(engine: Engine) -> str:
    if engine.dialect.name != "sqlite":
        return "restore the database from a backup"
    return (
        "put a backup in its place, or save what can be read: "
        f"`sqlite3 {engine.url.database} .recover | sqlite3 recovered.db`"
    )


def _is_full(engine: Engine) -> bool:
    try:
        return shutil.disk_usage(Path(engine.url.database or ".").parent).free < _LITTLE_ROOM
    except OSError:
        return False


def short(error: BaseException | None) -> str:
    """Return what the database said, on one line that is not too long."""
    line = " ".join(str(getattr(error, "orig", None) or error).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
