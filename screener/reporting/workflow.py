"""Who really decided the records of a stage that has a named workflow."""

from collections import Counter
from typing import Any

from ..core.judgement import Decision, Stage
from ..gold import second_reading
from ..ledger import Snapshot
from ..protocol import Review
from ..stages import StageState, Standing, Status


def workflow(snapshot: Snapshot, review: Review, state: StageState) -> dict[str, Any] | None:
    """Return the workflow of a stage and by whom its records are decided; None where it has no named one.

    `decided` are the records with a final decision: `machine` those by the stage's machine alone, `one` those by one person,
    `several` by several who agree, `adjudicated` the others. `suggested` are the machine's exclusions that wait for people.
    """
    named = state.protocol.workflow
    if named is None or state.stage is Stage.EXTRACTION:
        return None
    final = [standing for standing in state.standings.values() if standing.status is Status.FINAL]
    counts = Counter(_by(standing, state.rule.machine) for standing in final)
    suggested = sum(
        standing.status is Status.SUGGESTED and standing.decision is Decision.EXCLUDE
        for standing in state.standings.values()
    )
    second = second_reading(snapshot.ledger, review, state.stage)
    return {
        "name": named,
        "machine_name": state.rule.machine,
        "decided": len(final),
        **{by: counts[by] for by in ("machine", "one", "several", "adjudicated")},
        "suggested": suggested,
        **({"second": {**second.as_json(), "next": second.next_step(state.stage)}} if second else {}),
    }


def _by(standing: Standing, machine: str | None) -> str:
    """Return who decided a record: what several people agree on bears the names of them all, else of one alone."""
    if standing.by == machine:
        return "machine"
    if not standing.people or set(standing.by.split(", ")) != set(", ".join(standing.people).split(", ")):
        return "adjudicated"
    return "one" if len(standing.people) == 1 else "several"
