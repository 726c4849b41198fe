"""What a database is to the program: pages of results for a query, one after the other, and the entries on a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..records import Entry
from .http import Client


@dataclass(frozen=True)
class Search:
    """What a database is asked: a query in its own language, as the protocol has it.

    `since` is a day (ISO 8601): only records that were entered or changed since; empty for all.
    """

    query: str
    since: str = ""


@dataclass(frozen=True)
class Page:
    """A page of results as the database sent it. It is kept as it is, and read again whenever its entries are needed."""

    body: bytes
    received: int
    """Records on this page."""
    stated: int | None
    """How many records the database states for the whole search; None where it does not say."""
    following: str | None
    """Where the next page begins, in the database's own words; None after the last."""
    repeated: int = 0
    """Records of earlier pages that come again from this page on, because the database changed in the meantime."""
    translation: str = ""
    """What the database made of the query, where it says so; on the page that began the search."""
    digest: str = ""
    """Of which records it is a page, whatever else it says: no other page of a search has the same. Empty where that is not told."""
    warnings: tuple[str, ...] = ()
    """What the database warned of on this page, and what did not come as it should: for people, a sentence each."""
    all_again: str = ""
    """Why everything was asked for although only what is new since a day was wanted; empty where the day was heeded."""


@runtime_checkable
class Database(Protocol):
    """A database that can be asked over the network. It keeps nothing between calls: all that a page needs is its cursor."""

    @property
    def name(self) -> str:
        """The database's name, which its records bear as their source."""

    @property
    def suffix(self) -> str:
        """The ending of a file with a page: `xml` or `json`."""

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many records the database states for a search, None where it does not say. Raises `SourceError`."""

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return the page that begins at a cursor, the first for None. Raises `SourceError`."""

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a page that was kept. Raises `SourceError` for a page that is none."""
