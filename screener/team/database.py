"""The team's database: accounts, sessions, the list of reviews and jobs, beside the reviews' ledgers."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Table, func, insert, inspect, make_url, select
from sqlalchemy.schema import CreateSchema, DropSchema

from ..core.errors import BadInput, LedgerError
from ..ledger.database import Database, failures_named, new_engine
from .migrations import MIGRATIONS

SCHEMA = "team"
"""The schema of the team's tables in a PostgreSQL database, in which each review has a schema of its own, too."""


class Team(Database):
    """The team's database, SQLite in a file or a schema of a PostgreSQL database."""

    noun, setting, migrations = "team's database", "database", MIGRATIONS
    shift = timedelta(0)
    """What is added to the time, for tests of what expires."""
    judged_by_others: Callable[[str, str], Collection[str]] | None = None
    """Returns the stages of a review, by its slug, at which somebody else than a person has judged; None where ledgers are not at hand."""

    @classmethod
    def in_file(cls, path: Path) -> "Team":
        """Open the database in a file, made if missing with its folder."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{path.parent}: cannot be made: {error.strerror}") from None
        return cls(f"sqlite:///{path}")

    @classmethod
    def on_server(cls, url: str) -> "Team":
        """Open the one in the schema `team` of a PostgreSQL database, made if missing."""
        make_schema(url, SCHEMA)
        return cls(in_schema(url, SCHEMA))

    @contextmanager
    def rows(self) -> Iterator[Connection]:
        """Yield a transaction that waits only for those that touch the same rows; in SQLite it is `write()`.

        It is for what happens at every request, and by one statement.
        """
        if self.is_file:
            with self.write() as connection:
                yield connection
            return
        with self.connected(screener_lock=True) as connection, connection.begin():
            yield connection

    def time(self, connection: Connection) -> datetime:
        """Return the time: that of the PostgreSQL server, since the clocks of several machines need not agree."""
        if self.is_file:
            return datetime.now(UTC) + self.shift
        moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC) + self.shift

    def now(self, connection: Connection, plus: timedelta = timedelta(0)) -> str:
        """Return the time, or one so much later, as it is stored: ISO 8601 in UTC to the millisecond."""
        return written(self.time(connection) + plus)


def add_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Add a row to a table that numbers its rows; its number."""
    number: int = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return number


def written(moment: datetime) -> str:
    """Return a time as it is stored."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_schema(url: str, schema: str) -> str:
    """Return the address of a schema of a PostgreSQL database, given the address of the database."""
    address = make_url(url)
    options = " ".join([*([str(address.query["options"])] if "options" in address.query else []), _path(schema)])
    return address.update_query_dict({"options": options}).render_as_string(hide_password=False)


def make_schema(url: str, schema: str) -> None:
    """Make a schema of a PostgreSQL database unless it is there."""
    with _schemas(url) as connection:
        connection.execute(CreateSchema(schema, if_not_exists=True))


def has_schema(url: str, schema: str) -> bool:
    """Return whether a PostgreSQL database has a schema."""
    with _schemas(url) as connection:
        return inspect(connection).has_schema(schema)


def drop_schema(url: str, schema: str) -> None:
    """Remove a schema of a PostgreSQL database with all that is in it."""
    with _schemas(url) as connection:
        connection.execute(DropSchema(schema, cascade=True, if_exists=True))


@contextmanager
def _schemas(url: str) -> Iterator[Connection]:
    engine = new_engine(url, Team.noun, Team.setting)
    try:
        with failures_named(engine), engine.begin() as connection:
            yield connection
    except LedgerError as error:
        raise BadInput(str(error)) from None
    finally:
        engine.dispose()


def _path(schema: str) -> str:
    return f"-csearch_path={schema}"
