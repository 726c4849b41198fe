"""OpenAlex's works: cursors, filters of numbers and citations, and a budget of credits a day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from screener.sources.services import OPENALEX

from .base import Asked, Reply, json_reply


def openalex_work(number: int, *, cites: Sequence[int] = (), **fields: Any) -> dict[str, Any]:
    """A work that is invented, in the shape of OpenAlex's."""
    day = f"2024-01-{number % 28 + 1:02}"
    return {
        "id": f"https://openalex.org/W{number}", "doi": f"https://doi.org/10.5555/synthetic.{number}",
        "display_name": f"synthetic work {number}", "title": f"synthetic work {number}", "publication_year": 2024,
        "publication_date": "2024-01-01", "created_date": day, "updated_date": f"{day}T00:00:00", "type": "article",
        "ids": {"openalex": f"https://openalex.org/W{number}", "pmid": f"https://pubmed.ncbi.nlm.nih.gov/{number}"},
        "abstract_inverted_index": {"signals": [1], "synthetic": [0]}, "authorships": [],
        "referenced_works": [f"https://openalex.org/W{cited}" for cited in cites], **fields,
    }  # fmt: skip


@dataclass
class OpenAlexApi:
    """`credits` are left today; a list costs one, a search ten. `paid` keys may ask what is new."""

    works: Sequence[dict[str, Any]]
    credits: int = 100_000
    key: str = "right"
    paid: bool = True
    stated: int | None = None
    resets_s: int = 3600
    most: int = 100
    """Works of a page, whatever is asked for."""
    service = OPENALEX
    spent: list[int] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        params = asked.params
        if params.get("api_key", self.key) != self.key:
            return json_reply({"error": "Invalid API key", "message": "API key not found"}, 401)
        cost = 0 if asked.path.count("/") > 1 else 10 if "search" in params else 1
        left = self.credits - sum(self.spent)
        headers = {"X-RateLimit-Limit": str(self.credits), "X-RateLimit-Reset": str(self.resets_s)}
        if cost > left:
            headers |= {"X-RateLimit-Remaining": str(left), "Retry-After": str(self.resets_s)}
            return json_reply({"error": "Rate limit exceeded", "message": "Insufficient budget"}, 429, headers)
        self.spent.append(cost)
        headers |= {"X-RateLimit-Remaining": str(left - cost), "X-RateLimit-Credits-Used": str(cost)}
        if asked.path.count("/") > 1:
            name = unquote(asked.path.removeprefix("/works/"))
            single = next((work for work in self.works if name in _names(work)), None)
            return json_reply(single or {"error": "Not Found"}, 200 if single else 404, headers)
        return self._list(params, headers)

    def _list(self, params: dict[str, str], headers: dict[str, str]) -> Reply:
        found, filters = list(self.works), [part.split(":", 1) for part in params.get("filter", "").split(",") if part]
        for name, value in filters:
            values = value.split("|")
            if len(values) > 100:
                return json_reply(
                    {"error": "Invalid query parameters error.", "message": "Maximum number of values exceeded"},
                    400,
                    headers,
                )
            if name == "from_updated_date":
                if not self.paid or "api_key" not in params:
                    return json_reply(
                        {"error": "Plan upgrade required", "message": f"{name} needs a paid plan"}, 403, headers
                    )
                found = [work for work in found if work["updated_date"][:10] >= value]
            elif name in ("doi", "pmid", "openalex"):
                found = [work for work in found if _names(work) & {f"{name}:{one.lower()}" for one in values}]
            elif name == "cites":
                found = [work for work in found if {_last(cited) for cited in work["referenced_works"]} & set(values)]
            elif name != "publication_year":
                return json_reply(
                    {"error": "Invalid query parameters error.", "message": f"{name} is not a valid field"},
                    400,
                    headers,
                )
        size, first = int(params.get("per_page", 25)), int(params.get("cursor", "*").replace("*", "0"))
        if size > 100:
            return json_reply(
                {"error": "Invalid query parameters error.", "message": "per_page must be at most 100"}, 400, headers
            )
        size = min(size, self.most)
        results = found[first : first + size]
        following = str(first + size) if "cursor" in params and results else None
        count = len(found) if self.stated is None else self.stated
        return json_reply(
            {"meta": {"count": count, "per_page": size, "next_cursor": following}, "results": results}, headers=headers
        )


def _last(address: str) -> str:
    return address.rpartition("/")[2]


def _names(work: dict[str, Any]) -> set[str]:
    return {
        f"doi:{work['doi'].removeprefix('https://doi.org/')}",
        f"pmid:{_last(work['ids']['pmid'])}",
        f"openalex:{_last(work['id']).lower()}",
    }
