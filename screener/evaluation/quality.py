"""What may be said of a machine reviewer at a screening stage: its operating point, its worst group, and its bound.

A *bound* is the lower end of the interval of recall, read against a *goal*: the recall that the gate of the protocol asks
for, or one that was named. Whether the goal is reached can be said from locked labels of people only, drawn at random, of
gold `test`, which the reviewer has all judged; of a stage with a gate it is said by the recorded check. Of everything else
figures are descriptive. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..core.errors import BadInput
from ..metrics import Estimate, screening_estimates
from ..protocol import Gate, StageProtocol
from ..stages import GateCheck
from .figures import FIELDS, JudgedPair, design, groups_of, limits
from .gate_bounds import error_of_check, lower_bound
from .result import Evaluation

TARGET = 0.95
"""The recall that is asked for where neither the protocol nor anybody names one."""
BAND = 5
"""The years of a group."""
_NEVER_ELIGIBLE = (" = no", " = not_asked")
"""Ends of names of groups, by gold's answer to a criterion, in which gold keeps nothing by the meaning of that answer."""
Verdict = Literal["reached", "not_reached", "cannot_be_said"]


@dataclass(frozen=True)
class Goal:
    """The recall that the lower bound is read against, the two-sided confidence of its interval, and who says so."""

    recall: float
    confidence: float
    source: Literal["gate", "option", "default"]

    @property
    def gate(self) -> Gate:
        """Return it as a gate, whether or not the protocol has one."""
        return Gate(recall_low=self.recall, confidence=self.confidence)

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --quality --json` prints it."""
        return {"recall": self.recall, "confidence": self.confidence, "source": self.source}


def goal_of(protocol: StageProtocol, target: float | None = None) -> Goal:
    """Return what a stage's reviewers are held against.

    Raises `BadInput` for a target beside a gate, which is the target, and for one outside (0, 1).
    """
    if target is None and protocol.gate is not None:
        return Goal(protocol.gate.recall_low, protocol.gate.confidence, "gate")
    if target is not None and protocol.gate is not None:
        raise BadInput(
            f"--target: the gate of the protocol asks for {protocol.gate.recall_low:g}, and its checks are read "
            "against that; leave out --target"
        )
    if target is not None and not 0 < target < 1:
        raise BadInput(f"--target: `{target:g}` does not lie between 0 and 1")
    return Goal(TARGET if target is None else target, 0.95, "default" if target is None else "option")


@dataclass(frozen=True)
class Group:
    """The records of a group: how many, how many of them gold keeps, how many of these are lost, and the recall."""

    field: str
    name: str
    n: int
    relevant: int
    lost: int
    recall: Estimate

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --quality --json` prints it."""
        return {"field": self.field, "name": self.name, "n": self.n, "relevant": self.relevant, "lost": self.lost,
                "recall": limits(self.recall)}  # fmt: skip


def groups_in(pairs: Sequence[JudgedPair], protocol: StageProtocol) -> list[Group]:
    """Return the groups that the fields of `--by` make, years in bands of five; without those that are all records.

    Groups in which gold keeps nothing by the meaning of its answer to a criterion are left out.
    """
    groups = []
    for field in FIELDS:
        parts: dict[str, list[JudgedPair]] = {}
        for pair in pairs:
            for name in _names(pair, field, protocol):
                parts.setdefault(name, []).append(pair)
        groups += [
            _group(field, name, part)
            for name, part in sorted(parts.items())
            if len(part) < len(pairs) and not (field == "criterion" and name.endswith(_NEVER_ELIGIBLE))
        ]
    return groups


def _names(pair: JudgedPair, field: str, protocol: StageProtocol) -> Iterable[str]:
    if field == "year" and pair.record.year:
        first = pair.record.year - pair.record.year % BAND
        return (f"{first}–{first + BAND - 1}",)
    return groups_of(pair, field, protocol)


def _group(field: str, name: str, part: Sequence[JudgedPair]) -> Group:
    reference = [pair.reference.decision.kept for pair in part]
    judged = [pair.judged.decision.kept for pair in part]
    lost = sum(is_kept and not said for is_kept, said in zip(reference, judged, strict=True))
    recall = screening_estimates(reference, judged, design(part), only=("recall",))["recall"]
    return Group(field, name, len(part), sum(reference), lost, recall)


def worst_of(groups: Iterable[Group]) -> Group | None:
    """Return the group with the lowest recall, of equal ones that with the lower bound of it; None where none has one.

    Only groups whose recall has an interval.
    """
    known = [group for group in groups if group.relevant and group.recall.low is not None]
    return min(known, key=lambda g: (g.recall.value, g.recall.low, g.field, g.name), default=None)


@dataclass(frozen=True)
class Bound:
    """The lower bound of recall, its one-sided confidence, and what may be said of the goal by it.

    `reason` says in one word why nothing may be said. `look` is the number of the gate's check that it is from, else 0.
    """

    low: float | None
    one_sided: float
    method: str
    verdict: Verdict
    reason: str = ""
    look: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --quality --json` prints it."""
        return {"low": self.low, "one_sided": self.one_sided, "method": self.method, "verdict": self.verdict,
                "reason": self.reason, "look": self.look}  # fmt: skip


