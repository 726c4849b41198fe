"""Other wording asked of the reviewer's own model, from its errors on `tune`; what it says becomes a variant."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import ASKED, Stage
from ..evaluation import (
    CausedError,
    CriterionErrors,
    TuningAnalysis,
)
from ..ledger import Ledger
from ..protocol import (
    PROPOSED,
    ChatSpec,
    Review,
    Variant,
    Wording,
    checked_name,
    read_variant,
    variant_names,
    variants_folder,
    write_variant,
)
from ..reviewers import CriterionToReword, ShownError, reword
from ..running import (
    Asked,
    AskingPlan,
    export_questions,
    from_stored,
    plan_asking,
)
from .tuning import TuneOptions, ask, named_task, tunable, tuning_errors

TOKENS_OF_A_REWORDING = 500
"""Assumed length of a proposal: why, and the wording of one criterion."""


@dataclass(frozen=True)
class Proposals:
    """What came of asking for other wording: the variant that was written, or why there is none.

    `diagnoses` say why, by criterion; `requests` were written to a file instead of being sent.
    """

    plan: AskingPlan
    criteria: tuple[str, ...]
    diagnoses: Mapping[str, str] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    """Criteria that the model would not word otherwise."""
    failed: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    path: Path | None = None
    exported: int | None = None
    cost_usd: float | None = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return what `tune propose --json` prints."""
        return {**asdict(self), "path": str(self.path) if self.path else None}


def propose_wording(
    ledger: Ledger,
    review: Review,
    stage: Stage,
    reviewer: str | None,
    criteria: Sequence[str] = (),
    name: str = "",
    options: TuneOptions | None = None,
) -> Proposals:
    """Ask the reviewer's own model for other wording of criteria, and write a variant of what it says.

    Without `criteria` those that alone caused a miss on `tune`, or let something through; where there is none, those that
    caused one with others. Raises `BadInput` where nothing can
    be asked, and as `run` does.
    """
    chosen = options or {}
    machine, analysis = tunable(review, stage, reviewer), tuning_errors(ledger, review, stage, reviewer)
    if not isinstance(review.reviewer(machine), ChatSpec):
        raise BadInput(
            f"{machine}: only a chat model can be asked for wording; write prompts/variants/NAME.yaml yourself"
        )
    if name and checked_name(name) in variant_names(review):
        raise BadInput(f"--name: there is a variant `{name}` already; give the new one another name")
    rows = _to_reword(analysis, stage, criteria)
    protocol, title = review.stage(stage), review.protocol.title
    questions = {row.criterion.id: partial(reword, title, protocol, _shown(row, analysis)) for row in rows}
    make = partial(named_task, ledger, review, stage, machine, PROPOSED)
    task = make(offline=True)
    asked = from_stored(ledger, task, questions)
    plan = plan_asking(task, asked, len(questions), TOKENS_OF_A_REWORDING)
    result = Proposals(plan, tuple(questions), failed=asked.failed)
    if (output := chosen.get("output")) is not None:
        return replace(result, exported=export_questions(ledger, review, task, machine, asked, output))
    if chosen.get("dry_run"):
        return result
    if (tell := chosen.get("told")) is not None:
        tell(plan)
    asked = ask(ledger, make, questions, asked, chosen, {"kind": "propose", "stage": stage.value, "reviewer": machine})
    return _written(review, stage, name, replace(result, failed=asked.failed, cost_usd=asked.cost_usd), asked)


def _to_reword(analysis: TuningAnalysis, stage: Stage, criteria: Sequence[str]) -> list[CriterionErrors]:
    rows = {row.criterion.id: row for row in analysis.criteria}
    for name in criteria:
        if name not in rows:
            raise BadInput(f"--criterion: `{name}` is none of {', '.join(rows)}")
    if criteria:
        return [rows[name] for name in criteria]
    chosen = [row for row in analysis.criteria if row.missed or row.let_through]
    chosen = chosen or [row for row in analysis.criteria if row.missed_with_others]
    if not chosen:
        raise BadInput(
            f"no criterion caused a miss on `tune` at {stage.label.lower()}, and none is known to have let something "
            "through: nothing to propose; --criterion NAME asks for one all the same"
        )
    return chosen


def _shown(row: CriterionErrors, analysis: TuningAnalysis) -> CriterionToReword:
    """Return what the model is shown of a criterion's errors; only records of `tune` are among them."""
    name = row.criterion.id
    maybe = [
        ShownError(pair.record, pair.judged.answers[name].value.value, "exclude, for a reason not named")
        for pair in analysis.unattributed
        if name in pair.judged.answers and pair.judged.answers[name].value in ASKED
    ]
    return CriterionToReword(
        row.criterion,
        [_shown_error(error) for error in (*row.missed, *row.missed_with_others)],
        [_shown_error(error) for error in row.let_through] or maybe,
        [_shown_error(error) for error in row.rightly],
    )


def _shown_error(error: CausedError) -> ShownError:
    quotes = "; ".join(f"“{piece.quote}”" for piece in error.answer.evidence)
    told = ". ".join(filter(None, (error.answer.reason, quotes and f"Quote: {quotes}")))
    people = error.pair.reference.decision.value + (f", {error.people} to this criterion" if error.people else "")
    return ShownError(error.record, f"{error.given}{f': {told}' if told else ''}", people)


def _written(
    review: Review, stage: Stage, name: str, result: Proposals, asked: Asked[tuple[str, Wording]]
) -> Proposals:
    """Write the variant that the answers make, unless they change nothing or there is one of these words already."""
    changed = {criterion: wording for criterion, (_, wording) in asked.results.items() if wording.changes}
    diagnoses = {criterion: why for criterion, (why, _) in asked.results.items()}
    result = replace(result, diagnoses=diagnoses, unchanged=tuple(c for c in asked.results if c not in changed))
    if not changed:
        return result
    variant = Variant(stage=stage, note=" ".join(f"{c}: {diagnoses[c]}" for c in changed), criteria=changed)
    for known in variant_names(review):
        if _same_words(review, known, variant):
            return replace(result, name=known, path=variants_folder(review) / f"{known}.yaml")
    name = name or _free_name(review)
    return replace(result, name=name, path=write_variant(review, name, variant))


def _same_words(review: Review, name: str, variant: Variant) -> bool:
    try:
        other = read_variant(review, name)
    except BadInput:  # it is told of where it is tried
        return False
    return (other.stage, other.criteria) == (variant.stage, variant.criteria)


def _free_name(review: Review) -> str:
    taken, number = set(variant_names(review)), 1
    while f"proposal_{number}" in taken:
        number += 1
    return f"proposal_{number}"
