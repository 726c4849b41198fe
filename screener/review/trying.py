"""Variants of the wording tried on gold `dev`: beside the present wording on both parts, and listed with their figures."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Judgement, Stage
from ..core.messages import Request, Response
from ..evaluation import (
    Measure,
    TriedWording,
    against_part,
    compare_wordings,
    measure,
)
from ..ledger import Ledger, Snapshot
from ..ledger.tuned import TriedOnDev, TuningCounts, keep_trial, trials
from ..protocol import (
    Review,
    Variant,
    read_variant,
    variant_names,
    with_variant,
)
from ..protocol.instructions_hash import instructions_hash
from ..protocol.model import EmbeddedReviewerSpec
from ..running import (
    TOKENS_PER_CRITERION,
    Asked,
    AskingPlan,
    Task,
    calibrated_anew,
    embedded_task,
    export_questions,
    from_stored,
    plan_asking,
)
from ..stages import ready
from .tuning import TuneOptions, ask, counted_trials, named_task, tunable


@dataclass(frozen=True)
class TriedVariant:
    """What came of trying a variant. `figures` is None where not every record of `dev` has an answer yet."""

    name: str
    reviewer: str
    stage: Stage
    plan: AskingPlan
    asked: Mapping[str, Any]
    counts: TuningCounts
    wording: TriedWording | None = None
    exported: int | None = None

    @property
    def failed(self) -> Sequence[Mapping[str, str]]:
        """Return the records of which no judgement came, with the reason."""
        return list(self.asked.get("failed", ()))

    def as_json(self) -> dict[str, Any]:
        """Return what `tune try --json` prints."""
        figures = self.wording.as_json() if self.wording else {"variant": self.name, "tune": None, "check": None}
        return {
            "stage": self.stage.value,
            "reviewer": self.reviewer,
            **figures,
            "plan": asdict(self.plan),
            "asked": dict(self.asked),
            "exported": self.exported,
            "tried": self.counts.as_json(),
        }


def try_variant(
    ledger: Ledger, review: Review, name: str, reviewer: str | None, options: TuneOptions | None = None
) -> TriedVariant:
    """Have a reviewer judge `dev` by a variant's wording, and compare it with the present one on both parts.

    Only what no stored answer suffices for is sent. Raises `BadInput` for a variant that changes nothing, where the reviewer
    has not judged by the present wording, and as `run` does.
    """
    chosen, variant = options or {}, read_variant(review, name)
    trial = _Trial.of(ledger, review, name, variant, reviewer)
    asked = from_stored(ledger, trial.task(offline=True), trial.questions())
    plan = plan_asking(
        trial.task(offline=True),
        asked,
        len(trial.records),
        TOKENS_PER_CRITERION * len(trial.changed.stage(variant.stage).questions),
    )
    result = TriedVariant(
        name, trial.machine, variant.stage, plan, asked.figures(), counted_trials(ledger, variant.stage)
    )
    if (output := chosen.get("output")) is not None:
        task = trial.task(offline=True)
        return replace(result, exported=export_questions(ledger, review, task, trial.machine, asked, output))
    if chosen.get("dry_run"):
        return result
    trial.present()  # before anything is paid for
    if (tell := chosen.get("told")) is not None:
        tell(plan)
    asked = ask(ledger, trial.task, trial.questions(), asked, chosen, trial.told)
    figures = trial.figures()
    with ledger.write() as connection:
        keep_trial(connection, asked.run_id, asked.figures(), figures.as_json()["check"])
    return replace(result, asked=asked.figures(), wording=figures, counts=counted_trials(ledger, variant.stage))


@dataclass(frozen=True)
class _Trial:
    """A variant and the labels of `dev` that it is tried on."""

    ledger: Ledger
    review: Review
    changed: Review
    name: str
    variant: Variant
    machine: str
    measured: Measure
    records: tuple[Any, ...]

    @classmethod
    def of(cls, ledger: Ledger, review: Review, name: str, variant: Variant, reviewer: str | None) -> "_Trial":
        machine = tunable(review, variant.stage, reviewer)
        changed = with_variant(review, variant)
        if changed.stage(variant.stage) == review.stage(variant.stage):
            raise BadInput(f"{name}: says what the protocol says already, so there is nothing to try")
        measured = measure(ledger, review, variant.stage, "dev")
        records = [measured.records[record] for record in measured.labels if record in measured.records]
        return cls(ledger, review, changed, name, variant, machine, measured, tuple(ready(records)[0]))

    @property
    def told(self) -> dict[str, Any]:
        """Return what the ledger keeps of the trial."""
        stage = self.variant.stage
        hashes = {"wording": instructions_hash(self.changed, stage), "base": instructions_hash(self.review, stage)}
        return {"kind": "try", "stage": stage.value, "reviewer": self.machine, "variant": self.name, **hashes}

    def task(self, *, offline: bool = False) -> Task:
        """Return the reviewer with the variant's wording. An embedded one is not fitted: labels of `check` may have taught it."""
        return named_task(
            self.ledger, self.changed, self.variant.stage, self.machine, self.name, self.records, offline=offline
        )

    def questions(self) -> dict[str, Callable[[], Generator[Request, Response, Judgement]]]:
        """Return what is asked, by record."""
        reviewer = self.task(offline=True).reviewer
        return {record.id: partial(reviewer.judge, record) for record in self.records}

    def present(self) -> dict[str, Judgement]:
        """Return the judgements by the present wording: the stored ones; of an embedded reviewer, those without a fit."""
        stage = self.variant.stage
        if isinstance(self.review.reviewer(self.machine), EmbeddedReviewerSpec):
            task = embedded_task(self.ledger, self.review, stage, self.machine, self.records, fitted=False)
            return from_stored(
                self.ledger, task, {record.id: partial(task.reviewer.judge, record) for record in self.records}
            ).results
        parts = (against_part(self.ledger, self.review, stage, self.machine, part) for part in ("tune", "check"))
        return {pair.record.id: pair.judged for evaluation in parts for pair in evaluation.pairs}

    def judged(self) -> Asked[Judgement]:
        """Return what stored answers suffice for, calibrated (if the reviewer is) by what these answers teach on `tune`."""
        task = calibrated_anew(self.ledger, self.changed, self.task(offline=True))
        return from_stored(
            self.ledger, task, {record.id: partial(task.reviewer.judge, record) for record in self.records}
        )

    def figures(self) -> TriedWording:
        """Return the variant beside the present wording on both parts."""
        snapshot, stage, present = Snapshot(self.ledger), self.variant.stage, self.present()
        judged = self.judged().results
        compared = [
            compare_wordings(
                self.measured.of_part(part),
                against_part(snapshot, self.review, stage, self.machine, part),
                self.name, judged, present,
            )
            for part in ("tune", "check")
        ]  # fmt: skip
        return TriedWording(self.name, *compared)


