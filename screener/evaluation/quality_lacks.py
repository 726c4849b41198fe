"""What is still missing to claim a goal of recall, and what is known: in words of code and numbers, without sentences."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold import GoldSet, load_gold, placed_labels, read_elusion
from ..ledger import Snapshot
from ..ledger.fits import newest_threshold
from ..ledger.samples import samples
from ..ledger.tuned import TuningCounts, tuning_counts
from ..metrics import positives_needed as exactly_needed
from ..protocol import ChatSpec, Review
from ..protocol.model import EmbeddedReviewerSpec, EnsembleSpec, ProbabilityReviewerSpec
from ..stages import GateCheck, gate_data, half_of, unfit
from .agreement import inter_rater_agreement
from .evaluate import against, measure
from .figures import limits
from .gate_bounds import positives_needed
from .gate_checks import read_gate, shown_split, test_positives, why_withheld
from .quality import Goal, ReviewerQuality, goal_of, quality_of
from .result import Evaluation


@dataclass(frozen=True)
class Lack:
    """One thing that is missing to claim the goal, or, if `known`, that is told beside the claim. `code` says which.

    `reviewer` is None where it holds for the stage. `numbers` are what its sentence says, by name.
    """

    code: str
    numbers: dict[str, Any] = field(default_factory=dict)
    reviewer: str | None = None
    known: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as the report's figures have it."""
        return {"code": self.code, "reviewer": self.reviewer, "known": self.known, **self.numbers}


