"""Take back what a person did to links, in one go."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from ..core.errors import BadInput
from ..core.judgement import Stage
from .clusters import clusters_of, joined_hits
from .link_act import ACT
from .links import hits_of, link_ends, records_of, take_back_links
from .merges import hit_named, record_with, rename
from .rebuild import rebuild
from .store import Ledger
from .ui_events import events, undo_event


@dataclass(frozen=True)
class LinkActDone:
    """Something that a person did to links and has not taken back: its number, when, what, and the records it is about."""

    act: int
    at: str
    message: str
    records: tuple[str, ...]


def link_acts(ledger: Ledger, who: str) -> list[LinkActDone]:
    """Return what a person did to links and has not taken back, the newest first."""
    with ledger.read() as connection:
        return _acts(connection, who)


def undo_link_act(ledger: Ledger, who: str, *, act: int | None = None, record: str | None = None) -> str:
    """Take back what a person did to links last, or the act of that number, or the last one about a record; return what it was.

    `BadInput` where there is none, and where somebody has said something else of these links since.
    """
    with ledger.write() as connection:
        number = _number(connection, who, act, record)
        body = json.loads(
            next(event.body for event in events(connection, ACT, Stage.ABSTRACT, who) if event.id == number)
        )
        if not _undo_links(connection, body["links"], who):
            raise BadInput(f"Not undone ({body['message']}): the records have been merged or split again since.")
        undo_event(connection, Stage.ABSTRACT, who, number)
    return str(body["message"])


def _number(connection: Connection, who: str, act: int | None, record: str | None) -> int:
    """Return the number of the act that is meant."""
    if record is not None:
        name = record_with(connection, hit_named(connection, record))
        acts = [done.act for done in _acts(connection, who) if name in done.records]
        missing = f"{who} has changed no link of {record}"
    else:
        acts = [event.id for event in events(connection, ACT, Stage.ABSTRACT, who) if act in (None, event.id)]
        missing = f"{who} has changed no link" if act is None else f"{who} has no act {act} that could be taken back"
    if not acts:
        # Who undoes the newest act, in the app too, has no list to look at.
        named = act is not None or record is not None
        hint = " `screener dedup undo --list --who NAME` lists what there is." if named else ""
        raise BadInput(f"Nothing to undo: {missing}.{hint}")
    return acts[0]


def _acts(connection: Connection, who: str) -> list[LinkActDone]:
    done = [(event, json.loads(event.body)) for event in events(connection, ACT, Stage.ABSTRACT, who)]
    ends = link_ends(connection, [number for _, body in done for number in body["links"]])
    names = records_of(connection, {hit for pair in ends.values() for hit in pair})
    acts = []
    for event, body in done:
        hits = [hit for number in body["links"] for hit in ends.get(number, ())]
        records = dict.fromkeys(names[hit] for hit in sorted(hits) if hit in names)
        acts.append(LinkActDone(event.id, event.at, body["message"], tuple(records)))
    return acts


def _undo_links(connection: Connection, numbers: Collection[int], who: str) -> bool:
    """Make links and records as they were before some rows of links; whether that could be done.

    It cannot where somebody has said something else of one of the links since.
    """
    taken = take_back_links(connection, numbers, who)
    if taken is None:
        return False
    merges = [row for row in taken if row.kind == "duplicate"]
    hits = {hit for row in merges for end in (row.a, row.b) for hit in _hits_with(connection, end)}
    if hits:
        rename(connection, clusters_of(sorted(hits), joined_hits(connection, hits)))
        rebuild(connection, hits)
    return True


def _hits_with(connection: Connection, hit: int) -> list[int]:
    """Return the hits of the record that a hit is part of; the hit alone where its import was taken back."""
    record = record_with(connection, hit)
    return hits_of(connection, record) if record else [hit]
