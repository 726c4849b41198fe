"""What databases with a JSON interface share: asking for a document, and the entries of documents that were kept."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from ..core.errors import BadInput
from ..records import Entry
from ..records.readers.json_documents import entries_of
from .http import Answer, Client, SourceError, no_json, title
from .services import Service

Item = dict[str, Any]
_FAULTS = (BadInput, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading an item raises that is no record."""


def ask(
    client: Client,
    service: Service,
    path: str,
    params: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    allowed: tuple[int, ...] = (),
    look_up: bool = False,
) -> tuple[Answer, Any]:
    """Return an answer of a service and its JSON; of a status that is `allowed`, None. Raises `SourceError`.

    With `look_up` an answer of the last 30 days is taken from the disk.
    """

    def fault(answer: Answer) -> str:
        return "" if answer.status in allowed else no_json(answer)

    answer = client.get(
        service, service.url(path), params, headers=headers, allowed=allowed, fault=fault, look_up=look_up
    )
    return answer, None if answer.status in allowed else answer.json(service)


def at(document: Any, *path: str) -> Any:
    """Return what stands under a path of keys, None where any of it is missing."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def listed(service: Service, document: Any, *path: str) -> list[Any]:
    """Return the list under a path of keys; `SourceError` where there is none."""
    value = at(document, *path)
    if not isinstance(value, list):
        raise SourceError(
            f"{title(service)} sent a page without results where they are documented; run the same command again later"
        )
    return value


def digest_of(items: Sequence[Any], *path: str, within: str = "") -> str:
    """Return a digest of which records a page has, by what stands under a path of keys; empty for a page without any.

    `within` names the part of the search that the page belongs to, where another part may have the same records.
    """
    names = [within, *(str(at(item, *path) or item) for item in items)]
    return sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()[:20] if items else ""


def number(value: Any) -> int | None:
    """Return a count that may stand there as text; None for none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def document_of(service: Service, body: bytes) -> Any:
    """Return the JSON of a kept page; `SourceError` where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError(f"a kept page of {service.title or service.name} is no JSON; search again") from None


def read(service: Service, items: Iterable[Any]) -> list[Entry]:
    """Return the entries of items as the reader of the service's files reads them, without those that are none.

    Raises `SourceError` where all are none.
    """
    entries, lost = readable(items)
    if lost and not entries:
        raise SourceError(
            f"a kept page of {service.title or service.name} has nothing that is a record of it; search again"
        )
    return entries


def unreadable(items: Sequence[Any]) -> tuple[str, ...]:
    """Return what people should know of the items of a page that are no records; nothing where all are."""
    count = readable(items)[1]
    return (
        (f"{count:,} of {len(items):,} records of a page cannot be read; they are kept as they came",) if count else ()
    )


def readable(items: Iterable[Any]) -> tuple[list[Entry], int]:
    """Return the entries of items that have one, and how many have none."""
    given = list(items)
    try:
        return (entries_of(given) if given else []), 0
    except _FAULTS:
        entries = [entry for item in given for entry in _one(item)]
        return entries, len(given) - len(entries)


def _one(item: Any) -> list[Entry]:
    try:
        return entries_of([item])
    except _FAULTS:
        return []


def parameters(query: str, plain: str) -> dict[str, str]:
    """Return the parameters that a query is asked with: those it names (`search=asthma&filter=…`), else itself as `plain`."""
    if not re.match(r"[a-z][\w.-]*=\S", query):
        return {plain: query}
    return dict(parse_qsl(query.replace("+", "%2B"), keep_blank_values=True))
