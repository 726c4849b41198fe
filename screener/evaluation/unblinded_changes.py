"""Count changes after unblinding: people who saw the machine's answer after their own, and then confirmed or changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.judgement import Decision, Judgement, Stage
from ..ledger import Ledger, reads, second_answers
from ..protocol import Review
from ..stages import Status, stand


@dataclass(frozen=True)
class Change:
    """Hold one person's answer after others' had been seen.

    `machine` is what the stage's machine decides, if it was seen. `right` and `was_right`: whether the last and the
    first decision agree with the final one; None where that is not known, or where it stands on nobody but this person.
    """

    record_id: str
    reviewer: str
    seen: tuple[str, ...]
    before: Decision
    after: Decision
    changed: bool
    machine: Decision | None
    right: bool | None
    was_right: bool | None


@dataclass(frozen=True)
class UnblindedChanges:
    """Count how often people changed their answer after they had seen the machine's, which way, and whether rightly.

    Of the `answered`, `kept` and `changed` are all; of the changed, so are `to_keep`, `to_exclude` and `within` (another
    reason, another item, or unclear instead of include). `towards` and `away` count those that moved to or from the
    machine's side. `better` and `worse` compare with the final decision; `untold` are those of which it is not known.
    """

    answered: int = 0
    kept: int = 0
    changed: int = 0
    to_keep: int = 0
    to_exclude: int = 0
    within: int = 0
    towards: int = 0
    away: int = 0
    better: int = 0
    worse: int = 0
    untold: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as it stands in the figures."""
        return asdict(self)


def count(changes: Sequence[Change]) -> UnblindedChanges:
    """Count the changes by direction and correctness."""
    changed = [change for change in changes if change.changed]
    crossed = [change for change in changed if change.before.kept != change.after.kept]
    sided = [change for change in crossed if change.machine is not None]
    settled = [change for change in crossed if change.right is not None]
    return UnblindedChanges(
        answered=len(changes),
        kept=len(changes) - len(changed),
        changed=len(changed),
        to_keep=sum(change.after.kept for change in crossed),
        to_exclude=sum(not change.after.kept for change in crossed),
        within=len(changed) - len(crossed),
        towards=sum(change.machine is not None and change.after.kept == change.machine.kept for change in sided),
        away=sum(change.machine is not None and change.after.kept != change.machine.kept for change in sided),
        better=sum(bool(change.right) for change in settled),
        worse=sum(not change.right for change in settled),
        untold=len(crossed) - len(settled),
    )


def changes(ledger: Ledger, review: Review, stage: Stage) -> list[Change]:
    """Return what each person confirmed or changed after others' answers had been seen, oldest first.

    Right or wrong is decided by an adjudication, or by agreeing humans of whom the person is one: never by the machine.
    """
    rule = review.stage(stage).decided_by
    with ledger.read() as connection:
        last: dict[tuple[str, str], tuple[int, int, tuple[str, ...]]] = {}
        for answer in second_answers(connection, stage):
            last[answer.record_id, answer.reviewer] = (answer.number, answer.before, answer.seen)
        bodies = reads.judgements_with(connection, [number for answer in last.values() for number in answer[:2]])
        names = list(dict.fromkeys(name for name, _ in last))
        rows = reads.judgements_of(connection, stage, names, repeat=0)
    collected = []
    for (name, reviewer), (number, first_number, others) in last.items():
        if number not in bodies or first_number not in bodies:
            continue
        people = [row for row in rows[name] if row.role in ("human", "adjudicator")]
        final = stand(rule, people, stage=stage)
        decided = final.decision if final.status is Status.FINAL and final.by != reviewer else None
        machine = next((r.judgement.decision for r in reversed(rows[name]) if r.role == "machine" and r.reviewer in others), None)  # fmt: skip
        first, latest = bodies[first_number], bodies[number]
        right = [None if decided is None else decided.kept == judgement.decision.kept for judgement in (latest, first)]
        collected.append(
            Change(
                name,
                reviewer,
                others,
                first.decision,
                latest.decision,
                _differ(first, latest),
                machine,
                right[0],
                right[1],
            )
        )
    return collected


def _differ(first: Judgement, latest: Judgement) -> bool:
    """Return whether the decision, its main reason or an item is another one."""
    contents = [
        (
            judgement.decision,
            judgement.failed(),
            {name: (item.status, str(item.value)) for name, item in judgement.items.items()},
        )
        for judgement in (first, latest)
    ]
    return contents[0] != contents[1]
