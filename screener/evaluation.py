"""A reviewer compared with gold or with another reviewer: figures with intervals, and every difference by name."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from .errors import BadInput
from .gold import REVIEWER, GoldSet, Split, as_judgement, enter_gold, load_gold
from .judgement import Decision, Judgement, Stage, Value
from .ledger import reads
from .ledger.documents import reports
from .ledger.store import Ledger
from .metrics import Confusion, Estimate, ranking_estimates, screening_estimates
from .protocol import Review, StageProtocol
from .records import Record

SCREENING = ("recall", "specificity", "precision", "f1", "f2", "mcc", "wmcc", "kappa", "pabak", "ac1")
RANKING = ("auroc", "wss95", "tnr95", "ranking_loss")


@dataclass(frozen=True)
class Pair:
    """One record as judged by the reviewer and by the reference. `final` is its final inclusion, where known."""

    record: Record
    judged: Judgement
    reference: Judgement
    final: Decision | None = None

    @property
    def wrong(self) -> bool:
        """Whether one keeps the record and the other does not."""
        return self.judged.decision.kept != self.reference.decision.kept


@dataclass(frozen=True)
class Figures:
    """The figures of some pairs. `estimates` and `ranking` hold `Estimate`s by name; ranking is empty without scores."""

    n: int
    confusion: Confusion
    estimates: dict[str, Estimate]
    ranking: dict[str, Estimate]
    unclear: int

    @property
    def kept(self) -> int:
        """How many the reviewer keeps."""
        return int(self.confusion.tp + self.confusion.fp)

    @property
    def relevant(self) -> int:
        """How many the reference keeps."""
        return int(self.confusion.tp + self.confusion.fn)


def figures(pairs: Sequence[Pair], truth: Callable[[Pair], bool] | None = None) -> Figures:
    """All figures of some pairs; positive is `kept` (include or unclear), or for the reference what `truth` says."""
    is_kept = truth or (lambda pair: pair.reference.decision.kept)
    reference = [is_kept(pair) for pair in pairs]
    judged = [pair.judged.decision.kept for pair in pairs]
    scores = [pair.judged.probability for pair in pairs]
    unclear = sum(pair.judged.decision is Decision.UNCLEAR for pair in pairs)
    ranking: dict[str, Estimate] = {}
    if pairs and all(score is not None for score in scores):
        ranking = ranking_estimates(reference, [float(score or 0) for score in scores])
    estimates = screening_estimates(reference, judged) if pairs else {name: Estimate(None) for name in SCREENING}
    return Figures(len(pairs), Confusion.of(reference, judged), estimates, ranking, unclear)


@dataclass(frozen=True)
class Stability:
    """What changed when the same was asked `repeats` times: counts over the `n` records that were asked each time."""

    repeats: int
    n: int
    records: tuple[str, ...]
    """Records whose decision was not the same each time."""
    by_criterion: dict[str, int]
    """How many records got different answers, by criterion."""

    def as_json(self) -> dict[str, Any]:
        """As `evaluate --json` prints it."""
        return {"repeats": self.repeats, "n": self.n, "flipped": len(self.records), "records": list(self.records),
                "by_criterion": self.by_criterion}  # fmt: skip


def stability(repeats: Sequence[dict[str, Judgement]], protocol: StageProtocol) -> Stability | None:
    """How often repeats of one question differ; None where nothing was repeated. Each of `repeats` is by record id."""
    if len(repeats) < 2:
        return None
    common = [name for name in repeats[0] if all(name in one for one in repeats)]
    flipped = tuple(name for name in common if len({one[name].decision for one in repeats}) > 1)
    differ = {
        c.id: sum(len({a.value for one in repeats if (a := one[name].answers.get(c.id))}) > 1 for name in common)
        for c in protocol.criteria
    }
    return Stability(len(repeats), len(common), flipped, differ)


@dataclass(frozen=True)
class Evaluation:
    """A comparison, with what it may claim. `missing` are reference records that the reviewer has not judged."""

    stage: Stage
    protocol: StageProtocol
    reviewer: str
    reference: str
    status: Literal["human", "provisional", "reviewer"]
    level: Literal["abstract", "final"]
    split: Split | None
    pairs: tuple[Pair, ...]
    missing: tuple[str, ...]
    unplaced: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())
    stability: Stability | None = None

    @cached_property
    def overall(self) -> Figures:
        """The figures of all pairs."""
        return figures(self.pairs)

    @cached_property
    def groups(self) -> dict[str, Figures]:
        """Parts of the whole: those that pass the first criterion, and by whether there is an abstract.

        The first criterion usually turns away what is plainly off topic; what passes it is the hard half.
        """
        first = self.protocol.criteria[0].id
        passing = [p for p in self.pairs if (a := p.reference.answers.get(first)) and a.value is Value.YES]
        with_abstract = [p for p in self.pairs if p.record.abstract]
        without = [p for p in self.pairs if not p.record.abstract]
        parts = {
            f"{first} = yes": passing,
            "with abstract": with_abstract,
            "title only": without,
        }
        return {name: figures(part) for name, part in parts.items() if part and len(part) < len(self.pairs)}

    @cached_property
    def recall_auto(self) -> Estimate:
        """Of the records that the reference includes, the share that the reviewer includes itself (Wilson)."""
        reference = [p.reference.decision is Decision.INCLUDE for p in self.pairs]
        judged = [p.judged.decision is Decision.INCLUDE for p in self.pairs]
        return screening_estimates(reference, judged)["recall"] if self.pairs else Estimate(None)

    @cached_property
    def against_final(self) -> Figures | None:
        """The figures against the review's final inclusion, where it is known beside the label."""
        known = [pair for pair in self.pairs if pair.final is not None]
        return figures(known, lambda pair: pair.final is Decision.INCLUDE) if known else None

    @property
    def wrong(self) -> list[Pair]:
        """The pairs that differ, records lost by the reviewer first."""
        return sorted((p for p in self.pairs if p.wrong), key=lambda p: (p.judged.decision.kept, p.record.id))

    def as_json(self) -> dict[str, Any]:
        """As `evaluate --json` prints it."""
        whole = self.overall
        ranking = {name: whole.ranking[name].value if name in whole.ranking else None for name in RANKING}
        return {
            "stage": self.stage.value,
            "reviewer": self.reviewer,
            "reference": self.reference,
            "reference_status": self.status,
            "reference_level": self.level,
            "split": self.split,
            **_counts(whole),
            "unclear": whole.unclear,
            "recall": limits(whole.estimates["recall"]),
            "recall_auto": limits(self.recall_auto),
            **{name: limits(whole.estimates[name]) for name in SCREENING if name != "recall"},
            "kept_share": whole.kept / whole.n if whole.n else None,
            "unclear_share": whole.unclear / whole.n if whole.n else None,
            **ranking,
            "ranking": {name: limits(estimate) for name, estimate in whole.ranking.items()},
            "per_criterion": {c.id: self._criterion(c.id) for c in self.protocol.criteria},
            "groups": {name: _short(part) for name, part in self.groups.items()},
            "against_final": _short(self.against_final) if self.against_final else None,
            "missing": list(self.missing),
            "unplaced": list(self.unplaced),
            "remarks": list(self.remarks),
            "stability": self.stability.as_json() if self.stability else None,
            "wrong": [_told(pair) for pair in self.wrong],
        }

    def _criterion(self, name: str) -> dict[str, Any]:
        """Agreement on one criterion; `no` against anything else, over the records on which both have an answer."""
        both = [
            (p.reference.answers[name].value, p.judged.answers[name].value)
            for p in self.pairs
            if name in p.reference.answers and name in p.judged.answers
        ]
        if not both:
            return {"n": 0}
        estimates = screening_estimates([r is not Value.NO for r, _ in both], [j is not Value.NO for _, j in both])
        exact = sum(r is j for r, j in both)
        names = ("recall", "specificity", "precision", "kappa")
        return {"n": len(both), "same_answer": exact, **{name: limits(estimates[name]) for name in names}}


