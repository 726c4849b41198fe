"""Say who judges which records: split among people by shares, so that each record gets as many as the stage needs.

Whoever is assigned to a record is given it before others. Where that is exclusive nobody else is, as long as as many people are
assigned as the record needs. Who has no assignment takes from the common queue.
"""

import hashlib
import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger, current_id, reads, who_judged
from ..ledger.assignments import Assigned, Assignment, add_assignments, assigned, newest_assignment, of_act
from ..ledger.imports import records_of_source
from ..ledger.store import Connection
from ..ledger.tags import tags_at
from ..protocol import Review
from ..stages import ids_for, people_of
from .slots import EVERYBODY, barred, needed_in_samples, slots_of_each

HUMAN, ADJUDICATOR = "human", "adjudicator"
"""What one may be assigned to: to judge records, or to resolve conflicts."""
MOST_PEOPLE, MOST_SHARE = 50, 1_000


@dataclass(frozen=True)
class AssigningRequest:
    """What is to be assigned: to whom with which shares, and of which records.

    `source` and `tag` narrow the records where they are given. `again` also gives away what others are assigned to already,
    and takes it from them; what they have judged stays theirs.
    """

    stage: Stage
    role: str
    shares: Mapping[str, int]
    source: str = ""
    tag: str = ""
    exclusive: bool = True
    again: bool = False


@dataclass(frozen=True)
class AssigningPlan:
    """What an assignment would do: how many records each person gets; `short` of them lack a person."""

    request: AssigningRequest
    rows: Sequence[Assignment] = field(repr=False)
    records: int = 0
    short: int = 0
    made_from: int = 0
    """The newest assignment that was there."""

    @property
    def per_person(self) -> Mapping[str, int]:
        """Return how many records each person gets."""
        given = Counter(row.reviewer for row in self.rows if row.active)
        return {name: given[name] for name in self.request.shares}

    @property
    def taken(self) -> Mapping[str, int]:
        """Return how many records are taken from each person."""
        return Counter(row.reviewer for row in self.rows if not row.active)


def plan_assignment(
    ledger: Ledger, review: Review, request: AssigningRequest, conflicts: Mapping[str, Collection[str]] | None = None
) -> AssigningPlan:
    """Return what an assignment would do. `conflicts` are those to be resolved, with who has judged each.

    Raises `BadInput` where nobody is to get anything.
    """
    _check(request)
    stage, role = request.stage, request.role
    open_records = _open_to_judge(ledger, review, stage) if role == HUMAN else _open_to_resolve(conflicts or {})
    with ledger.read() as connection:
        present, made_from = assigned(connection, stage, role), newest_assignment(connection, stage)
        wanted = _narrowed(connection, request, open_records)
    if not request.again:
        wanted = {name: slots for name, slots in wanted.items() if len(present.get(name, ())) < slots.needed}
    rows, short = _split(request, wanted, present, salt=f"{stage}:{made_from}:")
    return AssigningPlan(request, rows, len({row.record_id for row in rows if row.active}), short, made_from)


def carry_out_assignment(ledger: Ledger, planned: AssigningPlan, who: str) -> str:
    """Enter a plan; the name of the act. `BadInput` where somebody has assigned something since it was made."""
    stage, act = planned.request.stage, secrets.token_hex(6)
    with ledger.write() as connection:
        if newest_assignment(connection, stage) != planned.made_from:
            raise BadInput("Somebody has assigned records meanwhile; look at what this would do once more.")
        add_assignments(connection, stage, planned.request.role, who, act, planned.rows)
    return act


def hand_over(ledger: Ledger, stage: Stage, role: str, giver: str, taker: str, who: str) -> int:
    """Give what a person is assigned to, and has not judged, to another one, or to the common queue; how many records.

    A record that the other one is assigned to or has judged already is only taken from the first.
    """
    if giver == taker:
        raise BadInput("Choose another person to hand over to.")
    with ledger.write() as connection:
        present, (judged, adjudicated) = assigned(connection, stage, role), who_judged(connection, stage)
        theirs = [
            name
            for name, people in present.items()
            if giver in people and name not in adjudicated and (role == ADJUDICATOR or giver not in judged[name])
        ]
        rows = [Assignment(name, giver, active=False) for name in theirs]
        rows += [
            Assignment(name, taker, exclusive=present[name][giver])
            for name in theirs
            if taker and taker not in present[name] and taker not in judged[name]
        ]
        add_assignments(connection, stage, role, who, secrets.token_hex(6), rows)
    return len(theirs)


def take_back_act(ledger: Ledger, act: str, who: str) -> int:
    """Take back what was assigned at once, where it still stands; how many assignments."""
    with ledger.write() as connection:
        found = of_act(connection, act)
        if found is None:
            raise BadInput("There is no such assignment.")
        stage, role, made = found
        present = assigned(connection, stage, role)
        rows = []
        for row in made:
            name = current_id(connection, row.record_id)
            if row.reviewer in present.get(name, {}):
                rows.append(Assignment(name, row.reviewer, active=False))
        add_assignments(connection, stage, role, who, secrets.token_hex(6), rows)
    return len(rows)


@dataclass(frozen=True)
class _Slots:
    """How many people a record needs in all, and who has judged it."""

    needed: int
    judged: frozenset[str]