@dataclass(frozen=True)
class StageQuality:
    """Hold the machine reviewers of a screening stage against the goal, and what is missing to claim it."""

    stage: Stage
    goal: Goal
    reviewers: tuple[ReviewerQuality, ...]
    lacks: tuple[Lack, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as the report's figures have it."""
        return {"goal": self.goal.as_json(), "reviewers": [one.as_json() for one in self.reviewers],
                "missing": [lack.as_json() for lack in self.lacks]}  # fmt: skip


def read_quality(
    snapshot: Snapshot,
    review: Review,
    stage: Stage,
    *,
    reviewer: str | None = None,
    target: float | None = None,
    split: str | None = None,
    measured: Iterable[Evaluation] = (),
) -> StageQuality:
    """Return the machine reviewers of a screening stage (or the one named) against gold, and what is missing.

    Nothing is written, and no check of a gate is made. `split` as in `evaluate`; where no record of test is judged, dev is
    shown. `measured` are comparisons with gold that were made already. Raises `BadInput` without gold or a judgement.
    """
    gold, goal = load_gold(review, stage), goal_of(review.stage(stage), target)
    if gold is None:
        raise BadInput(f"{review.gold / f'{stage}.csv'}: there is no gold for this stage, so nothing can be said")
    judging = [name for name, role in snapshot.reviewers(stage) if role == "machine"]
    if reviewer is not None and reviewer not in judging:
        raise BadInput(f"--reviewer: {reviewer} is no machine reviewer that has judged at stage {stage}")
    names = sorted(set(judging)) if reviewer is None else [reviewer]
    found = {result.reviewer: result for result in measured}
    results = [
        result for name in names if (result := found.get(name) or _measured(snapshot, review, stage, name, split))
    ]
    if not results:
        withheld = next((why for name in names if (why := why_withheld(snapshot, review, stage, name))), "")
        raise BadInput(
            f"no machine reviewer has judged a record of gold at stage {stage} of which figures may be shown"
            f"{f': {withheld}' if withheld else ' under the present protocol'}"
        )
    checks = {name: _check(snapshot, review, stage, name) for name in names}
    incomplete = {name: _incomplete(snapshot, review, gold, stage, name) for name in names}
    qualities = tuple(
        quality_of(
            result,
            goal,
            _word(snapshot, review, gold, result, incomplete[result.reviewer]),
            checks[result.reviewer],
            _thresholds(snapshot, review, result),
        )
        for result in results
    )
    counts = not unfit(review, stage)
    lacks = (
        *_of_labels(snapshot, review, gold, stage),
        *_of_rounds(tuning_counts(snapshot.specifications, stage), gold, results),
        *_of_gate(goal, next(iter(checks.values()))),
        *(
            lack
            for result, quality in zip(results, qualities, strict=True)
            for lack in _of_reviewer(
                gold, result, quality, goal, checks[result.reviewer], incomplete[result.reviewer], counts
            )
        ),
        *(lack for result in results for lack in _of_fit(snapshot, result)),
        *_of_elusion(snapshot, review, stage),
    )
    return StageQuality(stage, goal, qualities, lacks)


def against_goal(
    snapshot: Snapshot, review: Review, result: Evaluation, target: float | None = None
) -> tuple[Goal, ReviewerQuality] | None:
    """Return what a machine reviewer's comparison with gold says of the goal; None of a person, or of other comparisons.

    Raises what `goal_of` does.
    """
    stage, name = result.stage, result.reviewer
    gold, goal = load_gold(review, stage), goal_of(review.stage(stage), target)
    if result.split is None or gold is None or (name, "machine") not in snapshot.reviewers(stage):
        return None
    why = _word(snapshot, review, gold, result, _incomplete(snapshot, review, gold, stage, name))
    return goal, quality_of(
        result, goal, why, _check(snapshot, review, stage, name), _thresholds(snapshot, review, result)
    )


def _measured(snapshot: Snapshot, review: Review, stage: Stage, reviewer: str, split: str | None) -> Evaluation | None:
    """Return the comparison with the half that is shown, or with dev where of test nothing is judged; None without one."""
    half, _ = shown_split(snapshot, review, stage, (reviewer,), "dev" if split == "dev" else "test" if split else None)
    for part in dict.fromkeys([half, half if split else "dev"]):
        try:
            result = against(snapshot, review, measure(snapshot, review, stage, part), reviewer, shown=0)
        except BadInput:
            return None
        if result.pairs:
            return result
    return None


def _check(snapshot: Snapshot, review: Review, stage: Stage, reviewer: str) -> GateCheck | None:
    return read_gate(snapshot, review, stage, reviewer) if review.stage(stage).gate is not None else None


def _thresholds(snapshot: Snapshot, review: Review, result: Evaluation) -> dict[str, float]:
    """Return the thresholds that a reviewer was measured by: the protocol's, and below which its fit excludes."""
    fit = _threshold_of_fit(snapshot, result)
    by_fit = {} if fit is None else {"exclude_below": fit["exclude_below"]}
    return by_fit | thresholds_of(review, result.stage, result.reviewer)


def _threshold_of_fit(snapshot: Snapshot, result: Evaluation) -> dict[str, Any] | None:
    if not result.fitted:
        return None
    with snapshot.ledger.read() as connection:
        return newest_threshold(connection, result.stage, result.reviewer)


def thresholds_of(review: Review, stage: Stage, reviewer: str) -> dict[str, float]:
    """Return where a reviewer excludes and includes by probability of inclusion, or answers a criterion (`ID.no_below`).

    Empty unless the protocol says so.
    """
    spec = review.protocol.reviewers.get(reviewer)
    until = spec.until if isinstance(spec, EnsembleSpec) else None
    if isinstance(spec, ChatSpec):
        until = spec.until.get(stage)
    if until is not None:
        return {"exclude_below": until.exclude_below, "include_above": until.include_above}
    if not isinstance(spec, ChatSpec | EmbeddedReviewerSpec | ProbabilityReviewerSpec):
        return {}
    return {
        f"{criterion}.{name}": value
        for criterion, found in spec.thresholds.get(stage, {}).items()
        for name, value in (("no_below", found.no_below), ("yes_from", found.yes_from))
    }


def _unfit(review: Review, stage: Stage, gold: GoldSet) -> str:
    """Return a word for why these labels can show no recall; empty if they can."""
    if gold.spec.status != "human":
        return "provisional"
    if gold.spec.drawn != "random":
        return gold.spec.drawn
    if gold.lock is None:
        return "not_locked"
    return "wording" if unfit(review, stage) else ""


def _word(snapshot: Snapshot, review: Review, gold: GoldSet, result: Evaluation, incomplete: str) -> str:
    """Return a word for why labels, or what the reviewer said of them, can show no recall."""
    if why := _unfit(review, result.stage, gold):
        return why
    if result.split == "test":
        return "incomplete" if incomplete else ""
    return "rounds" if tuning_counts(snapshot.specifications, result.stage).variants else ""


def _incomplete(snapshot: Snapshot, review: Review, gold: GoldSet, stage: Stage, reviewer: str) -> str:
    """Return what labels or judgements of test lack for a bound, as a check of a gate says it; empty for nothing."""
    if gold.lock is None or gold.spec.drawn != "random":
        return ""
    placed = placed_labels(snapshot.ledger, gold)
    return gate_data(snapshot.ledger, review, stage, reviewer, gold.lock, placed).lacks


def _of_labels(snapshot: Snapshot, review: Review, gold: GoldSet, stage: Stage) -> Iterator[Lack]:
    """Yield what the labels lack, and the agreement of the people behind them."""
    if word := _unfit(review, stage, gold):
        yield Lack(word, {"labels": len(gold.labels)})
    placed = placed_labels(snapshot.ledger, gold)
    if learned := half_of(placed, "test").learned:
        yield Lack("learned", {"labels": len(learned)})
    # Of the labelled records alone: people may have read others too.
    labelled = frozenset(label.record for label in placed if label.record is not None)
    humans = inter_rater_agreement(snapshot, stage, review.stage(stage), named=labelled)
    if humans is None:
        yield Lack("no_agreement")
    else:
        estimates = humans.decision.estimates
        yield Lack(
            "agreement",
            {
                "people": len(humans.reviewers),
                "records": humans.decision.n,
                "alpha": limits(estimates["alpha"]),
                "kappa": limits(estimates["kappa"]) if "kappa" in estimates else None,
            },
            known=True,
        )


def _of_rounds(tuned: TuningCounts, gold: GoldSet, results: Sequence[Evaluation]) -> Iterator[Lack]:
    """Yield in how many rounds the wording was tuned on dev; it is missing something while figures are those of dev."""
    if not tuned.variants:
        return
    on_dev = tuple(result.reviewer for result in results if result.split != "test")
    test = sum(half == "test" for half in gold.split.values())
    numbers = {"rounds": tuned.rounds, "variants": tuned.variants, "test": test, "on_dev": list(on_dev)}
    yield Lack("rounds", numbers, known=not on_dev)


def _of_gate(goal: Goal, check: GateCheck | None) -> Iterator[Lack]:
    """Yield that there is no gate, or how often it was checked and what the next check takes."""
    if check is None:
        yield Lack("no_gate")
        return
    numbers = {"looks": check.looks, "first": positives_needed(goal.gate)}
    numbers |= {"next": positives_needed(goal.gate, number=check.looks + 1)}
    yield Lack("exhausted" if check.exhausted else "checks", numbers, known=check.open or not check.exhausted)


def _of_reviewer(
    gold: GoldSet,
    result: Evaluation,
    quality: ReviewerQuality,
    goal: Goal,
    check: GateCheck | None,
    why: str,
    counts: bool,
) -> Iterator[Lack]:
    """Yield what one reviewer lacks: positives, judgements, a check, and groups with positives.

    `why` is what test lacks for a bound, as a check of a gate says it; `counts`: whether the labels can show a recall.
    """
    name, number = result.reviewer, 1 if check is None else check.looks + 1
    if quality.bound.verdict != "reached":
        # Of test results only those are told that may be shown; and only labels that can show a recall have a loss.
        lost = quality.lost if counts and result.split == "test" else 0
        yield positives_lacking(gold, goal, name, lost, counts, number)
    if counts and why:
        yield Lack("incomplete", {"why": why}, name)
    elif result.split != "test":
        code = "not_checked" if check is not None and counts and not check.at else "dev"
        yield Lack(code, {"test": sum(half == "test" for half in gold.split.values())}, name)
    elif result.missing or result.unplaced:
        yield Lack("unjudged", {"missing": len(result.missing), "unplaced": len(result.unplaced)}, name)
    if quality.silent:
        fields = dict.fromkeys(group.field for group in quality.silent)
        silent = {of: [group.name for group in quality.silent if group.field == of] for of in fields}
        yield Lack("groups", {"fields": silent, "groups": len(quality.silent)}, name)


def positives_lacking(gold: GoldSet, goal: Goal, reviewer: str | None, lost: int, counts: bool, number: int) -> Lack:
    """Return how many positives of `test` are there, and how many the goal takes: exactly, and by Wilson as a gate does.

    `lost` of them are lost so far. Where the labels do not count (`counts`), there are none. `draw`: how many more records
    to draw for what Wilson takes, at the share of positives of `test` among all labels; None where that is not known.
    """
    have = test_positives(gold) if counts else 0
    exact = exactly_needed(goal.recall, lost=lost, confidence=goal.confidence)
    wilson = positives_needed(goal.gate, lost, number)
    more = max(0, wilson - have)
    draw = math.ceil(more * len(gold.labels) / have) if counts and have else None
    return Lack("positives", {"lost": lost, "have": have, "exact": exact, "wilson": wilson, "check": number,
                              "draw": draw}, reviewer)  # fmt: skip


def _of_fit(snapshot: Snapshot, result: Evaluation) -> Iterator[Lack]:
    """Yield on what labels a reviewer's fit chose its threshold, and the recall that it estimates from few of them."""
    if (fit := _threshold_of_fit(snapshot, result)) is not None:
        yield Lack("fit", {"estimate": None, **fit}, result.reviewer, known=True)


def _of_elusion(snapshot: Snapshot, review: Review, stage: Stage) -> Iterator[Lack]:
    """Yield what is known of the records that the stage's machine removed, or that nothing is."""
    if review.stage(stage).decided_by.machine is None:
        return
    with snapshot.ledger.read() as connection:
        drawn: Sequence[Any] = samples(connection, stage, "elusion")
    second = review.stage(stage).decided_by.second_reviewer
    beside: dict[str, Any] = {"second_reviewer": second} if second else {}
    if review.stage(stage).stopping is not None:
        beside = {"not_screened": True}
    if not drawn:
        yield Lack("no_elusion", beside)
        return
    numbers = beside | {"sample": drawn[-1].id, "n": drawn[-1].n, "frame": drawn[-1].frame}
    try:
        audit = read_elusion(snapshot.ledger, review, stage, send=False)
    except BadInput:
        yield Lack("elusion_void", numbers)
        return
    if audit.guarantee is None:
        yield Lack("elusion_unfinished", {**numbers, "labelled": audit.labelled})
    else:
        hits = {"hits": len(audit.hits), "at_most": audit.guarantee.missed_at_most}
        yield Lack("elusion", {**numbers, **hits, "outside": audit.outside}, known=audit.current)
