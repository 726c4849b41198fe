"""Recall estimated from a simple random sample of all records, of which a ranked queue has found some by itself."""

from dataclasses import dataclass

from .intervals import Estimate, clopper_pearson


def fewest_for_recall(target: float, *, level: float = 0.95) -> int | None:
    """Return how many kept records a sample must hold for its interval to begin at `target`, if all were found.

    The least k with (α/2)^(1/k) ≥ target, α = 1 − level: the exact (Clopper–Pearson) interval of k of k. None for a target of 1, which no
    sample of part of the records can show.
    """
    if not 0 < target <= 1:
        raise ValueError(f"the recall target must lie in (0, 1], got {target}")
    if target == 1:
        return None
    k = 1
    while (low := clopper_pearson(k, k, level=level).low) is None or low < target:
        k += 1
    return k


@dataclass(frozen=True, slots=True)
class RecallEstimate:
    """What a simple random sample of all records says of the recall of a ranked queue, once all of it is judged.

    Before that it says nothing: of a sample that is judged in part the ranking has chosen which part.
    """

    frame: int
    """Records that the sample was drawn from."""
    n: int
    """Records drawn, all of them judged."""
    kept: int
    """Of these, the records that people keep."""
    reached: int | None
    """Of the kept ones, those that the ranking has come to by itself; None where that is not known."""

    @property
    def recall(self) -> Estimate | None:
        """Return the share of the sample's kept records that the ranking has come to, with the exact 95 % interval."""
        return None if self.reached is None else clopper_pearson(self.reached, self.kept)

    @property
    def kept_in_frame(self) -> Estimate:
        """Return how many records of the frame people would keep: its size times the sample's share and exact interval."""
        share = clopper_pearson(self.kept, self.n)
        if share.value is None or share.low is None or share.high is None:
            return share
        # What the sample holds is no estimate: there are at least its kept ones, and its excluded ones are not kept.
        low = max(self.kept, share.low * self.frame)
        high = min(self.frame - (self.n - self.kept), share.high * self.frame)
        return Estimate(share.value * self.frame, low, high, n=share.n, method=share.method, level=share.level)
