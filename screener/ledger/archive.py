"""Whole tables, for an audit: their rows as plain values, the check that a row fits its table, and rows put back.

A row of `texts` has `hash` and `text`, not the packed bytes that the ledger stores.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Float, Integer, Table, Text, func, insert, select

from . import tables as t
from .parts import in_parts
from .texts import pack, unpack

Row = dict[str, Any]

TABLES: tuple[str, ...] = tuple(sorted(t.metadata.tables))
"""The names of all tables."""
_AT_ONCE, _INSERTED = 500, 1_000
_BIGGEST = 2**63


def columns(table: str) -> list[str]:
    """Return the names of a row's values, in the order of the table."""
    return ["hash", "text"] if table == "texts" else [column.name for column in t.metadata.tables[table].columns]


def in_key_order(connection: Connection, shape: Table) -> list[ColumnElement[Any]]:
    """Return what the rows of a table are sorted by, so that every database gives the same order."""
    keys = shape.primary_key.columns
    if connection.dialect.name == "postgresql":  # its languages sort texts in ways of their own
        return [key.collate("C") if isinstance(key.type, Text) else key for key in keys]
    return list(keys)


def table_rows(connection: Connection, table: str) -> Iterator[Row]:
    """Yield the rows of a table sorted by key, read a few at a time."""
    shape = t.metadata.tables[table]
    query = select(shape).order_by(*in_key_order(connection, shape)).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(query).mappings():
        yield {"hash": row["hash"], "text": unpack(row["body"])} if table == "texts" else dict(row)


def check_row(table: str, row: Row) -> None:
    """Raise ValueError with what is wrong where a row does not fit its table."""
    if sorted(row) != sorted(columns(table)):
        raise ValueError(f"has not the columns {', '.join(columns(table))}")
    if table == "texts":
        if not isinstance(row["hash"], str) or not isinstance(row["text"], str | None):
            raise ValueError("hash and text must be texts")
        return
    for column in t.metadata.tables[table].columns:
        value = row[column.name]
        if value is None and (column.nullable and not column.primary_key):
            continue
        if not _fits(column.type, value):
            raise ValueError(f"{column.name}: {str(value)[:40]!r} is not what the column holds")


def _fits(kind: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(kind, Text):
        return isinstance(value, str)
    if isinstance(kind, BigInteger | Integer):
        return isinstance(value, int) and -_BIGGEST <= value < _BIGGEST
    return isinstance(kind, Float) and isinstance(value, int | float) and abs(value) < 1e300


def insert_rows(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    """Put rows of `table_rows` into a table; a text that is None was left out and is not put in."""
    if table == "texts":
        rows = ({"hash": row["hash"], "body": pack(row["text"], 1)} for row in rows if row["text"] is not None)
    for some in in_parts(rows, _INSERTED):
        connection.execute(insert(t.metadata.tables[table]), some)


def count_rows(connection: Connection, tables: Iterable[str]) -> dict[str, int]:
    """Return how many rows each table has."""
    sizes = {}
    for table in tables:
        query = select(func.count()).select_from(t.metadata.tables[table])
        sizes[table] = int(connection.execute(query).scalar_one())
    return sizes


def document_files(connection: Connection) -> list[str]:
    """Return the SHA-256 of every file that was ever attached, sorted."""
    c = t.documents.c
    return list(connection.execute(select(c.sha256).distinct().order_by(c.sha256)).scalars())


def lost_texts(connection: Connection, limit: int) -> list[tuple[str, int, str]]:
    """Return the documents and calls whose text is not there: table, number and the text's hash, `most` of each."""
    lost, stored_hashes = [], select(t.texts.c.hash)
    for table, column in ((t.documents, t.documents.c.content), (t.calls, t.calls.c.response)):
        query = select(table.c.id, column).where(column.is_not(None), column.not_in(stored_hashes)).order_by(table.c.id)
        lost += [(table.name, int(number), str(digest)) for number, digest in connection.execute(query.limit(limit))]
    return lost
