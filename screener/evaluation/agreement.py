"""Compute how far humans agree with each other at a stage: two of them pairwise, any number by Fleiss and Krippendorff."""

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.judgement import ASKED, Stage, Value
from ..ledger import Ledger, Snapshot
from ..metrics import Estimate, agreement_estimates, count_ratings, fleiss_kappa, krippendorff_alpha
from ..protocol import StageProtocol, as_asked
from ..stages import AgreementCounts, Ratings, count_agreement, independent_ratings
from .figures import limits


@dataclass(frozen=True)
class AgreementEstimates:
    """Hold the agreement on one question over the `n` records on which at least two humans answered it.

    `not_asked` are records more that two humans rated, but on which at most one of them was asked it, since the answer to
    what it presupposes is no.
    `estimates` has `alpha` (Krippendorff, nominal); `fleiss`, not defined unless all `fleiss_n` records have the same
    number of answers, `fleiss_m`; where there are just two humans also the figures for two raters.
    """

    n: int
    estimates: Mapping[str, Estimate]
    fleiss_n: int
    """0 where Fleiss' κ is not defined, as is `fleiss_m`."""
    fleiss_m: int
    not_asked: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it."""
        estimates = {name: limits(estimate) for name, estimate in self.estimates.items()}
        return {
            "n": self.n,
            "not_asked": self.not_asked,
            "fleiss_n": self.fleiss_n,
            "fleiss_m": self.fleiss_m,
            **estimates,
        }


@dataclass(frozen=True)
class InterRaterAgreement:
    """Hold the humans of a stage, how many records two or more of them rated, and their agreement.

    `decision`: kept or excluded. `by_criterion`: `no` against the rest.
    """

    reviewers: tuple[str, ...]
    records: int
    counts: AgreementCounts
    """On how many of them all decide alike, and exclude for the same reason."""
    decision: AgreementEstimates
    by_criterion: Mapping[str, AgreementEstimates]
    called: Mapping[str, int]
    """On how many records each person was called because others differ: no rating, and part of no figure."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it."""
        criteria = {name: agreement.as_json() for name, agreement in self.by_criterion.items()}
        return {"reviewers": list(self.reviewers), **self.counts.as_json(), "called": dict(self.called),
                "decision": self.decision.as_json(), "per_criterion": criteria}  # fmt: skip


def ratings_of(source: Ledger | Snapshot, stage: Stage, *, named: Container[str] | None = None) -> Ratings:
    """Return what people judged first and independently.

    `named`: only of these records. Left out are adjudications, what a person said after another's or a machine's answer
    had been shown to them, and, of named records such as those of a pilot, a decision on many at once: each of these is
    to be judged by itself.
    """
    snapshot = Snapshot.of(source)
    rows = snapshot.rows_of(stage, [reviewer for reviewer in snapshot.reviewers(stage) if reviewer[1] == "human"])
    left_out, current_ids = snapshot.unblinded, snapshot.current_ids
    if named is not None:
        left_out |= snapshot.in_bulk
        rows = [row for row in rows if current_ids.get(row.record_id, row.record_id) in named]
    return independent_ratings((row for row in rows if row.id not in left_out), current_ids, stage, snapshot.made_here)


def inter_rater_agreement(
    source: Ledger | Snapshot, stage: Stage, protocol: StageProtocol, *, named: Container[str] | None = None
) -> InterRaterAgreement | None:
    """Return the agreement of the humans who judged independently; None unless two share a record. `named` as above."""
    return agreement_among(ratings_of(source, stage, named=named), stage, protocol)


def agreement_among(ratings: Ratings, stage: Stage, protocol: StageProtocol) -> InterRaterAgreement | None:
    """Return the agreement in ratings; None unless two people share a record."""
    counts = count_agreement(ratings.by_record.values(), stage)
    rated = [{row.reviewer: as_asked(protocol, row.judgement) for row in group} for group in ratings.by_record.values()]
    shared = [judgements for judgements in rated if len(judgements) > 1]
    if not shared:
        return None
    reviewers = tuple(sorted({name for judgements in shared for name in judgements}))
    decisions = [{name: judgement.decision.kept for name, judgement in judgements.items()} for judgements in shared]
    criteria = {}
    for criterion in protocol.criteria:
        given = [
            {name: answer.value for name, j in judgements.items() if (answer := j.answers.get(criterion.id))}
            for judgements in shared
        ]
        asked = [{name: value for name, value in values.items() if value in ASKED} for values in given]
        if any(len(values) > 1 for values in given):
            not_asked = sum(len(all_) > 1 >= len(some) for all_, some in zip(given, asked, strict=True))
            passes = [{name: value is not Value.NO for name, value in values.items()} for values in asked]
            criteria[criterion.id] = replace(_estimates(passes, reviewers), not_asked=not_asked)
    decision = _estimates(decisions, reviewers)
    return InterRaterAgreement(reviewers, len(shared), counts, decision, criteria, ratings.left_out())


def _estimates(ratings: Sequence[Mapping[str, Hashable]], reviewers: Sequence[str]) -> AgreementEstimates:
    rated = [by_reviewer for by_reviewer in ratings if len(by_reviewer) > 1]
    counts = count_ratings([list(by_reviewer.values()) for by_reviewer in rated], [True, False])
    numbers = {len(by_reviewer) for by_reviewer in rated}
    equal = counts if len(numbers) == 1 else counts[:0]
    estimates = {"alpha": krippendorff_alpha(counts), "fleiss": fleiss_kappa(equal)}
    if len(reviewers) == 2:
        first, second = ([by_reviewer[name] for by_reviewer in rated] for name in reviewers)
        estimates |= agreement_estimates(first, second, [True, False])
    return AgreementEstimates(len(rated), estimates, len(equal), numbers.pop() if len(numbers) == 1 else 0)
