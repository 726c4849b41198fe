"""What grades of a chat reviewer turn out to mean: calibrated on labels that people gave.

For each criterion with enough labels the share of records that meet it, by grade, smoothed towards what the grade stands
for by itself and never falling from the surest no to the surest yes; for inclusion a line through the log-odds of the
product of these. A calibration is a few dozen numbers, kept as JSON and named by the hash of its content.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict

from ..core.errors import BadInput
from ..core.judgement import Judgement, Value
from ..protocol import QuestionCriterion, StageProtocol
from .fit import MIN_OF_EACH
from .grades import ORDERED, Grade, GradedAnswer, raw_probabilities
from .screening import inclusion_probability

CALIBRATION_VERSION = 1
PRIOR = 2.0
"""How many labels the probability that a grade stands for by itself counts as; 2 as in Laplace's rule."""
_EDGE = 1e-9
"""Log-odds are taken of no probability nearer to 0 or 1 than this."""


class GradeShares(BaseModel):
    """The probability of `yes` by grade, and on how many labels that met the criterion or did not it rests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shares: dict[Grade, float]
    met: int
    not_met: int


class InclusionLine(BaseModel):
    """The probability of inclusion as σ(intercept + slope · log-odds of the product over criteria)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    slope: float
    kept: int
    excluded: int

    def probability(self, product: float) -> float:
        """Return the calibrated probability for a product of the criteria's probabilities; what a rule makes 0 stays 0."""
        if product == 0:
            return 0.0
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.intercept + self.slope * _log_odds(product)))))


