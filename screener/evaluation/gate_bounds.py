"""The bound that a check of a gate must reach: the k-th check of one sample at a part of the gate's error."""

from ..metrics import wilson
from ..protocol import Gate


def error_of_check(gate: Gate, number: int) -> float:
    """Return the one-sided error at which the k-th check of a sample must pass, α/(k(k + 1)); these add up to α."""
    return (1 - gate.confidence) / (number * (number + 1))


def lower_bound(gate: Gate, kept: int, positives: int, number: int = 1) -> float:
    """Return the lower bound of recall (Wilson) at the k-th check of a sample; 0 without positives."""
    return wilson(kept, positives, level=1 - 2 * error_of_check(gate, number)).low or 0.0


def positives_needed(gate: Gate, misses: int = 0, number: int = 1) -> int:
    """Return the fewest positives with which the k-th check passes, `misses` of them lost."""
    n = misses + 1
    while lower_bound(gate, n - misses, n, number) < gate.recall_low:
        n += 1
    return n
