"""Who really decided the records of a stage that has a named workflow."""

from collections import Counter
from typing import Any

from ..core.judgement import Decision, Stage
from ..gold import second_reading
from ..ledger import Snapshot
from ..protocol import Review
from ..stages import Adjudicated, StageState, Standing, Status, adjudicated


def workflow(snapshot: Snapshot, review: Review, state: StageState) -> dict[str, Any] | None:
    """Return the workflow of a stage and by whom its records are decided; None where it has no named one.

    `decided` are the records with a final decision: `machine` those by the stage's machine alone, `one` those by one person,
    `several` by several who agree, `adjudicated` by an adjudicator beside others, and `unread` by an adjudicator of what nobody
    else had judged. `suggested` are the machine's exclusions that wait for people.
    """
    named = state.protocol.workflow
    if named is None or state.stage is Stage.EXTRACTION:
        return None
    final = {name: standing for name, standing in state.standings.items() if standing.status is Status.FINAL}
    with snapshot.ledger.read() as connection:
        ruled = {one.record: one for one in adjudicated(connection, state.stage, state.protocol)}
    counts = Counter(_by(standing, ruled.get(name), state.rule.machine) for name, standing in final.items())
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
        **({"unread": unread} if (unread := counts["unread"]) else {}),
        "suggested": suggested,
        **({"second": {**second.as_json(), "next": second.next_step(state.stage)}} if second else {}),
    }


def _by(standing: Standing, ruling: Adjudicated | None, machine: str | None) -> str:
    """Return who decided a record."""
    if ruling is not None:
        return "adjudicated" if set(ruling.people) - {ruling.adjudicator} else "unread"
    if standing.by == machine:
        return "machine"
    # People who judged a report of the same study decided it too.
    if not standing.people or set(standing.by.split(", ")) != set(", ".join(standing.people).split(", ")):
        return "adjudicated"
    return "one" if len(standing.people) == 1 else "several"
