"""Which entries are the same work, and the one record that they make together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from rapidfuzz import fuzz

from .model import Entry, KnownDate, Record
from .normalise import first_author, normalise_title

Kind = Literal["duplicate", "same_study", "conflict"]
IDENTIFIERS = ("wos", "pmid", "doi", "arxiv", "given_id")
UNIQUE = ("wos", "pmid", "doi", "arxiv")
"""Identifiers of which one work has one: two entries with different ones are not merged."""

TITLES_AGREE = 90.0
"""Least similarity (rapidfuzz `ratio`, 0 to 100) of normalised titles that agree."""
LEAST_WORDS = 4
"""Titles of fewer words ("Editorial", "Reply to the authors") are too common to identify a work."""


@dataclass(frozen=True)
class Match:
    """What an entry is to an earlier one. `rule` names the evidence, `score` is the titles' similarity, 0 to 1.

    `duplicate`: the same entry, to be merged. `same_study`: a different report of what seems the same work, linked
    only. `conflict`: a shared identifier with titles that disagree; left apart, for a person to look at.
    """

    kind: Kind
    other: int
    rule: str
    score: float


def titles_agree(a: str, b: str) -> float:
    """The similarity of two normalised titles, 0 to 1, or 0 where they do not agree.

    They agree if they are nearly equal letter by letter, or if the shorter one is the beginning of the longer one (a
    subtitle was left out) and says enough by itself. Different numbers never agree ("part 1", "part 2").
    """
    if [w for w in a.split() if w.isdigit()] != [w for w in b.split() if w.isdigit()]:
        return 0.0
    score = fuzz.ratio(a, b)
    if score >= TITLES_AGREE:
        return float(score) / 100
    short, long = sorted((a, b), key=len)
    if len(short.split()) >= LEAST_WORDS and long.startswith(short + " "):
        return 0.9
    return 0.0


@dataclass
class _Cluster:
    members: list[int]
    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def absorb(self, entry: Entry) -> None:
        for kind in UNIQUE:
            if value := getattr(entry, kind):
                self.ids[kind].add(value)

    def clash(self, entry: Entry) -> bool:
        """Whether the entry has another identifier of a kind than the works merged so far."""
        return any((v := getattr(entry, kind)) and self.ids[kind] and v not in self.ids[kind] for kind in UNIQUE)


class Index:
    """Finds what is already there, entry by entry, by identifier and then by title, year and first author.

    The index knows which entries were merged, so that a chain of likenesses cannot join two works with different
    DOIs. Adding an entry takes about constant time.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._entries: dict[int, Entry] = {}
        self._titles: dict[int, str] = {}
        self._cluster: dict[int, _Cluster] = {}
        self._by_id: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_title: dict[str, list[int]] = defaultdict(list)

    def add(self, key: int, entry: Entry, *, merged_with: int | None = None) -> list[Match]:
        """Add an entry and say what it is to earlier ones; at most one of the matches is a `duplicate`.

        `merged_with` names an earlier entry that this one is known to be merged with: then nothing is looked up.
        """
        title = normalise_title(entry.title)
        matches = [] if merged_with is not None else self._match(entry, title)
        into = merged_with if merged_with is not None else next((m.other for m in matches if m.kind == "duplicate"), None)
        self._entries[key], self._titles[key] = entry, title
        cluster = self._cluster[into] if into is not None else _Cluster([])
        cluster.members.append(key)
        cluster.absorb(entry)
        self._cluster[key] = cluster
        for kind in IDENTIFIERS:
            if value := getattr(entry, kind):
                self._by_id[kind, value].append(key)
        self._by_title[title].append(key)
        return matches

    def _match(self, entry: Entry, title: str) -> list[Match]:
        found: dict[int, Match] = {}

        def note(kind: Kind, other: int, rule: str, score: float) -> None:
            root = self._cluster[other].members[0]
            rank = ("duplicate", "same_study", "conflict").index(kind)
            known = found.get(root)
            if known is None or rank < ("duplicate", "same_study", "conflict").index(known.kind):
                found[root] = Match(kind, root, rule, score)

        for kind in IDENTIFIERS:
            value = getattr(entry, kind)
            for other in self._by_id.get((kind, value), ()) if value else ():
                score = titles_agree(title, self._titles[other])
                if not score:
                    note("conflict", other, kind, fuzz.ratio(title, self._titles[other]) / 100)
                elif self._cluster[other].clash(entry):
                    note("same_study", other, kind, score)
                else:
                    note("duplicate", other, kind, score)
        if len(title.split()) >= LEAST_WORDS:
            for other in self._by_title.get(title, ()):
                if self._same_by_title(entry, self._entries[other]):
                    clash = self._cluster[other].clash(entry)
                    note("same_study" if clash else "duplicate", other, "title, year, first author", 1.0)
        duplicates = [match for match in found.values() if match.kind == "duplicate"]
        # Two works already apart must not be joined through this entry: the oldest takes it, the other is linked.
        rest = [m if m.kind != "duplicate" else Match("same_study", m.other, m.rule, m.score) for m in found.values()]
        keep = min(duplicates, key=lambda m: m.other, default=None)
        return [keep, *(m for m in rest if m.other != keep.other)] if keep else rest

    def _same_by_title(self, a: Entry, b: Entry) -> bool:
        """Equal titles are one work if the years are at most one apart and the first authors do not differ.

        Early access in December and print in January are one year apart. What is not known does not differ, but one
        of the two must be known on both sides. Different kinds (a meeting abstract, an article) are reports apart.
        """
        authors = first_author(a.authors), first_author(b.authors)
        if all(authors) and authors[0] != authors[1]:
            return False
        if a.year is not None and b.year is not None and abs(a.year - b.year) > 1:
            return False
        if _meeting(a) != _meeting(b) and a.publication_types and b.publication_types:
            return False
        return all(authors) or (a.year is not None and b.year is not None)


