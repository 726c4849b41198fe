"""Snapshots: what a database returned for a search, page by page, kept in a folder of its own.

    20261130T081500Z-pubmed-1/
        search.json     the database, the query, since when, and when it was asked
        pages.jsonl     a line a page: its file, how many records, how many were stated, when; the last one, where the next begins
        0001.xml.gz …   the pages as they came

A page is in the folder before its line is written, so that a search that was stopped goes on behind the last page of which
a line tells.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ..core.files import whole_file
from ..records import Entry
from .connections import private_allowed
from .database import Database, Page, Search
from .http import Client, SourceError, private_host
from .services import Service


@dataclass(frozen=True)
class KeptPage:
    """A line of `pages.jsonl`."""

    file: str
    received: int
    stated: int | None
    following: str | None
    """Where the next page begins; None after the last, empty where that page is there."""
    at: str
    sha256: str
    repeated: int = 0
    digest: str = ""
    translation: str = ""
    warnings: tuple[str, ...] = ()
    all_again: str = ""
    test_server: str = ""
    """The host, where it was one of this machine or of a private network, and not the database itself."""


@dataclass(frozen=True)
class SearchSnapshot:
    """A search of a database and what it returned, as far as it has come."""

    folder: Path
    database: str
    source: str
    """The source's name in the protocol."""
    query_name: str
    query: str
    since: str
    started: str
    """When the search began, ISO 8601, UTC."""
    begun_at: str = ""
    """The host of a test server that was to be asked when it began; empty for the database itself."""
    pages: tuple[KeptPage, ...] = ()

    @property
    def finished(self) -> bool:
        """Return whether the last page is there."""
        return bool(self.pages) and self.pages[-1].following is None

    @property
    def stated(self) -> int | None:
        """Return how many records the database stated last; None where it does not say."""
        return next((page.stated for page in reversed(self.pages) if page.stated is not None), None)

    @property
    def received(self) -> int:
        """Return how many records were received, those that came twice counted once."""
        return sum(page.received - page.repeated for page in self.pages)

    @property
    def translation(self) -> str:
        """Return what the database made of the query; empty where it does not say."""
        return next((page.translation for page in self.pages if page.translation), "")

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what the database warned of and what did not come as it should, each once."""
        return tuple(dict.fromkeys(warning for page in self.pages for warning in page.warnings))

    @property
    def all_again(self) -> str:
        """Return why the database was asked for everything again; empty where it was not."""
        return next((page.all_again for page in self.pages if page.all_again), "")

    @property
    def test_server(self) -> str:
        """Return the host of a server that stood for the database; empty for the database itself."""
        return next((page.test_server for page in self.pages if page.test_server), self.begun_at)

    @property
    def search(self) -> Search:
        """Return what the database is asked."""
        return Search(self.query, self.since)

    @property
    def sha256(self) -> str:
        """Return a digest of all pages in their order."""
        return hashlib.sha256("".join(page.sha256 for page in self.pages).encode()).hexdigest()

    def body(self, page: KeptPage) -> bytes:
        """Return a page as it came; `SourceError` where its file is gone or damaged."""
        try:
            body = gzip.decompress((self.folder / page.file).read_bytes())
        except (OSError, EOFError, ValueError) as error:
            raise SourceError(f"{self.folder / page.file}: cannot be read ({error}); search again") from None
        if hashlib.sha256(body).hexdigest() != page.sha256:
            raise SourceError(f"{self.folder / page.file}: is not what {self.database} sent; search again")
        return body

    def entries(self, database: Database) -> Iterator[Entry]:
        """Yield the entries of all pages, one page in memory at a time."""
        for page in self.pages:
            yield from database.entries(self.body(page))


def test_server_of(database: Database) -> str | None:
    """Return the host of the test server that is asked in the place of a database; empty where itself is asked.

    None where that is known from its answers alone: of a database of another package that names no `service`.
    """
    if not private_allowed():
        return ""
    service = getattr(database, "service", None)
    return private_host(service.base) if isinstance(service, Service) else None


def begin(
    folder: Path,
    database: Database,
    source: str,
    query_name: str,
    search: Search,
    started: datetime | None = None,
) -> SearchSnapshot:
    """Make the folder of a new search in the folder of all snapshots."""
    started = started or datetime.now(UTC)
    slug = re.sub(r"[^a-z0-9]+", "-", f"{source} {query_name}".lower()).strip("-")[:60] or "search"
    stem, number = f"{started:%Y%m%dT%H%M%SZ}-{slug}", 1
    while (place := folder / (stem if number == 1 else f"{stem}-{number}")).exists():
        number += 1
    place.mkdir(parents=True)
    at = started.isoformat(timespec="seconds")
    snapshot = SearchSnapshot(
        place, database.name, source, query_name, search.query, search.since, at, test_server_of(database) or ""
    )
    facts = {name: value for name, value in asdict(snapshot).items() if name not in ("folder", "pages")}
    with whole_file(place / "search.json") as file:
        file.write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")
    return snapshot


def snapshots_in(folder: Path) -> list[SearchSnapshot]:
    """Return all snapshots of a folder, the oldest first; what is no whole snapshot is left out."""
    kept = list[SearchSnapshot]()
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            facts = json.loads((place / "search.json").read_text("utf-8"))
            kept.append(SearchSnapshot(place, pages=_pages(place), **facts))
        except (OSError, ValueError, TypeError):
            continue
    return sorted(kept, key=lambda snapshot: (snapshot.started, snapshot.folder.name))


def fetch(
    snapshot: SearchSnapshot,
    database: Database,
    client: Client,
    progress: Callable[[SearchSnapshot], None] = lambda _: None,
) -> SearchSnapshot:
    """Ask for the pages that are missing, keep each, and return the finished snapshot.

    Raises `SourceError` where the database does not answer; the pages that came are kept, and the next call goes on behind
    them.
    """
    while not snapshot.finished:
        cursor = snapshot.pages[-1].following if snapshot.pages else None
        page = _next(snapshot, database, client, cursor)
        snapshot = _keep(snapshot, page, database.suffix, client.test_server)
        progress(snapshot)
    return snapshot


def _next(snapshot: SearchSnapshot, database: Database, client: Client, cursor: str | None) -> Page:
    """Return the page at a cursor. One that is there already is asked for once more, and then refused.

    Kept, it would count its records twice; and a database that sends it for ever would be asked for ever.
    """
    known = {page.digest for page in snapshot.pages} - {""}
    for _ in range(2):
        page = database.page(client, snapshot.search, cursor)
        if page.digest not in known:
            return page
    raise SourceError(
        f"{database.name} sent a page again instead of the next one, after {snapshot.received:,} records; run the same command again "
        "later, or divide the query"
    )


def _keep(snapshot: SearchSnapshot, page: Page, suffix: str, test_server: str) -> SearchSnapshot:
    """Keep a page: first its file, then its line."""
    name = f"{len(snapshot.pages) + 1:04}.{suffix}.gz"
    with whole_file(snapshot.folder / name) as file:
        file.write_bytes(gzip.compress(page.body, mtime=0))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    digest = hashlib.sha256(page.body).hexdigest()
    facts = {one: value for one, value in asdict(page).items() if one != "body"}
    kept = KeptPage(file=name, at=at, sha256=digest, test_server=test_server, **facts)
    # A cursor can be long, and only the last one is needed.
    pages = (*(replace(earlier, following="") for earlier in snapshot.pages), kept)
    with whole_file(snapshot.folder / "pages.jsonl") as file:
        file.write_text("".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in pages), "utf-8")
    return replace(snapshot, pages=pages)


def _pages(folder: Path) -> tuple[KeptPage, ...]:
    try:
        lines = (folder / "pages.jsonl").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return ()
    read = [KeptPage(**json.loads(line)) for line in lines]
    return tuple(replace(page, warnings=tuple(page.warnings)) for page in read)
