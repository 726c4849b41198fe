"""Zenodo: searching records by its REST API.

A query is in the syntax of Zenodo's search (`metadata.title:(pretrained AND asthma)`); since when records changed is asked as a
part of it. What the service gives: at most 25 records a page to who has no token, 100 to who has one (`ZENODO_TOKEN`), 30
searches a minute, and 10,000 records of a search. Only the last version of a record is in the results; all its versions have one DOI together,
which is among an entry's relations.

Sources: https://developers.zenodo.org/#records, https://help.zenodo.org/guides/search/,
https://blog.zenodo.org/2025/11/25/2025-11-14-search-api-updates/
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..records import Entry
from .database import Page, Search
from .http import Client, SourceError, title
from .json_pages import ask, at, digest_of, document_of, listed, number, read, unreadable
from .services import ZENODO as SERVICE

PAGE = 25
PAGE_WITH_TOKEN = 100
MOST = 10_000
"""Records of one search that the service gives."""


@dataclass(frozen=True)
class DepositedFile:
    """A file of a record: its name, its size in bytes (None where that is not said), and where it is."""

    name: str
    size: int | None
    url: str


class Zenodo:
    """Zenodo's records. A cursor is `page:size`, so that a search goes on as it began whoever has a token by then."""

    name = "Zenodo"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many records the search has. Raises `SourceError`."""
        return number(at(self._ask(client, search, 1, 1)[1], "hits", "total"))

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page of records. Raises `SourceError`."""
        place, size = map(int, cursor.split(":")) if cursor else (1, PAGE_WITH_TOKEN if SERVICE.key else PAGE)
        body, document = self._ask(client, search, place, size)
        hits = listed(SERVICE, document, "hits", "hits")
        stated = number(at(document, "hits", "total"))
        if stated is not None and stated > MOST:
            raise SourceError(
                f"{title(SERVICE)} has {stated:,} records for the query and gives at most {MOST:,} of them; divide the query, "
                "by metadata.publication_date for instance"
            )
        # A page that is full may have another behind it whatever is stated, and one that is not if more is stated.
        more = place * size < MOST and (len(hits) == size or (stated or 0) > place * size)
        following = f"{place + 1}:{size}" if hits and more else None
        return Page(body, len(hits), stated, following, digest=digest_of(hits, "id"), warnings=unreadable(hits))

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, listed(SERVICE, document_of(SERVICE, body), "hits", "hits"))

    def files(self, body: bytes) -> dict[str, tuple[DepositedFile, ...]]:
        """Return the files of a kept page's records by their numbers, `zenodo:36`. Raises `SourceError`."""
        found = dict[str, tuple[DepositedFile, ...]]()
        for record in listed(SERVICE, document_of(SERVICE, body), "hits", "hits"):
            files = at(record, "files")
            found[f"zenodo:{at(record, 'id')}"] = tuple(
                DepositedFile(str(at(file, "key")), number(at(file, "size")), str(at(file, "links", "self") or ""))
                for file in (files if isinstance(files, list) else [])
                if at(file, "key")
            )
        return found

    def _ask(self, client: Client, search: Search, place: int, size: int) -> tuple[bytes, Any]:
        # In brackets, or an `OR` in the query would bind less than what is added.
        query = f"({search.query}) AND updated:[{search.since} TO *]" if search.since else search.query
        # The oldest first: what is added while a search runs comes behind what was received.
        params = {"q": query, "size": size, "page": place, "sort": "oldest"}
        headers = {"Authorization": f"Bearer {SERVICE.key}"} if SERVICE.key else None
        answer, document = ask(client, SERVICE, "records", params, headers=headers)
        return answer.body, document


DATABASE = Zenodo()
