"""Take back what a person did to links, in one go."""

import json
from collections.abc import Collection

from sqlalchemy import Connection

from ..core.errors import BadInput
from ..core.judgement import Stage
from .clusters import clusters_of, joined_hits
from .link_acts import ACT
from .links import hits_of, take_back_links
from .merges import record_with, rename
from .rebuild import rebuild
from .store import Ledger
from .ui_events import events, undo_event


def undo_link_act(ledger: Ledger, who: str) -> str:
    """Take back what a person did to links last; return what that was. `BadInput` where it cannot be."""
    with ledger.write() as connection:
        last = next(iter(events(connection, ACT, Stage.ABSTRACT, who)), None)
        if last is None:
            raise BadInput(f"Nothing to undo: {who} has changed no link.")
        body = json.loads(last.body)
        if not _undo_links(connection, body["links"], who):
            raise BadInput(f"Not undone ({body['message']}): the records have been merged or split again since.")
        undo_event(connection, Stage.ABSTRACT, who, last.id)
    return str(body["message"])


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
