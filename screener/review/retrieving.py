"""`screener retrieve`: the protocol's searches are run, what the databases send is kept, and the records are entered."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypedDict

from ..core.errors import BadInput
from ..core.files import reason_of
from ..ledger import (
    DoneSearch,
    Imported,
    Ledger,
    ManyMissingError,
    add_files,
    add_search,
    done_searches,
    gone_ids,
    hits_by_source,
    lock_file,
    update_source,
)
from ..ledger.synthetic import read_synthetic
from ..protocol import Review, Source
from ..protocol.searches import Query
from ..records import FileRead, Hit, RowCollector
from ..sources import (
    DATABASES,
    Client,
    Database,
    ForeignDatabase,
    RejectedError,
    Search,
    SearchSnapshot,
    SourceError,
    begin,
    fetch,
    snapshots_in,
)
from ..sources.snapshots import test_server_of
from .changes import after_change
from .citation_seeds import begins_with_included, next_round
from .importing import records_after
from .retrieve_results import NO_SOURCE, QueryResult, RetrieveResult, SourceResult

OVERLAP = timedelta(days=30)
"""How far a later search reaches back behind the start of the one before: databases enter records late."""
ROWS_AT_ONCE = 10_000
"""Rows that are entered at a time: all of a large search would fill the memory."""


@dataclass(frozen=True)
class RetrieveOptions:
    """How to retrieve. `whole` asks for everything again; `most_requests` bounds the requests of this call."""

    dry_run: bool = False
    whole: bool = False
    most_requests: int | None = None
    who: str = "reviewer"


class RetrieveKeywords(TypedDict, total=False):
    """The fields of `RetrieveOptions`, as `OpenReview.retrieve` takes them."""

    dry_run: bool
    whole: bool
    most_requests: int | None
    who: str


Progress = Callable[[SearchSnapshot], None]


def retrieve(
    review: Review,
    open_ledger: Callable[[], Ledger],
    names: Sequence[str],
    options: RetrieveOptions = RetrieveOptions(),
    progress: Progress = lambda _: None,
) -> RetrieveResult:
    """Run the searches of the named sources, or of all that can be asked, and enter what they bring.

    A source that fails stops no other one; what it sent is kept, and the next call goes on behind it. Its records are
    entered once a search is complete. `BadInput` for an unknown source and a protocol without any.
    """
    chosen = _chosen(review, names)
    with open_ledger().read() as connection:
        gone = gone_ids(connection)
    with nullcontext() if options.dry_run else _alone(review):
        client = Client(None if options.dry_run else review.hidden / "http", most_requests=options.most_requests)
        run = _Run(review, open_ledger, client, options, progress)
        results = [run.source(source) for source in chosen]
    if any(result.new or result.updated for result in results):
        after_change(open_ledger(), review)
    with open_ledger().read() as connection:
        synthetic = read_synthetic(connection)
    return RetrieveResult(tuple(results), records_after(open_ledger(), gone), options.dry_run, synthetic)


@contextmanager
def _alone(review: Review) -> Iterator[None]:
    """Keep other programs from running the same searches at the same time: each would ask for everything, and log it.

    `BadInput` where one does, and where the folder of what is received cannot be written.
    """
    try:
        review.hidden.mkdir(parents=True, exist_ok=True)
        with (review.hidden / "retrieve.lock").open("wb") as file:
            if not lock_file(file):
                raise BadInput(
                    "retrieve: another `retrieve` of this review is running; wait until it has ended, or stop it"
                )
            yield
    except OSError as error:
        place = error.filename or review.hidden
        raise BadInput(
            f"retrieve: {place}: cannot be written: {reason_of(error)}; what was received before is kept"
        ) from None


def database_of(source: Source) -> Database | None:
    """Return the database that a source of the protocol is, None for one that cannot be asked over the network."""
    wanted = _plain(source.database or source.name)
    for name in DATABASES.names:
        if wanted in (name, _plain(DATABASES[name].name)):
            return DATABASES[name] if name in DATABASES.built_in else ForeignDatabase(name, DATABASES[name])
    if source.database:
        known = ", ".join(DATABASES.names)
        raise BadInput(f"sources: `database: {source.database}` of {source.name} is unknown; known: {known}")
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _chosen(review: Review, names: Sequence[str]) -> list[Source]:
    sources = {source.name.casefold(): source for source in review.sources}
    if not sources:
        raise BadInput(NO_SOURCE)
    for name in names:
        if name.casefold() not in sources:
            known = ", ".join(source.name for source in review.sources)
            raise BadInput(f"retrieve: the protocol has no source {name}; it has: {known}")
    return [sources[name] for name in dict.fromkeys(map(str.casefold, names))] or list(review.sources)


@dataclass(frozen=True)
class _Run:
    """One call of `retrieve`."""

    review: Review
    open_ledger: Callable[[], Ledger]
    client: Client
    options: RetrieveOptions
    progress: Progress

    @property
    def folder(self) -> Path:
        return self.review.hidden / "searches"

    def source(self, source: Source) -> SourceResult:
        """Run the queries of a source and enter what is complete."""
        with self.open_ledger().read() as connection:
            done = done_searches(connection, [source.name])
            imported = hits_by_source(connection).get(source.name, 0)
            synthetic = read_synthetic(connection).rows.get(source.name, 0)
        database = database_of(source)
        if database is None:
            return SourceResult(source.name, by_hand=source.queries, imported=imported)
        present = test_server_of(database)
        if synthetic and present == "":
            # The database would be asked for what is new since a search that never reached it.
            remark = f"{source.name}: {synthetic:,} of its rows came from a test server; take them back first: `screener import --undo test-servers`"
            return SourceResult(source.name, imported=imported, remark=remark)
        # What a test server sent says nothing of what the database has.
        done = [search for search in done if present in (None, search.said.get("test_server", ""))]
        told, complete = list[QueryResult](), list[SearchSnapshot]()
        for query in source.queries:
            result, snapshot = self._round(source, query, database, done)
            complete += [snapshot] if snapshot is not None else []
            left = len(source.queries) - len(told) - 1
            if result.error and not result.rejected:  # the same would be said of every other query
                not_asked = f"; {left:,} more of its queries {'was' if left == 1 else 'were'} not asked" if left else ""
                told.append(replace(result, error=f"{result.error}{not_asked}"))
                break
            told.append(result)
        result_of_source = SourceResult(source.name, tuple(told), imported=imported)
        if not complete:
            return result_of_source
        try:
            return _entered(self.open_ledger(), database, complete, self.options, result_of_source)
        except SourceError as error:  # a page that was kept cannot be read
            failed = tuple(replace(query, error=query.error or str(error)) for query in told)
            return replace(result_of_source, queries=failed)

    def _round(
        self, source: Source, query: Query, database: Database, done: Sequence[DoneSearch]
    ) -> tuple[QueryResult, SearchSnapshot | None]:
        """Run a query; one that begins with the included studies once it is known which these are."""
        if not begins_with_included(query):
            return self._query(source, query, database, done)
        begun = self._begun(source, query, database, done)
        seeded = query if begun else next_round(self.open_ledger(), self.review, query, done)
        if seeded is None:
            return QueryResult(query.name, note="no study is included that was not searched from before"), None
        return self._query(
            source, seeded.model_copy(update={"query": begun.query}) if begun else seeded, database, done
        )

    def _query(
        self, source: Source, query: Query, database: Database, done: Sequence[DoneSearch]
    ) -> tuple[QueryResult, SearchSnapshot | None]:
        """Run one query to its end, from where it was stopped; return what came of it, and all of it where it is complete."""
        earlier = [search for search in done if search.query == query.query]
        since = "" if self.options.whole or not earlier else _since(earlier[-1])
        told, search = QueryResult(query.name, since=since), Search(query.query, since)
        begun = self._begun(source, query, database, done)
        try:
            if self.options.dry_run:
                return replace(told, stated=database.count(self.client, search)), None
            snapshot = begun or begin(self.folder, database, source.name, query.name, search)
            snapshot = fetch(snapshot, database, self.client, self.progress)
        except SourceError as error:
            kept = self._begun(source, query, database, done)
            told = replace(told, stated=kept.stated, received=kept.received) if kept is not None else told
            rejected = isinstance(error, RejectedError)
            where = f"{source.name}, {query.name}: " if rejected else ""
            return replace(told, error=f"{where}{error}", rejected=rejected), None
        told = QueryResult(query.name, snapshot.stated, snapshot.received, _heeded(snapshot), begun is not None)
        told = replace(told, warnings=snapshot.warnings, all_again=snapshot.all_again)
        return _compared(told, snapshot, database, source, query), snapshot

    def _begun(
        self, source: Source, query: Query, database: Database, done: Sequence[DoneSearch]
    ) -> SearchSnapshot | None:
        """Return the newest search of a query that was begun at the same server and whose records were not entered."""
        present = test_server_of(database)
        entered = {(search.at, search.sha256) for search in done}
        same = [
            kept
            for kept in snapshots_in(self.folder)
            if kept.source == source.name
            and present in (None, kept.test_server)
            and (kept.query == query.query or (begins_with_included(query) and kept.query_name == query.name))
            and not (kept.finished and (kept.started, kept.sha256) in entered)
            and not (self.options.whole and kept.since)
        ]
        return same[-1] if same else None


def _compared(
    told: QueryResult, snapshot: SearchSnapshot, database: Database, source: Source, query: Query
) -> QueryResult:
    """Add what the protocol says that the search reported on its day, and how many of its records were there by then."""
    if query.reported is None or not source.searched or told.since:
        return told
    days = [date.value for entry in snapshot.entries(database) for date in entry.dates if date.kind == "indexed"]
    by_then = sum(day[: len(source.searched)] <= source.searched for day in days) if days else None
    return replace(told, reported=query.reported, reported_on=source.searched, there_by_then=by_then)


def _heeded(snapshot: SearchSnapshot) -> str:
    """Return since when records were asked for; empty where the database could not be asked so."""
    return "" if snapshot.all_again else snapshot.since


def _since(earlier: DoneSearch) -> str:
    return (datetime.fromisoformat(earlier.at) - OVERLAP).date().isoformat()


def _entered(
    ledger: Ledger,
    database: Database,
    complete: Sequence[SearchSnapshot],
    options: RetrieveOptions,
    result: SourceResult,
) -> SourceResult:
    """Enter the rows of complete searches: the first of a source as imports, later ones as an update."""
    new = updated = rejected = missing = 0
    imports: dict[Path, list[Imported]] = {snapshot.folder: [] for snapshot in complete}
    if result.imported:
        files = [(snapshot, file) for snapshot in complete for file in _files(snapshot, database)]
        read = [file for _, file in files]
        # What a search that broke off, or that gave less than it stated, does not have is not gone.
        whole = options.whole and all(query.came_whole for query in result.queries)
        try:
            update = update_source(ledger, result.name, read, options.who, partial=not whole)
        except ManyMissingError as error:
            gone, before = error.update.newly_missing, error.update.before
            update = update_source(ledger, result.name, read, options.who, partial=True)
            result = replace(
                result,
                remark=f"{result.name}: {gone:,} of {before:,} earlier rows were not among what came; none was marked as gone, since "
                "these are more than half. Is the query right? What is gone can be marked with an export: `screener import --update`",
            )
        updated, rejected = len(update.changed), sum(len(file.rejected) for file in read)
        new, missing = update.new_records, update.newly_missing
        for (snapshot, _), imported in zip(files, update.files, strict=True):
            imports[snapshot.folder].append(imported)
    else:
        for snapshot in complete:
            for file in _files(snapshot, database):
                (imported,) = add_files(ledger, [file], again=True)
                new, rejected = new + imported.new, rejected + len(file.rejected)
                imports[snapshot.folder].append(imported)
    with ledger.write() as connection:
        for snapshot in complete:
            add_search(connection, _done(snapshot, imports[snapshot.folder]))
    return replace(result, new=new, updated=updated, rejected=rejected, gone=missing)


def _done(snapshot: SearchSnapshot, imports: Sequence[Imported]) -> DoneSearch:
    said = {
        name: getattr(snapshot, name) for name in ("database", "translation", "warnings", "test_server", "all_again")
    }
    return DoneSearch(
        snapshot.started,
        snapshot.source,
        snapshot.query_name,
        snapshot.query,
        _heeded(snapshot),
        snapshot.stated,
        snapshot.received,
        snapshot.sha256,
        tuple(imported.id for imported in imports),
        {**said, "new": sum(imported.new for imported in imports)},
    )


def _files(snapshot: SearchSnapshot, database: Database) -> Iterator[FileRead]:
    """Yield the rows of a search as files of at most `ROWS_AT_ONCE` rows, named as the query."""
    entries = enumerate(snapshot.entries(database), start=1)
    name = re.sub(r"[/\\\0]", "-", snapshot.query_name)
    part = 0
    while some := list(islice(entries, ROWS_AT_ONCE)):
        part += 1
        rows = RowCollector(snapshot.source, given=True)
        for row, entry in some:
            rows.add(row, entry)
        digest = hashlib.sha256(f"{snapshot.sha256} {part}".encode()).hexdigest()
        hits: tuple[Hit, ...] = tuple(rows.hits)
        path = str(Path(snapshot.folder.name) / f"{name}.{database.suffix}")
        yield FileRead(path, snapshot.database, snapshot.source, digest, hits, tuple(rows.rejected))
