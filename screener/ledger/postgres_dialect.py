"""The dialect that PostgreSQL databases are opened with; apart, since few programs need it."""

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from .dialects import Alike


class SharedPostgreSQL(Alike, PGDialect_psycopg):
    """PostgreSQL by psycopg: servers of one version with one way to write a text are alike."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SharedPostgreSQL)
            and self.server_version_info == other.server_version_info
            and self._backslash_escapes == other._backslash_escapes
        )

    __hash__ = Alike.__hash__
