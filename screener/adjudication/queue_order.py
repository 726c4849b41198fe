"""The order in which a reviewer is given records: a table that is made anew when what it was made from has changed."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any

from ..core.judgement import Stage
from ..gold import draw_recall
from ..ledger import (
    Ledger,
    Sample,
    all_ids,
    built,
    count_ended_runs,
    judged_by,
    leave_queue,
    newest_id,
    newest_ids,
    probabilities,
    put_in_queue,
    random_place,
    reads,
    records_set_aside,
    replace_queue,
    replace_queue_with_all,
)
from ..ledger.assignments import assigned, newest_assignment
from ..ledger.queue import move_in_queue, places_in_queue
from ..ledger.samples import APART, samples
from ..ledger.store import Connection
from ..protocol import Review
from ..stages import (
    CLASSIFIED,
    StageState,
    Status,
    people_counts,
    protocol_fingerprint,
    ready,
    removed_by_venue,
    stages_of,
    venue_rules_digest,
)
from .assigning import theirs_first
from .learned_order import order_is_newest, put_in_order, salt_of
from .recall_mixed import mixed_in
from .slots import EVERYBODY, needed_in_samples
from .worklist import Viewer, done_for, worklist

REBUILD_SECONDS = 30
"""A queue that changes with the decisions of an earlier stage is made anew at most this often."""
Behind = Callable[[Callable[[], None]], object]
"""Does something without anybody waiting for it."""
_MAKING: dict[tuple[str, Stage, str], Lock] = defaultdict(Lock)
"""One lock for each queue of this process, so that no two requests make the same one."""
_RULES = 2
"""Raised where queues are made by other rules, so that those of an earlier version of the program are made anew."""
_SAMPLES = -(10**15)
"""Where samples begin: before all else."""
_ONE_SAMPLE = 10**7
_ASSIGNED = -(10**14)
"""Where begins what is assigned to a person: behind samples, before all else."""


class Age(StrEnum):
    """How a queue stands to what it was made from."""

    FRESH = "fresh"
    AGEING = "ageing"
    """Decisions of an earlier stage have been made since: what it holds may still be judged, and more may have come."""
    VOID = "void"


def ensure(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str, behind: Behind | None = None, *, exact: bool = False
) -> None:
    """Have a queue that can be served. One that is only ageing is made anew `behind` what goes on, where that is given.

    With `exact` it is made anew however young it is, if anything has changed, and before this returns.
    """
    if exact:
        behind = None
    age = age_of(ledger, review, stage, reviewer, exact=exact)
    if age is not Age.FRESH:
        _renew(ledger, review, stage, reviewer, behind if age is Age.AGEING else None, exact=exact)
    if review.stage(stage).queue == "learned":
        with ledger.read() as connection:
            newest = order_is_newest(connection, stage, reviewer)
        if not newest:
            with ledger.write() as connection:
                put_in_order(connection, review, stage, reviewer)


def _renew(ledger: Ledger, review: Review, stage: Stage, reviewer: str, behind: Behind | None, *, exact: bool) -> None:
    making = _MAKING[str(ledger.engine.url), stage, reviewer]

    def renew() -> None:
        with making:
            if age_of(ledger, review, stage, reviewer, exact=exact) is not Age.FRESH:
                build(ledger, review, stage, reviewer)

    if behind is None:
        renew()
    elif not making.locked():
        behind(renew)


def age_of(ledger: Ledger, review: Review, stage: Stage, reviewer: str, *, exact: bool = False) -> Age:
    """Return whether the reviewer's queue is made from what is there now; if not `exact`, a young one counts as such."""
    with ledger.read() as connection:
        queue = built(connection, stage, reviewer)
        if queue is None:
            return Age.VOID
        firm_before, changing = json.loads(queue.signature)[:2]
        firm, moving = _signature(connection, review, stage)
    if firm_before != firm:
        return Age.VOID
    age = datetime.now(UTC) - datetime.fromisoformat(queue.at)
    # One that was made in the future is not young: the clock was set back.
    young = not exact and timedelta(0) <= age < timedelta(seconds=REBUILD_SECONDS)
    return Age.FRESH if changing == moving or young else Age.AGEING


