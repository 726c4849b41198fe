"""The study that a record speaks for at extraction, with the documents of all its reports."""

from ..core.judgement import Stage
from ..documents.report import Report
from ..ledger import reads
from ..ledger.documents import as_studies, reports
from ..ledger.store import Ledger
from ..protocol.model import Review
from ..records import Record
from ..stages.standing import Status
from ..stages.state import StageState, stages_of
from .worklist import still_to_judge


def study(ledger: Ledger, review: Review, record: Record, reviewer: str) -> Report:
    """The record's report, or where it is linked to others as one study the report that speaks for them all.

    What `coming` gives at extraction, for one record and without reading all others: of the linked records those count
    that the stage before lets through, and that this reviewer is not still to judge there.
    """
    before = [stage for stage in stages_of(review) if stage is not Stage.EXTRACTION]
    with ledger.read() as connection:
        linked, pairs = {record.id}, reads.same_study(connection)
        while more := {name for pair in pairs if linked & set(pair) for name in pair} - linked:
            linked |= more
        together = reads.records(connection, linked) if len(linked) > 1 else [record]
    if len(together) > 1 and before:
        standings = StageState.of(ledger, review, before[-1], together).standings
        unsettled = [name for name, standing in standings.items() if standing.status is not Status.FINAL]
        held = still_to_judge(ledger, review, before[-1], reviewer, unsettled)
        together = [
            other
            for other in together
            if other.id == record.id or (standings[other.id].proceeds and other.id not in held)
        ]
    made = as_studies(ledger, reports(ledger, together))
    return next(one for one in made if record.id in (one.id, *one.study))
