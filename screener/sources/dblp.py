"""DBLP: searching publications by its search API.

A query (see `dblp_query`) is asked in one request for each venue: 60 for the conferences that CORE ranks A*, a minute at the
one request a second that DBLP bears. DBLP gives 1,000 hits of a request at once and 10,000 in all. It has no dates of entry:
since when records are new cannot be asked, so that the whole search is asked again and what is known recognised by its key.

How many records are stated: the `@total` of all requests, less the hits that do not count (another year, another title than
the query allows) and those that an earlier request of the same query gave. Received are the hits that count. Where DBLP's total
is an estimate, more or less is received than is stated: paging goes on until a page brings nothing.

A page has the answer to one request as it came, with the places of the hits that do not count and why.

Source: https://dblp.org/faq/13501473.html
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from ..records import Entry
from .database import Page, Search
from .dblp_query import DblpQuery, query_of
from .http import Answer, Client, RejectedError, SourceError, no_json, title
from .json_pages import Item, at, digest_of, document_of, listed, number, read, unreadable
from .services import DBLP as SERVICE

HITS = 1_000
"""Hits of a request, as many as are allowed."""
MOST = 10_000
"""Hits of a search in all."""


@dataclass
class _Place:
    """Where a search has come to: the request, the hit of it, what was stated, and digests of the keys that were received."""

    request: int = 0
    first: int = 0
    stated: int = 0
    received: list[str] = field(default_factory=list)


class Dblp:
    """DBLP's publications. A cursor is a request of the query and a place in its hits."""

    name = "DBLP"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many records the search has. All hits must be seen to know which count. Raises `SourceError`."""
        page = self.page(client, search, None)
        while page.following:
            page = self.page(client, search, page.following)
        return page.stated

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return the answer to the next request. Raises `SourceError`."""
        query = query_of(search.query)
        place = _Place(**json.loads(cursor)) if cursor else _Place()
        asked = query.requests[place.request]
        answer = _ask(client, asked, place.first)
        hits, left_out = _hits(answer), dict[str, str]()
        counted = _count(query, hits, left_out, place)
        total = number(at(answer, "result", "hits", "@total")) or 0
        place.stated += (total if place.first == 0 else 0) - len(left_out)
        answers = [{"q": asked, "first": place.first, "left_out": left_out, "answer": answer}]
        place.first += len(hits)
        if not hits or place.first >= MOST or (place.first >= total and len(hits) < HITS):
            place.request, place.first = place.request + 1, 0
        body = json.dumps({"query": search.query, "answers": answers}, ensure_ascii=False).encode()
        more = place.request < len(query.requests)
        if len(query.requests) == 1:
            place.received = []  # the hits of one request are different ones
        following = json.dumps(asdict(place)) if more else None
        known = list(_counted(answers))
        again = "what is new since a day cannot be asked for" if search.since else ""
        page = Page(body, counted, place.stated, following, digest=digest_of(known, "info", "key"), all_again=again)
        if cursor is not None:
            return replace(page, warnings=unreadable(known))
        return replace(page, translation=str(query), warnings=_warnings(query) + unreadable(known))

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, _counted(listed(SERVICE, document_of(SERVICE, body), "answers")))


def _warnings(query: DblpQuery) -> tuple[str, ...]:
    """Return what people should know of how a search was asked."""
    named = ", ".join(query.named)
    by_name = f"DBLP's streams of these venues are not known, they were asked for by name: {named}" if named else ""
    return (by_name,) if by_name else ()


def _counted(answers: list[Any]) -> Iterator[Item]:
    for answer in answers:
        left_out = at(answer, "left_out") or {}
        for row, hit in enumerate(_hits(at(answer, "answer"))):
            if str(row) not in left_out:
                yield hit


def _count(query: DblpQuery, hits: list[Item], left_out: dict[str, str], place: _Place) -> int:
    """Return how many hits count; note the others with their number in `left_out`, and those that count in `place`."""
    known = set(place.received)
    for row, hit in enumerate(hits):
        digest = sha256(_name(hit).encode()).hexdigest()[:10]
        why = query.left_out(at(hit, "info") or {}) or ("received before" if digest in known else "")
        if why:
            left_out[str(row)] = why
        else:
            known.add(digest)
            place.received.append(digest)
    return len(hits) - len(left_out)


def _ask(client: Client, asked: str, first: int) -> Any:
    """Return DBLP's answer to a request."""
    answer = client.get(
        SERVICE, SERVICE.url("api"), {"q": asked, "format": "json", "h": HITS, "f": first, "c": 0}, fault=_fault
    )
    document = answer.json(SERVICE)
    code = at(document, "result", "status", "@code")
    if code is None:
        raise SourceError(f"{title(SERVICE)} sent an answer without a status; run the same command again later")
    if code != "200":
        said = at(document, "result", "status", "text")
        raise RejectedError(f"{title(SERVICE)} rejects `{asked[:80]}` ({code}: {said}); correct the query")
    total = number(at(document, "result", "hits", "@total")) or 0
    if total > MOST:
        raise SourceError(
            f"{title(SERVICE)} has {total:,} hits for `{asked[:80]}` and gives at most {MOST:,} of them; add words or venues, "
            "or divide the query by years"
        )
    return document


def _fault(answer: Answer) -> str:
    """Return what is wrong with an answer: DBLP sends a page that wants to see a browser where it is asked much."""
    if answer.body.lstrip()[:1] == b"<":
        return (
            "sent a page for browsers instead of results, as it does when it is asked much (its mirrors are "
            f"https://dblp.uni-trier.de and https://dblp.dagstuhl.de: set {SERVICE.setting})"
        )
    return no_json(answer)


def _hits(document: Any) -> list[Item]:
    hits = at(document, "result", "hits", "hit")
    return [hit for hit in (hits if isinstance(hits, list) else [hits]) if isinstance(hit, dict)]


def _name(hit: Item) -> str:
    return str(at(hit, "info", "key") or hit.get("@id"))


DATABASE = Dblp()
