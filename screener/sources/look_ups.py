"""Looking up single works: what a service knows of a record, by its identifiers, its page or its title.

A look-up is asked by keys (`doi:10.1000/1`, `pmid:30000001`, `title:…`), of which it takes some together. What comes for a
key is compared with the record before anything of it is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from rapidfuzz import fuzz

from ..records import (
    Bibliographic,
    Entry,
    Integrity,
    Record,
    RowCollector,
    first_author,
    kind_of,
    normalise_title,
    one_title,
    same_title,
    titles_agree,
)
from .http import Client

Known = Mapping[str, Sequence[Entry]]
"""What a service knows, by key."""
_GRAVITY = list(Integrity)


class LookUp(Protocol):
    """A service that knows works by some kind of key. It keeps nothing between calls."""

    @property
    def name(self) -> str:
        """The service's name."""

    @property
    def together(self) -> int:
        """How many keys of one kind are asked for by one request."""

    @property
    def everything(self) -> bool:
        """Whether it tells more than abstracts: it is asked about records that have one, too."""

    def key(self, record: Record) -> str:
        """Return the key by which a record can be asked for; empty where it has none."""

    def ask(self, client: Client, keys: Sequence[str]) -> Known:
        """Return what is known of some keys, those of one request. Raises `SourceError`."""


class Verdict(StrEnum):
    """What a work is to a record that it was looked up for."""

    SAME = "same"
    CANDIDATE = "candidate"
    """Its title is the record's or nearly so, but not all of title, first author and year are known to be."""
    REFUSED = "refused"
    """The record's identifier or page leads to a work with another title."""
    OTHER = "other"
    """One of the results of a search for a title, with another title."""


@dataclass(frozen=True)
class Judged:
    """A work that was looked up, what it is to the record, and how alike the titles are, 0 to 1."""

    entry: Entry
    verdict: Verdict
    score: float


def judged(record: Record, key: str, entries: Sequence[Entry]) -> Judged | None:
    """Return the best of the works that came for a record's key; None for none.

    By an identifier or a page a work is the record's if the titles are of one work. By its title it is if also the first
    author is the same and the years differ by one at most; if only the title agrees, or has another subtitle or word, it is a
    candidate.
    """
    compare = _by_title if key.startswith("title:") else _by_identifier
    works = [Judged(entry, compare(record, entry), _alike(record, entry)) for entry in entries]
    works = [work for work in works if work.verdict is not Verdict.OTHER]
    order = list(Verdict)
    return min(works, key=lambda work: (order.index(work.verdict), -work.score), default=None)


def _by_identifier(record: Record, entry: Entry) -> Verdict:
    if not record.title:
        return Verdict.SAME
    return Verdict.SAME if entry.title and same_title(record.title, entry.title) else Verdict.REFUSED


def _by_title(record: Record, entry: Entry) -> Verdict:
    if not titles_agree(normalise_title(record.title), normalise_title(entry.title)):
        return Verdict.OTHER
    near = record.year is not None and entry.year is not None and abs(record.year - entry.year) <= 1
    sure = near and one_title(record.title, entry.title) and _same_first_author(record.authors, entry.authors)
    return Verdict.SAME if sure else Verdict.CANDIDATE


def _same_first_author(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Return whether two works have one first author: one family name, and no other given name than the other's."""
    families = first_author(a), first_author(b)
    if not all(families) or families[0] != families[1]:
        return False
    given = [[word for word in normalise_title(names[0]).split() if word not in families[0]] for names in (a, b)]
    return not all(given) or given[0][0][0] == given[1][0][0]


def _alike(record: Record, entry: Entry) -> float:
    return float(fuzz.ratio(normalise_title(record.title), normalise_title(entry.title))) / 100


def addition(record: Bibliographic, entry: Entry) -> Entry | None:
    """Return of what a service says of a work that which a record lacks, and what tells the work; None for nothing.

    Identifiers are taken one by one, where the record has none of the kind. Journal, pages, keywords stay the sources' own.
    Of the preprint of a record that is published elsewhere, neither DOI nor PMID is the record's, nor what became of it.
    """
    rows = RowCollector("", given=True)
    rows.add(1, entry)
    if not rows.hits:
        return None
    clean = rows.hits[0].entry
    elsewhere = kind_of(clean) == "preprint" != kind_of(record) and bool(record.venue or record.doi)
    names = ("abstract", "arxiv", "language", "url", "open_access", *(() if elsewhere else ("doi", "pmid", "pmcid")))
    fields = {name: value for name in names if (value := getattr(clean, name)) and not getattr(record, name)}
    if not elsewhere and _GRAVITY.index(clean.integrity) > _GRAVITY.index(record.integrity):
        fields |= {"integrity": clean.integrity, "relations": clean.relations}
    if not fields:
        return None
    return Entry(title=clean.title, authors=clean.authors, year=clean.year, **fields)