def limits(estimate: Estimate) -> dict[str, float | None]:
    """An estimate as value, low and high."""
    return {key: asdict(estimate)[key] for key in ("value", "low", "high")}


def _counts(part: Figures) -> dict[str, int]:
    cells = part.confusion
    return {"n": part.n, "tp": int(cells.tp), "fp": int(cells.fp), "fn": int(cells.fn), "tn": int(cells.tn)}


def _short(part: Figures) -> dict[str, Any]:
    names = ("recall", "specificity", "precision", "f2", "kappa")
    auroc = limits(part.ranking["auroc"]) if "auroc" in part.ranking else None
    return {**_counts(part), **{name: limits(part.estimates[name]) for name in names}, "auroc": auroc}


def _told(pair: Pair) -> dict[str, Any]:
    judged = pair.judged
    answer = judged.answers.get(judged.failed() or "")
    return {
        "id": pair.record.id,
        "title": pair.record.title,
        "judged": judged.decision.value,
        "reference": pair.reference.decision.value,
        "reference_failed": pair.reference.failed(),
        "failed": judged.failed(),
        "reason": answer.reason if answer else judged.reason,
        "evidence": [quote.quote for quote in answer.evidence] if answer else [],
        "probability": judged.probability,
    }


def evaluate(
    ledger: Ledger, review: Review, stage: Stage, reviewer: str, reference: str = REVIEWER, split: Split | None = None
) -> Evaluation:
    """Compare a reviewer with gold (on a split, `test` unless told) or with another reviewer over what both judged.

    Raises `BadInput` where one of the two has judged nothing.
    """
    gold = load_gold(review, stage) if reference == REVIEWER else None
    if reference == REVIEWER and gold is None:
        raise BadInput(f"{review.gold / f'{stage}.csv'}: there is no gold for this stage; use --reference REVIEWER")
    placed = enter_gold(ledger, gold) if gold else {}
    with ledger.read() as connection:
        found: Sequence[Record] = reads.records(connection)
    if stage is not Stage.ABSTRACT:
        found = reports(ledger, found)
    records = {record.id: record for record in found}
    with ledger.read() as connection:
        under = reads.protocols(connection)
        now_says = review.fingerprint(stage, reviewer) if reviewer in review.protocol.reviewers else None
        present = reads.latest(connection, stage, reviewer)
        judged = {
            name: row.judgement
            for name, row in present.items()
            if name in records
            and (row.role != "machine" or row.text_hash == records[name].text_hash)
            and (now_says is None or row.role != "machine" or under.get(row.run_id) == now_says)
        }
        asked_now = {row.asked for row in present.values()}
        repeats = [judged]
        while more := {
            name: row.judgement
            for name, row in reads.latest(connection, stage, reviewer, repeat=len(repeats)).items()
            if row.asked in asked_now and name in judged
        }:
            repeats.append(more)
        other = {} if gold else {n: row.judgement for n, row in reads.latest(connection, stage, reference).items()}
    if not judged:
        raise BadInput(
            f"{reviewer} has judged nothing at stage {stage} under the present protocol; run `screener run --stage {stage}` first"
        )
    if gold is not None:
        result = _against_gold(review, gold, placed, records, judged, reviewer, split or "test")
        return replace(result, stability=stability(repeats, review.stage(stage)))
    if not other:
        raise BadInput(f"{reference} has judged nothing at stage {stage}")
    both = tuple(Pair(records[name], judged[name], other[name]) for name in records if name in judged and name in other)
    protocol = review.stage(stage)
    steady = stability(repeats, protocol)
    return Evaluation(stage, protocol, reviewer, reference, "reviewer", "abstract", None, both, (), stability=steady)


