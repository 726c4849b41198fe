"""Which row of a new export is which row of the earlier one: by what it says, by its identifiers, or as a duplicate."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import ratio

from ..records import DuplicateMatch, Entry, Hit, Index, normalise_title, same_title
from .intake_plan import RowFate
from .known_rows import KNOWN_BY

_OWN = ("wos", "pmid", "pmcid")
"""Numbers that a database gives to one row of its own: whatever else has changed, it is the same row."""
_SHARED = ("doi", "arxiv", "given_id")
"""Identifiers that several rows may bear, or that a tool counted anew: the title must agree, or the work be the only one."""
_COMPARED = (*(name for name in KNOWN_BY if name != "given_id"), "integrity", "relations")
"""What makes a version another one. Numbers that a tool gives its rows are given anew with each export."""
_LATER = ("volume", "issue", "pages", "issn", "isbn", "publisher", "reference_type", "accession", "registry")
"""Fields that earlier programs did not read: where they come for the first time, the row is the same."""


@dataclass(frozen=True)
class SourceRow:
    """A row of the earlier export: the number of its hit, what it says, and the record that it is part of."""

    hit: int
    entry: Entry
    record: str


@dataclass(frozen=True)
class UpdatePlan:
    """What a new export is to the earlier one. `fates` are those of each file's rows, by the row's number.

    `changed` are the fields that differ, by the hit that is superseded; `missing` the hits that the export does not have.
    """

    rows: Sequence[SourceRow]
    fates: Sequence[Mapping[int, RowFate]]
    new: int
    same: int
    changed: Mapping[int, tuple[str, ...]]
    missing: Sequence[int]


def plan_update(rows: Sequence[SourceRow], files: Sequence[Sequence[Hit]]) -> UpdatePlan:
    """Compare the rows of a source with all rows of its new export.

    Identical rows are found first, then those with one number of the database, then those with one identifier, then
    those that are duplicates of one another, at last those of one title of which nothing else clashes, if there is but one
    on each side; a row that was found is not found again.
    """
    earlier = _Earlier(rows)
    export = [(number, hit) for number, hits in enumerate(files) for hit in hits]
    fates: list[dict[int, RowFate]] = [{} for _ in files]
    changed: dict[int, tuple[str, ...]] = {}
    left: list[tuple[int, Hit]] = []
    for number, hit in export:
        if identical := earlier.identical(hit.entry):
            fates[number][hit.row] = RowFate(same=identical)
        else:
            left.append((number, hit))

    def settle(rows: Sequence[tuple[int, Hit]], look_up: LookUp) -> list[tuple[int, Hit]]:
        """Give rows the fate that a look-up has for them; return those that it does not find."""
        remaining = []
        for number, hit in rows:
            taken = earlier.take(look_up(hit.entry))
            if not taken:
                remaining.append((number, hit))
                continue
            differing = _differing(earlier.entries[taken[0]], hit.entry)
            if differing:
                fates[number][hit.row] = RowFate(replaces=tuple(taken))
                changed.update({old: _differing(earlier.entries[old], hit.entry) for old in taken})
            else:
                fates[number][hit.row] = RowFate(same=taken[0])
        return remaining

    shared = Counter(key for _, hit in export for key in _keys(hit.entry, _SHARED))
    for by_number in (earlier.by_own_number, earlier.by_shared(shared)):
        left = settle(left, by_number)
    for by_likeness in earlier.by_likeness([hit.entry for _, hit in left]):
        left = settle(left, by_likeness)
    same = sum(bool(fate.same) for fate in _all(fates))
    return UpdatePlan(rows, fates, len(left), same, changed, earlier.missing())


def _all(fates: Iterable[Mapping[int, RowFate]]) -> Iterable[RowFate]:
    return (fate for of in fates for fate in of.values())


Key = tuple[str, str]
LookUp = Callable[[Entry], list[int]]
"""What gives the hits that a new row may be."""


class _Earlier:
    """The rows of the earlier export, and which of them the new one has."""

    def __init__(self, rows: Sequence[SourceRow]) -> None:
        self.entries = {row.hit: row.entry for row in rows}
        self._record = {row.hit: row.record for row in rows}
        self._by_content: dict[str, list[int]] = defaultdict(list)
        self._by_key: dict[Key, list[int]] = defaultdict(list)
        for row in rows:
            self._by_content[_content(row.entry)].append(row.hit)
            for key in _keys(row.entry, (*_OWN, *_SHARED)):
                self._by_key[key].append(row.hit)
        self._seen: set[int] = set()

    def identical(self, entry: Entry) -> int:
        """Return the hit of a row that says the same, 0 without one; all copies of it are there then."""
        copies = [hit for hit in self._by_content.get(_content(entry), []) if not _differing(self.entries[hit], entry)]
        self._seen.update(copies)
        return copies[0] if copies else 0

    def by_own_number(self, entry: Entry) -> list[int]:
        return [hit for key in _keys(entry, _OWN) for hit in self._by_key.get(key, ())]

    def by_shared(self, in_export: Counter[Key]) -> LookUp:
        def look_up(entry: Entry) -> list[int]:
            for key in _keys(entry, _SHARED):
                bearing = self._by_key.get(key, [])
                agreeing = [hit for hit in bearing if same_title(entry.title, self.entries[hit].title)]
                if agreeing:  # of chapters of one book the one with the likest title
                    title = normalise_title(entry.title)
                    likeness = {hit: ratio(title, normalise_title(self.entries[hit].title)) for hit in agreeing}
                    return [hit for hit in agreeing if likeness[hit] == max(likeness.values())]
                # One work of each export bears it, so that a title that was written anew is the same work's.
                if len(bearing) == in_export[key] == 1 and _one_work(entry, self.entries[bearing[0]], key):
                    return bearing
            return []

        return look_up

    def by_likeness(self, entries: Sequence[Entry]) -> tuple[LookUp, ...]:
        """Return look-ups of the rows that are left: proved duplicates first, then the only likely one of each."""
        if not entries:  # most exports have identifiers and need none
            return ()
        index = Index()
        for hit, earlier in self.entries.items():
            if hit not in self._seen:
                index.add(hit, earlier)
        proved: dict[int, list[int]] = {}
        likely: dict[int, list[int]] = {}
        for number, entry in enumerate(entries, 1):
            matches = [match for match in index.add(-number, entry) if match.other > 0]
            proved[id(entry)] = [match.other for match in matches if match.kind == "duplicate"]
            likely[id(entry)] = [match.other for match in matches if _likely_the_same(match)]
        wanted = Counter(hit for entry in entries if not proved[id(entry)] for hit in likely[id(entry)])

        def only_likely(entry: Entry) -> list[int]:
            hits = likely[id(entry)]
            return hits if len(hits) == 1 and wanted[hits[0]] == 1 else []

        return (lambda entry: proved[id(entry)]), only_likely

    def take(self, hits: Iterable[int]) -> list[int]:
        """Return those of some hits that were not found before, all of one record; they are, now."""
        fresh = [hit for hit in dict.fromkeys(hits) if hit not in self._seen]
        fresh = [hit for hit in fresh if self._record[hit] == self._record[fresh[0]]]
        self._seen.update(fresh)
        return fresh

    def missing(self) -> list[int]:
        """Return the hits that are not in the export; a second copy of a row that is there is there too."""
        numbers = {key for hit in self._seen for key in _keys(self.entries[hit], _OWN)}
        return [
            hit
            for hit, entry in self.entries.items()
            if hit not in self._seen and numbers.isdisjoint(_keys(entry, _OWN))
        ]


def _keys(entry: Entry, kinds: Iterable[str]) -> list[Key]:
    keys = [(kind, str(value)) for kind in kinds if (value := getattr(entry, kind))]
    return keys + [("accession", number) for number in entry.accession] if "wos" in kinds else keys


def _likely_the_same(match: DuplicateMatch) -> bool:
    """Return whether what would be only likely between two is, of one search, the same row: one title, and nothing clashes.

    What clashes is named behind a semicolon.
    """
    return match.kind == "candidate" and match.score == 1.0 and ";" not in match.rule


def _one_work(a: Entry, b: Entry, key: Key) -> bool:
    """Return whether rows of one identifier and other titles are one work's: a number that a tool gave says nothing alone."""
    if key[0] == "given_id":
        return bool(a.abstract) and a.abstract == b.abstract
    return a.year is None or b.year is None or abs(a.year - b.year) <= 1


def _content(entry: Entry) -> str:
    return f"{entry.title}\x00{entry.abstract}"


def _differing(old: Entry, new: Entry) -> tuple[str, ...]:
    """Return the fields in which a newer version differs from an earlier one."""
    later = [name for name in _LATER if getattr(old, name)]
    return tuple(name for name in (*_COMPARED, *later) if getattr(old, name) != getattr(new, name))
