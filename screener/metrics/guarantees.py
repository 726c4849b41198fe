"""Guarantees: what labels drawn at random allow one to promise, each with one-sided confidence.

Only labels drawn at random from a named frame, independently of the ranking or reviewer they are to check, may feed a
guarantee: every function takes the `Frame`, and a result made from any other draw cannot be built (`NotRandomError`). Whoever
looks at growing samples, or tests several reviewers on the same labels, says how often: the error 1 − confidence is
divided by the number of looks (Bonferroni), so that all of the promises hold together.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .exact import binomial_cdf, hypergeometric_cdf, largest
from .intervals import clopper_pearson

Drawn = Literal["random", "stratified", "chosen"]
RANGE_SHARE = 0.1
"""The part of the error that is spent on not knowing how many relevant records the rest holds."""


class NotRandomError(ValueError):
    """The labels were not drawn at random, so nothing can be promised from them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What labels were drawn from, and how. `size` counts its records, drawn ones included; None: without limit.

    `random` means: each record of the frame had the same known chance, whatever any reviewer or ranking says of it.
    """

    name: str
    size: int | None
    drawn: Drawn = "chosen"


@dataclass(frozen=True, slots=True)
class Promise:
    """What all guarantees say: the frame, the one-sided confidence of all looks together, and how many looks."""

    frame: Frame
    confidence: float
    looks: int

    def __post_init__(self) -> None:
        """Refuse labels that were not drawn at random."""
        if self.frame.drawn != "random":
            raise NotRandomError(
                f"labels of {self.frame.name} are {self.frame.drawn}, not random: figures from them are descriptive only"
            )
        error_of(self.confidence, self.looks)


def error_of(confidence: float, looks: int = 1) -> float:
    """Return the error that one look may spend, (1 − confidence)/looks. Source: Bonferroni; Dunn 1961, JASA 56:52.

    Raises ValueError unless 0 < confidence < 1 and looks ≥ 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    if looks < 1:
        raise ValueError(f"looks must be at least 1, got {looks}")
    # 1 − 0.9 is 0.09999999999999998: taken from the decimals as they were written.
    return float((1 - Fraction(repr(confidence))) / looks)


def percent(share: float) -> str:
    """Return a share as it was asked for, such as 95 % or 99.5 %."""
    return f"{100 * share:g} %"


def looked(looks: int) -> str:
    """Return the number of looks in words."""
    return "one look" if looks == 1 else f"{looks} looks (Bonferroni)"


@dataclass(frozen=True, slots=True)
class SampleGuarantee(Promise):
    """An upper bound on the relevant records that a pile holds, from a random sample of it."""

    n: int
    """Records drawn and labelled."""
    relevant: int
    """Relevant ones among them, which are thereby found."""
    share_at_most: float
    """Upper bound of the share of relevant records in the frame."""
    missed_at_most: int | None
    """Upper bound of the relevant records that are still in it; None for a frame without limit."""
    recall_at_least: float | None
    """Lower bound of recall: known relevant records, the sample's included, over these and the missed ones."""
    method: str

    @property
    def sentence(self) -> str:
        """Return the promise in one plain sentence."""
        size = "" if self.frame.size is None else f" ({self.frame.size:,})"
        drawn = f"{self.n:,} drawn at random from {self.frame.name}{size}, {self.relevant:,} of them relevant"
        if self.missed_at_most is None:
            bound = f"at most {_up(self.share_at_most)} of {self.frame.name} are relevant"
        else:
            bound = f"at most {self.missed_at_most:,} relevant ones are left among {self.frame.name}"
        recall = "" if self.recall_at_least is None else f", so recall is at least {_down(self.recall_at_least)}"
        return (
            f"With {percent(self.confidence)} one-sided confidence {bound}{recall} "
            f"({drawn}; {self.method}, {looked(self.looks)})."
        )


