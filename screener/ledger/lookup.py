"""Find the record that somebody else's row means: by id, DOI, PMID, accession number or title."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select

from ..records import Entry, arxiv, doi, normalise_title, pmid, same_title
from . import reads
from . import tables as t
from .store import Ledger

_KINDS = {"wos": "accession number", "pmid": "PMID", "doi": "DOI", "arxiv": "arXiv id"}
"""Identifiers by which a record is found, in the order in which they decide, as messages call them."""
_WRITTEN_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/", re.IGNORECASE)
_WRITTEN_PMID = re.compile(r"pmid:?\s*\d|https?://\S*pubmed", re.IGNORECASE)


@dataclass(frozen=True)
class LookupMatch:
    """The record that a row means, or None with the reason why it means no one record."""

    record: str | None
    problem: str = ""


@dataclass
class _Index:
    """All entries: the records by identifier or title, and by record how its entries write its title."""

    records: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    titles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class Lookup:
    """An index of all entries of the ledger. Build it once for a file of rows."""

    def __init__(self, ledger: Ledger) -> None:
        """Read all ids; the entries are read only when an id is not known, or a title is to be compared."""
        self._ledger = ledger
        with ledger.read() as connection:
            self._ids = reads.current_ids(connection)

    @cached_property
    def _index(self) -> _Index:
        index = _Index()
        query = select(t.hits.c.entry, t.members.c.record_id).join(t.members, t.members.c.hit_id == t.hits.c.id)
        with self._ledger.read() as connection:
            for body, record_id in connection.execute(query):
                entry = Entry.model_validate_json(body)
                for key in _keys(entry):
                    index.records[key].add(record_id)
                if entry.title not in index.titles[record_id]:
                    index.titles[record_id].append(entry.title)
        return index

    def find(self, entry: Entry) -> str | None:
        """Return the id of the one record that `entry` means, or None where there is none or more than one."""
        return self.match(entry).record

    def match(self, entry: Entry, *, foreign_ids: bool = False) -> LookupMatch:
        """Return the record that `entry` means, or why there is none.

        The first kind of identifier with a match decides, and a title counts only where nothing else matches; but an
        identifier whose record has another title matches nothing, nor do identifiers of different records. With
        `foreign_ids` an id is a number of another tool: it counts only beside a title that agrees.
        """
        by_id = self._ids.get(entry.given_id or "")
        if by_id is not None and foreign_ids and not (entry.title and self._agrees(entry, by_id)):
            by_id = None
        if by_id is not None and entry.title:
            if self._agrees(entry, by_id):
                return LookupMatch(by_id)
            # Tools number their records by themselves.
            other = self._by_identifiers(entry)
            return other if other.record else LookupMatch(None, f"id {entry.given_id} is a record with another title")
        others = self._by_identifiers(entry if by_id is None else entry.model_copy(update={"title": ""}))
        if by_id is None:
            return others
        if others.record not in (None, by_id):
            return LookupMatch(None, f"its id is that of {by_id}, but its identifiers are those of {others.record}")
        return LookupMatch(by_id)

    def _by_identifiers(self, entry: Entry) -> LookupMatch:
        records: dict[str, str] = {}
        for kind, value in _identifiers(entry).items():
            matches = self._index.records.get((kind, value), set())
            if len(matches) > 1:
                # Two records share this identifier (an erratum and its paper, say): the title must tell.
                matches = self._narrowed(entry, matches)
                if len(matches) != 1:
                    return LookupMatch(None, f"several records have the {_KINDS[kind]} {value}")
            if matches:
                records[kind] = next(iter(matches))
        if not records:
            return self._by_title(entry)
        for kind, record in records.items():
            if not self._agrees(entry, record):
                value, title = _identifiers(entry)[kind], self._index.titles[record][0]
                problem = f"the {_KINDS[kind]} {value} is that of another title, “{_short(title)}” ({record})"
                return LookupMatch(None, problem)
        if len(set(records.values())) > 1 and not entry.title:
            parts = [f"the {_KINDS[kind]} is that of {record}" for kind, record in records.items()]
            return LookupMatch(None, f"its identifiers are those of different records: {', '.join(parts)}")
        return LookupMatch(next(iter(records.values())))

    def _narrowed(self, entry: Entry, matches: set[str]) -> set[str]:
        """Return those of several records that have the row's title, letter by letter or else as it may be written."""
        exact = matches & self._index.records.get(("title", normalise_title(entry.title)), set())
        return exact or {record for record in matches if entry.title and self._agrees(entry, record)}

    def _by_title(self, entry: Entry) -> LookupMatch:
        matches = self._index.records.get(("title", normalise_title(entry.title)), set()) if entry.title else set()
        if len(matches) == 1:
            return LookupMatch(next(iter(matches)))
        return LookupMatch(None, f"{len(matches)} records have this title" if matches else "")

    def _agrees(self, entry: Entry, record: str) -> bool:
        """Return whether the row's title, if it has one, may be a title of the record."""
        titles = self._index.titles[record] if entry.title else []
        return not titles or any(same_title(entry.title, title) for title in titles)


def _short(title: str) -> str:
    return title if len(title) <= 80 else f"{title[:79]}…"


def _identifiers(entry: Entry) -> dict[str, str]:
    """Return the entry's identifiers by kind; an id that is written as one counts as one."""
    identifiers = {kind: value for kind in _KINDS if (value := getattr(entry, kind))}
    written = entry.given_id or ""
    if _WRITTEN_DOI.match(written):
        identifiers.setdefault("doi", doi(written) or "")
    elif _WRITTEN_PMID.match(written):
        identifiers.setdefault("pmid", pmid(written) or "")
    elif written.lower().startswith("arxiv:"):
        identifiers.setdefault("arxiv", arxiv(written) or "")
    return {kind: identifiers[kind] for kind in _KINDS if identifiers.get(kind)}


def _keys(entry: Entry) -> list[tuple[str, str]]:
    keys = [(kind, value) for kind in _KINDS if (value := getattr(entry, kind))]
    title = normalise_title(entry.title)
    return [*keys, ("title", title)] if title else keys