def bound_of(result: Evaluation, goal: Goal, lacks: str, check: GateCheck | None) -> Bound:
    """Return the bound of a reviewer's recall.

    `lacks` is a word for why these labels, or this reviewer's judgements of them, can show no recall; `check` is what the
    gate stands on, None without a gate.
    """
    if check is not None and check.at and check.one_sided is not None and result.split == "test":
        verdict: Verdict = "reached" if check.open else "not_reached"
        return Bound(check.low, check.one_sided, "wilson", verdict, look=check.look)
    whole, recall = result.overall, result.overall.estimates["recall"]
    one_sided = 1 - error_of_check(goal.gate, 1)
    if not whole.relevant:
        return Bound(None, one_sided, "wilson", "cannot_be_said", "no_positives")
    if result.weighted:
        return Bound(recall.low, 0.975, recall.method, "cannot_be_said", lacks or "stratified")
    low = lower_bound(goal.gate, int(whole.confusion.tp), whole.relevant)
    if reason := lacks or ("dev" if result.split != "test" else "not_checked" if check is not None else ""):
        return Bound(low, one_sided, "wilson", "cannot_be_said", reason)
    return Bound(low, one_sided, "wilson", "reached" if low >= goal.recall else "not_reached")


@dataclass(frozen=True)
class ReviewerQuality:
    """A machine reviewer over the labelled records of a half of gold."""

    reviewer: str
    split: str
    status: str
    drawn: str | None
    n: int
    relevant: int
    lost: int
    kept_wrongly: int
    recall: Estimate
    specificity: Estimate
    weighted: bool
    thresholds: dict[str, float]
    """Where it excludes and includes by probability, where its entry in the protocol says so."""
    groups: tuple[Group, ...]
    bound: Bound

    @property
    def worst(self) -> Group | None:
        """Return the worst group."""
        return worst_of(self.groups)

    @property
    def compared(self) -> int:
        """Return of how many groups it is the worst."""
        return sum(group.relevant > 0 for group in self.groups)

    @property
    def silent(self) -> tuple[Group, ...]:
        """Return the groups of which nothing can be said, since gold keeps none of their records."""
        return tuple(group for group in self.groups if not group.relevant)

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --quality --json` prints it."""
        return {
            "reviewer": self.reviewer,
            "split": self.split,
            "status": self.status,
            "drawn": self.drawn,
            "n": self.n,
            "relevant": self.relevant,
            "lost": self.lost,
            "kept_wrongly": self.kept_wrongly,
            "recall": limits(self.recall),
            "specificity": limits(self.specificity),
            "weighted": self.weighted,
            "thresholds": self.thresholds,
            "worst": self.worst.as_json() if self.worst else None,
            "groups_compared": self.compared,
            "groups_without_positives": [
                {"field": group.field, "name": group.name, "n": group.n} for group in self.silent
            ],
            "bound": self.bound.as_json(),
        }


def quality_of(
    result: Evaluation, goal: Goal, lacks: str, check: GateCheck | None, thresholds: dict[str, float]
) -> ReviewerQuality:
    """Return what may be said of a reviewer, from its comparison with gold; arguments as of `bound_of`."""
    whole = result.overall
    return ReviewerQuality(
        result.reviewer,
        result.split or "",
        result.status,
        result.drawn,
        whole.n,
        whole.relevant,
        int(whole.confusion.fn),
        int(whole.confusion.fp),
        whole.estimates["recall"],
        whole.estimates["specificity"],
        result.weighted,
        thresholds,
        tuple(groups_in(result.asked, result.protocol)),
        bound_of(result, goal, lacks, check),
    )
