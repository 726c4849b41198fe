"""Records and where they came from.

An *entry* is what one source says in one row; a *hit* is an entry with its place in an export; a *record* is what
remains when entries of the same work are merged. Entries are never changed, so a merge can be undone.
"""

import hashlib
from enum import StrEnum

from pydantic import Field

from ..core.frozen import Frozen


class RecordType(StrEnum):
    """What kind of thing was retrieved."""

    PUBLICATION = "publication"
    MODEL = "model"
    DATASET = "dataset"


class KnownDate(Frozen):
    """A date a source gives. `value` is ISO 8601, as precise as it is known: `2024`, `2024-03` or `2024-03-19`.

    `kind` says what happened then: `published`, `early_access`, `indexed` (entered the database) or `year` (a bare
    publication year).
    """

    kind: str
    value: str = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")


class Entry(Frozen):
    """One row of one source, in our fields. Absent text is the empty string, absent identifiers None.

    Identifiers are in canonical form: DOI lower case without resolver, PMID digits, arXiv id without version,
    Web of Science accession number with its `WOS:` prefix. `given_id` is the file's own `id` column.
    """

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    dates: tuple[KnownDate, ...] = ()
    venue: str = ""
    locator: str = ""
    """Where in the venue it stands: volume, issue, pages or article number, as `12(3), 45–67`."""
    type: RecordType = RecordType.PUBLICATION
    publication_types: tuple[str, ...] = ()
    language: str = ""
    keywords: tuple[str, ...] = ()
    url: str = ""
    given_id: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    arxiv: str | None = None
    wos: str | None = None


class Hit(Frozen):
    """An entry and its place: `source` is the database's name, `row` the 1-based data row (or entry) in the file."""

    source: str
    row: int
    entry: Entry


class Rejected(Frozen):
    """A row that could not be read, and why."""

    row: int
    reason: str


class Record(Frozen):
    """A merged bibliographic entry. `id` is stable; `aliases` are the ids of entries merged into it.

    `sources` names the databases that gave it; `abstract_source` says whose abstract is shown (empty: none).
    """

    id: str
    title: str
    abstract: str = ""
    abstract_source: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    dates: tuple[KnownDate, ...] = ()
    venue: str = ""
    locator: str = ""
    """Where in the venue it stands, as its entry has it."""
    type: RecordType = RecordType.PUBLICATION
    publication_types: tuple[str, ...] = ()
    language: str = ""
    keywords: tuple[str, ...] = ()
    url: str = ""
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    arxiv: str | None = None
    wos: str | None = None
    sources: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    sealed: str = ""
    """The text's hash where the abstract was left out (see `reporting.audit`); empty where it is all here."""

    @property
    def text_hash(self) -> str:
        """Identifies the text that reviewers read (title and abstract): 32 hex digits of SHA-256."""
        return self.sealed or hashlib.sha256(f"{self.title}\x00{self.abstract}".encode()).hexdigest()[:32]
