"""Europe PMC: searching by its REST API, whole records (`resultType=core`), page after page by `cursorMark`.

A query is in Europe PMC's syntax, and is searched with synonyms, as the web site does it. Parameters may be named instead:
`query=asthma&synonym=FALSE`. What is new was indexed or updated since (`FIRST_IDATE`, `UPDATE_DATE`). The service answers what
it rejects with status 200 and a message.

Sources: https://europepmc.org/RestfulWebService, https://europepmc.org/searchsyntax
"""

import json
from collections.abc import Iterable
from typing import Any

from ..records import Entry
from .database import Page, Search
from .http import Client, RejectedError, title
from .json_pages import ask, at, digest_of, document_of, listed, number, parameters, read
from .services import EUROPE_PMC as SERVICE

PAGE = 200


class EuropePmc:
    """Europe PMC. A cursor is `cursorMark` and the number of records that came before."""

    name = "Europe PMC"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many records the search has. Raises `SourceError`."""
        return number(at(self._ask(client, search, "*", 1)[1], "hitCount"))

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page of records. Raises `SourceError`."""
        mark, before = json.loads(cursor) if cursor else ("*", 0)
        body, document = self._ask(client, search, mark, PAGE)
        results = listed(SERVICE, document, "resultList", "result")
        stated, following = number(at(document, "hitCount")), at(document, "nextCursorMark")
        seen = before + len(results)
        # The mark of the last page is that of the page itself, or leads to an empty one.
        last = not results or following in (None, "", mark) or (len(results) < PAGE and seen >= (stated or 0))
        kept = None if last else json.dumps([following, seen])
        return Page(body, len(results), stated, kept, digest=digest_of(results, "id"))

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, listed(SERVICE, document_of(SERVICE, body), "resultList", "result"))

    def _ask(self, client: Client, search: Search, mark: str, size: int) -> tuple[bytes, Any]:
        given = {"synonym": "TRUE", **parameters(search.query, "query")}
        if search.since:
            days = f"[{search.since} TO 3000-12-31]"
            given["query"] = f"({given.get('query', '')}) AND (FIRST_IDATE:{days} OR UPDATE_DATE:{days})"
        if client.contact:
            given["email"] = client.contact
        fixed = {"format": "json", "resultType": "core", "pageSize": size, "cursorMark": mark}
        answer, document = ask(client, SERVICE, "search", {**given, **fixed})
        if message := at(document, "errMsg"):
            raise RejectedError(
                f"{title(SERVICE)} rejects the search (it says: {str(message)[:300]}); correct the query"
            )
        return answer.body, document


DATABASE = EuropePmc()
