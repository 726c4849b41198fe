"""Select what can be judged at a stage now, and by which machine."""

from collections.abc import Sequence

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..documents import Report
from ..protocol import Review
from ..records import Record


def ready(records: Sequence[Record]) -> tuple[list[Record], list[Report]]:
    """Return the records that can be judged now, and the reports whose full text is missing or has no text."""
    waiting = [record for record in records if isinstance(record, Report) and not record.complete]
    missing = {record.id for record in waiting}
    return [record for record in records if record.id not in missing], waiting


def machine_for(review: Review, stage: Stage, name: str | None) -> str:
    """Return the name of the machine reviewer to run: the one given, or the protocol's for the stage."""
    name = name or review.stage(stage).decided_by.machine
    if name is None:
        path = review.prompts / "review.yaml"
        raise BadInput(f"{path}: stages.{stage}.decided_by names no machine; add one or use --reviewer NAME")
    review.reviewer(name)
    return name
