"""Changed minds: people who saw the machine's answer after their own, and what they then made of it."""

import json
from dataclasses import dataclass

from sqlalchemy import select

from ..judgement import Decision, Judgement, Stage
from ..ledger import reads
from ..ledger import tables as t
from ..ledger.standing import Status, standings
from ..ledger.store import Ledger
from ..protocol import Review
from ..runner import present, records_for


@dataclass(frozen=True)
class Change:
    """One judgement that was given anew after others' answers had been seen. `right`: whether the last one agrees with
    the final decision of somebody else, None where that is not known.
    """

    record_id: str
    reviewer: str
    seen: tuple[str, ...]
    before: Decision
    after: Decision
    right: bool | None

    @property
    def changed(self) -> bool:
        """Whether the decision is another one."""
        return self.before is not self.after


def changes(ledger: Ledger, review: Review, stage: Stage) -> list[Change]:
    """Every judgement that was confirmed or changed after others' answers had been seen, oldest first.

    Right or wrong is told by an adjudication, or by agreeing humans of whom the person is one.
    """
    records = records_for(ledger, review, stage)
    with ledger.read() as connection:
        rule = review.stage(stage).decided_by
        standing = standings(connection, stage, rule, records, protocol=present(review, stage))
        moved = reads.aliases(connection)
        j, c = t.judgements.c, t.circumstances.c
        bodies = {row.id: row for row in connection.execute(
            select(j.id, j.record_id, j.reviewer, j.body).where(j.stage == stage.value, j.role == "human"))}  # fmt: skip
        about = connection.execute(select(c.judgement_id, c.body).where(c.blinded == "open").order_by(c.judgement_id))
        said = [(row.judgement_id, json.loads(row.body)) for row in about]
    found = []
    for number, told in said:
        now, before = bodies.get(number), bodies.get(told.get("before", -1))
        if now is None or before is None:
            continue
        name = moved.get(now.record_id, now.record_id)
        final = standing.get(name)
        after = Judgement.model_validate_json(now.body).decision
        decided = final.decision if final is not None and final.status is Status.FINAL else None
        right = None if decided is None else decided.kept == after.kept
        first = Judgement.model_validate_json(before.body).decision
        found.append(Change(name, now.reviewer, tuple(told.get("seen", ())), first, after, right))
    return found
