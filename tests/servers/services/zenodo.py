"""Zenodo's records API: pages, limits by token, and searching what changed since a day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from screener.sources.services import ZENODO

from .base import Asked, Reply, json_reply


def zenodo_record(number: int, **metadata: Any) -> dict[str, Any]:
    """A record that is invented, in the shape of Zenodo's."""
    return {
        "id": number, "conceptrecid": str(number - 1), "conceptdoi": f"10.5281/zenodo.{number - 1}",
        "doi": f"10.5281/zenodo.{number}", "created": f"2024-01-{number % 28 + 1:02}T10:00:00+00:00",
        "updated": f"2024-01-{number % 28 + 1:02}T11:00:00+00:00",
        "links": {"self_html": f"https://zenodo.org/records/{number}"},
        "files": [{"key": "signals.zip", "size": 12, "links": {"self": f"https://zenodo.org/api/records/{number}/files/signals.zip"}}],
        "metadata": {
            "title": f"synthetic record {number}", "description": "<p>Pretrained on <i>synthetic</i> signals.</p>",
            "creators": [{"name": "synthetic, A."}], "publication_date": "2024-01-01",
            "resource_type": {"type": "dataset", "title": "Dataset"}, **metadata,
        },
    }  # fmt: skip


@dataclass
class ZenodoApi:
    """`query` is the only query that is no mistake; `token` the only token that is known."""

    records: Sequence[dict[str, Any]]
    query: str = "metadata.title:synthetic"
    token: str = "right"
    stated: int | None = None
    """The count that is stated, if it is a wrong one."""
    service = ZENODO
    asked: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if given not in ("", self.token):
            return json_reply({"status": 401, "message": "The server could not verify that you are authorized"}, 401)
        size, page = int(asked.params.get("size", 10)), int(asked.params.get("page", 1))
        most = 100 if given else 25
        if size > most:
            error = {"field": "size", "messages": [f"Page size cannot be greater than {most}."]}
            return json_reply({"status": 400, "message": "A validation error occurred.", "errors": [error]}, 400)
        if size * page > 10_000:
            return json_reply({"status": 400, "message": "Maximum number of 10000 results have been reached."}, 400)
        query = asked.params["q"]
        since = re.fullmatch(r"\((.*)\) AND updated:\[(\S+) TO \*\]", query)
        if (since[1] if since else query) != self.query:
            return json_reply({"status": 400, "message": "The syntax of the search query is invalid."}, 400)
        found = [record for record in self.records if not since or record["updated"][:10] >= since[2]]
        hits = found[(page - 1) * size : page * size]
        total = len(found) if self.stated is None else self.stated
        return json_reply({"hits": {"hits": hits, "total": total}, "links": {}})
