"""Which records the venue rules of the sources remove before screening, and which wait for a person.

Nothing is written: what is removed follows from the rows, the protocol and the lists, and changes with them.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..ledger import Ledger, Snapshot
from ..ledger.store import Connection
from ..ledger.venue_hits import VenueHit, rows_change, venue_hits
from ..protocol import JcrRule, Review, VenueRule
from ..records.venues import (
    A_STAR,
    ConferenceList,
    JcrFile,
    JournalList,
    Place,
    VenueVerdict,
    Verdict,
    a_star_streams,
    best,
    excerpt_of,
    named,
    read_conferences,
    read_jcr,
)
from ..records.venues.verdicts import NO_VENUE, plain


class VenueStatus(StrEnum):
    """What the venue rules do with a record."""

    REMOVED = "removed"
    """Every row of it has a venue that is not eligible: it is not screened."""
    QUEUED = "queued"
    """No row passes, and of one at least the lists cannot tell: it is screened, and a person should look at its venue."""
    KEPT = "kept"


@dataclass(frozen=True)
class RowVerdict:
    """What a rule says of one row of a source, and why."""

    source: str
    venue: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class VenueStanding:
    """What the rules do with a record, and what they say of each of its rows, equal ones once."""

    status: VenueStatus
    rows: tuple[RowVerdict, ...]

    @property
    def why(self) -> str:
        """Return what is said of its rows, in words; of one that is queued of the rows that cannot be told."""
        told = [row for row in self.rows if row.verdict in _OPEN] if self.status is VenueStatus.QUEUED else self.rows
        return "; ".join(dict.fromkeys(row.reason for row in told))


_OPEN = (Verdict.UNMATCHED, Verdict.AMBIGUOUS)


@dataclass(frozen=True)
class VenueStandings:
    """What the rules do with the records, by id: those of which every row is from a source that has a rule."""

    records: Mapping[str, VenueStanding] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    """The sources whose rule is not applied, and which list it names that is not there."""

    def with_status(self, status: VenueStatus) -> dict[str, VenueStanding]:
        """Return the records with which the rules do that."""
        return {name: standing for name, standing in self.records.items() if standing.status is status}

    @property
    def missing_lines(self) -> list[str]:
        """Return which rules are not applied, in a line each."""
        return [f"{source}: {line}" for source, line in self.missing.items()]

    @property
    def removed(self) -> frozenset[str]:
        """Return the records that are not screened."""
        return frozenset(self.with_status(VenueStatus.REMOVED))

    def as_json(self) -> dict[str, Any]:
        """Return how many records there are of each, and which rules are not applied."""
        return {
            **{str(status): len(self.with_status(status)) for status in VenueStatus},
            "not_applied": self.missing_lines,
        }


_KEPT = OrderedDict[tuple[object, ...], VenueStandings]()
_LOCK = threading.Lock()
_MOST = 4


def venue_standings(source: Ledger | Snapshot, review: Review) -> VenueStandings:
    """Return what the venue rules do with the records. Raises `BadInput` for a list that cannot be used.

    What was computed from the same rows, rules and lists is kept in memory.
    """
    rules = VenueRules.of(review)
    if not rules.by_source:
        return VenueStandings(missing=rules.missing)
    ledger = source.ledger if isinstance(source, Snapshot) else source
    with ledger.read() as connection:
        key = (str(ledger.engine.url), rules.digest, rows_change(connection))
        with _LOCK:
            if key in _KEPT:
                _KEPT.move_to_end(key)
                return _KEPT[key]
        standings = VenueStandings(rules.standings(venue_hits(connection, rules.sources)), rules.missing)
    with _LOCK:
        _KEPT[key] = standings
        while len(_KEPT) > _MOST:
            _KEPT.popitem(last=False)
    return standings


def removed_by_venue(source: Ledger | Snapshot, review: Review) -> frozenset[str]:
    """Return the records that the venue rules remove before screening."""
    return venue_standings(source, review).removed


def removed_among(connection: Connection, review: Review, records: Collection[str]) -> frozenset[str]:
    """Return those of some records that the venue rules remove, as the connection has them now."""
    rules = VenueRules.of(review)
    if not rules.by_source or not records:
        return frozenset()
    standings = rules.standings(venue_hits(connection, rules.sources, records))
    return VenueStandings(standings).removed


def venue_restrictions(review: Review) -> dict[str, str]:
    """Return the rules of the sources in words, by the source; `all sources` for what a criterion on venues says."""
    return {source or "all sources": _in_words(rule) for source, rule in review.venue_rules.items()}


def _in_words(rule: VenueRule) -> str:
    parts = list[str]()
    if rule.jcr is not None:
        categories = rule.jcr.categories
        among = f"at least one of {len(categories)} categories" if len(categories) > 1 else "the category"
        parts.append(
            f"journals in {' or '.join(rule.jcr.quartiles)} of {among} of the Journal Citation Reports {rule.jcr.year} "
            f"({'; '.join(categories)})"
        )
    if rule.conferences is not None:
        ours, ranks = rule.conferences.list == A_STAR, " or ".join(rule.conferences.ranks)
        parts.append(
            f"{len(a_star_streams())} conferences ranked A* by CORE"
            if ours
            else f"conferences of {rule.conferences.list}, if ranked, {ranks}"
        )
    if rule.eligible:
        parts.append(f"by name {'; '.join(rule.eligible)}")
    text = ", or ".join(parts) or "any"
    return text + (f"; never {'; '.join(rule.ineligible)}" if rule.ineligible else "")


def jcr_excerpts(ledger: Ledger, review: Review) -> dict[Path, str]:
    """Return of each export of JCR that a rule names the journals by which records were decided, as a file."""
    rules = VenueRules.of(review)
    if not any(rule.jcr_files for rule in rules.by_source.values()):
        return {}
    with ledger.read() as connection:
        return rules.excerpts(venue_hits(connection, rules.sources))


def venue_rules_digest(review: Review) -> str:
    """Return the hash of the rules and of the lists that they name, as they are now."""
    return VenueRules.of(review).digest


class VenueRules:
    """The rules of a review's sources, with the lists that they name. The name None is that of all sources."""

    def __init__(self, by_source: Mapping[str | None, "_Rule"], missing: Mapping[str, str], digest: str) -> None:
        """Take what `of` reads."""
        self.by_source, self.missing, self.digest = by_source, missing, digest

    @classmethod
    def of(cls, review: Review) -> "VenueRules":
        """Return the rules of a review. Raises `BadInput` for a list that cannot be used."""
        by_source, missing, parts = dict[str | None, _Rule](), dict[str, str](), list[str]()
        for source, written in review.venue_rules.items():
            rule = _Rule(written, review.prompts)
            parts += [str(source), written.model_dump_json(), *map(_stamp, rule.files)]
            if rule.missing:
                missing[str(source)] = "; ".join(rule.missing)
            else:
                by_source[source] = rule
        return cls(by_source, missing, hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32])

    @property
    def sources(self) -> list[str] | None:
        """Return the sources that have a rule; None for all."""
        return None if None in self.by_source else [name for name in self.by_source if name is not None]

    def _rule(self, source: str) -> "_Rule":
        return self.by_source[source if source in self.by_source else None]

    def standings(self, hits: Mapping[str, Iterable[VenueHit]]) -> dict[str, VenueStanding]:
        """Return what the rules do with each record by its rows."""
        return {name: _standing([self._row(hit) for hit in dict.fromkeys(rows)]) for name, rows in hits.items()}

    def _row(self, hit: VenueHit) -> RowVerdict:
        found = self._rule(hit.source).verdict(Place(hit.venue, hit.issn, hit.dblp))
        return RowVerdict(hit.source, hit.venue, found.verdict, found.reason)

    def excerpts(self, hits: Mapping[str, Iterable[VenueHit]]) -> dict[Path, str]:
        """Return of each export of JCR the journals from which the verdicts on some rows are made, as a file."""
        wanted = [
            (self._rule(hit.source), Place(hit.venue, hit.issn, hit.dblp)) for rows in hits.values() for hit in rows
        ]
        used = {row for rule, place in dict.fromkeys(wanted) if rule.journals for row in rule.journals.rows_of(place)}
        paths = dict.fromkeys(path for rule in self.by_source.values() for path in rule.jcr_files)
        read = {path: _jcr_file(path, _stamp(path)) for path in paths}
        return {path: excerpt_of(file, [row for row in file.rows if row in used]) for path, file in read.items()}