def _signature(connection: Connection, review: Review, stage: Stage) -> tuple[list[Any], list[Any]]:
    """Return what a queue depends on: what asks for a new one at once, and what may wait a little."""
    protocol = review.stage(stage)
    firm: list[Any] = [_RULES, *newest_ids(connection, "hits", "links", "samples"), protocol.queue]
    firm += [protocol.stopping and [protocol.stopping.rule, protocol.stopping.target]]
    firm += [newest_assignment(connection, stage)]
    firm += [protocol.decided_by.humans, protocol_fingerprint(review, stage), venue_rules_digest(review)]
    order = stages_of(review)
    earlier = order[: order.index(stage)]
    moving: list[Any] = []
    if earlier:
        moving += [newest_id(connection, "judgements", earlier)]
        moving += newest_ids(connection, "documents", "retrievals", "withdrawals")
        firm += [
            [rule.humans, *rule.resolvers]
            for rule in (review.stage(earlier_stage).decided_by for earlier_stage in earlier)
        ]
    if protocol.gate is not None or protocol.queue == "ranked":
        moving += [count_ended_runs(connection, stage), newest_id(connection, "looks")]
    return firm, moving


def build(ledger: Ledger, review: Review, stage: Stage, reviewer: str) -> None:
    """Make the reviewer's queue anew: samples first, then all that humans may still have to judge; no notices of others."""
    recall = draw_recall(ledger, review, stage, reviewer)
    places, waiting_earlier = _places(ledger, review, stage, reviewer)
    slots = max(1, review.stage(stage).decided_by.humans)
    removed = removed_by_venue(ledger, review)
    with ledger.read() as connection:
        sampled = _sampled(connection, review, stage)
        signature = json.dumps(_signature(connection, review, stage))
        if places is not None:
            finished = done_for(connection, stage, reviewer, slots)
            places = {name: position for name, position in places.items() if name not in finished}
            if recall is not None:
                places = _with_recall(connection, review, recall, places, finished | removed, reviewer)
        first = {
            name: position
            for name, (position, needed) in sampled.items()
            if name not in waiting_earlier
            and name not in removed
            and _waits_for(connection, stage, name, reviewer, max(slots, needed))
        }
    with ledger.write() as connection:
        if places is None:
            salt = salt_of(review, stage) if review.stage(stage).queue != "given" else None
            replace_queue_with_all(connection, stage, reviewer, slots, salt, signature)
        else:
            replace_queue(connection, stage, reviewer, places, signature)
        leave_queue(connection, stage, reviewer, {*sampled, *records_set_aside(connection)})
        put_in_queue(connection, stage, reviewer, first)
        _by_assignment(connection, review, stage, reviewer)
        if review.stage(stage).queue == "learned":
            put_in_order(connection, review, stage, reviewer)


def _by_assignment(connection: Connection, review: Review, stage: Stage, reviewer: str) -> None:
    """Take out of a queue what is assigned to others alone, and put what is assigned to its owner before all but samples."""
    people = assigned(connection, stage)
    if not people:
        return
    places = places_in_queue(connection, stage, reviewer, people)
    in_order = sorted(places, key=lambda name: places[name])
    own, kept_away = theirs_first(connection, review, stage, reviewer, in_order)
    leave_queue(connection, stage, reviewer, kept_away)
    unsampled = [name for name in own if places[name] > _ASSIGNED]
    move_in_queue(connection, stage, reviewer, {name: _ASSIGNED + at for at, name in enumerate(unsampled)})


