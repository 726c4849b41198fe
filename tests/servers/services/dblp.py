"""DBLP's search API: beginnings of words, strokes, one facet of each kind, and at most 1,000 hits at once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from screener.sources.services import DBLP

from .base import Asked, Reply, json_reply


def dblp_hit(key: str, title: str, year: int = 2024, venue: str = "", **info: Any) -> dict[str, Any]:
    """A hit that is invented, in the shape of DBLP's. Its stream is the beginning of its key, or `streams`."""
    return {
        "@score": "2", "@id": str(abs(hash(key)) % 10**7),
        "info": {"authors": {"author": [{"@pid": "1/1", "text": "Synthetic Author 0001"}]}, "title": f"{title}.",
                 "venue": venue or key.split("/")[1].upper(), "year": str(year), "type": "Conference and Workshop Papers", "key": key,
                 "ee": f"https://example.org/{key}", "url": f"https://dblp.org/rec/{key}", **info},
        "url": f"URL#{key}",
    }  # fmt: skip


@dataclass
class DblpApi:
    """`also` says which further streams a hit is in. `total` makes the total that is stated an estimate."""

    hits: Sequence[dict[str, Any]]
    also: dict[str, Sequence[str]]
    total: Callable[[int], int] = lambda total: total
    most: int = 1_000
    service = DBLP

    def answer(self, asked: Asked) -> Reply:
        query = asked.params["q"]
        if len(re.findall(r"\b(?:stream|venue|year):", query)) != len(
            set(re.findall(r"\b(stream|venue|year):", query))
        ):
            return _status(query, "400", "two values of one facet")
        if "!" in query:
            return _status(query, "400", "Bad Request")
        found = [hit for hit in self.hits if all(self._has(hit, term) for term in query.split())]
        first, size = int(asked.params.get("f", 0)), min(int(asked.params.get("h", 30)), self.most)
        sent = found[first : first + size]
        total = self.total(len(found))
        hits: dict[str, Any] = {
            "@total": str(total),
            "@computed": str(min(total, 100)),
            "@sent": str(len(sent)),
            "@first": str(first),
        }
        if sent:
            hits["hit"] = sent
        result = {
            "query": query,
            "status": {"@code": "200", "text": "OK"},
            "completions": {"@total": "0"},
            "hits": hits,
        }
        return json_reply({"result": result})

    def _has(self, hit: dict[str, Any], term: str) -> bool:
        info = hit["info"]
        if match := re.fullmatch(r"stream:streams/(.+):", term):
            return match[1] in ("/".join(info["key"].split("/")[:2]), *self.also.get(info["key"], ()))
        if match := re.fullmatch(r"(venue|year):(.+):", term):
            return str(info[match[1]]).replace(" ", "_").lower() == match[2].lower()
        words = re.findall(r"\w+", f"{info['title']} {info['venue']} Author".lower())
        return any(
            all(any(word.startswith(part) for word in words) for part in re.findall(r"\w+", one.lower()))
            for one in term.split("|")
        )


def _status(query: str, code: str, text: str) -> Reply:
    return json_reply({"result": {"query": query, "status": {"@code": code, "text": text}, "hits": {"@total": "0"}}})