def _standing(rows: list[RowVerdict]) -> VenueStanding:
    verdicts = {row.verdict for row in rows}
    if Verdict.PASSES in verdicts:
        status = VenueStatus.KEPT
    else:
        status = VenueStatus.REMOVED if verdicts == {Verdict.FAILS} else VenueStatus.QUEUED
    return VenueStanding(status, tuple(rows))


class _Rule:
    """The rule of one source, with its lists read."""

    def __init__(self, written: VenueRule, folder: Path) -> None:
        self.written = written
        self.missing: list[str] = []
        self.jcr_files: tuple[Path, ...] = ()
        self.journals: JournalList | None = None
        self.conferences: ConferenceList | None = None
        self._verdicts: dict[Place, VenueVerdict] = {}
        conferences = written.conferences
        own = conferences.list if conferences and conferences.list != A_STAR else None
        list_file = folder / own if own else None
        if written.jcr is not None:
            self._take_jcr(written.jcr, folder)
        if list_file is not None and not list_file.is_file():
            self.missing.append(f"there is no file {folder.name}/{own}; put the list of conferences there")
        elif conferences is not None:
            self.conferences = _conference_list(list_file, list_file and _stamp(list_file), conferences.ranks)
        self.files = (*self.jcr_files, *([list_file] if list_file is not None else []))

    def _take_jcr(self, rule: JcrRule, folder: Path) -> None:
        files = list[Path]()
        for name in rule.files:
            path = folder / name
            exports = sorted(path.iterdir()) if path.is_dir() else []
            files += [file for file in exports if file.suffix.lower() == ".csv"] or [path] * path.is_file()
        if not files:
            places = ", ".join(f"{folder.name}/{name}" for name in rule.files)
            self.missing.append(f"there is no export of the Journal Citation Reports in {places}; put yours there")
            return
        self.jcr_files = tuple(files)
        self.journals = _journal_list(tuple((path, _stamp(path)) for path in files), rule)

    def verdict(self, place: Place) -> VenueVerdict:
        """Return what the rule says of a place: first by the venues that the protocol names, then by its lists."""
        if place not in self._verdicts:
            by_name = named(place.venue, self.written.eligible, self.written.ineligible)
            lists = [found.verdict(place) for found in (self.journals, self.conferences) if found is not None]
            unlisted = VenueVerdict(
                Verdict.UNMATCHED, f"{place.told} is not named in the protocol" if place.told else NO_VENUE
            )
            self._verdicts[place] = by_name or (best(lists) if lists else unlisted)
        return self._verdicts[place]


