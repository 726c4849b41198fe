"""The study that a record speaks for at extraction, with the documents of all its reports."""

from ..core.judgement import Stage
from ..documents import Report
from ..ledger import Ledger, as_studies, reads, reports
from ..protocol import Review
from ..records import Record
from ..stages import StageState, Status, stages_of
from .worklist import Viewer, still_to_judge


def study(ledger: Ledger, review: Review, record: Record, viewer: Viewer) -> Report:
    """Return the record's report, or where it is linked to others as one study the report that speaks for them all.

    What `worklist` gives at extraction, for one record and without reading all others: of the linked records those count
    that the stage before lets through, and that this reviewer is not still to judge there.
    """
    earlier_stages = [stage for stage in stages_of(review) if stage is not Stage.EXTRACTION]
    with ledger.read() as connection:
        linked, pairs = {record.id}, reads.same_study(connection)
        while further := {name for pair in pairs if linked & set(pair) for name in pair} - linked:
            linked |= further
        together = reads.records(connection, linked) if len(linked) > 1 else [record]
    if len(together) > 1 and earlier_stages:
        standings = StageState.of(ledger, review, earlier_stages[-1], together).standings
        unsettled = [name for name, standing in standings.items() if standing.status is not Status.FINAL]
        still_waiting = still_to_judge(ledger, review, earlier_stages[-1], viewer, unsettled)
        together = [
            member
            for member in together
            if member.id == record.id or (standings[member.id].proceeds and member.id not in still_waiting)
        ]
    studies = as_studies(ledger, reports(ledger, together))
    return next(candidate for candidate in studies if record.id in (candidate.id, *candidate.study))
