"""Compute the figures of a reviewer over records that were judged twice: whole, by group and by criterion. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.judgement import ASKED, Basis, Decision, Judgement, Value
from ..metrics import (
    Bin,
    Confusion,
    Design,
    Estimate,
    Ranking,
    agreement_estimates,
    auroc_delong,
    brier_estimate,
    ece_estimate,
    ranking_estimates,
    reliability_curve,
    screening_estimates,
)
from ..protocol import StageProtocol
from ..records import Record

SCREENING = ("recall", "specificity", "precision", "f1", "f2", "mcc", "wmcc", "kappa", "pabak", "ac1")
RANKING = ("auroc", "wss95", "tnr95", "ranking_loss")
FIELDS = ("source", "year", "criterion", "language", "has_abstract")
"""What `evaluate --by` divides by."""
_ANSWERS = (Value.YES, Value.UNCLEAR, Value.NO)
_DECISIONS = (Decision.INCLUDE, Decision.UNCLEAR, Decision.EXCLUDE)


@dataclass(frozen=True)
class JudgedPair:
    """One record as judged by the reviewer and by the reference. `final` is its final inclusion, where known.

    `weight` and `stratum` are those of the gold sample: a record of weight w stands for w records.
    """

    record: Record
    judged: Judgement
    reference: Judgement
    final: Decision | None = None
    weight: float = 1.0
    stratum: str = ""

    @property
    def wrong(self) -> bool:
        """Return whether one keeps the record and the other does not."""
        return self.judged.decision.kept != self.reference.decision.kept


@dataclass(frozen=True)
class Figures:
    """Hold the figures of some pairs. `estimates` and `ranking` hold `Estimate`s by name.

    `ranking` is empty without scores. `confusion` counts records; estimates respect their weights.
    """

    n: int
    confusion: Confusion
    estimates: dict[str, Estimate]
    ranking: dict[str, Estimate]
    unclear: int

    @property
    def kept(self) -> int:
        """Return how many the reviewer keeps."""
        return int(self.confusion.tp + self.confusion.fp)

    @property
    def relevant(self) -> int:
        """Return how many the reference keeps."""
        return int(self.confusion.tp + self.confusion.fn)


def design(pairs: Sequence[JudgedPair], clusters: Sequence[str] | None = None) -> Design:
    """Return what the metrics must respect: weights and strata where the labels have any, and clusters if given."""
    return Design(
        weights=[pair.weight for pair in pairs] if any(pair.weight != 1 for pair in pairs) else None,
        clusters=None if clusters is None else list(clusters),
        strata=[pair.stratum for pair in pairs] if any(pair.stratum for pair in pairs) else None,
    )


def figures(
    pairs: Sequence[JudgedPair],
    truth: Callable[[JudgedPair], bool] | None = None,
    *,
    brief: bool = False,
    clusters: Sequence[str] | None = None,
) -> Figures:
    """Return all figures of some pairs.

    Positive is `kept` (include or unclear), or for the reference what `truth` says. `brief` leaves out of the ranking
    what takes a bootstrap. With `clusters` (a study's name a pair) intervals draw whole studies, and there is no
    ranking.
    """
    is_kept = truth or (lambda pair: pair.reference.decision.kept)
    reference = [is_kept(pair) for pair in pairs]
    judged = [pair.judged.decision.kept for pair in pairs]
    unclear = sum(pair.judged.decision is Decision.UNCLEAR for pair in pairs)
    drawn = design(pairs, clusters)
    ranking: dict[str, Estimate] = {}
    if (scores := probabilities(pairs)) is not None and clusters is None:
        if brief and drawn.simple:
            ranking = {"auroc": auroc_delong(Ranking.of(reference, scores))}
        else:
            ranking = ranking_estimates(reference, scores, drawn)
    estimates = screening_estimates(reference, judged, drawn) if pairs else {name: Estimate(None) for name in SCREENING}
    return Figures(len(pairs), Confusion.of(reference, judged), estimates, ranking, unclear)


def probabilities(pairs: Sequence[JudgedPair]) -> list[float] | None:
    """Return the reviewer's probabilities of inclusion, or None unless there are pairs and all have one."""
    scores = [score for pair in pairs if (score := pair.judged.probability) is not None]
    return scores if scores and len(scores) == len(pairs) else None


@dataclass(frozen=True)
class Calibration:
    """Hold how well probabilities of inclusion are calibrated: of records given p, a share p is kept."""

    n: int
    brier: Estimate
    ece: Estimate
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it."""
        bins = [
            {"low": b.low, "high": b.high, "n": b.n, "predicted": b.predicted, "observed": limits(b.observed)}
            for b in self.bins
        ]
        return {"n": self.n, "binning": "10 bins of equal width", "brier": limits(self.brier),
                "ece": limits(self.ece), "bins": bins}  # fmt: skip


def calibration(pairs: Sequence[JudgedPair]) -> Calibration | None:
    """Return the calibration of the reviewer's probabilities against what the reference keeps.

    None where not all have one.
    """
    if (scores := probabilities(pairs)) is None:
        return None
    relevant, drawn = [pair.reference.decision.kept for pair in pairs], design(pairs)
    bins = tuple(reliability_curve(relevant, scores, weights=drawn.weights))
    return Calibration(len(pairs), brier_estimate(relevant, scores, drawn), ece_estimate(relevant, scores, drawn), bins)


def decision_agreement(pairs: Sequence[JudgedPair]) -> dict[str, Estimate]:
    """Return the agreement on the decision: kept or excluded; weighted κ over include, unclear, exclude.

    Empty without pairs.
    """
    judged = [pair.judged.decision for pair in pairs]
    reference = [pair.reference.decision for pair in pairs]
    if not pairs:
        return {}
    drawn = design(pairs)
    two = agreement_estimates([d.kept for d in judged], [d.kept for d in reference], [True, False], drawn)
    return two | _weighted(agreement_estimates(judged, reference, _DECISIONS, drawn))


@dataclass(frozen=True)
class CriterionAgreement:
    """Hold the agreement on one criterion over the `n` records of which both were asked it and answered.

    `not_asked` are records more, of which one of the two was not asked it, since the answer to what it presupposes is no.
    `silent` counts the reviewer's answers, among the `n`, that rest on the text saying nothing of it.
    """

    n: int
    same_answer: int
    not_asked: int
    silent: int
    estimates: Mapping[str, Estimate]

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it; it compares `no` with anything else."""
        if not self.n:
            return {"n": 0, "not_asked": self.not_asked}
        estimates = {name: limits(estimate) for name, estimate in self.estimates.items()}
        return {"n": self.n, "same_answer": self.same_answer, "not_asked": self.not_asked, "silent": self.silent,
                **estimates}  # fmt: skip


def criterion_agreement(pairs: Sequence[JudgedPair], criterion: str) -> CriterionAgreement:
    """Return how far reviewer and reference agree on a criterion.

    Two categories, `no` against the rest, as that is what excludes; weighted κ over yes, unclear, no.
    """
    with_answers = [p for p in pairs if criterion in p.reference.answers and criterion in p.judged.answers]
    answered_pairs = [
        p for p in with_answers if all(j.answers[criterion].value in ASKED for j in (p.reference, p.judged))
    ]
    not_asked = len(with_answers) - len(answered_pairs)
    if not answered_pairs:
        return CriterionAgreement(0, 0, not_asked, 0, {})
    drawn = design(answered_pairs)
    reference = [p.reference.answers[criterion].value for p in answered_pairs]
    judged = [p.judged.answers[criterion].value for p in answered_pairs]
    passes = [value is not Value.NO for value in reference], [value is not Value.NO for value in judged]
    estimates = screening_estimates(*passes, drawn, only=("recall", "specificity", "precision"))
    estimates |= agreement_estimates(passes[1], passes[0], [True, False], drawn)
    estimates |= _weighted(agreement_estimates(judged, reference, _ANSWERS, drawn))
    same_answer = sum(r is j for r, j in zip(reference, judged, strict=True))
    silent = sum(p.judged.answers[criterion].basis is Basis.ABSENT for p in answered_pairs)
    return CriterionAgreement(len(answered_pairs), same_answer, not_asked, silent, estimates)


def _weighted(estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    return {name: estimate for name, estimate in estimates.items() if name.startswith("kappa_")}


def groups_by(pairs: Sequence[JudgedPair], field: str, protocol: StageProtocol) -> dict[str, Figures]:
    """Return the figures of the groups that a field makes, worst recall first, then worst specificity.

    Not defined comes last. A record of several sources counts in each. `criterion` groups by the reference's answers:
    of a group `… = no` nothing is kept, so it has no recall. Raises ValueError for a field that is none of `FIELDS`.
    """
    if field not in FIELDS:
        raise ValueError(f"{field!r} is none of {', '.join(FIELDS)}")
    parts: dict[str, list[JudgedPair]] = {}
    for pair in pairs:
        for name in groups_of(pair, field, protocol):
            parts.setdefault(name, []).append(pair)
    groups = {name: figures(part, brief=True) for name, part in parts.items()}
    return dict(sorted(groups.items(), key=lambda group: (_order(group[1].estimates), group[0])))


def groups_of(pair: JudgedPair, field: str, protocol: StageProtocol) -> Iterable[str]:
    """Return the groups that a field of `FIELDS` puts a pair into."""
    record = pair.record
    if field == "source":
        return record.sources or ("no source named",)
    if field == "year":
        return (str(record.year) if record.year else "no year",)
    if field == "language":
        return (record.language or "not stated",)
    if field == "has_abstract":
        return ("with abstract" if record.abstract else "title only",)
    answers = pair.reference.answers
    return tuple(f"{c.id} = {answers[c.id].value}" for c in protocol.criteria if c.id in answers) or ("not answered",)


def _order(estimates: Mapping[str, Estimate]) -> tuple[float, ...]:
    return tuple(2.0 if (value := estimates[name].value) is None else value for name in ("recall", "specificity"))


@dataclass(frozen=True)
class Stability:
    """Count what changed when the same was asked `repeats` times, over the `n` records that were asked each time."""

    repeats: int
    n: int
    records: tuple[str, ...]
    """Records whose decision was not the same each time."""
    by_criterion: dict[str, int]
    """How many records got different answers, by criterion; what was not asked once is no other answer."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it."""
        return {"repeats": self.repeats, "n": self.n, "flipped": len(self.records), "records": list(self.records),
                "by_criterion": self.by_criterion}  # fmt: skip


def stability(repeats: Sequence[dict[str, Judgement]], protocol: StageProtocol) -> Stability | None:
    """Return how often repeats of one question differ; None where nothing was repeated.

    Each of `repeats` is by record id.
    """
    if len(repeats) < 2:
        return None
    common = [name for name in repeats[0] if all(name in repeat for repeat in repeats)]
    flipped = tuple(name for name in common if len({repeat[name].decision for repeat in repeats}) > 1)
    differ = {
        c.id: sum(
            len({a.value for repeat in repeats if (a := repeat[name].answers.get(c.id)) and a.value in ASKED}) > 1
            for name in common
        )
        for c in protocol.criteria
    }
    return Stability(len(repeats), len(common), flipped, differ)


def limits(estimate: Estimate) -> dict[str, float | None]:
    """Return an estimate as value, low and high."""
    return {key: asdict(estimate)[key] for key in ("value", "low", "high")}


def counts(part: Figures) -> dict[str, int]:
    """Return how many records, and the cells of the confusion table."""
    cells = part.confusion
    return {"n": part.n, "tp": int(cells.tp), "fp": int(cells.fp), "fn": int(cells.fn), "tn": int(cells.tn)}


def short(part: Figures) -> dict[str, Any]:
    """Return a group's figures as `evaluate --json` prints them."""
    names = ("recall", "specificity", "precision", "f2", "kappa")
    auroc = limits(part.ranking["auroc"]) if "auroc" in part.ranking else None
    return {**counts(part), **{name: limits(part.estimates[name]) for name in names}, "auroc": auroc}


def pair_row(pair: JudgedPair) -> dict[str, Any]:
    """Return a pair that differs as `evaluate --json` prints it."""
    judged = pair.judged
    answer = judged.answers.get(judged.failed() or "")
    return {
        "id": pair.record.id,
        "title": pair.record.shown_title,
        "judged": judged.decision.value,
        "reference": pair.reference.decision.value,
        "reference_failed": pair.reference.failed(),
        "failed": judged.failed(),
        "reason": answer.reason if answer else judged.reason,
        "evidence": [quote.quote for quote in answer.evidence] if answer else [],
        "probability": judged.probability,
    }
