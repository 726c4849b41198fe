"""OpenAlex: searching works, and searching by citation, by its API.

A query is a text, which is asked as `search` (titles, abstracts, some full texts; `AND`, `OR`, `NOT`, phrases), or parameters
as they stand in an address: `filter=title_and_abstract.search:asthma,from_publication_date:2018-01-01`.

What a day allows is a budget: `X-RateLimit-Remaining` and `X-RateLimit-Credits-Used` of each answer say what is left and what
a request costs (a list 1 credit, a search 10), `X-RateLimit-Reset` in how many seconds there is more. Without a key
(`OPENALEX_API_KEY`, free) it is a tenth. A search stops when the budget does not reach for the next page, and goes on there.

Asking for works that were added or changed since a day (`from_updated_date`) needs a key of a paid plan. Without one the whole
search is asked again: nothing is missed, and what is known already is recognised by its number.

Sources: https://developers.openalex.org/api-reference/authentication, https://developers.openalex.org/guides/page-through-results,
https://developers.openalex.org/download/overview (filters of paid plans), https://help.openalex.org/api/deprecations
"""

import json
from collections.abc import Iterable
from typing import Any

from ..records import Entry
from .database import Page, Search
from .http import Answer, Client, OutOfBudgetError, title
from .json_pages import ask, at, digest_of, document_of, listed, number, parameters, read, unreadable
from .services import OPENALEX as SERVICE

PAGE = 100
"""Works of a page, as many as are allowed."""
_ALL_AGAIN = f"what is new since a day is told only to a key of a paid plan (in {SERVICE.key_name})"
_NOT_IN_PLAN = (400, 401, 402, 403)
"""Statuses of an answer to a filter that a plan does not have."""


class OpenAlex:
    """OpenAlex's works. A cursor is OpenAlex's own, and whether the search asks for all works or for those since a day."""

    name = "OpenAlex"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many works the search has. Raises `SourceError`."""
        document, _ = _since(client, search, {"per_page": 1}, all_works=False)[1:]
        return number(at(document, "meta", "count"))

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page of works. Raises `SourceError`, `OutOfBudgetError` where the day's budget does not reach."""
        place: dict[str, Any] = json.loads(cursor) if cursor else {"cursor": "*", "all_works": False, "received": 0}
        params = {"per_page": PAGE, "cursor": place["cursor"]}
        answer, document, all_works = _since(client, search, params, all_works=place["all_works"])
        works = listed(SERVICE, document, "results")
        received = place["received"] + len(works)
        following = next_cursor(document, received)
        later = {"cursor": following, "all_works": all_works, "received": received}
        kept = json.dumps(later) if following else None
        again = _ALL_AGAIN if search.since and all_works else ""
        return Page(
            answer.body, len(works), number(at(document, "meta", "count")), kept, digest=digest_of(works, "id"),
            warnings=unreadable(works), all_again=again,
        )  # fmt: skip

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, listed(SERVICE, document_of(SERVICE, body), "results"))


def next_cursor(document: Any, received: int) -> str | None:
    """Return the cursor behind a page, None behind the last: there is one there too, and a page that costs as any other."""
    works, count = listed(SERVICE, document, "results"), number(at(document, "meta", "count"))
    last = not works or (len(works) < PAGE and count is not None and received >= count)
    return None if last else at(document, "meta", "next_cursor")


def _since(client: Client, search: Search, params: dict[str, Any], *, all_works: bool) -> tuple[Answer, Any, bool]:
    """Return an answer, its JSON, and whether it is of all works: where what is new may not be asked for, of all."""
    params = parameters(search.query, "search") | params
    if search.since and SERVICE.key and not all_works:
        new = ",".join(filter(None, (params.get("filter", ""), f"from_updated_date:{search.since}")))
        answer, document = works(client, params | {"filter": new}, allowed=_NOT_IN_PLAN)
        if answer.status not in _NOT_IN_PLAN:
            return answer, document, False
    return *works(client, params), True


def works(
    client: Client,
    params: dict[str, Any],
    *,
    path: str = "works",
    allowed: tuple[int, ...] = (),
    look_up: bool = False,
) -> tuple[Answer, Any]:
    """Return an answer with works and its JSON, if the budget reaches. Raises `SourceError`, `OutOfBudgetError`."""
    budget = client.budget(SERVICE)
    if budget is not None and budget.is_spent:
        raise OutOfBudgetError(
            f"{title(SERVICE)} gives no more today: {budget.left:g} of {budget.total:g} credits are left and the next page "
            f"costs {budget.cost:g}; it goes on at {budget.resets.astimezone():%Y-%m-%d %H:%M}. Run the same command again then: what was "
            f"received is kept{'' if SERVICE.key else f'. A free key in {SERVICE.key_name} allows ten times as much'}"
        )
    who = {"api_key": SERVICE.key} if SERVICE.key else {}
    who |= {"mailto": client.contact} if client.contact else {}
    return ask(client, SERVICE, path, params | who, allowed=allowed, look_up=look_up)


DATABASE = OpenAlex()
