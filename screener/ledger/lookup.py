"""Find the record that somebody else's row means: by id, DOI, PMID, accession number or title."""

from collections import defaultdict
from functools import cached_property

from sqlalchemy import select

from ..records import Entry, normalise_title
from . import reads
from . import tables as t
from .store import Ledger


class Lookup:
    """An index of all entries of the ledger. Build it once for a file of rows."""

    def __init__(self, ledger: Ledger) -> None:
        """Read all ids; the entries are read only when an id is not known."""
        self._ledger = ledger
        with ledger.read() as connection:
            self._ids = reads.current_ids(connection)

    @cached_property
    def _found(self) -> dict[tuple[str, str], set[str]]:
        ids_by_key: dict[tuple[str, str], set[str]] = defaultdict(set)
        query = select(t.hits.c.entry, t.members.c.record_id).join(t.members, t.members.c.hit_id == t.hits.c.id)
        with self._ledger.read() as connection:
            for body, record_id in connection.execute(query):
                for key in _keys(Entry.model_validate_json(body)):
                    ids_by_key[key].add(record_id)
        return ids_by_key

    def find(self, entry: Entry) -> str | None:
        """Return the id of the one record that `entry` means, or None where there is none or more than one.

        The first kind of identifier with a match decides; a title counts only where nothing else matches.
        """
        if entry.given_id is not None and entry.given_id in self._ids:
            return self._ids[entry.given_id]
        for key in _keys(entry):
            matches = self._found.get(key, set())
            if len(matches) > 1:
                # Two records share this identifier (an erratum and its paper, say): the title must tell.
                matches = matches & self._found.get(("title", normalise_title(entry.title)), set())
            if matches:
                return next(iter(matches)) if len(matches) == 1 else None
        return None


def _keys(entry: Entry) -> list[tuple[str, str]]:
    keys = [(kind, value) for kind in ("wos", "pmid", "doi", "arxiv") if (value := getattr(entry, kind))]
    title = normalise_title(entry.title)
    return [*keys, ("title", title)] if title else keys
