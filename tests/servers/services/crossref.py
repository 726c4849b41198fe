"""Crossref's works: cursors that are forgotten, the polite pool, and the day since which a work changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from screener.sources.services import CROSSREF

from .base import Asked, Reply, json_reply


def crossref_work(number: int, **fields: Any) -> dict[str, Any]:
    """A work that is invented, in the shape of Crossref's."""
    day = {"date-parts": [[2024, 1, number % 28 + 1]], "date-time": f"2024-01-{number % 28 + 1:02}T00:00:00Z"}
    return {
        "DOI": f"10.5555/synthetic.{number}", "title": [f"synthetic work {number}"], "type": "journal-article",
        "author": [{"family": "synthetic", "given": "A."}], "issued": {"date-parts": [[2024, 1]]}, "created": day, "indexed": day,
        "container-title": ["synthetic journal"], "reference-count": 0, **fields,
    }  # fmt: skip


@dataclass
class CrossrefApi:
    """A cursor is a generation and a place; `forget` begins a new one, and cursors of earlier ones are unknown."""

    works: Sequence[dict[str, Any]]
    stated: int | None = None
    service = CROSSREF
    generation: int = 0

    def forget(self) -> None:
        self.generation += 1

    def answer(self, asked: Asked) -> Reply:
        pool = "polite" if "mailto" in asked.params else "public"
        headers = {"X-Rate-Limit-Limit": "1000", "X-Rate-Limit-Interval": "1s", "X-Api-Pool": pool}
        filters = dict(part.split(":", 1) for part in asked.params.get("filter", "").split(",") if part)
        if unknown := [name for name in filters if name not in ("from-index-date", "type", "from-pub-date")]:
            error = {
                "type": "filter-not-available",
                "value": unknown[0],
                "message": f"Filter {unknown[0]} does not exist",
            }
            return json_reply(
                {"status": "failed", "message-type": "validation-failure", "message": [error]}, 400, headers
            )
        cursor = asked.params.get("cursor", "")
        generation, _, place = cursor.partition("-")
        if place and int(generation) != self.generation:
            return json_reply({"status": "failed", "message": "cursor expired"}, 404, headers)
        since = filters.get("from-index-date", "")
        found = [work for work in self.works if work["indexed"]["date-time"][:10] >= since]
        rows, first = int(asked.params.get("rows", 20)), int(place or 0)
        message = {
            "total-results": len(found) if self.stated is None else self.stated,
            "items": found[first : first + rows],
        }
        if cursor:
            message["next-cursor"] = f"{self.generation}-{first + rows}"
        return json_reply({"status": "ok", "message-type": "work-list", "message": message}, headers=headers)
