"""Read pilots: how far people agree on records that everybody judged, round by round."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..ledger import Ledger, Sample, Snapshot
from ..ledger.samples import samples
from ..protocol import Review
from ..protocol.instructions_hash import instructions_hash
from ..stages import blind_judgements
from .agreement import InterRaterAgreement, inter_rater_agreement


@dataclass(frozen=True)
class Pilot:
    """Hold a pilot and people's independent judgements of it.

    `by`: how many of its records each person judged; `together`: how many all of these judged; `agreement`: None unless
    two people share a record; `revised`: whether criteria, form or guide are others now than when it was drawn.
    """

    sample: Sample
    by: Mapping[str, int]
    together: int
    agreement: InterRaterAgreement | None
    revised: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as `gold pilot --json` prints it."""
        return {
            "sample": self.sample.id,
            "at": self.sample.at,
            "n": self.sample.n,
            "frame": self.sample.frame,
            "judged": dict(self.by),
            "together": self.together,
            "agreement": self.agreement.as_json() if self.agreement else None,
            "guide": self.sample.about.get("guide"),
            "revised": self.revised,
        }


def read_pilots(ledger: Ledger, review: Review, stage: Stage) -> list[Pilot]:
    """Return the pilots of a stage, oldest first; `BadInput` where none was drawn."""
    with ledger.read() as connection:
        drawn = samples(connection, stage, "pilot")
        names = {sample.id: {member.record_id for member in sample.counted} for sample in drawn}
        rows, _ = blind_judgements(connection, stage, set().union(*names.values()))
    if not drawn:
        raise BadInput(
            f"no pilot is drawn at {stage.label.lower()}; `screener gold sample --stage {stage} --pilot 50` draws one"
        )
    snapshot, guide, pilots = Snapshot.of(ledger), instructions_hash(review, stage), []
    for sample in drawn:
        people = [{row.reviewer for row in rows[name] if row.role == "human"} for name in names[sample.id]]
        judged_counts = Counter(reviewer for reviewers in people for reviewer in reviewers)
        together = sum(reviewers == set(judged_counts) for reviewers in people) if judged_counts else 0
        agreement = inter_rater_agreement(snapshot, stage, review.stage(stage), named=names[sample.id])
        pilots.append(
            Pilot(sample, dict(sorted(judged_counts.items())), together, agreement, sample.about.get("guide") != guide)
        )
    return pilots
