"""From the ledger to what the flow is counted from, and to the standings that other parts of the report read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ..core.judgement import Decision, Stage, Value
from ..documents.report import Report
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.documents import as_studies, reports
from ..ledger.snapshot import Snapshot
from ..ledger.store import Ledger
from ..protocol.model import Review, StageProtocol
from ..records import Record
from ..stages.eligible import present
from ..stages.gates import gate_open_since
from ..stages.standing import Place, Standing, place, standings_in
from .flow import Judged, Readings


@dataclass(frozen=True)
class StageReading:
    """A stage's records and how each stands."""

    protocol: StageProtocol
    records: Sequence[Record]
    standing: Mapping[str, Standing]
    seen: frozenset[str] = frozenset()
    """The records that a person has judged, however many have to."""


def stage_readings(seen: Snapshot, review: Review) -> dict[Stage, StageReading]:
    """Every stage of the protocol, in order, with its records and their standings."""
    found: dict[Stage, StageReading] = {}
    before: Stage | None = None
    for stage in Stage:
        if stage not in review.protocol.stages:
            continue
        protocol = review.stage(stage)
        records = _all(seen, stage) if before is None else _following(seen.ledger, before, found, stage)
        opened = gate_open_since(seen.ledger, review, stage, protocol.decided_by.machine)
        now_says = present(review, stage)
        standing = standings_in(seen, stage, protocol.decided_by, records, protocol=now_says, open_up_to=opened)
        people = [one for one in seen.reviewers(stage) if one[1] == "human"]
        judged = frozenset(seen.current_ids.get(row.record_id, row.record_id) for row in seen.rows_of(stage, people))
        found[stage] = StageReading(protocol, records, standing, judged)
        before = stage
    return found


def _all(seen: Snapshot, stage: Stage) -> Sequence[Record]:
    """All records as the first stage judges them."""
    if stage is Stage.ABSTRACT:
        return seen.all_records()
    made = reports(seen.ledger, seen.all_records())
    return as_studies(seen.ledger, made) if stage is Stage.EXTRACTION else made


def _following(ledger: Ledger, before: Stage, found: Mapping[Stage, StageReading], stage: Stage) -> Sequence[Record]:
    """The records of a later stage from the standings of the one before: what `records_for` says, without reading twice."""
    enough = {Decision.INCLUDE} if before is Stage.FULLTEXT else {Decision.INCLUDE, Decision.UNCLEAR}
    reading = found[before]
    passed = [
        record
        for record in reading.records
        if (standing := reading.standing.get(record.id)) and standing.goes_on and standing.decision in enough
    ]
    made = reports(ledger, passed)
    return as_studies(ledger, made) if stage is Stage.EXTRACTION else made


def flow_readings(ledger: Ledger, review: Review, stages: Mapping[Stage, StageReading]) -> Readings:
    """What the flow is counted from."""
    judged = {
        stage: _judged(stages[stage]) for stage in (Stage.ABSTRACT, Stage.FULLTEXT) if stage in stages
    }  # fmt: skip
    studies = None
    if Stage.FULLTEXT in stages:
        included = {one.id for one in judged[Stage.FULLTEXT] if one.place is Place.INCLUDED}
        together = [one for one in stages[Stage.FULLTEXT].records if isinstance(one, Report) and one.id in included]
        studies = len(as_studies(ledger, together))
    with ledger.read() as connection:
        return Readings(
            hits=reads.hits_by_source(connection),
            kinds={source.name: source.kind for source in review.sources},
            unreadable=_unreadable(connection),
            merged=_merged(connection),
            records=reads.count_records(connection),
            abstract=judged.get(Stage.ABSTRACT),
            fulltext=judged.get(Stage.FULLTEXT),
            studies=studies,
            criteria={stage.value: tuple(c.id for c in one.protocol.criteria) for stage, one in stages.items()},
        )


def _judged(reading: StageReading) -> tuple[Judged, ...]:
    rules = [criterion.id for criterion in reading.protocol.rules]
    made = []
    for record in reading.records:
        standing = reading.standing.get(record.id)
        if standing is None:
            continue  # the flow will not add up, and says so
        judgement = standing.judgement
        answers = judgement.answers if judgement else {}
        made.append(
            Judged(
                record.id,
                standing.status,
                standing.decision,
                human=standing.judgement is not None and standing.by != reading.protocol.decided_by.machine,
                failed=judgement.failed() if judgement else None,
                rule=next((name for name in rules if name in answers and answers[name].value is Value.NO), None),
                place=place(record, standing) if isinstance(record, Report) else None,
                retrieval_reason=record.retrieval_reason if isinstance(record, Report) else "",
                begun=record.id in reading.seen,
            )
        )
    return tuple(made)


def _merged(connection: Connection) -> int:
    """Rows beyond the first of each record, counted from which row belongs to which record."""
    members, records = connection.execute(
        select(func.count(), func.count(t.members.c.record_id.distinct())).select_from(t.members)
    ).one()
    return int(members) - int(records)


def _unreadable(connection: Connection) -> int:
    """Rejected rows, those of a file that was read twice once."""
    rejected: dict[str, int] = {}
    for sha256, report in connection.execute(select(t.imports.c.sha256, t.imports.c.report)):
        rejected[sha256] = len(json.loads(report).get("rejected", ()))
    return sum(rejected.values())
