"""Which units of two studies (models, arms) are one and the same: what people say of them, so that tables count each once.

A link names the place of each unit in its study's extraction and what it was called when the link was drawn: where an
extraction changes since, it shows. What was said last of two units counts.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ..core.judgement import Stage
from . import tables as t
from .record_ids import current_ids_of
from .ui_events import add_event

SAME_MODEL = "same_model"
"""The kind of the event."""


@dataclass(frozen=True, order=True)
class UnitEnd:
    """A unit of a study: `place` is where it is in the extraction (`models[0]`), `name` what it was called."""

    record: str
    place: str
    name: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from all other units."""
        return self.record, self.place


@dataclass(frozen=True)
class SameModel:
    """What a person says of two units: that they are the same or, if not `active`, that they are not."""

    a: UnitEnd
    b: UnitEnd
    who: str
    at: str
    active: bool = True


def say_same_model(connection: Connection, a: UnitEnd, b: UnitEnd, who: str, *, active: bool = True) -> None:
    """Note that two units are the same, or (not `active`) that they are not after all."""
    ends = [{"record": end.record, "place": end.place, "name": end.name} for end in sorted((a, b))]
    # It is of the stage of extraction, and of two records: each is found by its present id when it is read.
    add_event(connection, SAME_MODEL, Stage.EXTRACTION, who, json.dumps({"ends": ends}), active=active)


def same_models(connection: Connection) -> list[SameModel]:
    """Return what was said last of each pair of units, oldest first; both ends bear the present ids of their records."""
    c = t.ui_events.c
    rows = connection.execute(select(t.ui_events).where(c.kind == SAME_MODEL).order_by(c.id)).all()
    said = [(row, [UnitEnd(**end) for end in json.loads(row.body)["ends"]]) for row in rows]
    current = _current(connection, {end.record for _, ends in said for end in ends})
    newest = dict[frozenset[tuple[str, str]], SameModel]()
    for row, ends in said:
        a, b = (UnitEnd(current.get(end.record, end.record), end.place, end.name) for end in ends)
        link = frozenset((a.key, b.key))
        newest.pop(link, None)
        newest[link] = SameModel(a, b, row.reviewer, row.at, bool(row.active))
    return list(newest.values())


def _current(connection: Connection, records: Collection[str]) -> dict[str, str]:
    return current_ids_of(connection, records) if records else {}
