"""Databases that other packages bring: whatever goes wrong in one is told in a line, and the other sources go on."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..core.errors import BadInput
from ..records import Entry
from .database import Database, Page, Search
from .http import Client, SourceError


@dataclass(frozen=True)
class ForeignDatabase:
    """A database of another package, of which every answer is looked at before it is used. `key` is its entry's name."""

    key: str
    database: Database

    @property
    def name(self) -> str:
        """The database's name."""
        return str(self.database.name)

    @property
    def suffix(self) -> str:
        """The ending of a file with a page."""
        return str(self.database.suffix)

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many records the database states. Raises `SourceError`."""
        with self._told("count"):
            stated = self.database.count(client, search)
            if not _is_number(stated):
                raise TypeError(f"{stated!r} is no number of records")
            return stated

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page. Raises `SourceError`."""
        with self._told("page"):
            page = self.database.page(client, search, cursor)
            if not isinstance(page, Page) or not isinstance(page.body, bytes):
                raise TypeError("no Page with a body of bytes")
            numbers = _is_number(page.stated) and type(page.received) is int and type(page.repeated) is int
            if not numbers or not isinstance(page.following, str | None):
                raise TypeError("a Page whose numbers are no numbers, or whose cursor is no text")
            if page.following is not None and page.following == cursor:
                raise ValueError(f"the page at {cursor!r} is said to follow itself")
            return page

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Yield the entries of a page. Raises `SourceError`."""
        with self._told("entries"):
            for entry in self.database.entries(body):
                if not isinstance(entry, Entry):
                    raise TypeError(f"a {type(entry).__name__} is no Entry")
                yield entry

    @contextmanager
    def _told(self, method: str) -> Iterator[None]:
        try:
            yield
        except BadInput:
            raise
        except Exception as error:  # whatever the package does
            problem = " ".join(f"{type(error).__name__}: {error}".split())
            raise SourceError(
                f"{self.name}: the package that brings `{self.key}` failed in `{method}` ({problem}); update or uninstall it"
            ) from error


def _is_number(value: object) -> bool:
    return value is None or type(value) is int
