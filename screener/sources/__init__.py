"""Databases that can be asked for records over the network.

There is no built-in one yet: records come from files. A package that adds one declares it as an entry point of the
group `screener.sources`; what retrieves records will ask the sources that stand here.
"""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from ..core.registry import Registry
from ..records import Hit

__all__ = ["SOURCES", "Database"]


@runtime_checkable
class Database(Protocol):
    """A database that answers a query, written in its own language, with rows."""

    @property
    def name(self) -> str:
        """The database's name, which its records bear as their source."""

    def count(self, query: str) -> int | None:
        """Return how many rows the database states for a query, None where it does not say."""

    def fetch(self, query: str) -> Iterator[Hit]:
        """Yield the rows in the database's order, numbered from 1."""


SOURCES: Registry[Database] = Registry("screener.sources", Database)  # type: ignore[type-abstract]
"""The databases by name."""
