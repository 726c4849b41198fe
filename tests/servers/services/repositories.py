"""GitHub's, the Hugging Face Hub's and Zenodo's interfaces for one repository, model or record, as their documentation has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from screener.sources.services import GITHUB, HUGGING_FACE, ZENODO, Service

from .base import Asked, Reply, json_reply


@dataclass
class Repository:
    """A repository on GitHub: its present name, the licence that GitHub recognises, and its files (None: no commit yet)."""

    name: str
    licence: str | None = None
    files: Sequence[str] | None = ()


@dataclass
class GitHubApi:
    """Repositories by the names that they are asked for by, old ones too. `left` is how many more requests it allows.

    `refused` is what it answers instead, to all requests or, with `only_trees`, to those for files.
    """

    repositories: Mapping[str, Repository] = field(default_factory=dict)
    left: int = 60
    service: Service = GITHUB
    refused: Reply | None = None
    only_trees: bool = False

    def answer(self, asked: Asked) -> Reply:
        if self.left <= 0:
            return json_reply({"message": "API rate limit exceeded"}, 403, {"x-ratelimit-remaining": "0"})
        self.left -= 1
        if self.refused is not None and ("/git/trees/" in asked.path or not self.only_trees):
            return self.refused
        name = "/".join(unquote(asked.path).strip("/").split("/")[1:3])
        repository = self.repositories.get(name)
        if repository is None:
            return json_reply({"message": "Not Found"}, 404)
        if "/git/trees/" not in asked.path:
            licence = {"spdx_id": repository.licence} if repository.licence else None
            return json_reply({"full_name": repository.name, "license": licence})
        if repository.files is None:
            return json_reply({"message": "Git Repository is empty."}, 409)
        return json_reply({"tree": [{"path": name, "type": "blob"} for name in repository.files], "truncated": False})


@dataclass
class HubApi:
    """What the Hub says of models and data sets, by their paths (`models/a/b`)."""

    entries: Mapping[str, Mapping[str, Any]]
    service: Service = HUGGING_FACE

    def answer(self, asked: Asked) -> Reply:
        found = self.entries.get(unquote(asked.path).strip("/").removeprefix("api/"))
        return json_reply({"error": "Repository not found"}, 401) if found is None else json_reply(dict(found))


@dataclass
class RecordApi:
    """What Zenodo says of records, by their numbers."""

    records: Mapping[str, Mapping[str, Any]]
    service: Service = ZENODO

    def answer(self, asked: Asked) -> Reply:
        found = self.records.get(asked.path.strip("/").removeprefix("records/"))
        return json_reply({"status": 404}, 404) if found is None else json_reply(dict(found))
