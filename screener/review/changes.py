"""What every operation ends with that may have changed what a gate stands on."""

from ..evaluation.gate_checks import check_gate
from ..ledger.store import Ledger
from ..protocol.model import Review


def after_change(ledger: Ledger, review: Review) -> None:
    """Check the gate of each stage anew and record it, where what it stands on has changed; cheap where it has not.

    Called last by whatever changes judgements, records, links, documents, fits or gold.
    """
    for stage, protocol in review.protocol.stages.items():
        if protocol.gate is not None:
            check_gate(ledger, review, stage, protocol.decided_by.machine)
