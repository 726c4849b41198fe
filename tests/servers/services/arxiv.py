"""arXiv's API: Atom, `start` and `max_results`, sorting, lists of ids, and errors that are feeds.

As documented in https://info.arxiv.org/help/api/user-manual.html.
"""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from screener.sources.services import ARXIV

from .base import Asked, Reply

_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
<id>https://arxiv.org/api/synthetic</id><title>arXiv Query</title><updated>2026-01-01T00:00:00Z</updated>
"""


@dataclass(frozen=True)
class Paper:
    """A paper that is invented. `more` is XML at the end of its entry."""

    number: int
    version: int = 1
    submitted: str = ""
    changed: str = ""
    more: str = ""

    @property
    def id(self) -> str:
        return f"2401.{self.number:05}"

    @property
    def dates(self) -> tuple[str, str]:
        submitted = self.submitted or f"2024-01-{self.number % 28 + 1:02}"
        return submitted, self.changed or submitted

    @property
    def xml(self) -> str:
        submitted, changed = self.dates
        return f"""<entry><id>http://arxiv.org/abs/{self.id}v{self.version}</id><title>synthetic record {self.number}</title>
<updated>{changed}T10:00:00Z</updated><published>{submitted}T09:00:00Z</published>
<link href="https://arxiv.org/abs/{self.id}v{self.version}" rel="alternate" type="text/html"/>
<summary>Synthetic abstract
  of record {self.number}.</summary><category term="eess.SP" scheme="http://arxiv.org/schemas/atom"/>
<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/><arxiv:primary_category term="cs.LG"/>
<author><name>Ann Synthetic</name></author><author><name>Bob Synthetic</name></author>{self.more}</entry>
"""


@dataclass
class ArXivApi:
    """`query` is the only query that can be parsed. `short` pages are shorter than asked for, `empty` the next ones."""

    papers: list[Paper]
    query: str = "ti:synthetic"
    stated: int | None = None
    short: int = 2_000
    empty: int = 0
    service = ARXIV
    sorts: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Reply:
        given = asked.params
        if asked.path != "/query":
            return Reply(status=404)
        start, most = int(given.get("start", 0)), int(given.get("max_results", 10))
        if "id_list" in given:
            wanted = [one.partition("v")[0] for one in given["id_list"].split(",")]
            found = [paper for paper in self.papers if paper.id in wanted]
        elif given.get("search_query") != self.query:
            return _error("bad query")
        else:
            found = list(self.papers)
        if start + most > 30_000 + 2_000:
            return _error("start must be at most 30000")
        by_change = given.get("sortBy") == "lastUpdatedDate"
        self.sorts.add(f"{given.get('sortBy')} {given.get('sortOrder')}")
        found.sort(key=lambda paper: paper.dates[by_change], reverse=given.get("sortOrder") == "descending")
        shown = found[start : start + min(most, self.short)]
        if self.empty:
            self.empty, shown = self.empty - 1, []
        total = len(found) if self.stated is None else self.stated
        counts = f"<opensearch:totalResults>{total}</opensearch:totalResults>"
        counts += f"<opensearch:startIndex>{start}</opensearch:startIndex>"
        return _feed(counts + "".join(paper.xml for paper in shown))


def _feed(content: str, status: int = 200) -> Reply:
    return Reply(f"{_HEAD}{content}</feed>".encode(), status, {"Content-Type": "application/atom+xml; charset=UTF-8"})


def _error(message: str) -> Reply:
    return _feed(
        "<opensearch:totalResults>1</opensearch:totalResults><entry><id>https://arxiv.org/api/errors#bad</id>"
        f"<title>Error</title><summary>{escape(message)}</summary></entry>",
        400,
    )
