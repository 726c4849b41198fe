"""PubMed, through NCBI's E-utilities: ESearch, which keeps what it found as a history on the server, and EFetch.

PubMed gives the first 9,999 records of a search only; a search that finds more is split by the day on which records were
entered, again and again, until each part is small enough.

Sources: https://www.ncbi.nlm.nih.gov/books/NBK25497/ (usage, `tool`, `email`, `api_key`),
https://www.ncbi.nlm.nih.gov/books/NBK25499/ (parameters), https://www.ncbi.nlm.nih.gov/books/NBK3827/ (dates of PubMed).
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta

from ..core.errors import BadInput
from ..records import Entry
from ..records.readers import pubmed_xml
from ..records.readers.xml_documents import BrokenFileError, first
from .database import Page, Search
from .eutilities import HISTORY, articles_fault, ask, pmids_on, root_of, search_fault, text_of, warnings_of
from .http import Answer, Client, RejectedError, SourceError, no_fault, refusal, title
from .json_pages import digest_of
from .services import PUBMED

_FIRST_DAY, _LAST_DAY = "1900/01/01", "3000/12/31"
_MOST_IN_ADDRESS = 1_500
"""Characters of a query; a longer one is sent as a form."""
_NUMBERS = re.compile(
    r"\s*\d{5,8}(?:\[(?:uid|pmid)\])?(?:(?:\s*[,;]\s*|\s+(?:or\s+)?)\d{5,8}(?:\[(?:uid|pmid)\])?)*\s*", re.I
)


@dataclass(frozen=True)
class _Part:
    """A part of a search: records whose date of a kind (`edat` of entry, `mdat` of change) is in a span of days.

    Without a kind it is the whole search. `but` is the day since which records that were entered are left out: another
    part has them.
    """

    kind: str = ""
    begin: str = ""
    end: str = ""
    but: str = ""

    def parameters(self, query: str) -> dict[str, str]:
        """Return the parameters of the search."""
        term = f"({query}) NOT {self.but}:{_LAST_DAY}[edat]" if self.but else query
        dates = {"datetype": self.kind, "mindate": self.begin, "maxdate": self.end} if self.kind else {}
        return {"term": term, **dates}

    def halves(self) -> "tuple[_Part, _Part] | None":
        """Return both halves of the span, up to today by days; None for a single day."""
        begin = date.fromisoformat((self.begin or _FIRST_DAY).replace("/", "-"))
        end = date.fromisoformat((self.end or _LAST_DAY).replace("/", "-"))
        known = min(end, datetime.now(UTC).date() + timedelta(days=1))  # it is tomorrow already elsewhere
        if begin >= known:
            return None
        middle = begin + (known - begin) // 2
        whole = replace(self, kind=self.kind or "edat")
        return (
            replace(whole, begin=f"{begin:%Y/%m/%d}", end=f"{middle:%Y/%m/%d}"),
            replace(whole, begin=f"{middle + timedelta(days=1):%Y/%m/%d}", end=f"{end:%Y/%m/%d}"),
        )


@dataclass(frozen=True)
class _Place:
    """Where a search has come to: what a cursor says."""

    parts: tuple[_Part, ...] = ()
    """What is to be fetched, the part that is open first."""
    total: int | None = None
    """Records of the whole search."""
    count: int = 0
    """Records of the open part."""
    start: int = 0
    """Records of the open part that came already."""
    environment: str = ""
    """The history on the server, `WebEnv`; empty where the part has not been searched yet."""
    key: str = ""

    @classmethod
    def of(cls, cursor: str) -> "_Place":
        """Read a cursor."""
        facts = json.loads(cursor)
        return cls(**{**facts, "parts": tuple(_Part(**part) for part in facts["parts"])})

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class _Found:
    """What ESearch says."""

    body: bytes
    count: int
    environment: str
    key: str
    translation: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class PubMed:
    """PubMed as a database: see `Database`. A query of nothing but PMIDs is a list of records to fetch."""

    name: str = "PubMed"
    suffix: str = "xml"
    service = PUBMED
    page_size: int = 200
    most: int = 9_999
    """Records of one search that PubMed gives."""

    def count(self, client: Client, search: Search) -> int:
        """Return how many records PubMed states for a search; of a list of PMIDs, how many they are."""
        if numbers := pmids_of(search.query):
            return len(numbers)
        return sum(self._search(client, search, part).count for part in _parts(search))

    def page(self, client: Client, search: Search, cursor: str | None) -> Page:
        """Return the page that begins at a cursor: `PubmedArticleSet`, or ESearch's answer where there is no record."""
        if numbers := pmids_of(search.query):
            again = "a list of PMIDs has no day since which it could be asked for" if search.since else ""
            return replace(self._numbered(client, numbers, int(cursor or 0)), all_again=again)
        place = _Place.of(cursor) if cursor else _Place(_parts(search))
        found: _Found | None = None
        warnings: tuple[str, ...] = ()
        while not place.environment and place.parts:
            place, opened, told = self._open(client, search, place)
            found, warnings = found or opened, warnings + told
        if not place.parts:
            assert found is not None
            page = Page(found.body, 0, place.total, None)
        else:
            page = self._fetched(client, search, place)
        translation = found.translation if found and cursor is None else ""
        told = (found.warnings if found and cursor is None else ()) + warnings + page.warnings
        return replace(page, translation=translation, warnings=told)

    def entries(self, body: bytes) -> Iterator[Entry]:
        """Yield the articles and books of a page."""
        try:
            yield from pubmed_xml.entries_of(text_of(body))
        except (BadInput, BrokenFileError) as problem:
            raise SourceError(f"a page of PubMed cannot be read: {problem}; search again") from None

    def _open(self, client: Client, search: Search, place: _Place) -> tuple[_Place, _Found, tuple[str, ...]]:
        """Search the first part; where it is too large, take its halves in its place."""
        part, *others = place.parts
        found = self._search(client, search, part)
        warnings: tuple[str, ...] = ()
        total = place.total
        if total is None:
            # A search for what is new has two parts, which are both counted before the first page.
            total = found.count + sum(self._search(client, search, other).count for other in others)
        if found.count > self.most:
            if halves := part.halves():
                return replace(place, parts=(*halves, *others), total=total), found, warnings
            warnings = (
                f"{found.count:,} records of one day, {part.begin}: PubMed gives the first {self.most:,}; narrow the query",
            )
        if found.count == 0:
            return replace(place, parts=tuple(others), total=total), found, warnings
        if not found.environment or not found.key:
            raise SourceError(f"{title(PUBMED)} did not keep the search; run the same command again later")
        return _Place(place.parts, total, found.count, 0, found.environment, found.key), found, warnings

    def _fetched(self, client: Client, search: Search, place: _Place) -> Page:
        """Return the page at a place; where the server has forgotten the search, search again."""
        answer = self._efetch(client, place)
        if answer is not None:
            return self._page(client, place, answer.body)
        found = self._search(client, search, place.parts[0])
        if found.count == place.count:
            again = replace(place, environment=found.environment, key=found.key)
            answer = self._efetch(client, again)
            if answer is None:
                raise SourceError(f"{title(PUBMED)} forgets the search at once; run the same command again later")
            return self._page(client, again, answer.body)
        # Where the records of the pages that came now stand nobody knows, so all of this part come again.
        total = (place.total or 0) + found.count - place.count
        page = self.page(client, search, _Place(place.parts, total).cursor)
        warning = (
            f"the search was repeated, because PubMed keeps it for some hours only: it now finds {total:,} records, "
            f"before {place.total:,}; {place.start:,} came twice and are counted once"
        )
        return replace(page, repeated=place.start, warnings=(warning, *page.warnings))

    def _page(self, client: Client, place: _Place, body: bytes) -> Page:
        """Return a page, with what is missing on it, and where the next one begins."""
        numbers, warnings = pmids_on(body), list[str]()
        asked, expected = self._size(place), self._expected(place)
        if len(numbers) < expected:
            missing = [number for number in self._listed(client, place) if number not in numbers]
            named = f": {', '.join(missing[:20])}{' …' * (len(missing) > 20)}" if missing else ""
            warnings.append(f"{expected - len(numbers):,} of the records that were found did not come{named}")
        start = place.start + asked
        following = replace(place, start=start)
        # A full page where fewer were to come: there are more than PubMed counted.
        more = len(numbers) == asked > expected
        if start >= self.most or (start >= place.count and not more):
            following = _Place(place.parts[1:], place.total)
        cursor = following.cursor if following.parts else None
        digest = digest_of(numbers, within=place.environment)
        return Page(body, len(numbers), place.total, cursor, digest=digest, warnings=tuple(warnings))

    def _listed(self, client: Client, place: _Place) -> list[str]:
        """Return the PMIDs of a page without its records; none where PubMed does not send them: they only name what is missing."""
        try:
            answer = self._efetch(client, place, numbers_only=True)
        except SourceError:
            return []
        numbers = answer.body.decode("utf-8", "replace").split() if answer and answer.status < 400 else []
        return [number for number in numbers if number.isdecimal()]

    def _size(self, place: _Place) -> int:
        """Return how many records are asked for at a place."""
        return min(self.page_size, self.most - place.start)

    def _expected(self, place: _Place) -> int:
        """Return how many records should come."""
        return max(min(self._size(place), place.count - place.start), 0)

    def _numbered(self, client: Client, numbers: list[str], start: int) -> Page:
        """Return the page of these PMIDs that begins at a place in their list."""
        wanted = numbers[start : start + self.page_size]
        answer = ask(client, "efetch.fcgi", {"id": ",".join(wanted), "retmode": "xml"}, articles_fault(len(wanted)))
        if answer.status == 400:
            raise refusal(PUBMED, answer)
        body, end = answer.body, start + len(wanted)
        received = pmids_on(body)
        missing = [number for number in wanted if number not in received]
        warning = f"PubMed has no record {', '.join(missing)}: deleted, or never there" if missing else ""
        return Page(
            body,
            len(received),
            len(numbers),
            str(end) if end < len(numbers) else None,
            warnings=(warning,) if warning else (),
        )

    def _search(self, client: Client, search: Search, part: _Part) -> _Found:
        """Ask ESearch for a part of a search."""
        asked = {**part.parameters(search.query), "usehistory": "y", "retmax": "0", "retmode": "xml"}
        answer = ask(client, "esearch.fcgi", asked, search_fault, as_form=len(asked["term"]) > _MOST_IN_ADDRESS)
        result = root_of(answer, "eSearchResult")
        if result is None:
            if answer.status >= 400:
                raise refusal(PUBMED, answer)
            raise SourceError(
                f"{title(PUBMED)} sent XML that is not read: it is no search result, or declares entities; run the same command again later"
            )
        if refused := first(result, "ERROR"):
            detail = "; ".join(filter(None, (refused, *warnings_of(result))))
            raise RejectedError(f"{title(PUBMED)} rejects the search (it says: {detail[:300]}); correct the query")
        number = first(result, "Count")
        if not number.isdigit():
            raise SourceError(
                f"{title(PUBMED)} does not say how many records it found; run the same command again later"
            )
        return _Found(
            answer.body,
            int(number),
            first(result, "WebEnv"),
            first(result, "QueryKey"),
            first(result, "QueryTranslation"),
            warnings_of(result),
        )

    def _efetch(self, client: Client, place: _Place, *, numbers_only: bool = False) -> Answer | None:
        """Ask EFetch for records of a history; None where the server has it no more."""
        history = {"WebEnv": place.environment, "query_key": place.key}
        asked = {**history, "retstart": str(place.start), "retmax": str(self._size(place))}
        if numbers_only:
            return ask(client, "efetch.fcgi", {**asked, "rettype": "uilist", "retmode": "text"}, no_fault)
        answer = ask(client, "efetch.fcgi", {**asked, "retmode": "xml"}, articles_fault(self._expected(place)))
        result = root_of(answer, "eFetchResult")
        if result is not None and HISTORY.search(first(result, "ERROR")):
            return None
        if result is not None:
            said = first(result, "ERROR")[:300]
            raise SourceError(
                f"{title(PUBMED)} does not send records (it says: {said}); run the same command again later"
            )
        if answer.status == 400:
            raise refusal(PUBMED, answer)
        return answer


def look_up(client: Client, numbers: Sequence[str]) -> bytes:
    """Return the records of some PMIDs as a page that `PubMed.entries` reads. Raises `SourceError`.

    What came in the last 30 days is taken from the disk.
    """
    asked = {"id": ",".join(numbers), "retmode": "xml"}
    answer = ask(client, "efetch.fcgi", asked, articles_fault(len(numbers)), look_up=True)
    if answer.status == 400:
        raise refusal(PUBMED, answer)
    return answer.body


def pmids_of(query: str) -> list[str]:
    """Return the PMIDs of a query that consists of nothing else, each once; none for any other query."""
    return list(dict.fromkeys(re.findall(r"\d+", query))) if _NUMBERS.fullmatch(query) else []


def _parts(search: Search) -> tuple[_Part, ...]:
    """Return the whole search as one part; for what is new what was entered, then what was only changed since."""
    if not search.since:
        return (_Part(),)
    since = search.since.replace("-", "/")
    return _Part("edat", since, _LAST_DAY), _Part("mdat", since, _LAST_DAY, but=since)


DATABASE = PubMed()
"""PubMed."""
