"""What the ledger holds that new rows may be or belong to: looked up for these rows, never read whole."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count

from sqlalchemy import Connection, func, select

from ..records import DuplicateMatch, Entry, Index, Prepared, name_of
from . import tables as t
from .clusters import clusters_of, joined_hits
from .hit_keys import hits_with
from .links import parted_hits
from .parts import in_parts
from .rebuild import hit_rows, names_of
from .superseded import superseded_by
from .undone import absent_among


class Earlier:
    """The hits that new rows are compared with: those that share a key with one, and whatever these are merged with.

    Hits that count no more are among them: what is merged with one gets its record's id. New rows are added as they are
    entered, so that the next ones are compared with them too.
    """

    def __init__(self, connection: Connection) -> None:
        """Begin with nothing but the number that the next hit gets."""
        self.names: dict[int, str] = {}
        self.index = Index()
        self._clusters = _Clusters()
        self.absent = set[int]()
        self.superseded = set[int]()
        """Of those that count no more, those of which a newer version is there."""
        self.hit_of_key: dict[str, int] = {}
        self.next_id = self._first_new = _next_id(connection)
        self._connection = connection
        self._owner: dict[str, int] = {}
        self._next_number: dict[tuple[str, int], int] = {}
        """By a name and the number to begin with, the first number that may be free to tell another entry from these."""
        self._numbers_read: dict[str, int] = {}

    def look_up(self, keys: Iterable[str]) -> None:
        """Find the hits that rows with these keys are, and of those that count no more what they are merged with."""
        if self._first_new == 1:
            return
        h = t.hits.c
        known: dict[str, int] = {}
        for some in in_parts(keys):
            known |= dict(self._connection.execute(select(h.key, h.id).where(h.key.in_(some))).all())
        self.hit_of_key |= known
        self._take_clusters(absent_among(self._connection, known.values()))

    def look_at(self, hits: Iterable[int]) -> None:
        """Take into account hits that rows are known to be, or to be newer versions of."""
        self._take_clusters(hits)

    def compare_with(self, entries: Sequence[Entry], keys: Iterable[int]) -> None:
        """Take what these entries may be: the hits that share one of the keys, and who bears one of their names."""
        if self._first_new == 1:
            return
        connection = self._connection
        # What the rows before shared a key with: too much of it to hold all of it.
        self.index.forget()
        hits = self._take_clusters(hits_with(connection, dict.fromkeys(keys)))
        for a, b in parted_hits(connection, hits):
            self.index.keep_apart(a, b)
        unread = [hit for hit in hits if hit not in self.index]
        for row in sorted(hit_rows(connection, unread), key=lambda row: int(row.id)):
            root = self._clusters.root(row.id)
            entry = Entry.model_validate_json(row.entry)
            self.index.add_known(row.id, entry, root if root != row.id else None)
        self._read_owners(name for entry in entries for name in name_of(entry))

    def _take_clusters(self, hits: Iterable[int]) -> set[int]:
        """Take into account who is merged with some hits; return all hits of these clusters."""
        wanted = set(hits)
        joined = joined_hits(self._connection, wanted)
        reached = {*wanted, *joined}
        # What was taken into account before may count now, or count no more.
        fresh = reached - self.names.keys()
        absent = absent_among(self._connection, fresh)
        names = names_of(self._connection, fresh)
        for cluster in clusters_of(sorted(reached), joined):
            for hit in cluster:
                if hit not in self.names:
                    self.names[hit] = names[hit]
                    self._clusters.add(hit, names[hit], counts=hit not in absent)
                    self._clusters.join(cluster[0], hit)
        self.absent |= absent
        self.superseded |= set(superseded_by(self._connection, absent))
        return reached

    def _read_owners(self, names: Iterable[str]) -> None:
        h = t.hits.c
        for some in in_parts(dict.fromkeys(names)):
            query = select(h.name, func.min(h.id)).where(h.name.in_(some)).group_by(h.name)
            for name, hit in self._connection.execute(query):
                self._owner[name] = hit

    def counts(self, hit: int) -> bool:
        """Return whether any hit counts that is merged with this one."""
        return self._clusters.counting[self._clusters.root(hit)] > 0

    def take(self, hit: int) -> bool:
        """Have a hit count; return whether it makes a record of its own."""
        self.absent.discard(hit)
        root = self._clusters.root(hit)
        self._clusters.counting[root] += 1
        return self._clusters.counting[root] == 1

    def supersede(self, old: int) -> None:
        """Have a hit count no more, since a newer version of it is there."""
        if old not in self.absent:
            self._clusters.counting[self._clusters.root(old)] -= 1
        self.absent.add(old)
        self.superseded.add(old)

    def add_version(
        self, key: str, entry: Entry, prepared: Prepared, old: int
    ) -> tuple[int, str, list[DuplicateMatch]]:
        """Add a newer version of a hit, under its name; return its number, the name, and what it is to other records' hits."""
        hit, self.next_id = self.next_id, self.next_id + 1
        matches = self.index.add(hit, entry, prepared=prepared)
        name = self.names[hit] = self.names[old]
        self._clusters.add(hit, name, counts=False)
        self._clusters.join(old, hit)
        self.hit_of_key[key] = hit
        root = self._clusters.root(old)
        return hit, name, [match for match in matches if self._clusters.root(match.other) != root]

    def add(self, key: str, entry: Entry, prepared: Prepared) -> tuple[int, str, list[DuplicateMatch]]:
        """Add a new row, which does not count yet; return the number of its hit, its name, and what it is to earlier ones."""
        hit, self.next_id = self.next_id, self.next_id + 1
        matches = self.index.add(hit, entry, prepared=prepared)
        others = [match.other for match in matches if match.kind == "duplicate"]
        for other in others[1:]:
            self._clusters.join(others[0], other)
        name = self.names[hit] = self._name(entry, others[0] if others else hit)
        self._owner.setdefault(name, hit)
        self._clusters.add(hit, name, counts=False)
        if others:
            self._clusters.join(others[0], hit)
        self.hit_of_key[key] = hit
        return hit, name, matches

    def _name(self, entry: Entry, like: int) -> str:
        """Return the best of an entry's names that is free, or that belongs to the record of a hit with which it is merged."""
        names, root = name_of(entry), self._clusters.root(like)
        last, first_number = names[-1], len(names) + 2
        numbers = self._clusters.numbers(root, last)
        own = min((number for number in numbers if number >= first_number), default=0)

        def numbered() -> Iterator[str]:
            # The numbers below are taken for good: to try them again for each of many equal titles would take for ever.
            for number in count(self._next_number.get((last, first_number), first_number)):
                if own and own < number:
                    yield f"{last}~{own}"
                self._next_number[last, first_number] = number
                self._read_numbers(last, number)
                yield f"{last}~{number}"

        return next(
            name
            for name in chain(names, numbered())
            if name not in self._owner or self._clusters.root(self._owner[name]) == root
        )

    def _read_numbers(self, last: str, number: int) -> None:
        """See that it is known who bears a numbered name; more and more numbers are read at a time."""
        read = self._numbers_read.get(last, 0)
        if self._first_new > 1 and number >= read:
            upto = max(number, read) + max(8, min(number, 500))
            self._read_owners(f"{last}~{n}" for n in range(number, upto) if f"{last}~{n}" not in self._owner)
            self._numbers_read[last] = upto


