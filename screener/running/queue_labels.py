"""What a learned queue is fitted to: people's labels, machines' votes, and how far the ledger had grown."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Decision, Stage
from ..gold import Label, recall_sample
from ..ledger import Ledger, count_ended_runs, current_ids_of, newest_id, reads, records_set_aside
from ..ledger.rankings import machine_votes, newest_ranking
from ..ledger.store import Connection
from ..protocol import Review
from ..reviewers.wording import Wording
from ..stages import KeptByPeople, ids_for, removed_by_venue, stages_of
from .fitting import teaching

FEW_LABELS = 10
"""Fewer labels than these are fitted to after each; more of them after every `STEP`."""
STEP = 3
_VOTES = {Decision.INCLUDE: 1.0, Decision.UNCLEAR: 0.5, Decision.EXCLUDE: 0.0}


@dataclass(frozen=True)
class QueueLabels:
    """Hold which records people keep, by id, of those that a ranking may learn from, and all that they have judged."""

    kept: dict[str, bool]
    judged: frozenset[str]


def labels_until_next(labels: int) -> int:
    """Return after how many more labels the next model is fitted."""
    return 1 if labels < FEW_LABELS else STEP


@dataclass(frozen=True)
class RecallReached:
    """Hold the records of the recall sample, by id, and those that earlier fits would have offered by themselves."""

    members: frozenset[str]
    reached: frozenset[str]


def recall_reached(connection: Connection, stage: Stage) -> RecallReached | None:
    """Return what earlier fits have reached of the recall sample; None where there is none."""
    sample, newest = recall_sample(connection, stage), newest_ranking(connection, stage)
    if sample is None:
        return None
    reached = newest.body.get("reached", []) if newest else []
    # The earlier ids stay: what was merged may be parted again.
    known = frozenset(reached).union(current_ids_of(connection, reached).values())
    return RecallReached(frozenset(member.record_id for member in sample.members), known)


def queue_labels(ledger: Ledger, review: Review, stage: Stage) -> QueueLabels:
    """Return people's newest decisions at a stage: kept is what is not excluded.

    An adjudication outranks judgements. Without one, a record is kept that anybody keeps. What may not be learned from
    (`fitting.teaching`) is left out of `kept`.
    """
    with ledger.read() as connection:
        current_ids = reads.current_ids(connection)
        people = KeptByPeople()
        for row in reads.by_people(connection, stage):
            name = current_ids.get(row.record_id, row.record_id)
            people.take(name, row.role, row.reviewer, row.judgement.decision.kept)
    return QueueLabels(teaching(ledger, review, stage, people.kept, _of_gold), frozenset(people.kept))


def _of_gold(label: Label) -> bool:
    return label.decision.kept


def queue_votes(connection: Connection, stage: Stage) -> dict[str, dict[str, float]]:
    """Return by machine reviewer and record what it said last: its probability, or 1, 0.5 and 0 for a bare decision."""
    votes: dict[str, dict[str, float]] = defaultdict(dict)
    for reviewer, record, decision, probability in machine_votes(connection, stage):
        votes[reviewer][record] = _VOTES[decision] if probability is None else probability
    return dict(votes)


def queue_records(ledger: Ledger, review: Review, stage: Stage, everything: Collection[str]) -> set[str]:
    """Return the records that a stage has to judge, by id, of all that there are."""
    if stage is not stages_of(review)[0]:
        return set(ids_for(ledger, review, stage))
    removed = removed_by_venue(ledger, review)
    with ledger.read() as connection:
        return set(everything) - records_set_aside(connection) - removed


def made_from(connection: Connection, review: Review, stage: Stage) -> dict[str, Any]:
    """Return how far everything has grown that a ranking depends on, and the hash of the wording."""
    wording = Wording.of(review.stage(stage)).texts
    return {
        "judgement": newest_id(connection, "judgements"),
        "withdrawal": newest_id(connection, "withdrawals"),
        "records": [newest_id(connection, table) for table in ("hits", "links", "imports", "undone_imports")],
        "runs": count_ended_runs(connection, stage),
        "wording": hashlib.sha256("\x00".join(wording).encode("utf-8", "surrogatepass")).hexdigest()[:16],
    }
