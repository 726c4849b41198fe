"""The searches of a review as its sources file has them: sources, queries, and what each reported."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ..core.frozen import Frozen

Quartile = Literal["Q1", "Q2", "Q3", "Q4"]
Rank = Literal["A*", "A", "B", "C"]


def _inside(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or PureWindowsPath(name).anchor or ".." in path.parts or not path.parts:
        raise ValueError(f"`{name}` is not in the folder of the protocol; copy it there and name it from there")
    return name


class JcrRule(Frozen):
    """Journals by their quartile in the Journal Citation Reports. One of the categories is enough."""

    files: tuple[str, ...] = Field(min_length=1)
    """Your exports of JCR, one a category: files or folders (of which every `.csv` is read), in the folder of the protocol."""
    year: int = Field(ge=1975, le=2100)
    """The JCR year that counts, whatever the year of the paper."""
    categories: tuple[str, ...] = Field(min_length=1)
    """The categories that count, as JCR writes them."""
    quartiles: tuple[Quartile, ...] = Field(default=("Q1",), min_length=1)
    """The quartiles that pass."""

    @field_validator("files", mode="before")
    @classmethod
    def _one_or_more(cls, files: Any) -> Any:
        return (files,) if isinstance(files, str) else files

    @field_validator("files")
    @classmethod
    def _in_the_folder(cls, files: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_inside, files))


class ConferenceRule(Frozen):
    """Conferences by a list."""

    list: str = "core_a_star"
    """`core_a_star`, the 60 that come with the program, or your list in the folder of the protocol: CORE's export
    (`.csv`), or a text with a conference a line, its names separated by `;`."""
    ranks: tuple[Rank, ...] = Field(default=("A*",), min_length=1)
    """The ranks that pass, of a list that has ranks."""

    @field_validator("list")
    @classmethod
    def _in_the_folder(cls, name: str) -> str:
        return _inside(name)


class VenueRule(Frozen):
    """Which venues are eligible. What is in none of the lists is kept, and listed for people.

    A record is removed before screening only if every row of it, in whatever source, has a venue that a list says is not
    eligible.
    """

    exempt: bool = Field(default=False, exclude=True)
    """Written as `venues: any`: every row of the source is eligible."""
    jcr: JcrRule | None = None
    """Journals by their quartile in the Journal Citation Reports."""
    conferences: ConferenceRule | None = None
    """Conferences by a list; `conferences: core_a_star` for the 60 that come with the program."""
    eligible: tuple[str, ...] = ()
    """Venues that are eligible by name, in full or abbreviated: also for what the lists leave open."""
    ineligible: tuple[str, ...] = ()
    """Venues that are not eligible, by name."""

    @field_validator("conferences", mode="before")
    @classmethod
    def _a_list(cls, conferences: Any) -> Any:
        return {"list": conferences} if isinstance(conferences, str) else conferences

    @model_validator(mode="after")
    def _says_something(self) -> "VenueRule":
        if not (self.exempt or self.jcr or self.conferences or self.eligible or self.ineligible):
            raise ValueError("is `any`, or has jcr, conferences, eligible or ineligible")
        return self


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
    venues: VenueRule | None = None
    """Which venues are eligible of what this source has, or `any`, which says that the source is exempt."""

    @field_validator("venues", mode="before")
    @classmethod
    def _any(cls, venues: Any) -> Any:
        if isinstance(venues, str):
            if venues != "any":
                raise ValueError("is `any`, or has jcr, conferences, eligible or ineligible")
            return {"exempt": True}
        return venues

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
