"""What is due at a stage: which records it has to judge, of which the full text is there, and by which machine."""

from collections.abc import Callable, Collection, Sequence

from ..core.errors import BadInput
from ..core.judgement import Decision, Stage
from ..documents.report import Report
from ..ledger import reads
from ..ledger.documents import as_studies, reports
from ..ledger.store import Ledger
from ..protocol.model import Review
from ..records import Record
from .gates import gate_open_since
from .standing import standings

Hold = Callable[[Stage, Collection[str]], Collection[str]]
"""Of the records of a stage on which nothing is final, those that are not to go on from there."""


def records_for(
    ledger: Ledger, review: Review, stage: Stage, *, everything: bool = False, hold: Hold | None = None
) -> list[Record]:
    """The records that a stage has to judge: all at the first, later those that the stage before lets through.

    From full text on they are `Report`s, with their documents or without. Extraction takes only what is included;
    what is unclear there awaits classification. With `everything`, records go on whatever a machine suggests; with
    `hold`, those that it names stay behind, for one person from whom a machine's suggestion is to be kept.
    """
    order = [name for name in Stage if name in review.protocol.stages]
    position = order.index(stage)
    if position == 0:
        with ledger.read() as connection:
            records = reads.records(connection)
    else:
        before = order[position - 1]
        records = _let_through(ledger, review, before, everything=everything, hold=hold)
    if stage is Stage.ABSTRACT:
        return records
    made = reports(ledger, records)
    return list(as_studies(ledger, made) if stage is Stage.EXTRACTION else made)


def ready(records: Sequence[Record]) -> tuple[list[Record], list[Report]]:
    """The records that can be judged now, and the reports whose full text is missing or has no text."""
    waiting = [record for record in records if isinstance(record, Report) and not record.complete]
    missing = {record.id for record in waiting}
    return [record for record in records if record.id not in missing], waiting


def _let_through(ledger: Ledger, review: Review, stage: Stage, *, everything: bool, hold: Hold | None) -> list[Record]:
    records = records_for(ledger, review, stage, everything=everything, hold=hold)
    rule = review.stage(stage).decided_by
    opened = gate_open_since(ledger, review, stage, rule.machine)
    with ledger.read() as connection:
        standing = standings(connection, stage, rule, records, protocol=present(review, stage), open_up_to=opened)
    enough = {Decision.INCLUDE} if stage is Stage.FULLTEXT else {Decision.INCLUDE, Decision.UNCLEAR}
    passed = {name for name, s in standing.items() if s.goes_on and s.decision in enough}
    if everything:
        passed |= {name for name, s in standing.items() if s.status == "suggested"}
    if hold is not None:
        passed -= set(hold(stage, [name for name, s in standing.items() if s.status != "final"]))
    return [record for record in records if record.id in passed]


def present(review: Review, stage: Stage) -> str | None:
    """The hash of what the protocol says now of the stage's machine, or None where it names none."""
    machine = review.stage(stage).decided_by.machine
    return review.fingerprint(stage, machine) if machine else None


def machine_for(review: Review, stage: Stage, name: str | None) -> str:
    """The name of the machine reviewer to run: the one given, or the protocol's for the stage."""
    name = name or review.stage(stage).decided_by.machine
    if name is None:
        path = review.prompts / "review.yaml"
        raise BadInput(f"{path}: stages.{stage}.decided_by names no machine; add one or use --reviewer NAME")
    review.reviewer(name)
    return name