def random_sample_guarantee(
    frame: Frame, n: int, relevant: int, *, found_outside: int | None = None, confidence: float = 0.95, looks: int = 1
) -> SampleGuarantee:
    """Bound the relevant records in a frame (say, what was excluded) from `relevant` of `n` drawn at random.

    With a size N: the largest K with P(X ≤ relevant) > (1 − confidence)/looks, X ~ Hypergeometric(N, K, n); K − relevant
    are missed at most. Without one: the upper Clopper–Pearson bound of the share. With F = `found_outside` relevant
    records known outside the frame, recall is at least (F + relevant)/(F + K).
    Source: Clopper & Pearson 1934, Biometrika 26:404; Buonaccorsi 1987, Am Stat 41:215 (finite populations); as an
    elusion test in Roitblat 2007, Sedona Conf J 8:225. Raises `NotRandomError`, and ValueError for counts that cannot be.
    """
    if not (0 <= relevant <= n and n <= (n if frame.size is None else frame.size)):
        raise ValueError(f"cannot find {relevant} of {n} drawn records in a frame of {frame.size}")
    error = error_of(confidence, looks)
    size = frame.size
    if size is None:
        bound = clopper_pearson(relevant, n, level=1 - error, side="upper").high
        share, missed, recall, method = 1.0 if bound is None else bound, None, None, "Clopper–Pearson"
    else:
        most = largest(
            # The last bits are noise of the sum: a tail that is the error allowed is no larger than it.
            lambda k: hypergeometric_cdf(relevant, size, k, n) > error + 1e-12, relevant, size - (n - relevant)
        )  # fmt: skip
        share, missed, method = most / size if size else 0.0, most - relevant, "exact hypergeometric"
        recall = (
            (found_outside + relevant) / (found_outside + most)
            if found_outside is not None and found_outside + most
            else None
        )
    return SampleGuarantee(frame, confidence, looks, n, relevant, share, missed, recall, method)


@dataclass(frozen=True, slots=True)
class ThresholdGuarantee(Promise):
    """The recall that a threshold keeps, tested on labels that were not used to make the scores."""

    required: float
    """The recall that is promised."""
    threshold: float
    """Records that score below it are excluded."""
    positives: int
    """Relevant labels."""
    lost: int
    """Relevant labels that are excluded at the threshold."""
    allowed: int
    """How many may be, by the test."""
    labelled: int
    """All labels drawn, relevant or not."""
    method: str = "learn-then-test"

    def __post_init__(self) -> None:
        """Refuse what was not drawn at random, and a threshold that loses more than the test allows."""
        Promise.__post_init__(self)
        if self.lost > self.allowed:
            raise ValueError(f"{self.lost} relevant labels are lost and {self.allowed} may be")

    @property
    def sentence(self) -> str:
        """Return the promise with its assumptions in one plain sentence."""
        size = self.frame.size
        among = f"records like {self.frame.name}"
        if size is not None and size > self.labelled:
            among = f"{self.frame.name} beside the {self.labelled:,} labelled ones ({size - self.labelled:,} records)"
        return (
            f"With {percent(self.confidence)} one-sided confidence at least {percent(self.required)} of the relevant ones among "
            f"{among} are kept when what lies below {_plain(self.threshold)} is excluded "
            f"({self.lost} of {self.positives} relevant labels lost, {self.allowed} allowed; learn-then-test, exact test, "
            f"{looked(self.looks)}), provided that the labels were drawn at random from these same records, independently "
            "of any ranking, and that neither reviewer nor prompt was fitted or tuned on them."
        )


def allowed_misses(
    positives: int,
    required: float,
    *,
    confidence: float = 0.9,
    looks: int = 1,
    labelled: int | None = None,
    size: int | None = None,
) -> int | None:
    """Return how many of the relevant labels a threshold may lose, so that the recall `required` can be promised.

    With n relevant labels and error δ = (1 − confidence)/looks: the largest m with P(Binomial(n, 1 − required) ≤ m) ≤ δ,
    the p-value of "recall is below `required`" where m are lost. Given the frame's `size` and the number `labelled`, the
    recall among the M relevant records of the rest must hold too, not only that of records like these: there
    k = ⌊(1 − required)M⌋ may be lost, and P(X ≤ m) ≤ δ′ is asked for, X ~ Hypergeometric(n + M, m + k + 1, n): the
    chance that so few of the m + k + 1 lost records are among the labels. M is not known, so this is asked for every M of
    the exact interval that the labels leave for it (its error is a tenth of δ, δ′ the other nine).
    None where not even m = 0 is allowed. Raises ValueError for a recall outside (0, 1) and counts that cannot be.
    Source: Angelopoulos, Bates, Candès, Jordan & Lei 2021, Learn then test (arXiv:2110.01052), fixed-sequence testing
    with exact p-values. As recall only falls with the threshold, all thresholds can be tested in order from below, so
    that the last one passed is where more than m labels would be lost: an order statistic, as in Wilks 1941, Ann Math
    Stat 12:91.
    """
    if not 0 < required < 1:
        raise ValueError(f"the recall to promise must lie between 0 and 1, got {required}")
    if positives < 0 or (size is not None and not positives <= (labelled or 0) <= size):
        raise ValueError(f"cannot have {positives} relevant of {labelled} labels in a frame of {size}")
    error, loss = error_of(confidence, looks), float(1 - Fraction(repr(required)))
    most = largest(lambda m: binomial_cdf(m, positives, loss) <= error, 0, positives - 1)
    if size is not None and labelled is not None and size > labelled:
        part = RANGE_SHARE * error
        low, high = _relevant_of_rest(positives, labelled, size, part)
        most = largest(lambda m: _worst(positives, m, required, low, high) <= error - part, 0, most)
    return most if most >= 0 else None


