"""Thresholds that were chosen for a reviewer, and what they do on the records that chose them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..core.judgement import Decision
from ..gold import REVIEWER
from ..metrics import Design, Estimate, ThresholdGuarantee, screening_estimates, wilson
from ..protocol.model import EnsembleSpec, Until
from .figures import limits
from .result import Evaluation
from .threshold_search import INCLUDE_PRECISION, Case, Part, ThresholdOutcome, decimal

Kind = Literal["reviewer", "graded", "cascade", "mean"]
"""`graded`: a chat reviewer with graded answers, which decides by its own `until`."""


@dataclass(frozen=True)
class PromiseRequest:
    """Request a promise: the one-sided confidence, and how often the labels were used for such a choice."""

    confidence: float
    looks: int = 1


@dataclass(frozen=True)
class ChosenThresholds:
    """Hold thresholds chosen for a reviewer or ensemble, and what they do on the records that chose them.

    `until` is None where no `exclude_below` reaches the recall; `outcome` is then that of 0 and 1. `missing` are gold
    records that nobody could decide on at any threshold; they are not counted.
    """

    reviewer: str
    kind: Kind
    spec: EnsembleSpec
    required: float
    until: Until | None
    cases: tuple[Case, ...]
    outcome: ThresholdOutcome
    gold: Evaluation
    missing: tuple[str, ...]
    method: Literal["empirical", "learn-then-test"] = "empirical"
    """How the recall was tested. `empirical`: on the labels that chose, with no promise for other records."""
    asked: PromiseRequest | None = None
    """What promise was asked for, if any."""
    promise: ThresholdGuarantee | None = None
    no_promise: str = ""
    """Why none can be made, where one was asked for."""
    taught: frozenset[str] = frozenset()
    """The records whose labels taught the calibration of a member: they choose nothing, and nothing is promised of them."""

    @property
    def kept(self) -> int:
        """Return how many of the counted records gold keeps."""
        return sum(case.kept for case in self.cases)

    @property
    def missed(self) -> int:
        """Return how many of these the combination excludes, or might: those that wait for a judgement are among them."""
        return len(self.outcome.lost)

    @property
    def weighted(self) -> bool:
        """Return whether the labels stand for different numbers of records, so that all shares are estimates."""
        return any(case.weight != 1 for case in self.cases)

    def share_of(self, cases: Sequence[Case], counted: Container[str]) -> Estimate:
        """Return the share of some cases that is counted (Wilson; of weighted ones a bootstrap within strata)."""
        drawn = Design(
            weights=[case.weight for case in cases] if self.weighted else None,
            strata=[case.stratum for case in cases] if self.weighted else None,
        )
        among = [case.id in counted for case in cases]
        return screening_estimates([True] * len(cases), among, drawn, only=("recall",))["recall"]

    @property
    def recall(self) -> Estimate:
        """Return the share of gold-kept records that are kept."""
        eligible = [case for case in self.cases if case.kept]
        return self.share_of(eligible, {case.id for case in eligible} - self.outcome.lost)

    @property
    def recall_by_rule(self) -> Estimate:
        """Return the same with all that is settled below `exclude_below` taken as excluded: what the choice went by."""
        eligible = [case for case in self.cases if case.kept]
        below = {case.id for case, _ in self.outcome.below}
        return self.share_of(eligible, {case.id for case in eligible} - self.outcome.lost - below)

    @property
    def recall_with_no_miss(self) -> Estimate | None:
        """Return the recall without any miss, where one miss is already too many; else None, as of weighted labels."""
        one_is_too_many = not self.weighted and (self.kept - 1) / self.kept < self.required
        return wilson(self.kept, self.kept) if one_is_too_many else None

    @property
    def precision(self) -> Estimate:
        """Return the share that gold keeps of what is settled from `include_above` on."""
        above = [case for case, _ in self.outcome.above]
        return self.share_of(above, {case.id for case in above if case.kept})

    @property
    def below_not_excluded(self) -> list[str]:
        """Return records settled below `exclude_below` that the settling member does not exclude."""
        return [case.id for case, decision in self.outcome.below if decision.kept]

    @property
    def above_not_included(self) -> list[str]:
        """Return records settled from `include_above` on that the settling member does not include."""
        return [case.id for case, decision in self.outcome.above if decision is not Decision.INCLUDE]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return who settles what, named for people."""
        members, parts = self.spec.members, self.outcome.parts
        names = {
            "reviewer": [self.reviewer, "left for the next member"],
            "graded": [self.reviewer, "between the two"],
            "mean": [f"mean of {', '.join(members)}", "between the two"],
        }.get(self.kind, list(members))
        return tuple(replace(part, name=name) for part, name in zip(parts, names, strict=True))

    @property
    def includes(self) -> bool:
        """Return whether an `include_above` meets its rule; where none does it is 1, which cannot be switched off."""
        return self.precision.value is not None and self.precision.value >= INCLUDE_PRECISION

    @property
    def yaml(self) -> str | None:
        """Return the line for `prompts/review.yaml`."""
        if self.until is None:
            return None
        below, above = decimal(self.until.exclude_below), decimal(self.until.include_above)
        line = f"{{exclude_below: {below}, include_above: {above}}}"
        return f"until: {{{self.gold.stage}: {line}}}" if self.kind == "graded" else f"until: {line}"

    def part_of(self, part: Part) -> float:
        """Return the share of the records that a member settles; of weighted labels an estimate."""
        return part.weight / sum(case.weight for case in self.cases)

    @property
    def total(self) -> Part:
        """Return all parts together."""
        keys = ("settled", "exclude", "include", "unclear", "kept", "missed", "weight")
        return Part("all", len(self.cases), **{key: sum(getattr(part, key) for part in self.parts) for key in keys})

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --thresholds --json` prints it."""
        total = self.total
        return {
            "stage": self.gold.stage.value,
            "reviewer": self.reviewer,
            "kind": self.kind,
            "reference": REVIEWER,
            "reference_status": self.gold.status,
            "reference_level": self.gold.level,
            "split": "dev",
            "method": self.method,
            "required_recall": self.required,
            "confidence": self.asked.confidence if self.asked else None,
            "looks": self.asked.looks if self.asked else None,
            "promise": self._promise(),
            "no_promise": self.no_promise or None,
            "until": self.until.model_dump() if self.until else None,
            "yaml": self.yaml,
            "weighted": self.weighted,
            "n": len(self.cases),
            "kept": self.kept,
            "missed": self.missed,
            **{key: getattr(total, key) for key in ("exclude", "include", "unclear")},
            "recall": limits(self.recall),
            "recall_by_rule": limits(self.recall_by_rule),
            "recall_with_no_miss": limits(self.recall_with_no_miss) if self.recall_with_no_miss else None,
            "below": len(self.outcome.below),
            "below_not_excluded": self.below_not_excluded,
            "above": len(self.outcome.above),
            "above_not_included": self.above_not_included,
            "precision": limits(self.precision),
            "required_precision": INCLUDE_PRECISION,
            "members": [vars(part) | {"share": self.part_of(part)} for part in self.parts],
            "gaps": [{"id": name, "needs": member} for name, member in self.outcome.gaps.items()],
            "missing": list(self.missing),
            "unplaced": list(self.gold.unplaced),
            "remarks": list(self.gold.remarks),
        }

    def _promise(self) -> dict[str, Any] | None:
        promise = self.promise
        if promise is None:
            return None
        return {
            "sentence": promise.sentence,
            "frame": promise.frame.name,
            "frame_size": promise.frame.size,
            "labelled": promise.labelled,
            "confidence": promise.confidence,
            "looks": promise.looks,
            "recall": promise.required,
            "positives": promise.positives,
            "lost": promise.lost,
            "allowed": promise.allowed,
        }
