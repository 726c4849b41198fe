"""Which entries are the same work, and the one record that they make together."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from typing import Literal

from rapidfuzz import fuzz

from ..model import Entry, Integrity, Record, RecordType
from ..normalise import first_author, normalise_title
from ..notices import bare_title, notice_kind, subject_title
from .notice_links import NoticeIndex

Kind = Literal["duplicate", "same_study", "notice_of", "candidate", "conflict"]
_KINDS: tuple[Kind, ...] = ("duplicate", "same_study", "notice_of", "candidate", "conflict")
IDENTIFIERS = ("wos", "pmid", "doi", "arxiv", "given_id")
UNIQUE = ("wos", "pmid", "doi", "arxiv")
"""Identifiers of which one work has one: two entries with different ones are not merged."""

TITLES_AGREE = 90.0
"""Least similarity (rapidfuzz `ratio`, 0 to 100) of normalised titles that agree."""
LEAST_WORDS = 4
"""Titles of fewer words are too common to identify a work, whoever wrote it and when."""
ENOUGH_WORDS = 6
"""Titles of at least so many words identify a work together with the year or the first author alone."""
MOST_ALIKE = 50
"""Entries of one title, or of one identifier, that are looked at: more share a heading or a mistake in the file. This
keeps the cost in bounds. Of the entries beyond them, those with the same first author, or the same title, are found."""
ABSTRACTS_AGREE = 85.0
"""Least similarity (rapidfuzz `ratio`, 0 to 100) of the beginnings of two abstracts that are one."""
_BEGINNING = 500
_GENERIC_WORDS = (
    "a an and author authors by case comment commentary comments contents correction corrigendum editor editorial"
    " editors erratum for foreword from guest image images in index introduction issue letter letters memoriam message"
    " month news note notice obituary of on original preface re regarding reply report research response retraction"
    " review special table the this to"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
"""A title of nothing but these ("Letter to the editor") says nothing of a work."""
_NUMERALS = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix"})
# Prefixes under which preprint servers register: arXiv, bioRxiv and medRxiv (two), Research Square, SSRN,
# Preprints.org, TechRxiv, OSF, JMIR Preprints, ChemRxiv.
_PREPRINT = re.compile(
    r"10\.(?:48550/arxiv|1101/\d{4}\.|1101/\d{6}$|64898/|21203/rs|2139/ssrn|20944/preprints|36227/techrxiv|31219/osf"
    r"|2196/preprints|26434/chemrxiv)"
)
_PREPRINT_VENUE = re.compile(r"(?:arxiv|biorxiv|medrxiv|ssrn|research square|preprints|techrxiv)\b", re.IGNORECASE)


@dataclass(frozen=True)
class DuplicateMatch:
    """What an entry is to an earlier one. `rule` names the evidence, `score` is the titles' similarity, 0 to 1.

    `duplicate`: the same entry, to be merged. `same_study`: a different report of what seems the same work, linked
    only. `conflict`: a shared identifier with titles that disagree; left apart, for a person to look at.
    """

    kind: Kind
    other: int
    rule: str
    score: float
    earlier_is_notice: bool = False
    """Of `notice_of`: whether the earlier entry is the notice of this one, and not this one of the earlier."""


def titles_agree(a: str, b: str) -> float:
    """Return the similarity of two normalised titles, 0 to 1, or 0 where they do not agree.

    They agree if they are equal but for blanks, if they are nearly equal letter by letter with the same numbers
    ("part 1" is not "part 2"), or if the shorter one is the beginning of the longer one (a subtitle was left out) and
    says enough by itself.
    """
    if not a or not b:
        return 0.0
    if a.replace(" ", "") == b.replace(" ", ""):
        return 1.0
    score = fuzz.ratio(a, b)
    if score >= TITLES_AGREE and _numbers(a) == _numbers(b):
        return float(score) / 100
    short, long = sorted((a, b), key=len)
    return 0.9 if len(short.split()) >= LEAST_WORDS and long.startswith(short + " ") else 0.0


def _numbers(title: str) -> list[str]:
    return [word for word in title.split() if word.isdigit() or word in _NUMERALS]


@dataclass
class _Cluster:
    members: list[int]
    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def absorb(self, entry: Entry) -> None:
        for kind in UNIQUE:
            if value := getattr(entry, kind):
                self.ids[kind].add(value)

    def clash(self, entry: Entry) -> bool:
        """Return whether the entry has another identifier of a kind than the works merged so far."""
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
        self._by_id: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._by_title: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._notices = NoticeIndex()

    def add(self, key: int, entry: Entry, *, merged_with: int | None = None) -> list[DuplicateMatch]:
        """Add an entry and say what it is to earlier ones; at most one of the matches is a `duplicate`.

        `merged_with` names an earlier entry that this one is known to be merged with: then nothing is looked up.
        """
        title = normalise_title(bare_title(entry.title))
        matches = [] if merged_with is not None else self._match(entry, title)
        notices = [
            DuplicateMatch(
                "notice_of", self._cluster[link.other].members[0], link.rule, link.score, link.earlier_is_notice
            )
            for link in self._notices.add(key, entry, known=merged_with is not None)
        ]
        linked = {match.other: match for match in notices}
        # A notice is neither merged with its paper nor another report of it.
        matches = [*(match for match in matches if match.other not in linked), *linked.values()]
        into = (
            merged_with if merged_with is not None else next((m.other for m in matches if m.kind == "duplicate"), None)
        )
        self._entries[key], self._titles[key] = entry, title
        cluster = self._cluster[into] if into is not None else _Cluster([])
        cluster.members.append(key)
        cluster.absorb(entry)
        self._cluster[key] = cluster
        for kind in IDENTIFIERS:
            if value := getattr(entry, kind):
                self._by_id[kind, value].append(key)
                self._by_id[kind, value, title].append(key)
        squeezed = title.replace(" ", "")
        self._by_title[(squeezed,)].append(key)
        self._by_title[squeezed, first_author(entry.authors)].append(key)
        return matches

    def _match(self, entry: Entry, title: str) -> list[DuplicateMatch]:
        matches: dict[int, DuplicateMatch] = {}

        def note(kind: Kind, other: int, rule: str, score: float) -> None:
            root = self._cluster[other].members[0]
            best_so_far = matches.get(root)
            if best_so_far is None or _KINDS.index(kind) < _KINDS.index(best_so_far.kind):
                matches[root] = DuplicateMatch(kind, root, rule, score)

        for kind in IDENTIFIERS:
            value = getattr(entry, kind)
            for other in self._of_identifier(kind, value, title) if value else ():
                score = _agree(entry, title, self._entries[other], self._titles[other])
                if not score and (kind == "given_id" or notice_kind(entry) is not notice_kind(self._entries[other])):
                    continue  # many files number their rows from 1; and a notice often has its paper's identifiers
                if not score:
                    note("conflict", other, kind, fuzz.ratio(title, self._titles[other]) / 100)
                elif self._cluster[other].clash(entry):
                    note("same_study", other, kind, score)
                else:
                    note("duplicate", other, kind, score)
        words = title.split()
        if len(words) >= LEAST_WORDS and not _GENERIC.issuperset(words):
            for other in self._of_title("".join(words), first_author(entry.authors)):
                if (by_title := same_by_title(entry, self._entries[other])) is not None:
                    kind, rule = by_title
                    note("same_study" if self._cluster[other].clash(entry) else kind, other, rule, 1.0)
        # Two works already apart must not be joined through this entry: one takes it, the other is linked. An
        # identifier says more than a title, whatever came first.
        rank = {name: place for place, name in enumerate(IDENTIFIERS)}
        duplicates = [match for match in matches.values() if match.kind == "duplicate"]
        keep = min(duplicates, key=lambda m: (rank.get(m.rule, len(rank)), m.other), default=None)
        others = [
            replace(m, kind="same_study") if m.kind == "duplicate" else m for m in matches.values() if m is not keep
        ]
        return [keep, *others] if keep else others

    def _of_identifier(self, kind: str, value: str, title: str) -> Iterable[int]:
        """Return the entries with an identifier; of one that too many have, the first, and those of the same title."""
        sharing = self._by_id.get((kind, value), [])
        if len(sharing) <= MOST_ALIKE:
            return sharing
        return dict.fromkeys([sharing[0], *self._by_id.get((kind, value, title), [])[:MOST_ALIKE]])

    def _of_title(self, squeezed: str, author: str) -> Iterable[int]:
        """Return the first entries of a title, and the first that also have the same first author."""
        keys = ((squeezed,), (squeezed, author))
        return dict.fromkeys(chain.from_iterable(self._by_title.get(key, [])[:MOST_ALIKE] for key in keys))


def same_by_title(a: Entry, b: Entry) -> tuple[Kind, str] | None:
    """Return what two entries of equal title are to each other, and what beside the title says so; None if nothing
    does.

    They are duplicates if year and first author agree; or one of these, if the other is unknown and the title is long;
    or the beginnings of their abstracts. Years agree if any dates of the two fall into one year, so that early access
    in December meets print in January. First authors who differ are two works. Same author, years apart by up to
    three, or another form (a meeting abstract or preprint of a paper), is a report of the same study.
    """
    authors = first_author(a.authors), first_author(b.authors)
    same_author = all(authors) and _names_agree(*authors)
    if all(authors) and not same_author:
        return None
    years = _years(a), _years(b)
    same_year = not years[0].isdisjoint(years[1])
    if all(years) and not same_year:
        gap = min(abs(x - y) for x in years[0] for y in years[1])
        return ("same_study", "title, first author") if same_author and gap <= 3 else None
    rule = ", ".join(["title", *["year"] * same_year, *["first author"] * same_author])
    if _form(a) != _form(b):
        return ("same_study", rule) if same_author or same_year else None
    if same_author and same_year:
        return "duplicate", rule
    if _form(a) == "notice":  # a paper may have several, of one title
        return None
    if a.abstract and b.abstract:
        alike = fuzz.ratio(a.abstract[:_BEGINNING].casefold(), b.abstract[:_BEGINNING].casefold()) >= ABSTRACTS_AGREE
        if alike:
            return "duplicate", f"{rule}, abstract"
        return ("same_study", rule) if same_author or same_year else None
    enough = len(normalise_title(a.title).split()) >= ENOUGH_WORDS
    return ("duplicate", rule) if enough and (same_author or same_year) else None


def _agree(a: Entry, title_a: str, b: Entry, title_b: str) -> float:
    """Like `titles_agree`, but a correction agrees only with a correction, whether or not its title says so."""
    if notice_kind(a) is not notice_kind(b):
        return 0.0
    if notice_kind(a) is not None:
        title_a, title_b = (normalise_title(subject_title(entry)) for entry in (a, b))
    return titles_agree(title_a, title_b)


def _names_agree(a: str, b: str) -> bool:
    """Return whether two family names may be one: double names are often halved, letters with accents spelt out."""
    return a.startswith(b) or b.startswith(a) or fuzz.ratio(a, b) >= 80


def _years(entry: Entry) -> set[int]:
    """Return the years in which the work may be said to have come out. When a database took it up says nothing of that."""
    years = {int(date.value[:4]) for date in entry.dates if date.kind != "indexed"}
    return years | {entry.year} if entry.year is not None else years


def _form(entry: Entry) -> str:
    """Return what kind of report an entry is, as far as two of one title may be told apart by it."""
    kinds = " ".join(entry.publication_types).casefold()
    if entry.type is not RecordType.PUBLICATION:
        return entry.type.value
    if "meeting abstract" in kinds or "conference abstract" in kinds:
        return "meeting abstract"
    if notice_kind(entry) is not None:
        return "notice"
    if "preprint" in kinds or _PREPRINT.match(entry.doi or "") or _PREPRINT_VENUE.match(entry.venue):
        return "preprint"
    return "paper"


def name_of(entry: Entry) -> list[str]:
    """Return the ids that a record may get from this entry, best first; the last one is always to be had.

    The file's own id, else the accession number, PMID, DOI or arXiv id, else a hash of title, year and author.
    """
    names = [entry.given_id] if entry.given_id else []
    if entry.wos:
        names.append(entry.wos)
    names += [f"{kind.upper() if kind == 'pmid' else kind}:{v}" for kind in UNIQUE[1:] if (v := getattr(entry, kind))]
    described = f"{normalise_title(entry.title)}\x00{entry.year}\x00{first_author(entry.authors)}"
    return [*names, f"r-{sha256(described.encode()).hexdigest()[:10]}"]


_UNITED = ("dates", "publication_types", "issn", "isbn", "accession", "registry", "relations")


def merge(members: Sequence[tuple[str, Entry]], record_id: str, aliases: Sequence[str] = ()) -> Record:
    """Return one record from (source, entry) pairs, oldest first.

    Each field is that of the first entry that has it, except: dates, types of publication, numbers and relations are the
    union, the gravest mark of integrity counts, and the abstract is the first one from another source than a gold set, whose
    abstracts may be paraphrases.
    """
    entries = [entry for _, entry in members]

    def first(name: str) -> object:
        return next((value for entry in entries if (value := getattr(entry, name))), getattr(entries[0], name))

    def union(name: str) -> tuple[object, ...]:
        return tuple(dict.fromkeys(value for entry in entries for value in getattr(entry, name)))

    abstracts = sorted(
        ((source, entry.abstract) for source, entry in members if entry.abstract),
        key=lambda pair: pair[0].startswith("gold"),
    )
    source, abstract = abstracts[0] if abstracts else ("", "")
    names = (*UNIQUE, "pmcid", "title", "authors", "year", "venue", "publisher", "type", "reference_type", "language",
             "keywords", "url")  # fmt: skip
    # Volume and pages are those in the venue that is shown, all of one entry.
    printed = next((entry for entry in entries if entry.locator and entry.venue == first("venue")), entries[0])
    place = {name: getattr(printed, name) for name in ("volume", "issue", "pages")}
    fields = {name: first(name) for name in names} | place | {name: union(name) for name in _UNITED}
    return Record.model_validate(
        {
            **fields,
            "id": record_id,
            "abstract": abstract,
            "abstract_source": source,
            "integrity": max((entry.integrity for entry in entries), key=list(Integrity).index),
            "sources": tuple(dict.fromkeys(source for source, _ in members)),
            "aliases": tuple(dict.fromkeys(name for name in aliases if name != record_id)),
        }
    )
