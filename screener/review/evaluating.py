"""A reviewer against gold or another reviewer, two reviewers compared, and thresholds chosen on gold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..evaluation import (
    FIELDS,
    AgreementWithGold,
    ChosenThresholds,
    Estimate,
    Evaluation,
    Goal,
    InterRaterAgreement,
    ItemAgreement,
    ItemEvaluation,
    Part,
    PromiseRequest,
    ReviewerComparison,
    ReviewerQuality,
    StageQuality,
    against_goal,
    agreement_with_gold,
    choose_on_dev,
    compare_extractors,
    evaluate_items,
    inter_rater_agreement,
    read_quality,
    record_check,
)
from ..evaluation.compare import compare as compare_reviewers
from ..evaluation.evaluate import evaluate
from ..ledger import Ledger, Snapshot
from ..protocol import Review
from .examples_effect import as_part, examples_effect


@dataclass(frozen=True)
class EvaluationResult:
    """A reviewer checked against a reference: gold or another reviewer.

    `figures` are the estimates by name, each with value, low and high (95 %): at the screening stages recall, specificity,
    precision and so on, at extraction precision and recall over all items (`micro`), `quote_validity` and
    `evidence_at_3`, or the `agreement` of two extractors. `n` are the records (at extraction: studies) compared.
    """

    stage: Stage
    reviewer: str
    reference: str
    split: str | None
    n: int
    figures: Mapping[str, Estimate]
    details: Evaluation | ItemEvaluation | ItemAgreement = field(repr=False)
    """All that the comparison says: every pair, group, criterion or item."""
    humans: InterRaterAgreement | None = field(default=None, repr=False)
    """At the screening stages, the people who judged and their agreement; None unless two share a record."""
    examples: ReviewerComparison | None = field(default=None, repr=False)
    """On gold `dev`, the reviewer with the prompt's worked examples beside itself without; None where not both are stored."""
    quality: tuple[Goal, ReviewerQuality] | None = field(default=None, repr=False)
    """Of a machine reviewer against gold at a screening stage: the recall asked for, and what may be said of it."""

    def as_json(self, by: str | None = None, *, only: str | None = None, limit: int | None = None) -> dict[str, Any]:
        """Return what `evaluate --json` prints; at the screening stages with the groups that the field `by` makes.

        Of the wrong decisions the first `limit`, and `only` those `missed` or those `kept`.
        """
        if isinstance(self.details, Evaluation):
            effect = {"examples": as_part(self.examples)} if self.examples else {}
            return (
                self.details.as_json(by, wrong=limit, only=only)
                | {
                    "humans": self.humans.as_json() if self.humans else None,
                    "quality": {"goal": self.quality[0].as_json(), **self.quality[1].as_json()}
                    if self.quality
                    else None,
                }
                | effect
            )
        return self.details.as_json()


def evaluate_reviewer(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    reviewer: str | None,
    reference: str,
    split: str | None,
    target: float | None = None,
) -> EvaluationResult:
    """Return a reviewer (default: the stage's machine) compared with a reference.

    Where a gate stands on gold `test`, asking for that split records a check of the reviewer, and without a recorded check
    `dev` is the default. `target` is the recall that its lower bound is read against (default: the gate's, else 0.95).
    Raises `BadInput` where the stage names no machine, there is no gold, or nothing can be compared.
    """
    check_split(stage, split)
    name = named_reviewer(review, stage, reviewer)
    if stage is Stage.EXTRACTION:
        return _evaluate_items(ledger, review, name, reference, split or "test")
    if split == "test" and reference == "gold":
        record_check(ledger, review, stage, name)
    details = evaluate(ledger, review, stage, name, reference, cast(Literal["dev", "test"] | None, split))
    humans = inter_rater_agreement(ledger, stage, review.stage(stage))
    figures = {**details.overall.estimates, "recall_auto": details.recall_auto, **details.overall.ranking}
    known = details.split == "dev" and reference == "gold" and name in review.protocol.reviewers
    effect = examples_effect(ledger, review, stage, name) if known else None
    quality = against_goal(Snapshot.of(ledger), review, details, target)
    return EvaluationResult(
        stage, name, reference, details.split, len(details.pairs), figures, details, humans, effect, quality
    )


def stage_quality(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str | None, split: str | None, target: float | None
) -> StageQuality:
    """Return every machine reviewer of a screening stage, or one, against the recall asked for, and what is missing.

    Nothing is written: no check of a gate is made. Raises `BadInput` where nothing can be compared.
    """
    if stage is Stage.EXTRACTION:
        raise BadInput("--quality is for the screening stages, not for extraction")
    check_split(stage, split)
    return read_quality(Snapshot.of(ledger), review, stage, reviewer=reviewer, target=target, split=split)


def _evaluate_items(ledger: Ledger, review: Review, name: str, reference: str, split: str) -> EvaluationResult:
    stage = Stage.EXTRACTION
    if reference != "gold":
        agreement = compare_extractors(ledger, review, name, reference)
        figures = {"agreement": agreement.overall}
        return EvaluationResult(stage, name, reference, None, agreement.studies, figures, agreement)
    details = evaluate_items(ledger, review, name, cast(Part, split))
    figures = {
        **details.scores.micro.figures,
        "quote_validity": details.quote_validity,
        "evidence_at_3": details.evidence_at_3,
    }
    return EvaluationResult(stage, name, reference, split, len(details.studies), figures, details)


def compare_two(
    ledger: Ledger, review: Review, stage: Stage, reviewers: tuple[str, str], split: str | None
) -> ReviewerComparison:
    """Return two reviewers compared over the same gold records; `split` as in `evaluate_reviewer`, for both."""
    check_split(stage, split)
    for name in reviewers if split == "test" else ():
        record_check(ledger, review, stage, name)
    return compare_reviewers(ledger, review, stage, *reviewers, cast(Literal["dev", "test"] | None, split))


def compare_extractions(
    ledger: Ledger, review: Review, first: str, second: str, split: str | None
) -> AgreementWithGold:
    """Return two extractions against gold; `split` (default: test) is test, dev or all."""
    check_split(Stage.EXTRACTION, split)
    return agreement_with_gold(ledger, review, first, second, cast(Part, split or "test"))


def choose_thresholds(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    reviewer: str | None,
    recall: float,
    confidence: float | None = None,
    looks: int = 1,
) -> ChosenThresholds:
    """Return where a cascade or a mean may exclude and include by probability, chosen on gold `dev`.

    With `confidence` the recall is promised at that one-sided confidence, or the choice says why it cannot be; `looks`
    are the choices that these labels serve in all.
    """
    request = None if confidence is None else PromiseRequest(confidence, looks)
    return choose_on_dev(ledger, review, stage, named_reviewer(review, stage, reviewer), recall, request)


def named_reviewer(review: Review, stage: Stage, reviewer: str | None) -> str:
    """Return the reviewer asked for, or the machine that the stage names; `BadInput` where it names none."""
    name = reviewer or review.stage(stage).decided_by.machine
    if name is None:
        raise BadInput("the stage names no machine reviewer; use --reviewer NAME")
    return name


def check_split(stage: Stage, split: str | None) -> None:
    """Refuse a part of the gold set that a stage does not have."""
    extracts = stage is Stage.EXTRACTION
    if split not in (None, "test", "dev", *(["all"] if extracts else [])):
        raise BadInput(f"--split: `{split}` is neither test nor dev{', nor all' * extracts}")


def check_groups(by: str | None) -> None:
    """Refuse a field by which no groups are made."""
    if by is not None and by not in FIELDS:
        raise BadInput(f"--by: `{by}` is none of {', '.join(FIELDS)}")
