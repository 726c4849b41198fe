"""Which entries are the same work, found entry by entry."""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from ...core.in_order import in_order
from ..model import Entry
from .comparing import compare, shared_identifiers
from .keys import keys_of
from .notice_links import NoticeLink, notice_link
from .rules import KINDS, Kind, Verdict, verdict
from .traits import Traits, traits_of

MOST_ALIKE = 50
"""Entries that share one key and are looked at, and members of a record: more share a heading or a mistake in the file. This
keeps the cost in bounds. Of the entries beyond them, those that share another key are found."""

_AT_ONCE = 500
"""Entries that are prepared in one task: a tenth of a second."""


@dataclass(frozen=True)
class DuplicateMatch:
    """What an entry is to an earlier one. `rule` names the evidence, `score` is the titles' similarity, 0 to 1.

    `other` is the first entry of those that the earlier one is merged with. `duplicate`: the same entry, to be merged.
    `same_study`: what seems another report of the same work, linked only. `candidate`: likely the same, for a person to
    decide. `conflict`: a shared identifier with titles that disagree; left apart, for a person to look at.
    """

    kind: Kind
    other: int
    rule: str
    score: float
    earlier_is_notice: bool = False
    """Of `notice_of`: whether the earlier entry is the notice of this one, and not this one of the earlier."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is compared of an entry, and its keys: for who needs the keys before the entry is added, as both take time."""

    traits: Traits
    keys: tuple[int, ...]


def prepare(entry: Entry) -> Prepared:
    """Return what is compared of an entry, and its `blocking_keys`."""
    traits = traits_of(entry)
    return Prepared(traits, keys_of(traits, entry))


def prepare_all(entries: Sequence[Entry], executor: Executor | None = None) -> Iterator[Prepared]:
    """Yield `prepare` of each entry in order; by the executor, some at a time, where there is one and many entries."""
    if executor is None or len(entries) <= _AT_ONCE:
        yield from map(prepare, entries)
        return
    parts = ((entries[start : start + _AT_ONCE],) for start in range(0, len(entries), _AT_ONCE))
    for part in in_order(executor, prepare_some, parts):
        yield from part


def prepare_some(entries: Sequence[Entry]) -> list[Prepared]:
    """Return `prepare` of each entry, on a worker."""
    return [prepare(entry) for entry in entries]


@dataclass(slots=True)
class _Cluster:
    members: list[int] = field(default_factory=list)


