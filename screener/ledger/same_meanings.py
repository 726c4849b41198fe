"""Which two values of an item mean the same in other words: what people say of them, without knowing whose each is.

A verdict is of an item of the form and of two values, whichever study and reviewer they came from, and in either order. What
was said last counts, unless it was taken back.
"""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ..core.judgement import Stage
from . import tables as t
from .ui_events import add_event, undo_event, undone

SAME_MEANING = "same_meaning"
"""The kind of the event."""


@dataclass(frozen=True)
class ValuePair:
    """Two values of an item as they are compared: `item` is its path without indices, `first` comes before `second`."""

    item: str
    first: str
    second: str


@dataclass(frozen=True)
class MeaningVerdict:
    """What a person said of a pair: that both mean the same or, if not `same`, that they do not. `shown` is how they read."""

    pair: ValuePair
    same: bool
    who: str
    at: str
    id: int = 0
    shown: tuple[str, str] = ("", "")


def say_meaning(connection: Connection, pair: ValuePair, shown: tuple[str, str], who: str, *, same: bool) -> None:
    """Note what a person says of a pair of values, with the two as they were shown."""
    body = {"item": pair.item, "values": [pair.first, pair.second], "shown": list(shown)}
    add_event(connection, SAME_MEANING, Stage.EXTRACTION, who, json.dumps(body, ensure_ascii=False), active=same)


def take_back_meaning(connection: Connection, who: str) -> MeaningVerdict | None:
    """Take back what a person said last of two values and has not taken back yet; None where there is nothing."""
    last = next((verdict for verdict in reversed(_said(connection)) if verdict.who == who), None)
    if last is not None:
        undo_event(connection, Stage.EXTRACTION, who, last.id)
    return last


def meaning_verdicts(connection: Connection) -> dict[ValuePair, MeaningVerdict]:
    """Return what counts of each pair: what was said last and not taken back."""
    return {verdict.pair: verdict for verdict in _said(connection)}


def _said(connection: Connection) -> list[MeaningVerdict]:
    """Return all that was said and not taken back, oldest first."""
    c = t.ui_events.c
    rows = connection.execute(
        select(t.ui_events).where(c.kind == SAME_MEANING, c.id.not_in(undone())).order_by(c.id)
    ).all()
    verdicts = []
    for row in rows:
        body = json.loads(row.body)
        pair, (one, two) = ValuePair(body["item"], *body["values"]), body["shown"]
        verdicts.append(MeaningVerdict(pair, bool(row.active), row.reviewer, row.at, row.id, (one, two)))
    return verdicts
