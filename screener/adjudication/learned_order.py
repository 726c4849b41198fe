"""The order of a learned queue: the first places of the newest ranking, put before the random places of all other records.

One bounded write a reviewer and ranking. What a reviewer has skipped stays at the end, what they took back at the front, and
records of samples stay where the sample has them.
"""

import json
from collections.abc import Collection
from itertools import takewhile

from ..core.judgement import Stage
from ..gold import recall_sample
from ..ledger import built, move_to_end, move_to_front, queued, random_place
from ..ledger.queue import move_in_queue, places_in_queue, restate_signature
from ..ledger.rankings import begun_records, note_offered, ordering, ranked_places
from ..ledger.store import Connection
from ..protocol import Review
from ..stages import people_counts, people_of
from .recall_mixed import mixed_in

FIRST = -(10**12)
"""Where the ranked places begin: behind those of samples, before all random ones."""
_END = 0
_APART = 1_000
"""Between two ranked places: what a reviewer has skipped comes to lie right behind one, what they took back right before one."""
_FRONT = 25
"""So many records at most are looked for that were taken back before there was an order."""
BEGUN = 500
"""So many records that others have judged and that need another judgement come before those that nobody has judged."""


def salt_of(review: Review, stage: Stage) -> str:
    """Return the salt of the stage's random order."""
    return f"{review.protocol.title}:{stage}:"


def order_is_newest(connection: Connection, stage: Stage, reviewer: str) -> bool:
    """Return whether the reviewer's queue is in the order of the newest ranking."""
    queue = built(connection, stage, reviewer)
    return queue is None or json.loads(queue.signature)[2:] == [ordering(connection, stage)]


def put_in_order(connection: Connection, review: Review, stage: Stage, reviewer: str) -> None:
    """Put the reviewer's queue into the order of the newest ranking; without one it is random.

    Records that others have judged and that wait for another judgement come first, in the order in which they were judged: so
    records are finished, and nothing in the order tells what was said of them.
    """
    queue = built(connection, stage, reviewer)
    if queue is None:
        return
    salt = salt_of(review, stage)
    ranged = queued(connection, stage, reviewer, after=FIRST - 1, before=_END)
    ranked = {name: place for name, place in ranged if not place % _APART}
    slots = max(1, review.stage(stage).decided_by.humans)
    begun = begun_records(connection, stage, reviewer, slots, BEGUN) if slots > 1 else []
    wanted = list(dict.fromkeys([*begun, *(place.record_id for place in ranked_places(connection, stage))]))
    sample = recall_sample(connection, stage)
    members = [member.record_id for member in sample.members] if sample else []
    # Judged or skipped records must not use up places of the mixture: else the sample would take more than its share.
    present = places_in_queue(connection, stage, reviewer, {*wanted, *members})
    there = {name for name, place in present.items() if name in ranked or place == random_place(salt, name)}
    movable = _still_waiting(connection, stage, reviewer, slots, there)
    ordered = [name for name in wanted if name in movable]
    if sample is not None and ordered:
        judged = people_counts(connection, stage).judged.get(reviewer, 0)
        ordered = _with_recall(ordered, [name for name in members if name in movable], sample.seed, judged)
    moved = {name: random_place(salt, name) for name in ranked}
    moved |= {name: FIRST + at * _APART for at, name in enumerate(ordered)}
    changed = {name: place for name, place in moved.items() if ranked.get(name) != place}
    skipped = [name for name, place in ranged if 0 < place % _APART < _APART // 2]
    taken_back = [name for name, place in ranged if place % _APART >= _APART // 2]
    if not ranged:
        # Before the first order what was taken back stands before all random places.
        front = queued(connection, stage, reviewer, after=_END - 2, limit=_FRONT)
        taken_back = [name for name, _ in takewhile(lambda row: row[1] != random_place(salt, row[0]), front)]
    move_in_queue(connection, stage, reviewer, changed)
    for name in skipped:
        move_to_end(connection, stage, reviewer, name)
    for name in reversed(taken_back):
        move_to_front(connection, stage, reviewer, name)
    signature = [*json.loads(queue.signature)[:2], ordering(connection, stage)]
    restate_signature(connection, stage, reviewer, json.dumps(signature))


def note_if_ranked(connection: Connection, stage: Stage, reviewer: str, record_id: str, place: int) -> None:
    """Keep the score of a record that is handed out by its ranked place."""
    if FIRST <= place < _END and not place % _APART:
        note_offered(connection, stage, record_id, reviewer)


def _with_recall(ranked: list[str], sample: list[str], seed: str, judged: int) -> list[str]:
    """Return ranked records with those of the recall sample that still wait spread over them, up to the last ranked one."""
    mixed, by_rank = mixed_in(ranked, sample, seed, judged), set(ranked)
    return mixed[: 1 + max(at for at, name in enumerate(mixed) if name in by_rank)]


def _still_waiting(connection: Connection, stage: Stage, reviewer: str, slots: int, names: Collection[str]) -> set[str]:
    """Return those of some records of a queue that wait for the reviewer: those that others have finished lie in it still."""
    waiting = set(names)
    for name, record in people_of(connection, stage, names).items():
        lacks = reviewer in record.agreement.incomplete
        if record.adjudicated or (not lacks and (reviewer in record.people or len(record.people) >= slots)):
            waiting.discard(name)
    return waiting
