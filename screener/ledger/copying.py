"""A ledger copied from one database to another, row by row in one transaction, and compared before that is committed."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ..core.errors import BadInput
from ..core.files import whole_file
from . import tables as t
from .archive import in_key_order
from .failures import place
from .migrating import is_current
from .parts import in_parts
from .postgres_text import storable
from .store import Ledger

_AT_ONCE = 500
_PASSING = {"run_leases", "previews"}
"""Tables of what a program, or a person in it, does just now, which says nothing elsewhere."""
_MADE = ("agreements_made", "standings_made")
"""Tables of which a ledger that holds nothing may have rows: up to where what is kept is made."""


@dataclass(frozen=True)
class TableCopy:
    """A table that was copied: how many rows it has, and the SHA-256 of its content, the same on both sides."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class LedgerCopy:
    """What was copied. `changed` rows held characters that PostgreSQL cannot, now U+FFFD.

    `documents` files of documents went from the review's folder into the ledger; `missing` of them are nowhere.
    """

    source: str
    target: str
    tables: dict[str, TableCopy]
    changed: int = 0
    documents: int = 0
    missing: int = 0

    @property
    def rows(self) -> int:
        """Return the number of all rows."""
        return sum(table.rows for table in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        """Return what `ledger copy --json` prints."""
        tables = {name: vars(table) for name, table in self.tables.items()}
        return {**vars(self), "tables": tables, "rows": self.rows}


def open_source(address: str) -> Ledger:
    """Open the ledger that is to be copied; one of an earlier program is brought to the present shape first."""
    url = _url(address)
    if (file := _file_of(url)) is not None and not file.is_file():
        raise BadInput(f"{file}: no such ledger")
    ledger = Ledger(url, reading=True)
    with ledger.read() as connection:
        current = is_current(connection, Ledger.migrations)
    if not current:
        ledger.close()
        Ledger(url).close()
        ledger = Ledger(url, reading=True)
    return ledger


def copy_ledger(source: Ledger, address: str, documents: Path | None = None) -> LedgerCopy:
    """Copy a ledger into an empty database, or into a file that is not there yet; whole or not at all.

    `documents` is the folder of a review's document files, which go into a ledger on a server. Raises `BadInput` where
    the target holds anything, and where what was copied is not what stands there.
    """
    url = _url(address)
    file = _file_of(url)
    if file is None:
        return _fill(source, Ledger(url), documents)
    _refuse_used(file)
    with whole_file(file) as partial:
        for ending in ("", "-wal", "-shm"):  # a copy that was killed left these
            with suppress(FileNotFoundError):
                partial.with_name(partial.name + ending).unlink()
        copied = _fill(source, Ledger(f"sqlite:///{partial}"), None)
    return LedgerCopy(copied.source, str(file), copied.tables)


def _url(address: str) -> str:
    return address if "://" in address else f"sqlite:///{address}"


def _file_of(url: str) -> Path | None:
    """Return the file of a SQLite ledger; None for one on a server."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadInput(f"{url.partition('://')[0]}://…: not a database URL; e.g. postgresql://user@host/name") from None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _refuse_used(file: Path) -> None:
    if not file.exists():
        if not file.parent.is_dir():
            raise BadInput(f"{file}: its folder does not exist")
        return
    ledger = Ledger(f"sqlite:///{file}")
    try:
        with ledger.read() as connection:
            _refuse_rows(connection, str(file))
    finally:
        ledger.close()


def _refuse_rows(connection: Connection, name: str) -> None:
    used = [
        table.name
        for table in t.metadata.sorted_tables
        if table.name not in _MADE and connection.execute(select(func.count()).select_from(table)).scalar_one()
    ]
    if used:
        raise BadInput(f"{name}: is not empty ({', '.join(used[:3])}…); nothing was copied. Name an empty database")


def _fill(source: Ledger, target: Ledger, documents: Path | None) -> LedgerCopy:
    names = place(source.engine), place(target.engine)
    kept = [table for table in t.metadata.sorted_tables if table.name not in _PASSING]
    try:
        with source.read() as reading, target.write() as writing:
            _refuse_rows(writing, names[1])
            for name in _MADE:
                writing.execute(delete(t.metadata.tables[name]))
            tables, changed = copy_rows(reading, writing, kept, names[1])
            added, missing = _add_documents(writing, documents) if documents is not None else (0, 0)
    finally:
        target.close()
    return LedgerCopy(*names, tables, changed, added, missing)


def copy_rows(
    reading: Connection, writing: Connection, tables: Sequence[Table], name: str
) -> tuple[dict[str, TableCopy], int]:
    """Copy all rows of some tables into empty ones, and compare them; `name` is the target's, for messages.

    Returns what each table has, and how many rows held characters that PostgreSQL cannot.
    """
    copied: dict[str, TableCopy] = {}
    changed, on_server = 0, writing.dialect.name == "postgresql"
    for table in tables:
        taken, there = _Digest(on_server), _Digest(on_server)
        for some in in_parts(taken.seen(_rows(reading, table)), _AT_ONCE):
            writing.execute(insert(table), some)
        changed += taken.changed
        for _ in there.seen(_rows(writing, table)):
            pass
        if taken.result != there.result:
            raise BadInput(f"{name}: {table.name} is not what was copied; nothing is kept of the copy")
        copied[table.name] = there.result
    if on_server:
        _count_on(writing, tables)
    return copied, changed


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    query = select(table).order_by(*in_key_order(connection, table)).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(query).mappings():
        yield dict(row)


class _Digest:
    """The number and the content of rows, as the target can hold them."""

    def __init__(self, on_server: bool) -> None:
        self._clean = on_server
        self._rows, self._hash, self.changed = 0, hashlib.sha256(), 0

    def seen(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the rows, each taken into account."""
        for row in rows:
            held = {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}
            self.changed += held != row
            values = [_plain(value) for value in (held if self._clean else row).values()]
            self._hash.update(json.dumps(values).encode() + b"\n")
            self._rows += 1
            yield row

    @property
    def result(self) -> TableCopy:
        """Return what there was."""
        return TableCopy(self._rows, self._hash.hexdigest())


def _plain(value: Any) -> Any:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes | memoryview) else value


def _add_documents(connection: Connection, folder: Path) -> tuple[int, int]:
    """Put the files of documents into a ledger on a server; return how many, and how many are nowhere."""
    f, d = t.document_files.c, t.documents.c
    there = select(f.sha256)
    lacking = connection.execute(select(d.sha256).where(d.sha256.not_in(there)).distinct()).scalars().all()
    files = {path.stem: path for path in folder.glob("*") if path.is_file()} if folder.is_dir() else {}
    added = 0
    for digest in lacking:
        if digest in files:
            connection.execute(insert(t.document_files), {"sha256": digest, "body": files[digest].read_bytes()})
            added += 1
    return added, len(lacking) - added


def _count_on(connection: Connection, tables: Sequence[Table]) -> None:
    """Have PostgreSQL number new rows after those that were copied with their numbers."""
    for table in tables:
        if "id" in table.c and table.c.id.autoincrement is True:
            newest = connection.execute(select(func.max(table.c.id))).scalar()
            if newest is not None:
                counter = f"pg_get_serial_sequence('{table.name}', 'id')"
                connection.execute(text(f"SELECT setval({counter}, :newest)"), {"newest": newest})
