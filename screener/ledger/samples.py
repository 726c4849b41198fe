"""Samples of records that people are to judge for a purpose: gold, pilot, elusion, an update, the review of a stratum, or to
estimate the recall of a ranked queue.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Select, insert, select

from ..core.judgement import Drawn, Stage
from . import tables as t
from .parts import NAMES, among_names, in_parts
from .record_ids import with_current_ids
from .store import Ledger, now

Kind = Literal["gold", "pilot", "elusion", "review", "update", "recall"]
APART: tuple[Kind, ...] = ("gold", "pilot", "elusion", "review", "update")
"""The samples that come before the rest of a queue. Records of the recall sample are like any other: whatever were done
otherwise with them would tell which they are."""


@dataclass(frozen=True)
class SampleMember:
    """A record of a sample. `counts` is false for one that is only mixed in; `weight` is 1/chance of being drawn."""

    record_id: str
    weight: float = 1.0
    stratum: str = ""
    counts: bool = True


@dataclass(frozen=True)
class Sample:
    """A sample as it was drawn; `frame` is the number of records that it was drawn from, `about` what else is known."""

    id: int
    kind: Kind
    stage: Stage
    at: str
    seed: str
    n: int
    drawn: Drawn
    frame: int
    about: dict[str, Any]
    members: tuple[SampleMember, ...]

    @property
    def counted(self) -> tuple[SampleMember, ...]:
        """Return the members that are not only mixed in."""
        return tuple(member for member in self.members if member.counts)


@dataclass(frozen=True)
class Draw:
    """Hold how a sample was drawn: its seed, the number of records that it was drawn from, and what else is known."""

    seed: str
    drawn: Drawn
    frame: int
    about: Mapping[str, Any]


def add_sample(
    ledger: Ledger,
    kind: Kind,
    stage: Stage,
    members: Sequence[SampleMember],
    draw: Draw,
) -> int:
    """Keep a sample, its members in the order in which they are to be judged; return its number."""
    with ledger.write() as connection:
        return _insert(connection, kind, stage, members, draw)


def add_first_sample(
    ledger: Ledger, kind: Kind, stage: Stage, members: Sequence[SampleMember], draw: Draw
) -> int | None:
    """Keep a sample if the stage has none of its kind yet, whoever draws at the same time; return its number, else None."""
    with ledger.write() as connection:
        s = t.samples.c
        if connection.execute(select(s.id).where(s.kind == kind, s.stage == stage.value)).first() is not None:
            return None
        return _insert(connection, kind, stage, members, draw)


def _insert(connection: Connection, kind: Kind, stage: Stage, members: Sequence[SampleMember], draw: Draw) -> int:
    row = {"kind": kind, "stage": stage.value, "at": now(), "seed": draw.seed, "n": sum(m.counts for m in members),
           "drawn": draw.drawn, "frame": draw.frame, "body": json.dumps(draw.about)}  # fmt: skip
    number = int(connection.execute(insert(t.samples).returning(t.samples.c.id), row).scalar_one())
    rows = [
        {"sample_id": number, "record_id": m.record_id, "position": position, "counts": int(m.counts),
         "weight": m.weight, "stratum": m.stratum}
        for position, m in enumerate(members)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(t.sample_members), rows)
    return number


def samples(connection: Connection, stage: Stage, *kinds: Kind) -> list[Sample]:
    """Return the samples of a stage, of these kinds or of all, oldest first.

    Members bear their records' present ids.
    """
    s, m = t.samples.c, t.sample_members.c
    rows, record_id = with_current_ids(t.sample_members)
    query = select(t.samples).where(s.stage == stage.value).order_by(s.id)
    if kinds:
        query = query.where(s.kind.in_(kinds))
    drawn = []
    for sample in connection.execute(query).all():
        members: dict[str, SampleMember] = {}
        of_sample = select(record_id, m.weight, m.stratum, m.counts).select_from(rows).where(m.sample_id == sample.id)
        for name, weight, stratum, counts in connection.execute(of_sample.order_by(m.position)):
            # Of records that were merged one that counts stays in the sample, whatever it was merged with.
            if name not in members or (counts and not members[name].counts):
                members[name] = SampleMember(name, weight, stratum, bool(counts))
        drawn.append(
            Sample(sample.id, sample.kind, Stage(sample.stage), sample.at, sample.seed, sample.n, sample.drawn,
                   sample.frame, json.loads(sample.body), tuple(members.values()))
        )  # fmt: skip
    return drawn


def sample_kinds(connection: Connection, stage: Stage, names: Collection[str]) -> list[tuple[Kind, bool]]:
    """Return the kinds of the samples that hold a record, given by all its ids, each with whether the record counts there.

    The recall sample is left out: its records are judged like any other.
    """
    s, m = t.samples.c, t.sample_members.c
    query = select(s.kind, m.counts).join(t.sample_members, m.sample_id == s.id)
    query = query.where(s.stage == stage.value, s.kind.in_(APART), m.record_id.in_(names))
    return [(row.kind, bool(row.counts)) for row in connection.execute(query)]


def sample_kinds_of_each(
    connection: Connection, stage: Stage, all_names: Collection[str]
) -> defaultdict[str, list[tuple[Kind, bool]]]:
    """Return what `sample_kinds` does for each of some records, given by all their ids, by their present ones."""
    query, each = _sample_kinds_of_each(stage), defaultdict[str, list[tuple[Kind, bool]]](list)
    for some in in_parts(all_names):
        for name, kind, counts in connection.execute(query, {NAMES: some}):
            each[name].append((kind, bool(counts)))
    return each


@cache
def _sample_kinds_of_each(stage: Stage) -> Select[Any]:
    rows, record_id = with_current_ids(t.sample_members)
    s, m = t.samples.c, t.sample_members.c
    query = select(record_id, s.kind, m.counts).select_from(rows.join(t.samples, m.sample_id == s.id))
    return query.where(s.stage == stage.value, s.kind.in_(APART), among_names(m.record_id))


def held_back(connection: Connection, stage: Stage) -> set[str]:
    """Return the records of samples of gold, elusion and updates: until gold is locked nobody knows which of them are `test`."""
    return {
        member.record_id
        for sample in samples(connection, stage, "gold", "elusion", "update")
        for member in sample.counted
    }
