"""The ledger as JSON Lines: which tables an audit has, a row as a line, and a line as a row again."""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import BigInteger, Connection, Float, Integer, Table, Text, func, select

from ...ledger import tables as t
from ...ledger.migrations import bulk_in

FORMAT = 2
"""The version of the archive's shape."""
LEFT_OUT = {
    "drafts": "forms that somebody has begun to fill",
    "leases": "who holds which record just now",
    "queue": "an order made from the judgements",
    "queue_built": "when that order was made",
}
"""The tables that are no part of an audit, and what they hold: the program makes and clears them as it works."""
TABLES: tuple[Table, ...] = tuple(table for name, table in sorted(t.metadata.tables.items()) if name not in LEFT_OUT)
PATHS = {("imports", "file"), ("documents", "file"), ("batches", "file")}
"""Columns with a path, of which the audit keeps the file's name: folders say nothing of the review."""
_NAME = re.compile(
    r"(?:README\.txt|environment\.json|figures\.json|report\.html|manifest\.json"
    r"|(?:prompts|gold|ledger|documents)(?:/[^/\\:*?\"<>|\x00-\x1f\ud800-\udfff]{1,120}){1,8})"
)
_AT_ONCE = 500
_BIGGEST = 2**63

Row = dict[str, Any]
Change = Callable[[Row], Row]


def is_name(name: str) -> bool:
    """Whether a member may be called so: a file in one of the archive's folders, on any system, and nowhere else."""
    return bool(_NAME.fullmatch(name)) and not any(
        part.strip(". ") == "" or part[-1] in ". " for part in name.split("/")
    )


def member(table: Table) -> str:
    """The name of a table's member in the archive."""
    return f"ledger/{table.name}.jsonl"


def columns(table: Table) -> list[str]:
    """The names of a row, in the order of the table; a text stands as `text`, not packed as in the ledger."""
    return ["hash", "text"] if table is t.texts else [column.name for column in table.columns]


def rows(connection: Connection, table: Table) -> Iterator[Row]:
    """The rows of a table as they are written, sorted by key and read a few at a time."""
    keys = list(table.primary_key.columns)
    if connection.dialect.name == "postgresql":  # its languages sort texts in ways of their own
        order = [key.collate("C") if isinstance(key.type, Text) else key for key in keys]
    else:
        order = list(keys)
    query = select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)
    for found in connection.execute(query).mappings():
        row = dict(found)
        if table is t.texts:
            row = {"hash": row["hash"], "text": zlib.decompress(row["body"]).decode("utf-8", "surrogatepass")}
        for name in row:
            if (table.name, name) in PATHS:
                row[name] = re.split(r"[\\/]", row[name])[-1]
        yield row


def as_line(row: Row) -> bytes:
    """A row as a line of UTF-8; half of a surrogate pair, which UTF-8 cannot hold, makes it plain ASCII."""
    try:
        return (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(row, allow_nan=False) + "\n").encode()


def as_row(table: Table, line: bytes) -> Row:
    """A line as the row that it stands for; ValueError with what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON") from None
    if isinstance(row, dict) and table is t.judgement_context and isinstance(row.get("body"), str):
        row.setdefault("bulk", bulk_in(row["body"]))  # an audit of format 1 has it in the body alone
    if not isinstance(row, dict) or sorted(row) != sorted(columns(table)):
        raise ValueError(f"has not the columns {', '.join(columns(table))}")
    if table is t.texts:
        if not isinstance(row["hash"], str) or not isinstance(row["text"], str | None):
            raise ValueError("hash and text must be texts")
        return dict(row)
    for column in table.columns:
        value = row[column.name]
        if value is None and (column.nullable and not column.primary_key):
            continue
        if not _fits(column.type, value):
            raise ValueError(f"{column.name}: {str(value)[:40]!r} is not what the column holds")
    return row


def _fits(kind: Any, value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(kind, Text):
        return isinstance(value, str)
    if isinstance(kind, BigInteger | Integer):
        return isinstance(value, int) and -_BIGGEST <= value < _BIGGEST
    return isinstance(kind, Float) and isinstance(value, int | float) and abs(value) < 1e300


def sizes(connection: Connection) -> dict[str, int]:
    """How many rows there are; without gold labels and looks at a gate, which reading the figures itself may add."""
    found = {}
    for table in TABLES:
        query = select(func.count()).select_from(table)
        if table is t.judgements:
            query = query.where(t.judgements.c.role != "gold")
        if table is not t.looks:
            found[table.name] = int(connection.execute(query).scalar_one())
    return found
