"""What came of a retrieval: of each query, of each source, and of all."""

from dataclasses import dataclass, field
from typing import Any

from ..ledger.synthetic import Synthetic
from ..protocol.searches import Query
from .importing import RecordsAfter

NO_SOURCE = "the protocol names no source; write the searches into prompts/sources.yaml, and `sources: sources.yaml` into review.yaml"


@dataclass(frozen=True)
class QueryResult:
    """What came of one query: what the database states, what was received, and since when records were asked for."""

    name: str
    stated: int | None = None
    received: int = 0
    since: str = ""
    resumed: bool = False
    error: str = ""
    rejected: bool = False
    """Whether the database does not understand this query; it may another."""
    warnings: tuple[str, ...] = ()
    """What the database said of the query, and what did not come as it should."""
    all_again: str = ""
    """Why everything was asked for although the search was run before; empty where it was not."""
    note: str = ""
    """Why nothing was asked, where that is no error."""
    reported: int | None = None
    """What the protocol says that the search reported when it was run before, and on which day."""
    reported_on: str = ""
    there_by_then: int | None = None
    """How many of the records received were in the database by that day; None where they do not say."""

    @property
    def came_whole(self) -> bool:
        """Return whether everything was asked for, and all came that the database stated."""
        return not self.error and not self.note and not self.since and self.received >= (self.stated or 0)


@dataclass(frozen=True)
class SourceResult:
    """What came of a source. `by_hand` are queries of a source without an interface, to be run by a person."""

    name: str
    queries: tuple[QueryResult, ...] = ()
    new: int = 0
    updated: int = 0
    rejected: int = 0
    gone: int = 0
    """Rows that the source has no more, told where everything was asked for again."""
    by_hand: tuple[Query, ...] = ()
    imported: int = 0
    """Rows that were there before."""
    remark: str = ""
    """What went wrong with the source as a whole; empty if nothing."""

    @property
    def stated(self) -> int | None:
        """Return what the database states for all queries together, None where it did not say."""
        known = [query.stated for query in self.queries if query.stated is not None]
        return sum(known) if known else None

    @property
    def received(self) -> int:
        """Return how many records were received, by query."""
        return sum(query.received for query in self.queries)

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what went wrong, one line each."""
        told = [*(query.error for query in self.queries), self.remark]
        return tuple(dict.fromkeys(filter(None, told)))

    def as_json(self) -> dict[str, Any]:
        """Return it as `retrieve --json` lists it."""
        return {
            "name": self.name,
            "stated": self.stated,
            "received": self.received,
            "new": self.new,
            "updated": self.updated,
            "rejected": self.rejected,
            "gone": self.gone,
            "errors": list(self.errors),
            "queries": [vars(query) for query in self.queries],
            "by_hand": [
                {"name": query.name, "query": query.query, "reported": query.reported} for query in self.by_hand
            ],
        }


@dataclass(frozen=True)
class RetrieveResult:
    """What came of all sources, and the records of the review as they are now."""

    sources: tuple[SourceResult, ...]
    after: RecordsAfter
    dry_run: bool = False
    synthetic: Synthetic = field(default_factory=Synthetic)
    """What of the rows that the review has now came from test servers."""

    @property
    def records(self) -> int:
        """Return how many records the review has now."""
        return self.after.records

    @property
    def failed(self) -> bool:
        """Return whether a source could not be asked to the end."""
        return any(source.errors for source in self.sources)

    def as_json(self) -> dict[str, Any]:
        """Return what `retrieve --json` prints."""
        return {
            "dry_run": self.dry_run,
            "sources": [source.as_json() for source in self.sources],
            "records": self.records,
            "notices": self.after.notices,
            "marked": dict(self.after.marked),
            "judgements_back": self.after.back,
            "synthetic": self.synthetic.as_json(),
        }
