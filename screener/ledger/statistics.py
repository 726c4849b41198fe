"""What a PostgreSQL server knows of its tables, kept up to date by us where it would notice too late."""

from sqlalchemy import Connection, Table, text

MANY = 2_000
"""After so many new rows the server is told at once: for up to a minute it would read a whole table where an index leads."""


def look_at(connection: Connection, added: int, *tables: Table) -> None:
    """Have the server count anew what is in some tables to which so many rows were added; SQLite needs no telling."""
    if added >= MANY and connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f"ANALYZE {table.name}"))
