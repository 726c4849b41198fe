"""What a review's folder and ledger hold, byte for byte and row for row, and folders that nobody may write into."""

import ctypes
import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from screener.ledger.store import Ledger
from screener.ledger.tables import metadata

LEFT_OUT = ("leases", "marks")
"""Tables that a reading command may change: who has which record open, and events of the app."""
_BESIDE = (".db-wal", ".db-shm")
"""Files that SQLite keeps beside a database while it is open."""
_DAC_OVERRIDE, _DAC_READ_SEARCH, _VERSION = 1, 2, 0x20080522


def rows(review: Path) -> dict[str, list[Any]]:
    """All rows of the ledger, by table; without the tables that are left out."""
    ledger = Ledger.for_reading(review / ".screener")
    with ledger.read() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in metadata.tables.items()
            if name not in LEFT_OUT
        }
    ledger.close()
    return found


def files(review: Path) -> dict[str, str]:
    """The hash of every file of the folder, by its path."""
    gc.collect()  # a ledger that nobody holds any more is closed
    return {
        str(path.relative_to(review)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(review.rglob("*"))
        if path.is_file() and not path.name.endswith(_BESIDE)
    }


@contextmanager
def read_only(review: Path) -> Iterator[None]:
    """Take away the right to write anything in a folder, from the administrator too."""
    gc.collect()
    places = [review, *review.rglob("*")]
    modes = {path: path.stat().st_mode for path in places}
    for path in places:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with _without_privileges():
            yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Data(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


@contextmanager
def _without_privileges() -> Iterator[None]:
    """Have the modes of files hold for the administrator as for anybody (capabilities(7): CAP_DAC_OVERRIDE)."""
    if os.geteuid() != 0:
        yield
        return
    library = ctypes.CDLL(None, use_errno=True)
    header, data = _Header(_VERSION, 0), (_Data * 2)()
    assert library.capget(ctypes.byref(header), data) == 0
    before = data[0].effective
    data[0].effective = before & ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
    assert library.capset(ctypes.byref(header), data) == 0
    try:
        yield
    finally:
        data[0].effective = before
        assert library.capset(ctypes.byref(header), data) == 0