class Index:
    """Finds what is already there, entry by entry, among those that share a key.

    The index knows which entries were merged, so that a chain of likenesses cannot join two works that clash. What it says
    of an entry depends on those that share a key with it, and on what these are merged with, and on no others. Adding an
    entry takes about constant time.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._traits: dict[int, Traits] = {}
        self._entries: dict[int, Entry] = {}
        self._cluster: dict[int, _Cluster] = {}
        self._by_key: dict[int, int | list[int]] = {}
        """By a key the entry that has it, or those that have."""
        self._parted: set[tuple[int, int]] = set()
        self._known: dict[int, tuple[int, ...]] = {}
        """The keys of entries that may be forgotten."""

    def keep_apart(self, a: int, b: int) -> None:
        """Never join the records of two entries, by their keys, whatever others show: a person has parted them."""
        self._parted.add((min(a, b), max(a, b)))

    def add(self, key: int, entry: Entry, *, prepared: Prepared | None = None) -> list[DuplicateMatch]:
        """Add an entry and say what it is to earlier ones, at most once to each record.

        An entry that is a `duplicate` of several records shows these to be one.
        """
        prepared = prepared or prepare(entry)
        traits, others = prepared.traits, self._sharing(prepared.keys)
        notices = self._notices(traits, entry, others)
        joined, matches = self._match(traits, others, {id(self._cluster[other]) for other in notices})
        matches += (
            DuplicateMatch("notice_of", other, link.rule, link.score, link.earlier_is_notice)
            for other, link in notices.items()
        )
        self._enter(key, entry, prepared, joined)
        return matches

    def add_known(self, key: int, entry: Entry, merged_with: int | None = None) -> None:
        """Add an entry of which it is known what it is: merged with one that is there, or with none.

        Its number says its place among the others, whenever it is added. See `forget`.
        """
        prepared = prepare(entry)
        self._enter(key, entry, prepared, [] if merged_with is None else [self._cluster[merged_with]])
        self._known[key] = prepared.keys

    def __contains__(self, key: int) -> bool:
        """Return whether an entry is there."""
        return key in self._traits

    def forget(self) -> None:
        """Forget the known entries, but for those that an entry was merged with that was not known before."""
        gone = {key for key in self._known if all(member in self._known for member in self._cluster[key].members)}
        for key in gone:
            del self._traits[key], self._entries[key], self._cluster[key]
            for name in self._known[key]:
                sharing = self._by_key[name]
                if isinstance(sharing, list) and len(sharing) > 1:
                    sharing.remove(key)
                else:
                    del self._by_key[name]
        for key in gone:
            del self._known[key]

    def _enter(self, key: int, entry: Entry, prepared: Prepared, joined: list[_Cluster]) -> None:
        self._traits[key], self._entries[key] = prepared.traits, entry
        self._join(key, joined)
        for name in prepared.keys:
            sharing = self._by_key.setdefault(name, key)
            if isinstance(sharing, list):
                insort(sharing, key)
            elif sharing != key:
                self._by_key[name] = sorted((sharing, key))

    def _sharing(self, keys: Iterable[int]) -> list[int]:
        found = dict[int, None]()
        for name in keys:
            sharing = self._by_key.get(name)
            if isinstance(sharing, list):
                found.update(dict.fromkeys(sharing[:MOST_ALIKE]))
            elif sharing is not None:
                found[sharing] = None
        return list(found)

    def _notices(self, traits: Traits, entry: Entry, others: Iterable[int]) -> dict[int, NoticeLink]:
        """Return the records of which an entry is a notice, or that are notices of it, by their first entries."""
        links: dict[int, NoticeLink] = {}
        for other in others:
            earlier = self._traits[other]
            if traits.may_be_notice or earlier.may_be_notice:
                link = notice_link(entry, self._entries[other])
                if link is not None and not (traits.kind == earlier.kind and _is_duplicate(traits, earlier)):
                    links.setdefault(self._cluster[other].members[0], link)
        return links

    def _match(
        self, traits: Traits, others: Iterable[int], without: set[int]
    ) -> tuple[list[_Cluster], list[DuplicateMatch]]:
        """Return the records that an entry belongs to, and what it is to each record that it has to do with.

        `without` are clusters, by identity, with which it has to do as a notice or its paper: it is neither merged with them
        nor another report of their study.
        """
        verdicts: dict[int, dict[int, Verdict]] = {}
        clusters: dict[int, _Cluster] = {}
        for other in others:
            if (found := verdict(traits, self._traits[other])) is not None:
                cluster = self._cluster[other]
                if id(cluster) in without:
                    continue
                clusters[id(cluster)] = cluster
                verdicts.setdefault(id(cluster), {})[other] = found
        joined: list[_Cluster] = []
        matches: list[DuplicateMatch] = []
        best = {name: min(of.values(), key=_rank) for name, of in verdicts.items()}
        for name in sorted(verdicts, key=lambda n: (_rank(best[n]), clusters[n].members[0])):
            cluster, found = clusters[name], best[name]
            if found.kind == "duplicate":
                clash = self._clash(traits, cluster, verdicts[name]) or self._clash_between(joined, cluster)
                if clash:
                    found = _apart(found, clash, verdicts[name].values())
                else:
                    joined.append(cluster)
            matches.append(DuplicateMatch(found.kind, cluster.members[0], found.rule, found.score))
        return joined, matches

    def _join(self, key: int, joined: list[_Cluster]) -> None:
        cluster = joined[0] if joined else _Cluster()
        for other in joined[1:]:
            cluster.members += other.members
            for member in other.members:
                self._cluster[member] = cluster
        cluster.members.append(key)
        cluster.members.sort()
        self._cluster[key] = cluster

    def _clash(self, traits: Traits, cluster: _Cluster, verdicts: dict[int, Verdict]) -> tuple[str, ...]:
        """Return what keeps an entry from a record: the clash with one of those that are merged already.

        A clash that a misprint may explain does not count between two of whom one shares an identifier with a third that
        the other matches: the identifier says which of its two forms was meant.
        """
        proved = [self._traits[other] for other, found in verdicts.items() if found.kind == "duplicate"]
        for member in cluster.members[:MOST_ALIKE]:
            other = self._traits[member]
            compared = compare(traits, other)
            if compared.hard and not (compared.shared and member in verdicts and verdicts[member].kind == "duplicate"):
                return compared.hard
            if compared.soft and not compared.shared and not _explained(traits, other, proved):
                return compared.soft
        return ()

    def _clash_between(self, joined: list[_Cluster], cluster: _Cluster) -> tuple[str, ...]:
        """Return what keeps two records apart that one entry belongs to."""
        for first in joined:
            if len(first.members) * len(cluster.members) > MOST_ALIKE:
                return ("too many entries",)
            for a in first.members:
                for b in cluster.members:
                    if (min(a, b), max(a, b)) in self._parted:
                        return ("parted by a person",)
                    compared = compare(self._traits[a], self._traits[b])
                    if clash := compared.hard or (() if compared.shared else compared.soft):
                        return clash
        return ()


def _is_duplicate(a: Traits, b: Traits) -> bool:
    """Return whether what only may be a notice ("Response to exercise in …") is proved to be the paper itself."""
    found = verdict(a, b)
    return found is not None and found.kind == "duplicate"


def _explained(a: Traits, b: Traits, proved: Iterable[Traits]) -> bool:
    return any(shared_identifiers(a, third) or shared_identifiers(b, third) for third in proved)


def _apart(found: Verdict, clash: tuple[str, ...], verdicts: Iterable[Verdict]) -> Verdict:
    """Return what an entry is to a record that it would belong to, were there no clash with one of its entries."""
    others = [verdict for verdict in verdicts if verdict.kind == "same_study"]
    if others:
        return min(others, key=_rank)
    return Verdict("candidate", f"{found.rule}; {', '.join(clash)} within the record", found.score)


_IDENTIFIERS = ("wos", "pmid", "doi", "accession", "arxiv", "pmcid", "given_id")


def _rank(found: Verdict) -> tuple[int, int, float]:
    """Return the order of verdicts, the strongest first: an identifier says more than a title."""
    first = found.rule.partition(",")[0]
    return (
        KINDS.index(found.kind),
        _IDENTIFIERS.index(first) if first in _IDENTIFIERS else len(_IDENTIFIERS),
        -found.score,
    )