def _with_recall(
    connection: Connection,
    review: Review,
    recall: Sample,
    places: Mapping[str, int],
    without: Collection[str],
    reviewer: str,
) -> dict[str, int]:
    """Return the places of a ranked queue with the records of the recall sample spread over it; a learned one spreads them
    whenever it is put in order.

    A machine's final exclusion keeps no record out of the sample, as the sample would never be done; what is `without` place
    does.
    """
    there = reads.places(connection)
    waiting = [m.record_id for m in recall.members if m.record_id in there and m.record_id not in without]
    if review.stage(recall.stage).queue == "learned":
        salt = salt_of(review, recall.stage)
        return {name: random_place(salt, name) for name in waiting} | dict(places)
    judged = people_counts(connection, recall.stage).judged.get(reviewer, 0)
    order = mixed_in(sorted(places, key=lambda name: places[name]), waiting, recall.seed, judged)
    return {name: position for position, name in enumerate(order)}


def _places(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str
) -> tuple[dict[str, int] | None, Collection[str]]:
    """Return the place of each record that may be judged, and the records that wait for the reviewer at an earlier stage.

    The places are None where these are simply all records, so that the database can fill in.
    """
    order = review.stage(stage).queue
    eligible, waiting_earlier = _eligible(ledger, review, stage, reviewer)
    if eligible is None and order != "ranked":
        return None, waiting_earlier
    with ledger.read() as connection:
        if eligible is None:
            eligible = reads.places(connection)
        ranks = _ranks(connection, review, stage) if order == "ranked" else {}
    return {name: _place(review, stage, name, position, ranks) for name, position in eligible.items()}, waiting_earlier


def _waits_for(connection: Connection, stage: Stage, name: str, reviewer: str, needed: int) -> bool:
    """Return whether a record of a sample waits for the reviewer."""
    names = all_ids(connection, name)
    filled = judged_by(connection, stage, names, singly=True, blind=True)
    judged_by_me = reviewer in judged_by(connection, stage, names, singly=True)
    adjudicated = needed < EVERYBODY and judged_by(connection, stage, names, "adjudicator")
    return not judged_by_me and len(filled) < needed and not adjudicated


def _eligible(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str
) -> tuple[dict[str, int] | None, Collection[str]]:
    """Return the records of the stage on which no machine's decision is final, with their place in the order of import; None
    where these are all records. And the records that wait for the reviewer at an earlier stage.
    """
    all_records = stage is stages_of(review)[0] and stage is Stage.ABSTRACT
    if all_records and not removed_by_venue(ledger, review) and not StageState.of(ledger, review, stage, ()).gate:
        return None, ()
    come = worklist(ledger, review, stage, Viewer(reviewer))
    records = come.records
    if stage is not Stage.ABSTRACT:
        records = ready(records)[0]
    state = StageState.of(ledger, review, stage, records, brief=True)
    open_ = state.with_status(*(status for status in Status if status not in (Status.FINAL, *CLASSIFIED)))
    return {record.id: position for position, record in enumerate(open_)}, come.waiting_earlier


def _sampled(connection: Connection, review: Review, stage: Stage) -> dict[str, tuple[int, int]]:
    """Return the records of samples, fillers too: place and least number of slots."""
    sampled: dict[str, tuple[int, int]] = {}
    in_samples = needed_in_samples(connection, review, stage)
    for sample in samples(connection, stage, *APART):
        for position, member in enumerate(sample.members):
            needed = in_samples.get(member.record_id, 1)
            place, needed_before = sampled.get(member.record_id, (_SAMPLES + sample.id * _ONE_SAMPLE + position, 0))
            sampled[member.record_id] = (place, max(needed_before, needed))
    return sampled


def _ranks(connection: Connection, review: Review, stage: Stage) -> dict[str, int]:
    """Return the place of each record by the machine's newest probability of inclusion, the highest first."""
    newest = probabilities(connection, stage, review.stage(stage).decided_by.machine)
    return {name: rank for rank, name in enumerate(sorted(newest, key=lambda name: -newest[name]))}


def _place(review: Review, stage: Stage, name: str, import_position: int, ranks: dict[str, int]) -> int:
    """Return the place in the queue. A random order is the same for all, so that records are finished, not only begun."""
    order = review.stage(stage).queue
    if order == "given":
        return import_position
    if order == "ranked":
        return ranks.get(name, len(ranks) + import_position)
    return random_place(salt_of(review, stage), name)
