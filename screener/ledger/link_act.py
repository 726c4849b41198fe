"""What a person did to links in one go, so that it can be taken back in one go."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from ..core.judgement import Stage
from .links import links_after
from .newest import newest_id
from .store import Ledger
from .ui_events import add_event

ACT = "pair"
"""The kind of the event; older ledgers have it of pairs that were decided in the app."""


@dataclass
class LinkAct:
    """Something that is being done to links: the transaction in which, and what it is, in words."""

    connection: Connection
    message: str = ""


@contextmanager
def link_act(ledger: Ledger, who: str) -> Iterator[LinkAct]:
    """Yield a transaction of which the changes of links can be undone together; nothing is noted where there are none."""
    with ledger.write() as connection:
        before = newest_id(connection, "links")
        act = LinkAct(connection)
        yield act
        if rows := links_after(connection, before):
            body = json.dumps({"links": rows, "message": act.message})
            # Links are of no stage, but every event has one.
            add_event(connection, ACT, Stage.ABSTRACT, who, body)
