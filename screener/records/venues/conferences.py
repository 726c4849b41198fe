"""Conferences by their rank: the 60 that the first review takes as CORE's A*, or a list of whoever reviews.

A list is a text with a conference a line, its names separated by `;`, or CORE's export (portal.core.edu.au/conf-ranks, "Export"):
a CSV without column names, of which the second to fifth cells are title, acronym, edition and rank.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml

from ...core.errors import BadInput
from ...core.files import reason_of
from .verdicts import NO_VENUE, Place, VenueVerdict, Verdict, plain

A_STAR = "core_a_star"
"""The name of the list that comes with the program."""
_RANKS = ("A*", "A", "B", "C")
_BESIDE = re.compile(r"\bworkshops?\b|\bcompanion\b|\bextended abstracts\b|\badjunct\b|@", re.IGNORECASE)
"""What is printed beside a conference's own papers; DBLP files some of it under the conference's key."""
_SHARED = ("journals/tog", "journals/pacmpl", "journals/pacmse")
"""Journals in which papers of several conferences appear, and others: DBLP's key does not tell which."""
_EDITION = re.compile(r"\(\d+\)|\b(?:19|20)\d\d\b|['’]\d\d\b|\b\d+(?:st|nd|rd|th)\b|\b\d+$", re.IGNORECASE)
_NUMBERS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "thirtieth",
    "fortieth",
    "fiftieth",
    "sixtieth",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
]
_ASIDE = frozenset(("proceedings", "proc", "of", "the", "annual", *_NUMBERS))
"""Words that come and go with each volume, or are written now and then."""
_HOLDERS = frozenset(("acm", "ieee", "cvf", "usenix"))
"""Who holds a conference."""
_BRACKETS = re.compile(r"\(([^()]*)\)")


@cache
def a_star_streams() -> Mapping[str, tuple[str, ...]]:
    """Return the streams of DBLP (`conf/aaai`) by the names of the 60 conferences that CORE ranks A*, in small letters."""
    listed = yaml.safe_load((files(__package__) / "core_a_star.yaml").read_text("utf-8"))
    return {name.casefold(): tuple(keys.split()) for name, keys in listed.items()}


@cache
def _a_star_names() -> Mapping[str, tuple[str, ...]]:
    """Return what each of these conferences is called beside its acronym, by that in small letters."""
    listed = yaml.safe_load((files(__package__) / "core_a_star_names.yaml").read_text("utf-8"))
    return {name.casefold(): tuple(names) for name, names in listed.items()}


def read_conferences(path: Path) -> list[tuple[tuple[str, ...], str]]:
    """Return the names of each conference of a list and its rank, empty in a plain list. Raises `BadInput`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {reason_of(error)}") from None
    if path.suffix.casefold() == ".csv":
        rows = [list(map(str.strip, cells)) for cells in csv.reader(io.StringIO(text)) if len(cells) >= 5]
        listed = [(tuple(filter(None, cells[1:3])), cells[4]) for cells in rows if cells[1]]
        if not any(rank in _RANKS for _, rank in listed):
            raise BadInput(
                f"{path}: no export of CORE's conferences: no line has a rank ({', '.join(_RANKS)}) in its fifth cell"
            )
    else:
        lines = [line.split("#")[0] for line in text.splitlines()]
        listed = [(tuple(filter(None, map(str.strip, line.split(";")))), "") for line in lines if line.strip()]
    if not listed:
        raise BadInput(f"{path}: has no conferences; write one a line")
    return listed


class ConferenceList:
    """Conferences that pass: all of a plain list, of a ranked one those of some `ranks`."""

    def __init__(self, listed: Iterable[tuple[tuple[str, ...], str]] | None, ranks: Collection[str]) -> None:
        """Take a list, or None for the 60 conferences that come with the program."""
        self._built_in = listed is None
        self._ranks, self._by_name = ranks, defaultdict[str, set[tuple[str, frozenset[str]]]](set)
        self._streams: dict[str, str] = {}
        for names, rank in listed if listed is not None else (((name,), "") for name in a_star_streams()):
            names = (*names, *(_a_star_names()[names[0].casefold()] if self._built_in else ()))
            spelt = frozenset(_spelt(name) for name in names)
            for name in names:
                self._by_name[_spelt(name)].add((rank, spelt))
                if not rank or rank in ranks:
                    self._streams |= dict.fromkeys(a_star_streams().get(name.casefold(), ()), name.upper())

    def verdict(self, place: Place) -> VenueVerdict:
        """Return what the list says of a place: by DBLP's key, else by the venue's name or acronym, without edition and year."""
        stream = "/".join(place.dblp.split("/")[:2])
        if _BESIDE.search(place.venue):
            return VenueVerdict(Verdict.AMBIGUOUS, f"{place.venue} is printed beside a conference’s own papers")
        if stream in self._streams:
            return VenueVerdict(Verdict.PASSES, f"{self._streams[stream]} is listed (by DBLP’s key {stream})")
        if stream in _SHARED:
            return VenueVerdict(Verdict.AMBIGUOUS, f"{stream} has papers of several conferences")
        if stream and self._built_in:
            return VenueVerdict(Verdict.FAILS, f"{place.venue or stream} is not listed (by DBLP’s key {stream})")
        ranks = self._ranks_of(place.venue)
        if not ranks:
            return VenueVerdict(
                Verdict.UNMATCHED, f"{place.told} is in no list of conferences" if place.told else NO_VENUE
            )
        passing = {not rank or rank in self._ranks for rank in ranks}
        told = ", ".join(sorted(filter(None, ranks)))
        if len(passing) > 1:
            return VenueVerdict(Verdict.AMBIGUOUS, f"several conferences are called {place.venue}: {told}")
        verdict = Verdict.PASSES if passing == {True} else Verdict.FAILS
        return VenueVerdict(verdict, f"{place.venue} is ranked {told}" if told else f"{place.venue} is listed")

    def _ranks_of(self, venue: str) -> set[str]:
        """Return the ranks of the conferences that a venue may be; none where what is beside a name is not theirs.

        Behind a comma or in brackets stands the acronym: `…, ICLR 2020, Addis Ababa`, `… (ICML)`. "International Conference
        on Machine Learning, Optimization, and Data Science" is another conference than the one its name begins with.
        """
        without = _EDITION.sub(" ", venue)
        beside = [_spelt(text) for text in _BRACKETS.findall(without)]
        title, *rest = _BRACKETS.sub(" ", without).split(",")
        found = {rank for rank, _ in self._called(_BRACKETS.sub(" ", without), beside)}
        return found or ({rank for rank, _ in self._called(title, [*beside, _spelt(rest[0])])} if rest else set())

    def _called(self, title: str, beside: Collection[str]) -> set[tuple[str, frozenset[str]]]:
        """Return the conferences of a name, with who holds it or without, that have what is written beside it as a name too."""
        spelt = _spelt(title)
        words = spelt.split()
        short = " ".join(word for word in words if word not in _HOLDERS)
        listed = self._by_name.get(spelt) or self._by_name.get(short) or set()
        short_beside = [" ".join(word for word in text.split() if word not in _HOLDERS) for text in beside if text]
        return {(rank, names) for rank, names in listed if all(text in names for text in short_beside)}


def _spelt(name: str) -> str:
    """Return a name in plain letters, without what comes and goes with each volume."""
    words = plain(_EDITION.sub(" ", name.strip())).split()
    return " ".join(word for word in words if word not in _ASIDE) or " ".join(words)
