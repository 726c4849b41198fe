"""Changed minds: people who saw the machine's answer after their own, and what they then made of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.judgement import Decision, Judgement, Stage
from ..ledger import reads
from ..ledger.judgements import second_answers
from ..ledger.store import Ledger
from ..protocol.model import Review
from ..stages.standing import Status, stand


@dataclass(frozen=True)
class Change:
    """One person's answer after others' had been seen. `machine` is what the stage's machine decides, if it was seen.

    `right` and `was_right`: whether the last and the first decision agree with the final one; None where that is not
    known, or where it stands on nobody but this person.
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
class Minds:
    """How often people changed their minds after they had seen the machine's answer, which way, and whether rightly.

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
        """As it stands in the figures."""
        return asdict(self)


def count(found: Sequence[Change]) -> Minds:
    """The sums."""
    changed = [one for one in found if one.changed]
    crossed = [one for one in changed if one.before.kept != one.after.kept]
    sided = [one for one in crossed if one.machine is not None]
    told = [one for one in crossed if one.right is not None]
    return Minds(
        answered=len(found),
        kept=len(found) - len(changed),
        changed=len(changed),
        to_keep=sum(one.after.kept for one in crossed),
        to_exclude=sum(not one.after.kept for one in crossed),
        within=len(changed) - len(crossed),
        towards=sum(one.machine is not None and one.after.kept == one.machine.kept for one in sided),
        away=sum(one.machine is not None and one.after.kept != one.machine.kept for one in sided),
        better=sum(bool(one.right) for one in told),
        worse=sum(not one.right for one in told),
        untold=len(crossed) - len(told),
    )


def changes(ledger: Ledger, review: Review, stage: Stage) -> list[Change]:
    """What each person confirmed or changed after others' answers had been seen, oldest first.

    Right or wrong is told by an adjudication, or by agreeing humans of whom the person is one: never by the machine.
    """
    rule = review.stage(stage).decided_by
    with ledger.read() as connection:
        last: dict[tuple[str, str], tuple[int, int, tuple[str, ...]]] = {}
        for answer in second_answers(connection, stage):
            last[answer.record_id, answer.reviewer] = (answer.number, answer.before, answer.seen)
        bodies = reads.judgements_with(connection, [number for one in last.values() for number in one[:2]])
        names = list(dict.fromkeys(name for name, _ in last))
        rows = reads.judgements_of(connection, stage, names, repeat=0)
    found = []
    for (name, who), (number, before, seen) in last.items():
        if number not in bodies or before not in bodies:
            continue
        people = [row for row in rows[name] if row.role in ("human", "adjudicator")]
        final = stand(rule, people, stage=stage)
        decided = final.decision if final.status is Status.FINAL and final.by != who else None
        machine = next((r.judgement.decision for r in reversed(rows[name]) if r.role == "machine" and r.reviewer in seen), None)  # fmt: skip
        first, now = bodies[before], bodies[number]
        right = [None if decided is None else decided.kept == one.decision.kept for one in (now, first)]
        found.append(
            Change(name, who, seen, first.decision, now.decision, _differ(first, now), machine, right[0], right[1])
        )
    return found


def _differ(first: Judgement, now: Judgement) -> bool:
    """Whether the decision, its main reason or an item is another one."""
    said = [
        (one.decision, one.failed(), {name: (item.status, str(item.value)) for name, item in one.items.items()})
        for one in (first, now)
    ]
    return said[0] != said[1]