@dataclass(frozen=True)
class ListedVariant:
    """A variant with its figures; `wording` is None where it was not tried, `problem` says why it cannot be."""

    name: str
    stage: Stage | None = None
    changes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: str = ""
    accepted: bool = False
    """Whether the protocol says what it says."""
    open_requests: int = 0
    wording: TriedWording | None = None
    tried: TriedOnDev | None = None
    """When it was tried last in these words, and what came of it then: what is left of one that was accepted."""
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what `tune list --json` lists."""
        kept = {"tune": None, "check": self.tried.check if self.tried else None}
        figures = self.wording.as_json() if self.wording else kept
        return {
            "name": self.name,
            "stage": self.stage.value if self.stage else None,
            "changes": {name: dict(words) for name, words in self.changes.items()},
            "note": self.note,
            "accepted": self.accepted,
            "open_requests": self.open_requests,
            "tune": figures["tune"],
            "check": figures["check"],
            "tried": self.tried.at if self.tried else None,
            "problem": self.problem or None,
        }


def list_variants(ledger: Ledger, review: Review, reviewer: str | None) -> tuple[ListedVariant, ...]:
    """Return the variants by name, each with its figures as far as stored answers go; nothing is sent or written."""
    return tuple(_listed(ledger, review, name, reviewer) for name in variant_names(review))


def _listed(ledger: Ledger, review: Review, name: str, reviewer: str | None) -> ListedVariant:
    listed = ListedVariant(name)
    try:
        variant = read_variant(review, name)
        changes = {criterion: wording.changes for criterion, wording in variant.criteria.items()}
        changed = with_variant(review, variant)
        wording = instructions_hash(changed, variant.stage)
        machine = reviewer or review.stage(variant.stage).decided_by.machine
        with ledger.read() as connection:
            tried = [
                found
                for found in trials(connection)
                if (found.variant, found.wording, found.reviewer) == (name, wording, machine)
            ]
        listed = ListedVariant(name, variant.stage, changes, variant.note, tried=tried[-1] if tried else None)
        if changed.stage(variant.stage) == review.stage(variant.stage):
            return replace(listed, accepted=True)
        trial = _Trial.of(ledger, review, name, variant, reviewer)
        asked = from_stored(ledger, trial.task(offline=True), trial.questions())
        if asked.unanswered or listed.tried is None:  # a look at `check` that nobody counts is none of a list's
            return replace(listed, open_requests=len(asked.unanswered))
        return replace(listed, wording=trial.figures())
    except BadInput as error:
        return replace(listed, problem=str(error))
