"""What every operation ends with that may have changed what a gate stands on."""

from ..core.errors import BadInput
from ..evaluation import record_check
from ..ledger import Ledger
from ..ledger.hub_acts import resolve_publications
from ..protocol import Review


def after_change(ledger: Ledger, review: Review) -> None:
    """Enter the publications that models on topic name, then check the gate of each stage's machine and record it.

    Both only where something has changed; cheap where it has not.

    Called last by whatever changes a machine's judgements, records and their links, documents, fits or gold. What people
    judge changes no gate before gold is locked anew. While a test record has no judgement nothing is recorded, so that a
    run in several parts is one check. Gold that cannot be read is told of by the commands that read it; the gate is closed.
    """
    resolve_publications(ledger)
    for stage, protocol in review.protocol.stages.items():
        if protocol.gate is not None:
            try:
                record_check(ledger, review, stage, protocol.decided_by.machine)
            except BadInput:
                continue
