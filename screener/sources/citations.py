"""Searching by citation in OpenAlex: what cites given works (forwards), and what they cite (backwards).

As a database its query is a direction and the works to begin with, the seeds: `forwards: doi:10.1000/1 pmid:30000001
openalex:W123`. A page has the seeds that it belongs to, and those that OpenAlex does not know.

Sources: https://developers.openalex.org/api-reference/works (`cites`, `referenced_works`), and for how such a search is
reported https://doi.org/10.1136/bmj-2023-078384 (TARCiS).
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from ..records import Entry, doi, pmid
from .database import Page, Search
from .http import Client, SourceError
from .json_pages import at, digest_of, document_of, listed, number, read, unreadable
from .openalex import PAGE, next_cursor, works
from .services import OPENALEX as SERVICE

SEEDS = 20
"""Seeds that are asked for together; a filter takes 100 values, an address about 4,000 characters."""
_FIELDS = "id,doi,ids,referenced_works"
_TOGETHER = 50
"""Works that are asked for by their numbers together."""


class Direction(StrEnum):
    """Which way a citation is followed."""

    FORWARDS = "forwards"
    BACKWARDS = "backwards"


@dataclass(frozen=True)
class CitationRound:
    """What one round of a search by citation found. Its counts are before and after duplicates."""

    number: int
    direction: Direction
    seeds: tuple[str, ...]
    entries: tuple[Entry, ...]
    """Every hit, a work as often as it was found."""
    new: tuple[Entry, ...]
    """The works that no round before and no seed is, each once."""
    unknown: tuple[str, ...]
    """Seeds that OpenAlex does not know."""


class Citations:
    """OpenAlex's citations as a database. A cursor is the place among the seeds and within what cites them."""

    name = "OpenAlex"
    suffix = "json"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many hits the search has, without those that nobody asked for yet. Raises `SourceError`."""
        direction, seeds = seeds_of(search.query)
        counts = [0]
        for place in range(0, len(seeds), SEEDS):
            known, _ = _known(client, seeds[place : place + SEEDS])
            if direction is Direction.BACKWARDS:
                counts.append(len(_referenced(known)))
            elif known:
                _, document = works(client, {"filter": _cites(known), "per_page": 1})
                counts.append(number(at(document, "meta", "count")) or 0)
        return sum(counts)

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return the next hits. Raises `SourceError`, `OutOfBudgetError` where the day's budget does not reach."""
        direction, seeds = seeds_of(search.query)
        place: dict[str, Any] = json.loads(cursor) if cursor else {"seed": 0, "stated": 0, "cursor": "*", "received": 0}
        batch = seeds[place["seed"] : place["seed"] + SEEDS]
        known, unknown = _known(client, batch)
        page: dict[str, Any] = {"direction": direction, "seeds": batch, "unknown": unknown, "results": []}
        stated, following, received = place["stated"], None, 0
        if direction is Direction.BACKWARDS:
            numbers = _referenced(known)
            stated += len(numbers)
            page["results"] = _numbered(client, numbers)
        elif known:
            _, document = works(client, {"filter": _cites(known), "per_page": PAGE, "cursor": place["cursor"]})
            page["results"] = listed(SERVICE, document, "results")
            stated += (number(at(document, "meta", "count")) or 0) if place["cursor"] == "*" else 0
            received = place["received"] + len(page["results"])
            following = next_cursor(document, received)
        seed = place["seed"] if following else place["seed"] + SEEDS
        more = seed < len(seeds)
        later = {"seed": seed, "stated": stated, "cursor": following or "*", "received": received if following else 0}
        kept = json.dumps(later) if more else None
        told = list[str]()
        if unknown and place["cursor"] == "*":
            told.append(f"OpenAlex does not know {', '.join(unknown)}: what cites or is cited by them is missing")
        body = json.dumps(page, ensure_ascii=False).encode()
        told += unreadable(page["results"])
        digest = digest_of(page["results"], "id", within=str(place["seed"]))
        again = "citations cannot be asked for since a day" if search.since else ""
        return Page(body, len(page["results"]), stated, kept, digest=digest, warnings=tuple(told), all_again=again)

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the entries of a kept page. Raises `SourceError`."""
        return read(SERVICE, listed(SERVICE, document_of(SERVICE, body), "results"))

    def unknown(self, body: bytes) -> list[str]:
        """Return the seeds of a kept page that OpenAlex does not know."""
        return [str(seed) for seed in listed(SERVICE, document_of(SERVICE, body), "unknown")]


def query_of(direction: Direction, seeds: Iterable[str]) -> str:
    """Return the query of a search by citation from `doi:…`, `pmid:…` and `openalex:W…`."""
    return f"{direction}: {' '.join(dict.fromkeys(seeds))}"


def seeds_of(query: str) -> tuple[Direction, list[str]]:
    """Return the direction and the seeds of a query; `SourceError` for what is no such query."""
    named, _, rest = query.partition(":")
    seeds = [seed for seed in map(_canonical, rest.replace(";", " ").split()) if seed]
    if named.strip().lower() not in list(Direction) or not seeds or len(seeds) != len(rest.replace(";", " ").split()):
        raise SourceError(
            f"`{query[:80]}` is no search by citation; write `forwards:` or `backwards:` and the works to begin with, "
            "each as doi:10.1000/1, pmid:30000001 or openalex:W123"
        )
    return Direction(named.strip().lower()), list(dict.fromkeys(seeds))


def rounds(
    client: Client, seeds: Sequence[str], directions: Sequence[Direction], most: int = 1
) -> Iterator[CitationRound]:
    """Yield the rounds of a search by citation, each with what the round before found new as its seeds.

    Ends after `most` rounds in each direction, or when nothing new is found. Raises `SourceError`.
    """
    database, known, current = Citations(), set(seeds), tuple(seeds)
    for place in range(1, most + 1):
        found = dict[str, Entry]()
        for direction in directions:
            pages = list(_pages(client, database, Search(query_of(direction, current))))
            entries = tuple(entry for page in pages for entry in database.entries(page.body))
            unseen = {
                number: entry for entry in entries if (number := _number(entry)) and number not in known | set(found)
            }
            found |= unseen
            unknown = tuple(dict.fromkeys(seed for page in pages for seed in database.unknown(page.body)))
            yield CitationRound(place, direction, current, entries, tuple(unseen.values()), unknown)
        if not found:
            return
        known |= set(found)
        current = tuple(found)


def _pages(client: Client, database: Citations, search: Search) -> Iterator[Page]:
    cursor: str | None = None
    while True:
        page = database.page(client, search, cursor)
        yield page
        if (cursor := page.following) is None:
            return


def _number(entry: Entry) -> str | None:
    return next((name for name in entry.accession if name.startswith("openalex:")), None)


def _canonical(seed: str) -> str:
    kind, _, value = seed.partition(":")
    kind = kind.lower()
    known = {"doi": doi, "pmid": pmid, "openalex": _work_number}.get(kind, lambda _: None)(value)
    return f"{kind}:{known}" if known else ""


def _work_number(text: object) -> str | None:
    return (
        match[1].upper()
        if (match := re.fullmatch(r"(?:https://openalex\.org/)?(W\d+)", str(text), re.IGNORECASE))
        else None
    )


def _known(client: Client, seeds: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the works that seeds are, and the seeds that OpenAlex does not know."""
    known = dict[str, dict[str, Any]]()
    for kind in ("doi", "pmid", "openalex"):
        values = [value for name, _, value in (seed.partition(":") for seed in seeds) if name == kind]
        # A comma or a stroke in a DOI would end it in a filter.
        plain = [value for value in values if not set(value) & set(",|")]
        for value in set(values) - set(plain):
            _, work = works(client, {"select": _FIELDS}, path=f"works/{kind}:{quote(value, safe='/')}", allowed=(404,))
            known |= dict.fromkeys(_names(work or {}), work)
        if plain:
            params = {"filter": f"{kind}:{'|'.join(plain)}", "per_page": PAGE, "select": _FIELDS}
            _, document = works(client, params)
            for work in listed(SERVICE, document, "results"):
                known |= dict.fromkeys(_names(work), work)
    found = {id(work): work for seed in seeds if (work := known.get(seed))}
    return list(found.values()), [seed for seed in seeds if seed not in known]


def _names(work: dict[str, Any]) -> list[str]:
    if not work:
        return []
    ids = [
        f"doi:{doi(work.get('doi') or at(work, 'ids', 'doi'))}",
        f"pmid:{pmid(at(work, 'ids', 'pmid'))}",
        f"openalex:{_last(work.get('id'))}",
    ]
    return [name for name in ids if not name.endswith(":None")]


def _last(address: Any) -> str:
    return str(address).rpartition("/")[2].upper()


def _cites(known: Iterable[dict[str, Any]]) -> str:
    return f"cites:{'|'.join(_last(work.get('id')) for work in known)}"


def _referenced(known: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(_last(cited) for work in known for cited in work.get("referenced_works") or []))


def _numbered(client: Client, numbers: Sequence[str]) -> list[Any]:
    """Return works by their numbers."""
    found: list[Any] = []
    for place in range(0, len(numbers), _TOGETHER):
        together = "|".join(numbers[place : place + _TOGETHER])
        _, document = works(client, {"filter": f"openalex:{together}", "per_page": PAGE})
        found += listed(SERVICE, document, "results")
    return found


DATABASE = Citations()