def _meeting(entry: Entry) -> bool:
    return any("meeting abstract" in kind.lower() for kind in entry.publication_types)


def name_of(entry: Entry) -> list[str]:
    """The ids that a record may get from this entry, best first; the last one is always to be had.

    The file's own id, else the accession number, PMID, DOI or arXiv id, else a hash of title, year and author.
    """
    names = [entry.given_id] if entry.given_id else []
    if entry.wos:
        names.append(entry.wos)
    names += [f"{kind.upper() if kind == 'pmid' else kind}:{v}" for kind in UNIQUE[1:] if (v := getattr(entry, kind))]
    said = f"{normalise_title(entry.title)}\x00{entry.year}\x00{first_author(entry.authors)}"
    return [*names, f"r-{sha256(said.encode()).hexdigest()[:10]}"]


def merge(members: Sequence[tuple[str, Entry]], record_id: str, aliases: Sequence[str] = ()) -> Record:
    """One record from (source, entry) pairs, oldest first.

    Each field is that of the first entry that has it, except: `dates` and `publication_types` are the union, and the
    abstract is the first one from another source than a gold set, whose abstracts may be paraphrases.
    """
    entries = [entry for _, entry in members]

    def first(name: str) -> object:
        return next((value for entry in entries if (value := getattr(entry, name))), getattr(entries[0], name))

    abstracts = sorted(
        ((source, entry.abstract) for source, entry in members if entry.abstract),
        key=lambda pair: pair[0].startswith("gold"),
    )
    source, abstract = abstracts[0] if abstracts else ("", "")
    dates: list[KnownDate] = list(dict.fromkeys(date for entry in entries for date in entry.dates))
    names = (*UNIQUE, "pmcid", "title", "authors", "year", "venue", "type", "language", "keywords", "url")
    fields = {name: first(name) for name in names}
    return Record.model_validate(
        {
            **fields,
            "id": record_id,
            "abstract": abstract,
            "abstract_source": source,
            "dates": tuple(dates),
            "publication_types": tuple(dict.fromkeys(kind for entry in entries for kind in entry.publication_types)),
            "sources": tuple(dict.fromkeys(source for source, _ in members)),
            "aliases": tuple(dict.fromkeys(name for name in aliases if name != record_id)),
        }
    )
