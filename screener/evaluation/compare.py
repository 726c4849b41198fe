"""Compare two reviewers, or two prompts of one, over the same gold records: who is right where they differ."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..gold import REVIEWER, Split
from ..ledger import Ledger, Snapshot
from ..metrics import (
    ConfusionMetric,
    Drawn,
    Estimate,
    McNemar,
    effective_n,
    f2,
    mcc,
    mcnemar_of,
    no_discordant_pair,
    paired_difference,
    precision,
    recall,
    specificity,
    wmcc,
)
from ..protocol import Review
from .evaluate import against, measure
from .figures import Figures, JudgedPair, design, figures, limits, short
from .gate_checks import shown_split

DIFFERENCES: dict[str, ConfusionMetric] = {
    "recall": recall, "specificity": specificity, "precision": precision, "f2": f2, "mcc": mcc, "wmcc": wmcc,
}  # fmt: skip


@dataclass(frozen=True)
class Disagreement:
    """Hold a record on whose decision the two differ, and which of them gold confirms."""

    pair: JudgedPair
    other: Judgement
    right: str
    """The name of the one that keeps or excludes it as gold does."""


@dataclass(frozen=True)
class ReviewerComparison:
    """Two reviewers over the records of a gold split that both have judged."""

    stage: Stage
    first: str
    second: str
    status: Literal["human", "provisional", "reviewer"]
    level: Literal["abstract", "final"]
    split: Split
    pairs: tuple[JudgedPair, ...]
    """Gold records as judged by the first."""
    others: tuple[Judgement, ...]
    """The second's judgement of each."""
    missing: dict[str, tuple[str, ...]]
    """Gold records that one of them has not judged, by its name."""
    remarks: tuple[str, ...]
    drawn: Drawn | None = None
    """How gold was drawn: labels that were chosen describe, and estimate nothing."""

    @property
    def weighted(self) -> bool:
        """Return whether the figures weigh records by a stratified draw."""
        return design(self.pairs).weights is not None

    @cached_property
    def figures(self) -> dict[str, Figures]:
        """Return the figures of each over these records, by name."""
        return {self.first: figures(self.pairs, brief=True), self.second: figures(self._swapped, brief=True)}

    @property
    def _swapped(self) -> list[JudgedPair]:
        return [
            JudgedPair(pair.record, other, pair.reference, pair.final, pair.weight, pair.stratum)
            for pair, other in zip(self.pairs, self.others, strict=True)
        ]

    @cached_property
    def differences(self) -> dict[str, Estimate]:
        """Return the first's figure less the second's, with the bootstrap interval of pairs redrawn, by metric.

        Where no record differs nothing can be redrawn: recall and specificity have the limits of `no_discordant_pair`, the
        others none.
        """
        truth = [pair.reference.decision.kept for pair in self.pairs]
        first = [pair.judged.decision.kept for pair in self.pairs]
        second = [other.decision.kept for other in self.others]
        drawn = design(self.pairs)
        found = {name: paired_difference(metric, truth, first, second, drawn) for name, metric in DIFFERENCES.items()}
        if first == second:
            found = {name: replace(estimate, low=None, high=None, method="") for name, estimate in found.items()}
        for name, among in (("recall", True), ("specificity", False)):
            weights = [pair.weight for pair in self.pairs if pair.reference.decision.kept is among]
            if self.tests[name].first_only + self.tests[name].second_only == 0:
                found[name] = no_discordant_pair(effective_n(weights) if weights else 0)
        return found

    @cached_property
    def tests(self) -> dict[str, McNemar]:
        """Return exact McNemar tests: of recall over what gold keeps, of specificity over the rest.

        Weights play no part.
        """
        return {
            "recall": self._test(lambda pair: pair.reference.decision.kept),
            "specificity": self._test(lambda pair: not pair.reference.decision.kept),
        }

    def _test(self, among: Callable[[JudgedPair], bool]) -> McNemar:
        chosen = [(pair, other) for pair, other in zip(self.pairs, self.others, strict=True) if among(pair)]
        return mcnemar_of(
            [pair.reference.decision.kept for pair, _ in chosen],
            [pair.judged.decision.kept for pair, _ in chosen],
            [other.decision.kept for _, other in chosen],
        )

    @cached_property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """Return the records that one keeps and the other excludes, those that gold keeps first."""
        differing = [
            Disagreement(pair, other, self.second if pair.wrong else self.first)
            for pair, other in zip(self.pairs, self.others, strict=True)
            if pair.judged.decision.kept != other.decision.kept
        ]
        return tuple(
            sorted(
                differing,
                key=lambda disagreement: (not disagreement.pair.reference.decision.kept, disagreement.pair.record.id),
            )
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --compare --json` prints it."""
        return {
            "stage": self.stage.value,
            "compare": [self.first, self.second],
            "reference": REVIEWER,
            "reference_status": self.status,
            "reference_level": self.level,
            "reference_drawn": self.drawn,
            "split": self.split,
            "n": len(self.pairs),
            "figures": {name: short(part) for name, part in self.figures.items()},
            "differences": {name: limits(estimate) for name, estimate in self.differences.items()},
            "mcnemar": {
                name: {"first_only": test.first_only, "second_only": test.second_only, "p": test.p}
                for name, test in self.tests.items()
            },
            "disagreements": [
                {
                    "id": disagreement.pair.record.id,
                    "title": disagreement.pair.record.shown_title,
                    "reference": disagreement.pair.reference.decision.value,
                    "first": disagreement.pair.judged.decision.value,
                    "second": disagreement.other.decision.value,
                    "right": disagreement.right,
                }
                for disagreement in self.disagreements
            ],
            "missing": {name: list(ids) for name, ids in self.missing.items()},
            "remarks": list(self.remarks),
        }


def compare(
    ledger: Ledger, review: Review, stage: Stage, first: str, second: str, split: Split | None = None
) -> ReviewerComparison:
    """Compare two reviewers over the records of gold that both have judged; `split` as in `evaluate`.

    Raises `BadInput` where they are one and the same, or one has judged nothing.
    """
    if first == second:
        raise BadInput(f"--compare: {first} against itself says nothing; name two reviewers")
    for name in (first, second):
        if name == REVIEWER:
            raise BadInput("--compare: gold is what the two are measured by; name two other reviewers")
    snapshot = Snapshot(ledger)
    half, remark = shown_split(snapshot, review, stage, (first, second), split)
    gold = measure(snapshot, review, stage, half)
    first_result, second_result = (against(snapshot, review, gold, name, shown=0) for name in (first, second))
    second_judgements = {pair.record.id: pair.judged for pair in second_result.pairs}
    pairs = tuple(pair for pair in first_result.pairs if pair.record.id in second_judgements)
    return ReviewerComparison(
        stage,
        first,
        second,
        first_result.status,
        first_result.level,
        half,
        pairs,
        tuple(second_judgements[pair.record.id] for pair in pairs),
        {first: first_result.missing, second: second_result.missing},
        tuple(dict.fromkeys(filter(None, (*first_result.remarks, *second_result.remarks, remark)))),
        first_result.drawn,
    )
