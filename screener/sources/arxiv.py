"""arXiv: searching by its API, which answers in Atom, page after page by `start`.

A query is in the syntax of `search_query` (`ti:asthma AND cat:cs.LG`); a query of nothing but arXiv ids is a list
of papers to fetch. There is one request in three seconds, as arXiv asks for.

What is new since a day comes in the order of the last change, the newest first, until the day is passed: a range of
`lastUpdatedDate` in the query finds papers by when they were first submitted, and so leaves out new versions. How many there
are is not known before.

Source: https://info.arxiv.org/help/api/user-manual.html
"""

import re
from collections.abc import Iterable, Sequence

from ..core.errors import BadInput
from ..records import Entry
from ..records.normalise import arxiv as arxiv_id
from ..records.readers import atom
from ..records.readers.xml_documents import BrokenFileError, content, elements, root_name
from .database import Page, Search
from .http import Answer, Client, Fault, RejectedError, SourceError, refusal, title, unread
from .json_pages import digest_of, number
from .services import ARXIV as SERVICE

PAGE = 200
MOST = 30_000
"""Records of one search that arXiv gives."""
_EMPTY_TRIES = 2


class ArXiv:
    """ArXiv. A cursor is the number of records that came before."""

    name = "arXiv"
    suffix = "xml"
    service = SERVICE

    def count(self, client: Client, search: Search) -> int | None:
        """Return how many papers the search has; None for what is new since a day. Raises `SourceError`."""
        return None if search.since else _Feed(self._ask(client, search, 0, 1)).total

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return a page of papers. Raises `SourceError`."""
        start = int(cursor or 0)
        feed = _Feed(self._ask(client, search, start, PAGE))
        if not search.since and feed.total is not None and feed.total > MOST:
            raise SourceError(
                f"{title(SERVICE)} has {feed.total:,} papers for the query and gives at most {MOST:,} of them; divide the "
                "query, by submittedDate:[201801010000 TO 201812312359] for instance"
            )
        seen, received = start + len(feed.entries), len(feed.entries)
        # A page may be shorter than asked for in the middle of a search, and fuller than was stated.
        more = bool(received) and (seen < (feed.total or 0) or received >= PAGE) and seen < MOST
        if search.since and received and _changed(feed.entries[-1]) < search.since:
            more = False
        missing = (feed.total or 0) - start if not received and not search.since else 0
        warnings = (f"{missing:,} of the papers that were found did not come",) if missing > 0 else ()
        stated, digest = None if search.since else feed.total, digest_of([entry.arxiv for entry in feed.entries])
        return Page(feed.body, received, stated, str(seen) if more else None, digest=digest, warnings=warnings)

    def entries(self, body: bytes) -> Iterable[Entry]:
        """Return the papers of a kept page. Raises `SourceError`."""
        try:
            return list(atom.entries_of(body.decode()))
        except (BadInput, BrokenFileError, UnicodeDecodeError) as problem:
            raise SourceError(f"a kept page of {SERVICE.title} cannot be read: {problem}; search again") from None

    def _ask(self, client: Client, search: Search, start: int, size: int) -> Answer:
        papers = ids_of(search.query)
        given = {"id_list": ",".join(papers)} if papers else {"search_query": search.query}
        # The oldest first: what is submitted while a search runs comes behind what was received.
        order = ("lastUpdatedDate", "descending") if search.since else ("submittedDate", "ascending")
        sort = dict(zip(("sortBy", "sortOrder"), order, strict=True))
        params = {**given, **sort, "start": start, "max_results": size}
        answer = client.get(SERVICE, SERVICE.url("query"), params, allowed=(400,), fault=_fault(start))
        if answer.status == 400 and root_name(answer.body.decode("utf-8", "replace")) != "feed":
            raise refusal(SERVICE, answer)
        return answer


class _Feed:
    """A feed as it was read. Raises `SourceError` for one that is an error or cannot be read."""

    def __init__(self, answer: Answer) -> None:
        """Read it."""
        self.body = answer.body
        self.total: int | None = None
        self.entries = list[Entry]()
        try:
            for element in elements(answer.body.decode(), {"entry", "totalResults"}):
                if element.tag == "totalResults":
                    self.total = number(content(element))
                elif problem := atom.error_of(element):
                    raise RejectedError(
                        f"{title(SERVICE)} rejects the search (it says: {problem[:300]}); correct the query"
                    )
                else:
                    self.entries.append(atom.entry_of(element))
        except SourceError:
            raise
        except (BadInput, BrokenFileError, UnicodeDecodeError) as problem:
            raise unread(SERVICE, problem) from None


def look_up(client: Client, numbers: Sequence[str]) -> bytes:
    """Return the papers of some ids as a page that `ArXiv.entries` reads. Raises `SourceError`.

    What came in the last 30 days is taken from the disk.
    """
    params = {"id_list": ",".join(numbers), "max_results": len(numbers)}
    answer = client.get(SERVICE, SERVICE.url("query"), params, allowed=(400,), fault=_fault(0), look_up=True)
    if answer.status == 400:
        raise refusal(SERVICE, answer)
    return answer.body


def ids_of(query: str) -> list[str]:
    """Return the arXiv ids of a query that consists of nothing else, each once; none for any other query."""
    words = [word for word in re.split(r"[\s,;]+", query) if word]
    return list(dict.fromkeys(words)) if words and all(map(arxiv_id, words)) else []


def _fault(start: int) -> Fault:
    """Return what says what is wrong with a feed; arXiv sends empty ones now and then, which are asked for again."""
    left = [_EMPTY_TRIES]

    def fault(answer: Answer) -> str:
        total, papers = None, 0
        try:
            text = answer.body.decode()
            if answer.status == 400:
                return ""
            if root_name(text) != "feed":
                return "sent something that is no feed"
            for element in elements(text, {"entry", "totalResults"}):
                if element.tag == "entry":
                    papers += 1
                else:
                    total = number(content(element))
        except BadInput:
            return ""  # entities; asking again does not help
        except (BrokenFileError, UnicodeDecodeError) as problem:
            return f"sent no whole feed: {problem}"
        if total is None:
            return "sent a feed that does not say how many papers there are"
        if papers or total <= start or not left[0]:
            return ""
        left[0] -= 1
        return "sent an empty page"

    return fault


def _changed(entry: Entry) -> str:
    """Return the day of the last change of a paper, ISO 8601; a late one where it is not known."""
    return next((date.value for date in entry.dates if date.kind == "updated"), "9999")


DATABASE = ArXiv()