def learn_then_test(
    frame: Frame,
    scores: ArrayLike,
    required: float,
    *,
    labelled: int | None = None,
    confidence: float = 0.9,
    looks: int = 1,
) -> ThresholdGuarantee | None:
    """Return the largest threshold below which records may be excluded so that `required` recall can be promised.

    `scores` are those of the relevant labels (higher: more likely relevant), made without these labels; `labelled`
    counts all labels, for a frame with a size. It is the (m + 1)-th smallest score, m from `allowed_misses`; None where
    no threshold can be promised. Raises `NotRandomError`, and ValueError for scores that are not finite.
    """
    ordered = np.sort(np.asarray(scores, dtype=float))
    if ordered.ndim != 1 or not np.isfinite(ordered).all():
        raise ValueError("scores must be a list of finite numbers")
    n = len(ordered)
    drawn = n if labelled is None else labelled
    allowed = allowed_misses(
        n, required, confidence=confidence, looks=looks, labelled=drawn, size=None if labelled is None else frame.size
    )
    if allowed is None:
        Promise(frame, confidence, looks)
        return None
    threshold = float(ordered[allowed])
    lost = int((ordered < threshold).sum())
    unlimited = frame if labelled is not None else Frame(frame.name, None, frame.drawn)
    return ThresholdGuarantee(unlimited, confidence, looks, required, threshold, n, lost, allowed, drawn)


def positives_needed(required: float, *, lost: int = 0, confidence: float = 0.9, looks: int = 1) -> int:
    """Return the fewest relevant labels with which `required` recall can be promised, `lost` of them lost.

    The least n with P(Binomial(n, 1 − required) ≤ lost) ≤ δ; with none lost requiredⁿ ≤ δ.
    """
    n = lost + 1
    while (allowed := allowed_misses(n, required, confidence=confidence, looks=looks)) is None or allowed < lost:
        n += 1
    return n


def _relevant_of_rest(positives: int, labelled: int, size: int, error: float) -> tuple[int, int]:
    """Return the exact two-sided interval of how many relevant records the rest holds, from `positives` of `labelled`
    drawn.
    """
    fewest, most = positives, size - (labelled - positives)
    high = largest(lambda k: hypergeometric_cdf(positives, size, k, labelled) > error / 2, fewest, most)
    below = largest(
        lambda k: 1 - hypergeometric_cdf(positives - 1, size, k, labelled) <= error / 2, fewest, most
    )  # fmt: skip
    return max(below + 1, fewest) - positives, max(high, fewest) - positives


def _worst(positives: int, allowed: int, required: float, low: int, high: int) -> float:
    """Return the largest chance, over `low` to `high` relevant records in the rest, that it loses more than it may."""
    worst, loss = 0.0, 1 - Fraction(repr(required))
    may = [int(loss * unscreened) for unscreened in range(low, high + 1)]
    for unscreened, k in zip(range(low, high + 1), may, strict=True):
        # Between two steps of k the chance only grows with the rest, so its last place is the worst.
        if unscreened == high or may[unscreened + 1 - low] > k:
            lost = allowed + k + 1
            if lost <= positives + unscreened:
                worst = max(worst, hypergeometric_cdf(allowed, positives + unscreened, lost, positives))
    return worst


def _plain(value: float) -> str:
    """Return the number as it is, never in powers of ten and never rounded to a larger one."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _down(share: float) -> str:
    """Return a lower bound with three digits, rounded down: what is printed must not say more than what was computed."""
    return str(Decimal(repr(share)).quantize(Decimal("0.001"), ROUND_FLOOR))


def _up(share: float) -> str:
    """Return an upper bound in per cent with two digits, rounded up."""
    return f"{Decimal(repr(share * 100)).quantize(Decimal('0.01'), ROUND_CEILING)} %"
