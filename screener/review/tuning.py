"""Wording tuned on gold `dev`: errors by criterion, other wording proposed, tried, listed and accepted by a person.

Errors and proposals are read from the part `tune`, gains from `check` (`gold.parts`); `test` is not read. What is asked while
a wording is tried is kept as answers, which the same words are never paid for again, and is no judgement.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.messages import Request, Response
from ..evaluation import (
    TuningAnalysis,
    against_part,
    analyse,
    measure,
)
from ..ledger import Amendment, Ledger, Snapshot, specifications
from ..ledger.tuned import TuningCounts, tuning_counts
from ..protocol import (
    Review,
    accept_wording,
    read_variant,
    tried_name,
    with_variant,
)
from ..protocol.model import EmbeddedReviewerSpec, EnsembleSpec
from ..running import (
    Asked,
    AskingPlan,
    Options,
    Task,
    ask_open,
    check_budget,
    embedded_task,
    task_for,
)
from ..stages import amend
from ..stages.amendments import stale
from .changes import after_change
from .evaluating import named_reviewer


class TuneOptions(TypedDict, total=False):
    """How to ask; every key may be left out."""

    budget: float | None
    """Stop sending once so many US dollars are spent."""
    dry_run: bool
    """Send nothing; say what it would come to."""
    output: Path | None
    """Send nothing; write the open requests to this file."""
    told: Callable[[AskingPlan], None]
    """Called with what it comes to before anything is sent."""


@dataclass(frozen=True)
class AcceptedVariant:
    """A variant that is the protocol's wording now.

    `amendment` is None where nothing was tried, and nothing had been judged under another wording.
    """

    name: str
    stage: Stage
    changed: Mapping[str, Mapping[str, str]]
    amendment: Amendment | None

    def as_json(self) -> dict[str, Any]:
        """Return what `tune accept --json` prints."""
        amendment = None if self.amendment is None else {**vars(self.amendment), "stage": self.stage.value}
        return {"variant": self.name, "stage": self.stage.value, "changed": self.changed, "amendment": amendment}


def tuning_errors(ledger: Ledger, review: Review, stage: Stage, reviewer: str | None) -> TuningAnalysis:
    """Return the errors of a reviewer on `tune` by criterion, what to reword first before the rest."""
    name, snapshot = tunable(review, stage, reviewer), Snapshot(ledger)
    check = measure(snapshot, review, stage, "dev").of_part("check")
    evaluation = against_part(snapshot, review, stage, name, "tune")
    return analyse(evaluation, len(check.labels), tuning_counts(snapshot.specifications, stage))


def accept_variant(ledger: Ledger, review: Review, name: str, who: str, note: str) -> AcceptedVariant:
    """Write a variant's wording into the protocol, and record the change as an amendment, by whom and why.

    Without a `note` the reason is the variant's own. Raises `BadInput` where there is none, and for a variant that changes
    nothing.
    """
    variant = read_variant(review, name)
    reason = f"{(note.strip() or variant.note.strip()).rstrip('.')} (wording `{name}`, tuned on gold dev)"
    if not (note.strip() or variant.note.strip()) or not who.strip():
        raise BadInput("an amendment needs a name and a reason: --who NAME --note WHY")
    changed = with_variant(review, variant)
    if changed.stage(variant.stage) == review.stage(variant.stage):
        raise BadInput(f"{name}: says what the protocol says already")
    path = review.prompts / "review.yaml"
    before, amendment = path.read_bytes(), None
    accept_wording(review, variant)
    try:
        changed = Review(review.root)
        tuned = counted_trials(ledger, variant.stage).variants > 0
        if tuned or stale(ledger, changed, variant.stage).anything:
            amendment = amend(ledger, changed, variant.stage, who, reason, tuned=tuned)
    except BaseException:  # no wording without its amendment
        path.write_bytes(before)
        raise
    after_change(ledger, changed)
    wording = {criterion: words.changes for criterion, words in variant.criteria.items()}
    return AcceptedVariant(name, variant.stage, wording, amendment)


def tunable(review: Review, stage: Stage, reviewer: str | None) -> str:
    """Return the machine reviewer whose wording is tuned; `BadInput` where there is none to tune."""
    name = named_reviewer(review, stage, reviewer)
    if stage is Stage.EXTRACTION:
        raise BadInput("tune: the extraction has a form and no criteria; tune a screening stage")
    if isinstance(spec := review.reviewer(name), EnsembleSpec):
        raise BadInput(f"{name} combines others; tune the wording by one of them: {', '.join(spec.members)}")
    return name


def counted_trials(ledger: Ledger, stage: Stage) -> TuningCounts:
    with ledger.read() as connection:
        return tuning_counts(specifications(connection), stage)


def named_task(
    ledger: Ledger, review: Review, stage: Stage, machine: str, name: str, records: Sequence[Any] = (), *, offline: bool
) -> Task:
    """Return the reviewer's task under the name of what is tried, by which the ledger tells its calls from the reviewer's own."""
    if isinstance(review.reviewer(machine), EmbeddedReviewerSpec):
        task = embedded_task(ledger, review, stage, machine, records, fitted=False)
    else:
        task = task_for(ledger, review, stage, machine, records, offline=offline)
    return replace(task, name=tried_name(machine, name))


def ask(
    ledger: Ledger,
    make: Callable[..., Task],
    questions: Mapping[str, Callable[[], Generator[Request, Response, Any]]],
    before: Asked[Any],
    options: TuneOptions,
    told: Mapping[str, Any],
) -> Asked[Any]:
    """Ask what is open and record it; where nothing is, no key is needed."""
    task = make(offline=not before.unanswered)
    settings = Options(task.endpoint.max_concurrency if task.endpoint else 1, options.get("budget"))
    check_budget(task, settings)
    task = replace(task, specification={**task.specification, "tuning": dict(told)})
    return ask_open(ledger, task, questions, before, settings)
