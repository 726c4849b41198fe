"""How many records a gold sample needs so that a gate can open: from the share of eligible records that is expected."""

import math
from dataclasses import dataclass

from ..metrics import hypergeometric_cdf
from ..protocol import Gate
from .gate_bounds import positives_needed

USUAL_GATE = Gate(recall_low=0.95)
"""The gate that a size is computed for where the protocol has none."""


@dataclass(frozen=True)
class GateSampleSize:
    """The size of a gold sample for a gate, and what it was computed from.

    `n` records of `frame`; `test` of them go to the test half, which then holds the `positives` that the gate needs with at
    least the `assurance`, if the share of eligible records is `prevalence`. `n` is None where not even all records would do.
    """

    gate: Gate
    prevalence: float
    test_share: float
    misses: int
    assurance: float
    frame: int
    positives: int
    n: int | None
    test: int | None

    @property
    def sentence(self) -> str:
        """Return in words how large the sample must be, and why."""
        why = (
            f"a lower bound of recall of {self.gate.recall_low:g} takes {self.positives:,} eligible records in the test half"
            f"{f' with {self.misses} of them missed' if self.misses else ', none of them missed'}; {self.prevalence:.0%} are "
            f"expected to be eligible, and {self.test_share:.0%} of the labels go to the test half"
        )
        if self.n is None:
            return f"Not even all {self.frame:,} records would do: {why}."
        return f"{self.n:,} of {self.frame:,} records: {why} (assurance {self.assurance:.0%})."


def gate_sample_size(
    gate: Gate | None,
    frame: int,
    prevalence: float,
    *,
    test_share: float = 0.5,
    misses: int = 0,
    assurance: float = 0.9,
) -> GateSampleSize:
    """Return the size of a simple random sample with which a gate's first check can pass, `misses` eligible records missed.

    The eligible records among those of the test half are hypergeometric: drawn without replacement from the frame, of which
    the expected share is eligible, rounded down.
    """
    gate = gate or USUAL_GATE
    needed, eligible = positives_needed(gate, misses), math.floor(prevalence * frame)

    def enough(test: int) -> bool:
        return 1 - hypergeometric_cdf(needed - 1, frame, eligible, test) >= assurance

    # The more are drawn, the more are eligible: the least number that is enough is found by halving.
    low, high = needed, math.floor(frame * test_share)
    if high < low or eligible < needed or not enough(high):
        return GateSampleSize(gate, prevalence, test_share, misses, assurance, frame, needed, None, None)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    n = min(frame, math.ceil(low / test_share - 1e-9))
    return GateSampleSize(gate, prevalence, test_share, misses, assurance, frame, needed, n, low)
