"""Europe PMC's search: `cursorMark`, whole records, and searching what was indexed or updated since a day.

As documented in https://europepmc.org/RestfulWebService.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from screener.sources.services import EUROPE_PMC

from .base import Asked, Reply, json_reply


def europepmc_result(number: int, **facts: Any) -> dict[str, Any]:
    """A record that is invented, in the shape of `resultType=core`."""
    day = f"2024-01-{number % 28 + 1:02}"
    return {
        "id": str(30_000_000 + number), "source": "MED", "pmid": str(30_000_000 + number), "doi": f"10.5555/epmc.{number}",
        "title": f"synthetic record {number}.", "authorList": {"author": [{"fullName": "Synthetic A", "lastName": "Synthetic", "initials": "A"}]},
        "journalInfo": {"volume": "1", "yearOfPublication": 2024, "journal": {"title": "Synthetic journal", "issn": "1234-5679"}},
        "pubYear": "2024", "abstractText": f"Synthetic abstract of record {number}.", "language": "eng",
        "pubTypeList": {"pubType": ["Journal Article"]}, "firstIndexDate": day, "dateOfRevision": day,
        "firstPublicationDate": day, **facts,
    }  # fmt: skip


@dataclass
class EuropePmcApi:
    """`query` is the only query that is no mistake."""

    records: Sequence[dict[str, Any]]
    query: str = "TITLE:synthetic"
    stated: int | None = None
    repeats_mark: bool = False
    """Whether the last page has its own mark as that of the next, instead of one that leads to an empty page."""
    service = EUROPE_PMC

    def answer(self, asked: Asked) -> Reply:
        given = asked.params
        size, mark, query = int(given.get("pageSize", 25)), given.get("cursorMark", "*"), given.get("query", "")
        since = re.fullmatch(r"\((.*)\) AND \(FIRST_IDATE:\[(\S+) TO \S+\] OR UPDATE_DATE:\[(\S+) TO \S+\]\)", query)
        if asked.path != "/search" or given.get("format") != "json" or not 1 <= size <= 1_000:
            return json_reply(
                {"errCode": 404, "errMsg": "Invalid page size provided. Valid size is between 1 and 1000"}
            )
        if (since[1] if since else query) != self.query:
            return json_reply({"errCode": 404, "errMsg": "Cannot parse the query"})
        found = [
            one
            for one in self.records
            if not since or one["firstIndexDate"] >= since[2] or one["dateOfRevision"] >= since[3]
        ]
        start = 0 if mark == "*" else int(mark.removeprefix("AoI"))
        shown = found[start : start + size]
        last = not shown or (self.repeats_mark and start + len(shown) >= len(found))
        body = {
            "version": "6.9",
            "hitCount": len(found) if self.stated is None else self.stated,
            "nextCursorMark": mark if last else f"AoI{start + len(shown)}",
            "request": {"queryString": query, "resultType": given.get("resultType", "lite"), "cursorMark": mark},
            "resultList": {
                "result": shown if given.get("resultType") == "core" else [{"id": one["id"]} for one in shown]
            },
        }
        return json_reply(body)
