"""The names of sources: as the files gave them, and as they were corrected since."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, select

from ..core.errors import BadInput
from . import tables as t
from .store import now


def source_of_hit(connection: Connection) -> ColumnElement[str]:
    """Return the column of the name that the source of a hit has now."""
    return _renamed(connection, t.hits.c.source, t.hits.c.id, "hits")


def source_of_import(connection: Connection) -> ColumnElement[str]:
    """Return the column of the name that the source of an import has now."""
    return _renamed(connection, t.imports.c.source, t.imports.c.id, "imports")


def _renamed(connection: Connection, name: Any, number: Any, table: str) -> ColumnElement[str]:
    """Return a name with every correction applied, in their order, to the rows that were there when it was made."""
    renames = connection.execute(select(t.source_names).order_by(t.source_names.c.id)).mappings().all()
    cases = []
    for first in dict.fromkeys(row["old"] for row in renames):
        for mark in sorted({row[table] for row in renames}):
            present = first
            for row in renames:
                if row[table] >= mark and row["old"] == present:
                    present = row["new"]
            cases.append((and_(name == first, number <= mark), present))
    return case(*cases, else_=name) if cases else name


@dataclass(frozen=True)
class RenamedSource:
    """A source under its new name. `rows` were renamed; `joined` had that name before and are counted with them now."""

    old: str
    new: str
    rows: int
    joined: int

    def as_json(self) -> dict[str, Any]:
        """Return what `sources rename --json` prints."""
        return dict(vars(self))


def note_rename(connection: Connection, old: str, new: str, who: str) -> tuple[RenamedSource, list[int]]:
    """Give a source another name; return what was renamed, and its hits.

    Raises `BadInput` where no row has the name.
    """
    new = new.strip()
    if not new:
        raise BadInput("sources rename: the new name is empty")
    if old == new:
        raise BadInput(f"sources rename: {old} has this name already")
    name = source_of_hit(connection)
    of_import = source_of_import(connection)
    hits = list(connection.execute(select(t.hits.c.id).where(name == old)).scalars())
    imports = connection.execute(select(func.count()).select_from(t.imports).where(of_import == old)).scalar_one()
    if not hits and not imports:
        names = list(connection.execute(select(name).distinct().order_by(name)).scalars())
        raise BadInput(f"sources rename: no source is called {old}; there are: {', '.join(names) or 'none'}")
    joined = connection.execute(select(func.count()).select_from(t.hits).where(name == new)).scalar_one()
    newest = {
        table.name: connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        for table in (t.hits, t.imports)
    }
    connection.execute(insert(t.source_names), {"old": old, "new": new, **newest, "who": who, "at": now()})
    return RenamedSource(old, new, len(hits), int(joined)), hits
