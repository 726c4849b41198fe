"""The Hugging Face Hub: lists of models and data sets with the header `Link`, and cards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from screener.sources.services import HUGGING_FACE

from .base import Asked, Reply, json_reply


def hub_model(number: int, *, files: Sequence[str] = ("README.md",), **fields: Any) -> dict[str, Any]:
    """A model that is invented, in the shape of the Hub's."""
    name, day = f"synthetic/ecg-{number}", f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}"
    return {
        "_id": f"{number:024}", "id": name, "modelId": name, "author": "synthetic", "tags": ["ecg", "pytorch"], "likes": number,
        "downloads": 10 * number, "createdAt": f"{day}T10:00:00.000Z", "lastModified": f"{day}T12:00:00.000Z", "private": False,
        "pipeline_tag": "feature-extraction", "siblings": [{"rfilename": file} for file in files], **fields,
    }  # fmt: skip


def hub_dataset(number: int, **fields: Any) -> dict[str, Any]:
    """A data set that is invented."""
    item = hub_model(number, **fields)
    return {name: value for name, value in item.items() if name not in ("modelId", "pipeline_tag")}


@dataclass
class HubApi:
    """`cards` are texts by the repository's name. A card that is not there is 404, one in `closed` 401."""

    models: Sequence[dict[str, Any]] = ()
    datasets: Sequence[dict[str, Any]] = ()
    cards: Mapping[str, str] = field(default_factory=dict)
    closed: Sequence[str] = ()
    only_raw: bool = False
    token: str = "right"
    service = HUGGING_FACE

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization", f"Bearer {self.token}") != f"Bearer {self.token}":
            return json_reply({"error": "Invalid credentials in Authorization header"}, 401)
        if asked.path in ("/api/models", "/api/datasets"):
            return self._list(asked, self.models if asked.path.endswith("models") else self.datasets)
        for way in ("/resolve/main/README.md", "/raw/main/README.md"):
            if asked.path.endswith(way):
                name = unquote(asked.path).removesuffix(way).removeprefix("/")
                if name in self.closed:
                    return json_reply({"error": "Access to model is restricted"}, 401)
                if name in self.cards and (way.startswith("/raw") or not self.only_raw):
                    return Reply(self.cards[name].encode(), headers={"Content-Type": "text/plain; charset=utf-8"})
        return json_reply({"error": "Entry not found"}, 404)

    def _list(self, asked: Asked, items: Sequence[dict[str, Any]]) -> Reply:
        params = asked.params
        if params.get("sort", "") not in ("", "createdAt", "lastModified", "downloads", "likes", "trendingScore"):
            return json_reply({"error": f"Invalid sort: {params['sort']}"}, 400)
        found = [item for item in items if params.get("search", "").lower() in item["id"].lower()]
        found.sort(key=lambda item: str(item.get(params.get("sort", "id"))), reverse=params.get("direction") == "-1")
        limit, first = min(int(params.get("limit", 1000)), 1000), int(params.get("cursor", 0))
        shown = found[first : first + limit]
        if params.get("full") != "true":
            shown = [{name: value for name, value in item.items() if name != "siblings"} for item in shown]
        more = first + limit < len(found)
        link = f'<https://huggingface.co{asked.path}?limit={limit}&cursor={first + limit}>; rel="next"'
        return json_reply(shown, headers={"Link": link} if more else {})
