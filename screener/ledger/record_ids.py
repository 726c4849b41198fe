"""The ids of records: after a merge a record keeps the ids of its parts, and rows of the ledger may bear any of them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, FromClause, Table, bindparam, func, select

from ..core.errors import BadInput
from . import tables as t
from .parts import in_parts
from .remembered import remembered

_MERGED = select(t.aliases.c.alias).where(t.aliases.c.record_id.in_(bindparam("ids", expanding=True)))
"""Made once: a page asks it dozens of times, and to make it takes longer than to answer it."""
_CURRENT = select(
    func.coalesce(
        select(t.aliases.c.record_id).where(t.aliases.c.alias == bindparam("name")).scalar_subquery(),
        select(t.records.c.id).where(t.records.c.id == bindparam("name")).scalar_subquery(),
    )
)


def with_current_ids(table: Table) -> tuple[FromClause, ColumnElement[str]]:
    """Return a table with a `record_id` to select from, and the column of the ids that its records have now."""
    a = t.aliases.c
    return table.outerjoin(t.aliases, a.alias == table.c.record_id), func.coalesce(a.record_id, table.c.record_id)


def all_ids(connection: Connection, record_id: str) -> list[str]:
    """Return all ids under which rows of a record may stand: its own first, then those of what was merged into it."""
    return all_ids_of(connection, [record_id])


def all_ids_of(connection: Connection, record_ids: Collection[str]) -> list[str]:
    """Return the records' own ids, then those of what was merged into them; some hundreds of records at most."""
    return list(_all_ids(connection, tuple(record_ids)))


@remembered
def _all_ids(connection: Connection, record_ids: tuple[str, ...]) -> tuple[str, ...]:
    merged = connection.execute(_MERGED, {"ids": record_ids}).scalars()
    return tuple(dict.fromkeys([*record_ids, *merged]))


def current_id(connection: Connection, name: str) -> str:
    """Return the id of the record that an id or alias means; `BadInput` where there is none."""
    record_id = connection.execute(_CURRENT, {"name": name}).scalar()
    if record_id is None:
        raise BadInput(f"{name}: no record has this id")
    return str(record_id)


def current_ids_of(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Return the present record of each of these ids that stands for one."""
    a = t.aliases.c
    current: dict[str, str] = {}
    for part in in_parts(names):
        current |= {
            row.id: row.id for row in connection.execute(select(t.records.c.id).where(t.records.c.id.in_(part)))
        }
        query = select(a.alias, a.record_id).where(a.alias.in_(part))
        current |= {row.alias: row.record_id for row in connection.execute(query)}
    return current
