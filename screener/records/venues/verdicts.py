"""What a rule says of the venue of one row of a source, and why."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .names import same_venue

NO_VENUE = "the row names no venue"


class Verdict(StrEnum):
    """What a rule says of a venue. Only what `fails` can remove a record."""

    PASSES = "passes"
    FAILS = "fails"
    AMBIGUOUS = "ambiguous"
    """Several venues have the name, of which some pass, or the list does not say what this one is."""
    UNMATCHED = "unmatched"
    """No list has it."""


@dataclass(frozen=True)
class VenueVerdict:
    """What a rule says of a venue, and why, in words."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Place:
    """Where a row says that it was published: the venue as it is written, its ISSNs, and DBLP's key (`conf/aaai/X24`)."""

    venue: str = ""
    issn: tuple[str, ...] = ()
    dblp: str = ""

    @property
    def told(self) -> str:
        """Return the venue with its ISSNs, for a message."""
        number = f"ISSN {', '.join(self.issn)}" if self.issn else ""
        return f"{self.venue} ({number})" if self.venue and number else self.venue or number


def plain(name: str) -> str:
    """Return a name in small letters without accents, signs and a leading `the`, `&` as `and`."""
    signs = unicodedata.normalize("NFKD", name.replace("&", " and "))
    words = re.findall(r"[^\W_]+", "".join(c for c in signs if not unicodedata.combining(c)).casefold())
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def forms(name: str) -> tuple[str, ...]:
    """Return the plain forms of a name: in full, without what is in brackets, and without a subtitle behind ` : ` or ` = `."""
    without_place = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", name)
    written = (name, without_place, re.split(r" [:=] ", without_place)[0])
    return tuple(dict.fromkeys(filter(None, map(plain, written))))


def named(venue: str, eligible: Sequence[str], ineligible: Sequence[str]) -> VenueVerdict | None:
    """Return what the venues that a protocol names itself say of one, in full or abbreviated; None where none is it."""
    lists = ((Verdict.PASSES, eligible, "eligible"), (Verdict.FAILS, ineligible, "ineligible"))
    verdicts = [
        VenueVerdict(verdict, f"{name} is named as {word} in the protocol")
        for verdict, names, word in lists
        for name in names
        if plain(venue) == plain(name) or same_venue(venue, name)
    ]
    if len({found.verdict for found in verdicts}) > 1:
        return VenueVerdict(Verdict.AMBIGUOUS, "the protocol names it as eligible and as ineligible")
    return verdicts[0] if verdicts else None


_ORDER = (Verdict.PASSES, Verdict.AMBIGUOUS, Verdict.FAILS, Verdict.UNMATCHED)


def best(verdicts: Iterable[VenueVerdict]) -> VenueVerdict:
    """Return what several lists say together: one that lets a venue pass is enough, and what one cannot tell is open."""
    return min(verdicts, key=lambda found: _ORDER.index(found.verdict))
