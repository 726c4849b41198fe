"""Services that are asked about single papers, by identifier, page or title, from one list of papers.

As documented in https://europepmc.org/searchsyntax, https://github.com/CrossRef/rest-api-doc,
https://api.semanticscholar.org/api-docs/graph and https://docs.openreview.net/reference/api-v2/openapi-definition; the pages
have the elements that the venues' own have.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any
from urllib.parse import unquote

from screener.records import normalise_title as normalised
from screener.sources.services import (
    CROSSREF,
    EUROPE_PMC,
    OPENREVIEW,
    OPENREVIEW_1,
    SEMANTIC_SCHOLAR,
    Service,
)

from .base import Asked, Reply, json_reply
from .crossref import crossref_work
from .europepmc import europepmc_result
from .openalex import OpenAlexApi, openalex_work

normalise_title = cache(normalised)


@dataclass(frozen=True)
class Paper:
    """A paper as services know it; abstracts are synthetic."""

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ("Synthetic, Ada",)
    year: int = 2023
    doi: str = ""
    pmid: str = ""
    arxiv: str = ""
    forum: str = ""
    """Its number at OpenReview."""
    path: str = ""
    """Of its page at a venue."""
    more: dict[str, Any] = field(default_factory=dict)
    """Fields that a service has beside these, in its own shape."""

    def __hash__(self) -> int:
        return id(self)


@dataclass
class EuropePmcPapers:
    papers: Sequence[Paper]
    service = EUROPE_PMC

    def answer(self, asked: Asked) -> Reply:
        query = asked.params["query"]
        pmids = set(re.findall(r"EXT_ID:(\d+)", query)) if query.endswith("AND SRC:MED") else set()
        dois = set(re.findall(r'DOI:"([^"]+)"', query))
        found = [paper for paper in self.papers if paper.pmid in pmids or (paper.doi and paper.doi in dois)]
        results = [
            europepmc_result(
                number, id=paper.pmid or f"PPR{number}", source="MED" if paper.pmid else "PPR", title=f"{paper.title}.",
                pmid=paper.pmid or None, doi=paper.doi, abstractText=paper.abstract or None, pubYear=str(paper.year), **paper.more,
            )
            for number, paper in enumerate(found)
        ]  # fmt: skip
        return json_reply({"hitCount": len(results), "nextCursorMark": "*", "resultList": {"result": results}})


def openalex_paper(number: int, paper: Paper) -> dict[str, Any]:
    words = dict[str, list[int]]()
    for place, word in enumerate(paper.abstract.split()):
        words.setdefault(word, []).append(place)
    return openalex_work(
        number, display_name=paper.title, title=paper.title, publication_year=paper.year, language="en",
        publication_date=f"{paper.year}-01-01", doi=f"https://doi.org/{paper.doi}",
        ids={"openalex": f"https://openalex.org/W{number}", "pmid": f"https://pubmed.ncbi.nlm.nih.gov/{paper.pmid}"},
        abstract_inverted_index=words or None,
        authorships=[{"author": {"display_name": " ".join(reversed(name.split(", ")))}} for name in paper.authors], **paper.more,
    )  # fmt: skip


@dataclass
class OpenAlexPapers(OpenAlexApi):
    """The works of OpenAlex, and those that have the words of a title."""

    def _list(self, params: dict[str, str], headers: dict[str, str]) -> Reply:
        name, _, value = params.get("filter", "").partition(":")
        if name != "title.search":
            return super()._list(params, headers)
        found = [work for work in self.works if set(value.split()) <= set(normalise_title(work["title"]).split())]
        return json_reply({"meta": {"count": len(found)}, "results": found[: int(params["per_page"])]}, headers=headers)


def openalex_papers(papers: Sequence[Paper], **facts: Any) -> OpenAlexPapers:
    return OpenAlexPapers([openalex_paper(number, paper) for number, paper in enumerate(papers, start=1)], **facts)


@dataclass
class CrossrefPapers:
    papers: Sequence[Paper]
    service = CROSSREF

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/works":
            wanted = {part.partition(":")[2] for part in asked.params["filter"].split(",")}
        else:
            wanted = {unquote(asked.path.removeprefix("/works/"))}
        works = [
            crossref_work(
                number,
                DOI=paper.doi,
                title=[paper.title],
                abstract=f"<jats:p>{escape(paper.abstract)}</jats:p>",
                **paper.more,
            )
            for number, paper in enumerate(self.papers)
            if paper.doi and paper.doi in wanted
        ]
        if asked.path == "/works":
            return json_reply({"message-type": "work-list", "message": {"total-results": len(works), "items": works}})
        return (
            json_reply({"message-type": "work", "message": works[0]}) if works else Reply(b"Resource not found.", 404)
        )


@dataclass
class SemanticScholarPapers:
    """`key` is the one that is right; who sends none is served too."""

    papers: Sequence[Paper]
    key: str = "right"
    service = SEMANTIC_SCHOLAR

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key", self.key) != self.key:
            return json_reply({"message": "Forbidden"}, 403)
        if asked.path == "/paper/batch":
            ids = json.loads(asked.body)["ids"]
            if len(ids) > 500:
                return json_reply({"error": "Too many ids"}, 400)
            found = [self._paper(lambda paper, one=one: one in self._ids(paper)) for one in ids]  # type: ignore[misc]
            return json_reply(found) if any(found) else json_reply({"error": "No valid paper ids given"}, 400)
        title = normalise_title(asked.params["query"])
        match = self._paper(lambda paper: normalise_title(paper.title) == title)
        return json_reply({"data": [match]}) if match else json_reply({"error": "Title match not found"}, 404)

    def _paper(self, wanted: Callable[[Paper], bool]) -> dict[str, Any] | None:
        paper = next((paper for paper in self.papers if wanted(paper)), None)
        return paper and {
            "paperId": "0123456789abcdef", "title": paper.title, "abstract": paper.abstract or None, "year": paper.year,
            "authors": [{"name": " ".join(reversed(name.split(", ")))} for name in paper.authors],
            "externalIds": {"DOI": paper.doi or None, "ArXiv": paper.arxiv or None}, "openAccessPdf": None, **paper.more,
        }  # fmt: skip

    @staticmethod
    def _ids(paper: Paper) -> set[str]:
        return {f"DOI:{paper.doi}", f"PMID:{paper.pmid}", f"ARXIV:{paper.arxiv}"}


@dataclass
class OpenReviewPapers:
    """Both versions of the API: in the second one a field has its value under `value`."""

    papers: Sequence[Paper]
    service: Service = OPENREVIEW

    def answer(self, asked: Asked) -> Reply:
        paper = next((one for one in self.papers if one.forum and one.forum == asked.params.get("id")), None)
        if asked.path != "/notes" or paper is None:
            return json_reply({"name": "NotFoundError", "status": 404, "message": "The Note was not found"}, 404)
        content: dict[str, Any] = {"title": paper.title, "abstract": paper.abstract, "authors": list(paper.authors)}
        if self.service is not OPENREVIEW_1:
            content = {name: {"value": value} for name, value in content.items()}
        return json_reply({"notes": [{"id": paper.forum, "cdate": 1_690_000_000_000, "content": content}], "count": 1})


PAGES: dict[str, str] = {
    "PMLR": '<div id="abstract" class="abstract">{abstract}</div><div id="extras">Related Material</div>',
    "NEURIPS": "<h4>{title}</h4><p>Authors</p><h4>Abstract</h4><p></p><p>{abstract}</p><p></p><h4>Name Change Policy</h4><p>None.</p>",
    "CVF": '<div id="papertitle">{title}</div><div id="abstract">\n{abstract}</div><font>Related Material</font>',
    "ACL": '<div class="card-body acl-abstract"><h5 class="card-title">Abstract</h5><span>{abstract}</span></div><dl>Anthology ID</dl>',
    "AAAI": '<section class="item abstract"><h2 class="label">Abstract</h2>{abstract}</section><section class="item">Published</section>',
}
"""Where a venue's page has the abstract, by the service's name."""


@dataclass
class VenuePapers:
    """The pages of a venue."""

    service: Service
    papers: Sequence[Paper]

    def answer(self, asked: Asked) -> Reply:
        paper = next((one for one in self.papers if one.path and one.path == asked.path), None)
        if paper is None:
            return Reply(b"<html><title>404 Not Found</title></html>", 404, {"Content-Type": "text/html"})
        metas = {"citation_title": paper.title, "citation_publication_date": f"{paper.year}/07/01"}
        head = "".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in metas.items())
        head += "".join(f'<meta name="citation_author" content="{escape(name)}">' for name in paper.authors)
        body = PAGES[self.service.name].format(title=escape(paper.title), abstract=escape(paper.abstract))
        page = (
            f"<!DOCTYPE html><html><head><meta charset=utf-8>{head}</head><body><nav>Abstract</nav>{body}</body></html>"
        )
        return Reply(page.encode(), 200, {"Content-Type": "text/html; charset=utf-8"})
