"""When to stop screening a ranked list: rules named as what they are.

A *test* promises something, on labels drawn at random. A *heuristic* looks at the ranked queue itself, whose labels were
not drawn at random: it describes, promises nothing, and its sentence says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from .confusion import BoolArray, as_booleans
from .exact import hypergeometric_cdf
from .guarantees import Frame, Promise, error_of, looked, percent

SAFE_RANDOM, SAFE_SCREENED, SAFE_RUN, SAFE_TIMES = 0.01, 0.10, 50, 2


@dataclass(frozen=True, slots=True)
class BuscarTest(Promise):
    """buscar's test of having missed the recall target, from a random sample of what was not screened."""

    target: float
    """The recall to reach."""
    n: int
    """Records drawn at random and labelled, after ranked screening ended."""
    relevant: int
    """Relevant ones among them."""
    before: int
    """Relevant records found before, by ranked screening."""
    hypothesised: int
    """The fewest relevant records that the frame must have held for the target to be missed."""
    p: float
    """Chance of finding no more than `relevant` if it did."""

    @property
    def stop(self) -> bool:
        """Return whether the target can be taken as reached."""
        # The last bits of p are noise of the sum; a p that is the error allowed stops.
        return self.p <= error_of(self.confidence, self.looks) + 1e-12

    @property
    def sentence(self) -> str:
        """Return the outcome in one plain sentence."""
        details = (
            f"{self.n:,} drawn at random from {self.frame.name} ({self.frame.size:,}), {self.relevant:,} of them relevant; "
            f"buscar's hypergeometric test, p = {self.p:.3g}, {looked(self.looks)}"
        )
        if self.stop:
            return f"With {percent(self.confidence)} one-sided confidence recall has reached {percent(self.target)} ({details})."
        return f"That recall has reached {percent(self.target)} cannot be said with {percent(self.confidence)} confidence yet ({details})."


def buscar_test(
    frame: Frame, n: int, relevant: int, *, before: int, target: float = 0.95, confidence: float = 0.95, looks: int = 1
) -> BuscarTest:
    """Buscar's stopping test: may random sampling of the unscreened records stop, the recall target being reached?

    After ranked screening found r_AL = `before` relevant records, N records (the frame) are left, from which `n` were
    drawn at random without replacement and k = `relevant` were relevant. Recall is below the target τ exactly where the
    frame held at least K = ⌊(r_AL + k)/τ − r_AL⌋ + 1 relevant records (1/τ of all that were seen, less those found
    before, and one more). The p-value of this null hypothesis is P(X ≤ k), X ~ Hypergeometric(N, K, n); p ≤ 1 −
    confidence rejects it: stop. Where N cannot hold K the target cannot have been missed, and p is 0.
    Testing after each of several draws is several looks: 1 − confidence is divided by their number (Bonferroni), which
    the paper does not do. Source: Callaghan & Müller-Hansen 2020, Syst Rev 9:273.
    Raises `NotRandomError` unless the frame's draw is random, and ValueError for counts that cannot be.
    """
    size = _checked(frame, n, relevant, before, target)
    fewest = _fewest(before + relevant, target) - before
    p = hypergeometric_cdf(relevant, size, fewest, n) if fewest <= size else 0.0
    return BuscarTest(frame, confidence, looks, target, n, relevant, before, fewest, p)


def _checked(frame: Frame, n: int, relevant: int, before: int, target: float) -> int:
    size = frame.size
    if size is None:
        raise ValueError("the number of records that were not screened must be known")
    if not (0 <= relevant <= n <= size and before >= 0):
        raise ValueError(f"cannot find {relevant} of {n} drawn records in a frame of {size}, {before} before")
    if not 0 < target <= 1:
        raise ValueError(f"the recall target must lie in (0, 1], got {target}")
    return size


def _fewest(relevant_screened: int, target: float) -> int:
    """Return the fewest relevant records in all with which `relevant_screened` of them are less than `target` of all."""
    return int(relevant_screened / Fraction(repr(target))) + 1


@dataclass(frozen=True, slots=True)
class Heuristic:
    """What a rule of thumb says of a ranked queue. It promises nothing."""

    name: str
    stop: bool
    conditions: Mapping[str, bool]
    """What it asks for, in words, and whether it is met."""
    figure: float | None = None
    """The number it is about, if it is about one."""

    @property
    def sentence(self) -> str:
        """Return what it says, in one plain sentence that calls it descriptive."""
        unmet = [name for name, met in self.conditions.items() if not met]
        advice = "says stop" if self.stop else f"says go on (not met: {'; '.join(unmet)})"
        return f"Descriptive, no guarantee: {self.name} {advice}; its labels come from the ranked queue."