class _Clusters:
    """Hits that are merged, by the first of them: how many of them count, and by which numbers their names are told apart."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        self._numbers: dict[int, dict[str, set[int]]] = {}
        self.counting = Counter[int]()

    def root(self, hit: int) -> int:
        """Return the first hit of those that a hit is merged with; itself where it is merged with none."""
        parent = self._parent
        while (above := parent.get(hit, hit)) != hit:
            parent[hit] = parent.get(above, above)
            hit = above
        return hit

    def add(self, hit: int, name: str, *, counts: bool) -> None:
        """Take a hit that is merged with none yet."""
        base, _, number = name.rpartition("~")
        if base and number.isdecimal():
            self._numbers[hit] = {base: {int(number)}}
        if counts:
            self.counting[hit] += 1

    def join(self, a: int, b: int) -> None:
        """Merge the hits of two clusters."""
        first, second = sorted((self.root(a), self.root(b)))
        if first == second:
            return
        self._parent[second] = first
        self.counting[first] += self.counting.pop(second, 0)
        for base, numbers in self._numbers.pop(second, {}).items():
            self._numbers.setdefault(first, {}).setdefault(base, set()).update(numbers)

    def numbers(self, root: int, base: str) -> Iterable[int]:
        """Return the numbers by which hits of a cluster are told from others of that name."""
        return self._numbers.get(root, {}).get(base, ())


def _next_id(connection: Connection) -> int:
    # Identity columns differ between databases; the one writer may count by itself.
    return int(connection.execute(select(func.coalesce(func.max(t.hits.c.id), 0))).scalar_one()) + 1
