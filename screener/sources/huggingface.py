"""The Hugging Face Hub: models and data sets that match a word, with their cards.

The Hub matches a query with the names of models. It is asked for models (`asthma`), or for what stands before a colon
(`datasets: asthma`, `models: asthma`). The Hub states no count; `count` counts what it lists.

A page is the Hub's list of some models, each with the text of its card as `readme` (the file `README.md` of its main branch;
null where there is none or it is not public). Cards are asked for under `/resolve/`, where the Hub allows many more requests
than for pages (3,000 in five minutes instead of 100), and under `/raw/` where that fails.

`createdAt` is the day a model came to the Hub (2 March 2022 for all that are older): how many of a search were there by a day
is told by its entries' date `indexed`. Since a day means changed since (`lastModified`).

Sources: https://huggingface.co/docs/hub/api, https://huggingface.co/docs/hub/rate-limits,
https://huggingface.co/docs/hub/model-cards
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from requests.utils import parse_header_links

from ..records import Entry
from .database import Page, Search
from .http import Answer, Client
from .json_pages import Item, ask, digest_of, document_of, listed, number, read, readable, unreadable
from .services import HUGGING_FACE as SERVICE

PAGE = 25
"""Models of a page: each takes a request for its card."""
SHOWN = 5
LISTED = 1_000
"""Models of a list without cards, as many as are allowed."""
LONGEST_CARD = 20_000_000
"""Bytes."""
_NO_CARD = (401, 403, 404)


@dataclass(frozen=True)
class Usage:
    """How much a model was used when it was received: downloads of the last 30 days, and likes; None where that is not said."""

    downloads: int | None
    likes: int | None


class HuggingFace:
    """The Hub's models and data sets. A cursor is the parameters of the Hub's link to the next page."""

    name = "Hugging Face"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many models the search has now. Raises `SourceError`."""
        counted, cursor, lists = 0, None, set[str]()
        while True:
            answer, items, last = _list(client, search, LISTED, cursor)
            counted += len(items)
            cursor, digest = _next(answer), digest_of(items, "id")
            if last or cursor is None or digest in lists:
                return counted - (len(items) if digest in lists else 0)
            lists.add(digest)

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page of models with their cards. Raises `SourceError`."""
        answer, items, last = _list(client, search, PAGE, cursor)
        kind = _asked(search.query)[0]
        with_cards = [{**item, "readme": _card(client, kind, item)} for item in items]
        following = None if last else _next(answer)
        closed = [str(item.get("id")) for item in with_cards if item["readme"] is None and _has_card(item) is True]
        told = (
            (f"{len(closed):,} card{'s' * (len(closed) != 1)} not given (not there, or not public): {_some(closed)}",)
            if closed
            else ()
        )
        return Page(
            json.dumps(with_cards, ensure_ascii=False).encode(),
            len(items),
            None,
            following,
            digest=digest_of(items, "id"),
            warnings=told + unreadable(with_cards),
        )

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, listed(SERVICE, document_of(SERVICE, body)))

    def usage(self, body: bytes) -> dict[str, Usage]:
        """Return how much a kept page's models are used, by their numbers, `huggingface:lab/model`. Raises `SourceError`.

        It is no part of an entry: it is another every day, and a record would change without cause.
        """
        items = listed(SERVICE, document_of(SERVICE, body))
        return {
            entry.accession[0]: Usage(number(item.get("downloads")), number(item.get("likes")))
            for item in items
            for entry in readable([item])[0]
        }


def _asked(query: str) -> tuple[str, str]:
    """Return what is asked for, `models` or `datasets`, and the words that it must match."""
    match = re.fullmatch(r"\s*(models|datasets)\s*:\s*(.*?)\s*", query, re.IGNORECASE)
    return (match[1].lower(), match[2]) if match else ("models", query.strip())


def _list(client: Client, search: Search, limit: int, cursor: str | None) -> tuple[Answer, list[Item], bool]:
    """Return an answer, its models (those that changed since the day that is asked for), and whether no more can follow."""
    kind, words = _asked(search.query)
    params: dict[str, Any] = {"search": words, "limit": limit}
    if limit == PAGE or search.since:  # a list in full says when its models changed, and which files they have
        params |= {"full": "true"} | ({"cardData": "true"} if kind == "models" else {})
    # Without an order of its own a list is by what is in fashion, which changes while it is read.
    params |= {"sort": "lastModified" if search.since else "createdAt", "direction": -1}
    params |= dict(parse_qsl(cursor or "", keep_blank_values=True))
    headers = {"Authorization": f"Bearer {SERVICE.key}"} if SERVICE.key else None
    answer, document = ask(client, SERVICE, f"api/{kind}", params, headers=headers)
    items = [item for item in listed(SERVICE, document) if isinstance(item, dict)]
    new = [item for item in items if not search.since or str(item.get("lastModified", "9"))[:10] >= search.since]
    return answer, new, len(new) < len(items)


def _next(answer: Answer) -> str | None:
    """Return what the next page is asked with, from the header `Link`; None behind the last."""
    links = parse_header_links(answer.headers.get("link", ""))
    return next((urlsplit(link["url"]).query for link in links if link.get("rel") == "next"), None)


def _has_card(item: Item) -> bool | None:
    """Return whether a model has a card among its files; None where these are not listed."""
    files = item.get("siblings")
    if not isinstance(files, list):
        return None
    return any(isinstance(file, dict) and file.get("rfilename") == "README.md" for file in files)


def _some(names: list[str]) -> str:
    """Return the first names of a list."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")


def _card(client: Client, kind: str, item: Item) -> str | None:
    """Return the text of a model's card; None where it has none, or one that is not public."""
    if _has_card(item) is False:
        return None
    name = quote(str(item.get("id") or item.get("modelId")), safe="/")
    for path in _places(kind, name):
        headers = {"Authorization": f"Bearer {SERVICE.key}"} if SERVICE.key else None
        answer = client.get(
            SERVICE, SERVICE.url(path), headers=headers, most=LONGEST_CARD, allowed=_NO_CARD, fault=_no_card
        )
        if answer.status < 400:
            return answer.body.decode("utf-8", "replace")
    return None


def _no_card(answer: Answer) -> str:
    """Return what is wrong with an answer that is no card: the Hub sends cards as plain text, what stands in its way web pages."""
    web_page = answer.status < 400 and "html" in answer.headers.get("content-type", "")
    return "sent a web page instead of a card" if web_page else ""


def _places(kind: str, name: str) -> Iterator[str]:
    place = name if kind == "models" else f"datasets/{name}"
    yield f"{place}/resolve/main/README.md"
    yield f"{place}/raw/main/README.md"


DATABASE = HuggingFace()