def buscar_ranked_heuristic(
    relevant: ArrayLike, total: int, *, target: float = 0.95, confidence: float = 0.95
) -> Heuristic:
    """Buscar on the ranked queue itself: heuristic, as the queue's last records are no random sample.

    `relevant` are the labels in the order in which they were screened, of `total` records. For each i the last i
    screened records are taken as if they had been drawn at random from these and all that is unscreened; the figure is
    the smallest p-value of `buscar_test` over i, and "stop" is p < 1 − confidence. If the ranking is better than chance
    the test errs to the safe side for each i, but the smallest of many p-values does not: hence descriptive.
    Source: Callaghan & Müller-Hansen 2020, Syst Rev 9:273 ("ranked quasi-sampling"); package buscarpy, calculate_h0.
    """
    labels = as_booleans(relevant, "relevant")
    if len(labels) > total:
        raise ValueError(f"{len(labels)} records were screened of {total}")
    if not 0 < target <= 1:
        raise ValueError(f"the recall target must lie in (0, 1], got {target}")
    error = error_of(confidence)
    relevant_screened = int(labels.sum())
    fewest = _fewest(relevant_screened, target)
    # Of all i with the same number of relevant records the largest has the smallest p: the unscreened stay as many, and the
    # eligible among them fewer. So only those count at which the next record would be a relevant one, or the last of all.
    sizes = [*map(int, np.flatnonzero(labels[::-1])), len(labels)]
    p = 1.0
    for inside, size in enumerate(sizes):
        urn, marked = total - len(labels) + size, fewest - (relevant_screened - inside)
        if size:
            p = min(p, hypergeometric_cdf(inside, urn, marked, size) if marked <= urn else 0.0)
    met = bool(p < error)
    return Heuristic(
        "buscar on the ranked queue",
        met,
        {f"the smallest p ({p:.3g}) is below {error:.3g} for recall {target:g}": met},
        p,
    )


@dataclass(frozen=True, slots=True)
class FoundCount:
    """How many of `n` records were found: relevant ones in a random start, or key records in the queue."""

    n: int
    found: int


NONE = FoundCount(0, 0)


def safe_heuristic(
    relevant: ArrayLike,
    total: int,
    *,
    random_start: FoundCount,
    key_records: FoundCount = NONE,
    other_model: ArrayLike = (),
    rechecked: ArrayLike = (),
) -> Heuristic:
    """Return the steps of SAFE, a heuristic for when to stop active learning. Nothing is promised.

    S: a random start of at least 1 % of the `total` records, with a relevant one among them (`random_start`). A: screening by the model (`relevant`, labels in order, the random start not among them) until
    all key records known beforehand (`key_records`) are found, twice the estimated number of relevant records (total × relevant share of
    the random start) has been screened, 10 % of all has been screened, and none of the last 50 was relevant. F: screening by
    another kind of model (`other_model`) until none of the last 50 was relevant. E: records excluded before, checked
    again in the order of a model (`rechecked`), until none of the last 50 was relevant. The estimate's random start is
    far too small to bound anything, and a run of 50 in a ranked queue bounds nothing.
    Source: Boetje & van de Schoot 2024, Syst Rev 13:81.
    """
    queue, second, third = (
        as_booleans(np.asarray(x, dtype=bool), name)
        for x, name in ((relevant, "relevant"), (other_model, "other_model"), (rechecked, "rechecked"))
    )
    start, keys = random_start, key_records
    if not (0 <= start.found <= start.n <= total and 0 <= keys.found <= keys.n):
        raise ValueError(f"cannot have {start.found} of {start.n} of {total}, {keys.found} of {keys.n} keys")
    screened = start.n + len(queue) + len(second)
    expected = total * start.found / start.n if start.n else 0.0
    conditions = {
        "S: 1 % drawn at random, a relevant record among them": start.n >= SAFE_RANDOM * total and start.found > 0,
        "A: all key records found": keys.found == keys.n,
        "A: twice the estimated number of relevant records screened": start.found > 0
        and screened >= SAFE_TIMES * expected,
        "A: 10 % of all records screened": screened >= SAFE_SCREENED * total,
        "A: none relevant among the last 50": _ends_in_irrelevant(queue),
        "F: none relevant among the last 50 of another model": _ends_in_irrelevant(second),
        "E: none relevant among 50 excluded ones checked again": _ends_in_irrelevant(third),
    }
    return Heuristic("the SAFE procedure", all(conditions.values()), conditions)


def _ends_in_irrelevant(labels: BoolArray) -> bool:
    return len(labels) >= SAFE_RUN and not labels[-SAFE_RUN:].any()
