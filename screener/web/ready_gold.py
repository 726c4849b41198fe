"""The gold sample that comes with a review, as the overview offers it: to be taken, then to be labelled by two people."""

from dataclasses import dataclass

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold import ready_sample
from ..ledger import reads
from ..protocol import gold_spec
from .desk import Desk


@dataclass(frozen=True)
class GoldToLabel:
    """A gold sample that comes with the review. `mine` of its `n` records this person has judged, once it was taken.

    `without_abstract` is how many of them have no abstract yet, so that they would be judged by their titles.
    """

    stage: Stage
    n: int
    frame: int
    about: str
    taken: bool
    mine: int = 0
    without_abstract: int = 0

    @property
    def left(self) -> int:
        """Return how many of its records this person has not judged."""
        return self.n - self.mine


def gold_to_label(desk: Desk) -> GoldToLabel | None:
    """Return the sample that waits for this person; None where there is none, it is locked, or the person is through with it."""
    try:
        state = ready_sample(desk.ledger, desk.review)
        described = gold_spec(desk.review) if state is not None else None
    except BadInput:
        return None  # the page of gold tells what is wrong with its files
    if state is None or state.blocked or not desk.blinding.judges(state.spec.stage):
        return None
    if described is not None and state.spec.stage in described.locked:
        return None
    spec = state.spec
    offered = GoldToLabel(spec.stage, spec.n, spec.frame, " ".join(spec.about.split()), state.taken is not None)
    if state.taken is None:
        return offered
    names = {member.record_id for member in state.taken.counted}
    with desk.ledger.read() as connection:
        mine = len(names & reads.judged_ids(connection, spec.stage, desk.reviewer))
        bare = sum(record.id in names and not record.abstract for record in reads.brief_records(connection))
    to_label = GoldToLabel(spec.stage, len(names), spec.frame, offered.about, True, mine, bare)
    return to_label if to_label.left else None
