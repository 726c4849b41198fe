"""Queries for DBLP: what one means, and the requests that DBLP answers for it.

DBLP's own syntax: words are beginnings of words, in any case (`sig` is in `SIGIR` and `signal`); `graph$` is the whole word;
blanks mean and, strokes or (`graph|network`). Phrases and `not` are disabled. A facet in front of a value that ends with a
colon keeps to it: `stream:streams/conf/aaai:`, `venue:SIGMOD_Conference:`, `year:2024:`, `type:`, `author:`. That facets
could be combined by strokes is documented nowhere, so no request here does.

What a query of ours may have besides is translated:

    title:asthma|wheeze  asked as words; of the hits those count in whose title they are
    year:2018|2019       asked as a facet if it is one year; of the hits those of these years count (2018-2025 is a range)
    venue:AAAI|CVPR      one request for each venue, by its stream where it is known, else by its name

Sources: https://dblp.org/faq/13501473.html (search API), https://dblp.org/search (its help), and for streams
https://blog.dblp.org/2024/09/09/introducing-our-public-sparql-query-service/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..records.venues import a_star_streams
from .http import SourceError


@dataclass(frozen=True)
class DblpQuery:
    """A query as it is asked: `requests` in DBLP's syntax, and what a hit must have to count."""

    requests: tuple[str, ...]
    title: tuple[tuple[str, ...], ...] = ()
    """Of each group one of the words must be in the title."""
    years: frozenset[int] = frozenset()

    @property
    def named(self) -> tuple[str, ...]:
        """Return the venues that are asked for by their names."""
        return tuple(match[1] for request in self.requests if (match := re.search(r" venue:(\S+):$", request)))

    def __str__(self) -> str:
        """Return how the query is asked, for a log of searches."""
        groups = [f"with {' or '.join(words)} in the title" for words in self.title]
        years = [f"of {', '.join(map(str, sorted(self.years)))}"] if self.years else []
        counted = f"; of the hits those {' and '.join(groups + years)}" if groups or years else ""
        return " OR ".join(f"({request})" for request in self.requests) + counted

    def left_out(self, info: Mapping[str, Any]) -> str:
        """Return why a hit does not count, by what DBLP says of it: `year`, `title`, or nothing."""
        year = str(info.get("year", ""))
        if self.years and not (year.isdigit() and int(year) in self.years):
            return "year"
        words = _words(str(info.get("title", "")))
        return "" if all(any(_in(word, words) for word in group) for group in self.title) else "title"


def query_of(written: str) -> DblpQuery:
    """Return a written query as it is asked. Raises `SourceError` for one that DBLP cannot be asked."""
    words, titles, places, years = list[str](), list[tuple[str, ...]](), list[str](), frozenset[int]()
    for term in written.split():
        facet, _, value = term.partition(":")
        values = [part for part in value.split("|") if part]
        if facet == "title" and values:
            titles.append(tuple(values))
            words.append("|".join(values))
        elif facet == "year" and values:
            years |= {year for part in values for year in _years(part.rstrip(":"), term)}
        elif facet in ("venue", "stream", "streamid") and values:
            places += [place for part in values for place in _places(facet, part)]
        else:
            words.append(term)
    if not words:
        raise SourceError(f"DBLP: the query `{written[:80]}` has no word to look for; add one")
    if len(years) == 1:
        words.append(f"year:{next(iter(years))}:")
    asked = " ".join(words)
    requests = [f"{asked} {place}" for place in dict.fromkeys(places)] or [asked]
    return DblpQuery(tuple(requests), tuple(titles), years)


def _places(facet: str, value: str) -> Sequence[str]:
    """Return the facets that keep to a venue."""
    value = value.rstrip(":")
    if facet != "venue":
        return [f"stream:streams/{value.removeprefix('streams/')}:"]
    keys = a_star_streams().get(value.casefold())
    return [f"stream:streams/{key}:" for key in keys] if keys else [f"venue:{value}:"]


def _years(part: str, term: str) -> range:
    match = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", part)
    if match is None:
        raise SourceError(f"DBLP: `{term}` has no years; write year:2018|2019 or year:2018-2025")
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _in(term: str, title: Sequence[str]) -> bool:
    """Return whether a title has a term of a query: its words one after the other, the last one a beginning unless it ends with `$`."""
    *firsts, last = _words(term) or [""]
    for place in range(len(title) - len(firsts)):
        word = title[place + len(firsts)]
        whole = word == last if term.endswith("$") else word.startswith(last)
        if whole and list(title[place : place + len(firsts)]) == firsts:
            return True
    return False
