"""Records and where they came from.

An *entry* is what one source says in one row; a *hit* is an entry with its place in an export; a *record* is what
remains when entries of the same work are merged. Entries are never changed, so a merge can be undone.
"""

import hashlib
import re
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, model_validator

from ..core.frozen import Frozen
from ..core.messages import NO_TITLE


class RecordType(StrEnum):
    """What kind of thing was retrieved."""

    PUBLICATION = "publication"
    MODEL = "model"
    DATASET = "dataset"


class Integrity(StrEnum):
    """What is known against a work. Of several marks the gravest counts: this is their order, the gravest last."""

    UNMARKED = ""
    CORRECTED = "corrected"
    CONCERN = "expression of concern"
    WITHDRAWN = "withdrawn"
    RETRACTED = "retracted"


class RelationKind(StrEnum):
    """What an entry is to another work. The first three are said by a notice of its paper, the others by a paper."""

    ERRATUM_FOR = "erratum_for"
    RETRACTION_OF = "retraction_of"
    CONCERN_FOR = "expression_of_concern_for"
    COMMENT_ON = "comment_on"
    ERRATUM_IN = "erratum_in"
    RETRACTED_IN = "retracted_in"
    CONCERN_IN = "expression_of_concern_in"
    COMMENT_IN = "comment_in"
    UPDATE_OF = "update_of"
    UPDATE_IN = "update_in"
    LINKED = "linked"


class Relation(Frozen):
    """A work that an entry names as related. `identifier` is `doi:…`, `pmid:…` or `arxiv:…` in canonical form, else the citation."""

    kind: RelationKind
    identifier: str


class KnownDate(Frozen):
    """A date a source gives. `value` is ISO 8601, as precise as it is known: `2024`, `2024-03` or `2024-03-19`.

    `kind` says what happened then: `published`, `early_access`, `indexed` (entered the database), `updated` (changed there
    last) or `year` (a bare publication year).
    """

    kind: str
    value: str = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")


@cache
def _fields_of(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


class Bibliographic(Frozen):
    """What entries and records both have. Absent text is the empty string, absent identifiers are None.

    Identifiers are in canonical form: DOI lower case without resolver, PMID digits, arXiv id without version, Web of Science
    accession number with its `WOS:` prefix, ISSN as `1234-567X`.
    """

    title: str = ""
    """Empty where the source gives none."""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    dates: tuple[KnownDate, ...] = ()
    venue: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    """First and last page as `45–67`, a single page, or the article number."""
    issn: tuple[str, ...] = ()
    isbn: tuple[str, ...] = ()
    publisher: str = ""
    type: RecordType = RecordType.PUBLICATION
    reference_type: str = ""
    """RIS's type of reference (`JOUR`, `CPAPER`, `THES`, …), whatever the format; empty where nothing tells it."""
    publication_types: tuple[str, ...] = ()
    """As the source writes them."""
    language: str = ""
    keywords: tuple[str, ...] = ()
    url: str = ""
    open_access: tuple[str, ...] = ()
    """Addresses where the full text can be read freely, the best first."""
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    arxiv: str | None = None
    wos: str | None = None
    accession: tuple[str, ...] = ()
    """Numbers of other databases as `database:number`, the database in small letters (`embase:L2012345678`)."""
    registry: tuple[str, ...] = ()
    """Numbers of trial registries that identify the trial (`NCT01234567`, `ISRCTN12345678`, `EUCTR2010-012345-67`)."""
    integrity: Integrity = Integrity.UNMARKED
    relations: tuple[Relation, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_locator(cls, data: Any) -> Any:
        # Ledgers and audits of earlier versions have volume, issue and pages in one text, `12(3), 45–67`.
        if isinstance(data, dict) and "locator" in data:
            rest = {name: value for name, value in data.items() if name != "locator"}
            match = re.fullmatch(r"([^(),]*)(?:\(([^()]*)\))?(?:, )?(.*)", str(data["locator"]))
            parts = match.groups(default="") if match else ("", "", str(data["locator"]))
            if not parts[1] and not parts[2]:  # pages alone, or a volume alone: only pages have a dash
                parts = ("", "", parts[0]) if "–" in parts[0] else parts
            return {**dict(zip(("volume", "issue", "pages"), parts, strict=True)), **rest}
        return data

    def model_post_init(self, context: Any, /) -> None:
        """Have all entries share one set of given fields: nobody asks, and a set of their names outweighs a title."""
        object.__setattr__(self, "__pydantic_fields_set__", _fields_of(type(self)))

    @property
    def locator(self) -> str:
        """Return volume, issue and pages as a citation has them: `12(3), 45–67`; empty for nothing."""
        issue = f"({self.issue})" if self.issue else ""
        return ", ".join(filter(None, (f"{self.volume}{issue}", self.pages)))

    @property
    def shown_title(self) -> str:
        """Return the title for people; for a record without a title what tells it: `[no title] doi:10.1000/1`."""
        if self.title:
            return self.title
        names = ((name, getattr(self, name)) for name in ("doi", "pmid", "pmcid", "arxiv"))
        numbers = [f"{name}:{value}" for name, value in names if value]
        numbers += [
            *filter(None, (self.wos,)),
            *self.accession,
            *self.registry,
            *(f"isbn:{number}" for number in self.isbn),
        ]
        told = numbers[0] if numbers else self.abstract[:80] + "…" * (len(self.abstract) > 80) or self.url
        return f"{NO_TITLE} {told}".strip()


class Entry(Bibliographic):
    """One row of one source, in our fields. `given_id` is the file's own `id` column."""

    given_id: str | None = None


class Hit(Frozen):
    """An entry and its place: `source` is the database's name, `row` the 1-based data row (or entry) in the file."""

    source: str
    row: int
    entry: Entry


class Rejected(Frozen):
    """A row that could not be read, and why."""

    row: int
    reason: str


class Record(Bibliographic):
    """A merged bibliographic entry. `id` is stable; `aliases` are the ids of entries merged into it.

    `sources` names the databases that gave it; `abstract_source` says whose abstract is shown (empty: none).
    """

    id: str
    abstract_source: str = ""
    sources: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    own_text: str = ""
    """The hash of title and abstract as the record's own sources give them, where another service has filled in either."""
    sealed: str = ""
    """The text's hash where the abstract was left out (see `reporting.audit`); empty where it is all here."""

    @property
    def text_hash(self) -> str:
        """Identifies the text that reviewers read (title and abstract): 32 hex digits of SHA-256."""
        return self.sealed or hashlib.sha256(f"{self.title}\x00{self.abstract}".encode()).hexdigest()[:32]
