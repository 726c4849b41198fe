"""Compute how far humans agree with each other at a stage: two of them pairwise, any number by Fleiss and Krippendorff."""

from collections import Counter
from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage, Value
from ..ledger import Ledger, Snapshot
from ..metrics import Estimate, agreement_estimates, count_ratings, fleiss_kappa, krippendorff_alpha
from ..protocol import StageProtocol
from ..stages import AgreementCounts, by_record, count_agreement
from .figures import limits


@dataclass(frozen=True)
class AgreementEstimates:
    """Hold the agreement on one question over the `n` records on which at least two humans answered it.

    `estimates` has `alpha` (Krippendorff, nominal); `fleiss` over the `fleiss_n` records that have the most frequent
    number of answers, `fleiss_m`; where there are just two humans also the figures for two raters.
    """

    n: int
    estimates: Mapping[str, Estimate]
    fleiss_n: int
    fleiss_m: int

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it."""
        estimates = {name: limits(estimate) for name, estimate in self.estimates.items()}
        return {"n": self.n, "fleiss_n": self.fleiss_n, "fleiss_m": self.fleiss_m, **estimates}


@dataclass(frozen=True)
class InterRaterAgreement:
    """Hold the humans of a stage, how many records two or more of them judged, and their agreement.

    `decision`: kept or excluded. `by_criterion`: `no` against the rest.
    """

    reviewers: tuple[str, ...]
    records: int
    counts: AgreementCounts
    """On how many of them all decide alike, and exclude for the same reason."""
    decision: AgreementEstimates
    by_criterion: Mapping[str, AgreementEstimates]

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it."""
        criteria = {name: agreement.as_json() for name, agreement in self.by_criterion.items()}
        return {"reviewers": list(self.reviewers), **self.counts.as_json(), "decision": self.decision.as_json(),
                "per_criterion": criteria}  # fmt: skip


def inter_rater_agreement(
    source: Ledger | Snapshot, stage: Stage, protocol: StageProtocol, *, named: Container[str] | None = None
) -> InterRaterAgreement | None:
    """Return the agreement of the humans who judged independently; None unless two share a record.

    `named`: only of these records. Left out are adjudications, what a person said after another's or a machine's answer
    had been shown to them, and, of named records such as those of a pilot, a decision on many at once: each of these is
    to be judged by itself.
    """
    snapshot = Snapshot.of(source)
    rows = snapshot.rows_of(stage, [reviewer for reviewer in snapshot.reviewers(stage) if reviewer[1] == "human"])
    left_out = snapshot.unblinded if named is None else snapshot.unblinded | snapshot.in_bulk
    judged = by_record((row for row in rows if row.id not in left_out), snapshot.current_ids)
    judged = {name: group for name, group in judged.items() if named is None or name in named}
    counts = count_agreement(judged.values(), stage)
    newest = [{row.reviewer: row.judgement for row in group} for group in judged.values()]
    shared = [judgements for judgements in newest if len(judgements) > 1]
    if not shared:
        return None
    reviewers = tuple(sorted({name for judgements in shared for name in judgements}))
    decisions = [{name: judgement.decision.kept for name, judgement in judgements.items()} for judgements in shared]
    criteria = {}
    for criterion in protocol.criteria:
        passes = [
            {
                name: judgement.answers[criterion.id].value is not Value.NO
                for name, judgement in judgements.items()
                if criterion.id in judgement.answers
            }
            for judgements in shared
        ]
        if any(len(answers) > 1 for answers in passes):
            criteria[criterion.id] = _estimates(passes, reviewers)
    return InterRaterAgreement(reviewers, len(shared), counts, _estimates(decisions, reviewers), criteria)


def _estimates(ratings: Sequence[Mapping[str, Hashable]], reviewers: Sequence[str]) -> AgreementEstimates:
    rated = [by_reviewer for by_reviewer in ratings if len(by_reviewer) > 1]
    counts = count_ratings([list(by_reviewer.values()) for by_reviewer in rated], [True, False])
    m, _ = Counter(len(by_reviewer) for by_reviewer in rated).most_common(1)[0]
    equal = counts[counts.sum(axis=1) == m]
    estimates = {"alpha": krippendorff_alpha(counts), "fleiss": fleiss_kappa(equal)}
    if len(reviewers) == 2:
        first, second = ([by_reviewer[name] for by_reviewer in rated] for name in reviewers)
        estimates |= agreement_estimates(first, second, [True, False])
    return AgreementEstimates(len(rated), estimates, len(equal), m)