def _against_gold(
    review: Review,
    gold: GoldSet,
    placed: dict[str, str],
    records: dict[str, Record],
    judged: dict[str, Judgement],
    reviewer: str,
    split: Split,
) -> Evaluation:
    pairs, missing, unplaced, remarks = [], [], [], []
    decisions: dict[str, set[Decision]] = {}
    for label in gold.labels:
        if label.id in placed:
            decisions.setdefault(placed[label.id], set()).add(label.decision)
    counted: set[str] = set()
    for label in gold.labels:
        record_id = placed.get(label.id)
        if gold.split[label.id] != split or record_id in counted:
            continue
        if record_id is not None and len(decisions[record_id]) > 1:
            remarks.append(f"{label.id}: left out, since it was merged with a record that has another gold label")
            continue
        counted.add(record_id or "")
        if record_id is None:
            unplaced.append(label.id)
        elif record_id not in judged:
            missing.append(record_id)
        else:
            pairs.append(Pair(records[record_id], judged[record_id], as_judgement(label), label.final))
    return Evaluation(
        gold.stage,
        review.stage(gold.stage),
        reviewer,
        REVIEWER,
        gold.spec.status,
        gold.spec.level,
        split,
        tuple(pairs),
        tuple(missing),
        tuple(unplaced),
        tuple(filter(None, [_paraphrased(pairs, gold), *remarks])),
    )


def _paraphrased(pairs: Sequence[Pair], gold: GoldSet) -> str:
    """What the gold set says of its abstracts, if they are the ones that were judged."""
    count = sum(pair.record.abstract_source.startswith("gold") for pair in pairs)
    said = gold.spec.abstracts
    return f"{count} of {len(pairs)} abstracts: {said}" if said and count else ""
