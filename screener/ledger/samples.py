"""Samples of records that people are to judge for a purpose: gold, pilot, elusion, or the review of a stratum."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from ..core.judgement import Stage
from . import reads
from . import tables as t
from .store import Ledger, now

Kind = Literal["gold", "pilot", "elusion", "review"]


@dataclass(frozen=True)
class Member:
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
    drawn: Literal["random", "stratified", "chosen"]
    frame: int
    about: dict[str, Any]
    members: tuple[Member, ...]

    @property
    def counted(self) -> tuple[Member, ...]:
        """The members that are not only mixed in."""
        return tuple(member for member in self.members if member.counts)


def add_sample(
    ledger: Ledger,
    kind: Kind,
    stage: Stage,
    members: Sequence[Member],
    *,
    seed: str,
    drawn: str,
    frame: int,
    about: dict[str, Any],
) -> int:
    """Keep a sample, its members in the order in which they are to be judged; return its number."""
    row = {"kind": kind, "stage": stage.value, "at": now(), "seed": seed, "n": sum(m.counts for m in members),
           "drawn": drawn, "frame": frame, "body": json.dumps(about)}  # fmt: skip
    with ledger.write() as connection:
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
    """The samples of a stage, oldest first, of these kinds or of all. Members bear the present ids of their records."""
    current_ids = reads.current_ids(connection)
    s, m = t.samples.c, t.sample_members.c
    query = select(t.samples).where(s.stage == stage.value).order_by(s.id)
    if kinds:
        query = query.where(s.kind.in_(kinds))
    found = []
    for row in connection.execute(query).all():
        rows = connection.execute(select(t.sample_members).where(m.sample_id == row.id).order_by(m.position))
        members: dict[str, Member] = {}
        for one in rows:
            name = current_ids.get(one.record_id, one.record_id)
            # Of records that were merged one that counts stays in the sample, whatever it was merged with.
            if name not in members or (one.counts and not members[name].counts):
                members[name] = Member(name, one.weight, one.stratum, bool(one.counts))
        found.append(
            Sample(row.id, row.kind, Stage(row.stage), row.at, row.seed, row.n, row.drawn, row.frame,
                   json.loads(row.body), tuple(members.values()))
        )  # fmt: skip
    return found


def held_back(connection: Connection, stage: Stage) -> set[str]:
    """The records of gold and elusion samples: until gold is locked nobody knows which of them are `test`."""
    return {one.record_id for sample in samples(connection, stage, "gold", "elusion") for one in sample.counted}
