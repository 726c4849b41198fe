"""The rules for stopping a ranked queue, by the names that a protocol and a replay call them by."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Literal

from numpy.typing import ArrayLike

from ..metrics import FoundCount, Heuristic, buscar_ranked_heuristic, safe_heuristic

RuleName = Literal["buscar", "safe"]
LOOKS = 100
"""A rule is looked at so often over all records, or after each batch where that is seldomer."""
SAFE_STEPS = ("S:", "A:")
"""The steps of SAFE that one ranking can take."""
SAFE_LACKS = "Its steps F (another kind of model) and E (exclusions checked again) cannot be taken here."
NOTHING = FoundCount(0, 0)


def ask(
    rule: RuleName, labels: ArrayLike, total: int, *, random_start: FoundCount = NOTHING, target: float = 0.95
) -> Heuristic:
    """Return what a rule says of a ranked queue.

    Args:
        rule: its name; of `safe` the steps S and A are asked, which one ranking can take.
        labels: whether each record was kept, in the order in which they were screened, those of a random start not among them.
        total: of all records, a random start among them.
        random_start: records drawn at random and judged, and how many of them are kept.
        target: the recall that `buscar` is asked about.
    """
    if rule == "buscar":
        return buscar_ranked_heuristic(labels, total - random_start.n, target=target)
    whole = safe_heuristic(labels, total, random_start=random_start)
    conditions = {name: met for name, met in whole.conditions.items() if name.startswith(SAFE_STEPS)}
    return replace(
        whole, name="the SAFE procedure, steps S and A,", stop=all(conditions.values()), conditions=conditions
    )


def first_stop(says_stop: Callable[[int], bool], screened: int, total: int, batch: int = 10) -> int | None:
    """Return after how many labels a rule said stop first, of `screened` out of `total` records; None if it never did."""
    step = max(batch, ceil(total / LOOKS))
    looks = [*range(step, screened, step), screened] if screened else []
    return next((look for look in looks if says_stop(look)), None)
