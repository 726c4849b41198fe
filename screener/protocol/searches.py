"""The searches of a review as its sources file has them: sources, queries, and what each reported."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Query(_Frozen):
    """One search as it was run."""

    name: str
    query: str
    reported: int | None = Field(default=None, ge=0)
    """How many records the search itself reported; compared with the rows that were imported."""


class Source(_Frozen):
    """Where records come from. `kind` follows PRISMA 2020: databases and registers, or other methods."""

    name: str
    kind: Literal["database", "register", "repository"] = "database"
    searched: str = ""
    """The day of the search, ISO 8601."""
    limits: str = ""
    """Restrictions beside the query, in words."""
    reported: int | None = Field(default=None, ge=0)
    """How many records the source reported in all, where its queries do not each have a count."""
    queries: tuple[Query, ...] = ()

    @property
    def total_reported(self) -> int | None:
        """What the source reported in all, or None where nobody wrote it down."""
        if self.reported is not None:
            return self.reported
        counts = [q.reported for q in self.queries]
        return None if not counts or None in counts else sum(c for c in counts if c is not None)


class Sources(_Frozen):
    """The content of a sources file."""

    sources: tuple[Source, ...]