def _check(request: AssigningRequest) -> None:
    if not request.shares:
        raise BadInput("Choose at least one person, with a share above 0.")
    if len(request.shares) > MOST_PEOPLE or not all(0 < share <= MOST_SHARE for share in request.shares.values()):
        raise BadInput(f"A share is a number from 1 to {MOST_SHARE:,}, for {MOST_PEOPLE} people at most.")


def _open_to_judge(ledger: Ledger, review: Review, stage: Stage) -> dict[str, _Slots]:
    """Return the records of a stage that lack judgements, those of samples those that they need there."""
    usual = max(1, review.stage(stage).decided_by.humans)
    names = ids_for(ledger, review, stage)
    with ledger.read() as connection:
        judged, adjudicated = who_judged(connection, stage)
        wanted = {name: _Slots(usual, frozenset(judged[name])) for name in names if name not in adjudicated}
        in_samples = needed_in_samples(connection, review, stage)
        sampled = [name for name, needed in in_samples.items() if name in wanted and needed < EVERYBODY]
        for name, slots in slots_of_each(connection, review, stage, sampled).items():
            wanted[name] = _Slots(in_samples[name] + len(slots.unblinded), frozenset(slots.judged))
    return {name: slots for name, slots in wanted.items() if len(slots.judged) < slots.needed}


def _open_to_resolve(conflicts: Mapping[str, Collection[str]]) -> dict[str, _Slots]:
    return {name: _Slots(1, frozenset(judged)) for name, judged in conflicts.items()}


def _narrowed(connection: Connection, request: AssigningRequest, wanted: Mapping[str, _Slots]) -> dict[str, _Slots]:
    """Return the records of the source and with the tag that are asked for."""
    names: set[str] = set(wanted)
    if request.source:
        names &= records_of_source(connection, request.source)
    if request.tag:
        tagged = [tag for stage in Stage for tag in tags_at(connection, stage)]
        current = reads.current_ids(connection)
        names &= {current.get(tag.record_id, tag.record_id) for tag in tagged if tag.word == request.tag}
    return {name: slots for name, slots in wanted.items() if name in names}


def _split(
    request: AssigningRequest, wanted: Mapping[str, _Slots], present: Assigned, salt: str
) -> tuple[list[Assignment], int]:
    """Return who gets which record, in an order that is random: each time whoever has got least of their share."""
    rows, given, short = list[Assignment](), dict.fromkeys(request.shares, 0), 0
    for name in sorted(wanted, key=lambda record: hashlib.sha256(f"{salt}{record}".encode()).digest()):
        slots, before = wanted[name], present.get(name, {})
        # Who has judged has filled a place, or differs from whoever resolves.
        settled = slots.judged if request.role == HUMAN else frozenset[str]()
        kept = [] if request.again else [who for who in before if who not in settled]
        missing = slots.needed - len(settled) - len(kept)
        free = [who for who in request.shares if who not in slots.judged and who not in kept]
        chosen = sorted(free, key=lambda who: (given[who] + 1) / request.shares[who])[: max(0, missing)]
        short += missing > len(chosen)
        for who in chosen:
            given[who] += 1
        if request.again:
            gone = [who for who in before if who not in chosen and who not in settled]
            rows += [Assignment(name, who, active=False) for who in gone]
        rows += [Assignment(name, who, exclusive=request.exclusive) for who in chosen]
    return rows, short


def theirs_first(
    connection: Connection, review: Review, stage: Stage, reviewer: str, names: Sequence[str]
) -> tuple[list[str], set[str]]:
    """Return of some records of a queue those that its owner is assigned to, in their order, and those kept from them."""
    people = assigned(connection, stage, names=names)
    usual, in_samples = max(1, review.stage(stage).decided_by.humans), needed_in_samples(connection, review, stage)
    judged = {name: record.people for name, record in people_of(connection, stage, people).items()}
    sampled = slots_of_each(connection, review, stage, in_samples.keys() & people.keys())
    own, kept_away = list[str](), set[str]()
    for name in names:
        if name not in people:
            continue
        if reviewer in people[name]:
            own.append(name)
        elif name in sampled:
            if sampled[name].kept_from(reviewer):
                kept_away.add(name)
        elif barred(people[name], reviewer, usual, judged.get(name, ())):
            kept_away.add(name)
    return own, kept_away


def conflicts_by_assignment(connection: Connection, stage: Stage, reviewer: str, names: Sequence[str]) -> list[str]:
    """Return conflicts with those first that a person is assigned to, without those that are others' alone."""
    people = assigned(connection, stage, ADJUDICATOR, names)
    own = [name for name in names if reviewer in people.get(name, {})]
    others = (name for name in names if reviewer not in people.get(name, {}))
    return [*own, *(name for name in others if not barred(people.get(name, {}), reviewer, 1, ()))]


def left_of(present: Assigned, judged: Mapping[str, Collection[str]], adjudicated: Collection[str]) -> Counter[str]:
    """Return by person how many of the records that they are assigned to wait for them."""
    left = Counter[str]()
    for name, people in present.items():
        if name not in adjudicated:
            left.update(who for who in people if who not in judged.get(name, ()))
    return left


def totals_of(present: Assigned) -> Counter[str]:
    """Return by person how many records they are assigned to."""
    totals: dict[str, int] = defaultdict(int)
    for people in present.values():
        for who in people:
            totals[who] += 1
    return Counter(totals)
