"""Recall estimated from a simple random sample of all records, of which a ranked queue has found some by itself."""

from .intervals import clopper_pearson


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