class Calibration(BaseModel):
    """A calibration of one reviewer at one stage. `labels` is the hash of the records, labels and grades it was made from.

    A criterion that is not among `criteria` keeps what its grades stand for, and inclusion the product where there is no
    line.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = CALIBRATION_VERSION
    kind: str = "graded"
    labels: str
    criteria: dict[str, GradeShares]
    inclusion: InclusionLine | None

    @cached_property
    def id(self) -> str:
        """Return 16 hex digits of the SHA-256 of the content."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the calibration as JSON; the same one gives the same text."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the calibration from `to_json`; `BadInput` if another version of the program wrote it."""
        try:
            calibration = cls.model_validate_json(text)
        except ValueError:
            calibration = None
        if calibration is None or calibration.version != CALIBRATION_VERSION:
            raise BadInput(
                "the stored calibration cannot be read; make a new one with `screener run --stage STAGE --fit`"
            )
        return calibration

    @property
    def sentence(self) -> str:
        """Return what is calibrated, in plain words."""
        parts = [f"{name} ({each.met:,} met, {each.not_met:,} not)" for name, each in self.criteria.items()]
        criteria = f"Calibrated: {', '.join(parts)}" if parts else "No criterion has enough labels"
        inclusion = "inclusion has too few labels"
        if self.inclusion is not None:
            inclusion = f"so is inclusion ({self.inclusion.kept:,} kept, {self.inclusion.excluded:,} excluded)"
        return f"{criteria}; what is not named keeps what its grades stand for; {inclusion}."


@dataclass(frozen=True)
class Taught:
    """A labelled record as a calibration sees it: its grades, the label, for how many records it stands.

    `settled` is the judgement by uncalibrated grades: what was not asked, and the criteria by rule.
    """

    grades: Mapping[str, GradedAnswer]
    label: Judgement
    settled: Judgement
    weight: float = 1.0


@dataclass
class _Counts:
    met: dict[Grade, float] = field(default_factory=dict)
    all: dict[Grade, float] = field(default_factory=dict)


def calibrate(stage: StageProtocol, taught: Mapping[str, Taught]) -> Calibration:
    """Return the calibration that labelled records (by id) teach.

    A label's decision teaches inclusion, its answers, where there are any, their criteria (`unclear` and `not_asked` teach
    nothing). What has fewer than `MIN_OF_EACH` labels of either kind stays uncalibrated; `BadInput` if nothing has more.
    """
    criteria: dict[str, GradeShares] = {}
    for criterion in stage.questions:
        rows = [
            (case, case.label.answers[criterion.id].value) for case in taught.values() if _teaches(case, criterion.id)
        ]
        met = sum(value is Value.YES for _, value in rows)
        if min(met, len(rows) - met) >= MIN_OF_EACH:
            answers = [(case.grades[criterion.id], value is Value.YES, case.weight) for case, value in rows]
            shares = grade_shares(answers, raw_probabilities(criterion))
            criteria[criterion.id] = GradeShares(shares=shares, met=met, not_met=len(rows) - met)
    points = [
        (product, case.label.decision.kept, case.weight)
        for case in taught.values()
        if (product := _product(stage, case, criteria)) is not None
    ]
    line = inclusion_line(points)
    if not criteria and line is None:
        kept = sum(is_kept for _, is_kept, _ in points)
        raise BadInput(
            f"a calibration needs at least {MIN_OF_EACH} records kept and {MIN_OF_EACH} excluded in the part `tune` of gold "
            f"dev that the reviewer has judged; there are {kept} and {len(points) - kept}: label more records first"
        )
    content = [
        (name, case.label.decision.value, [(c, a.value.value) for c, a in case.label.answers.items()], case.weight,
         [(c, sorted(answer.mass.items())) for c, answer in case.grades.items()])
        for name, case in sorted(taught.items())
    ]  # fmt: skip
    labels = hashlib.sha256(repr(content).encode()).hexdigest()[:16]
    return Calibration(labels=labels, criteria=criteria, inclusion=line)


def _teaches(case: Taught, criterion: str) -> bool:
    label, given = case.label.answers.get(criterion), case.grades.get(criterion)
    return (
        label is not None
        and label.value in (Value.YES, Value.NO)
        and given is not None
        and given.grade is not Grade.NOT_ASKED
    )


def grade_shares(answers: Sequence[tuple[GradedAnswer, bool, float]], raw: Mapping[Grade, float]) -> dict[Grade, float]:
    """Return by grade (y + m·r)/(n + m): y of n labels with the grade meet the criterion, r is `raw`, m `PRIOR`.

    `answers` have a grade, whether the criterion is met, and a weight; weights are scaled to a mean of 1, and an answer
    counts for each grade as likely as it was. This is the mean of Beta(m·r + y, m·(1 − r) + n − y). Shares that fall from
    the surest no to the surest yes are pooled (adjacent violators; Ayer et al. 1955, Ann Math Stat 26:641).
    """
    scale = sum(weight for _, _, weight in answers) / len(answers) if answers else 1.0
    counts = _Counts()
    for answer, met, weight in answers:
        for grade, share in answer.mass.items():
            counts.all[grade] = counts.all.get(grade, 0.0) + share * weight / scale
            counts.met[grade] = counts.met.get(grade, 0.0) + share * weight / scale * met
    smoothed = {
        grade: (counts.met.get(grade, 0.0) + PRIOR * r) / (counts.all.get(grade, 0.0) + PRIOR)
        for grade, r in raw.items()
    }
    pooled = non_decreasing(
        [smoothed[grade] for grade in ORDERED], [counts.all.get(grade, 0.0) + PRIOR for grade in ORDERED]
    )
    smoothed |= dict(zip(ORDERED, pooled, strict=True))
    return {grade: round(share, 6) for grade, share in smoothed.items()}


def non_decreasing(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the non-decreasing values that are nearest to `values` in weighted least squares (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        block = (value, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, total, length = blocks.pop()
            both = total + block[1]
            block = ((mean * total + block[0] * block[1]) / both, both, length + block[2])
        blocks.append(block)
    return [value for value, _, length in blocks for _ in range(length)]


def probability_of(criterion: QuestionCriterion, given: GradedAnswer, calibration: Mapping[str, GradeShares]) -> float:
    """Return the probability that a criterion is met if it is asked, calibrated where it can be."""
    calibrated = calibration.get(criterion.id)
    return round(given.probability(raw_probabilities(criterion) if calibrated is None else calibrated.shares), 9)


def _product(stage: StageProtocol, case: Taught, criteria: Mapping[str, GradeShares]) -> float | None:
    """Return the product over the criteria of a labelled record, by calibrated grades."""
    answers = dict(case.settled.answers)
    for criterion in stage.questions:
        if criterion.id in answers and criterion.id in case.grades:
            p = probability_of(criterion, case.grades[criterion.id], criteria)
            answers[criterion.id] = answers[criterion.id].model_copy(update={"probability": p})
    return inclusion_probability(stage, answers)


def inclusion_line(points: Sequence[tuple[float, bool, float]]) -> InclusionLine | None:
    """Return the line through products (with whether the record is kept, and a weight), by Platt's method.

    Maximum likelihood with the targets (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2), by Newton's steps. Unlike pooled steps it ties
    no records that the product tells apart. None with fewer than `MIN_OF_EACH` of either kind, and where more likely
    records are kept less often. Source: Platt 1999, Advances in Large Margin Classifiers 61; Lin, Lin & Weng 2007, Mach
    Learn 68:267. What a rule excludes (a product of 0) teaches nothing.
    """
    given = [(_log_odds(product), kept, weight) for product, kept, weight in points if product > 0]
    kept = sum(is_kept for _, is_kept, _ in given)
    excluded = len(given) - kept
    alike = max((x for x, _, _ in given), default=0.0) - min((x for x, _, _ in given), default=0.0) < 1e-9
    if min(kept, excluded) < MIN_OF_EACH or alike:
        return None
    scale = sum(weight for _, _, weight in given) / len(given)
    rows = [
        (x, (kept + 1) / (kept + 2) if is_kept else 1 / (excluded + 2), weight / scale) for x, is_kept, weight in given
    ]
    mean = sum(target * weight for _, target, weight in rows) / len(rows)
    intercept, slope = _newton(rows, math.log(mean / (1 - mean)))
    if slope <= 0:
        return None
    return InclusionLine(intercept=round(intercept, 6), slope=round(slope, 6), kept=kept, excluded=excluded)


def _newton(rows: Sequence[tuple[float, float, float]], intercept: float) -> tuple[float, float]:
    """Return intercept and slope that minimise the log loss of (x, target, weight), with steps that never raise it."""
    slope, loss = 0.0, _loss(rows, intercept, 0.0)
    for _ in range(100):
        g0 = g1 = h00 = h01 = 0.0
        h11 = 1e-9
        for x, target, weight in rows:
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, intercept + slope * x))))
            d, s = weight * (p - target), weight * p * (1 - p)
            g0, g1, h00, h01, h11 = g0 + d, g1 + d * x, h00 + s, h01 + s * x, h11 + s * x * x
        determinant = (h00 + 1e-9) * h11 - h01 * h01
        if max(abs(g0), abs(g1)) < 1e-9 or determinant <= 0:
            break
        step = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
        length = 1.0
        while length > 1e-6:
            tried = intercept - length * step[0], slope - length * step[1]
            if (new := _loss(rows, *tried)) <= loss:
                break
            length /= 2
        else:
            break
        (intercept, slope), gain, loss = tried, loss - new, new
        if gain < 1e-12:
            break
    return intercept, slope


def _loss(rows: Sequence[tuple[float, float, float]], intercept: float, slope: float) -> float:
    total = 0.0
    for x, target, weight in rows:
        z = max(-30.0, min(30.0, intercept + slope * x))
        total += weight * (math.log1p(math.exp(-abs(z))) + max(z, 0.0) - target * z)
    return total


def _log_odds(p: float) -> float:
    inner = min(1 - _EDGE, max(_EDGE, p))
    return math.log(inner / (1 - inner))
