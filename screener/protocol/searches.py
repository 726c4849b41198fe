"""The searches of a review as its sources file has them: sources, queries, and what each reported."""

from typing import Literal

from pydantic import Field

from ..core.frozen import Frozen


class Query(Frozen):
    """One search as it was run."""

    name: str
    """What the search is called, for instance the number it had in the database's history."""
    query: str
    """The search string, character for character as it was run."""
    translation: str = ""
    """What the database made of it, as it says so: PubMed's "Search details", Ovid's mapped terms."""
    warnings: tuple[str, ...] = ()
    """What the database warned of: phrases that were not found, terms that were cut off or ignored."""
    reported: int | None = Field(default=None, ge=0)
    """How many records the search itself reported; compared with the rows that were imported."""


class Source(Frozen):
    """Where records come from. `kind` follows PRISMA 2020: databases and registers, or other methods."""

    name: str
    """The source's name, as the imported files carry it or as `screener import --source` gives it."""
    kind: Literal["database", "register", "citation_searching", "website", "organisation", "repository"] = "database"
    """A bibliographic database or a register of studies; or, as the flow diagram names them, other methods: citations
    that were followed, a web site, an organisation, a repository (a model hub, a code host)."""
    database: str = ""
    """Which database `screener retrieve` asks, where that does not follow from the name: `pubmed`, `huggingface`."""
    searched: str = ""
    """The day of the search, ISO 8601."""
    limits: str = ""
    """Restrictions beside the query, in words."""
    peer_review: str = ""
    """Who reviewed the search before it was run, by what and when: `A. Librarian, PRESS 2015, 2024-03-01`."""
    reported: int | None = Field(default=None, ge=0)
    """How many records the source reported in all, where its queries do not each have a count."""
    queries: tuple[Query, ...] = ()
    """The searches that were run in it."""

    @property
    def total_reported(self) -> int | None:
        """Return what the source reported in all, or None where nobody wrote it down."""
        if self.reported is not None:
            return self.reported
        counts = [q.reported for q in self.queries]
        return None if not counts or None in counts else sum(c for c in counts if c is not None)


class SourcesFile(Frozen):
    """The content of a sources file."""

    sources: tuple[Source, ...]
    """Every source that was searched, with or without a query."""
