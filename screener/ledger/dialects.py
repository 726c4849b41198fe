"""The dialects of SQL that databases are opened with: what one engine has compiled, the others of the process use too.

SQLAlchemy keeps what it compiles by the engine. A program that opens many databases, as a server does and the tests do,
would compile each statement once for each of them.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.util import LRUCache

COMPILED: LRUCache[Any, Any] = LRUCache(1000)
"""The statements that were compiled last, by dialect: the option `compiled_cache` of every engine."""


class Alike(Dialect):
    """A dialect that equals every other of its kind, which compiles a statement to the same."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class SharedSQLite(Alike, SQLiteDialect_pysqlite):
    """SQLite by Python's own driver."""

    supports_statement_cache = True


registry.register("sqlite.screener", __name__, "SharedSQLite")
registry.register("postgresql.screener", f"{__package__}.postgres_dialect", "SharedPostgreSQL")
