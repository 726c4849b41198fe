"""Crossref: searching works by its REST API.

A query is a text, which is asked as `query.bibliographic`, or parameters as they stand in an address:
`query.title=asthma&filter=from-pub-date:2018,type:journal-article`. Crossref ranks what has any of the words: its
counts are large. What a notice updates (`update-to`), what updates a paper (`updated-by`: retractions, corrections,
concerns), and relations of preprints are read with the works.

With an e-mail address (`SCREENER_EMAIL`) a request is in the polite pool, which allows more requests a second; how many is in
`X-Rate-Limit-Limit` and `X-Rate-Limit-Interval` of each answer. Cursors are forgotten after five minutes: a search that goes
on later asks again for what it has, without keeping it, until a new cursor is where the old one was.

Sources: https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/,
https://api.crossref.org/swagger-ui/index.html, https://github.com/CrossRef/rest-api-doc
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..records import Entry
from .database import Page, Search
from .http import Answer, Client
from .json_pages import ask, at, digest_of, document_of, listed, number, parameters, read, unreadable
from .services import CROSSREF as SERVICE

ROWS = 200
"""Works of a page. More are allowed (1,000), and slow."""
_FORGOTTEN = (
    "Crossref had forgotten where the search was: its first {:,} works were asked for again and passed over; what was "
    "withdrawn from among them in the meantime shifts the rest"
)
_UNKNOWN = (400, 404)
"""Statuses of an answer to a cursor that is not known any more."""


class Crossref:
    """Crossref's works. A cursor is Crossref's own with the number of works before it."""

    name = "Crossref"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many works the search has. Raises `SourceError`."""
        _, document = ask(client, SERVICE, "works", _asked(client, search) | {"rows": 0})
        return number(at(document, "message", "total-results"))

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page of works. Raises `SourceError`."""
        params = _asked(client, search) | {"rows": ROWS, "sort": "created", "order": "asc"}
        place: Mapping[str, Any] = json.loads(cursor) if cursor else {"cursor": "*", "received": 0}
        answer, document, told = _from(client, params, place)
        items = listed(SERVICE, document, "message", "items")
        stated = number(at(document, "message", "total-results"))
        received = place["received"] + len(items)
        # There is a next cursor behind the last page too.
        more = len(items) == ROWS or (items and stated is not None and received < stated)
        following = at(document, "message", "next-cursor") if more else None
        kept = json.dumps({"cursor": following, "received": received}) if following else None
        told += unreadable(items)
        return Page(answer.body, len(items), stated, kept, digest=digest_of(items, "DOI"), warnings=told)

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, listed(SERVICE, document_of(SERVICE, body), "message", "items"))


def _asked(client: Client, search: Search) -> dict[str, Any]:
    params: dict[str, Any] = parameters(search.query, "query.bibliographic")
    if search.since:
        # Works whose metadata came or changed since: other dates miss notices that are added later.
        params["filter"] = ",".join(filter(None, (params.get("filter", ""), f"from-index-date:{search.since}")))
    return params | ({"mailto": client.contact} if client.contact else {})


def _from(client: Client, params: Mapping[str, Any], place: Mapping[str, Any]) -> tuple[Answer, Any, tuple[str, ...]]:
    """Return the page at a place, its JSON and warnings; go there from the beginning where the cursor is forgotten."""
    if place["received"]:
        answer, document = ask(client, SERVICE, "works", {**params, "cursor": place["cursor"]}, allowed=_UNKNOWN)
        if answer.status not in _UNKNOWN:
            return answer, document, ()
    told = (_FORGOTTEN.format(place["received"]),) if place["received"] else ()
    cursor, passed = "*", 0
    while True:
        answer, document = ask(client, SERVICE, "works", {**params, "cursor": cursor})
        items = listed(SERVICE, document, "message", "items")
        if passed >= place["received"] or not items:
            return answer, document, told
        passed, cursor = passed + len(items), at(document, "message", "next-cursor")


DATABASE = Crossref()