def _stamp(path: Path) -> str:
    """Return what changes with a file; empty where there is none."""
    try:
        state = path.stat()
    except OSError:
        return ""
    return f"{path.name}:{state.st_size}:{state.st_mtime_ns}"


@lru_cache(maxsize=256)
def _jcr_file(path: Path, _: str) -> JcrFile:
    return read_jcr(path)


@lru_cache(maxsize=16)
def _journal_list(files: tuple[tuple[Path, str], ...], rule: JcrRule) -> JournalList:
    read = [_jcr_file(path, stamp) for path, stamp in files]
    of_year = [file for file in read if file.year == rule.year]
    if not of_year:
        years = ", ".join(map(str, sorted({file.year for file in read})))
        raise BadInput(
            f"{files[0][0].parent}: no file is of the JCR year {rule.year} that the rule names, only {years}"
        )
    there = {plain(category) for file in of_year for category in file.categories}
    for category in rule.categories:
        if plain(category) not in there:
            raise BadInput(
                f"{files[0][0].parent}: no file of the JCR year {rule.year} has the category {category} that the rule "
                "names; export it, or correct its name"
            )
    rows = [row for file in of_year for row in file.rows]
    return JournalList(rows, rule.year, rule.categories, rule.quartiles)


@lru_cache(maxsize=16)
def _conference_list(path: Path | None, _: str | None, ranks: tuple[str, ...]) -> ConferenceList:
    return ConferenceList(None if path is None else read_conferences(path), ranks)
