"""Hold the result of a comparison: figures with intervals, over all records and by group, and what it may claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from ..core.errors import BadInput
from ..core.judgement import Decision, Stage, Value
from ..gold import Split
from ..metrics import Design, Drawn, Estimate, screening_estimates
from ..protocol import StageProtocol, as_asked
from .figures import (
    RANKING,
    SCREENING,
    Calibration,
    CriterionAgreement,
    Figures,
    JudgedPair,
    Stability,
    calibration,
    counts,
    criterion_agreement,
    decision_agreement,
    design,
    figures,
    groups_by,
    limits,
    pair_row,
    short,
)


@dataclass(frozen=True)
class Evaluation:
    """Hold a comparison, with what it may claim. `missing` are reference records that the reviewer has not judged.

    Of the `pairs` only those that differ have the reviewer's reasons and evidence, or the first of them (`shown`).
    """

    stage: Stage
    protocol: StageProtocol
    reviewer: str
    reference: str
    status: Literal["human", "provisional", "reviewer"]
    level: Literal["abstract", "final"]
    split: Split | None
    pairs: tuple[JudgedPair, ...]
    missing: tuple[str, ...]
    unplaced: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())
    stability: Stability | None = None
    drawn: Drawn | None = None
    """How gold was drawn; None where the reference is a reviewer."""
    fitted: bool = False
    """Whether the reviewer was fitted to labels, those of gold `dev` among them."""
    taught: tuple[str, ...] = ()
    """Records of gold `dev` that are left out, since their labels taught the reviewer's calibration."""
    study_of: Mapping[str, str] = field(default_factory=dict)
    """The study of each record that is linked to another one of these, by record id."""
    contradictory: tuple[str, ...] = ()
    """Labels that are left out, since their record was merged with one that has another label."""
    machine: str = ""
    """The machine, where this is no more than agreement with one: it is the reference, or the second reviewer of who is."""

    @cached_property
    def overall(self) -> Figures:
        """Return the figures of all pairs."""
        return figures(self.pairs)

    @cached_property
    def groups(self) -> dict[str, Figures]:
        """Return parts of the whole: those that pass the first criterion, and by whether there is an abstract.

        The first criterion usually excludes what is plainly off topic; what passes it is the harder part.
        """
        first = self.protocol.criteria[0].id
        passing = [p for p in self.pairs if (a := p.reference.answers.get(first)) and a.value is Value.YES]
        with_abstract = [p for p in self.pairs if p.record.abstract]
        without_abstract = [p for p in self.pairs if not p.record.abstract]
        parts = {
            f"{first} = yes": passing,
            "with abstract": with_abstract,
            "title only": without_abstract,
        }
        return {name: figures(part, brief=True) for name, part in parts.items() if part and len(part) < len(self.pairs)}

    def by(self, field: str) -> dict[str, Figures]:
        """Return the figures of the groups that a field of the records makes, worst recall first (`figures.groups_by`).

        Raises `BadInput` for an agreement with a machine.
        """
        self._refuse_with_machine(field)
        return groups_by(self.asked, field, self.protocol)

    @cached_property
    def recall_auto(self) -> Estimate:
        """Return the share that the reviewer includes itself of what the reference includes (Wilson)."""
        reference = [p.reference.decision is Decision.INCLUDE for p in self.pairs]
        judged = [p.judged.decision is Decision.INCLUDE for p in self.pairs]
        if not self.pairs:
            return Estimate(None)
        return screening_estimates(reference, judged, self._design, only=("recall",))["recall"]

    @cached_property
    def _design(self) -> Design:
        return design(self.pairs)

    @property
    def weighted(self) -> bool:
        """Return whether the figures weigh records by a stratified draw."""
        return self._design.weights is not None

    @cached_property
    def against_final(self) -> Figures | None:
        """Return the figures against the review's final inclusion, where it is known beside the label."""
        with_final = [pair for pair in self.pairs if pair.final is not None]
        return figures(with_final, lambda pair: pair.final is Decision.INCLUDE, brief=True) if with_final else None

    @cached_property
    def calibration(self) -> Calibration | None:
        """Return the calibration of the probabilities; None where not every record has one."""
        return calibration(self.pairs)

    @cached_property
    def agreement(self) -> dict[str, Estimate]:
        """Return the agreement with the reference on the decision."""
        return decision_agreement(self.pairs)

    @cached_property
    def per_criterion(self) -> dict[str, CriterionAgreement]:
        """Return the agreement by criterion, over the records of which both were asked it."""
        return {c.id: criterion_agreement(self.asked, c.id) for c in self.protocol.criteria}

    @cached_property
    def asked(self) -> Sequence[JudgedPair]:
        """Return the pairs with `not_asked` where a criterion is not asked under the present protocol.

        People and gold may have answered it before the protocol said so.
        """
        if not self.protocol.presupposed:
            return self.pairs
        sides = ((as_asked(self.protocol, p.judged), as_asked(self.protocol, p.reference)) for p in self.pairs)
        return [replace(p, judged=j, reference=r) for p, (j, r) in zip(self.pairs, sides, strict=True)]

    @cached_property
    def by_study(self) -> Figures | None:
        """Return the figures with intervals that draw whole studies; None where no two of the records are one study."""
        if not self.study_of:
            return None
        return figures(self.pairs, clusters=[self.study_of.get(p.record.id, p.record.id) for p in self.pairs])

    @cached_property
    def wrong(self) -> list[JudgedPair]:
        """Return the pairs that differ, records lost by the reviewer first."""
        return sorted((p for p in self.pairs if p.wrong), key=lambda p: (p.judged.decision.kept, p.record.id))

    def _share(self, *decisions: Decision) -> float | None:
        """Return the share of the records, weighted like the other figures, on which the reviewer decides so."""
        total = sum(pair.weight for pair in self.pairs)
        return sum(p.weight for p in self.pairs if p.judged.decision in decisions) / total if total else None

    def wrong_of(self, only: str | None) -> list[JudgedPair]:
        """Return the pairs that differ: all, those `missed` (excluded, but eligible) or those `kept` that should not be.

        Raises `BadInput` for a part of an agreement with a machine, of which neither need be right.
        """
        self._refuse_with_machine(only)
        return [pair for pair in self.wrong if only is None or pair.judged.decision.kept == (only == "kept")]

    def _refuse_with_machine(self, asked: str | None) -> None:
        if self.machine and asked:
            raise BadInput(
                f"--by and --only are for a reference that may be right; agreement with {self.machine}, a machine, has no recall"
            )

    def as_json(self, by: str | None = None, *, wrong: int | None = None, only: str | None = None) -> dict[str, Any]:
        """Return it as `evaluate --json` prints it.

        It has the groups that the field `by` makes and the first `wrong` pairs (all); `only` as in `wrong_of`.
        """
        whole = self.overall
        ranking = {name: whole.ranking[name].value if name in whole.ranking else None for name in RANKING}
        studies = self.by_study
        return {
            "stage": self.stage.value,
            "reviewer": self.reviewer,
            "reference": self.reference,
            "reference_status": self.status,
            "reference_level": self.level,
            "reference_drawn": self.drawn,
            "agreement_with_machine": bool(self.machine),
            "split": self.split,
            **counts(whole),
            "unclear": whole.unclear,
            "weighted": self.weighted,
            "recall": limits(whole.estimates["recall"]),
            "recall_auto": limits(self.recall_auto),
            **{name: limits(whole.estimates[name]) for name in SCREENING if name != "recall"},
            "npv": limits(whole.estimates["npv"]) if self.pairs else limits(Estimate(None)),
            "kept_share": self._share(*(decision for decision in Decision if decision.kept)),
            "unclear_share": self._share(Decision.UNCLEAR),
            **ranking,
            "ranking": {name: limits(estimate) for name, estimate in whole.ranking.items()},
            "calibration": self.calibration.as_json() if self.calibration else None,
            "agreement": {name: limits(estimate) for name, estimate in self.agreement.items()},
            "per_criterion": {name: agreement.as_json() for name, agreement in self.per_criterion.items()},
            "groups": {name: short(part) for name, part in self.groups.items()},
            "by": {"field": by, "groups": [{"name": n, **short(part)} for n, part in self.by(by).items()]} if by else None,
            "by_study": {name: limits(studies.estimates[name]) for name in SCREENING} if studies else None,
            "against_final": short(self.against_final) if self.against_final else None,
            "missing": list(self.missing),
            "unplaced": list(self.unplaced),
            "remarks": list(self.remarks),
            "stability": self.stability.as_json() if self.stability else None,
            "wrong": [pair_row(pair) for pair in self.wrong_of(only)[:wrong]],
        }  # fmt: skip
