"""How far humans agree with each other at a stage: two of them pairwise, any number by Fleiss and Krippendorff."""

from collections import Counter
from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage, Value
from ..ledger.snapshot import Snapshot
from ..ledger.store import Ledger
from ..metrics import Estimate, agreement_estimates, count_ratings, fleiss_kappa, krippendorff_alpha
from ..protocol.model import StageProtocol
from ..stages.agreement import AgreementCounts, by_record, count_agreement
from .figures import limits


@dataclass(frozen=True)
class Together:
    """Agreement on one question over the `n` records on which at least two humans answered it.

    `estimates` has `alpha` (Krippendorff, nominal); `fleiss` over the `fleiss_n` records that have the most frequent
    number of answers, `fleiss_m`; where there are just two humans also the figures for two raters.
    """

    n: int
    estimates: Mapping[str, Estimate]
    fleiss_n: int
    fleiss_m: int

    def as_json(self) -> dict[str, Any]:
        """As `evaluate --json` prints it."""
        told = {name: limits(estimate) for name, estimate in self.estimates.items()}
        return {"n": self.n, "fleiss_n": self.fleiss_n, "fleiss_m": self.fleiss_m, **told}


@dataclass(frozen=True)
class Humans:
    """The humans of a stage, how many records two or more of them judged, and their agreement.

    `decision`: kept or excluded. `by_criterion`: `no` against the rest.
    """

    reviewers: tuple[str, ...]
    records: int
    counts: AgreementCounts
    """On how many of them all decide alike, and exclude for the same reason."""
    decision: Together
    by_criterion: Mapping[str, Together]

    def as_json(self) -> dict[str, Any]:
        """As `evaluate --json` prints it."""
        criteria = {name: one.as_json() for name, one in self.by_criterion.items()}
        return {"reviewers": list(self.reviewers), **self.counts.as_json(), "decision": self.decision.as_json(),
                "per_criterion": criteria}  # fmt: skip


def human_agreement(
    source: Ledger | Snapshot, stage: Stage, protocol: StageProtocol, *, named: Container[str] | None = None
) -> Humans | None:
    """Agreement of the humans who judged independently; None unless two share a record. `named`: only of these records.

    Left out are adjudications, what a person said after another's or a machine's answer had been shown to them, and, of
    named records such as those of a pilot, a decision on many at once: each of these is to be judged by itself.
    """
    seen = Snapshot.of(source)
    rows = seen.rows_of(stage, [one for one in seen.reviewers(stage) if one[1] == "human"])
    left_out = seen.unblinded if named is None else seen.unblinded | seen.in_bulk
    judged = by_record((row for row in rows if row.id not in left_out), seen.current_ids)
    judged = {name: found for name, found in judged.items() if named is None or name in named}
    counts = count_agreement(judged.values(), stage)
    newest = [{row.reviewer: row.judgement for row in found} for found in judged.values()]
    shared = [by for by in newest if len(by) > 1]
    if not shared:
        return None
    reviewers = tuple(sorted({name for by in shared for name in by}))
    kept = [{name: one.decision.kept for name, one in by.items()} for by in shared]
    criteria = {}
    for criterion in protocol.criteria:
        passes = [
            {
                name: one.answers[criterion.id].value is not Value.NO
                for name, one in by.items()
                if criterion.id in one.answers
            }
            for by in shared
        ]
        if any(len(by) > 1 for by in passes):
            criteria[criterion.id] = _together(passes, reviewers)
    return Humans(reviewers, len(shared), counts, _together(kept, reviewers), criteria)


def _together(said: Sequence[Mapping[str, Hashable]], reviewers: Sequence[str]) -> Together:
    rated = [by for by in said if len(by) > 1]
    counts = count_ratings([list(by.values()) for by in rated], [True, False])
    m, _ = Counter(len(by) for by in rated).most_common(1)[0]
    equal = counts[counts.sum(axis=1) == m]
    estimates = {"alpha": krippendorff_alpha(counts), "fleiss": fleiss_kappa(equal)}
    if len(reviewers) == 2:
        first, second = ([by[name] for by in rated] for name in reviewers)
        estimates |= agreement_estimates(first, second, [True, False])
    return Together(len(rated), estimates, len(equal), m)
