"""Pairs of entries that the program has linked: what a person confirms or takes apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import BadInput
from ..ledger.intake import merge_records, split_record
from ..ledger.links import MACHINE, LinkedEntry, add_link, current_links, hits_of, link_row, linked_entries
from ..ledger.store import Ledger

KINDS = {
    "duplicate": "Merged as duplicates",
    "same_study": "Linked as reports of the same study",
    "conflict": "Same identifier, different titles",
}


@dataclass(frozen=True)
class Pair:
    """A link between two entries. `who` is `screener` until a person has looked at it."""

    number: int
    kind: str
    active: bool
    rule: str
    score: float
    who: str
    a: LinkedEntry
    b: LinkedEntry

    @property
    def heading(self) -> str:
        """What the link means, in words."""
        return KINDS[self.kind]


def pairs(ledger: Ledger, *, decided: bool = False) -> list[Pair]:
    """The pairs that nobody has looked at, the least alike first; with `decided` those that people decided on, newest first.

    An entry that one database gave twice is left out: there is nothing to decide.
    """
    with ledger.read() as connection:
        links = [one for one in current_links(connection) if one.kind in KINDS and (one.who != MACHINE) == decided]
        sides = linked_entries(connection, {hit for one in links for hit in (one.a, one.b)})
    found = [
        Pair(one.id, one.kind, bool(one.active), one.rule, one.score, one.who, sides[one.a], sides[one.b])
        for one in links
        if (one.active or decided) and one.a in sides and one.b in sides
    ]
    found = [one for one in found if one.kind != "duplicate" or _told_apart(one)]
    return sorted(found, key=lambda one: -one.number if decided else one.score)


@dataclass(frozen=True)
class Apart:
    """What taking a record apart does: the pairs that come apart, and into how many records."""

    pairs: Sequence[Pair]
    records: int


def apart(ledger: Ledger, pair: Pair) -> Apart | None:
    """What taking a pair apart does to the record that it was merged into, of which all merges go; None if it is not merged."""
    if pair.kind == "same_study" or pair.a.record != pair.b.record:
        return None
    with ledger.read() as connection:
        hits = set(hits_of(connection, pair.a.record))
        sides = linked_entries(connection, hits)
        merges = [
            Pair(one.id, one.kind, True, one.rule, one.score, one.who, sides[one.a], sides[one.b])
            for one in current_links(connection, "duplicate")
            if one.active and {one.a, one.b} <= hits
        ]
    whole = {hit: hit for hit in hits}
    for one in merges:
        if not _told_apart(one):  # one entry seen twice stays one
            gone, stays = whole[one.a.hit], whole[one.b.hit]
            whole = {hit: stays if top == gone else top for hit, top in whole.items()}
    return Apart([one for one in merges if _told_apart(one)], len(set(whole.values())))


def _told_apart(pair: Pair) -> bool:
    return (pair.a.source, pair.a.name) != (pair.b.source, pair.b.name)


def settle_pair(ledger: Ledger, number: int, same: bool, who: str) -> str:
    """Enter what a person says of a pair; what to tell them. Raises `BadInput` where somebody was quicker."""
    pair = next(
        (one for decided in (False, True) for one in pairs(ledger, decided=decided) if one.number == number), None
    )
    if pair is None:
        raise BadInput("This pair was decided already; this is the next one.")
    merged = pair.a.record == pair.b.record
    if pair.kind == "same_study":
        _supersede(ledger, pair, who, active=same)
        return "Confirmed: same study" if same else "Separated: different studies"
    if same:
        if not merged:
            merge_records(ledger, pair.b.record, pair.a.record, who)
        _supersede(ledger, pair, who, active=True)
        return "Confirmed: same record" if merged else "Merged into one record"
    if merged:
        made = split_record(ledger, pair.a.record, who)
        return f"Split into {len(made)} records"
    _supersede(ledger, pair, who, active=pair.kind == "conflict")
    return "Confirmed: different records"


def _supersede(ledger: Ledger, pair: Pair, who: str, *, active: bool) -> None:
    """The newest row of a link counts: the same link, now said by a person."""
    with ledger.write() as connection:
        add_link(connection, link_row(pair.kind, pair.a.hit, pair.b.hit, pair.rule, pair.score, who, active=active))
