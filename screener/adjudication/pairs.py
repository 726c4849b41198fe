"""Pairs of entries that the program has linked: what a person confirms or takes apart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import (
    MACHINE,
    Ledger,
    LinkedEntry,
    add_event,
    events,
    hits_of,
    linked_entries,
    links_by,
    merge_records,
    newest_id,
    shown_links,
    split_record,
    supersede_link,
    undo_event,
    undo_links,
)

_SETTLED = "pair"
"""The kind of the event that somebody has decided on a pair in the app."""
KINDS = {
    "duplicate": "Merged as duplicates",
    "same_study": "Linked as reports of the same study",
    "conflict": "Same identifier, different titles",
}


@dataclass(frozen=True)
class DuplicatePair:
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
        """Return what the link means, in words."""
        return KINDS[self.kind]


def pairs(ledger: Ledger, *, decided: bool = False) -> list[DuplicatePair]:
    """Return the pairs that nobody has checked, least similar first; with `decided` those that people decided on, newest first.

    An entry that one database gave twice is left out: there is nothing to decide.
    """
    with ledger.read() as connection:
        links = [link for link in shown_links(connection) if link.kind in KINDS and (link.who != MACHINE) == decided]
        sides = linked_entries(connection, {hit for link in links for hit in (link.a, link.b)})
    listed = [
        DuplicatePair(link.id, link.kind, link.active, link.rule, link.score, link.who, sides[link.a], sides[link.b])
        for link in links
        if (link.active or decided) and link.a in sides and link.b in sides
    ]
    listed = [pair for pair in listed if pair.kind != "duplicate" or _told_apart(pair)]
    return sorted(listed, key=lambda pair: -pair.number if decided else pair.score)


@dataclass(frozen=True)
class Apart:
    """What taking a record apart does: the pairs that come apart, and into how many records."""

    pairs: Sequence[DuplicatePair]
    records: int


def apart(ledger: Ledger, pair: DuplicatePair) -> Apart | None:
    """Return what splitting a pair's record does: all its merges are undone. None if the pair is not merged."""
    if pair.kind == "same_study" or pair.a.record != pair.b.record:
        return None
    with ledger.read() as connection:
        hits = set(hits_of(connection, pair.a.record))
        sides = linked_entries(connection, hits)
        merges = [
            DuplicatePair(link.id, link.kind, True, link.rule, link.score, link.who, sides[link.a], sides[link.b])
            for link in shown_links(connection, "duplicate")
            if link.active and {link.a, link.b} <= hits
        ]
    whole = {hit: hit for hit in hits}
    for merge in merges:
        if not _told_apart(merge):  # one entry seen twice stays one
            merged_away, stays = whole[merge.a.hit], whole[merge.b.hit]
            whole = {hit: stays if top == merged_away else top for hit, top in whole.items()}
    return Apart([merge for merge in merges if _told_apart(merge)], len(set(whole.values())))


def _told_apart(pair: DuplicatePair) -> bool:
    return (pair.a.source, pair.a.name) != (pair.b.source, pair.b.name)


def settle_pair(ledger: Ledger, number: int, same_record: bool, who: str) -> str:
    """Enter what a person says of a pair; what to tell them. Raises `BadInput` where somebody was quicker."""
    with ledger.read() as connection:
        before = newest_id(connection, "links")
    message = _settle(ledger, number, same_record, who)
    with ledger.write() as connection:
        body = {"pair": number, "links": links_by(connection, who, after=before), "message": message}
        # A pair is of no stage, but every event has one.
        add_event(connection, _SETTLED, Stage.ABSTRACT, who, json.dumps(body))
    return message


def undo_pair(ledger: Ledger, who: str) -> str:
    """Take back what a person said of a pair last; what to tell them. Raises `BadInput` where that cannot be."""
    with ledger.read() as connection:
        last = next(iter(events(connection, _SETTLED, Stage.ABSTRACT, who)), None)
    if last is None:
        raise BadInput("No pair to undo: you have decided on none here.")
    body = json.loads(last.body)
    if not undo_links(ledger, body["links"], who):
        raise BadInput(f"Not undone ({body['message']}): the records have been merged or split again since.")
    with ledger.write() as connection:
        undo_event(connection, Stage.ABSTRACT, who, last.id)
    return f"Undone: {body['message'][0].lower()}{body['message'][1:]}"


def _settle(ledger: Ledger, number: int, same_record: bool, who: str) -> str:
    pair = next(
        (listed for decided in (False, True) for listed in pairs(ledger, decided=decided) if listed.number == number),
        None,
    )
    if pair is None:
        raise BadInput("This pair was decided already; this is the next one.")
    merged = pair.a.record == pair.b.record
    if pair.kind == "same_study":
        _supersede(ledger, pair, who, active=same_record)
        return "Confirmed: same study" if same_record else "Separated: different studies"
    if same_record:
        if not merged:
            merge_records(ledger, pair.b.record, pair.a.record, who)
        _supersede(ledger, pair, who, active=True)
        return "Confirmed: same record" if merged else "Merged into one record"
    if merged:
        parts = split_record(ledger, pair.a.record, who)
        return f"Split into {len(parts)} records"
    _supersede(ledger, pair, who, active=pair.kind == "conflict")
    return "Confirmed: different records"


def _supersede(ledger: Ledger, pair: DuplicatePair, who: str, *, active: bool) -> None:
    """Enter the same link as a person's: the newest row of a link counts."""
    with ledger.write() as connection:
        supersede_link(connection, pair.number, who, active=active)
