"""What may be said of each machine reviewer of a stage, against the recall asked for, and what is missing to say more."""

from collections.abc import Sequence
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..evaluation import Evaluation, read_quality
from ..ledger import Snapshot
from ..protocol import Review


def quality(snapshot: Snapshot, review: Review, stage: Stage, results: Sequence[Evaluation]) -> dict[str, Any] | None:
    """Return the machine reviewers against the goal, as words of code and numbers; None where nothing can be compared.

    `results` are the comparisons with gold that were made already.
    """
    try:
        return read_quality(snapshot, review, stage, measured=results).as_json()
    except BadInput:
        return None
